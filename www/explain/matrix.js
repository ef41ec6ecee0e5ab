/**
 * log|det| of a square matrix, by Gaussian elimination.
 * @param {Float32Array} matrix its rows
 */
export function logAbsDet(matrix) {
    const n = Math.sqrt(matrix.length);
    const rows = Array.from({ length: n }, (_, i) => [...matrix.subarray(i * n, (i + 1) * n)]);
    let sum = 0;
    while (rows.length) {
        // The largest pivot keeps rounding small.
        rows.sort(([a], [b]) => Math.abs(b) - Math.abs(a));
        const [pivot, ...rest] = /** @type {number[]} */ (rows.shift());
        sum += Math.log(Math.abs(pivot));
        for (const row of rows) {
            const factor = /** @type {number} */ (row.shift()) / pivot;
            rest.forEach((value, i) => (row[i] -= factor * value));
        }
    }
    return sum;
}
