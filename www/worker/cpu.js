/** The CPU's package, from the moment the worker starts: with threads where the page may have them. */
import { Failure } from "../protocol.js";
import { startPool } from "./pool.js";

/** @typedef {typeof import("../cpu/glow.js")} Glow */

/** Of a phone's cores, no more are fast. */
const MOST_THREADS = 4;

/** A module with one SIMD instruction (`v128.const`): browsers that cannot run the packages do not validate it. */
const SIMD = Uint8Array.of(
    ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 22, 1, 20, 0, 253, 12],
    ...new Array(16).fill(0),
    11,
);

/** @returns {Promise<{ glow: Glow, threads: number }>} */
async function load() {
    if (!WebAssembly.validate(SIMD)) throw new Failure("no-simd");
    const threads = Math.min(navigator.hardwareConcurrency, MOST_THREADS);
    // With threads, a future of Rust's waits by `waitAsync`.
    if (self.crossOriginIsolated && "waitAsync" in Atomics && threads > 1) {
        try {
            const { glow, crashes } = await startPool(new URL("../threads/", import.meta.url), threads);
            self.postMessage({ crashes }, crashes);
            return { glow, threads };
        } catch {
            // Some devices do not give the memory; one thread needs less.
        }
    }
    const glow = await import("../cpu/glow.js");
    await glow.default();
    return { glow, threads: 1 };
}

export const cpuPackage = load();
cpuPackage.catch(() => {}); // Whoever opens a model hears of it.
