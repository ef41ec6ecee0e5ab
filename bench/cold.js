// A runtime's first face, in a browser that has nothing of it: its code and the weights come from the server.
import { Contender } from "./contender.js";
import { contenders } from "./contenders.js";

/** Milliseconds from the worker's start. */
export async function firstFace(name, folder, info) {
    const options = (await contenders(folder, info, {}))[name];
    const face = new Float32Array(3 * info.size ** 2);
    const start = performance.now();
    const contender = await Contender.open(name, { ...options, forward: undefined });
    await contender.ask("decode", face);
    const milliseconds = performance.now() - start;
    contender.close();
    return milliseconds;
}
