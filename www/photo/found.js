/** What was found in a photo: a sentence, and a choice where there are several faces. */
import { element, make } from "../page/dom.js";
import { eachLanguage, t } from "../page/i18n.js";
import { context } from "../page/pixels.js";
import { fill } from "./square.js";

/** Pixels of a face to choose. */
const SIDE = 96;

/** @typedef {import("../engine/protocol.js").Key} Key */

export class Found {
    #sentence;
    #choices;
    /** @type {Key | undefined} */ #said;

    /** @param {HTMLElement} root */
    constructor(root) {
        this.#sentence = element(root, "found", HTMLParagraphElement);
        this.#choices = element(root, "found-faces", HTMLDivElement);
        eachLanguage(() => this.#write());
    }

    /**
     * @param {Key} [key] none where nothing was looked for
     * @param {HTMLButtonElement[]} [buttons]
     */
    say(key, buttons = []) {
        this.#said = key;
        this.#choices.replaceChildren(...buttons);
        this.#choices.hidden = !buttons.length;
        this.#write();
    }

    /**
     * Offers several faces; the first one is chosen.
     * @param {HTMLCanvasElement} photo
     * @param {import("./square.js").Square[]} squares around them
     * @param {(face: number) => void} choose
     */
    offer(photo, squares, choose) {
        const buttons = squares.map((square, i) => {
            const picture = make("canvas", { width: SIDE, height: SIDE });
            fill(context(picture), photo, square);
            const button = make("button", { type: "button", ariaPressed: String(i === 0) }, picture);
            button.addEventListener("click", () => {
                for (const other of buttons) other.ariaPressed = String(other === button);
                choose(i);
            });
            return button;
        });
        this.say("eyes.several", buttons);
    }

    #write() {
        const faces = [...this.#choices.children];
        this.#sentence.textContent = this.#said ? t(this.#said, { count: faces.length }) : "";
        for (const [i, face] of faces.entries()) face.ariaLabel = t("eyes.face", { number: i + 1 });
    }
}
