/** The buttons that draw levels anew: the fine ones, the coarse ones, or one. */
import { isSeed } from "../page/address.js";
import { element, make, onClick } from "../page/dom.js";
import { eachLanguage, t } from "../page/i18n.js";

export class Anew {
    #select;
    #buttons;
    #levels = 0;
    #draw;

    /** @param {HTMLElement} root @param {(levels: number[]) => void} draw counted from 1, the finest */
    constructor(root, draw) {
        this.#select = element(root, "cut", HTMLSelectElement);
        this.#buttons = element(root, "anew-levels", HTMLDivElement);
        this.#draw = draw;
        onClick(root, "anew-fine", () => draw(this.#all.filter((level) => level <= this.#cut)));
        onClick(root, "anew-coarse", () => draw(this.#all.filter((level) => level > this.#cut)));
        eachLanguage(() => this.#write());
    }

    /** @param {number} levels of the model */
    setLevels(levels) {
        if (levels === this.#levels) return;
        this.#levels = levels;
        this.#select.replaceChildren(
            ...this.#all
                .slice(0, -1)
                .map((level) => make("option", { value: String(level) }))
                .reverse(),
        );
        // With two levels there is one cut.
        /** @type {HTMLElement} */ (this.#select.parentElement).hidden = levels < 3;
        this.#buttons.replaceChildren(
            ...this.#all
                .map((level) => {
                    const button = make("button", { type: "button" });
                    button.addEventListener("click", () => this.#draw([level]));
                    return button;
                })
                .reverse(),
        );
        this.#write();
    }

    /** Of seeds by level, those that are. @param {Record<string, number>} seeds */
    sound(seeds) {
        return Object.fromEntries(
            Object.entries(seeds).filter(([level, seed]) => this.#all.includes(Number(level)) && isSeed(seed)),
        );
    }

    get #all() {
        return Array.from({ length: this.#levels }, (_, i) => i + 1);
    }

    /** The coarsest of the fine levels. */
    get #cut() {
        return Number(this.#select.value);
    }

    #write() {
        const levels = this.#levels;
        for (const option of this.#select.options) {
            const from = Number(option.value) + 1;
            option.text = t(from === levels ? "anew.cut.one" : "anew.cut.more", { from, to: levels });
        }
        [...this.#buttons.children].forEach((button, i) => {
            button.textContent = t("anew.level", { level: levels - i });
        });
    }
}
