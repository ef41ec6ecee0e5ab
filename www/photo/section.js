/** A photo, encoded and rebuilt. */
import { Failure, cancelled } from "../engine/protocol.js";
import { Latest, elements } from "../page/dom.js";
import { eachLanguage, t } from "../page/i18n.js";
import { context, image, isTrue, show } from "../page/pixels.js";
import { Trouble, busy, say, tellIfOutdated, warn } from "../page/status.js";
import { showBits } from "./bits.js";
import { Camera } from "./camera.js";
import { Crop } from "./crop.js";
import { Found } from "./found.js";
import { readPhoto, readVideo } from "./intake.js";
import { BitsMap } from "./map.js";
import { Noise } from "./noise.js";
import { roundTrip } from "./trip.js";

/** @typedef {import("../faces/subject.js").Subject} Subject */
/** @typedef {Awaited<ReturnType<typeof roundTrip>>} Trip */

/**
 * @typedef {object} Needs
 * @property {HTMLElement} root
 * @property {import("../engine/engine.js").Engine} engine
 * @property {import("../faces/viewer.js").Viewer} viewer
 * @property {(subject: Subject) => void} playWith
 * @property {() => void} ready the photo is encoded
 */

export class Section {
    #parts;
    #engine;
    #viewer;
    #ready;
    #found;
    #crop;
    #noise;
    #map;
    #finding = new Latest();
    #encoding = new Latest();
    /** @type {import("../engine/engine.js").Model | undefined} */ #model;
    /** @type {HTMLCanvasElement | undefined} */ #picture;
    /** @type {Trip | undefined} */ #trip;
    /** @type {import("../restore/restore.js").Restore | undefined} */ #restore;

    /** @param {import("../engine/engine.js").Model | undefined} model @param {Needs} needs */
    constructor(model, { root, engine, viewer, playWith, ready }) {
        this.#parts = elements(root, {
            result: HTMLDivElement,
            original: HTMLCanvasElement,
            rebuilt: HTMLCanvasElement,
            difference: HTMLCanvasElement,
            verdict: HTMLParagraphElement,
            bits: HTMLDivElement,
            photoFlow: HTMLButtonElement,
            photoEdit: HTMLButtonElement,
            repair: HTMLDetailsElement,
            enlarge: HTMLDetailsElement,
        });
        this.camera = new Camera(root, (video) => this.#showPhoto(readVideo(video)));
        this.#found = new Found(root);
        this.#crop = new Crop(root, () => this.#encode());
        this.#noise = new Noise(root);
        this.#map = new BitsMap(root);
        this.#engine = engine;
        this.#viewer = viewer;
        this.#ready = ready;
        const { photoFlow, photoEdit, repair, enlarge } = this.#parts;
        photoFlow.addEventListener("click", () => this.#flow());
        photoEdit.addEventListener("click", () => this.#trip && playWith(subject(this.#trip)));
        for (const part of [repair, enlarge]) part.addEventListener("toggle", () => this.#loadRestore());
        eachLanguage(() => this.#write());
        if (model) this.setModel(model);
    }

    /** What another model made of the photo goes. @param {import("../engine/engine.js").Model} model */
    setModel(model) {
        const sought = Boolean(this.#model?.entry.eyes);
        const { eyes } = model.entry;
        this.#model = model;
        this.#crop.frame = eyes;
        this.#noise.setModel(model.info);
        this.#trip = undefined;
        this.#restore?.show();
        this.#write();
        const picture = this.#picture;
        if (!picture) return;
        if (sought === Boolean(eyes)) this.#encode();
        else busy(() => this.#frame(picture), undefined, "photo");
    }

    /** The photo, if there is one. */
    get subjects() {
        return this.#trip ? [subject(this.#trip)] : [];
    }

    /** @param {Blob} blob */
    async read(blob) {
        await this.#showPhoto(await readPhoto(blob));
    }

    /** @param {import("./intake.js").Photo} photo */
    async #showPhoto({ picture, notes }) {
        if (!isTrue()) throw new Trouble("canvas");
        const { result } = this.#parts;
        const before = result.hidden;
        result.hidden = false;
        for (const note of notes) warn(note, {}, undefined, "photo");
        if (before) result.scrollIntoView({ block: "nearest" });
        await this.#frame(picture);
    }

    /** Puts the crop on the likeliest face and offers the others, or takes the middle for a model that knows no faces. @param {HTMLCanvasElement} picture */
    async #frame(picture) {
        const signal = this.#finding.next();
        this.#picture = picture;
        this.#crop.setPhoto(picture);
        if (!this.#model?.entry.eyes) {
            this.#found.say();
            return this.#encode();
        }
        this.#found.say("eyes.finding");
        const { data, width } = context(picture).getImageData(0, 0, picture.width, picture.height);
        const faces = await this.#engine.call("findEyes", [data, width], { signal }).catch((error) => {
            if (cancelled(error)) throw error;
            tellIfOutdated();
            return undefined;
        });
        if (!faces?.length) {
            this.#found.say(faces ? "eyes.none" : "eyes.failed");
            return this.#encode();
        }
        const squares = faces.map((eyes) => this.#crop.square(eyes));
        if (faces.length > 1) this.#found.offer(picture, squares, (face) => this.#crop.setEyes(faces[face]));
        else this.#found.say("eyes.one");
        this.#crop.setEyes(faces[0]);
    }

    /** Sends the crop through the flow and back. */
    async #encode() {
        const model = this.#model;
        if (!model) return;
        const signal = this.#encoding.next();
        await busy(
            async () => {
                say("status.encoding");
                const pixels = this.#crop.pixels(model.info.size);
                this.#trip = await roundTrip(model, pixels, signal);
                this.#noise.show(this.#trip.latents);
                this.#write();
                say("status.encoded");
                this.#ready();
                this.#map.show(this.#trip.bitsMap, model.entry.percentiles.p50);
                this.#restore?.show(model, pixels);
            },
            () => this.#encode(),
            "encoding",
        );
    }

    /** What repairs and enlarges the photo comes when somebody looks for it. */
    async #loadRestore() {
        if (this.#restore) return;
        await busy(
            async () => {
                const { Restore } = await import("../restore/restore.js").catch(() => {
                    throw new Failure("part");
                });
                if (this.#restore) return;
                const { repair, enlarge } = this.#parts;
                this.#restore = new Restore({ repair, enlarge, viewer: this.#viewer });
                this.#restore.show(this.#model, this.#trip?.original);
            },
            () => this.#loadRestore(),
            "restore",
        );
    }

    #flow() {
        if (!this.#trip) return;
        this.#viewer.show(subject(this.#trip));
        this.#viewer.play();
        this.#viewer.focus("play");
    }

    #write() {
        const { original, rebuilt, difference, verdict, bits, photoFlow, photoEdit } = this.#parts;
        original.setAttribute("aria-label", t("rebuilt.original"));
        rebuilt.setAttribute("aria-label", t("rebuilt.rebuilt"));
        difference.setAttribute("aria-label", t("rebuilt.difference"));
        photoFlow.disabled = photoEdit.disabled = !this.#trip;
        if (!this.#trip || !this.#model) {
            verdict.textContent = "";
            return;
        }
        const { original: before, rebuilt: after, missing: missed, bitsPerDim, complexity } = this.#trip;
        show(original, image(before));
        show(rebuilt, image(after));
        // Grey is no difference; the smallest one shows.
        show(difference, image(after.map((value, i) => Math.min(Math.max(128 + 32 * (value - before[i]), 0), 255))));
        const count = missed?.filter(Boolean).length ?? 0;
        verdict.textContent = t(missed ? "rebuilt.corrected" : "rebuilt.identical", { count, all: before.length });
        showBits(bits, bitsPerDim, complexity, this.#model.entry);
    }
}

/** @param {Trip} trip @returns {Subject} */
const subject = ({ original, missing, latents }) => ({
    rgb: original,
    missing,
    title: () => t("flow.photo"),
    file: "glow-photo",
    latents: async () => latents,
});
