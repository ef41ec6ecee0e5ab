/** A face as a file: JSON that says what it is, with its latents to the last bit. Of a photo it is the photo. */
import { ranges } from "../engine/levels.js";
import { Trouble } from "../page/status.js";

/** @typedef {Pick<import("../engine/protocol.js").ModelEntry, "name" | "sha256">} ModelName */

const FORMAT = "glow-face";
const VERSION = 1;

/**
 * What was mixed and drawn anew is in the latents, so that the file holds one face, and no other one whole; edits stand beside
 * them, so that they can be taken back.
 * @param {import("../engine/engine.js").Model} model
 * @param {Float32Array} latents
 * @param {Record<string, number>} edits strengths of attributes
 * @param {Int16Array} [missing] what the latents do not decode to
 */
export function write({ entry: { name, sha256 }, info: { latentShapes } }, latents, edits, missing) {
    const places = ranges(latentShapes);
    const levels = latentShapes.map((shape, i) => ({ shape, float32: encode(latents.subarray(...places[i])) }));
    return JSON.stringify(
        {
            format: FORMAT,
            version: VERSION,
            model: { name, sha256 },
            edits,
            latents: levels,
            missing: missing && encode(Float32Array.from(missing)),
        },
        null,
        1,
    );
}

/**
 * @param {string} text
 * @returns {{ model: ModelName, edits: Record<string, number>, latents: { shape: number[], values: Float32Array }[],
 *   missing?: Int16Array }}
 *   throws a {@link Trouble}
 */
export function read(text) {
    const { format, version, model, edits, latents, missing } = sound(() => JSON.parse(text));
    if (format !== FORMAT) throw new Trouble("not-face");
    if (version !== VERSION) throw new Trouble("face-version");
    return sound(() => {
        const strengths = Object.entries(edits).map(([name, strength]) => [name, finite(strength)]);
        return {
            model: { name: String(model.name).slice(0, 60), sha256: String(model.sha256) },
            edits: Object.fromEntries(strengths),
            latents: latents.map((/** @type {any} */ { shape, float32 }) => ({ shape, values: decode(float32) })),
            missing: missing && Int16Array.from(decode(missing)),
        };
    });
}

/**
 * The latents in one list.
 * @param {ReturnType<typeof read>["latents"]} levels
 * @param {import("../engine/protocol.js").ModelInfo} info of their model
 */
export function flatten(levels, { latentShapes }) {
    const places = ranges(latentShapes);
    const fits = (/** @type {number} */ i) =>
        String(levels[i].shape) === String(latentShapes[i]) && levels[i].values.length === places[i][1] - places[i][0];
    if (levels.length !== latentShapes.length || !levels.every((_, i) => fits(i))) throw new Trouble("face-damaged");
    return Float32Array.from(levels.flatMap(({ values }) => [...values]));
}

/** What goes wrong in reading is damage. @template T @param {() => T} read */
function sound(read) {
    try {
        return read();
    } catch {
        throw new Trouble("face-damaged");
    }
}

/** @param {unknown} value @returns {number} */
function finite(value) {
    if (!Number.isFinite(value)) throw new RangeError(`${value}`);
    return /** @type {number} */ (value);
}

/** Base64 of little-endian bytes. @param {Float32Array} values */
function encode(values) {
    const view = new DataView(new ArrayBuffer(4 * values.length));
    values.forEach((value, i) => view.setFloat32(4 * i, value, true));
    return btoa(Array.from(new Uint8Array(view.buffer), (byte) => String.fromCharCode(byte)).join(""));
}

/** @param {string} base64 */
function decode(base64) {
    const view = new DataView(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)).buffer);
    return Float32Array.from({ length: view.byteLength / 4 }, (_, i) => finite(view.getFloat32(4 * i, true)));
}
