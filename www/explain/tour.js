/** Five chapters on the flow, with one face of the model at hand. */
import { Latest, elements } from "../page/dom.js";
import { addWords, eachLanguage, t, translate } from "../page/i18n.js";
import { image, show } from "../page/pixels.js";
import { busy, say } from "../page/status.js";
import { Coupling } from "./coupling.js";
import en from "./en.js";
import { Flow } from "./flow.js";
import { markup } from "./markup.js";
import { Permutation } from "./permutation.js";
import { Scales } from "./scales.js";
import { Temperature } from "./temperature.js";
import zh from "./zh.js";

/** @typedef {import("../faces/subject.js").Subject} Subject */
/** @typedef {import("../engine/engine.js").Model} Model */

/**
 * @typedef {object} Needs
 * @property {HTMLElement} root
 * @property {() => Subject | undefined} photo
 * @property {() => Subject | undefined} chosen the face that is looked at
 *
 * @typedef {object} Face what is explained with
 * @property {Model} model
 * @property {Subject} subject
 * @property {import("../engine/protocol.js").Walk} walk
 * @property {Float32Array} latents
 * @property {AbortSignal} signal another face takes its place
 */

addWords({ en, zh });

export class Tour {
    #parts;
    #photo;
    #chosen;
    #chapters;
    #showing = new Latest();
    /** @type {Model | undefined} */ #model;
    /** @type {Subject | undefined} */ #subject;
    /** RGB of the photo that was taken last. @type {Uint8Array | undefined} */ #taken;

    /** @param {Needs} needs */
    constructor({ root, photo, chosen }) {
        this.#photo = photo;
        this.#chosen = chosen;
        root.insertAdjacentHTML("beforeend", markup);
        this.#parts = elements(root, {
            explainInvitation: HTMLDivElement,
            tour: HTMLDivElement,
            tourFace: HTMLCanvasElement,
            tourTitle: HTMLParagraphElement,
            tourTake: HTMLButtonElement,
            flowTitle: HTMLHeadingElement,
        });
        this.#chapters = [Flow, Coupling, Permutation, Scales, Temperature].map((Chapter) => new Chapter(root));
        translate(this.#parts.tour);
        this.#parts.tourTake.addEventListener("click", () => this.#take(chosen()));
        eachLanguage(() => this.#write());
    }

    /** @param {Model | undefined} model */
    async open(model) {
        this.#model = model;
        await this.#show(this.#photo() ?? this.#chosen());
        this.#parts.flowTitle.focus();
        say("explain.ready");
    }

    /** What is shown stays until there is a face of the model. @param {Model} model */
    setModel(model) {
        this.#showing.next();
        this.#model = model;
        this.#subject = undefined;
    }

    /** Other faces are there: a new photo is taken at once, a face where there is none. */
    refresh() {
        const photo = this.#photo();
        if (photo && photo.rgb !== this.#taken) this.#take(photo);
        else if (!this.#subject) this.#take(this.#chosen());
    }

    /** @param {Subject | undefined} subject */
    #take(subject) {
        return busy(() => this.#show(subject));
    }

    /** @param {Subject | undefined} subject */
    async #show(subject) {
        const model = this.#model;
        // While models change, there are faces of the other one.
        if (!model || subject?.rgb.length !== 3 * model.info.size ** 2) return;
        if (!subject.sample) this.#taken = subject.rgb;
        const signal = this.#showing.next();
        const walk = await model.call("walk", [subject.rgb], { signal });
        this.#subject = subject;
        show(this.#parts.tourFace, image(subject.rgb));
        this.#write();
        const latents = walk.states.slice(-subject.rgb.length);
        for (const chapter of this.#chapters) chapter.show({ model, subject, walk, latents, signal });
        this.#parts.tour.hidden = false;
        this.#parts.explainInvitation.hidden = true;
    }

    #write() {
        if (this.#subject) this.#parts.tourTitle.textContent = t("tour.face", { face: this.#subject.title() });
    }
}
