/** A thread of a package: see package.js. */

self.addEventListener("message", async (/** @type {MessageEvent} */ { data }) => {
    const { href, module, memory } = data;
    const glow = await import(href);
    await glow.default({ module_or_path: module, memory });
    try {
        glow.runThread();
    } catch (error) {
        self.postMessage(String(error));
    }
});
