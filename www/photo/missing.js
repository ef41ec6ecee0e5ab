/** What a picture's latents do not decode to: in pictures unlike any that the model learned, rounding may grow on the way. */

/**
 * @param {Uint8Array} original @param {Uint8Array} decoded
 * @returns {Int16Array | undefined} what is to be added to each value, if anything is
 */
export function missing(original, decoded) {
    const difference = Int16Array.from(original, (value, i) => value - decoded[i]);
    return difference.some(Boolean) ? difference : undefined;
}

/** @param {Uint8Array} decoded @param {Int16Array} [difference] */
export const complete = (decoded, difference) =>
    difference ? decoded.map((value, i) => Math.min(Math.max(value + difference[i], 0), 255)) : decoded;
