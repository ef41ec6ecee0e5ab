/** What of a picture is to go: painted over by pointer or keys, a part of a face at a time by buttons. */
import { elements, make } from "../page/dom.js";
import { eachLanguage, t } from "../page/i18n.js";
import { context, enlarge, side } from "../page/pixels.js";

/** @typedef {import("../engine/protocol.js").Point} Point */

/** Ellipses: centre and radii, in distances between the eyes from the middle between them. */
const PARTS = /** @type {const} */ ({
    "eye.left": [-0.5, 0, 0.4, 0.32],
    "eye.right": [0.5, 0, 0.4, 0.32],
    glasses: [0, 0.05, 1.2, 0.42],
    mouth: [0, 1.05, 0.62, 0.4],
});
/** What is to go shows through this. */
const VEIL = [110, 40, 255];
const SHARE = 0.7;
/** Pixels that an arrow key moves the brush. */
const STEP = 1;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Mask {
    #parts;
    /** 1 where the picture is known, 0 where it is to be filled in. @type {Uint8Array} */ known = new Uint8Array();
    /** @type {Uint8Array} */ #rgb = new Uint8Array();
    /** Where the brush is, in pixels; nowhere while neither pointer nor keys have it. @type {Point | undefined} */ #at;
    /** The one that paints: a second finger does not. @type {number | undefined} */ #pointer;
    #changed;

    /** @param {HTMLElement} root @param {() => void} changed */
    constructor(root, changed) {
        this.#parts = elements(root, {
            mask: HTMLCanvasElement,
            brush: HTMLInputElement,
            parts: HTMLDivElement,
            rub: HTMLButtonElement,
            unmask: HTMLButtonElement,
        });
        const { mask, brush, rub, unmask } = this.#parts;
        this.#changed = changed;
        mask.addEventListener("pointerdown", (event) => {
            if (this.#pointer !== undefined || event.button) return;
            mask.setPointerCapture(event.pointerId);
            this.#pointer = event.pointerId;
            this.#at = undefined;
            this.#drag(event);
        });
        mask.addEventListener("pointermove", (event) => this.#drag(event));
        for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
            mask.addEventListener(end, ({ pointerId }) => {
                if (pointerId === this.#pointer) this.#pointer = undefined;
            });
        }
        mask.addEventListener("pointerleave", () => this.#moveTo());
        mask.addEventListener("blur", () => this.#moveTo());
        mask.addEventListener("keydown", (event) => this.#key(event));
        brush.addEventListener("input", () => this.#show());
        rub.addEventListener("click", () => rub.setAttribute("aria-pressed", String(!this.#isRubbing)));
        unmask.addEventListener("click", () => this.#fill(1, () => true));
        eachLanguage(() => mask.setAttribute("aria-label", t("repair.mask")));
    }

    /** Of another picture nothing is to go. @param {Uint8Array} rgb @param {import("../engine/protocol.js").Eyes} [eyes] in shares of its side */
    show(rgb, eyes) {
        this.#rgb = rgb;
        this.known = new Uint8Array(rgb.length / 3).fill(1);
        this.#parts.parts.hidden = !eyes;
        if (eyes) this.#offer(eyes);
        this.#show();
        this.#changed();
    }

    /** Whether something is to go, and something to stay. */
    get isPartial() {
        return this.known.includes(0) && this.known.includes(1);
    }

    /** @param {import("../engine/protocol.js").Eyes} eyes */
    #offer([[left, top], [right]]) {
        const apart = right - left;
        const buttons = Object.entries(PARTS).map(([part, [x, y, width, height]]) => {
            const button = make("button", { type: "button", id: `part-${part}` });
            button.dataset.i18n = `repair.${part}`;
            button.textContent = t(/** @type {import("../page/i18n.js").Key} */ (button.dataset.i18n));
            const [middle, low] = [(left + right) / 2 + x * apart, top + y * apart];
            button.addEventListener("click", () =>
                this.#fill(this.#paint, (across, down) => {
                    const away = Math.hypot((across - middle) / width, (down - low) / height);
                    return away < apart;
                }),
            );
            return button;
        });
        this.#parts.parts.replaceChildren(/** @type {Element} */ (this.#parts.parts.firstElementChild), ...buttons);
    }

    get #isRubbing() {
        return this.#parts.rub.getAttribute("aria-pressed") === "true";
    }

    /** What the brush leaves. */
    get #paint() {
        return Number(this.#isRubbing);
    }

    /** Of the this.#parts.brush, in pixels. */
    get #radius() {
        return this.#parts.brush.valueAsNumber * side(this.#rgb);
    }

    /** @param {number} value @param {(across: number, down: number) => boolean} where in shares of the side */
    #fill(value, where) {
        const size = side(this.#rgb);
        this.known.forEach((_, i) => {
            if (where(((i % size) + 0.5) / size, (Math.floor(i / size) + 0.5) / size)) this.known[i] = value;
        });
        this.#show();
        this.#changed();
    }

    /** Paints all along the way of the this.#parts.brush. @param {Point} from @param {Point} to */
    #stroke(from, to) {
        const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
        const [length, size] = [dx * dx + dy * dy, side(this.#rgb)];
        // The pixel under the brush goes, however thin it is.
        const radius = Math.max(this.#radius, Math.SQRT1_2);
        this.#fill(this.#paint, (across, down) => {
            const [x, y] = [across * size - from[0], down * size - from[1]];
            const along = length ? Math.min(Math.max((x * dx + y * dy) / length, 0), 1) : 0;
            return Math.hypot(x - along * dx, y - along * dy) <= radius;
        });
    }

    /** @param {Point} [to] */
    #moveTo(to) {
        this.#at = to;
        this.#show();
    }

    /** @param {PointerEvent} event */
    #drag({ pointerId, offsetX, offsetY }) {
        if (this.#pointer !== undefined && this.#pointer !== pointerId) return;
        const scale = side(this.#rgb) / this.#parts.mask.clientWidth;
        const before = this.#at;
        this.#at = [offsetX * scale, offsetY * scale];
        if (this.#pointer !== undefined) this.#stroke(before ?? this.#at, this.#at);
        else this.#show();
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        const size = side(this.#rgb);
        const at = this.#at ?? [size / 2, size / 2];
        const within = (/** @type {number} */ place) => Math.min(Math.max(place, 0), size);
        if (event.key in ARROWS) {
            const [x, y] = ARROWS[/** @type {keyof typeof ARROWS} */ (event.key)];
            this.#moveTo([within(at[0] + x * STEP), within(at[1] + y * STEP)]);
        } else if (event.key === " " || event.key === "Enter") {
            this.#at = at;
            this.#stroke(at, at);
        } else {
            return;
        }
        event.preventDefault();
    }

    #show() {
        if (!this.#rgb.length) return void (this.#parts.mask.width = 1);
        enlarge(
            this.#parts.mask,
            this.#rgb.map((value, i) => {
                const known = this.known[Math.floor(i / 3)];
                return known ? value : value + SHARE * (VEIL[i % 3] - value);
            }),
        );
        if (!this.#at) return;
        const [drawing, scale] = [context(this.#parts.mask), this.#parts.mask.width / side(this.#rgb)];
        for (const [width, colour] of /** @type {const} */ ([
            [6, "#000a"],
            [3, "#fff"],
        ])) {
            drawing.lineWidth = width;
            drawing.strokeStyle = colour;
            drawing.beginPath();
            drawing.arc(this.#at[0] * scale, this.#at[1] * scale, this.#radius * scale, 0, 2 * Math.PI);
            drawing.stroke();
        }
    }
}
