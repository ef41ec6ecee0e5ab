/** The faces that are kept, in a section of their own: each can be put in the editor again, and deleted. */
import * as address from "../page/address.js";
import { elements, make } from "../page/dom.js";
import { eachLanguage, t, translate } from "../page/i18n.js";
import { image, show } from "../page/pixels.js";
import { Trouble, busy, say } from "../page/status.js";
import { NOTHING } from "../play/changes.js";
import { read } from "./file.js";
import { fromFile, fromLink, keepsake } from "./keepsake.js";
import * as store from "./store.js";
import "./words.js";

/** @typedef {import("../engine/engine.js").Model} Model */
/** @typedef {store.Kept & { id: number }} Kept */

/**
 * @typedef {object} Needs
 * @property {HTMLTemplateElement} markup in the place of the section
 * @property {() => Model | undefined} model the one that is open
 * @property {(wanted: import("./file.js").ModelName) => Promise<Model | undefined>} use opens another
 * @property {import("../play/play.js").Play["open"]} play puts a face in the editor
 */

/** Megabytes of a saved face. */
const MOST = 4;

export class Gallery {
    #parts;
    #model;
    #use;
    #play;
    /** @type {Kept[]} */ #kept = [];

    /** @param {Needs} needs */
    constructor({ markup, model, use, play }) {
        this.#parts = elements(markup.content, {
            gallery: HTMLElement,
            galleryTitle: HTMLHeadingElement,
            galleryNone: HTMLParagraphElement,
            galleryFaces: HTMLUListElement,
            galleryClear: HTMLButtonElement,
        });
        const { gallery, galleryClear } = this.#parts;
        markup.replaceWith(gallery);
        translate(gallery);
        this.#model = model;
        this.#use = use;
        this.#play = play;
        galleryClear.addEventListener("click", () => confirm(t("gallery.sure")) && this.#delete(store.forgetAll));
        eachLanguage(() => this.write());
    }

    /**
     * Keeps a face.
     * @param {import("../faces/subject.js").Subject} subject
     * @param {import("../play/changes.js").Changes} changes what is done to it
     * @param {Uint8Array} rgb how it looks then
     */
    async keep(subject, changes = NOTHING, rgb = subject.rgb) {
        const model = this.#model();
        if (!model) return;
        const { name, sha256 } = model.entry;
        const source = { model, names: [], subject, latents: await subject.latents() };
        await store.add({ model: { name, sha256 }, rgb, ...(await keepsake(source, changes)) });
        await this.read();
        say("gallery.kept");
    }

    /** Reads what is kept; without anything the section stays out of sight until there is something. */
    async read() {
        this.#kept = await store.all();
        if (this.#kept.length) this.#parts.gallery.hidden = false;
        this.write();
    }

    /** @param {Blob} file */
    async openFile(file) {
        if (file.size > MOST * 1e6) throw new Trouble("face-big", { most: MOST });
        await this.#openText(await file.text());
    }

    /** @param {string} file */
    async #openText(file) {
        const saved = read(file);
        const model = await this.#use(saved.model);
        if (!model) return;
        const { subject, place } = await fromFile(model, saved);
        await this.#play(subject, place);
    }

    /** @param {Kept} kept */
    async #open(kept) {
        if ("file" in kept) return this.#openText(kept.file);
        const model = await this.#use(kept.model);
        if (!model) return;
        const { subject, place } = await fromLink(model, kept.link);
        await this.#play(subject, place);
    }

    /** @param {() => Promise<unknown>} forget @param {number} [at] where the keyboard was */
    async #delete(forget, at = 0) {
        await busy(async () => {
            await forget();
            await this.read();
            say("gallery.deleted");
            const { galleryFaces, galleryTitle } = this.#parts;
            const next = galleryFaces.children[Math.min(at, this.#kept.length - 1)]?.lastElementChild;
            /** @type {HTMLElement} */ (next ?? galleryTitle).focus();
        });
    }

    write() {
        const { galleryNone, galleryFaces, galleryClear } = this.#parts;
        galleryNone.hidden = this.#kept.length > 0;
        galleryClear.hidden = !galleryNone.hidden;
        galleryFaces.replaceChildren(...this.#kept.map((kept, i) => this.#item(kept, i)));
    }

    /** @param {Kept} kept @param {number} at */
    #item(kept, at) {
        const names = { number: at + 1, face: name(kept) };
        const face = make("button", { type: "button", className: "cell" }, make("canvas"));
        face.setAttribute("aria-label", t("gallery.open", names));
        face.addEventListener("click", () => busy(() => this.#open(kept)));
        show(/** @type {HTMLCanvasElement} */ (face.firstChild), image(kept.rgb));
        const remove = make("button", { type: "button", textContent: t("gallery.delete") });
        remove.setAttribute("aria-label", t("gallery.delete.face", names));
        remove.addEventListener("click", () => this.#delete(() => store.forget(kept.id), at));
        const isOther = kept.model.sha256 !== this.#model()?.entry.sha256;
        const note = make("span", { className: "hint", textContent: isOther ? t("gallery.model", kept.model) : "" });
        return make("li", {}, face, note, remove);
    }
}

/** @param {Kept} kept */
function name(kept) {
    if ("file" in kept) return t("face.saved");
    const { seed = 0, face = 1 } = address.read(kept.link);
    return t("faces.face", { number: face, seed });
}
