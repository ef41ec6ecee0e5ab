/** The section that explains the flow: an invitation, until it is taken; what it takes is loaded then. */
import { Failure } from "../engine/protocol.js";
import { element } from "../page/dom.js";
import { busy, say } from "../page/status.js";

const open = element("explain-open", HTMLButtonElement);

export class Explain {
    #stock;
    /** @type {import("../engine/engine.js").Model | undefined} */ #model;
    /** @type {import("./tour.js").Tour | undefined} */ #tour;

    /** @param {import("./tour.js").Stock} stock */
    constructor(stock) {
        this.#stock = stock;
        open.disabled = true;
        open.addEventListener("click", () => this.#open());
    }

    /** @param {import("../engine/engine.js").Model} model */
    setModel(model) {
        this.#model = model;
        open.disabled = false;
        this.#tour?.setModel(model);
    }

    /** Other faces are there. */
    restock() {
        this.#tour?.restock();
    }

    async #open() {
        await busy(
            async () => {
                say("play.loading");
                const { Tour } = await import("./tour.js").catch(() => {
                    throw new Failure("part");
                });
                this.#tour ??= new Tour(this.#stock);
                await this.#tour.open(this.#model);
            },
            () => this.#open(),
            "explain",
        );
    }
}
