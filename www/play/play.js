/** The section to play with a face: an invitation, until a face is brought; what it takes is loaded then. */
import { Failure } from "../engine/protocol.js";
import { element } from "../page/dom.js";
import { busy, say, warn } from "../page/status.js";

/** @typedef {import("../page/address.js").Place} Place */
/** @typedef {import("../faces/viewer.js").Subject} Subject */
/** @typedef {import("../engine/engine.js").Model} Model */
/** @typedef {import("../keep/gallery.js").Gallery["keep"]} KeepFace */

const section = element("playground", HTMLElement);
const invitation = element("invitation", HTMLDivElement);
const room = element("bench", HTMLDivElement);

export class Play {
    #stock;
    #changed;
    #keepFace;
    /** @type {Model | undefined} */ #model;
    /** @type {import("./bench.js").Bench | undefined} */ #bench;

    /**
     * @param {() => Subject[]} stock the faces that there are
     * @param {() => void} changed another face, or another edit of it
     * @param {KeepFace} keepFace
     */
    constructor(stock, changed, keepFace) {
        this.#stock = stock;
        this.#changed = changed;
        this.#keepFace = keepFace;
    }

    /** What shows the face again, if anything does. @returns {Place | undefined} */
    get place() {
        return this.#bench?.place;
    }

    /** Other faces are there. */
    restock() {
        this.#bench?.restock();
    }

    /** @param {Model} model */
    setModel(model) {
        this.#model = model;
        this.clear();
    }

    /** Gives the face away. */
    clear() {
        this.#bench?.clear();
        room.hidden = true;
        invitation.hidden = false;
    }

    /**
     * @param {Subject} subject
     * @param {Place} [place] what is done to it at once
     */
    async open(subject, place) {
        const model = this.#model;
        if (!model) return;
        await busy(
            async () => {
                say("play.loading");
                const { Bench } = await import("./bench.js").catch(() => {
                    throw new Failure("part");
                });
                this.#bench ??= new Bench(this.#stock, this.#changed, this.#keepFace);
                if (!(await this.#bench.show(model, subject, place))) {
                    warn("notice.link", {}, undefined, "play");
                    return say("link.sheet");
                }
                if (model !== this.#model) return this.#bench.clear();
                room.hidden = false;
                invitation.hidden = true;
                section.scrollIntoView({ block: "start" });
                this.#bench.focus();
                say("play.ready");
            },
            () => this.open(subject, place),
            "play",
        );
    }
}
