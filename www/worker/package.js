/** Wasm packages, with one thread or several: workers that share the memory. */

/**
 * Fetches both files of a package at once, and starts it. The caller is one of its threads; the page is asked for the others,
 * which join when they are ready. It also hears what they end by, which the caller may be waiting for then.
 * @param {URL} folder of the package
 * @param {number} [threads] more than one in the package with threads
 * @returns {Promise<typeof import("../cpu/glow.js")>}
 */
export async function start(folder, threads = 1) {
    const { href } = new URL("glow.js", folder);
    const [glow, module] = await Promise.all([
        import(href),
        WebAssembly.compileStreaming(fetch(new URL("glow_bg.wasm", folder))),
    ]);
    performance.mark("compiled");
    const { memory } = await glow.default({ module_or_path: module });
    if (threads > 1) {
        glow.makePool(threads);
        self.postMessage({ threads: { count: threads - 1, href, module, memory } });
    }
    return glow;
}
