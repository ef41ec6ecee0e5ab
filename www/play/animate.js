/** The controls of an animation: round through other faces and back, or on a walk; played, moved by hand, saved. */
import { ranges } from "../engine/levels.js";
import { cleaned } from "../faces/clean.js";
import { Latest, elements } from "../page/dom.js";
import { eachLanguage, number, t } from "../page/i18n.js";
import { image, keep, show } from "../page/pixels.js";
import { busy, say, showProgress } from "../page/status.js";
import { film, format } from "./film.js";
import { Live } from "./live.js";
import { render, mixed, temperature } from "./changes.js";
import { Picker } from "./picker.js";
import { RATE, between, leg } from "./way.js";

/** @typedef {import("./changes.js").Source} Source */
/** @typedef {import("./changes.js").Changes} Changes */
/** @typedef {import("../faces/subject.js").Subject} Subject */

/** Other faces that a loop goes through to begin with. */
const FIRST = 3;
/** Faces of a walk that are saved. */
const STEPS = 4;

export class Animate {
    #parts;
    #subjects;
    #changes;
    #live = new Live((/** @type {number} */ at) => this.#show(at));
    #picker;
    #running = new Latest();
    /** @type {"play" | "save" | undefined} */ #doing;
    /** @type {Source | undefined} */ #face;
    /** @type {Subject[]} */ #offered = [];
    /** Those of them that a loop goes through. @type {Subject[]} */ #chosen = [];
    /** Of the faces of a walk. */
    #seed = 0;
    /** Pictures from the start. */
    #at = 0;

    /**
     * @param {object} needs
     * @param {HTMLElement} needs.root
     * @param {() => Subject[]} needs.subjects the faces that there are
     * @param {() => Changes} needs.changes what is done to the face, and on the way to all
     */
    constructor({ root, subjects, changes }) {
        this.#parts = elements(root, {
            animate: HTMLDetailsElement,
            way: HTMLSelectElement,
            loop: HTMLDivElement,
            loopAlone: HTMLParagraphElement,
            loopFaces: HTMLDivElement,
            film: HTMLCanvasElement,
            reel: HTMLInputElement,
            animatePlay: HTMLButtonElement,
            animateSave: HTMLButtonElement,
        });
        const { animate, way, loopFaces, reel, animatePlay, animateSave } = this.#parts;
        this.#picker = new Picker(loopFaces, (subject) => this.#choose(subject));
        this.#subjects = subjects;
        this.#changes = changes;
        animate.addEventListener("toggle", () => this.offer());
        way.addEventListener("change", () => this.#restart());
        reel.addEventListener("input", () => {
            this.#at = reel.valueAsNumber;
            this.#stop();
            this.#go(this.#at);
        });
        animatePlay.addEventListener("click", () => (this.#doing === "play" ? this.#pause() : this.#play()));
        animateSave.addEventListener("click", () => (this.#doing === "save" ? this.#stop() : this.#save()));
        eachLanguage(() => this.#write());
    }

    /** @param {Source} [face] none without it */
    setFace(face) {
        this.#face = face;
        this.#chosen = [];
        this.offer();
    }

    /** Offers the faces that there are; the first of them are chosen to begin with. */
    offer() {
        this.#stop();
        const face = this.#face;
        if (!this.#parts.animate.open || !face) return;
        const files = this.#chosen.map(({ file }) => file);
        this.#offered = this.#subjects().filter(({ file }) => file !== face.subject.file);
        this.#picker.offer(this.#offered);
        const kept = this.#offered.filter(({ file }) => files.includes(file));
        this.#chosen = kept.length ? kept : this.#offered.slice(0, FIRST);
        this.#restart();
    }

    /** Something else is done to the face. */
    draw() {
        if (this.#parts.animate.open && this.#face && !this.#doing) this.#live.want(this.#at);
    }

    get #isWalk() {
        return this.#parts.way.value === "walk";
    }

    /** Faces of a round. */
    get #faces() {
        return this.#isWalk ? STEPS : this.#chosen.length + 1;
    }

    /** Pictures of it. */
    get #round() {
        return this.#faces * leg(this.#faces);
    }

    /** @param {Subject} subject */
    #choose(subject) {
        this.#chosen = this.#offered.filter((other) => this.#chosen.includes(other) !== (other === subject));
        this.#restart();
    }

    #restart() {
        this.#stop();
        [this.#seed] = crypto.getRandomValues(new Uint32Array(1));
        this.#parts.reel.max = String(this.#round);
        this.#go(0);
        this.#write();
    }

    /** @param {number} at */
    async #go(at) {
        this.#at = at;
        this.#writeReel();
        await this.#live.want(at);
    }

    /** @param {"play" | "save"} what */
    #begin(what) {
        const signal = this.#running.next();
        this.#doing = what;
        this.#write();
        return signal;
    }

    #stop() {
        this.#running.next();
        this.#doing = undefined;
        this.#write();
    }

    #pause() {
        this.#stop();
        say("animate.paused");
    }

    /** By the clock: what takes too long is left out. */
    async #play() {
        const signal = this.#begin("play");
        say("animate.playing");
        const start = performance.now() - (1000 * this.#at) / RATE;
        for (;;) {
            await new Promise(requestAnimationFrame);
            if (signal.aborted) return;
            const at = Math.floor(((performance.now() - start) * RATE) / 1000);
            if (at > this.#at) await this.#go(at);
        }
    }

    /** One round. */
    async #save() {
        const face = this.#face;
        if (!face) return;
        const signal = this.#begin("save");
        const [changes, round, name] = [this.#changes(), this.#round, `${face.subject.file}-${this.#parts.way.value}`];
        const made = await busy(async () => {
            say("animate.saving");
            /** @type {Uint8Array[]} */
            const pictures = [];
            while (pictures.length < round) {
                pictures.push(await cleaned(face.model, await this.#picture(face, pictures.length, changes)));
                signal.throwIfAborted();
                showProgress(pictures.length, 2 * round);
            }
            return film(pictures, RATE, signal, (index) => {
                show(this.#parts.film, image(pictures[index]));
                showProgress(round + index, 2 * round);
            });
        });
        showProgress();
        if (!signal.aborted) this.#stop();
        if (made) keep(made.blob, `${name}.${made.ending}`);
        say(made ? "animate.saved" : "animate.cancelled");
        this.draw();
    }

    /** @param {number} at */
    async #show(at) {
        const face = this.#face;
        const rgb = face && (await busy(() => this.#picture(face, at, this.#changes())));
        if (rgb) show(this.#parts.film, image(rgb));
        else this.#stop();
    }

    /**
     * @param {Source} face
     * @param {number} at
     * @param {Changes} changes
     */
    async #picture(face, at, { mix, ...rest }) {
        const pass = async (/** @type {number} */ i) => {
            const index = this.#isWalk ? i : i % this.#faces;
            if (!index) return mixed(face, mix);
            if (this.#isWalk) return face.model.call("draw", [this.#seed, index, temperature(face)]);
            return this.#chosen[index - 1].latents();
        };
        const latents = await between(pass, at / leg(this.#faces), ranges(face.model.info.latentShapes));
        return render({ ...face, subject: { ...face.subject, missing: undefined }, latents }, rest);
    }

    #write() {
        const { loop, loopAlone, reel, animatePlay, animateSave } = this.#parts;
        animatePlay.textContent = t(this.#doing === "play" ? "animate.pause" : "animate.play");
        animateSave.textContent = t(this.#doing === "save" ? "cancel" : "animate.save", { format: format.name });
        loop.hidden = /** @type {HTMLElement} */ (reel.parentElement).hidden = this.#isWalk;
        loopAlone.hidden = this.#offered.length > 0;
        for (const control of [animatePlay, animateSave, reel]) control.disabled = this.#faces < 2;
        this.#picker.write((subject) => this.#chosen.includes(subject));
        this.#writeReel();
    }

    #writeReel() {
        const { reel } = this.#parts;
        const round = this.#round;
        reel.valueAsNumber = this.#at > round ? this.#at % round : this.#at;
        const output = /** @type {HTMLOutputElement} */ (reel.nextElementSibling);
        output.textContent = `${number((100 * reel.valueAsNumber) / round)} %`;
        reel.setAttribute("aria-valuetext", output.textContent);
    }
}
