/** The sheet of new faces, and what it is drawn from: how many, a seed, a temperature a level. */
import { spread } from "../engine/levels.js";
import { isSeed } from "../page/address.js";
import { Latest, elements, make } from "../page/dom.js";
import { eachLanguage, number, t } from "../page/i18n.js";
import { image, show } from "../page/pixels.js";
import { Trouble, busy, fail, say, setLoaded } from "../page/status.js";
import { isOn, turn } from "./clean.js";
import { drawn, redraw } from "./subject.js";

/** @typedef {{ rgb: Uint8Array, seed: number, temperature: number[] }} Face */

/** Faces that are cleaned in one call. */
const AT_ONCE = 4;

export class Faces {
    #parts;
    #viewer;
    #changed;
    #drawn;
    #ready;
    /** @type {import("../engine/engine.js").Model | undefined} */ #model;
    #drawing = new Latest();
    /** Those of the sheet. @type {Face[]} */ #faces = [];
    #selected = 0;
    /** @type {HTMLInputElement[]} */ #levels = [];
    /** @type {[number, number, number][]} */ #shapes = [];

    /**
     * @param {object} needs
     * @param {HTMLElement} needs.root
     * @param {import("./viewer.js").Viewer} needs.viewer
     * @param {() => void} needs.changed a control was moved
     * @param {() => Promise<unknown>} needs.drawn all are there, with their grain: what is to be waited for before it is taken out
     * @param {() => void} needs.ready others are there
     */
    constructor({ root, viewer, changed, drawn, ready }) {
        this.#viewer = viewer;
        this.#changed = changed;
        this.#drawn = drawn;
        this.#ready = ready;
        this.#parts = elements(root, {
            controls: HTMLFormElement,
            sheet: HTMLDivElement,
            count: HTMLSelectElement,
            seed: HTMLInputElement,
            temperature: HTMLInputElement,
            levels: HTMLDivElement,
            dice: HTMLButtonElement,
            clean: HTMLInputElement,
        });
        const { controls, count, seed, temperature, dice, clean } = this.#parts;
        controls.addEventListener("submit", (event) => event.preventDefault());
        dice.addEventListener("click", () => {
            seed.value = String(newSeed());
            this.draw();
        });
        for (const control of [count, seed, temperature, dice]) control.disabled = true;
        count.addEventListener("change", () => this.draw());
        seed.addEventListener("change", () => this.draw());
        clean.addEventListener("change", () => {
            this.#turn();
            this.draw();
        });
        temperature.addEventListener("input", () => {
            for (const level of this.#levels) level.value = temperature.value;
            this.draw();
        });
        eachLanguage(() => this.#name());
    }

    get seed() {
        return this.#parts.seed.valueAsNumber;
    }

    get count() {
        return Number(this.#parts.count.value);
    }

    /** A level each, finest first. */
    get temperature() {
        return this.#levels.map((level) => level.valueAsNumber);
    }

    /** Makes the controls of a model; the faces of another go. @param {import("../engine/engine.js").Model} model */
    setModel(model) {
        this.#model = model;
        const { clean, count, dice, levels, seed, sheet, temperature } = this.#parts;
        // The grain of all 8 bits does not show.
        /** @type {HTMLElement} */ (clean.parentElement).hidden = model.info.bits === 8;
        this.#turn();
        this.#faces = [];
        sheet.replaceChildren();
        this.#levels = Array.from({ length: model.info.levels }, () => {
            const input = make("input", { type: "range", min: "0", max: "1.2", step: "0.05" });
            input.addEventListener("input", () => this.draw());
            return input;
        });
        for (const control of [count, seed, temperature, dice]) control.disabled = false;
        this.#shapes = model.info.latentShapes;
        const labels = this.#levels.map((input) =>
            make("label", { className: "slider" }, make("span"), input, make("output")),
        );
        levels.replaceChildren(...labels.reverse());
        this.#name();
        this.#selected = 0;
    }

    /** Sets the controls; what the place does not say is the model's, or left to chance. @param {import("../page/address.js").Place} place */
    set(place) {
        const { entry, info } = this.#open;
        const { clean, count, seed, temperature } = this.#parts;
        const wanted = spread(place.temperature ?? entry.temperature, info.levels) ?? entry.temperature;
        this.#levels.forEach((level, i) => (level.valueAsNumber = wanted[i]));
        temperature.value = String(wanted.reduce((sum, value) => sum + value) / wanted.length);
        seed.value = String(place.seed ?? newSeed());
        // Links from before there was a choice show what they showed.
        if (place.clean !== undefined || place.seed !== undefined) clean.checked = place.clean ?? false;
        this.#turn();
        if (!place.count) return;
        const text = String(place.count);
        if (![...count.options].some(({ value }) => value === text)) count.add(make("option", { value: text, text }));
        count.value = text;
    }

    /** Draws the sheet; what is still being drawn is given up. */
    async draw() {
        const model = this.#model;
        if (!model) return;
        const { seed } = this.#parts;
        this.#write();
        if (!isSeed(this.seed)) {
            seed.setAttribute("aria-invalid", "true");
            return fail(new Trouble("seed"), undefined, "faces");
        }
        seed.removeAttribute("aria-invalid");
        this.#changed();
        const from = { seed: this.seed, temperature: this.temperature };
        const signal = this.#drawing.next();
        this.#lay(this.count);
        await busy(
            async () => {
                say("status.drawing");
                const time = await model.call("sample", [from.seed, this.count, from.temperature], {
                    signal,
                    event: (index, rgb) => this.#place(index, { rgb, ...from }),
                });
                this.#ready();
                if (isOn()) {
                    say("status.cleaning");
                    await this.#drawn();
                    await this.#clean(model, signal);
                    this.#ready();
                }
                say("status.faces", { count: this.count, time: number(time, 1) });
            },
            () => this.draw(),
            "faces",
        );
    }

    /**
     * Takes the grain out, a few faces at a time: others may want the worker between them.
     * @param {import("../engine/engine.js").Model} model
     * @param {AbortSignal} signal
     */
    async #clean(model, signal) {
        const faces = [...this.#faces];
        for (let first = 0; first < faces.length; first += AT_ONCE) {
            const some = faces.slice(first, first + AT_ONCE);
            await model.call("clean", [joined(some)], {
                signal,
                event: (i, rgb) => this.#place(first + i, { ...some[i], rgb }),
            });
        }
    }

    /** Those of the sheet that are drawn. */
    get subjects() {
        return this.#faces.map((_, index) => this.#subject(index)).flat();
    }

    /** A face of the seed, on the sheet or beyond it. @param {number} index */
    async subject(index) {
        const { seed, temperature } = this;
        if (!this.#faces[index]) return redraw(this.#open, { seed, index, temperature });
        this.#select(index);
        return this.#subject(index);
    }

    /** Makes room. @param {number} faces */
    #lay(faces) {
        const { sheet } = this.#parts;
        sheet.style.setProperty("--columns", String(Math.min(8, Math.ceil(Math.sqrt(faces)))));
        while (sheet.children.length > faces) sheet.lastChild?.remove();
        while (sheet.children.length < faces) {
            const index = sheet.children.length;
            const button = make(
                "button",
                { type: "button", className: "face", disabled: true },
                make("canvas", { width: 1, height: 1 }),
            );
            button.addEventListener("click", () => this.#select(index));
            sheet.append(button);
        }
        this.#faces.length = faces;
        this.#selected = Math.min(this.#selected, faces - 1);
        this.#name();
    }

    /** @param {number} index @param {Face} face */
    #place(index, face) {
        const button = /** @type {HTMLButtonElement} */ (this.#parts.sheet.children[index]);
        show(/** @type {HTMLCanvasElement} */ (button.firstChild), image(face.rgb));
        button.disabled = false;
        this.#faces[index] = face;
        if (index === this.#selected) this.#select(index);
        setLoaded();
    }

    /** @param {number} index */
    #select(index) {
        this.#selected = index;
        [...this.#parts.sheet.children].forEach((button, i) =>
            button.setAttribute("aria-pressed", String(i === index)),
        );
        this.#viewer.show(this.#subject(index));
    }

    /** @param {number} index */
    #subject(index) {
        const { rgb, ...from } = this.#faces[index];
        return drawn(this.#open, rgb, { index, ...from });
    }

    /** Has grain taken out, or not, as the switch says. */
    #turn() {
        const { clean } = this.#parts;
        turn(clean.checked && !(/** @type {HTMLElement} */ (clean.parentElement).hidden));
    }

    /** There is one where there are faces. */
    get #open() {
        return /** @type {import("../engine/engine.js").Model} */ (this.#model);
    }

    /** Names faces and levels. */
    #name() {
        [...this.#parts.sheet.children].forEach((button, i) => {
            button.setAttribute("aria-label", t("faces.face", { number: i + 1, seed: this.seed }));
        });
        this.#levels.forEach((input, level) => {
            const size = this.#shapes[level].join(" × ");
            /** @type {HTMLElement} */ (input.previousElementSibling).textContent = t("faces.level", {
                level: level + 1,
                size,
            });
        });
    }

    #write() {
        const values = this.temperature;
        const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => number(value, 2));
        const output = /** @type {HTMLOutputElement} */ (this.#parts.temperature.nextElementSibling);
        output.textContent = least === most ? least : `${least}–${most}`;
        for (const level of this.#levels) {
            /** @type {HTMLOutputElement} */ (level.nextElementSibling).textContent = number(level.valueAsNumber, 2);
        }
    }
}

/** Several pictures, one after the other. @param {Face[]} faces */
function joined(faces) {
    const all = new Uint8Array(faces.length * faces[0].rgb.length);
    faces.forEach(({ rgb }, i) => all.set(rgb, i * rgb.length));
    return all;
}

const newSeed = () => crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000;
