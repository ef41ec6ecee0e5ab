/** Where the bits of a photo lie: a map in colours. */
import { elements } from "../page/dom.js";
import { eachLanguage, number, t } from "../page/i18n.js";
import { image, show } from "../page/pixels.js";

/** From few bits to many. Matplotlib's "inferno": even steps for every eye, colour-blind ones too. */
const COLOURS = [
    [0, 0, 4],
    [87, 16, 110],
    [188, 55, 84],
    [249, 142, 9],
    [252, 255, 164],
];
/** Bits/dim at the end of the scale, at least: those of a model of few bits lie on both sides of 0. */
const LEAST = 1;
/** Colours of the scale. */
const SHADES = 256;

export class BitsMap {
    #parts;
    /** @type {Float32Array | undefined} */ #shown;

    /** @param {HTMLElement} root */
    constructor(root) {
        this.#parts = elements(root, {
            bitsMap: HTMLElement,
            map: HTMLCanvasElement,
            mapScale: HTMLCanvasElement,
            mapEnd: HTMLSpanElement,
        });
        eachLanguage(() => this.#describe());
    }

    /**
     * @param {Float32Array} bits bits/dim of every pixel, row by row
     * @param {number} middle what the middle of the scale stands for, unless that is too little
     */
    show(bits, middle) {
        const { bitsMap, map, mapScale, mapEnd } = this.#parts;
        this.#shown = bits;
        const most = Math.max(2 * middle, LEAST);
        const colours = (/** @type {number[]} */ shares) => Uint8Array.from(shares.flatMap(colour));
        show(map, image(colours(Array.from(bits, (value) => value / most))));
        show(mapScale, image(colours(Array.from({ length: SHADES }, (_, i) => i / (SHADES - 1))), SHADES));
        mapEnd.textContent = number(most, 1);
        bitsMap.hidden = false;
        this.#describe();
    }

    /** Says in words what the map shows. */
    #describe() {
        if (!this.#shown) return;
        const means = ninths(this.#shown);
        const [high, low] = [Math.max(...means), Math.min(...means)];
        const place = (/** @type {number} */ mean) =>
            t(/** @type {import("../page/i18n.js").Key} */ (`map.place.${means.indexOf(mean)}`));
        const values = { most: place(high), high: number(high, 1), fewest: place(low), low: number(low, 1) };
        this.#parts.map.setAttribute("aria-label", t("map.label", values));
    }
}

/** The mean of each of three by three parts. @param {Float32Array} bits */
function ninths(bits) {
    const side = Math.sqrt(bits.length);
    const third = (/** @type {number} */ at) => Math.floor((3 * at) / side);
    const sums = new Array(9).fill(0);
    const counts = new Array(9).fill(0);
    bits.forEach((value, i) => {
        const part = 3 * third(Math.floor(i / side)) + third(i % side);
        sums[part] += value;
        counts[part] += 1;
    });
    return sums.map((sum, i) => sum / counts[i]);
}

/** @param {number} share from 0 to 1; what lies beyond has the last colour */
function colour(share) {
    const at = Math.min(Math.max(share, 0), 1) * (COLOURS.length - 1);
    const below = Math.min(Math.floor(at), COLOURS.length - 2);
    return COLOURS[below].map((value, i) => value + (at - below) * (COLOURS[below + 1][i] - value));
}
