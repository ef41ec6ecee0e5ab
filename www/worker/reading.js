/** Weights that are read while they come. */
export class Reading {
    #weights;
    #read = 0;

    /** @param {typeof import("../cpu/glow.js")} glow */
    constructor(glow) {
        this.#weights = new glow.Weights();
    }

    /** @param {Uint8Array[]} parts of the file, all that have come so far */
    take(parts) {
        while (this.#read < parts.length) this.#weights.push(parts[this.#read++]);
    }

    /** The model, once all parts have been taken. @param {import("../cpu/glow.js").Device} device */
    open(device) {
        return this.#weights.open(device);
    }

    free() {
        try {
            this.#weights.free();
        } catch {
            // A package that has crashed lets nothing go.
        }
    }
}
