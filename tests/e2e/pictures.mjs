// Picture files that no program should trust, made byte by byte.
import { deflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** ISO 3309, as PNG wants it; Node has it only from version 22 on. */
export function crc32(bytes) {
    let crc = ~0;
    for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc >>> 0;
}

function chunk(type, data) {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(data.length);
    body.copy(framed, 4);
    framed.writeUInt32BE(crc32(body), body.length + 4);
    return framed;
}

const numbers = (...values) =>
    Buffer.concat(values.map((value) => (Array.isArray(value) ? short(value[0]) : long(value))));
const long = (value) => Buffer.from(Uint32Array.of(value).buffer).reverse();
const short = (value) => Buffer.from(Uint16Array.of(value).buffer).reverse();

function rows(width, height, colour) {
    const row = Buffer.concat([Buffer.from([0]), ...new Array(width).fill(Buffer.from(colour))]);
    return deflateSync(Buffer.concat(new Array(height).fill(row)));
}

/** A PNG of one RGBA colour; a list of colours makes an animation. */
export function png(width, height, ...colours) {
    const frame = (i) =>
        chunk("fcTL", Buffer.concat([numbers(i && 2 * i - 1, width, height, 0, 0, [1], [2]), Buffer.from([0, 0])]));
    const data = colours.map((colour, i) => {
        const values = rows(width, height, colour);
        const picture = i ? chunk("fdAT", Buffer.concat([long(2 * i), values])) : chunk("IDAT", values);
        return colours.length > 1 ? Buffer.concat([frame(i), picture]) : picture;
    });
    return Buffer.concat([
        SIGNATURE,
        chunk("IHDR", Buffer.concat([numbers(width, height), Buffer.from([8, 6, 0, 0, 0])])),
        colours.length > 1 ? chunk("acTL", numbers(colours.length, 0)) : Buffer.alloc(0),
        ...data,
        chunk("IEND", Buffer.alloc(0)),
    ]);
}

/** A PNG of a square, RGBA by place, with a profile if its colours are not those of sRGB. */
export function drawing(side, colour, profile) {
    const row = (y) => Buffer.from([0, ...Array.from({ length: side }, (_, x) => colour(x, y)).flat()]);
    const iccp = profile && Buffer.concat([Buffer.from("p\0\0", "latin1"), deflateSync(profile)]);
    return Buffer.concat([
        SIGNATURE,
        chunk("IHDR", Buffer.concat([numbers(side, side), Buffer.from([8, 6, 0, 0, 0])])),
        iccp ? chunk("iCCP", iccp) : Buffer.alloc(0),
        chunk("IDAT", deflateSync(Buffer.concat(Array.from({ length: side }, (_, y) => row(y))))),
        chunk("IEND", Buffer.alloc(0)),
    ]);
}

/** The ICC profile of Display P3: its primaries, adapted to D50, and sRGB's curve. */
export function displayP3() {
    const fixed = (values) => numbers(...values.map((value) => Math.round(value * 65536) >>> 0));
    const xyz = (...values) => Buffer.concat([Buffer.from("XYZ \0\0\0\0", "latin1"), fixed(values)]);
    const curve = fixed([2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045]);
    const sRgb = Buffer.concat([Buffer.from("para\0\0\0\0\0\x03\0\0", "latin1"), curve]);
    const tags = Object.entries({
        wtpt: xyz(0.9642, 1, 0.8249),
        rXYZ: xyz(0.51512, 0.2412, -0.00105),
        gXYZ: xyz(0.29198, 0.69225, 0.04189),
        bXYZ: xyz(0.1571, 0.06657, 0.78407),
        rTRC: sRgb,
        gTRC: sRgb,
        bTRC: sRgb,
    });
    let at = 128 + 4 + 12 * tags.length;
    const table = tags.map(([name, { length }]) =>
        Buffer.concat([Buffer.from(name, "latin1"), numbers((at += length) - length, length)]),
    );
    const header = Buffer.alloc(128);
    header.writeUInt32BE(at);
    header.writeUInt32BE(0x04300000, 8);
    header.write("mntrRGB XYZ ", 12, "latin1");
    header.write("acsp", 36, "latin1");
    fixed([0.9642, 1, 0.8249]).copy(header, 68);
    return Buffer.concat([header, numbers(tags.length), ...table, ...tags.map(([, data]) => data)]);
}

/** A GIF of one colour, which stands still. */
export function gif(width, height, colour) {
    // Codes of three bits, the first in the lowest: 4 empties the table, 0 is the colour, 5 ends it. Emptied before every pixel,
    // it stays so small.
    const codes = [...new Array(width * height).fill([4, 0]).flat(), 5];
    const data = Buffer.alloc(Math.ceil((3 * codes.length) / 8));
    codes.forEach((code, i) => {
        for (let bit = 0; bit < 3; bit++) data[(3 * i + bit) >> 3] |= ((code >> bit) & 1) << ((3 * i + bit) & 7);
    });
    const blocks = [];
    for (let from = 0; from < data.length; from += 255) {
        const block = data.subarray(from, from + 255);
        blocks.push(Buffer.from([block.length]), block);
    }
    const size = Buffer.from(Uint16Array.of(width, height).buffer);
    return Buffer.concat([
        Buffer.from("GIF89a", "latin1"),
        size,
        Buffer.from([0x80, 0, 0, ...colour, 0, 0, 0, 0x2c, 0, 0, 0, 0]),
        size,
        Buffer.from([0, 2]),
        ...blocks,
        Buffer.from([0, 0x3b]),
    ]);
}

/** A JPEG file with an EXIF orientation put in. */
export function oriented(jpeg, orientation) {
    const tiff = Buffer.from([
        0x4d,
        0x4d,
        0,
        42,
        0,
        0,
        0,
        8,
        0,
        1,
        0x01,
        0x12,
        0,
        3,
        0,
        0,
        0,
        1,
        0,
        orientation,
        0,
        0,
        0,
        0,
        0,
        0,
    ]);
    const exif = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff]);
    return Buffer.concat([
        jpeg.subarray(0, 2),
        Buffer.from([0xff, 0xe1]),
        short(exif.length + 2),
        exif,
        jpeg.subarray(2),
    ]);
}
