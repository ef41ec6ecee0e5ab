/**
 * What the page and the worker say to each other. Only the worker knows the wasm packages.
 *
 * @typedef {import("../cpu/glow.js").ModelInfo} ModelInfo
 *
 * @typedef {typeof import("../strings/en.js").default & typeof import("../keep/en.js").default
 *   & typeof import("../diagnose/en.js").default & typeof import("../explain/en.js").default
 *   & typeof import("../restore/en.js").default} Words
 * @typedef {keyof Words} Key of a string
 *
 * @typedef {"cpu" | "webgpu"} Backend
 * @typedef {"auto" | Backend} Preference
 *
 * @typedef {object} DeviceState where the model computes, and why there
 * @property {Backend} backend
 * @property {string} name of the adapter
 * @property {number} [threads] of the CPU
 * @property {"first" | "chosen" | "faster" | "slower" | "no-webgpu" | "no-adapter" | "software" | "wrong" | "failed" | "lost"} reason
 * @property {Record<string, string | number>} details what the string has places for
 * @property {boolean} notice whether the visitor should be told, not only able to read it
 *
 * @typedef {object} ModelEntry a model in `models/index.json`
 * @property {string} name
 * @property {string} file beside the index
 * @property {number} bytes
 * @property {string} sha256 of the file, in hexadecimal
 * @property {ModelFile} [attributes] directions along which its faces smile, age, wear glasses
 * @property {number} size side of its images, in pixels
 * @property {number} parameters
 * @property {number} bitsPerDim mean of the test images
 * @property {Percentiles} percentiles of the test images' bits/dim, encoded as a photo is
 * @property {Percentiles} [excess] of those less their complexity
 * @property {number[]} temperature a level, finest first
 * @property {number} [taken] the share of draws that become pictures, if not all do
 * @property {Eyes} [eyes] where the training photographs have them, in shares of the side, if they are of faces
 * @property {Record<string, string>} data what it was trained on, by language
 * @property {Record<string, string>} licence by language
 *
 * @typedef {Record<"p1" | "p10" | "p50" | "p90" | "p99", number>} Percentiles
 * @typedef {Pick<ModelEntry, "file" | "bytes" | "sha256">} ModelFile
 * @typedef {[number, number]} Point across and down
 * @typedef {[Point, Point]} Eyes the left one in the picture, the right one; in pixels or shares
 *
 * @typedef {object} Encoded
 * @property {Float32Array} latents each level's, finest first
 * @property {number} bitsPerDim
 * @property {Float32Array} bitsMap bits/dim of every pixel, row by row
 * @property {number} complexity bits/dim that a plain lossless code needs
 *
 * @typedef {object} Walk an image on its way through the flow, before the first step and after each
 * @property {Float32Array} states all numbers that the flow holds, one state after the other
 * @property {Float32Array} logDets of the way from the pixels to each, in nats
 *
 * @typedef {object} Calls what the worker does; `event` is called on the way
 * @property {(entry: ModelEntry, prefer: Preference, number: number) => ModelInfo} open the model before serves until then;
 *   events: bytes had, bytes in all
 * @property {() => void} considerGpu moves to the GPU if that is right and faster
 * @property {(prefer: Preference) => void} prefer
 * @property {(seed: number, count: number, temperature: number[]) => number} sample
 *   events: index, RGB; returns milliseconds an image
 * @property {(rgb: Uint8Array) => void} clean of one or more images; events: index, RGB without the grain
 * @property {(rgb: Uint8Array, known: Uint8Array, seed: number) => void} repair fills in what is not known, 0 of 0 and 1 a pixel;
 *   events: share of the search that is done, RGB so far
 * @property {(rgb: Uint8Array, seed: number) => void} enlarge a picture whose side is half, a quarter or an eighth; the same events
 * @property {(rgb: Uint8Array) => Encoded} encode
 * @property {(latents: Float32Array) => Uint8Array} decode
 * @property {(seed: number, index: number, temperature: number[]) => Float32Array} draw
 * @property {(latents: Float32Array) => Uint8Array} frames
 * @property {(rgb: Uint8Array) => Walk} walk
 * @property {(rgb: Uint8Array, step: number) => Float32Array} coupling of a step: before, after, undone
 * @property {(step: number) => Float32Array} permutation of a step: its matrix
 * @property {(file: ModelFile) => string[]} attributes names; events: bytes had, bytes in all
 * @property {(file: ModelFile, latents: Float32Array, strengths: number[]) => Uint8Array} edit
 *   decodes with strengths in the order of the names
 * @property {(rgba: Uint8ClampedArray, width: number) => Eyes[]} findEyes of every face in a picture, the likeliest first
 * @property {() => string} diagnose what the GPU is and does beside the CPU, in English, line by line
 *
 * @typedef {"open" | "prefer" | "considerGpu" | "findEyes"} General calls, which no model has to be open for
 *
 * @typedef {object} Threads what the page starts for the worker
 * @property {number} count
 * @property {string} href of the package's module
 * @property {WebAssembly.Module} module
 * @property {WebAssembly.Memory} memory
 *
 * @typedef {object} Call
 * @property {number} id
 * @property {keyof Calls} call
 * @property {unknown[]} args
 * @property {number} [model] the number of the one that is meant; while another is open, the call is as good as cancelled
 *
 * @typedef {Call | { id: number, cancel: true } | { ping: true }} Request
 * @typedef {{ id: number, result: unknown }
 *   | { id: number, event: unknown[] }
 *   | { id: number, failure: { code: string, message: string } }
 *   | { id: number, cancelled: true }
 *   | { pong: true }
 *   | { device: DeviceState }
 *   | { threads: Threads }
 *   | { notice: Key }} Message
 */

/** Name of a worker that has to do without threads. */
export const ALONE = "alone";

/** A failure with a code: the key of a string under `error.`; the message says more, in English. */
export class Failure extends Error {
    /**
     * @param {string} code
     * @param {string} [message]
     */
    constructor(code, message = "") {
        super(message);
        this.name = "Failure";
        this.code = code;
    }
}

/** Whether a call ended because somebody cancelled it. @param {unknown} error */
export const cancelled = (error) => error instanceof DOMException && error.name === "AbortError";
