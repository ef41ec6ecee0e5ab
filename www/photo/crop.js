/** A photo with a ring on each eye, and the square that follows from them; the view is moved by pointer, wheel, keyboard and slider. */
import { element } from "../page/dom.js";
import { eachLanguage, t } from "../page/i18n.js";
import { context, rgb } from "../page/pixels.js";
import { aim, at, fill, through } from "./square.js";

/** @typedef {import("../engine/protocol.js").Eyes} Eyes */
/** @typedef {import("../engine/protocol.js").Point} Point */

/** Pixels of the canvas. */
const VIEW = 480;
/** A photo's square is shrunk to this many times the model's size, then averaged, as the training photos were. */
const SUPERSAMPLE = 4;
/** The smallest view, as a share of the largest. */
const CLOSEST = 1 / 12;
/** Sides of the square that are in view around a face. */
const AROUND = 1.3;
/** Of the view, an arrow key; for an eye and for the view. */
const STEP = 0.005;
const NUDGE = 0.02;
/** Of the slider, a key or a turn of the wheel. */
const ZOOM = 0.04;
/** Pixels between the eyes, at least. */
const APART = 4;
/** Where the rings are where no eyes are, in shares of the square. @type {Eyes} */
const RINGS = [
    [0.25, 0.5],
    [0.75, 0.5],
];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Crop {
    #canvas;
    #slider;
    #rings;
    /** @type {HTMLCanvasElement | undefined} */ #photo;
    /** Where the rings are in the square. */ #frame = RINGS;
    /** In pixels of the photo. @type {Eyes} */ #eyes = this.#frame;
    /** Centre of the view, in pixels of the photo. */
    #x = 0;
    #y = 0;
    /** Where each finger is, in pixels of the screen. @type {Map<number, Point>} */ #fingers = new Map();
    #changed;

    /** @param {HTMLElement} root @param {() => void} changed when the square does */
    constructor(root, changed) {
        this.#canvas = element(root, "crop", HTMLCanvasElement);
        this.#slider = element(root, "scale", HTMLInputElement);
        this.#rings = ["eye-left", "eye-right"].map((id) => element(root, id, HTMLButtonElement));
        this.#changed = changed;
        this.#canvas.width = this.#canvas.height = VIEW;
        this.#slider.addEventListener("input", () => this.#update());
        this.#canvas.addEventListener("keydown", (event) => this.#key(event));
        this.#canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
        for (const [i, ring] of this.#rings.entries()) {
            ring.addEventListener("keydown", (event) => this.#keyEye(event, i));
            ring.addEventListener("focus", () => this.#reveal(this.#eyes[i]));
        }
        /** @type {HTMLElement[]} */
        const targets = [this.#canvas, ...this.#rings];
        for (const [i, target] of targets.entries()) {
            target.addEventListener("pointerdown", (event) => {
                target.setPointerCapture(event.pointerId);
                this.#fingers.set(event.pointerId, [event.clientX, event.clientY]);
            });
            target.addEventListener("pointermove", (event) => this.#drag(event, i - 1));
            for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
                target.addEventListener(end, (event) => this.#fingers.delete(event.pointerId));
            }
        }
        eachLanguage(() => {
            this.#canvas.setAttribute("aria-label", t("crop.label"));
            this.#rings[0].setAttribute("aria-label", t("eyes.left"));
            this.#rings[1].setAttribute("aria-label", t("eyes.right"));
        });
    }

    /** @param {Eyes | undefined} frame where a model has the eyes, if its pictures have any */
    set frame(frame) {
        this.#frame = frame ?? RINGS;
        this.#update();
    }

    /** Shows a whole photo, with the eyes where they would be if its middle were a training photo. @param {HTMLCanvasElement} photo */
    setPhoto(photo) {
        const { width, height } = photo;
        const side = Math.min(width, height);
        const middle = { x: (width - side) / 2, y: (height - side) / 2, dx: side, dy: 0 };
        this.#photo = photo;
        this.#eyes = [at(middle, this.#frame[0]), at(middle, this.#frame[1])];
        this.#slider.value = "0";
        this.#update();
    }

    /** Puts the eyes in their place, and the face in view. @param {Eyes} eyes */
    setEyes(eyes) {
        this.#eyes = eyes;
        const { dx, dy } = this.square();
        this.#slider.valueAsNumber = Math.log((Math.hypot(dx, dy) * AROUND) / this.#largest) / Math.log(CLOSEST);
        [this.#x, this.#y] = at(this.square(), [0.5, 0.5]);
        this.#update();
        this.#changed();
    }

    /** Around a face. @param {Eyes} eyes */
    square(eyes = this.#eyes) {
        return through(this.#frame, eyes);
    }

    /** The square as the model sees it. @param {number} size @returns {Uint8Array} RGB */
    pixels(size) {
        const large = new OffscreenCanvas(size * SUPERSAMPLE, size * SUPERSAMPLE);
        fill(context(large), /** @type {HTMLCanvasElement} */ (this.#photo), this.square());
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

    /** Of the view, in pixels of the photo; what follows is, too. */
    get #side() {
        return this.#largest * CLOSEST ** this.#slider.valueAsNumber;
    }

    get #largest() {
        const { width, height } = /** @type {HTMLCanvasElement} */ (this.#photo);
        return Math.max(width, height);
    }

    /** @param {number} i which eye @param {number} dx to the right, in views @param {number} dy down */
    #moveEye(i, dx, dy) {
        const { width, height } = /** @type {HTMLCanvasElement} */ (this.#photo);
        const within = (/** @type {number} */ place, /** @type {number} */ end) => Math.min(Math.max(place, 0), end);
        const [x, y] = this.#eyes[i];
        const [otherX, otherY] = this.#eyes[1 - i];
        /** @type {Point} */
        const moved = [within(x + dx * this.#side, width), within(y + dy * this.#side, height)];
        if (Math.hypot(moved[0] - otherX, moved[1] - otherY) < APART) return;
        this.#eyes = i ? [this.#eyes[0], moved] : [moved, this.#eyes[1]];
        this.#update();
        this.#changed();
    }

    /** @param {number} dx to the right, in views @param {number} dy down */
    #move(dx, dy) {
        this.#x += dx * this.#side;
        this.#y += dy * this.#side;
        this.#update();
    }

    /** @param {number} by of the slider */
    #zoom(by) {
        this.#slider.valueAsNumber += by;
        this.#update();
    }

    /** Brings a point into view. @param {Point} point */
    #reveal([x, y]) {
        if (Math.max(Math.abs(x - this.#x), Math.abs(y - this.#y)) < this.#side / 2) return;
        [this.#x, this.#y] = [x, y];
        this.#update();
    }

    /** Keeps the view on the photo, and shows it. */
    #update() {
        const photo = this.#photo;
        if (!photo) return;
        const [side, half] = [this.#side, this.#side / 2];
        const within = (/** @type {number} */ place, /** @type {number} */ end) =>
            side < end ? Math.min(Math.max(place, half), end - half) : end / 2;
        this.#x = within(this.#x, photo.width);
        this.#y = within(this.#y, photo.height);
        const view = { x: this.#x - half, y: this.#y - half, dx: side, dy: 0 };
        const drawing = context(this.#canvas);
        drawing.resetTransform();
        drawing.clearRect(0, 0, VIEW, VIEW);
        aim(drawing, view);
        drawing.drawImage(photo, 0, 0);
        this.#outline(drawing, view);
        for (const [i, [x, y]] of this.#eyes.entries()) {
            this.#rings[i].style.left = `${(100 * (x - view.x)) / side}%`;
            this.#rings[i].style.top = `${(100 * (y - view.y)) / side}%`;
        }
    }

    /** Darkens what the model does not see. @param {CanvasRenderingContext2D} drawing @param {import("./square.js").Square} view */
    #outline(drawing, view) {
        const [first, ...others] = /** @type {Point[]} */ ([
            [0, 0],
            [1, 0],
            [1, 1],
            [0, 1],
        ]).map((corner) => at(this.square(), corner));
        drawing.beginPath();
        drawing.moveTo(...first);
        for (const corner of others) drawing.lineTo(...corner);
        drawing.closePath();
        drawing.lineWidth = (3 * view.dx) / VIEW;
        drawing.strokeStyle = "#fff";
        drawing.stroke();
        drawing.rect(view.x, view.y, view.dx, view.dx);
        drawing.fillStyle = "#0009";
        drawing.fill("evenodd");
    }

    /** @param {KeyboardEvent} event */
    #key(event) {
        const zooms = { "+": ZOOM, "=": ZOOM, "-": -ZOOM };
        if (event.key in ARROWS) {
            const [x, y] = ARROWS[/** @type {keyof typeof ARROWS} */ (event.key)];
            this.#move(x * NUDGE, y * NUDGE);
        } else if (event.key in zooms) {
            this.#zoom(zooms[/** @type {keyof typeof zooms} */ (event.key)]);
        } else {
            return;
        }
        event.preventDefault();
    }

    /** @param {KeyboardEvent} event @param {number} i which eye */
    #keyEye(event, i) {
        if (!(event.key in ARROWS)) return this.#key(event);
        const [x, y] = ARROWS[/** @type {keyof typeof ARROWS} */ (event.key)];
        this.#moveEye(i, x * STEP, y * STEP);
        this.#reveal(this.#eyes[i]);
        event.preventDefault();
    }

    /** @param {WheelEvent} event */
    #wheel(event) {
        event.preventDefault();
        this.#zoom(-Math.sign(event.deltaY) * ZOOM);
    }

    /** One finger moves the view or an eye, two scale. @param {PointerEvent} event @param {number} eye -1 for the view */
    #drag(event, eye) {
        const before = this.#fingers.get(event.pointerId);
        if (!before) return;
        /** @type {Point} */
        const now = [event.clientX, event.clientY];
        this.#fingers.set(event.pointerId, now);
        const [dx, dy] = [now[0] - before[0], now[1] - before[1]].map((pixels) => pixels / this.#canvas.clientWidth);
        if (eye >= 0) return this.#moveEye(eye, dx, dy);
        const other = [...this.#fingers].find(([id]) => id !== event.pointerId)?.[1];
        if (!other) return this.#move(-dx, -dy);
        const distance = (/** @type {Point} */ [x, y]) => Math.hypot(x - other[0], y - other[1]);
        const grown = distance(now) / distance(before);
        if (grown > 0 && Number.isFinite(grown)) this.#zoom(-Math.log(grown) / Math.log(CLOSEST));
    }
}
