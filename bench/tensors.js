// What glow.js takes and gives lies pixel by pixel; an exported graph's tensors are `[n, channel, height, width]`.

/** RGB bytes as `image`. */
export function toImage({ Tensor }, rgb, size) {
    const values = new Float32Array(rgb.length);
    transpose(rgb, values, size * size, 3);
    for (let i = 0; i < values.length; i++) values[i] = (values[i] + 0.5) / 256 - 0.5;
    return new Tensor("float32", values, [rgb.length / (3 * size * size), 3, size, size]);
}

/** `image` as RGB bytes. */
export function toRgb({ data, dims: [, channels, height, width] }) {
    const bytes = new Uint8ClampedArray(data.length);
    for (let i = 0; i < data.length; i++) bytes[i] = Math.floor((data[i] + 0.5) * 256);
    const rgb = new Uint8Array(data.length);
    transpose(bytes, rgb, channels, height * width);
    return rgb;
}

/** Latents as `level.0`, `level.1`, ...; `shapes` are those that `describe()` tells. */
export function toLevels({ Tensor }, latents, shapes) {
    const dims = shapes.reduce((sum, [h, w, c]) => sum + h * w * c, 0);
    const n = latents.length / dims;
    const levels = {};
    let from = 0;
    for (const [level, [h, w, c]] of shapes.entries()) {
        const values = new Float32Array(n * h * w * c);
        for (let i = 0; i < n; i++) {
            const image = latents.subarray(i * dims + from).subarray(0, h * w * c);
            transpose(image, values.subarray(i * h * w * c), h * w, c);
        }
        levels[`level.${level}`] = new Tensor("float32", values, [n, c, h, w]);
        from += h * w * c;
    }
    return levels;
}

/** `level.0`, `level.1`, ... of one image as latents. */
export function toLatents(levels, shapes) {
    const each = shapes.map(([h, w, c], level) => {
        const values = new Float32Array(h * w * c);
        transpose(levels[`level.${level}`].data, values, c, h * w);
        return [...values];
    });
    return Float32Array.from(each.flat());
}

/** Writes matrices `[rows, columns]`, one after the other, transposed. */
function transpose(from, to, rows, columns) {
    for (let start = 0; start < from.length; start += rows * columns) {
        for (let row = 0; row < rows; row++) {
            for (let column = 0; column < columns; column++) {
                to[start + column * rows + row] = from[start + row * columns + column];
            }
        }
    }
}
