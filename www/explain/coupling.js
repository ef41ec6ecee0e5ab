/** Coupling: one half of the numbers says how the other half changes. */
import { place } from "../engine/levels.js";
import { element } from "../page/dom.js";
import { eachLanguage, number, t } from "../page/i18n.js";
import { show } from "../page/pixels.js";
import { busy } from "../page/status.js";
import { tiles } from "../photo/noise.js";
import { Live } from "../play/live.js";
import { Steps, which } from "./steps.js";

/** @typedef {import("./tour.js").Face} Face */

export class Coupling {
    #text;
    #canvases;
    #numbers;
    #live = new Live((/** @type {Face} */ face) => this.#look(face));
    #steps;
    /** @type {Face | undefined} */ #face;
    /** How many numbers a half has, and the largest differences. @type {Record<"half" | "passed" | "error", number> | undefined} */
    #found;

    /** @param {HTMLElement} root */
    constructor(root) {
        this.#text = element(root, "coupling-text", HTMLParagraphElement);
        this.#canvases = ["passes", "before", "change", "after"].map((name) =>
            element(root, `coupling-${name}`, HTMLCanvasElement),
        );
        this.#numbers = element(root, "coupling-numbers", HTMLParagraphElement);
        this.#steps = new Steps(root, "coupling-step", which, () => this.#face && this.#live.want(this.#face));
        eachLanguage(() => this.#write());
    }

    /** @param {Face} face */
    show(face) {
        this.#face = face;
        this.#steps.setModel(face.model.info);
        this.#write();
        this.#live.want(face);
    }

    /** @param {Face} face */
    async #look({ model, subject, signal }) {
        await busy(async () => {
            const step = this.#steps.value;
            const values = await model.call("coupling", [subject.rgb, step - 1], { signal });
            const { side, channels } = place(model.info, step);
            const size = side * side * channels;
            const [before, after, back] = [0, 1, 2].map((i) => values.subarray(i * size, (i + 1) * size));
            const [x1, y1] = [before, after].map((all) => half(all, channels, 0));
            const [x2, y2] = [before, after].map((all) => half(all, channels, 1));
            const change = y2.map((y, i) => y - x2[i]);
            // All in the same measure.
            const spread = Math.sqrt(before.reduce((sum, value) => sum + value * value, 0) / size);
            [x1, x2, change, y2].forEach((values, i) => {
                const scaled = values.map((value) => value / spread);
                show(this.#canvases[i], tiles(scaled, [side, side, channels / 2]));
            });
            this.#found = { half: x1.length, passed: largest(x1, y1), error: largest(before, back) };
            this.#write();
        });
    }

    #write() {
        if (!this.#face) return;
        this.#text.textContent = t(`coupling.text.${this.#face.model.info.coupling}`);
        if (!this.#found) return;
        const { half, passed, error } = this.#found;
        this.#numbers.textContent = t("coupling.numbers", {
            half: number(half),
            passed: number(passed),
            error: number(error, 7),
        });
    }
}

/** One half of the channels. @param {Float32Array} values @param {number} channels @param {0 | 1} which */
const half = (values, channels, which) =>
    values.filter((_, i) => Math.floor((2 * (i % channels)) / channels) === which);

/** @param {Float32Array} a @param {Float32Array} b @returns {number} largest difference */
const largest = (a, b) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
