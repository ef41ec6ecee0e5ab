/** A photo, encoded and rebuilt. */
import { showBits } from "./bits.js";
import { Crop } from "./crop.js";
import { element, Latest, onClick } from "./dom.js";
import { eachLanguage, t } from "./i18n.js";
import { droppedFile, readPhoto, readVideo } from "./intake.js";
import { Noise } from "./noise.js";
import { image, largestDifference, show } from "./pixels.js";
import { Trouble, busy, say, warn } from "./status.js";

const drop = element("drop", HTMLDivElement);
const file = element("file", HTMLInputElement);
const webcam = element("webcam", HTMLDivElement);
const video = element("video", HTMLVideoElement);
const result = element("result", HTMLDivElement);
const verdict = element("verdict", HTMLParagraphElement);
const [original, rebuilt, difference] = ["original", "rebuilt", "difference"].map((id) =>
    element(id, HTMLCanvasElement),
);

/** Where the example has its eyes, in pixels. @type {[number, number][]} */
const EXAMPLE_EYES = [
    [203, 101],
    [246, 103],
];

/** @typedef {import("./viewer.js").Subject} Subject */
/** @typedef {{ original: Uint8Array, rebuilt: Uint8Array, bitsPerDim: number, latents: Float32Array }} Trip */

export class PhotoSection {
    #engine;
    #viewer;
    #ready;
    #crop = new Crop(() => this.#encode());
    #noise = new Noise();
    #encoding = new Latest();
    /** @type {import("./protocol.js").ModelEntry | undefined} */ #entry;
    /** @type {Trip | undefined} */ #trip;

    /**
     * @param {import("./protocol.js").Engine} engine
     * @param {import("./viewer.js").Viewer} viewer
     * @param {(subject: Subject) => void} playWith
     * @param {() => void} ready the photo is encoded
     */
    constructor(engine, viewer, playWith, ready) {
        this.#engine = engine;
        this.#viewer = viewer;
        this.#ready = ready;
        onClick("choose", () => file.click());
        file.addEventListener("change", () => {
            if (file.files?.[0]) this.#take(file.files[0]);
            file.value = "";
        });
        onClick("example", () => this.#takeExample());
        onClick("paste", () => this.#takePasted());
        onClick("camera", () => this.#startCamera());
        onClick("camera-off", () => this.#stopCamera());
        onClick("shoot", () => {
            this.#showPhoto(readVideo(video));
            this.#stopCamera();
        });
        onClick("photo-flow", () => this.#flow());
        onClick("photo-edit", () => this.#trip && playWith(subject(this.#trip)));
        document.addEventListener("paste", (event) => {
            const pasted = droppedFile(event.clipboardData);
            if (pasted) this.#take(pasted);
        });
        document.addEventListener("dragover", (event) => {
            event.preventDefault();
            drop.classList.add("over");
        });
        document.addEventListener("dragleave", (event) => event.relatedTarget ?? drop.classList.remove("over"));
        document.addEventListener("drop", (event) => {
            event.preventDefault();
            drop.classList.remove("over");
            const dropped = droppedFile(event.dataTransfer);
            if (dropped) this.#take(dropped);
        });
        eachLanguage(() => this.#write());
    }

    /**
     * @param {import("./protocol.js").ModelEntry} entry
     * @param {import("./protocol.js").ModelInfo} info
     */
    setModel(entry, info) {
        this.#entry = entry;
        this.#crop.eyes = entry.eyes;
        this.#noise.setModel(info);
        if (this.#trip) this.#encode();
    }

    /** The photo, if there is one. */
    get subjects() {
        return this.#trip ? [subject(this.#trip)] : [];
    }

    /** @param {Blob} blob @param {[number, number][]} [eyes] if they are known */
    async #take(blob, eyes) {
        await busy(async () => this.#showPhoto(await readPhoto(blob), eyes));
    }

    /** @param {import("./intake.js").Photo} photo @param {[number, number][]} [eyes] */
    #showPhoto({ picture, notes }, eyes) {
        const before = result.hidden;
        result.hidden = false;
        this.#crop.setPhoto(picture, eyes);
        for (const note of notes) warn(note);
        if (before) result.scrollIntoView({ block: "nearest" });
    }

    async #takeExample() {
        await busy(
            async () => {
                const response = await fetch(new URL("./example.png", import.meta.url)).catch(() => undefined);
                if (!response?.ok) throw new Trouble("example");
                await this.#take(await response.blob(), EXAMPLE_EYES);
            },
            () => this.#takeExample(),
        );
    }

    async #takePasted() {
        await busy(async () => {
            const items = await navigator.clipboard.read().catch(() => {
                throw new Trouble("clipboard");
            });
            for (const item of items) {
                const type = item.types.find((type) => type.startsWith("image/"));
                if (type) return this.#take(await item.getType(type));
            }
            throw new Trouble("nothing-pasted");
        });
    }

    async #startCamera() {
        await busy(async () => {
            if (!navigator.mediaDevices) throw new Trouble("no-camera");
            const stream = await navigator.mediaDevices
                .getUserMedia({ video: { facingMode: "user" } })
                .catch((error) => {
                    throw new Trouble(error.name === "NotAllowedError" ? "camera-denied" : "no-camera");
                });
            video.srcObject = stream;
            webcam.hidden = false;
            await video.play();
            element("shoot", HTMLButtonElement).focus();
        });
    }

    #stopCamera() {
        for (const track of /** @type {MediaStream | null} */ (video.srcObject)?.getTracks() ?? []) track.stop();
        video.srcObject = null;
        webcam.hidden = true;
        element("camera", HTMLButtonElement).focus();
    }

    /** Sends the crop through the flow and back. */
    async #encode() {
        const entry = this.#entry;
        if (!entry) return;
        const signal = this.#encoding.next();
        await busy(
            async () => {
                say("status.encoding");
                const pixels = this.#crop.pixels(entry.size);
                const { latents, bitsPerDim } = await this.#engine.call("encode", [pixels], { signal });
                const back = await this.#engine.call("decode", [latents], { signal });
                this.#trip = { original: pixels, rebuilt: back, bitsPerDim, latents };
                this.#noise.show(latents);
                this.#write();
                say("status.encoded");
                this.#ready();
            },
            () => this.#encode(),
        );
    }

    #flow() {
        if (!this.#trip) return;
        this.#viewer.show(subject(this.#trip));
        this.#viewer.play();
        element("viewer", HTMLElement).scrollIntoView({ block: "center" });
        element("play", HTMLButtonElement).focus({ preventScroll: true });
    }

    #write() {
        original.setAttribute("aria-label", t("rebuilt.original"));
        rebuilt.setAttribute("aria-label", t("rebuilt.rebuilt"));
        difference.setAttribute("aria-label", t("rebuilt.difference"));
        if (!this.#trip || !this.#entry) return;
        const { original: before, rebuilt: after, bitsPerDim } = this.#trip;
        const largest = largestDifference(before, after);
        show(original, image(before));
        show(rebuilt, image(after));
        // Grey is no difference; the smallest one shows.
        show(difference, image(after.map((value, i) => Math.min(Math.max(128 + 32 * (value - before[i]), 0), 255))));
        verdict.textContent = t(largest === 0 ? "rebuilt.identical" : "rebuilt.different", { difference: largest });
        showBits(bitsPerDim, this.#entry.percentiles);
    }
}

/** @param {Trip} trip @returns {Subject} */
const subject = ({ rebuilt, latents }) => ({
    rgb: rebuilt,
    title: () => t("flow.photo"),
    file: "glow-photo",
    latents: async () => latents,
});
