/** The section to play with a face: an invitation, until a face is brought; what it takes is loaded then. */
import { element } from "./dom.js";
import { Failure } from "./protocol.js";
import { busy, say } from "./status.js";

/** @typedef {import("./play/bench.js").Recipe} Recipe */
/** @typedef {import("./viewer.js").Subject} Subject */

const section = element("playground", HTMLElement);
const invitation = element("invitation", HTMLDivElement);
const room = element("bench", HTMLDivElement);

export class Play {
    #engine;
    #changed;
    /** @type {import("./protocol.js").ModelEntry | undefined} */ #entry;
    /** @type {import("./play/bench.js").Bench | undefined} */ #bench;

    /**
     * @param {import("./protocol.js").Engine} engine
     * @param {() => void} changed another face, or another edit of it
     */
    constructor(engine, changed) {
        this.#engine = engine;
        this.#changed = changed;
    }

    /** What shows the face again; a photo has no such thing. @returns {import("./address.js").Place | undefined} */
    get place() {
        return this.#bench?.place;
    }

    /** @param {import("./protocol.js").ModelEntry} entry */
    setModel(entry) {
        this.#entry = entry;
        this.#bench?.clear();
        room.hidden = true;
        invitation.hidden = false;
    }

    /**
     * @param {Subject} subject
     * @param {Recipe} [recipe] what is done to it at once
     */
    async open(subject, recipe) {
        const entry = this.#entry;
        if (!entry) return;
        await busy(
            async () => {
                say("play.loading");
                const { Bench } = await import("./play/bench.js").catch(() => {
                    throw new Failure("part");
                });
                this.#bench ??= new Bench(this.#engine, this.#changed);
                await this.#bench.show(entry, subject, recipe);
                if (entry !== this.#entry) return this.#bench.clear();
                room.hidden = false;
                invitation.hidden = true;
                section.scrollIntoView({ block: "start" });
                this.#bench.focus();
                say("play.ready");
            },
            () => this.open(subject, recipe),
        );
    }
}
