/** The states of something, from the first to the last: back and forth between them. */

/** @template T */
export class History {
    /** @type {T[]} */ #states;
    #at = 0;

    /** @param {T} first */
    constructor(first) {
        this.#states = [first];
    }

    get now() {
        return this.#states[this.#at];
    }

    get canUndo() {
        return this.#at > 0;
    }

    get canRedo() {
        return this.#at < this.#states.length - 1;
    }

    /** What was undone is forgotten. @param {T} state */
    push(state) {
        this.#states.splice(++this.#at, Infinity, state);
    }

    /** @param {-1 | 0 | 1} by */
    step(by) {
        this.#at = Math.min(Math.max(this.#at + by, 0), this.#states.length - 1);
    }
}
