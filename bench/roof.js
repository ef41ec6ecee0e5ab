// Where a face's time goes on one thread, and how near its products come to what the core can do in this browser.
import init, { Roof } from "../pkg/roof/glow.js";
import { median } from "./median.js";

const ROUNDS = 11;
/** Milliseconds that the clock runs at least, whose ticks are coarse. */
const LEAST = 4;
const PEAK_TURNS = 1e5;

/** How often to call something, for the clock to run long enough. */
function calls(work) {
    for (let n = 1; ; n *= 2) if (time(work, n) * n >= LEAST) return n;
}

/** Milliseconds of a call. */
function time(work, n) {
    const start = performance.now();
    for (let i = 0; i < n; i++) work();
    return (performance.now() - start) / n;
}

/**
 * Of a batch by the model in a folder: `peak`, the core's in GFLOP/s; `copy`, in GB/s; milliseconds of the whole, and of every part
 * of every level, `{ level, part, flops, milliseconds }`; all by turns, medians.
 */
export async function roof(folder, images) {
    await init();
    const weights = new Uint8Array(await (await fetch(`${folder}/model.safetensors`)).arrayBuffer());
    const roof = new Roof(weights, images);
    const parts = roof.parts();
    const bytes = roof.copy();
    const flops = Roof.peak(PEAK_TURNS);
    const works = [
        () => Roof.peak(PEAK_TURNS),
        () => roof.copy(),
        () => roof.decode(),
        ...parts.map((_, i) => () => roof.run(i)),
    ];
    const counts = works.map(calls);
    const times = works.map(() => []);
    for (let round = 0; round < ROUNDS; round++) {
        works.forEach((work, i) => {
            // Once without the clock: the one before, above all the copy, left its own things in the cache.
            work();
            times[i].push(time(work, counts[i]));
        });
    }
    const [peak, copy, whole, ...ofParts] = times.map(median);
    return {
        images,
        peak: flops / peak / 1e6,
        copy: bytes / copy / 1e6,
        milliseconds: whole,
        parts: parts.map((part, i) => ({ ...part, milliseconds: ofParts[i] })),
    };
}
