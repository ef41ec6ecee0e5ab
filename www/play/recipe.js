/** What is done to a face, and doing it. */
import { ranges } from "../engine/levels.js";
import { cleaned } from "../faces/clean.js";
import { blend, graft } from "./latents.js";

/**
 * @typedef {object} Recipe in this order
 * @property {import("./mix.js").Mixture} [mix]
 * @property {Record<number, number>} anew seeds of the levels that are drawn anew; level 1 is the finest
 * @property {Record<string, number>} strengths of the attributes; what is not there is 0
 *
 * @typedef {object} Raw what it is done to
 * @property {import("../engine/engine.js").Model} model
 * @property {string[]} names of the model's attributes
 * @property {import("../faces/subject.js").Subject} subject
 * @property {Float32Array} latents
 */

/** @type {Recipe} */
export const NOTHING = { anew: {}, strengths: {} };

/** @param {Recipe} a @param {Recipe} b */
export const same = (a, b) => print(a) === print(b);

/** @param {Recipe} recipe */
const print = ({ mix, anew, strengths }) =>
    JSON.stringify([mix?.at, mix?.others.map(({ subject }) => [subject.file, subject.sample]), anew, strengths]);

/** At which others are drawn for it. @param {Pick<Raw, "model" | "subject">} raw */
export const temperature = ({ model: { entry }, subject }) => subject.sample?.temperature ?? entry.temperature;

/** Latents of a mixture. @param {Raw} raw @param {Recipe["mix"]} mix */
export function mixed({ model: { info }, latents }, mix) {
    if (!mix) return latents;
    return blend([latents, ...mix.others.map((other) => other.latents)], mix.at, ranges(info.latentShapes));
}

/**
 * Latents with all that is done to them but the edit.
 * @param {Raw} raw
 * @param {Recipe} recipe
 */
export async function prepare(raw, { mix, anew }) {
    const places = ranges(raw.model.info.latentShapes);
    let wanted = mixed(raw, mix);
    for (const [level, seed] of Object.entries(anew)) {
        const drawn = await raw.model.call("draw", [seed, 0, temperature(raw)]);
        wanted = graft(wanted, drawn, places[Number(level) - 1]);
    }
    return wanted;
}

/** Whether it has grain: what a photo shows is its own. @param {Raw} raw @param {Recipe} recipe */
const isGrainy = ({ subject }, recipe) => !!subject.sample || !same(recipe, NOTHING);

/**
 * What {@link cook} made, without its grain, where that is wanted.
 * @param {Raw} raw
 * @param {Recipe} recipe
 * @param {Uint8Array} rgb
 */
export const finish = async (raw, recipe, rgb) => (isGrainy(raw, recipe) ? cleaned(raw.model, rgb) : rgb);

/**
 * @param {Raw} raw
 * @param {Recipe} recipe
 * @returns {Promise<Uint8Array>} RGB
 */
export async function cook(raw, recipe) {
    const { model, names, subject } = raw;
    if (subject.missing && same(recipe, NOTHING)) return subject.rgb;
    const latents = await prepare(raw, recipe);
    const { attributes } = model.entry;
    if (!attributes) return model.call("decode", [latents]);
    return model.call("edit", [attributes, latents, names.map((name) => recipe.strengths[name] ?? 0)]);
}
