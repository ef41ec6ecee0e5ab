/** A photo made small, which is to be enlarged. */
import { element, make } from "../page/dom.js";
import { image, show, side } from "../page/pixels.js";

/** How often it can be halved. */
const HALVINGS = [1, 2, 3];
/** At first. */
const USUAL = 2;

export class Small {
    #canvas;
    #choice;
    /** @type {Uint8Array} */ rgb = new Uint8Array();
    /** @type {Uint8Array} */ #photo = new Uint8Array();
    #changed;

    /** @param {HTMLElement} root @param {() => void} changed */
    constructor(root, changed) {
        this.#canvas = element(root, "small", HTMLCanvasElement);
        this.#choice = element(root, "small-side", HTMLSelectElement);
        this.#changed = changed;
        this.#choice.addEventListener("change", () => this.#reduce());
    }

    /** @param {Uint8Array} photo */
    show(photo) {
        const chosen = this.#choice.selectedIndex;
        this.#photo = photo;
        const options = HALVINGS.map((halvings) => {
            const small = side(photo) / 2 ** halvings;
            return make("option", { value: String(2 ** halvings), textContent: `${small} × ${small}` });
        });
        this.#choice.replaceChildren(...options);
        this.#choice.selectedIndex = chosen < 0 ? HALVINGS.indexOf(USUAL) : chosen;
        this.#reduce();
    }

    /** Each pixel becomes the mean of a square. */
    #reduce() {
        this.rgb = this.#photo.length ? reduced(this.#photo, Number(this.#choice.value)) : this.#photo;
        if (this.rgb.length) show(this.#canvas, image(this.rgb));
        else this.#canvas.width = 1;
        this.#changed();
    }
}

/** @param {Uint8Array} rgb @param {number} times as wide as it becomes */
function reduced(rgb, times) {
    const size = side(rgb);
    const small = size / times;
    const sums = new Float64Array(small * small * 3);
    rgb.forEach((value, i) => {
        const [pixel, channel] = [Math.floor(i / 3), i % 3];
        const [y, x] = [Math.floor(pixel / size / times), Math.floor((pixel % size) / times)];
        sums[(y * small + x) * 3 + channel] += value;
    });
    return Uint8Array.from(sums, (sum) => Math.round(sum / times ** 2));
}
