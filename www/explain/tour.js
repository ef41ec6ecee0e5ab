/** Five chapters on the flow, with one face of the model at hand. */
import "./markup.js";
import { element, Latest, onClick } from "../page/dom.js";
import { addWords, eachLanguage, t, translate } from "../page/i18n.js";
import { image, show } from "../page/pixels.js";
import { busy, say } from "../page/status.js";
import { Coupling } from "./coupling.js";
import en from "./en.js";
import { Flow } from "./flow.js";
import { Permutation } from "./permutation.js";
import { Scales } from "./scales.js";
import { Temperature } from "./temperature.js";
import zh from "./zh.js";

/** @typedef {import("../faces/viewer.js").Subject} Subject */
/** @typedef {import("../engine/engine.js").Model} Model */
/** @typedef {Record<"photo" | "chosen", () => Subject | undefined>} Stock the faces that there are */

/**
 * @typedef {object} Face what is explained with
 * @property {Model} model
 * @property {Subject} subject
 * @property {import("../engine/protocol.js").Walk} walk
 * @property {Float32Array} latents
 * @property {AbortSignal} signal another face takes its place
 */

const invitation = element("explain-invitation", HTMLDivElement);
const room = element("tour", HTMLDivElement);
const picture = element("tour-face", HTMLCanvasElement);
const title = element("tour-title", HTMLParagraphElement);

addWords({ en, zh });

export class Tour {
    #stock;
    #chapters;
    #showing = new Latest();
    /** @type {Model | undefined} */ #model;
    /** @type {Subject | undefined} */ #subject;
    /** RGB of the photo that was taken last. @type {Uint8Array | undefined} */ #photo;

    /** @param {Stock} stock */
    constructor(stock) {
        this.#stock = stock;
        this.#chapters = [Flow, Coupling, Permutation, Scales, Temperature].map((Chapter) => new Chapter());
        translate(room);
        onClick("tour-take", () => this.#take(stock.chosen()));
        eachLanguage(() => this.#write());
    }

    /** @param {Model | undefined} model */
    async open(model) {
        this.#model = model;
        await this.#show(this.#stock.photo() ?? this.#stock.chosen());
        element("flow-title", HTMLHeadingElement).focus();
        say("explain.ready");
    }

    /** What is shown stays until there is a face of the model. @param {Model} model */
    setModel(model) {
        this.#showing.next();
        this.#model = model;
        this.#subject = undefined;
    }

    /** Other faces are there: a new photo is taken at once, a face where there is none. */
    restock() {
        const photo = this.#stock.photo();
        if (photo && photo.rgb !== this.#photo) this.#take(photo);
        else if (!this.#subject) this.#take(this.#stock.chosen());
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
        if (!subject.sample) this.#photo = subject.rgb;
        const signal = this.#showing.next();
        const walk = await model.call("walk", [subject.rgb], { signal });
        this.#subject = subject;
        show(picture, image(subject.rgb));
        this.#write();
        const latents = walk.states.slice(-subject.rgb.length);
        for (const chapter of this.#chapters) chapter.show({ model, subject, walk, latents, signal });
        room.hidden = false;
        invitation.hidden = true;
    }

    #write() {
        if (this.#subject) title.textContent = t("tour.face", { face: this.#subject.title() });
    }
}
