/** A slider over the steps of the flow, which says where it stands. */
import { allSteps, place } from "../engine/levels.js";
import { element } from "../page/dom.js";
import { eachLanguage, t } from "../page/i18n.js";

/** @typedef {import("../engine/protocol.js").ModelInfo} ModelInfo */

/** @param {ModelInfo} info @param {number} step counted from 1 */
export function words(info, step) {
    const { level, side, channels } = place(info, step);
    return { step, steps: allSteps(info), level, size: `${side} × ${side} × ${channels}` };
}

export class Steps {
    #input;
    #text;
    /** @type {ModelInfo | undefined} */ #info;

    /**
     * @param {HTMLElement} root
     * @param {string} id of the slider, which an output follows
     * @param {(info: ModelInfo, step: number) => string} text
     * @param {() => void} moved
     */
    constructor(root, id, text, moved) {
        this.#input = element(root, id, HTMLInputElement);
        this.#text = text;
        this.#input.addEventListener("input", () => {
            this.#write();
            moved();
        });
        eachLanguage(() => this.#write());
    }

    /** @param {ModelInfo} info */
    setModel(info) {
        this.#info = info;
        this.#input.max = String(allSteps(info));
        this.#write();
    }

    get value() {
        return this.#input.valueAsNumber;
    }

    #write() {
        if (!this.#info) return;
        const output = /** @type {HTMLOutputElement} */ (this.#input.nextElementSibling);
        output.textContent = this.#text(this.#info, this.value);
        this.#input.setAttribute("aria-valuetext", output.textContent);
    }
}

/** For {@link Steps}. @param {ModelInfo} info @param {number} step */
export const which = (info, step) => t("tour.step", words(info, step));
