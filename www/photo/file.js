/**
 * What the bytes of a picture file say: whether it goes on to its end, and whether it moves. Some browsers show the first part of
 * a picture without a word, and not every one has a decoder that counts pictures.
 */

/**
 * @typedef {object} Facts
 * @property {boolean} isWhole
 * @property {boolean} isMoving
 * @property {boolean} [lacksMark] a JPEG whose scan goes on to the end of the file: its pixels may all be there
 */

/** @type {[magic: number[], at: number, read: (file: Bytes) => Facts][]} */
const KINDS = [
    [[0xff, 0xd8, 0xff], 0, jpeg],
    [[0x89, 0x50, 0x4e, 0x47], 0, png],
    [[0x47, 0x49, 0x46, 0x38], 0, gif],
    [[0x57, 0x45, 0x42, 0x50], 8, webp],
    [[0x42, 0x4d], 0, bmp],
    [[0x66, 0x74, 0x79, 0x70], 4, boxes],
];

/** @param {Uint8Array} bytes @returns {Facts} of a kind that is not known, nothing is doubted */
export function readFile(bytes) {
    const known = KINDS.find(([magic, at]) => magic.every((byte, i) => bytes[at + i] === byte));
    return known ? known[2](new Bytes(bytes)) : { isWhole: true, isMoving: false };
}

/** A file without its mark of the end, with that, and with anything before it. @param {Blob} blob */
export const completions = (blob) => {
    const mark = Uint8Array.of(0xff, 0xd9);
    const anything = Uint8Array.from({ length: 4096 }, (_, i) => (i * 37) % 251);
    const complete = (/** @type {Uint8Array<ArrayBuffer>[]} */ ...end) => new Blob([blob, ...end], { type: blob.type });
    return [complete(mark), complete(anything, mark)];
};

/** Numbers of a file; beyond its end they are 0. */
class Bytes {
    #view;

    /** @param {Uint8Array} bytes */
    constructor({ buffer, byteOffset, byteLength }) {
        this.#view = new DataView(buffer, byteOffset, byteLength);
        this.length = byteLength;
    }

    /** @param {number} at */
    u8(at) {
        return at < this.length ? this.#view.getUint8(at) : 0;
    }

    /** @param {number} at */
    u16(at) {
        return this.u8(at) * 2 ** 8 + this.u8(at + 1);
    }

    /** @param {number} at */
    u32(at) {
        return this.u16(at) * 2 ** 16 + this.u16(at + 2);
    }

    /** Least byte first. @param {number} at */
    u32le(at) {
        return this.u8(at) + this.u8(at + 1) * 2 ** 8 + this.u8(at + 2) * 2 ** 16 + this.u8(at + 3) * 2 ** 24;
    }

    /** @param {number} at */
    name(at) {
        return String.fromCharCode(...[0, 1, 2, 3].map((i) => this.u8(at + i)));
    }
}

/** Segments, then scans: a thumbnail within a segment has an end of its own. @param {Bytes} file @returns {Facts} */
function jpeg(file) {
    const [RESTART, LAST_RESTART, END, SCAN] = [0xd0, 0xd7, 0xd9, 0xda];
    let scanned = false;
    for (let at = 2; at < file.length; at++) {
        // In a scan, 0 stands behind what is no marker; before one there may be anything.
        const marker = file.u8(at) === 0xff && file.u8(at + 1);
        if (!marker || marker === 0xff || (marker >= RESTART && marker <= LAST_RESTART)) continue;
        if (marker === END) return { isWhole: scanned, isMoving: false };
        at += 1 + Math.max(2, file.u16(at + 2));
        scanned ||= marker === SCAN;
        if (at >= file.length) return { isWhole: false, isMoving: false };
    }
    return { isWhole: false, isMoving: false, lacksMark: scanned };
}

/** @param {Bytes} file @returns {Facts} */
function png(file) {
    let frames = 0;
    for (let at = 8; at + 12 <= file.length; at += 12 + file.u32(at)) {
        const name = file.name(at + 4);
        if (name === "acTL") frames = file.u32(at + 8);
        if (name === "IEND") return { isWhole: true, isMoving: frames > 1 };
    }
    return { isWhole: false, isMoving: frames > 1 };
}

/** The first picture is the one that is shown, and ends by itself. @param {Bytes} file @returns {Facts} */
function gif(file) {
    const [EXTENSION, PICTURE] = [0x21, 0x2c];
    const palette = (/** @type {number} */ flags) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
    let [at, frames, isWhole] = [13 + palette(file.u8(10)), 0, false];
    for (let kind = file.u8(at); kind === EXTENSION || kind === PICTURE; kind = file.u8(at)) {
        if (kind === PICTURE) frames += 1;
        at += kind === PICTURE ? 11 + palette(file.u8(at + 9)) : 2;
        while (file.u8(at)) at += 1 + file.u8(at);
        at += 1;
        isWhole ||= frames > 0 && at <= file.length;
    }
    return { isWhole, isMoving: frames > 1 };
}

/** @param {Bytes} file @returns {Facts} */
function webp(file) {
    const end = 8 + file.u32le(4);
    let frames = 0;
    for (let at = 12; at < end && at < file.length;) {
        if (file.name(at) === "ANMF") frames += 1;
        const length = file.u32le(at + 4);
        at += 8 + length + (length % 2);
    }
    return { isWhole: end <= file.length, isMoving: frames > 1 };
}

/** Some writers leave the length out. @param {Bytes} file @returns {Facts} */
function bmp(file) {
    return { isWhole: file.u32le(2) <= file.length, isMoving: false };
}

/** AVIF and HEIC. @param {Bytes} file @returns {Facts} */
function boxes(file) {
    const isMoving = file.name(8) === "avis";
    for (let at = 0; at < file.length;) {
        const [short, large] = [file.u32(at), file.u32(at + 12)];
        if (short === 0) return { isWhole: true, isMoving };
        at += short === 1 ? large : short;
        if (at > file.length) return { isWhole: false, isMoving };
    }
    return { isWhole: true, isMoving };
}
