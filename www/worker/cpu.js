/** The CPU's package, from the moment the worker starts: the fastest that the browser can run. */
import { ALONE, Failure } from "../engine/protocol.js";
import { start } from "./package.js";

/** @typedef {typeof import("../cpu/glow.js")} Glow */

/** Of a phone's cores, no more are fast. */
const MOST_THREADS = 4;

/** Whether the browser knows an instruction, by its bytes: whether it validates a module with nothing else. */
const knows = (/** @type {number[]} */ ...instruction) =>
    WebAssembly.validate(
        Uint8Array.of(
            ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, instruction.length + 5, 1],
            ...[instruction.length + 3, 0, 0, ...instruction, 11],
        ),
    );
const SIMD = [253, 77]; // v128.not
const RELAXED_SIMD = [253, 133, 2]; // f32x4.relaxed_madd

/** @returns {Promise<{ glow: Glow, threads: number }>} */
async function load() {
    if (!knows(...SIMD)) throw new Failure("no-simd");
    if (knows(...RELAXED_SIMD)) {
        for (const fast of [withThreads, relaxed]) {
            try {
                return await fast();
            } catch {
                // Some devices do not give the memory for threads; without a network, only the last package is there.
            }
        }
    }
    try {
        const glow = await import("../cpu/glow.js");
        await glow.default();
        return { glow, threads: 1 };
    } catch (error) {
        throw new Failure("package", String(error));
    }
}

async function withThreads() {
    const threads = self.name === ALONE ? 1 : Math.min(navigator.hardwareConcurrency, MOST_THREADS);
    // With threads, a future of Rust's waits by `waitAsync`.
    if (!self.crossOriginIsolated || !("waitAsync" in Atomics) || threads < 2) throw new Error("no threads");
    return { glow: await start(new URL("../threads/", import.meta.url), threads), threads };
}

async function relaxed() {
    return { glow: await start(new URL("../relaxed/", import.meta.url)), threads: 1 };
}

export const cpuPackage = load();
cpuPackage.catch(() => {}); // Whoever opens a model hears of it.
