/** Taking the grain out of faces that are drawn or changed: whether that is wanted, and what it does. */

let on = false;

/** Whether grain is taken out now. */
export const isOn = () => on;

/** @param {boolean} wanted */
export function turn(wanted) {
    on = wanted;
}

/**
 * A picture without its grain, where that is wanted.
 * @param {import("../engine/engine.js").Model} model
 * @param {Uint8Array} rgb
 * @returns {Promise<Uint8Array>}
 */
export async function cleaned(model, rgb) {
    if (!on) return rgb;
    let clean = rgb;
    await model.call("clean", [rgb], { event: (_, rgb) => (clean = rgb) });
    return clean;
}
