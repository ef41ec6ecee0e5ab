/** What is done to latents before they are decoded: faces between others, levels of others. */

/**
 * Latents inside of a square that has four at its corners. On the straight line between two faces noise averages out and the
 * picture goes flat, so each level keeps the length that it has at the corners.
 * @param {Float32Array[]} corners top left, top right, bottom left, bottom right; two are a line
 * @param {[x: number, y: number][]} at where in the square, for each level: (0, 0) is the first corner, (1, 0) the second
 * @param {[from: number, to: number][]} ranges of the levels
 */
export function blend(corners, at, ranges) {
    const blended = new Float32Array(corners[0].length);
    ranges.forEach(([from, to], level) => {
        const [x, y] = at[level];
        const weights = [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y];
        const sum = blended.subarray(from, to);
        let wanted = 0;
        corners.forEach((corner, i) => {
            const part = corner.subarray(from, to);
            part.forEach((z, k) => (sum[k] += weights[i] * z));
            wanted += weights[i] * Math.hypot(...part);
        });
        const scale = wanted / Math.hypot(...sum) || 1;
        sum.forEach((z, k) => (sum[k] = scale * z));
    });
    return blended;
}

/**
 * Latents with one level of others.
 * @param {Float32Array} latents
 * @param {Float32Array} others
 * @param {[from: number, to: number]} range of the level
 */
export function graft(latents, others, [from, to]) {
    const grafted = latents.slice();
    grafted.set(others.subarray(from, to), from);
    return grafted;
}
