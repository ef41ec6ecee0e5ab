// Where a face's time goes, and how near its products come to what the core can do in this browser: a runtime of worker.js.
import { start } from "../www/worker/package.js";
import { median } from "./median.js";

const ROUNDS = 11;
/** Milliseconds that the clock runs at least, whose ticks are coarse. */
const LEAST = 4;
const PEAK_TURNS = 1e5;
const MEETINGS = 1000;
/** What threads share. The smaller parts are timed on one. */
const SHARED = ["step", "split"];

/** How often to call something, for the clock to run long enough. */
async function calls(work) {
    for (let n = 1; ; n *= 2) if ((await time(work, n)) * n >= LEAST) return n;
}

/** Milliseconds of a call. */
async function time(work, n) {
    const start = performance.now();
    for (let i = 0; i < n; i++) await work();
    return (performance.now() - start) / n;
}

/**
 * To `measure`: of a batch by the model in a folder, `peak`, the core's in GFLOP/s; `copy`, in GB/s; milliseconds of the whole, of
 * the picture as JavaScript gets it, of `meetings` of the threads, and of every part of every level, `{ level, part, flops,
 * milliseconds }`; all by turns, medians. To `echo`: what it is given.
 */
export async function open({ folder, images, threads }) {
    const glow = await start(new URL("../pkg/roof/", import.meta.url), threads);
    const weights = new Uint8Array(await (await fetch(`${folder}/model.safetensors`)).arrayBuffer());
    return { measure: () => ({ run: () => measure(glow, weights, images, threads), read: (found) => found }), echo };
}

const echo = (input) => ({ run: () => input, read: (output) => output });

async function measure({ Device, Model, Roof }, weights, images, threads) {
    const roof = new Roof(weights, images);
    const model = await Model.load(weights, Device.cpu());
    const latents = roof.latents();
    const all = roof.parts().map((part, number) => ({ ...part, number }));
    const parts = threads > 1 ? all.filter(({ part }) => SHARED.includes(part)) : all;
    const bytes = roof.copy();
    const flops = Roof.peak(PEAK_TURNS);
    const works = [
        () => Roof.peak(PEAK_TURNS),
        () => roof.copy(),
        () => roof.decode(),
        () => model.decode(latents),
        () => Roof.meet(MEETINGS),
        ...parts.map(
            ({ number }) =>
                () =>
                    roof.run(number),
        ),
    ];
    const counts = [];
    for (const work of works) counts.push(await calls(work));
    const times = works.map(() => []);
    for (let round = 0; round < ROUNDS; round++) {
        for (const [i, work] of works.entries()) {
            // Once without the clock: the one before, above all the copy, left its own things in the cache.
            await work();
            times[i].push(await time(work, counts[i]));
        }
    }
    const [peak, copy, whole, picture, meet, ...ofParts] = times.map(median);
    const meetings = roof.meetings();
    return {
        images,
        latents,
        peak: flops / peak / 1e6,
        copy: bytes / copy / 1e6,
        milliseconds: whole,
        picture,
        meetings: { count: meetings, milliseconds: (meet / MEETINGS) * meetings },
        parts: parts.map((part, i) => ({ ...part, milliseconds: ofParts[i] })),
    };
}
