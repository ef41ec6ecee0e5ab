/** Does what is wanted last: one thing at a time, and nothing that was overtaken while it waited. */

/** @template T */
export class Live {
    #work;
    /** @type {{ wish: T } | undefined} */ #next;
    #working = false;

    /** @param {(wish: T) => Promise<unknown>} work never rejects */
    constructor(work) {
        this.#work = work;
    }

    /** Whether something else is wanted by now. */
    get isOvertaken() {
        return !!this.#next;
    }

    /** @param {T} wish */
    async want(wish) {
        this.#next = { wish };
        if (this.#working) return;
        this.#working = true;
        while (this.#next) {
            const { wish } = this.#next;
            this.#next = undefined;
            await this.#work(wish);
        }
        this.#working = false;
    }
}
