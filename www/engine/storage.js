/** Storage: every access goes through here. It may be refused, full, damaged or silent, and then the page goes on without. */

/** Milliseconds after which nobody waits for storage any more. */
const PATIENCE = 5000;

/**
 * @template T
 * @param {() => T | Promise<T>} access
 * @returns {Promise<T>} rejects where storage refuses, fails or does not answer
 */
export async function reach(access) {
    let timer = 0;
    const silence = new Promise((_, reject) => {
        timer = self.setTimeout(() => reject(new DOMException("no answer", "TimeoutError")), PATIENCE);
    });
    try {
        return await /** @type {Promise<T>} */ (Promise.race([access(), silence]));
    } finally {
        clearTimeout(timer);
    }
}

/** What is not to be had is undefined. @template T @param {() => T | Promise<T>} access @returns {Promise<T | undefined>} */
export const attempt = (access) => reach(access).catch(() => undefined);

/** Words; pages have it, workers do not. */
const words = () => /** @type {any} */ (self).localStorage;

/** A word that was kept. @param {string} name @returns {string | undefined} */
export function recall(name) {
    try {
        return words().getItem(name) ?? undefined;
    } catch {
        return undefined;
    }
}

/** Keeps a word, if that may be. @param {string} name @param {string} word */
export function remember(name, word) {
    try {
        words().setItem(name, word);
    } catch {
        // The next visit begins without it.
    }
}
