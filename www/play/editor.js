/** The face that is played with: what is done to it, shown at once, compared with what it was, undone. */
import { isOn } from "../faces/clean.js";
import { Latest, elements } from "../page/dom.js";
import { eachLanguage, t } from "../page/i18n.js";
import { image, show } from "../page/pixels.js";
import { busy, endDownload, say, showDownload } from "../page/status.js";
import { Anew } from "./anew.js";
import { Animate } from "./animate.js";
import { History } from "./history.js";
import { onHold } from "./hold.js";
import { mixture, read } from "./link.js";
import { Live } from "./live.js";
import { Mix } from "./mix.js";
import { NOTHING, render, finish, same, temperature } from "./changes.js";
import { Share } from "./share.js";
import { Sliders } from "./sliders.js";

/** @typedef {import("./changes.js").Changes} Changes */
/** @typedef {import("../faces/subject.js").Subject} Subject */

/**
 * @typedef {object} Done
 * @property {History<Changes>} history
 * @property {Uint8Array} rgb with all that was done
 *
 * @typedef {import("./changes.js").Source & Done} Face
 *
 * @typedef {object} Needs
 * @property {HTMLElement} root
 * @property {() => Subject[]} subjects the faces that there are
 * @property {() => void} changed another face, or another edit of it
 * @property {import("../keep/gallery.js").Gallery["keep"]} keepFace
 */

export class Editor {
    #parts;
    #subjects;
    #changed;
    #live = new Live((/** @type {Changes} */ changes) => this.#make(changes));
    #sliders;
    #mix;
    #animate;
    #anew;
    #share;
    #fetching = new Latest();
    /** @type {Face | undefined} */ #face;
    /** Whether grain was taken out of it. */
    #clean = isOn();
    /** What the face was is shown. */
    #comparing = false;

    /** @param {Needs} needs */
    constructor({ root, subjects, changed, keepFace }) {
        this.#parts = elements(root, {
            editorTitle: HTMLHeadingElement,
            edited: HTMLCanvasElement,
            editedCaption: HTMLElement,
            compare: HTMLButtonElement,
            undo: HTMLButtonElement,
            redo: HTMLButtonElement,
            reset: HTMLButtonElement,
        });
        this.#subjects = subjects;
        this.#changed = changed;
        const moved = () => this.#live.want(this.#wanted);
        const done = () => this.#remember(this.#wanted);
        this.#sliders = new Sliders({ root, moved, done });
        this.#mix = new Mix({
            root,
            subjects,
            render: (mix) => busy(async () => this.#face && render(this.#face, { ...this.#wanted, mix })),
            rest: () => ({ ...this.#wanted, mix: undefined }),
            moved,
            done,
        });
        this.#animate = new Animate({ root, subjects, changes: () => this.#wanted });
        this.#anew = new Anew(root, (levels) => this.#drawAnew(levels));
        this.#share = new Share({ root, face: () => this.#face, keepFace });
        const { compare, undo, redo, reset } = this.#parts;
        undo.addEventListener("click", () => this.#step(-1));
        redo.addEventListener("click", () => this.#step(1));
        reset.addEventListener("click", () => this.#do(NOTHING));
        onHold(compare, root, "c", (held) => {
            this.#comparing = held;
            this.#write();
        });
        root.addEventListener("keydown", (event) => {
            if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            this.#step(event.shiftKey ? 1 : -1);
        });
        eachLanguage(() => this.#write());
    }

    /**
     * Takes a face.
     * @param {import("../engine/engine.js").Model} model
     * @param {Subject} subject
     * @param {import("../page/address.js").Place} [place] what is done to it at once
     * @returns {Promise<boolean>} whether that makes sense
     */
    async show(model, subject, place) {
        const mixed = place && read(place, temperature({ model, subject }));
        if (mixed === "bad") return false;
        const names = await this.#names(model);
        const latents = await subject.latents();
        const mix = mixed && (await mixture(model, mixed));
        const history = new History(NOTHING);
        this.#face = { model, names, subject, latents, history, rgb: subject.rgb };
        this.#sliders.setNames(names);
        this.#mix.setFace(subject, model.info.levels);
        this.#anew.setLevels(model.info.levels);
        if (place) {
            // The controls take what makes sense to them.
            this.#sliders.strengths = place.strengths ?? {};
            this.#mix.mixture = mix;
            this.#remember({ ...this.#wanted, anew: this.#anew.sound(place.anew ?? {}) });
            await this.#live.want(history.now);
        }
        this.#animate.setFace(this.#face);
        this.#write();
        this.#changed();
        return true;
    }

    /** Of the attributes. @param {import("../engine/engine.js").Model} model */
    async #names(model) {
        const signal = this.#fetching.next();
        const { attributes } = model.entry;
        if (!attributes) return [];
        const cancel = () => {
            this.#fetching.next();
            say("play.cancelled");
        };
        const event = (/** @type {number} */ had, /** @type {number} */ all) => showDownload(had, all, cancel);
        const names = model.call("attributes", [attributes], { signal, event });
        return names.finally(() => endDownload(cancel));
    }

    /**
     * Other faces are there; another crop of the photo takes the place of the one that is played with. Where grain is wanted now
     * and was not, or the other way round, the face is made anew.
     */
    async refresh() {
        const face = this.#face;
        if (face && this.#clean !== isOn()) this.#live.want(this.#wanted);
        const photo = this.#subjects().find(({ file, sample }) => !sample && file === face?.subject.file);
        const latents = await photo?.latents();
        if (face && photo && latents && latents !== face.latents) {
            Object.assign(face, { subject: photo, latents });
            this.#mix.forget();
            this.#live.want(this.#wanted);
        }
        this.#mix.offer();
        this.#animate.offer();
    }

    /** Gives the face away. */
    clear() {
        this.#face = undefined;
        this.#animate.setFace();
    }

    focus() {
        this.#sliders.focus();
    }

    /** What shows the face again, if anything does. */
    get place() {
        return this.#share.place;
    }

    /** What the controls say. @returns {Changes} */
    get #wanted() {
        const { anew } = this.#face?.history.now ?? NOTHING;
        return { mix: this.#mix.mixture, anew, strengths: this.#sliders.strengths };
    }

    /** Keeps what the controls say, for undo. @param {Changes} changes */
    #remember(changes) {
        const history = this.#face?.history;
        if (!history || same(history.now, changes)) return;
        history.push(changes);
        this.#follow();
    }

    /** Sets the controls, too. @param {Changes} changes */
    #do(changes) {
        this.#face?.history.push(changes);
        this.#step(0);
    }

    /** @param {-1 | 0 | 1} by */
    #step(by) {
        if (!this.#face) return;
        const { history } = this.#face;
        history.step(by);
        this.#sliders.strengths = history.now.strengths;
        this.#mix.mixture = history.now.mix;
        this.#live.want(history.now);
        this.#follow();
    }

    /** The history stands elsewhere. */
    #follow() {
        this.#mix.draw();
        this.#animate.draw();
        this.#write();
        this.#changed();
    }

    /** @param {number[]} levels */
    #drawAnew(levels) {
        const [seed] = crypto.getRandomValues(new Uint32Array(1));
        const drawn = Object.fromEntries(levels.map((level) => [level, seed]));
        this.#do({ ...this.#wanted, anew: { ...this.#wanted.anew, ...drawn } });
    }

    /** @param {Changes} changes */
    async #make(changes) {
        const face = this.#face;
        this.#clean = isOn();
        const rgb = face && (await busy(() => render(face, changes)));
        if (!rgb) return;
        face.rgb = rgb;
        this.#write();
        // Whoever still moves a slider gets the next one first.
        const clean = !this.#live.isOvertaken && (await busy(() => finish(face, changes, rgb)));
        if (!clean) return;
        face.rgb = clean;
        this.#write();
    }

    #write() {
        if (!this.#face) return;
        const { subject, history, rgb } = this.#face;
        const { editorTitle, edited, editedCaption, compare, undo, redo, reset } = this.#parts;
        const untouched = same(history.now, NOTHING);
        editorTitle.textContent = subject.title();
        show(edited, image(this.#comparing ? subject.rgb : rgb));
        editedCaption.textContent = t(this.#comparing || untouched ? "play.before" : "play.after");
        compare.setAttribute("aria-pressed", String(this.#comparing));
        this.#share.write();
        const focused = document.activeElement;
        undo.disabled = !history.canUndo;
        redo.disabled = !history.canRedo;
        reset.disabled = untouched;
        // The keyboard is not left on a button that can no longer be pressed.
        const left = [undo, redo, reset].find((button) => button === focused && button.disabled);
        if (left) [undo, redo].find((button) => !button.disabled)?.focus();
    }
}
