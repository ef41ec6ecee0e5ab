/** Temperature: the same noise, from none of it to all. */
import { describe, element, make, onClick } from "../page/dom.js";
import { eachLanguage, number, t } from "../page/i18n.js";
import { image, show } from "../page/pixels.js";
import { busy } from "../page/status.js";
import { Live } from "../play/live.js";

/** @typedef {import("./tour.js").Face} Face */

const TEMPERATURES = [0, 0.3, 0.7, 1];

export class Temperature {
    #live = new Live((/** @type {() => Promise<void>} */ work) => busy(work));
    /** @type {Face | undefined} */ #face;
    /** @type {{ temperature: number, canvas: HTMLCanvasElement, caption: HTMLElement, bits?: number }[]} */
    #cells = TEMPERATURES.map((temperature) => ({ temperature, canvas: make("canvas"), caption: make("figcaption") }));

    /** @param {HTMLElement} root */
    constructor(root) {
        element(root, "temperatures", HTMLOListElement).replaceChildren(
            ...this.#cells.map(({ canvas, caption }) => make("li", {}, make("figure", {}, canvas, caption))),
        );
        onClick(root, "temperature-noise", () => {
            const [seed] = crypto.getRandomValues(new Uint32Array(1));
            const face = this.#face;
            if (face) this.#live.want(async () => this.#warm(face, await this.#draw(face, seed, 0)));
        });
        eachLanguage(() => this.#write());
    }

    /** @param {Face} face */
    show(face) {
        this.#face = face;
        const { sample } = face.subject;
        this.#live.want(async () => {
            const noise = sample ? await this.#draw(face, sample.seed, sample.index) : face.latents;
            await this.#warm(face, noise);
        });
    }

    /** Noise of temperature 1. @param {Face} face @param {number} seed @param {number} index */
    #draw({ model, signal }, seed, index) {
        const ones = new Array(model.info.levels).fill(1);
        return model.call("draw", [seed, index, ones], { signal });
    }

    /** @param {Face} face @param {Float32Array} noise */
    async #warm({ model, signal }, noise) {
        for (const cell of this.#cells) {
            const latents = noise.map((value) => value * cell.temperature);
            const rgb = await model.call("decode", [latents], { signal });
            cell.bits = (await model.call("encode", [rgb], { signal })).bitsPerDim;
            show(cell.canvas, image(rgb));
            this.#write();
        }
    }

    #write() {
        for (const { temperature, canvas, caption, bits } of this.#cells) {
            if (bits === undefined) continue;
            caption.textContent = t("temperature.face", { temperature: number(temperature, 1), bits: number(bits, 2) });
            describe(canvas, caption.textContent);
        }
    }
}
