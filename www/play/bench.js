/** The face that is played with: what is done to it, shown at once, compared with what it was, undone. */
import * as address from "../address.js";
import { element, onClick } from "../dom.js";
import { eachLanguage, t } from "../i18n.js";
import { image, save, show } from "../pixels.js";
import { busy, say } from "../status.js";
import { History } from "./history.js";
import { Live } from "./live.js";
import { Sliders } from "./sliders.js";

/** @typedef {import("../viewer.js").Subject} Subject */

/**
 * @typedef {object} Recipe what is done to a face
 * @property {Record<string, number>} strengths by attribute; what is not there is 0
 *
 * @typedef {object} Face
 * @property {import("../protocol.js").ModelEntry} entry of its model
 * @property {string[]} names of the attributes
 * @property {Subject} subject
 * @property {Float32Array} latents
 * @property {History<Recipe>} history
 * @property {Uint8Array} rgb with all that was done
 */

const section = element("playground", HTMLElement);
const title = element("bench-title", HTMLHeadingElement);
const canvas = element("edited", HTMLCanvasElement);
const caption = element("edited-caption", HTMLElement);
const compare = element("compare", HTMLButtonElement);
const [undo, redo, reset] = ["undo", "redo", "reset"].map((id) => element(id, HTMLButtonElement));
const link = element("edited-link", HTMLButtonElement);

export class Bench {
    #engine;
    #changed;
    #sliders = new Sliders(
        () => this.#live.want(this.#wanted),
        () => this.#keep(this.#wanted),
    );
    #live = new Live((/** @type {Recipe} */ recipe) => this.#make(recipe));
    /** @type {Face | undefined} */ #face;
    /** What the face was is shown. */
    #comparing = false;

    /**
     * @param {import("../protocol.js").Engine} engine
     * @param {() => void} changed another face, or another edit of it
     */
    constructor(engine, changed) {
        this.#engine = engine;
        this.#changed = changed;
        onClick("undo", () => this.#step(-1));
        onClick("redo", () => this.#step(1));
        onClick("reset", () => {
            this.#keep({ strengths: {} });
            this.#follow();
        });
        onClick("edited-download", () => this.#face && save(this.#face.rgb, `${this.#face.subject.file}-edited`));
        link.addEventListener("click", () =>
            busy(async () => {
                const place = { model: this.#face?.entry.name, ...this.place };
                await navigator.clipboard.writeText(new URL(address.query(place), location.href).href);
                say("status.copied");
            }),
        );
        compare.addEventListener("pointerdown", (event) => {
            compare.setPointerCapture(event.pointerId);
            this.#compare(true);
        });
        for (const end of ["pointerup", "pointercancel", "keyup", "blur"]) {
            compare.addEventListener(end, () => this.#compare(false));
        }
        // A long press is meant for the picture.
        compare.addEventListener("contextmenu", (event) => event.preventDefault());
        section.addEventListener("keydown", (event) => this.#key(event));
        section.addEventListener("keyup", ({ key }) => key.toLowerCase() === "c" && this.#compare(false));
        eachLanguage(() => this.#write());
    }

    /**
     * Takes a face.
     * @param {import("../protocol.js").ModelEntry} entry
     * @param {Subject} subject
     * @param {Recipe} [recipe] what is done to it at once
     */
    async show(entry, subject, recipe) {
        const { attributes } = entry;
        const names = attributes ? await this.#engine.call("attributes", [attributes]) : [];
        const latents = await subject.latents();
        const history = new History(/** @type {Recipe} */ ({ strengths: {} }));
        this.#face = { entry, names, subject, latents, history, rgb: subject.rgb };
        this.#sliders.setNames(names);
        if (recipe) {
            this.#sliders.strengths = recipe.strengths;
            this.#keep(this.#wanted);
            await this.#live.want(this.#wanted);
        }
        this.#write();
        this.#changed();
    }

    /** Gives the face away. */
    clear() {
        this.#face = undefined;
    }

    /** What shows the face again; a photo has no such thing. @returns {address.Place | undefined} */
    get place() {
        const sample = this.#face?.subject.sample;
        if (!this.#face || !sample) return undefined;
        const { index, seed, temperature } = sample;
        return { seed, temperature, face: index + 1, ...this.#face.history.now };
    }

    focus() {
        this.#sliders.focus();
    }

    /** What the controls say. */
    get #wanted() {
        return { strengths: this.#sliders.strengths };
    }

    /** For undo. @param {Recipe} recipe */
    #keep(recipe) {
        this.#face?.history.push(recipe);
        this.#write();
        this.#changed();
    }

    /** @param {-1 | 1} by */
    #step(by) {
        this.#face?.history.step(by);
        this.#follow();
    }

    /** Shows where the history stands. */
    #follow() {
        if (!this.#face) return;
        const { now } = this.#face.history;
        this.#sliders.strengths = now.strengths;
        this.#live.want(now);
        this.#write();
        this.#changed();
    }

    /** @param {Recipe} recipe */
    async #make({ strengths }) {
        const face = this.#face;
        if (!face?.entry.attributes) return;
        const {
            entry: { attributes },
            latents,
            names,
        } = face;
        const values = names.map((name) => strengths[name] ?? 0);
        const made = await busy(() => this.#engine.call("edit", [attributes, latents, values]));
        if (!made) return;
        face.rgb = made.rgb;
        this.#write();
    }

    /** @param {boolean} on */
    #compare(on) {
        this.#comparing = on;
        this.#write();
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        const { target, shiftKey, altKey } = event;
        const [key, command] = [event.key.toLowerCase(), event.ctrlKey || event.metaKey];
        if (command && key === "z") {
            event.preventDefault();
            this.#step(shiftKey ? 1 : -1);
        } else if (!command && !altKey && (key === "c" || (target === compare && /^( |enter)$/.test(key)))) {
            this.#compare(true);
        }
    }

    #write() {
        if (!this.#face) return;
        const { subject, history, rgb } = this.#face;
        const changed = Object.keys(history.now.strengths).length > 0;
        title.textContent = subject.title();
        link.hidden = !subject.sample;
        show(canvas, image(this.#comparing ? subject.rgb : rgb));
        caption.textContent = t(this.#comparing || !changed ? "play.before" : "play.after");
        compare.setAttribute("aria-pressed", String(this.#comparing));
        enable(undo, history.canUndo, redo);
        enable(redo, history.canRedo, undo);
        enable(reset, changed, undo);
    }
}

/** The keyboard is not left on a button that can no longer be pressed. @param {HTMLButtonElement} button @param {boolean} on @param {HTMLButtonElement} heir */
function enable(button, on, heir) {
    const focused = document.activeElement === button;
    button.disabled = !on;
    if (!on && focused) {
        heir.disabled = false;
        heir.focus();
    }
}
