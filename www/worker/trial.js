/** The GPU on trial: whether it draws what the CPU draws, and which of both is faster. */

/** @typedef {import("./backends.js").Gpu} Gpu a model on it, and what rejects when it fails */

/** Temperature of what is drawn. @param {Gpu["model"]} model */
const temperature = (model) => new Float32Array(model.describe().levels).fill(0.7);

/** Draws the same on both. @param {Gpu} gpu @param {Gpu["model"]} cpu @returns {Promise<number>} largest difference, of 255 */
export async function compare(gpu, cpu, count = 1) {
    const draw = async (/** @type {Gpu["model"]} */ model) => {
        /** @type {number[]} */
        const values = [];
        await model.sample(0, 0, count, temperature(model), (_, rgb) => void values.push(...rgb), undefined);
        return values;
    };
    const [actual, expected] = [await Promise.race([draw(gpu.model), gpu.failed]), await draw(cpu)];
    return actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
}

/**
 * Milliseconds an image, of several that are drawn at once, when all is warm.
 * @param {Pick<Gpu, "model"> & Partial<Gpu>} backend
 * @param {number} count
 * @param {() => number} now
 */
export async function time({ model, failed }, count, now = () => performance.now()) {
    const draw = () => {
        const drawn = model.sample(0, 0, count, temperature(model), () => {}, undefined);
        return failed ? Promise.race([drawn, failed]) : drawn;
    };
    await draw();
    const start = now();
    await draw();
    return (now() - start) / count;
}
