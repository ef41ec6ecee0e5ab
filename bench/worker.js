// A model in one runtime, in a worker of its own: asked to `open`, `decode` or `encode`, it answers with the result and the
// time. Timed is all that lies between RGB bytes and latents, which are as the runtime wants them.
import { start } from "../www/worker/package.js";
import { toImage, toLatents, toLevels, toRgb } from "./tensors.js";

/** Ours, by name. */
const packageOf = (name) => new URL(`../pkg/${name}/`, import.meta.url);

const runtimes = {
    async glow({ device, threads, weights }) {
        const bytes = fetch(weights).then((response) => response.arrayBuffer());
        const name = device === "webgpu" ? "gpu" : threads > 1 ? "threads" : "relaxed";
        const glow = await start(packageOf(name), threads);
        const lost = (reason) => postMessage({ error: reason });
        const on = device === "webgpu" ? await glow.Device.webgpu(lost) : glow.Device.cpu();
        // As the page does while the weights are on their way.
        for (let i = 0; i < 2; i++) glow.warmUp();
        const model = await glow.Model.load(new Uint8Array(await bytes), on);
        return {
            decode: (latents) => ({ run: () => model.decode(latents), read: (rgb) => ({ rgb }) }),
            encode: (rgb) => ({
                run: () => model.encode(rgb),
                read: ({ latents, bitsPerDim }) => ({ latents, bitsPerDim }),
            }),
        };
    },

    async onnxruntime({ device, threads, forward, inverse, info: { size, bits, latentShapes } }) {
        const ort = await import(`../node_modules/onnxruntime-web/dist/ort.${device}.min.mjs`);
        ort.env.wasm.numThreads = threads;
        const options = { executionProviders: [{ name: device, preferredLayout: "NCHW" }] };
        const encoder = forward && (await ort.InferenceSession.create(forward, options));
        const decoder = await ort.InferenceSession.create(inverse, options);
        const toBits = (logP) => bits - logP / (3 * size * size * Math.LN2);
        return {
            decode(latents) {
                const levels = toLevels(ort, latents, latentShapes);
                return { run: async () => toRgb((await decoder.run(levels)).image), read: (rgb) => ({ rgb }) };
            },
            encode: (rgb) => ({
                run: () => encoder.run({ image: toImage(ort, rgb, size) }),
                read: (out) => ({ latents: toLatents(out, latentShapes), bitsPerDim: [...out.log_p.data].map(toBits) }),
            }),
        };
    },

    roof: async (options) => (await import("./roof.js")).open(options),

    tensorflow: async (options) => (await import("./tensorflow.js")).open(options),
};

let model;

self.onmessage = async ({ data: { call, input } }) => {
    try {
        if (call === "open") {
            model = await runtimes[input.runtime](input);
            return postMessage({});
        }
        const { run, read } = model[call](input);
        const start = performance.now();
        const result = await run();
        const milliseconds = performance.now() - start;
        postMessage({ milliseconds, output: read(result) });
    } catch (error) {
        postMessage({ error: String(error) });
    }
};
