/** The GPU as the browser gives it. */

/** @typedef {import("./backends.js").Gpu} Gpu */
/** @typedef {{ name: string, isSoftware: boolean, adapter: GPUAdapter }} Found */

/** @returns {Promise<Found | "no-webgpu" | "no-adapter">} */
export async function find() {
    if (!navigator.gpu) return "no-webgpu";
    const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
    if (!adapter) return "no-adapter";
    const { description, vendor, architecture, isFallbackAdapter } = adapter.info;
    return { name: description || `${vendor} ${architecture}`, isSoftware: isFallbackAdapter, adapter };
}

/** @param {Uint8Array} weights @returns {Promise<Gpu>} */
export async function open(weights) {
    const glow = await import("../gpu/glow.js");
    await glow.default();
    /** @type {PromiseWithResolvers<never>} */
    const failed = Promise.withResolvers();
    failed.promise.catch(() => {});
    // A panic ends the module, but no promise.
    self.addEventListener("error", (event) => {
        event.preventDefault();
        failed.reject(event.message);
    });
    const device = await glow.Device.webgpu(failed.reject);
    // Both packages are built from one source.
    return { model: /** @type {any} */ (await glow.Model.load(weights, device)), failed: failed.promise };
}
