/** What is done to a face, and doing it. */
import { ranges } from "../levels.js";
import { blend, graft } from "./latents.js";

/**
 * @typedef {object} Recipe in this order
 * @property {import("./mix.js").Mixture} [mix]
 * @property {Record<number, number>} anew seeds of the levels that are drawn anew; level 1 is the finest
 * @property {Record<string, number>} strengths of the attributes; what is not there is 0
 *
 * @typedef {object} Raw what it is done to
 * @property {import("../play.js").Model} model
 * @property {string[]} names of the model's attributes
 * @property {import("../viewer.js").Subject} subject
 * @property {Float32Array} latents
 */

/** @type {Recipe} */
export const NOTHING = { anew: {}, strengths: {} };

/** @param {Recipe} a @param {Recipe} b */
export const same = (a, b) => print(a) === print(b);

/** @param {Recipe} recipe */
const print = ({ mix, anew, strengths }) =>
    JSON.stringify([mix?.at, mix?.others.map(({ subject }) => subject.file), anew, strengths]);

/** At which others are drawn for it. @param {Raw} raw */
export const temperature = ({ model: { entry }, subject }) => subject.sample?.temperature ?? entry.temperature;

/** Latents of a mixture. @param {Raw} raw @param {Recipe["mix"]} mix */
export function mixed({ model: { info }, latents }, mix) {
    if (!mix) return latents;
    return blend([latents, ...mix.others.map((other) => other.latents)], mix.at, ranges(info.latentShapes));
}

/**
 * @param {import("../protocol.js").Engine} engine
 * @param {Raw} raw
 * @param {Recipe} recipe
 * @returns {Promise<Uint8Array>} RGB
 */
export async function cook(engine, raw, { mix, anew, strengths }) {
    const { entry, info } = raw.model;
    const places = ranges(info.latentShapes);
    let wanted = mixed(raw, mix);
    for (const [level, seed] of Object.entries(anew)) {
        const drawn = await engine.call("draw", [seed, 0, temperature(raw)]);
        wanted = graft(wanted, drawn, places[Number(level) - 1]);
    }
    if (!entry.attributes) return engine.call("decode", [wanted]);
    return engine.call("edit", [entry.attributes, wanted, raw.names.map((name) => strengths[name] ?? 0)]);
}
