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

/**
 * @param {import("../protocol.js").Engine} engine
 * @param {Raw} raw
 * @param {Recipe} recipe
 * @returns {Promise<Uint8Array>} RGB
 */
export async function cook(engine, { model: { entry, info }, names, subject, latents }, { mix, anew, strengths }) {
    const places = ranges(info.latentShapes);
    let wanted = latents;
    if (mix) wanted = blend([wanted, ...mix.others.map((other) => other.latents)], mix.at, places);
    const temperature = subject.sample?.temperature ?? entry.temperature;
    for (const [level, seed] of Object.entries(anew)) {
        const drawn = await engine.call("draw", [seed, 0, temperature]);
        wanted = graft(wanted, drawn, places[Number(level) - 1]);
    }
    if (!entry.attributes) return engine.call("decode", [wanted]);
    return engine.call("edit", [entry.attributes, wanted, names.map((name) => strengths[name] ?? 0)]);
}
