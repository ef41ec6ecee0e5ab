/** The section to play with a face: an invitation, until a face is brought; what it takes is loaded then. */
import { element } from "./dom.js";
import { Failure } from "./protocol.js";
import { busy, say } from "./status.js";

/** @typedef {import("./viewer.js").Subject} Subject */

const section = element("playground", HTMLElement);
const invitation = element("invitation", HTMLDivElement);
const room = element("bench", HTMLDivElement);

export class Play {
    #engine;
    /** @type {import("./protocol.js").ModelEntry | undefined} */ #entry;
    /** @type {import("./play/bench.js").Bench | undefined} */ #bench;

    /** @param {import("./protocol.js").Engine} engine */
    constructor(engine) {
        this.#engine = engine;
    }

    /** @param {import("./protocol.js").ModelEntry} entry */
    setModel(entry) {
        this.#entry = entry;
        this.#bench?.clear();
        room.hidden = true;
        invitation.hidden = false;
    }

    /** @param {Subject} subject */
    async open(subject) {
        const entry = this.#entry;
        if (!entry) return;
        await busy(
            async () => {
                say("play.loading");
                const { Bench } = await import("./play/bench.js").catch(() => {
                    throw new Failure("part");
                });
                this.#bench ??= new Bench(this.#engine);
                await this.#bench.show(entry, subject);
                if (entry !== this.#entry) return this.#bench.clear();
                room.hidden = false;
                invitation.hidden = true;
                section.scrollIntoView({ block: "start" });
                this.#bench.focus();
                say("play.ready");
            },
            () => this.open(subject),
        );
    }
}
