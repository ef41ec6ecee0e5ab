/** The section that explains the flow: an invitation, until it is taken; what it takes is loaded then. */
import { onClick } from "./dom.js";
import { Failure } from "./protocol.js";
import { busy, say } from "./status.js";

export class Explain {
    #engine;
    #stock;
    /** @type {import("./play.js").Model | undefined} */ #model;
    /** @type {import("./explain/tour.js").Tour | undefined} */ #tour;

    /**
     * @param {import("./protocol.js").Engine} engine
     * @param {import("./explain/tour.js").Stock} stock
     */
    constructor(engine, stock) {
        this.#engine = engine;
        this.#stock = stock;
        onClick("explain-open", () => this.#open());
    }

    /** @param {import("./play.js").Model} model */
    setModel(model) {
        this.#model = model;
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
                const { Tour } = await import("./explain/tour.js").catch(() => {
                    throw new Failure("part");
                });
                this.#tour ??= new Tour(this.#engine, this.#stock);
                await this.#tour.open(this.#model);
            },
            () => this.#open(),
        );
    }
}
