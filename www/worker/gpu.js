/** The GPU as the browser gives it. */
import { Reading } from "./reading.js";

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

/** @param {Uint8Array[]} file of weights, in parts @returns {Promise<Gpu>} */
export async function open(file) {
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
    const weights = new Reading(/** @type {any} */ (glow));
    weights.take(file);
    const model = /** @type {any} */ (await weights.open(/** @type {any} */ (device)));
    weights.free();
    return { model, failed: failed.promise };
}
