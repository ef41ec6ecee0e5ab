/** One picture, and the way to it from noise, step by step. */
import { allSteps, place } from "../engine/levels.js";
import { element, Latest } from "../page/dom.js";
import { eachLanguage, t } from "../page/i18n.js";
import { copy, image, save, show, side } from "../page/pixels.js";
import { busy, say, showProgress } from "../page/status.js";

/**
 * @typedef {object} Subject
 * @property {Uint8Array} rgb
 * @property {() => string} title
 * @property {string} file name of a saved picture
 * @property {() => Promise<Float32Array>} latents
 * @property {Int16Array} [missing] what its latents do not decode to
 * @property {Sample} [sample] what it was drawn from; a photo has none
 *
 * @typedef {{ seed: number, index: number, temperature: number[] }} Sample the index counts from 0
 */

/** Pictures a second. */
const RATE = 16;

const canvas = element("picture", HTMLCanvasElement);
const scrubber = element("scrubber", HTMLInputElement);
const play = element("play", HTMLButtonElement);
const heading = element("viewer-title", HTMLHeadingElement);
const caption = element("viewer-step", HTMLParagraphElement);
/** What can be done with a picture, once there is one. */
const [edit, invite, download, copyPicture, keep] = ["edit", "invite", "download", "copy", "keep"].map((id) =>
    element(id, HTMLButtonElement),
);

export class Viewer {
    /** @type {import("../engine/engine.js").Model | undefined} */ #model;
    /** @type {Subject | undefined} */ #subject;
    /** Every picture of the way, once somebody wants to see it. @type {Uint8Array | undefined} */ #frames;
    #loading = new Latest();
    /** Of the animation; 0 while it rests. */
    #timer = 0;

    /**
     * @param {(subject: Subject) => void} playWith
     * @param {(subject: Subject) => void} keepFace
     */
    constructor(playWith, keepFace) {
        scrubber.addEventListener("input", () => {
            this.#pause();
            this.#scrub();
        });
        play.addEventListener("click", () => (this.#timer ? this.#pause() : this.play()));
        download.addEventListener("click", () => this.#subject && save(this.#shown(), this.#subject.file));
        copyPicture.addEventListener("click", () =>
            busy(async () => {
                await copy(this.#shown());
                say("status.copied");
            }),
        );
        for (const button of [edit, invite]) {
            button.addEventListener("click", () => this.#subject && playWith(this.#subject));
        }
        keep.addEventListener("click", () => this.#subject && keepFace(this.#subject));
        eachLanguage(() => this.#write());
    }

    /** The picture of another model goes. @param {import("../engine/engine.js").Model} model */
    setModel(model) {
        this.#model = model;
        scrubber.max = String(allSteps(model.info));
        this.show();
    }

    /** What is shown. */
    get subject() {
        return this.#subject;
    }

    /** @param {Subject} [subject] */
    show(subject) {
        if (
            subject &&
            subject.file === this.#subject?.file &&
            String(subject.sample?.temperature) === String(this.#subject.sample?.temperature)
        ) {
            // The same, without its grain.
            this.#subject = subject;
            return this.#write();
        }
        this.#pause();
        this.#loading.next();
        this.#subject = subject;
        this.#frames = undefined;
        scrubber.value = scrubber.max;
        this.#write();
    }

    /** From noise to the picture. */
    async play() {
        if (!(await this.#load())) return;
        if (scrubber.value === scrubber.max) scrubber.value = "0";
        this.#pause();
        // Whoever wants no motion moves the slider.
        if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
        this.#timer = setInterval(() => {
            scrubber.valueAsNumber += 1;
            if (scrubber.value === scrubber.max) this.#pause();
            this.#write();
        }, 1000 / RATE);
        this.#write();
    }

    #pause() {
        clearInterval(this.#timer);
        this.#timer = 0;
        this.#write();
    }

    async #scrub() {
        this.#write();
        if (await this.#load()) this.#write();
    }

    /** @returns {Promise<boolean>} whether the pictures of the way are there */
    async #load() {
        const [model, subject] = [this.#model, this.#subject];
        if (!model || !subject || this.#frames) return !!subject;
        const signal = this.#loading.next();
        const frames = await busy(async () => {
            say("status.flowing");
            const frames = await model.call("frames", [await subject.latents()], {
                signal,
                event: showProgress,
            });
            say("status.flowed");
            return frames;
        });
        showProgress();
        if (!frames || signal.aborted) return false;
        this.#frames = frames;
        return true;
    }

    /** RGB of what is on the canvas. */
    #shown() {
        const { rgb } = /** @type {Subject} */ (this.#subject);
        if (scrubber.value === scrubber.max || !this.#frames) return rgb;
        return this.#frames.slice(scrubber.valueAsNumber * rgb.length, (scrubber.valueAsNumber + 1) * rgb.length);
    }

    #write() {
        play.textContent = t(this.#timer ? "flow.pause" : "flow.play");
        for (const control of [edit, invite, download, copyPicture, keep, play, scrubber]) {
            control.disabled = !this.#subject;
        }
        heading.textContent = this.#subject?.title() ?? "";
        if (!this.#subject || !this.#model) {
            canvas.width = 1;
            caption.textContent = "";
            return;
        }
        show(canvas, image(this.#shown()));
        caption.textContent = this.#where(this.#model.info);
        scrubber.setAttribute("aria-valuetext", caption.textContent);
    }

    /** @param {import("../engine/protocol.js").ModelInfo} info */
    #where(info) {
        const [step, steps] = [scrubber.valueAsNumber, allSteps(info)];
        if (step === 0) return t("flow.noise", { steps });
        if (step === steps) return t("flow.done", { steps });
        // Backwards: the last step of the flow is undone first.
        const { level, side, channels } = place(info, steps - step + 1);
        return t("flow.step", { step, steps, level, size: `${side} × ${side} × ${channels}` });
    }
}
