/** A photo's latents as pictures, level by level. */
import { ranges } from "../engine/levels.js";
import { describe, element, make } from "../page/dom.js";
import { eachLanguage, t } from "../page/i18n.js";
import { image, show } from "../page/pixels.js";

/** Levels of 255 that a standard deviation is shown as. */
const CONTRAST = 45;

export class Noise {
    #list;
    /** Of each level, finest first. @type {[number, number, number][]} */ #shapes = [];

    /** @param {HTMLElement} root */
    constructor(root) {
        this.#list = element(root, "latents", HTMLOListElement);
        eachLanguage(() => this.#write());
    }

    /** @param {import("../engine/protocol.js").ModelInfo} info */
    setModel({ latentShapes }) {
        this.#shapes = latentShapes;
        const figure = () => make("figure", {}, make("canvas"), make("figcaption"));
        this.#list.replaceChildren(...latentShapes.map(() => make("li", {}, figure())));
        this.#write();
    }

    /** @param {Float32Array} latents */
    show(latents) {
        const places = ranges(this.#shapes);
        this.#shapes.forEach((shape, level) => {
            const canvas = /** @type {HTMLCanvasElement} */ (this.#item(level).querySelector("canvas"));
            show(canvas, tiles(latents.subarray(...places[level]), shape));
        });
    }

    /** The coarsest comes first. @param {number} level */
    #item(level) {
        return this.#list.children[this.#shapes.length - 1 - level];
    }

    #write() {
        this.#shapes.forEach((shape, level) => {
            const [canvas, name] = /** @type {HTMLElement} */ (this.#item(level).firstChild).children;
            name.textContent = t("noise.level", { level: level + 1, size: shape.join(" × ") });
            describe(canvas, name.textContent);
        });
    }
}

/**
 * Latents, three channels a tile.
 * @param {Float32Array} latents
 * @param {[number, number, number]} shape height, width, channels
 */
export function tiles(latents, [h, w, c]) {
    const count = c / 3;
    // A power of two, which the count is, too.
    const columns = 2 ** Math.ceil(Math.log2(count) / 2);
    const width = columns * w;
    const rgb = new Uint8Array(Math.ceil(count / columns) * h * width * 3);
    latents.forEach((value, i) => {
        const [pixel, channel] = [Math.floor(i / c), i % c];
        const tile = Math.floor(channel / 3);
        const y = Math.floor(tile / columns) * h + Math.floor(pixel / w);
        const x = (tile % columns) * w + (pixel % w);
        rgb[(y * width + x) * 3 + (channel % 3)] = Math.min(255, Math.max(0, 128 + CONTRAST * value));
    });
    return image(rgb, width);
}
