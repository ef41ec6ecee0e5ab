/** What becomes of the face that is played with: a picture, a link, a place in the gallery, a file of its latents. */
import { asFile } from "../keep/keepsake.js";
import "../keep/words.js";
import * as address from "../page/address.js";
import { elements, onClick } from "../page/dom.js";
import { t } from "../page/i18n.js";
import { keep, save } from "../page/pixels.js";
import { secured } from "../page/secure.js";
import { busy, say } from "../page/status.js";
import { link } from "./link.js";
import { render, finish } from "./changes.js";

/** @typedef {import("./editor.js").Face} Face */

export class Share {
    #parts;
    #face;

    /**
     * @param {object} needs
     * @param {HTMLElement} needs.root
     * @param {() => Face | undefined} needs.face
     * @param {import("./editor.js").Needs["keepFace"]} needs.keepFace
     */
    constructor({ root, face, keepFace }) {
        this.#parts = elements(root, {
            editedLink: HTMLButtonElement,
            editedFile: HTMLButtonElement,
            editedFileHelp: HTMLParagraphElement,
            unlinked: HTMLParagraphElement,
        });
        this.#face = face;
        /** @param {string} id @param {(face: Face) => Promise<void>} act */
        const onFace = (id, act) =>
            onClick(root, id, () => {
                const shown = face();
                if (shown) busy(() => act(shown));
            });
        onFace("edited-download", ({ rgb, subject }) => save(rgb, `${subject.file}-edited`));
        onFace("edited-link", () => this.#copyLink());
        onFace("edited-keep", async (face) => {
            const changes = face.history.now;
            await keepFace(face.subject, changes, await finish(face, changes, await render(face, changes)));
        });
        onFace("edited-file", (face) => this.#saveFile(face));
    }

    /** What shows the face again, if anything does. @returns {address.Place | undefined} */
    get place() {
        const found = this.#link;
        return typeof found === "object" ? found : undefined;
    }

    get #link() {
        const face = this.#face();
        return face && link(face, face.history.now);
    }

    write() {
        const { editedLink, editedFile, editedFileHelp, unlinked } = this.#parts;
        const found = this.#link;
        editedLink.hidden = typeof found === "string";
        unlinked.hidden = !editedLink.hidden;
        if (typeof found === "string") unlinked.textContent = t(`unlinked.${found}`);
        editedFile.textContent = t("play.file");
        editedFileHelp.textContent = t("play.file.help");
    }

    async #copyLink() {
        if (!this.place) return;
        await secured(navigator.clipboard).writeText(new URL(address.query(this.place), location.href).href);
        say("status.copied");
    }

    /** @param {Face} face */
    async #saveFile(face) {
        const text = await asFile(face, face.history.now);
        keep(new Blob([text], { type: "application/json" }), `${face.subject.file}.json`);
    }
}
