// One model in every runtime, turn by turn, so that whatever else the machine does slows all of them alike.
import init, { Device, Model } from "../pkg/cpu/glow.js";
import { Contender } from "./contender.js";
import { contenders } from "./contenders.js";

const SEED = 1;
const TEMPERATURE = 0.7;
const WARM_UP = 3;
/** Milliseconds for a runtime's threads to come to rest. */
const PAUSE = 30;

/** The largest difference, by what was computed. */
const differences = (a, b) =>
    Object.fromEntries(
        Object.keys(a).map((key) => {
            const each = [...a[key]].map((value, i) => Math.abs(value - b[key][i]));
            return [key, each.reduce((most, value) => Math.max(most, value))];
        }),
    );

/**
 * Draws 1 and 16 faces and encodes 1 by the model in a folder: of every contender its differences from the page's on the
 * CPU, and its times. In software, where a GPU's 16 faces take too long, without them.
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
    const face = await reference.decode(one);
    const tasks = {
        "1 face": { call: "decode", input: one },
        "16 faces": { call: "decode", input: Float32Array.from(latents.flat()) },
        "1 encoded": { call: "encode", input: face },
    };
    if (software) delete tasks["16 faces"];
    const all = await contenders(folder, info, { software });
    const opened = [];
    for (const [name, options] of Object.entries(all)) opened.push(await Contender.open(name, options));
    const results = {};
    for (const [task, { call, input }] of Object.entries(tasks)) {
        const expected = call === "decode" ? { rgb: await reference.decode(input) } : await reference.encode(input);
        results[task] = {};
        for (const contender of opened) {
            const { output } = await contender.ask(call, input);
            results[task][contender.name] = { differences: differences(output, expected), milliseconds: [] };
        }
    }
    for (let round = 0; round < WARM_UP + rounds; round++) {
        for (const [task, { call, input }] of Object.entries(tasks)) {
            for (const contender of round % 2 ? opened : opened.toReversed()) {
                await new Promise((resolve) => setTimeout(resolve, PAUSE));
                const { milliseconds } = await contender.ask(call, input);
                if (round >= WARM_UP) results[task][contender.name].milliseconds.push(milliseconds);
            }
        }
    }
    for (const contender of opened) contender.close();
    return { info, tasks: results };
}
