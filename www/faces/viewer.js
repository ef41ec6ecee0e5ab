/** One picture, and the way to it from noise, step by step. */
import { allSteps, place } from "../engine/levels.js";
import { Latest, elements } from "../page/dom.js";
import { eachLanguage, t } from "../page/i18n.js";
import { copy as copyPicture, image, save, show } from "../page/pixels.js";
import { busy, say, showProgress } from "../page/status.js";

/** @typedef {import("./subject.js").Subject} Subject */

/** Pictures a second. */
const RATE = 16;

export class Viewer {
    #root;
    #invite;
    #parts;
    /** @type {import("../engine/engine.js").Model | undefined} */ #model;
    /** @type {Subject | undefined} */ #subject;
    /** Every picture of the way, once somebody wants to see it. @type {Uint8Array | undefined} */ #frames;
    #loading = new Latest();
    /** Of the animation; 0 while it rests. */
    #timer = 0;

    /**
     * @param {object} needs
     * @param {HTMLElement} needs.root
     * @param {HTMLButtonElement} needs.invite elsewhere, plays with it, too
     * @param {(subject: Subject) => void} needs.playWith
     * @param {(subject: Subject) => void} needs.keepFace
     */
    constructor({ root, invite, playWith, keepFace }) {
        this.#root = root;
        this.#invite = invite;
        this.#parts = elements(root, {
            viewerTitle: HTMLHeadingElement,
            picture: HTMLCanvasElement,
            play: HTMLButtonElement,
            scrubber: HTMLInputElement,
            viewerStep: HTMLParagraphElement,
            edit: HTMLButtonElement,
            download: HTMLButtonElement,
            copy: HTMLButtonElement,
            keep: HTMLButtonElement,
        });
        const { play, scrubber, edit, download, copy, keep } = this.#parts;
        scrubber.addEventListener("input", () => {
            this.#pause();
            this.#scrub();
        });
        play.addEventListener("click", () => (this.#timer ? this.#pause() : this.play()));
        download.addEventListener("click", () => this.#subject && save(this.#shown(), this.#subject.file));
        copy.addEventListener("click", () =>
            busy(async () => {
                await copyPicture(this.#shown());
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
        this.#parts.scrubber.max = String(allSteps(model.info));
        this.show();
    }

    /** What is shown. */
    get subject() {
        return this.#subject;
    }

    /** @param {Subject} [subject] */
    show(subject) {
        const { scrubber } = this.#parts;
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

    /** Brings it into sight, and the keyboard to one of its buttons. @param {"play" | "edit"} button */
    focus(button) {
        this.#root.scrollIntoView({ block: "center" });
        this.#parts[button].focus({ preventScroll: true });
    }

    /** From noise to the picture. */
    async play() {
        const { scrubber } = this.#parts;
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
        const { scrubber } = this.#parts;
        if (scrubber.value === scrubber.max || !this.#frames) return rgb;
        return this.#frames.slice(scrubber.valueAsNumber * rgb.length, (scrubber.valueAsNumber + 1) * rgb.length);
    }

    #write() {
        const { viewerTitle, picture, play, scrubber, viewerStep, ...buttons } = this.#parts;
        play.textContent = t(this.#timer ? "flow.pause" : "flow.play");
        for (const control of [...Object.values(buttons), this.#invite, play, scrubber]) {
            control.disabled = !this.#subject;
        }
        viewerTitle.textContent = this.#subject?.title() ?? "";
        if (!this.#subject || !this.#model) {
            picture.width = 1;
            viewerStep.textContent = "";
            return;
        }
        show(picture, image(this.#shown()));
        viewerStep.textContent = this.#where(this.#model.info);
        scrubber.setAttribute("aria-valuetext", viewerStep.textContent);
    }

    /** @param {import("../engine/protocol.js").ModelInfo} info */
    #where(info) {
        const [step, steps] = [this.#parts.scrubber.valueAsNumber, allSteps(info)];
        if (step === 0) return t("flow.noise", { steps });
        if (step === steps) return t("flow.done", { steps });
        // Backwards: the last step of the flow is undone first.
        const { level, side, channels } = place(info, steps - step + 1);
        return t("flow.step", { step, steps, level, size: `${side} × ${side} × ${channels}` });
    }
}
