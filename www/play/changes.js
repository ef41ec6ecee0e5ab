/** What is done to a face, and doing it. */
import { ranges } from "../engine/levels.js";
import { cleaned } from "../faces/clean.js";
import { blend, graft } from "./latents.js";

/**
 * @typedef {object} Changes in this order
 * @property {import("./mix.js").Mixture} [mix]
 * @property {Record<number, number>} anew seeds of the levels that are drawn anew; level 1 is the finest
 * @property {Record<string, number>} strengths of the attributes; what is not there is 0
 *
 * @typedef {object} Source what it is done to
 * @property {import("../engine/engine.js").Model} model
 * @property {string[]} names of the model's attributes
 * @property {import("../faces/subject.js").Subject} subject
 * @property {Float32Array} latents
 */

/** @type {Changes} */
export const NOTHING = { anew: {}, strengths: {} };

/** @param {Changes} a @param {Changes} b */
export const same = (a, b) => print(a) === print(b);

/** @param {Changes} changes */
const print = ({ mix, anew, strengths }) =>
    JSON.stringify([mix?.at, mix?.others.map(({ subject }) => [subject.file, subject.sample]), anew, strengths]);

/** At which others are drawn for it. @param {Pick<Source, "model" | "subject">} source */
export const temperature = ({ model: { entry }, subject }) => subject.sample?.temperature ?? entry.temperature;

/** Latents of a mixture. @param {Source} source @param {Changes["mix"]} mix */
export function mixed({ model: { info }, latents }, mix) {
    if (!mix) return latents;
    return blend([latents, ...mix.others.map((other) => other.latents)], mix.at, ranges(info.latentShapes));
}

/**
 * Latents with all that is done to them but the edit.
 * @param {Source} source
 * @param {Changes} changes
 */
export async function prepare(source, { mix, anew }) {
    const places = ranges(source.model.info.latentShapes);
    let wanted = mixed(source, mix);
    for (const [level, seed] of Object.entries(anew)) {
        const drawn = await source.model.call("draw", [seed, 0, temperature(source)]);
        wanted = graft(wanted, drawn, places[Number(level) - 1]);
    }
    return wanted;
}

/** Whether it has grain: what a photo shows is its own. @param {Source} source @param {Changes} changes */
const isGrainy = ({ subject }, changes) => !!subject.sample || !same(changes, NOTHING);

/**
 * What {@link render} made, without its grain, where that is wanted.
 * @param {Source} source
 * @param {Changes} changes
 * @param {Uint8Array} rgb
 */
export const finish = async (source, changes, rgb) => (isGrainy(source, changes) ? cleaned(source.model, rgb) : rgb);

/**
 * @param {Source} source
 * @param {Changes} changes
 * @returns {Promise<Uint8Array>} RGB
 */
export async function render(source, changes) {
    const { model, names, subject } = source;
    if (subject.missing && same(changes, NOTHING)) return subject.rgb;
    const latents = await prepare(source, changes);
    const { attributes } = model.entry;
    if (!attributes) return model.call("decode", [latents]);
    return model.call("edit", [attributes, latents, names.map((name) => changes.strengths[name] ?? 0)]);
}
