/** The address bar: whoever has the link sees the same faces. */

/**
 * @typedef {object} Place
 * @property {string} [model]
 * @property {number} [seed]
 * @property {number} [count]
 * @property {number[]} [temperature] one for all levels, or one a level, finest first
 * @property {boolean} [clean] whether grain is taken out
 * @property {import("../engine/protocol.js").Preference} [device]
 * @property {number} [face] of the seed, from 1: the one that is played with
 * @property {Record<string, number>} [strengths] of its attributes
 * @property {Record<string, number>} [anew] seeds of its levels
 * @property {string} [mix] the drawn faces that it is mixed with; see `play/link.js`
 * @property {string} [at] where between them
 * @property {boolean} [diagnose] a report is wanted
 * @property {string[]} [wrong] what was asked for beyond all bounds; the nearest is taken, or nothing
 */

const NAMES = {
    model: "model",
    seed: "seed",
    count: "n",
    temperature: "t",
    clean: "clean",
    device: "on",
    face: "face",
    strengths: "edit",
    anew: "anew",
    mix: "mix",
    at: "at",
    diagnose: "diagnose",
};

/** Faces of a sheet. */
const MOST = 256;
/** Faces of a seed: a 32-bit index counts them, and the end of a range of them. */
export const FACES = 2 ** 32 - 1;
/** The sliders' end, and steps of 1. */
const HOTTEST = 1.2;
const STEPS = 20;

/** What was written last. */
let [written, entry] = ["", ""];

/** @returns {Place} what the address, or a link, says */
export function read(search = location.search) {
    const query = new URLSearchParams(search);
    /** @type {string[]} */
    const wrong = [];
    const values = (/** @type {string} */ name) => (query.get(name) ?? "").split(",").filter(Boolean);
    const within = (/** @type {string} */ name, /** @type {number} */ least, /** @type {number} */ most, steps = 1) =>
        values(name).flatMap((text) => {
            const value = Math.min(Math.max(Math.round(Number(text) * steps) / steps, least), most);
            if (value !== Number(text)) wrong.push(`${name}=${text.slice(0, 24)}`);
            return Number.isNaN(value) ? [] : [value];
        });
    const [seed] = within(NAMES.seed, 0, Number.MAX_SAFE_INTEGER);
    const [count] = within(NAMES.count, 1, MOST);
    const [face] = within(NAMES.face, 1, FACES);
    const temperature = within(NAMES.temperature, 0, HOTTEST, STEPS);
    const [device] = values(NAMES.device);
    if (device && device !== "cpu" && device !== "webgpu") wrong.push(`${NAMES.device}=${device.slice(0, 24)}`);
    return {
        model: query.get(NAMES.model) ?? undefined,
        seed,
        count,
        temperature: temperature.length ? temperature : undefined,
        clean: { 0: false, 1: true }[query.get(NAMES.clean) ?? ""],
        device: device === "cpu" || device === "webgpu" ? device : undefined,
        face,
        strengths: pairs(query.get(NAMES.strengths)),
        anew: pairs(query.get(NAMES.anew)),
        mix: query.get(NAMES.mix) ?? undefined,
        at: query.get(NAMES.at) ?? undefined,
        diagnose: query.has(NAMES.diagnose),
        wrong,
    };
}

/**
 * @param {Place} place
 * @param {boolean} isNew Back returns to the one before: to other faces, or to another one that is played with
 */
export function write(place, isNew) {
    const { model, seed, count, face } = place;
    const now = [model, seed, count, face].join();
    written = query(place);
    if (isNew && now !== entry) history.pushState(null, "", written);
    else history.replaceState(null, "", written);
    entry = now;
}

/** Whether it says what was written last. */
export const isWritten = () => location.search === written;

/** @param {Place} place @returns {string} a link to it, from here */
export function query({ model, seed, count, temperature, clean, device, face, strengths, anew, mix, at }) {
    const query = new URLSearchParams();
    if (model !== undefined) query.set(NAMES.model, model);
    if (seed !== undefined) query.set(NAMES.seed, String(seed));
    if (temperature) {
        const same = temperature.every((t) => t === temperature[0]);
        query.set(NAMES.temperature, (same ? [temperature[0]] : temperature).join(","));
    }
    if (clean) query.set(NAMES.clean, "1");
    if (count !== undefined) query.set(NAMES.count, String(count));
    if (device && device !== "auto") query.set(NAMES.device, device);
    if (face !== undefined) query.set(NAMES.face, String(face));
    for (const [name, values] of Object.entries({ strengths, anew })) {
        const all = Object.entries(values ?? {}).map((pair) => pair.join(":"));
        if (all.length) query.set(NAMES[/** @type {keyof typeof NAMES} */ (name)], all.join(","));
    }
    if (mix !== undefined) query.set(NAMES.mix, mix);
    if (at !== undefined) query.set(NAMES.at, at);
    // Commas, colons and @ may stand in a query as they are.
    return `?${query.toString().replaceAll(/%(2C|3A|40)/g, decodeURIComponent)}`;
}

/** Of `Smiling:0.5,Young:-1`. @param {string | null} text */
function pairs(text) {
    const all = (text ?? "").split(",").map((pair) => pair.split(":"));
    return Object.fromEntries(
        all.map(([name, value]) => [name, Number(value)]).filter(([, value]) => Number.isFinite(value)),
    );
}

/** @param {number | undefined} value */
export const isSeed = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
