import { setTimeout } from "node:timers/promises";

/** Far more than anything takes on a machine that has other things to do. */
export const PATIENCE = 300_000;

/** Waits for a condition, and for what it has to say. */
export async function until(what, condition) {
    for (const start = Date.now(); Date.now() - start < PATIENCE; await setTimeout(50)) {
        const met = await condition();
        if (met) return met;
    }
    throw new Error(`waited in vain for ${what}`);
}
