/** The way of an animation, from face to face. */
import { blend } from "./latents.js";

/** Pictures a second. */
export const RATE = 30;

/** Seconds from one face to the next, and of a round, at least and at most. */
const LEG = 1.5;
const ROUND = [4, 8];

/** Pictures from one face to the next. @param {number} faces of a round */
export const leg = (faces) => Math.round(RATE * Math.min(Math.max(LEG, ROUND[0] / faces), ROUND[1] / faces));

/**
 * Latents on the way.
 * @param {(face: number) => Promise<Float32Array>} latents of the faces, counted from 0
 * @param {number} at how many faces from the first
 * @param {[from: number, to: number][]} ranges of the levels
 */
export async function between(latents, at, ranges) {
    const from = Math.floor(at);
    const share = at - from;
    // Slower where there is a face.
    const eased = share * share * (3 - 2 * share);
    return blend(
        await Promise.all([latents(from), latents(from + 1)]),
        ranges.map(() => [eased, 0]),
        ranges,
    );
}
