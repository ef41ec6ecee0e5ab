/** Faces to choose from, in small; each can be pressed. */
import { make } from "../page/dom.js";
import { image, show } from "../page/pixels.js";

/** @typedef {import("../faces/subject.js").Subject} Subject */

export class Picker {
    #root;
    #press;
    /** @type {Map<Subject, HTMLButtonElement>} */ #cells = new Map();

    /**
     * @param {HTMLElement} root
     * @param {(subject: Subject) => void} press
     */
    constructor(root, press) {
        this.#root = root;
        this.#press = press;
    }

    /** @param {Subject[]} subjects */
    offer(subjects) {
        this.#cells = new Map(
            subjects.map((subject) => {
                const cell = make("button", { type: "button", className: "cell" }, make("canvas"));
                cell.id = `${this.#root.id}-${subject.file}`;
                show(/** @type {HTMLCanvasElement} */ (cell.firstChild), image(subject.rgb));
                cell.addEventListener("click", () => this.#press(subject));
                return [subject, cell];
            }),
        );
        this.#root.replaceChildren(...this.#cells.values());
    }

    /** Names them, and says which are chosen. @param {(subject: Subject) => boolean} chosen */
    write(chosen) {
        for (const [subject, cell] of this.#cells) {
            cell.setAttribute("aria-label", subject.title());
            cell.setAttribute("aria-pressed", String(chosen(subject)));
        }
    }
}
