/** The 1x1 convolution: a matrix that mixes the channels. */
import { place } from "../engine/levels.js";
import { elements } from "../page/dom.js";
import { eachLanguage, number, t } from "../page/i18n.js";
import { image, show } from "../page/pixels.js";
import { busy } from "../page/status.js";
import { Live } from "../play/live.js";
import { inBits } from "./bell.js";
import { logAbsDet } from "./matrix.js";
import { Steps, which } from "./steps.js";

/** @typedef {import("./tour.js").Face} Face */

/** RGB of 0, of the largest number and of its negative. */
const [ZERO, POSITIVE, NEGATIVE] = [
    [26, 28, 36],
    [255, 158, 84],
    [92, 178, 255],
];

export class Permutation {
    #parts;
    #live = new Live((/** @type {Face} */ face) => this.#look(face));
    #steps;
    /** @type {Face | undefined} */ #face;
    /** @type {{ matrix: Float32Array, side: number } | undefined} */ #found;

    /** @param {HTMLElement} root */
    constructor(root) {
        this.#parts = elements(root, {
            matrix: HTMLCanvasElement,
            matrixLegend: HTMLElement,
            matrixNumbers: HTMLParagraphElement,
            matrixFixed: HTMLParagraphElement,
        });
        this.#steps = new Steps(root, "matrix-step", which, () => this.#face && this.#live.want(this.#face));
        eachLanguage(() => this.#write());
    }

    /** @param {Face} face */
    show(face) {
        this.#face = face;
        this.#steps.setModel(face.model.info);
        this.#live.want(face);
    }

    /** @param {Face} face */
    async #look({ model, signal }) {
        await busy(async () => {
            const step = this.#steps.value;
            const matrix = await model.call("permutation", [step - 1], { signal });
            this.#found = { matrix, side: place(model.info, step).side };
            this.#write();
        });
    }

    #write() {
        if (!this.#face || !this.#found) return;
        const { matrix, side } = this.#found;
        const { model, subject } = this.#face;
        const most = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        const size = Math.sqrt(matrix.length);
        show(this.#parts.matrix, image(Uint8Array.from([...matrix].flatMap((value) => colour(value / most)))));
        this.#parts.matrixLegend.textContent = t("matrix.legend", { size: `${size} × ${size}`, most: number(most, 2) });
        const logDet = logAbsDet(matrix);
        const nats = logDet * side * side;
        this.#parts.matrixNumbers.textContent = t("matrix.numbers", {
            logDet: number(logDet, 3),
            size: `${side} × ${side}`,
            nats: number(nats, 1),
            bits: number(inBits(nats, subject.rgb.length), 3),
        });
        this.#parts.matrixFixed.hidden = model.info.permutation === "conv1x1";
    }
}

/** @param {number} value from -1 to 1 */
function colour(value) {
    const end = value < 0 ? NEGATIVE : POSITIVE;
    return ZERO.map((zero, i) => Math.round(zero + Math.abs(value) * (end[i] - zero)));
}
