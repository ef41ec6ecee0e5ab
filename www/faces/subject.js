/** A picture that something is done with: a face that was drawn, a photo, one that was kept or found. */
import { t } from "../page/i18n.js";
import { cleaned } from "./clean.js";

/** @typedef {import("../engine/engine.js").Model} Model */

/**
 * @typedef {object} Subject
 * @property {Uint8Array} rgb
 * @property {() => string} title
 * @property {string} file name of a saved picture
 * @property {() => Promise<Float32Array>} latents
 * @property {Int16Array} [missing] what its latents do not decode to
 * @property {Sample} [sample] what it was drawn from; a photo has none
 *
 * @typedef {{ seed: number, index: number, temperature: number[] }} Sample the index counts from 0
 */

/**
 * A face, and what it was drawn from.
 * @param {Model} model
 * @param {Uint8Array} rgb
 * @param {Sample} sample
 * @returns {Subject}
 */
export const drawn = (model, rgb, sample) => ({
    rgb,
    title: () => t("faces.face", { number: sample.index + 1, seed: sample.seed }),
    file: `glow-${sample.seed}-${sample.index + 1}`,
    latents: () => model.call("draw", [sample.seed, sample.index, sample.temperature]),
    sample,
});

/**
 * A face, from what it was drawn from.
 * @param {Model} model
 * @param {Sample} sample
 */
export async function redraw(model, sample) {
    const latents = await model.call("draw", [sample.seed, sample.index, sample.temperature]);
    return drawn(model, await cleaned(model, await model.call("decode", [latents])), sample);
}
