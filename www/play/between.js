/** Pictures of what lies between faces, on a strip or a sheet; each can be pressed. */
import { Latest, make } from "../page/dom.js";
import { number, t } from "../page/i18n.js";
import { image, show } from "../page/pixels.js";

/** Pictures of a row. */
const STRIP = 6;
const SHEET = 5;

export class Between {
    #grid;
    #press;
    #drawing = new Latest();
    /** What is there, or on its way. */
    #drawn = "";
    /** @type {{ cell: HTMLButtonElement, x: number, y: number }[]} */ #cells = [];

    /** @param {HTMLElement} grid @param {(x: number, y: number) => void} press where, from 0 to 1 */
    constructor(grid, press) {
        this.#grid = grid;
        this.#press = press;
    }

    /** The pictures no longer hold. */
    forget() {
        this.#drawn = "";
    }

    /**
     * Draws them one by one, if they are not there yet.
     * @param {string} what the same for pictures that are the same
     * @param {boolean} isSheet or a strip
     * @param {(x: number, y: number) => Promise<Uint8Array | undefined>} render RGB
     */
    async draw(what, isSheet, render) {
        if (what === this.#drawn) return;
        this.#drawn = what;
        const signal = this.#drawing.next();
        this.#lay(isSheet);
        for (const { cell, x, y } of this.#cells) {
            const rgb = await render(x, y);
            if (signal.aborted) return;
            if (!rgb) return this.forget();
            show(/** @type {HTMLCanvasElement} */ (cell.firstChild), image(rgb));
            cell.disabled = false;
        }
    }

    /** Makes room. @param {boolean} isSheet */
    #lay(isSheet) {
        const [columns, rows] = isSheet ? [SHEET, SHEET] : [STRIP, 1];
        this.#cells = Array.from({ length: columns * rows }, (_, i) => {
            const [x, y] = [(i % columns) / (columns - 1), Math.floor(i / columns) / Math.max(1, rows - 1)];
            const cell = make("button", { type: "button", className: "cell", disabled: true }, make("canvas"));
            cell.addEventListener("click", () => this.#press(x, y));
            return { cell, x, y };
        });
        this.#grid.style.setProperty("--columns", String(columns));
        this.#grid.replaceChildren(...this.#cells.map(({ cell }) => cell));
    }

    /** Names them, and says which one is shown. @param {number} [across] nowhere without it @param {number} [down] */
    write(across, down) {
        const isSheet = this.#cells.length > STRIP;
        for (const { cell, x, y } of this.#cells) {
            const place = { across: number(100 * x), down: number(100 * y) };
            cell.setAttribute("aria-label", t(isSheet ? "mix.cell.sheet" : "mix.cell.strip", place));
            cell.setAttribute("aria-pressed", String(across === x && down === y));
        }
    }
}
