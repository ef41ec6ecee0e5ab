// Weights files: tensors of one, and a small model of every kind of layer that faces32 has not.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "./pictures.mjs";

/** Values of a tensor of halves. */
export function halves(file, name) {
    const header = Number(file.readBigUInt64LE());
    const { dtype, data_offsets } = JSON.parse(file.subarray(8, 8 + header))[name];
    if (dtype !== "F16") throw new Error(`${name} is of type ${dtype}`);
    const [from, to] = data_offsets.map((offset) => 8 + header + offset);
    return Array.from({ length: (to - from) / 2 }, (_, i) => half(file.readUInt16LE(from + 2 * i)));
}

/** IEEE 754's binary16. */
function half(bits) {
    const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : (2 ** -14 * fraction) / 1024);
}

/** Affine couplings, shuffled channels and four levels, each of its own shape; random, so that its pictures are noise. */
export const SMALL = {
    size: 64,
    levels: 4,
    steps: [1, 2, 3, 2],
    width: [8, 4, 8, 12],
    bits: 5,
    coupling: "affine",
    permutation: "shuffle",
};

const index = JSON.parse(readFileSync(new URL("../../models/index.json", import.meta.url), "utf8"));

/** What the index says of the model that most tests open. */
export const faces32 = index.find(({ name }) => name === "faces32");

/** An entry for the index. */
function entry(name, body) {
    const { attributes, eyes, ...rest } = faces32;
    const sha256 = createHash("sha256").update(body).digest("hex");
    const facts = { name, file: `${name}.safetensors`, bytes: body.length, sha256, size: SMALL.size };
    return { ...rest, ...facts, temperature: new Array(SMALL.levels).fill(0.7), data: { en: "nothing", zh: "无" } };
}

/** Routes for `open` that offer the small model beside those of the index. */
export function withSmall() {
    const body = small();
    const offered = [...index, entry("small", body)];
    return {
        "**/models/index.json": (route) => route.fulfill({ json: offered }),
        "**/small.safetensors": (route) => route.fulfill({ body }),
    };
}

/** Leaves small models of these names in a folder, with their index; other seeds, other weights. */
export function writeModels(folder, seeds) {
    const entries = Object.entries(seeds).map(([name, seed]) => {
        const body = small(seed);
        writeFileSync(join(folder, `${name}.safetensors`), body);
        return { ...entry(name, body), eyes: faces32.eyes };
    });
    writeFileSync(join(folder, "index.json"), JSON.stringify(entries));
}

function small(state = 1) {
    const random = () => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
    const tensors = [];
    const put = (name, shape, value = () => 0.2 * random()) => {
        const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => value(i));
        tensors.push({ name, shape, bytes: Buffer.from(values.buffer) });
    };
    const { levels, steps, width } = SMALL;
    for (let level = 0; level < levels; level++) {
        const [c, c2, n] = [12 << level, 6 << level, width[level]];
        for (let k = 0; k < steps[level]; k++) {
            const at = `levels.${level}.steps.${k}`;
            for (const name of ["bias", "log_scale"]) put(`${at}.actnorm.${name}`, [c]);
            // Channel i comes from channel 5 i + 1, which meets each once.
            const from = (i) => (5 * i + 1) % c;
            put(`${at}.permutation.Fixed.matrix`, [c, c], (i) => Number(i % c === from(Math.floor(i / c))));
            put(`${at}.coupling.conv0.weight`, [9 * c2, n]);
            put(`${at}.coupling.conv0.bias`, [n]);
            put(`${at}.coupling.conv1.weight`, [n, n]);
            put(`${at}.coupling.conv1.bias`, [n]);
            put(`${at}.coupling.conv2.weight`, [n, 9 * c]);
            for (const name of ["bias", "log_scale"]) put(`${at}.coupling.conv2.${name}`, [c]);
        }
        const last = level === levels - 1;
        if (!last) put(`levels.${level}.split.prior.weight`, [c2, 9 * c]);
        if (!last) for (const name of ["bias", "log_scale"]) put(`levels.${level}.split.prior.${name}`, [c]);
        if (last) for (const name of ["mean", "log_sigma"]) put(`top.${name}`, [c]);
    }
    const data = Buffer.concat(tensors.map(({ bytes }) => bytes));
    const glow = { format: 1, config: SMALL, initialised: true, crc32: crc32(data), facts: {} };
    const header = { __metadata__: { glow: JSON.stringify(glow) } };
    let offset = 0;
    for (const { name, shape, bytes } of tensors) {
        header[name] = { dtype: "F32", shape, data_offsets: [offset, (offset += bytes.length)] };
    }
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    return Buffer.concat([length, json, data]);
}
