/** Latents by level: an image's are one list, level after level, finest first. */

/** Where each level's lie. @param {[number, number, number][]} shapes @returns {[from: number, to: number][]} */
export function ranges(shapes) {
    let to = 0;
    return shapes.map(([h, w, c]) => [to, (to += h * w * c)]);
}

/** Steps of the flow in all levels. @param {import("./protocol.js").ModelInfo} info */
export const allSteps = ({ steps }) => steps.reduce((sum, ofLevel) => sum + ofLevel);

/**
 * Level, side and channels of the activations in a step; levels and steps counted from 1, the image's on.
 * @param {import("./protocol.js").ModelInfo} info
 * @param {number} step
 */
export function place({ size, steps }, step) {
    let level = 0;
    for (let last = 0; last < step; level++) last += steps[level];
    return { level, side: size >> level, channels: 3 << (level + 1) };
}

/** For each level, if there is one for all or for each. @template T @param {T[]} values @param {number} levels */
export function spread(values, levels) {
    if (values.length === 1) return Array.from({ length: levels }, () => values[0]);
    return values.length === levels ? values : undefined;
}

/** A number a level in words: one if all are equal. @param {number[]} numbers */
export const oneOrEach = (numbers) => (new Set(numbers).size === 1 ? `${numbers[0]}` : numbers.join(", "));
