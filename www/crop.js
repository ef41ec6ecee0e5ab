/** A square of a photo, moved and scaled by pointer, wheel, keyboard and slider. */
import { element } from "./dom.js";
import { eachLanguage, t } from "./i18n.js";
import { context, rgb } from "./pixels.js";

/** Pixels of the canvas. */
const VIEW = 480;
/** A photo's square is shrunk to this many times the model's size, then averaged, as the training photos were. */
const SUPERSAMPLE = 4;
/** The smallest square, as a share of the largest. */
const CLOSEST = 1 / 12;
/** Of the square, an arrow key. */
const NUDGE = 0.02;
/** Of the slider, a key or a turn of the wheel. */
const ZOOM = 0.04;

const canvas = element("crop", HTMLCanvasElement);
const slider = element("scale", HTMLInputElement);

export class Crop {
    /** @type {HTMLCanvasElement | undefined} */ #photo;
    /** Centre, in pixels of the photo. */
    #x = 0;
    #y = 0;
    /** Where each finger is, in pixels of the screen. @type {Map<number, { x: number, y: number }>} */ #fingers =
        new Map();
    #changed;

    /** @param {() => void} changed */
    constructor(changed) {
        this.#changed = changed;
        /** Where the training photos have the eyes. @type {[number, number][]} */
        this.eyes = [];
        canvas.width = canvas.height = VIEW;
        slider.addEventListener("input", () => this.#update());
        canvas.addEventListener("keydown", (event) => this.#key(event));
        canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
        canvas.addEventListener("pointerdown", (event) => {
            canvas.setPointerCapture(event.pointerId);
            this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
        });
        canvas.addEventListener("pointermove", (event) => this.#drag(event));
        for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
            canvas.addEventListener(end, (event) => this.#fingers.delete(event.pointerId));
        }
        eachLanguage(() => canvas.setAttribute("aria-label", t("crop.label")));
    }

    /**
     * Shows the middle of a photo, or puts its eyes where the training photos have them.
     * @param {HTMLCanvasElement} photo
     * @param {[number, number][]} [eyes] left and right, in pixels
     */
    setPhoto(photo, eyes) {
        this.#photo = photo;
        this.#x = photo.width / 2;
        this.#y = photo.height / 2;
        slider.value = "0";
        if (eyes) {
            const middle = (/** @type {[number, number][]} */ [[ax, ay], [bx, by]]) => [(ax + bx) / 2, (ay + by) / 2];
            const apart = (/** @type {[number, number][]} */ [[a], [b]]) => b - a;
            slider.valueAsNumber = Math.log(apart(eyes) / apart(this.eyes) / this.#side) / Math.log(CLOSEST);
            const [[x, y], [across, down]] = [middle(eyes), middle(this.eyes)];
            this.#x = x + (0.5 - across) * this.#side;
            this.#y = y + (0.5 - down) * this.#side;
        }
        this.#update();
    }

    /** The square as the model sees it. @param {number} size @returns {Uint8Array} RGB */
    pixels(size) {
        const large = new OffscreenCanvas(size * SUPERSAMPLE, size * SUPERSAMPLE);
        this.#draw(context(large), large.width);
        const small = new ImageData(size, size);
        const { data, width } = context(large).getImageData(0, 0, large.width, large.height);
        for (let i = 0; i < small.data.length; i++) {
            const [pixel, channel] = [i >> 2, i & 3];
            const [top, left] = [Math.floor(pixel / size) * SUPERSAMPLE, (pixel % size) * SUPERSAMPLE];
            let sum = 0;
            for (let y = 0; y < SUPERSAMPLE; y++) {
                for (let x = 0; x < SUPERSAMPLE; x++) sum += data[((top + y) * width + left + x) * 4 + channel];
            }
            small.data[i] = Math.round(sum / SUPERSAMPLE ** 2);
        }
        return rgb(small);
    }

    /** Pixels of the photo. */
    get #side() {
        const { width, height } = /** @type {HTMLCanvasElement} */ (this.#photo);
        return Math.min(width, height) * CLOSEST ** slider.valueAsNumber;
    }

    /** @param {CanvasRenderingContext2D} drawing @param {number} to pixels of a side */
    #draw(drawing, to) {
        const side = this.#side;
        drawing.imageSmoothingQuality = "high";
        const photo = /** @type {HTMLCanvasElement} */ (this.#photo);
        drawing.drawImage(photo, this.#x - side / 2, this.#y - side / 2, side, side, 0, 0, to, to);
    }

    /** @param {number} dx to the right, in squares @param {number} dy down */
    #move(dx, dy) {
        this.#x += dx * this.#side;
        this.#y += dy * this.#side;
        this.#update();
    }

    /** @param {number} by of the slider */
    #zoom(by) {
        slider.valueAsNumber += by;
        this.#update();
    }

    /** Keeps the square inside of the photo, and shows it. */
    #update() {
        const photo = this.#photo;
        if (!photo) return;
        const half = this.#side / 2;
        this.#x = Math.min(Math.max(this.#x, half), photo.width - half);
        this.#y = Math.min(Math.max(this.#y, half), photo.height - half);
        const drawing = context(canvas);
        this.#draw(drawing, VIEW);
        for (const [x, y] of this.eyes) {
            for (const [style, width] of /** @type {const} */ ([
                ["#000a", 6],
                ["#fff", 3],
            ])) {
                drawing.beginPath();
                drawing.arc(x * VIEW, y * VIEW, VIEW / 16, 0, 2 * Math.PI);
                drawing.strokeStyle = style;
                drawing.lineWidth = width;
                drawing.stroke();
            }
        }
        this.#changed();
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        const moves = { ArrowLeft: [-NUDGE, 0], ArrowRight: [NUDGE, 0], ArrowUp: [0, -NUDGE], ArrowDown: [0, NUDGE] };
        const zooms = { "+": ZOOM, "=": ZOOM, "-": -ZOOM };
        if (event.key in moves) {
            const [dx, dy] = moves[/** @type {keyof typeof moves} */ (event.key)];
            this.#move(dx, dy);
        } else if (event.key in zooms) {
            this.#zoom(zooms[/** @type {keyof typeof zooms} */ (event.key)]);
        } else {
            return;
        }
        event.preventDefault();
    }

    /** @param {WheelEvent} event */
    #wheel(event) {
        event.preventDefault();
        this.#zoom(-Math.sign(event.deltaY) * ZOOM);
    }

    /** One finger moves, two scale. @param {PointerEvent} event */
    #drag(event) {
        const before = this.#fingers.get(event.pointerId);
        if (!before) return;
        const now = { x: event.clientX, y: event.clientY };
        this.#fingers.set(event.pointerId, now);
        const other = [...this.#fingers].find(([id]) => id !== event.pointerId)?.[1];
        if (other) {
            const grown =
                Math.hypot(now.x - other.x, now.y - other.y) / Math.hypot(before.x - other.x, before.y - other.y);
            if (grown > 0 && Number.isFinite(grown)) this.#zoom(-Math.log(grown) / Math.log(CLOSEST));
        } else {
            this.#move((before.x - now.x) / canvas.clientWidth, (before.y - now.y) / canvas.clientHeight);
        }
    }
}
