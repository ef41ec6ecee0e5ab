/** The face that is played with: what is done to it, shown at once, compared with what it was, undone. */
import * as address from "../address.js";
import { element, onClick } from "../dom.js";
import { eachLanguage, t } from "../i18n.js";
import { image, save, show } from "../pixels.js";
import { ranges } from "../levels.js";
import { busy, say } from "../status.js";
import { blend } from "./blend.js";
import { History } from "./history.js";
import { Live } from "./live.js";
import { Mix } from "./mix.js";
import { Sliders } from "./sliders.js";

/** @typedef {import("../play.js").Model} Model */
/** @typedef {import("../viewer.js").Subject} Subject */

/**
 * @typedef {object} Recipe what is done to a face
 * @property {Record<string, number>} strengths by attribute; what is not there is 0
 * @property {import("./mix.js").Mixture} [mix] before that
 *
 * @typedef {object} Face
 * @property {import("../protocol.js").ModelEntry} entry of its model
 * @property {import("../protocol.js").ModelInfo} info of the same
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
    #mix;
    #live = new Live((/** @type {Recipe} */ recipe) => this.#make(recipe));
    /** @type {Face | undefined} */ #face;
    /** What the face was is shown. */
    #comparing = false;

    /**
     * @param {import("../protocol.js").Engine} engine
     * @param {() => Subject[]} stock the faces that there are
     * @param {() => void} changed another face, or another edit of it
     */
    constructor(engine, stock, changed) {
        this.#engine = engine;
        this.#mix = new Mix({
            stock,
            cook: (mix) => busy(async () => this.#face && this.#cook(this.#face, { ...this.#wanted, mix })),
            rest: () => this.#wanted.strengths,
            moved: () => this.#live.want(this.#wanted),
            done: () => this.#keep(this.#wanted),
        });
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
     * @param {Model} model
     * @param {Subject} subject
     * @param {Recipe} [recipe] what is done to it at once
     */
    async show({ entry, info }, subject, recipe) {
        const { attributes } = entry;
        const names = attributes ? await this.#engine.call("attributes", [attributes]) : [];
        const latents = await subject.latents();
        const history = new History(/** @type {Recipe} */ ({ strengths: {} }));
        this.#face = { entry, info, names, subject, latents, history, rgb: subject.rgb };
        this.#sliders.setNames(names);
        this.#mix.setFace(subject, info.levels);
        if (recipe) {
            this.#sliders.strengths = recipe.strengths;
            this.#keep(this.#wanted);
            await this.#live.want(this.#wanted);
        }
        this.#write();
        this.#changed();
    }

    /** Other faces are there. */
    restock() {
        this.#mix.offer();
    }

    /** Gives the face away. */
    clear() {
        this.#face = undefined;
    }

    /** What shows the face again; a photo has no such thing, nor has a mixture. @returns {address.Place | undefined} */
    get place() {
        const sample = this.#face?.subject.sample;
        if (!this.#face || !sample) return undefined;
        const { index, seed, temperature } = sample;
        const { strengths, mix } = this.#face.history.now;
        return mix ? undefined : { seed, temperature, face: index + 1, strengths };
    }

    focus() {
        this.#sliders.focus();
    }

    /** What the controls say. */
    get #wanted() {
        return { strengths: this.#sliders.strengths, mix: this.#mix.mixture };
    }

    /** For undo. @param {Recipe} recipe */
    #keep(recipe) {
        const history = this.#face?.history;
        if (!history || tell(history.now) === tell(recipe)) return;
        history.push(recipe);
        this.#mix.draw();
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
        this.#mix.mixture = now.mix;
        this.#live.want(now);
        this.#mix.draw();
        this.#write();
        this.#changed();
    }

    /** @param {Recipe} recipe */
    async #make(recipe) {
        const face = this.#face;
        const rgb = face && (await busy(() => this.#cook(face, recipe)));
        if (!rgb) return;
        face.rgb = rgb;
        this.#write();
    }

    /** @param {Face} face @param {Recipe} recipe @returns {Promise<Uint8Array>} RGB */
    #cook({ entry: { attributes }, info, names, latents }, { strengths, mix }) {
        const corners = [latents, ...(mix?.others ?? []).map((other) => other.latents)];
        const mixed = mix ? blend(corners, mix.at, ranges(info.latentShapes)) : latents;
        if (!attributes) return this.#engine.call("decode", [mixed]);
        return this.#engine.call("edit", [attributes, mixed, names.map((name) => strengths[name] ?? 0)]);
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
        const { strengths, mix } = history.now;
        const changed = Object.keys(strengths).length > 0 || !!mix;
        title.textContent = subject.title();
        link.hidden = !this.place;
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

/** The same for recipes that are the same. @param {Recipe} recipe */
const tell = ({ strengths, mix }) =>
    JSON.stringify([strengths, mix?.at, mix?.others.map(({ subject }) => subject.file)]);
