/** Faces that are kept or were saved: what that takes is loaded with the first of them. */
import { Failure } from "../engine/protocol.js";
import { attempt } from "../engine/storage.js";
import { busy } from "../page/status.js";

/** @typedef {import("./gallery.js").Gallery} Gallery */

export class Keep {
    #needs;
    /** @type {Gallery | undefined} */ #gallery;

    /** @param {import("./gallery.js").Needs} needs of the gallery */
    constructor(needs) {
        this.#needs = needs;
        this.#resume();
    }

    /** Has something done by what is loaded. @param {(gallery: Gallery) => Promise<void>} act */
    async ask(act) {
        await busy(
            async () => {
                const { Gallery } = await import("./gallery.js").catch(() => {
                    throw new Failure("part");
                });
                this.#gallery ??= new Gallery(this.#needs);
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
