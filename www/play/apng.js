/** Pictures one after the other as an animated PNG: https://www.w3.org/TR/png-3/#apng-frame-based-animation */
import { enlarge } from "../page/pixels.js";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/**
 * @param {Uint8Array[]} pictures RGB
 * @param {number} rate pictures a second
 * @param {AbortSignal} signal
 * @param {(index: number) => void} event a picture is there
 */
export async function apng(pictures, rate, signal, event) {
    const canvas = new OffscreenCanvas(1, 1);
    /** @type {Uint8Array<ArrayBuffer>[]} */
    const parts = [SIGNATURE];
    /** @param {string} type @param {Uint8Array<ArrayBuffer>[]} data */
    const write = (type, ...data) => parts.push(...chunk(type, data));
    // Of the chunks with data of the animation.
    let number = 0;
    for (const [index, picture] of pictures.entries()) {
        enlarge(canvas, picture);
        const still = chunks(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
        signal.throwIfAborted();
        if (!index) {
            write("IHDR", ...still.filter(({ type }) => type === "IHDR").map(({ data }) => data));
            write("acTL", long(pictures.length), long(0));
        }
        const place = [canvas.width, canvas.height, 0, 0].map(long);
        write("fcTL", long(number++), ...place, short(1), short(rate), Uint8Array.of(0, 0));
        for (const { type, data } of still) {
            if (type !== "IDAT") continue;
            if (index) write("fdAT", long(number++), data);
            else write("IDAT", data);
        }
        event(index);
    }
    write("IEND");
    return new Blob(parts, { type: "image/png" });
}

const long = (/** @type {number} */ value) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
const short = (/** @type {number} */ value) => Uint8Array.of(value >>> 8, value);

/** @param {ArrayBuffer} png */
function chunks(png) {
    const view = new DataView(png);
    const found = [];
    for (let at = SIGNATURE.length; at < png.byteLength; at += view.getUint32(at) + 12) {
        const type = String.fromCharCode(...new Uint8Array(png, at + 4, 4));
        found.push({ type, data: new Uint8Array(png, at + 8, view.getUint32(at)) });
    }
    return found;
}

/** @param {string} type @param {Uint8Array<ArrayBuffer>[]} data */
function chunk(type, data) {
    const body = [Uint8Array.from(type, (letter) => letter.charCodeAt(0)), ...data];
    const length = data.reduce((sum, part) => sum + part.length, 0);
    return [long(length), ...body, long(crc32(body))];
}

/** @param {Uint8Array[]} parts */
function crc32(parts) {
    let crc = ~0;
    for (const part of parts) {
        for (const byte of part) {
            crc ^= byte;
            for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
        }
    }
    return ~crc;
}
