/** The faces that are kept, in a section of their own: each can be put on the bench again, and deleted. */
import * as address from "../page/address.js";
import { element, make, onClick } from "../page/dom.js";
import { eachLanguage, t, translate } from "../page/i18n.js";
import { image, show } from "../page/pixels.js";
import { Trouble, busy, say } from "../page/status.js";
import { NOTHING } from "../play/recipe.js";
import { read } from "./file.js";
import { fromFile, fromLink, keepsake } from "./keepsake.js";
import * as store from "./store.js";
import "./words.js";

/** @typedef {import("../engine/engine.js").Model} Model */
/** @typedef {store.Kept & { id: number }} Kept */

/** Megabytes of a saved face. */
const MOST = 4;

const markup = element("gallery-markup", HTMLTemplateElement);
markup.replaceWith(markup.content);
const section = element("gallery", HTMLElement);
const title = element("gallery-title", HTMLHeadingElement);
const none = element("gallery-none", HTMLParagraphElement);
const list = element("gallery-faces", HTMLUListElement);
const clear = element("gallery-clear", HTMLButtonElement);
translate(section);

export class Gallery {
    #model;
    #use;
    #play;
    /** @type {Kept[]} */ #kept = [];

    /**
     * @param {() => Model | undefined} model the one that is open
     * @param {(wanted: import("./file.js").ModelName) => Promise<Model | undefined>} use opens another
     * @param {import("../play/play.js").Play["open"]} play puts a face on the bench
     */
    constructor(model, use, play) {
        this.#model = model;
        this.#use = use;
        this.#play = play;
        onClick("gallery-clear", () => confirm(t("gallery.sure")) && this.#delete(store.forgetAll));
        eachLanguage(() => this.write());
    }

    /**
     * Keeps a face.
     * @param {import("../faces/viewer.js").Subject} subject
     * @param {import("../play/recipe.js").Recipe} recipe what is done to it
     * @param {Uint8Array} rgb how it looks then
     */
    async keep(subject, recipe = NOTHING, rgb = subject.rgb) {
        const model = this.#model();
        if (!model) return;
        const { name, sha256 } = model.entry;
        const raw = { model, names: [], subject, latents: await subject.latents() };
        await store.add({ model: { name, sha256 }, rgb, ...(await keepsake(raw, recipe)) });
        await this.read();
        say("gallery.kept");
    }

    /** Reads what is kept; without anything the section stays out of sight until there is something. */
    async read() {
        this.#kept = await store.all();
        if (this.#kept.length) section.hidden = false;
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
            const next = list.children[Math.min(at, this.#kept.length - 1)]?.lastElementChild;
            /** @type {HTMLElement} */ (next ?? title).focus();
        });
    }

    write() {
        none.hidden = this.#kept.length > 0;
        clear.hidden = !none.hidden;
        list.replaceChildren(...this.#kept.map((kept, i) => this.#item(kept, i)));
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
