/** The address bar: whoever has the link sees the same faces. */

/**
 * @typedef {object} Place
 * @property {string} [model]
 * @property {number} [seed]
 * @property {number} [count]
 * @property {number[]} [temperature] one for all levels, or one a level, finest first
 * @property {import("./protocol.js").Preference} [device]
 */

const NAMES = { model: "model", seed: "seed", count: "n", temperature: "t", device: "on" };

/** @returns {Place} what the address says; what makes no sense is passed over */
export function read() {
    const query = new URLSearchParams(location.search);
    const numbers = (/** @type {string} */ name) => (query.get(name) ?? "").split(",").filter(Boolean).map(Number);
    const [seed] = numbers(NAMES.seed);
    const [count] = numbers(NAMES.count);
    const temperature = numbers(NAMES.temperature);
    const device = query.get(NAMES.device);
    return {
        model: query.get(NAMES.model) ?? undefined,
        seed: isSeed(seed) ? seed : undefined,
        count: Number.isInteger(count) && count > 0 ? count : undefined,
        temperature: temperature.length && temperature.every((t) => t >= 0 && t <= 10) ? temperature : undefined,
        device: device === "cpu" || device === "webgpu" ? device : undefined,
    };
}

/** @param {Place} place */
export function write({ model, seed, count, temperature, device }) {
    const query = new URLSearchParams();
    if (model !== undefined) query.set(NAMES.model, model);
    if (seed !== undefined) query.set(NAMES.seed, String(seed));
    if (temperature) {
        const same = temperature.every((t) => t === temperature[0]);
        query.set(NAMES.temperature, (same ? [temperature[0]] : temperature).join(","));
    }
    if (count !== undefined) query.set(NAMES.count, String(count));
    if (device && device !== "auto") query.set(NAMES.device, device);
    // A comma may stand in a query as it is.
    history.replaceState(null, "", `?${query.toString().replaceAll("%2C", ",")}`);
}

/** @param {number | undefined} value */
export const isSeed = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
