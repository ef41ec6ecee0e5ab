/** Links to faces: what a drawn one was made from is a few numbers. A photo is not, so nothing with a photo in it has a link. */
import { spread } from "../engine/levels.js";
import { isOn } from "../faces/clean.js";
import { redraw } from "../faces/subject.js";
import * as address from "../page/address.js";

/** @typedef {import("../page/address.js").Place} Place */
/** @typedef {import("../faces/subject.js").Sample} Sample */
/** @typedef {import("./mix.js").Mixture} Mixture */
/** @typedef {{ samples: Sample[], at: Mixture["at"] }} Mixed a mixture of drawn faces */

/** Characters of a link. */
const MOST = 500;

/** `8:5`, `8:5@0.7`, `8:5@0.7:0.6:0.5`: the fifth face of seed 8, and its temperature where it is another. */
const SAMPLE = /^(\d{1,16}):(\d{1,10})(?:@([\d.:]+))?$/;

/**
 * @param {Pick<import("./changes.js").Source, "model" | "subject">} source
 * @param {import("./changes.js").Changes} changes
 * @returns {Place | "photo" | "long"} what shows the face again, or why nothing does
 */
export function link({ model, subject: { sample } }, { mix, ...rest }) {
    const samples = used(mix).map(({ subject }) => subject.sample);
    if (!sample || !samples.every((other) => other !== undefined)) return "photo";
    const { index, seed, temperature } = sample;
    const mixed = mix && write({ samples, at: mix.at }, temperature);
    const place = { model: model.entry.name, seed, temperature, clean: isOn(), face: index + 1, ...rest, ...mixed };
    return address.query(place).length <= MOST ? place : "long";
}

/** On a line there is one other face. @param {Mixture} [mix] */
const used = (mix) => mix?.others.slice(0, mix.at.some(([, y]) => y) ? undefined : 1) ?? [];

/** @param {Mixed} mixed @param {number[]} temperature of the face that they are mixed with */
function write({ samples, at }, temperature) {
    const others = samples.map((other) => {
        const same = String(other.temperature) === String(temperature);
        return `${other.seed}:${other.index + 1}${same ? "" : `@${short(other.temperature.map(String)).join(":")}`}`;
    });
    return { mix: others.join(), at: short(at.map(([x, y]) => (y ? `${x}:${y}` : `${x}`))).join() };
}

/** One for all levels, where they are the same. @param {string[]} levels */
const short = (levels) => (levels.every((one) => one === levels[0]) ? levels.slice(0, 1) : levels);

/**
 * @param {Place} place
 * @param {number[]} temperature of the face that others are mixed with, for each level
 * @returns {Mixed | undefined | "bad"} no mixture, or one that makes no sense
 */
export function read({ mix, at }, temperature) {
    if (mix === undefined && at === undefined) return undefined;
    const levels = temperature.length;
    const samples = (mix ?? "").split(",").map((text) => readSample(text, temperature));
    const points = spread((at ?? "").split(","), levels)?.map((text) => numbers(text, 1));
    const sound =
        samples.length <= 3 &&
        samples.every((sample) => sample !== undefined) &&
        points?.every((point) => point && point.length <= 2);
    if (!sound) return "bad";
    return { samples, at: /** @type {number[][]} */ (points).map(([x, y = 0]) => [x, y]) };
}

/** @param {string} text @param {number[]} temperature @returns {Sample | undefined} */
function readSample(text, temperature) {
    const [, seed, number, own] = text.match(SAMPLE) ?? [];
    const index = Number(number) - 1;
    if (!address.isSeed(Number(seed)) || !(index >= 0 && index < address.FACES)) return undefined;
    const temperatures = own ? spread(numbers(own, 10) ?? [], temperature.length) : temperature;
    return temperatures && { seed: Number(seed), index, temperature: temperatures };
}

/** Of `0.4:0.2`: numbers from 0. @param {string} text @param {number} most */
function numbers(text, most) {
    const all = text.split(":").map((part) => (part ? Number(part) : NaN));
    return all.every((value) => value >= 0 && value <= most) ? all : undefined;
}

/**
 * @param {import("../engine/engine.js").Model} model
 * @param {Mixed} mixed
 * @returns {Promise<Mixture>}
 */
export async function mixture(model, { samples, at }) {
    const subjects = await Promise.all(samples.map((sample) => redraw(model, sample)));
    const latents = await Promise.all(subjects.map((subject) => subject.latents()));
    const others = subjects.map((subject, i) => ({ subject, latents: latents[i] }));
    // A sheet has three others; on a line the first of them counts.
    return { others: [0, 1, 2].map((i) => others[i % others.length]), at };
}
