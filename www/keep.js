/** Faces that are kept or were saved: what that takes is loaded with the first of them. */
import { Failure } from "./protocol.js";
import { attempt } from "./storage.js";
import { busy } from "./status.js";

/** @typedef {import("./keep/gallery.js").Gallery} Gallery */

export class Keep {
    #needs;
    /** @type {Gallery | undefined} */ #gallery;

    /** @param {ConstructorParameters<typeof import("./keep/gallery.js").Gallery>} needs of the gallery */
    constructor(...needs) {
        this.#needs = needs;
        this.#resume();
    }

    /** Has something done by what is loaded. @param {(gallery: Gallery) => Promise<void>} act */
    async ask(act) {
        await busy(
            async () => {
                const { Gallery } = await import("./keep/gallery.js").catch(() => {
                    throw new Failure("part");
                });
                this.#gallery ??= new Gallery(...this.#needs);
                await act(this.#gallery);
            },
            undefined,
            "keep",
        );
    }

    /** Faces of other models say so. */
    modelChanged() {
        this.#gallery?.write();
    }

    /** Shows what was kept before. */
    async #resume() {
        // Some browsers do not list them.
        const all = await attempt(() => indexedDB.databases());
        if (all?.some(({ name }) => name === "glow-kept")) await this.ask((gallery) => gallery.read());
    }
}
