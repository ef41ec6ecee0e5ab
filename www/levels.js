/** Latents by level: an image's are one list, level after level, finest first. */

/** Where each level's lie. @param {[number, number, number][]} shapes @returns {[from: number, to: number][]} */
export function ranges(shapes) {
    let to = 0;
    return shapes.map(([h, w, c]) => [to, (to += h * w * c)]);
}
