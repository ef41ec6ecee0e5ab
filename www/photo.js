/** A photo, encoded and rebuilt. */
import { showBits } from "./bits.js";
import { Crop } from "./crop.js";
import { element, Latest, onClick } from "./dom.js";
import { offerFaces, sayFound } from "./found.js";
import { eachLanguage, t } from "./i18n.js";
import { droppedFile, isFace, readPhoto, readVideo } from "./intake.js";
import { Noise } from "./noise.js";
import { missing } from "./missing.js";
import { context, image, isTrue, show } from "./pixels.js";
import { Failure, cancelled } from "./protocol.js";
import { secured } from "./secure.js";
import { Trouble, busy, fail, say, tellIfOutdated, warn } from "./status.js";

const drop = element("drop", HTMLDivElement);
const file = element("file", HTMLInputElement);
const webcam = element("webcam", HTMLDivElement);
const video = element("video", HTMLVideoElement);
const result = element("result", HTMLDivElement);
const verdict = element("verdict", HTMLParagraphElement);
const [flow, edit, shoot] = ["photo-flow", "photo-edit", "shoot"].map((id) => element(id, HTMLButtonElement));
const [original, rebuilt, difference] = ["original", "rebuilt", "difference"].map((id) =>
    element(id, HTMLCanvasElement),
);

/** Why there is no picture from the camera. @type {Map<string, string>} */
const REFUSALS = new Map([
    ["NotAllowedError", "camera-denied"],
    ["NotReadableError", "camera-busy"],
]);

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
    #filming = new Latest();
    /** @type {import("./engine.js").Model | undefined} */ #model;
    /** @type {HTMLCanvasElement | undefined} */ #picture;
    /** @type {Trip | undefined} */ #trip;

    /**
     * @param {import("./engine.js").Engine} engine
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
        shoot.addEventListener("click", () => {
            const photo = readVideo(video);
            this.#stopCamera();
            busy(() => this.#showPhoto(photo), undefined, "photo");
        });
        flow.addEventListener("click", () => this.#flow());
        edit.addEventListener("click", () => this.#trip && playWith(subject(this.#trip)));
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
            else fail(new Trouble("nothing-dropped"), undefined, "photo");
        });
        eachLanguage(() => this.#write());
    }

    /** What another model made of the photo goes. @param {import("./engine.js").Model} model */
    setModel(model) {
        const sought = Boolean(this.#model?.entry.eyes);
        const { eyes } = model.entry;
        this.#model = model;
        this.#crop.frame = eyes;
        this.#noise.setModel(model.info);
        this.#trip = undefined;
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
    async #take(blob) {
        await busy(
            async () => {
                if (await isFace(blob)) return this.#open(blob);
                await this.#showPhoto(await readPhoto(blob));
            },
            undefined,
            "photo",
        );
    }

    /** @param {import("./intake.js").Photo} photo */
    async #showPhoto({ picture, notes }) {
        if (!isTrue()) throw new Trouble("canvas");
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
            sayFound();
            return this.#encode();
        }
        sayFound("eyes.finding");
        const { data, width } = context(picture).getImageData(0, 0, picture.width, picture.height);
        const faces = await this.#engine.call("findEyes", [data, width], { signal }).catch((error) => {
            if (cancelled(error)) throw error;
            tellIfOutdated();
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
            "photo",
        );
    }

    async #takePasted() {
        await busy(
            async () => {
                const items = await secured(navigator.clipboard)
                    .read()
                    .catch(() => {
                        throw new Trouble("clipboard");
                    });
                for (const item of items) {
                    const type = item.types.find((type) => type.startsWith("image/"));
                    if (type) return this.#take(await item.getType(type));
                }
                throw new Trouble("nothing-pasted");
            },
            undefined,
            "photo",
        );
    }

    async #startCamera() {
        // Pressed twice, or cancelled while the browser asks for leave, the camera does not stay on.
        const signal = this.#filming.next();
        await busy(
            async () => {
                const stream = await secured(navigator.mediaDevices)
                    .getUserMedia({ video: { facingMode: "user" } })
                    .catch((error) => {
                        throw new Trouble(REFUSALS.get(error.name) ?? "no-camera");
                    });
                const stop = () => stream.getTracks().forEach((track) => track.stop());
                if (signal.aborted) return stop();
                signal.addEventListener("abort", stop);
                // Unplugged, or forbidden after all.
                stream.getVideoTracks()[0].addEventListener("ended", () => {
                    this.#stopCamera();
                    fail(new Trouble("camera-ended"), undefined, "photo");
                });
                video.srcObject = stream;
                webcam.hidden = false;
                shoot.disabled = true;
                await video.play();
                shoot.disabled = false;
                shoot.focus();
            },
            undefined,
            "photo",
        );
    }

    #stopCamera() {
        this.#filming.next();
        video.srcObject = null;
        webcam.hidden = true;
        element("camera", HTMLButtonElement).focus();
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
                const { latents, bitsMap, ...costs } = await model.call("encode", [pixels], { signal });
                const back = await model.call("decode", [latents], { signal });
                this.#trip = { original: pixels, rebuilt: back, latents, ...costs };
                this.#noise.show(latents);
                this.#write();
                say("status.encoded");
                this.#ready();
                await this.#showMap(bitsMap, model.entry);
            },
            () => this.#encode(),
            "photo",
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
        flow.disabled = edit.disabled = !this.#trip;
        if (!this.#trip || !this.#model) {
            verdict.textContent = "";
            return;
        }
        const { original: before, rebuilt: after, bitsPerDim, complexity } = this.#trip;
        const missed = missing(before, after);
        show(original, image(before));
        show(rebuilt, image(after));
        // Grey is no difference; the smallest one shows.
        show(difference, image(after.map((value, i) => Math.min(Math.max(128 + 32 * (value - before[i]), 0), 255))));
        const count = missed?.filter(Boolean).length ?? 0;
        verdict.textContent = t(missed ? "rebuilt.corrected" : "rebuilt.identical", { count, all: before.length });
        showBits(bitsPerDim, complexity, this.#model.entry);
    }
}

/** @param {Trip} trip @returns {Subject} */
const subject = ({ original, rebuilt, latents }) => ({
    rgb: original,
    missing: missing(original, rebuilt),
    title: () => t("flow.photo"),
    file: "glow-photo",
    latents: async () => latents,
});
