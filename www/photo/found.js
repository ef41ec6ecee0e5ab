/** What was found in a photo: a sentence, and a choice where there are several faces. */
import { element, make } from "../page/dom.js";
import { eachLanguage, t } from "../page/i18n.js";
import { context } from "../page/pixels.js";
import { fill } from "./square.js";

/** Pixels of a face to choose. */
const SIDE = 96;

const sentence = element("found", HTMLParagraphElement);
const choices = element("found-faces", HTMLDivElement);
/** @type {import("../engine/protocol.js").Key | undefined} */
let said;

eachLanguage(() => {
    if (said) sentence.textContent = t(said, { count: choices.children.length });
    for (const [i, button] of [...choices.children].entries()) {
        button.setAttribute("aria-label", t("eyes.face", { number: i + 1 }));
    }
});

/**
 * @param {import("../engine/protocol.js").Key} [key] none where nothing was looked for
 * @param {HTMLButtonElement[]} [buttons]
 */
export function sayFound(key, buttons = []) {
    said = key;
    choices.replaceChildren(...buttons);
    choices.hidden = !buttons.length;
    sentence.textContent = key ? t(key, { count: buttons.length }) : "";
}

/**
 * Offers several faces; the first one is chosen.
 * @param {HTMLCanvasElement} photo
 * @param {import("./square.js").Square[]} squares around them
 * @param {(face: number) => void} choose
 */
export function offerFaces(photo, squares, choose) {
    const buttons = squares.map((square, i) => {
        const picture = make("canvas", { width: SIDE, height: SIDE });
        fill(context(picture), photo, square);
        const button = make("button", { type: "button", ariaLabel: t("eyes.face", { number: i + 1 }) }, picture);
        button.ariaPressed = String(i === 0);
        button.addEventListener("click", () => {
            for (const other of buttons) other.ariaPressed = String(other === button);
            choose(i);
        });
        return button;
    });
    sayFound("eyes.several", buttons);
}
