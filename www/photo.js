/** A photo, encoded and rebuilt. */
import { showBits } from "./bits.js";
import { Crop } from "./crop.js";
import { element, Latest, onClick } from "./dom.js";
import { offerFaces, sayFound } from "./found.js";
import { eachLanguage, t } from "./i18n.js";
import { droppedFile, isFace, readPhoto, readVideo } from "./intake.js";
import { Noise } from "./noise.js";
import { context, image, largestDifference, show } from "./pixels.js";
import { Failure, cancelled } from "./protocol.js";
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

/** @typedef {import("./viewer.js").Subject} Subject */
/** @typedef {{ original: Uint8Array, rebuilt: Uint8Array, latents: Float32Array, bitsPerDim: number, complexity: number }} Trip */

export class PhotoSection {
    #engine;
    #viewer;
    #ready;
    #open;
    #crop = new Crop(() => this.#encode());
    #noise = new Noise();
    #finding = new Latest();
    #encoding = new Latest();
    /** @type {import("./protocol.js").ModelEntry | undefined} */ #entry;
    /** @type {HTMLCanvasElement | undefined} */ #picture;
    /** @type {Trip | undefined} */ #trip;

    /**
     * @param {import("./protocol.js").Engine} engine
     * @param {import("./viewer.js").Viewer} viewer
     * @param {(subject: Subject) => void} playWith
     * @param {() => void} ready the photo is encoded
     * @param {(file: Blob) => void} open a face that was saved
     */
    constructor(engine, viewer, playWith, ready, open) {
        this.#engine = engine;
        this.#viewer = viewer;
        this.#ready = ready;
        this.#open = open;
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
            const photo = readVideo(video);
            this.#stopCamera();
            busy(() => this.#showPhoto(photo));
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
        const sought = Boolean(this.#entry?.eyes);
        this.#entry = entry;
        this.#crop.frame = entry.eyes;
        this.#noise.setModel(info);
        const picture = this.#picture;
        if (!picture) return;
        if (sought === Boolean(entry.eyes)) this.#encode();
        else busy(() => this.#frame(picture));
    }

    /** The photo, if there is one. */
    get subjects() {
        return this.#trip ? [subject(this.#trip)] : [];
    }

    /** @param {Blob} blob */
    async #take(blob) {
        await busy(async () => {
            if (await isFace(blob)) return this.#open(blob);
            await this.#showPhoto(await readPhoto(blob));
        });
    }

    /** @param {import("./intake.js").Photo} photo */
    async #showPhoto({ picture, notes }) {
        const before = result.hidden;
        result.hidden = false;
        for (const note of notes) warn(note);
        if (before) result.scrollIntoView({ block: "nearest" });
        await this.#frame(picture);
    }

    /** Puts the crop on the likeliest face and offers the others, or takes the middle for a model that knows no faces. @param {HTMLCanvasElement} picture */
    async #frame(picture) {
        const signal = this.#finding.next();
        this.#picture = picture;
        this.#crop.setPhoto(picture);
        if (!this.#entry?.eyes) {
            sayFound();
            return this.#encode();
        }
        sayFound("eyes.finding");
        const { data, width } = context(picture).getImageData(0, 0, picture.width, picture.height);
        const faces = await this.#engine.call("findEyes", [data, width], { signal }).catch((error) => {
            if (cancelled(error)) throw error;
            return undefined;
        });
        if (!faces?.length) {
            sayFound(faces ? "eyes.none" : "eyes.failed");
            return this.#encode();
        }
        const squares = faces.map((eyes) => this.#crop.square(eyes));
        if (faces.length > 1) offerFaces(picture, squares, (face) => this.#crop.setEyes(faces[face]));
        else sayFound("eyes.one");
        this.#crop.setEyes(faces[0]);
    }

    async #takeExample() {
        await busy(
            async () => {
                const response = await fetch(new URL("./example.png", import.meta.url)).catch(() => undefined);
                if (!response?.ok) throw new Trouble("example");
                await this.#take(await response.blob());
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
                const { latents, bitsMap, ...costs } = await this.#engine.call("encode", [pixels], { signal });
                const back = await this.#engine.call("decode", [latents], { signal });
                this.#trip = { original: pixels, rebuilt: back, latents, ...costs };
                this.#noise.show(latents);
                this.#write();
                say("status.encoded");
                this.#ready();
                await this.#showMap(bitsMap, entry);
            },
            () => this.#encode(),
        );
    }

    /** @param {Float32Array} bits @param {import("./protocol.js").ModelEntry} entry */
    async #showMap(bits, entry) {
        const { showMap } = await import("./photo/map.js").catch(() => {
            throw new Failure("part");
        });
        showMap(bits, entry.percentiles.p50);
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
        const { original: before, rebuilt: after, bitsPerDim, complexity } = this.#trip;
        const largest = largestDifference(before, after);
        show(original, image(before));
        show(rebuilt, image(after));
        // Grey is no difference; the smallest one shows.
        show(difference, image(after.map((value, i) => Math.min(Math.max(128 + 32 * (value - before[i]), 0), 255))));
        verdict.textContent = t(largest === 0 ? "rebuilt.identical" : "rebuilt.different", { difference: largest });
        showBits(bitsPerDim, complexity, this.#entry);
    }
}

/** @param {Trip} trip @returns {Subject} */
const subject = ({ rebuilt, latents }) => ({
    rgb: rebuilt,
    title: () => t("flow.photo"),
    file: "glow-photo",
    latents: async () => latents,
});
