/** RGB bytes of square pictures, on canvases and as files. */
import { secured } from "./secure.js";

/** Pixels of a saved picture's side, at least: tiny pictures are enlarged, each pixel to a square of pixels. */
const SAVED_SIDE = 512;

/** How long a download may take to begin, in ms: until it has, a browser may not have read what is saved. */
const BEGUN = 60_000;

/** @param {Uint8Array} rgb @returns {number} pixels of a side */
export const side = (rgb) => Math.sqrt(rgb.length / 3);

/** @param {Uint8Array} rgb @param {number} [width] in pixels; a square without it */
export function image(rgb, width = side(rgb)) {
    const data = new ImageData(width, rgb.length / 3 / width);
    for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
        data.data.set(rgb.subarray(from, from + 3), to);
        data.data[to + 3] = 255;
    }
    return data;
}

/** @param {HTMLCanvasElement | OffscreenCanvas} canvas @param {ImageData} data */
export function show(canvas, data) {
    canvas.width = data.width;
    canvas.height = data.height;
    context(canvas).putImageData(data, 0, 0);
}

/** @param {HTMLCanvasElement | OffscreenCanvas} canvas */
export function context(canvas) {
    // Kept in memory: small, written pixel by pixel, and no GPU to wait for.
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error("no canvas");
    return /** @type {CanvasRenderingContext2D} */ (context);
}

/** Whether canvases give back what was written: browsers that guard against being recognised may add noise. */
export function isTrue() {
    const [canvas, written] = [new OffscreenCanvas(1, 1), new ImageData(64, 64)];
    written.data.forEach((_, i, all) => (all[i] = i % 4 < 3 ? (i * 37) % 251 : 255));
    show(canvas, written);
    const { data } = context(canvas).getImageData(0, 0, written.width, written.height);
    return data.every((value, i) => value === written.data[i]);
}

/** RGB of RGBA. @param {ImageData} data */
export function rgb({ data }) {
    const bytes = new Uint8Array((data.length / 4) * 3);
    for (let from = 0, to = 0; from < data.length; from += 4, to += 3) bytes.set(data.subarray(from, from + 3), to);
    return bytes;
}

/** Shows a picture as it is saved. @param {HTMLCanvasElement | OffscreenCanvas} canvas @param {Uint8Array} bytes RGB */
export function enlarge(canvas, bytes) {
    const small = new OffscreenCanvas(1, 1);
    show(small, image(bytes));
    canvas.width = canvas.height = small.width * Math.ceil(SAVED_SIDE / small.width);
    const large = context(canvas);
    large.imageSmoothingEnabled = false;
    large.drawImage(small, 0, 0, canvas.width, canvas.height);
}

/** @param {Uint8Array} bytes RGB @returns {Promise<Blob>} a PNG, enlarged */
async function png(bytes) {
    const canvas = new OffscreenCanvas(1, 1);
    enlarge(canvas, bytes);
    return canvas.convertToBlob({ type: "image/png" });
}

/** @param {Uint8Array} bytes RGB @param {string} name of the file, without `.png` */
export const save = async (bytes, name) => keep(await png(bytes), `${name}.png`);

/** @param {Blob} blob @param {string} name of the file */
export function keep(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), BEGUN);
}

/** @param {Uint8Array} bytes RGB */
export const copy = async (bytes) =>
    secured(navigator.clipboard).write([new ClipboardItem({ "image/png": png(bytes) })]);
