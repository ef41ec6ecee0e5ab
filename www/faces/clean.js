/** Taking the grain out of faces that are drawn or changed: the switch beside the temperature, and what it does. */
import { element } from "../page/dom.js";

/** @typedef {import("../engine/engine.js").Model} Model */

const wanted = element("clean", HTMLInputElement);
const label = /** @type {HTMLElement} */ (wanted.parentElement);

/** Offers it where it shows: the grain of all 8 bits does not. @param {Model} model */
export function offer({ info }) {
    label.hidden = info.bits === 8;
}

/** Whether grain is taken out now. */
export const isOn = () => wanted.checked && !label.hidden;

/** @param {boolean} on */
export function turn(on) {
    wanted.checked = on;
}

/** @param {() => void} act */
export const onTurn = (act) => wanted.addEventListener("change", act);

/**
 * A picture without its grain, where that is wanted.
 * @param {Model} model
 * @param {Uint8Array} rgb
 * @returns {Promise<Uint8Array>}
 */
export async function cleaned(model, rgb) {
    if (!isOn()) return rgb;
    let clean = rgb;
    await model.call("clean", [rgb], { event: (_, rgb) => (clean = rgb) });
    return clean;
}
