/** Wasm packages, with one thread or several: workers that share the memory. */

/** @typedef {typeof import("../cpu/glow.js")} Glow */

/** Kept, for Firefox ends workers that nobody holds (bug 1702191). @type {Worker[]} */
const workers = [];

/**
 * Fetches both files of a package at once.
 * @param {URL} folder of the package
 */
async function load(folder) {
    const { href } = new URL("glow.js", folder);
    const [glow, module] = await Promise.all([
        import(href),
        WebAssembly.compileStreaming(fetch(new URL("glow_bg.wasm", folder))),
    ]);
    const { memory } = await glow.default({ module_or_path: module });
    return { glow, href, module, memory };
}

/**
 * Starts a package.
 * @param {URL} folder of the package
 * @returns {Promise<Glow>}
 */
export async function start(folder) {
    return (await load(folder)).glow;
}

/**
 * Starts the package with threads. The caller is one of them; the others join when they are ready.
 * @param {URL} folder of the package
 * @param {number} threads
 * @returns {Promise<{ glow: Glow, crashes: MessagePort[] }>} `crashes` tell what a thread ended by, which the caller may be
 *   waiting for then, so that somebody else has to listen
 */
export async function startPool(folder, threads) {
    const { glow, href, module, memory } = await load(folder);
    glow.makePool(threads);
    const crashes = Array.from({ length: threads - 1 }, () => {
        const { port1, port2 } = new MessageChannel();
        const worker = new Worker(new URL("thread.js", import.meta.url), { type: "module" });
        worker.postMessage({ href, module, memory, crash: port2 }, [port2]);
        workers.push(worker);
        return port1;
    });
    return { glow, crashes };
}
