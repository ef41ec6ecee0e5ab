/**
 * What the page and the worker say to each other. Only the worker knows the wasm packages.
 *
 * @typedef {import("./cpu/glow.js").ModelInfo} ModelInfo
 *
 * @typedef {typeof import("./strings/en.js").default & typeof import("./keep/en.js").default
 *   & typeof import("./explain/en.js").default} Words
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
 * @property {(entry: ModelEntry, prefer: Preference) => ModelInfo} open events: bytes had, bytes in all
 * @property {() => void} considerGpu moves to the GPU if that is right and faster
 * @property {(prefer: Preference) => void} prefer
 * @property {(seed: number, count: number, temperature: number[]) => number} sample
 *   events: index, RGB; returns milliseconds an image
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
 *
 * @typedef {{ id: number, call: keyof Calls, args: unknown[] } | { id: number, cancel: true }} Request
 * @typedef {{ id: number, result: unknown }
 *   | { id: number, event: unknown[] }
 *   | { id: number, failure: { code: string, message: string } }
 *   | { device: DeviceState }
 *   | { crashes: MessagePort[] }
 *   | { notice: Key }} Message
 */

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

/** The page's end of the line. */
export class Engine {
    /** @type {Map<number, { resolve: (value: any) => void, reject: (error: unknown) => void, event: (...values: any[]) => void }>} */
    #calls = new Map();
    #next = 0;
    /** @type {(state: DeviceState) => void} */
    onDevice = () => {};
    /** @type {(key: Key) => void} */
    onNotice = () => {};
    #worker = this.#start();
    /** What the worker was last asked to open. @type {Parameters<Calls["open"]> | undefined} */
    #opened;

    /** @returns {Worker} */
    #start() {
        const worker = new Worker(new URL("./worker/main.js", import.meta.url), { type: "module" });
        worker.addEventListener("message", ({ data }) => this.#receive(data));
        worker.addEventListener("error", (event) => {
            event.preventDefault();
            this.#crash(event.message);
        });
        return worker;
    }

    /** After a crash nothing in the worker can be trusted: another one takes its place. @param {string} message */
    #crash(message) {
        this.#worker.terminate();
        const error = new Failure("crashed", message);
        for (const { reject } of this.#calls.values()) reject(error);
        this.#calls.clear();
        this.#worker = this.#start();
        if (this.#opened) this.call("open", this.#opened).catch(() => {});
    }

    /**
     * @template {keyof Calls} Name
     * @param {Name} call
     * @param {Parameters<Calls[Name]>} args
     * @param {{ signal?: AbortSignal, event?: (...values: any[]) => void }} [options]
     * @returns {Promise<ReturnType<Calls[Name]>>} rejects with a {@link Failure}, or when `signal` aborts
     */
    call(call, args, { signal, event = () => {} } = {}) {
        if (signal?.aborted) return Promise.reject(signal.reason);
        if (call === "open") this.#opened = /** @type {any} */ (args);
        const id = this.#next++;
        return new Promise((resolve, reject) => {
            this.#calls.set(id, { resolve, reject, event });
            this.#post({ id, call, args });
            signal?.addEventListener("abort", () => {
                if (!this.#calls.delete(id)) return;
                this.#post({ id, cancel: true });
                reject(signal.reason);
            });
        });
    }

    /** @param {Request} request */
    #post(request) {
        this.#worker.postMessage(request);
    }

    /** @param {Message} message */
    #receive(message) {
        if ("device" in message) return this.onDevice(message.device);
        if ("crashes" in message) {
            for (const port of message.crashes) port.onmessage = ({ data }) => this.#crash(data);
            return;
        }
        if ("notice" in message) return this.onNotice(message.notice);
        const call = this.#calls.get(message.id);
        if (!call) return;
        if ("event" in message) return call.event(...message.event);
        this.#calls.delete(message.id);
        if ("failure" in message) call.reject(new Failure(message.failure.code, message.failure.message));
        else call.resolve(message.result);
    }
}
