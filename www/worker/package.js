/** Wasm packages, with one thread or several: workers that share the memory. */

/** Kept, for Firefox ends workers that nobody holds (bug 1702191). @type {Worker[]} */
const workers = [];

/**
 * Fetches both files of a package at once, and starts it. The caller is one of its threads; the others join when they are
 * ready.
 * @param {URL} folder of the package
 * @param {number} [threads] more than one in the package with threads
 * @returns {Promise<{ glow: typeof import("../cpu/glow.js"), crashes: MessagePort[] }>} `crashes` tell what a thread ended
 *   by, which the caller may be waiting for then, so that somebody else has to listen
 */
export async function start(folder, threads = 1) {
    const { href } = new URL("glow.js", folder);
    const [glow, module] = await Promise.all([
        import(href),
        WebAssembly.compileStreaming(fetch(new URL("glow_bg.wasm", folder))),
    ]);
    const { memory } = await glow.default({ module_or_path: module });
    if (threads > 1) glow.makePool(threads);
    const crashes = Array.from({ length: threads - 1 }, () => {
        const { port1, port2 } = new MessageChannel();
        const worker = new Worker(new URL("thread.js", import.meta.url), { type: "module" });
        worker.postMessage({ href, module, memory, crash: port2 }, [port2]);
        workers.push(worker);
        return port1;
    });
    return { glow, crashes };
}
