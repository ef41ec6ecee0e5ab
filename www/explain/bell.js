/** The bell curve, that is the density of the standard normal distribution, and numbers under it. */

/** What is shown, and counted, lies between -RANGE and RANGE. */
export const RANGE = 4;
const BINS = 80;
const WIDTH = (2 * RANGE) / BINS;

/** @param {number} x */
export const bell = (x) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** Density of the numbers in every bin. @param {Float32Array} values */
export function densities(values) {
    const found = new Array(BINS).fill(0);
    for (const value of values) {
        const bin = Math.floor((value + RANGE) / WIDTH);
        if (bin in found) found[bin] += 1 / (values.length * WIDTH);
    }
    return found;
}

/** The area that lies under the bell curve, too. @param {number[]} densities */
export const overlap = (densities) =>
    densities.reduce((area, density, bin) => area + WIDTH * Math.min(density, bell((bin + 0.5) * WIDTH - RANGE)), 0);

/**
 * bits/dim of an image, were the flow to end here.
 * @param {Float32Array} state all numbers that it holds
 * @param {number} logDet of the way there, in nats
 * @param {number} bits of a colour
 */
export function bitsPerDim(state, logDet, bits) {
    const squares = state.reduce((sum, value) => sum + value * value, 0);
    const logNormal = -0.5 * (squares + state.length * Math.log(2 * Math.PI));
    return bits - inBits(logDet + logNormal, state.length);
}

/** Nats of an image in bits/dim. @param {number} nats @param {number} dims */
export const inBits = (nats, dims) => nats / (dims * Math.LN2);
