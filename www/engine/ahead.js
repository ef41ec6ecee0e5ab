/** What need not wait for words: the worker with its package, and the list of models. */
import { Engine } from "./engine.js";
import { Failure } from "./protocol.js";

export const engine = new Engine();

/** @type {ReturnType<typeof fetchModels> | undefined} */
let first = fetchModels();
first.catch(() => {}); // Whoever takes it hears of it.

/** The list of models; it is asked for again where it failed. */
export function models() {
    const list = first ?? fetchModels();
    first = undefined;
    return list;
}

/** @returns {Promise<import("./protocol.js").ModelEntry[]>} */
async function fetchModels() {
    const list = await fetch(new URL("../models/index.json", import.meta.url))
        .then((response) => response.json())
        .catch(() => undefined);
    if (!Array.isArray(list) || !list.length) throw new Failure("index");
    return list;
}
