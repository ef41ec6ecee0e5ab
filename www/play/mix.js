/** The controls of a mixture: which faces, and how much of each. */
import { elements, make } from "../page/dom.js";
import { eachLanguage, number, t } from "../page/i18n.js";
import { busy } from "../page/status.js";
import { Between } from "./between.js";
import { Picker } from "./picker.js";

/** @typedef {import("../faces/subject.js").Subject} Subject */

/**
 * @typedef {object} Ingredient
 * @property {Subject} subject
 * @property {Float32Array} latents
 *
 * @typedef {object} Mixture of a face, which is at the top left, with others
 * @property {Ingredient[]} others top right, bottom left, bottom right
 * @property {[x: number, y: number][]} at where between them, for each level, finest first
 *
 * @typedef {object} MixNeeds
 * @property {HTMLElement} root
 * @property {() => Subject[]} subjects the faces that there are
 * @property {(mixture: Mixture) => Promise<Uint8Array | undefined>} render RGB, with everything else that is done to the face
 * @property {() => unknown} rest what that is
 * @property {() => void} moved a control was
 * @property {() => void} done it was let go
 */

export class Mix {
    #parts;
    #needs;
    #picker;
    #between;
    /** @type {Subject | undefined} */ #face;
    /** @type {Ingredient[]} */ #others = [];
    /** A slider each level, finest first. @type {HTMLInputElement[]} */ #levels = [];

    /** @param {MixNeeds} needs */
    constructor(needs) {
        this.#parts = elements(needs.root, {
            mix: HTMLDetailsElement,
            mixer: HTMLDivElement,
            mixAlone: HTMLParagraphElement,
            mixShape: HTMLSelectElement,
            mixCorner: HTMLSelectElement,
            picker: HTMLDivElement,
            mixes: HTMLDivElement,
            across: HTMLInputElement,
            down: HTMLInputElement,
            mixLevels: HTMLDivElement,
        });
        const { mix, mixShape, mixCorner, picker, mixes, across, down } = this.#parts;
        this.#needs = needs;
        this.#picker = new Picker(picker, (subject) => this.#choose(subject));
        this.#between = new Between(mixes, (x, y) => {
            for (const slider of [across, ...this.#levels]) slider.valueAsNumber = x;
            down.valueAsNumber = y;
            this.#change();
        });
        mix.addEventListener("toggle", () => this.offer());
        mixCorner.addEventListener("change", () => this.#write());
        mixShape.addEventListener("change", () => {
            down.value = "0";
            this.#change();
        });
        across.addEventListener("input", () => {
            for (const level of this.#levels) level.value = across.value;
        });
        for (const input of [across, down]) this.#listen(input);
        eachLanguage(() => this.#write());
    }

    /** @param {Subject} face @param {number} levels */
    setFace(face, levels) {
        this.#face = face;
        this.#others = [];
        const { across, down, mixLevels } = this.#parts;
        this.#between.forget();
        across.value = down.value = "0";
        this.#levels = Array.from({ length: levels }, () => {
            const input = make("input", { type: "range", min: "0", max: "1", step: "0.05", value: "0" });
            this.#listen(input);
            return input;
        });
        const labels = this.#levels.map((input) =>
            make("label", { className: "slider" }, make("span"), input, make("output")),
        );
        mixLevels.replaceChildren(...labels.reverse());
        this.offer();
    }

    /** @returns {Mixture | undefined} undefined where there is nothing of another face in it */
    get mixture() {
        /** @type {Mixture["at"]} */
        const at = this.#levels.map((level) => [
            level.valueAsNumber,
            this.#isSheet ? this.#parts.down.valueAsNumber : 0,
        ]);
        return at.flat().some(Boolean) && this.#others.length ? { others: this.#others, at } : undefined;
    }

    set mixture(mixture) {
        const { across, down, mixShape } = this.#parts;
        const at = mixture?.at ?? this.#levels.map(() => [0, 0]);
        if (mixture) this.#others = mixture.others;
        this.#levels.forEach((level, i) => (level.valueAsNumber = at[i][0]));
        across.valueAsNumber = at.reduce((sum, [x]) => sum + x, 0) / at.length;
        down.valueAsNumber = at[0][1];
        if (at[0][1]) mixShape.value = "sheet";
        this.#write();
    }

    /** The face became another. */
    forget() {
        this.#between.forget();
    }

    /** Where the faces stand on a sheet, not on a line. */
    get #isSheet() {
        return this.#parts.mixShape.value === "sheet";
    }

    /** Which of the others is chosen on the picker. */
    get #slot() {
        return this.#isSheet ? Number(this.#parts.mixCorner.value) : 0;
    }

    /** @param {HTMLInputElement} slider */
    #listen(slider) {
        slider.addEventListener("input", () => {
            this.#write();
            this.#needs.moved();
        });
        slider.addEventListener("change", () => this.#needs.done());
    }

    /** Something was pressed. */
    #change() {
        this.#write();
        this.#needs.moved();
        this.#needs.done();
        this.draw();
    }

    /** Offers the faces that there are; the first of them are mixed to begin with. */
    async offer() {
        const face = this.#face;
        if (!this.#parts.mix.open || !face) return;
        const subjects = this.#needs.subjects().filter(({ file }) => file !== face.file);
        this.#picker.offer(subjects);
        if (!this.#others.length && subjects.length) {
            const others = [0, 1, 2].map((i) => subjects[i % subjects.length]);
            const latents = await busy(() => Promise.all(others.map((subject) => subject.latents())));
            // A link may have brought others meanwhile.
            if (!latents || face !== this.#face || this.#others.length) return;
            this.#others = others.map((subject, i) => ({ subject, latents: latents[i] }));
        }
        this.#write();
        this.draw();
    }

    /** @param {Subject} subject */
    async #choose(subject) {
        const [face, slot] = [this.#face, this.#slot];
        const latents = await busy(() => subject.latents());
        if (!latents || face !== this.#face) return;
        this.#others = this.#others.with(slot, { subject, latents });
        this.#change();
    }

    /** Draws the pictures between the faces, where they are not there yet. */
    draw() {
        if (!this.#parts.mix.open || !this.#others.length) return;
        const what = JSON.stringify([this.#isSheet, this.#names, this.#needs.rest()]);
        this.#between.draw(what, this.#isSheet, (x, y) =>
            this.#needs.render({ others: this.#others, at: this.#levels.map(() => [x, y]) }),
        );
        this.#write();
    }

    /** Of the other faces. */
    get #names() {
        return this.#others.map(({ subject }) => subject.file);
    }

    #write() {
        const { mixer, mixAlone, mixCorner, across, down } = this.#parts;
        mixAlone.hidden = this.#others.length > 0;
        mixer.hidden = !mixAlone.hidden;
        for (const control of [mixCorner, down])
            /** @type {HTMLElement} */ (control.parentElement).hidden = !this.#isSheet;
        const percent = (/** @type {HTMLInputElement} */ slider) => `${number(100 * slider.valueAsNumber)} %`;
        this.#levels.forEach((slider, level) => {
            const [name, output] = [slider.previousElementSibling, slider.nextElementSibling];
            /** @type {HTMLElement} */ (name).textContent = t("mix.level", { level: level + 1 });
            /** @type {HTMLElement} */ (output).textContent = percent(slider);
        });
        const same = this.#levels.every(({ value }) => value === this.#levels[0].value);
        for (const slider of [across, down]) {
            const output = /** @type {HTMLOutputElement} */ (slider.nextElementSibling);
            output.textContent = same || slider === down ? percent(slider) : "…";
        }
        const name = /** @type {HTMLElement} */ (across.previousElementSibling);
        name.textContent = t(this.#isSheet ? "mix.across" : "mix.share");
        this.#picker.write(({ file }) => file === this.#names[this.#slot]);
        this.#between.write(same ? across.valueAsNumber : undefined, down.valueAsNumber);
    }
}
