/** The ways by which a photo comes; what encodes it is loaded with the first one. */
import { Failure } from "../engine/protocol.js";
import { element, onClick } from "../page/dom.js";
import { secured } from "../page/secure.js";
import { Trouble, busy, fail } from "../page/status.js";

/** @typedef {import("./section.js").Section} Section */

export class Photo {
    #needs;
    /** @type {import("../engine/engine.js").Model | undefined} */ #model;
    /** @type {Section | undefined} */ #section;

    /** @param {import("./section.js").Needs & { openFace: (file: Blob) => void }} needs */
    constructor(needs) {
        this.#needs = needs;
        const { root } = needs;
        const drop = element(root, "drop", HTMLDivElement);
        const file = element(root, "file", HTMLInputElement);
        onClick(root, "choose", () => file.click());
        file.addEventListener("change", () => {
            if (file.files?.[0]) this.#take(file.files[0]);
            file.value = "";
        });
        onClick(root, "example", () => this.#takeExample());
        onClick(root, "paste", () => this.#takePasted());
        onClick(root, "camera", () => busy(async () => (await this.#load()).camera.start(), undefined, "photo"));
        document.addEventListener("paste", (event) => {
            const pasted = fileOf(event.clipboardData);
            if (pasted) this.#take(pasted);
        });
        document.addEventListener("dragover", (event) => {
            event.preventDefault();
            drop.classList.add("over");
        });
        document.addEventListener("dragleave", (event) => event.relatedTarget ?? drop.classList.remove("over"));
        document.addEventListener("drop", (event) => {
            event.preventDefault();
            drop.classList.remove("over");
            const dropped = fileOf(event.dataTransfer);
            if (dropped) this.#take(dropped);
            else fail(new Trouble("nothing-dropped"), undefined, "photo");
        });
    }

    /** @param {import("../engine/engine.js").Model} model */
    setModel(model) {
        this.#model = model;
        this.#section?.setModel(model);
    }

    /** The photo, if there is one. */
    get subjects() {
        return this.#section?.subjects ?? [];
    }

    async #load() {
        const { Section } = await import("./section.js").catch(() => {
            throw new Failure("part");
        });
        return (this.#section ??= new Section(this.#model, this.#needs));
    }

    /** @param {Blob} blob */
    async #take(blob) {
        await busy(
            async () => {
                if (await isFace(blob)) return this.#needs.openFace(blob);
                await (await this.#load()).read(blob);
            },
            undefined,
            "photo",
        );
    }

    async #takeExample() {
        await busy(
            async () => {
                const response = await fetch(new URL("../example.png", import.meta.url)).catch(() => undefined);
                if (!response?.ok) throw new Trouble("example");
                await this.#take(await response.blob());
            },
            () => this.#takeExample(),
            "photo",
        );
    }

    async #takePasted() {
        await busy(
            async () => {
                const items = await secured(navigator.clipboard)
                    .read()
                    .catch(() => {
                        throw new Trouble("clipboard");
                    });
                for (const item of items) {
                    const type = item.types.find((type) => type.startsWith("image/"));
                    if (type) return this.#take(await item.getType(type));
                }
                throw new Trouble("nothing-pasted");
            },
            undefined,
            "photo",
        );
    }
}

/** The first picture of a drop or a paste, or else the first file. @param {DataTransfer | null} data */
const fileOf = (data) => [...(data?.files ?? [])].find((file) => file.type.startsWith("image/")) ?? data?.files[0];

/** Whether a file is no picture, but a face that was saved. @param {Blob} blob */
async function isFace(blob) {
    const first = await blob
        .slice(0, 1)
        .text()
        .catch(() => {
            throw new Trouble("unreadable");
        });
    return first === "{";
}
