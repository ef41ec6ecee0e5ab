/** The address bar: whoever has the link sees the same faces. */

/**
 * @typedef {object} Place
 * @property {string} [model]
 * @property {number} [seed]
 * @property {number} [count]
 * @property {number[]} [temperature] one for all levels, or one a level, finest first
 * @property {import("./protocol.js").Preference} [device]
 * @property {number} [face] of the seed, from 1: the one that is played with
 * @property {Record<string, number>} [strengths] of its attributes
 * @property {Record<string, number>} [anew] seeds of its levels
 * @property {string} [mix] the drawn faces that it is mixed with; see `play/link.js`
 * @property {string} [at] where between them
 */

const NAMES = {
    model: "model",
    seed: "seed",
    count: "n",
    temperature: "t",
    device: "on",
    face: "face",
    strengths: "edit",
    anew: "anew",
    mix: "mix",
    at: "at",
};

/** @returns {Place} what the address, or a link, says; what makes no sense is passed over */
export function read(search = location.search) {
    const query = new URLSearchParams(search);
    const numbers = (/** @type {string} */ name) => (query.get(name) ?? "").split(",").filter(Boolean).map(Number);
    const [seed] = numbers(NAMES.seed);
    const [count] = numbers(NAMES.count);
    const [face] = numbers(NAMES.face);
    const temperature = numbers(NAMES.temperature);
    const device = query.get(NAMES.device);
    return {
        model: query.get(NAMES.model) ?? undefined,
        seed: isSeed(seed) ? seed : undefined,
        count: Number.isInteger(count) && count > 0 ? count : undefined,
        temperature: temperature.length && temperature.every((t) => t >= 0 && t <= 10) ? temperature : undefined,
        device: device === "cpu" || device === "webgpu" ? device : undefined,
        face: Number.isInteger(face) && face > 0 && face <= 2 ** 32 ? face : undefined,
        strengths: pairs(query.get(NAMES.strengths)),
        anew: pairs(query.get(NAMES.anew)),
        mix: query.get(NAMES.mix) ?? undefined,
        at: query.get(NAMES.at) ?? undefined,
    };
}

/** @param {Place} place */
export const write = (place) => history.replaceState(null, "", query(place));

/** @param {Place} place @returns {string} a link to it, from here */
export function query({ model, seed, count, temperature, device, face, strengths, anew, mix, at }) {
    const query = new URLSearchParams();
    if (model !== undefined) query.set(NAMES.model, model);
    if (seed !== undefined) query.set(NAMES.seed, String(seed));
    if (temperature) {
        const same = temperature.every((t) => t === temperature[0]);
        query.set(NAMES.temperature, (same ? [temperature[0]] : temperature).join(","));
    }
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
