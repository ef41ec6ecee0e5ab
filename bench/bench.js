// One model in every runtime, turn by turn, so that whatever else the machine does slows all of them alike.
import init, { Device, Model } from "../pkg/cpu/glow.js";
import { Contender } from "./contender.js";

const SEED = 1;
const TEMPERATURE = 0.7;
const WARM_UP = 3;

/** Whether there is WebGPU, and in hardware unless software will do. */
async function hasGpu(software) {
    const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
    return adapter && (software || !adapter.info.isFallbackAdapter);
}

async function open(folder, info, software) {
    const [weights, forward, inverse] = ["model.safetensors", "forward.onnx", "inverse.onnx"].map(
        (name) => `${folder}/${name}`,
    );
    const glow = (device, threads = 1) => ({ runtime: "glow", device, threads, weights });
    const onnxruntime = (device, threads) => ({ runtime: "onnxruntime", device, threads, forward, inverse, info });
    const all = {
        "glow, CPU": glow("cpu"),
        "glow, CPU, 2 threads": glow("cpu", 2),
        "onnxruntime-web, 1 thread": onnxruntime("wasm", 1),
        "onnxruntime-web, 2 threads": onnxruntime("wasm", 2),
    };
    if (await hasGpu(software)) {
        all["glow, WebGPU"] = glow("webgpu");
        all["onnxruntime-web, WebGPU"] = onnxruntime("webgpu", 1);
    }
    return Promise.all(Object.entries(all).map(([name, options]) => Contender.open(name, options)));
}

/** The largest difference, by what was computed. */
const differences = (a, b) =>
    Object.fromEntries(
        Object.keys(a).map((key) => {
            const each = [...a[key]].map((value, i) => Math.abs(value - b[key][i]));
            return [key, each.reduce((most, value) => Math.max(most, value))];
        }),
    );

/**
 * Draws 1 and 16 faces and encodes 1 by the model in a folder: of every contender its differences from the first one, and
 * its times.
 */
export async function bench(folder, { rounds, software }) {
    if (!crossOriginIsolated) throw new Error("the page must be isolated, or there are no threads");
    await init();
    const weights = new Uint8Array(await (await fetch(`${folder}/model.safetensors`)).arrayBuffer());
    const reference = await Model.load(weights, Device.cpu());
    const info = reference.describe();
    const temperature = new Float32Array(info.levels).fill(TEMPERATURE);
    const latents = Array.from({ length: 16 }, (_, i) => [...reference.draw(SEED, i, temperature)]);
    const one = Float32Array.from(latents[0]);
    const tasks = {
        "1 face": ["decode", one],
        "16 faces": ["decode", Float32Array.from(latents.flat())],
        "1 encoded": ["encode", await reference.decode(one)],
    };
    const contenders = await open(folder, info, software);
    const results = {};
    for (const [task, [call, input]] of Object.entries(tasks)) {
        const outputs = [];
        for (const contender of contenders) outputs.push((await contender.ask(call, input)).output);
        results[task] = Object.fromEntries(
            contenders.map(({ name }, i) => [
                name,
                { differences: differences(outputs[i], outputs[0]), milliseconds: [] },
            ]),
        );
    }
    for (let round = 0; round < WARM_UP + rounds; round++) {
        for (const [task, [call, input]] of Object.entries(tasks)) {
            for (const contender of round % 2 ? contenders : contenders.toReversed()) {
                const { milliseconds } = await contender.ask(call, input);
                if (round >= WARM_UP) results[task][contender.name].milliseconds.push(milliseconds);
            }
        }
    }
    for (const contender of contenders) contender.close();
    return { info, tasks: results };
}
