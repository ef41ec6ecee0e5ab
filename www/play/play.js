/** The section to play with a face: an invitation, until a face is brought; what it takes is loaded then. */
import { Failure } from "../engine/protocol.js";
import { elements } from "../page/dom.js";
import { busy, say, warn } from "../page/status.js";

/** @typedef {import("../page/address.js").Place} Place */
/** @typedef {import("../faces/subject.js").Subject} Subject */
/** @typedef {import("../engine/engine.js").Model} Model */

export class Play {
    #needs;
    #parts;
    /** @type {Model | undefined} */ #model;
    /** @type {import("./editor.js").Editor | undefined} */ #editor;

    /** @param {import("./editor.js").Needs} needs of the editor */
    constructor(needs) {
        this.#needs = needs;
        this.#parts = elements(needs.root, { invitation: HTMLDivElement, editor: HTMLDivElement });
    }

    /** What shows the face again, if anything does. @returns {Place | undefined} */
    get place() {
        return this.#editor?.place;
    }

    /** Other faces are there. */
    refresh() {
        this.#editor?.refresh();
    }

    /** @param {Model} model */
    setModel(model) {
        this.#model = model;
        this.clear();
    }

    /** Gives the face away. */
    clear() {
        this.#editor?.clear();
        this.#parts.editor.hidden = true;
        this.#parts.invitation.hidden = false;
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
                const { Editor } = await import("./editor.js").catch(() => {
                    throw new Failure("part");
                });
                this.#editor ??= new Editor(this.#needs);
                if (!(await this.#editor.show(model, subject, place))) {
                    warn("notice.link", {}, undefined, "play");
                    return say("link.sheet");
                }
                if (model !== this.#model) return this.#editor.clear();
                this.#parts.editor.hidden = false;
                this.#parts.invitation.hidden = true;
                this.#needs.root.scrollIntoView({ block: "start" });
                this.#editor.focus();
                say("play.ready");
            },
            () => this.open(subject, place),
            "play",
        );
    }
}
