/** The worker: computes for one call after the other, and hears a cancel between two images. */
import { Backends } from "./backends.js";
import { cpuPackage } from "./cpu.js";
import { findEyes } from "./eyes.js";
import { Failure, cancelled } from "../engine/protocol.js";
import { Reading } from "./reading.js";
import { fetchFile, whole } from "./store.js";

/** @typedef {import("../cpu/glow.js").Attributes} Attributes */
/** @typedef {import("../engine/protocol.js").Message} Message */
/** @typedef {import("../engine/protocol.js").Request} Request */

/** Milliseconds in which the package comes, if nothing stalls. */
const PATIENCE = 5000;
/** By then the code that draws is compiled well. */
const WARM_UPS = 2;

/** @param {Message} message */
const post = (message) => self.postMessage(message);
/** @param {import("../engine/protocol.js").Key} notice */
const warn = (notice) => post({ notice });
const backends = new Backends((device) => post({ device }));

/** Resolves in a new task, after the messages that are waiting. */
const nextTask = () =>
    new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
            port1.close();
            resolve(undefined);
        };
        port2.postMessage(undefined);
    });

/**
 * @typedef {object} Job
 * @property {AbortSignal} signal
 * @property {(...values: unknown[]) => Promise<unknown>} event
 * @property {<T>(work: () => T | Promise<T>) => Promise<T>} turn does a piece of work when it is its turn
 */

/** Calls that wait for downloads, or for a GPU, which takes seconds, or that take many steps: they stand in line only with a part. */
const FREE = new Set(["open", "prefer", "considerGpu", "attributes", "edit", "repair", "enlarge", "findEyes"]);

/** The number of the model that is open. */
let current = 0;
/** What was chosen last. @type {import("../engine/protocol.js").Preference} */
let preferred;

/** Rejects at a cancel. @param {AbortSignal} signal @returns {Promise<never>} */
const ended = (signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

/** For the weights that are open, once their first faces are there: they have a checksum of their own, tested as they are read. */
let settleWeights = async () => {};

/** @type {{ [Name in keyof import("../engine/protocol.js").Calls]:
 *   (job: Job, ...args: Parameters<import("../engine/protocol.js").Calls[Name]>) =>
 *     Promise<ReturnType<import("../engine/protocol.js").Calls[Name]>> }} */
const calls = {
    async open({ signal, event, turn }, entry, prefer, number) {
        preferred = prefer;
        const { promise: begun, resolve: begin } = Promise.withResolvers();
        /** @type {Reading | undefined} */
        let reading;
        const progress = (/** @type {number} */ had, /** @type {Uint8Array[]} */ parts) => {
            event(had, entry.bytes);
            reading?.take(parts);
        };
        const file = fetchFile(entry, progress, signal, warn, () => begin(undefined));
        // It is awaited below, unless there is no package.
        const late = file.catch(() => {}).then(() => setTimeout(event, PATIENCE, 0, 0));
        const loaded = Promise.race([cpuPackage, ended(signal)]);
        const { glow } = await loaded.finally(() => void late.then(clearTimeout));
        await begun;
        for (let i = 0; i < WARM_UPS && !current; i++) {
            glow.warmUp();
            await nextTask();
        }
        performance.mark("warm");
        const weights = (reading = new Reading(glow));
        try {
            const { parts, settle } = await file;
            weights.take(parts);
            for (const { model, abort } of waiting.values()) if (model && model !== number) abort();
            return await turn(async () => {
                const info = await backends.open(weights, parts, preferred);
                performance.mark("open");
                current = number;
                settleWeights = settle;
                return info;
            });
        } finally {
            weights.free();
        }
    },
    prefer: (_, prefer) => backends.prefer((preferred = prefer)),
    considerGpu: () => backends.considerGpu(),
    async sample({ signal, event }, seed, count, temperature) {
        let next = 0;
        const start = performance.now();
        await backends.run((model) =>
            model.sample(
                seed,
                next,
                count - next,
                new Float32Array(temperature),
                (index, rgb) => {
                    next = index + 1;
                    return /** @type {Promise<void>} */ (event(index, rgb));
                },
                signal,
            ),
        );
        settleWeights().catch((error) =>
            warn(error instanceof Failure ? "error.download-corrupt" : "notice.storage-full"),
        );
        settleWeights = async () => {};
        return (performance.now() - start) / count;
    },
    clean: ({ signal, event }, rgb) =>
        backends.run((model) =>
            model.clean(rgb, (index, rgb) => /** @type {Promise<void>} */ (event(index, rgb)), signal),
        ),
    repair: (job, rgb, known, seed) => stepwise(job, (model, step) => model.repair(rgb, known, seed, step, job.signal)),
    enlarge: (job, rgb, seed) => stepwise(job, (model, step) => model.enlarge(rgb, seed, step, job.signal)),
    encode: ({ signal }, rgb) =>
        backends.run(async (model) => {
            const encoding = await model.encode(rgb, undefined, signal);
            const { latents, bitsPerDim, bitsMap, complexity } = encoding;
            encoding.free();
            return { latents, bitsPerDim: bitsPerDim[0], bitsMap, complexity: complexity[0] };
        }),
    decode: ({ signal }, latents) => backends.run((model) => model.decode(latents, undefined, signal)),
    draw: (_, seed, index, temperature) =>
        backends.run(async (model) => model.draw(seed, index, new Float32Array(temperature))),
    frames: ({ signal, event }, latents) =>
        backends.run((model) =>
            model.frames(latents, (done, total) => /** @type {any} */ (event(done, total)), signal),
        ),
    walk: ({ signal, event }, rgb) =>
        backends.run(async (model) => {
            const walk = await model.walk(rgb, (done, total) => /** @type {any} */ (event(done, total)), signal);
            const { states, logDets } = walk;
            walk.free();
            return { states, logDets };
        }),
    coupling: (_, rgb, step) => backends.run((model) => model.coupling(rgb, step)),
    permutation: (_, step) => backends.run((model) => model.permutation(step)),
    attributes: async (job, file) => (await attributesOf(file, job)).names,
    async edit(job, file, latents, strengths) {
        const attributes = await attributesOf(file, job);
        return job.turn(() => {
            const edited = attributes.edit(latents, new Float32Array(strengths));
            return backends.run((model) => model.decode(edited, undefined, job.signal));
        });
    },
    async diagnose() {
        const { diagnose } = await import("./diagnose.js");
        return diagnose(backends.bench);
    },
    findEyes: (_, rgba, width) => findEyes(rgba, width),
};

/**
 * Lets others in before each step of a long search.
 * @param {Job} job
 * @param {(model: import("../cpu/glow.js").Model, step: (share: number, rgb: Uint8Array) => Promise<void>) => Promise<void>} search
 */
async function stepwise({ event, turn }, search) {
    const letOthersIn = () => turn(() => {});
    await letOthersIn();
    await backends.run((model) =>
        search(model, async (share, rgb) => {
            await event(share, rgb);
            await letOthersIn();
        }),
    );
}

/** The attributes that were asked for last. @type {{ sha256: string, attributes: Attributes } | undefined} */
let kept;

/** @param {import("../engine/protocol.js").ModelFile} file @param {Job} job */
async function attributesOf(file, { signal, event, turn }) {
    if (kept?.sha256 === file.sha256) return kept.attributes;
    const progress = (/** @type {number} */ had) => event(had, file.bytes);
    const { parts, settle } = await fetchFile(file, progress, signal, warn);
    await settle();
    return turn(async () => {
        const attributes = await backends.attributes(whole(parts));
        kept?.attributes.free();
        kept = { sha256: file.sha256, attributes };
        return attributes;
    });
}

/** @type {Map<number, { model?: number, abort: () => void }>} */
const waiting = new Map();
/** @type {Promise<unknown>} */
let line = Promise.resolve();

/** @param {import("../engine/protocol.js").Call} request */
async function answer({ id, call, args, model }) {
    const controller = new AbortController();
    const { signal } = controller;
    waiting.set(id, { model, abort: () => controller.abort() });
    /** @type {Job} */
    const job = {
        signal,
        event: (...values) => {
            post({ id, event: values });
            return nextTask();
        },
        turn: (work) => {
            const done = line.then(() => {
                signal.throwIfAborted();
                if (model && model !== current) throw new DOMException("another model is open", "AbortError");
                return work();
            });
            line = done.catch(() => {});
            return done;
        },
    };
    try {
        const run = /** @type {(job: Job, ...args: any[]) => Promise<unknown>} */ (calls[call]);
        post({ id, result: await (FREE.has(call) ? run(job, ...args) : job.turn(() => run(job, ...args))) });
    } catch (error) {
        if (cancelled(error)) return post({ id, cancelled: true });
        const crashed = error instanceof WebAssembly.RuntimeError;
        const code = error instanceof Failure ? error.code : crashed ? "crashed" : "failed";
        post({ id, failure: { code, message: String(error instanceof Error ? error.message : error) } });
    } finally {
        waiting.delete(id);
    }
}

self.addEventListener("message", (/** @type {MessageEvent<Request>} */ { data: request }) => {
    if ("ping" in request) post({ pong: true });
    else if ("cancel" in request) waiting.get(request.id)?.abort();
    else answer(request);
});
