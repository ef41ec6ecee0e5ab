// What glow.js takes and gives lies pixel by pixel; an exported graph's tensors are `[n, channel, height, width]`.

/** RGB bytes as values in [-1/2, 1/2). */
export function toValues(rgb) {
    const values = new Float32Array(rgb.length);
    for (let i = 0; i < rgb.length; i++) values[i] = (rgb[i] + 0.5) / 256 - 0.5;
    return values;
}

/** Values as RGB bytes. */
export function toBytes(values) {
    const bytes = new Uint8ClampedArray(values.length);
    for (let i = 0; i < values.length; i++) bytes[i] = Math.floor((values[i] + 0.5) * 256);
    return bytes;
}

/** Every level's latents of all images; `shapes` are those that `describe()` tells. */
export function byLevel(latents, shapes) {
    const sizes = shapes.map(([h, w, c]) => h * w * c);
    const dims = sizes.reduce((sum, size) => sum + size);
    let from = 0;
    return sizes.map((size) => {
        const values = new Float32Array((latents.length / dims) * size);
        for (let to = 0, at = from; to < values.length; to += size, at += dims) {
            values.set(latents.subarray(at, at + size), to);
        }
        from += size;
        return values;
    });
}

/** RGB bytes as `image`. */
export function toImage({ Tensor }, rgb, size) {
    const values = transposed(toValues(rgb), size * size, 3);
    return new Tensor("float32", values, [rgb.length / (3 * size * size), 3, size, size]);
}

/** `image` as RGB bytes. */
export const toRgb = ({ data, dims: [, channels, height, width] }) =>
    transposed(toBytes(data), channels, height * width);

/** Latents as `level.0`, `level.1`, ... */
export function toLevels({ Tensor }, latents, shapes) {
    const levels = byLevel(latents, shapes).map((values, level) => {
        const [h, w, c] = shapes[level];
        return [
            `level.${level}`,
            new Tensor("float32", transposed(values, h * w, c), [values.length / (h * w * c), c, h, w]),
        ];
    });
    return Object.fromEntries(levels);
}

/** `level.0`, `level.1`, ... of one image as latents. */
export const toLatents = (levels, shapes) =>
    Float32Array.from(shapes.flatMap(([h, w, c], level) => [...transposed(levels[`level.${level}`].data, c, h * w)]));

/** Matrices `[rows, columns]`, one after the other, transposed. */
function transposed(from, rows, columns) {
    const to = new from.constructor(from.length);
    for (let start = 0; start < from.length; start += rows * columns) {
        for (let row = 0; row < rows; row++) {
            for (let column = 0; column < columns; column++) {
                to[start + column * rows + row] = from[start + row * columns + column];
            }
        }
    }
    return to;
}
