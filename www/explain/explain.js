/** The section that explains the flow: an invitation, until it is taken; what it takes is loaded then. */
import { Failure } from "../engine/protocol.js";
import { element } from "../page/dom.js";
import { busy, say } from "../page/status.js";

export class Explain {
    #needs;
    #button;
    /** @type {import("../engine/engine.js").Model | undefined} */ #model;
    /** @type {import("./tour.js").Tour | undefined} */ #tour;

    /** @param {import("./tour.js").Needs} needs of the tour */
    constructor(needs) {
        this.#needs = needs;
        this.#button = element(needs.root, "explain-open", HTMLButtonElement);
        this.#button.disabled = true;
        this.#button.addEventListener("click", () => this.#open());
    }

    /** @param {import("../engine/engine.js").Model} model */
    setModel(model) {
        this.#model = model;
        this.#button.disabled = false;
        this.#tour?.setModel(model);
    }

    /** Other faces are there. */
    refresh() {
        this.#tour?.refresh();
    }

    async #open() {
        await busy(
            async () => {
                say("play.loading");
                const { Tour } = await import("./tour.js").catch(() => {
                    throw new Failure("part");
                });
                this.#tour ??= new Tour(this.#needs);
                await this.#tour.open(this.#model);
            },
            () => this.#open(),
            "explain",
        );
    }
}
