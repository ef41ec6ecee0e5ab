/** A picture through the flow and back. */
import { missing } from "./missing.js";

/**
 * @param {import("../engine/engine.js").Model} model
 * @param {Uint8Array} rgb
 * @param {AbortSignal} [signal]
 */
export async function roundTrip(model, rgb, signal) {
    const { latents, ...costs } = await model.call("encode", [rgb], { signal });
    const rebuilt = await model.call("decode", [latents], { signal });
    return { original: rgb, rebuilt, missing: missing(rgb, rebuilt), latents, ...costs };
}
