/** Pictures from files, the clipboard and the camera: what the browser can decode, refused in a sentence otherwise. */
import { context } from "./pixels.js";
import { Trouble } from "./status.js";

/** Pixels of a side. */
const LEAST = 16;
const MOST = 12_000;
/** Larger ones are worked on at this side. */
const WORKING = 2048;

/**
 * @typedef {object} Photo
 * @property {HTMLCanvasElement} picture upright, opaque
 * @property {("photo.animated" | "photo.transparent")[]} notes what was done to it
 */

/** Whether a file is no picture, but a face that was saved. @param {Blob} blob */
export async function isFace(blob) {
    const first = await blob
        .slice(0, 1)
        .text()
        .catch(() => {
            throw new Trouble("unreadable");
        });
    return first === "{";
}

/**
 * @param {Blob} blob
 * @returns {Promise<Photo>} rejects with a {@link Trouble}
 */
export async function readPhoto(blob) {
    const image = await load(blob);
    const { naturalWidth: width, naturalHeight: height } = image;
    if (Math.min(width, height) < LEAST) throw new Trouble("too-small", { width, height, least: LEAST });
    if (Math.max(width, height) > MOST) throw new Trouble("too-big", { width, height, most: MOST });
    const scale = Math.min(1, WORKING / Math.max(width, height));
    const size = { resizeWidth: Math.round(width * scale), resizeHeight: Math.round(height * scale) };
    // A drawing has no pixels of its own.
    const source = blob.type === "image/svg+xml" ? image : blob;
    const bitmap = await createImageBitmap(source, { ...size, resizeQuality: "high" }).catch(() => {
        throw new Trouble("truncated");
    });
    const picture = draw(bitmap);
    bitmap.close();
    /** @type {Photo["notes"]} */
    const notes = [];
    if (whiten(picture)) notes.push("photo.transparent");
    if (await isAnimated(blob)) notes.push("photo.animated");
    return { picture, notes };
}

/** What a camera shows. @param {HTMLVideoElement} video @returns {Photo} */
export const readVideo = (video) => ({ picture: draw(video, video.videoWidth, video.videoHeight), notes: [] });

/** The first picture of a drop or a paste, or else the first file. @param {DataTransfer | null} data */
export const droppedFile = (data) =>
    [...(data?.files ?? [])].find((file) => file.type.startsWith("image/")) ?? data?.files[0];

/** The upright picture; nothing of it is decoded yet. @param {Blob} blob */
async function load(blob) {
    const image = new Image();
    const url = URL.createObjectURL(blob);
    try {
        await new Promise((resolve, reject) => {
            image.onload = resolve;
            image.onerror = () => reject(new Trouble("not-image"));
            image.src = url;
        });
        return image;
    } finally {
        URL.revokeObjectURL(url);
    }
}

/** @param {ImageBitmap | HTMLVideoElement} source */
function draw(source, width = source.width, height = source.height) {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    context(canvas).drawImage(source, 0, 0);
    return canvas;
}

/** Puts white behind a picture. @param {HTMLCanvasElement} canvas @returns {boolean} whether it shows */
function whiten(canvas) {
    const drawing = context(canvas);
    const { data } = drawing.getImageData(0, 0, canvas.width, canvas.height);
    let opaque = true;
    for (let alpha = 3; opaque && alpha < data.length; alpha += 4) opaque = data[alpha] === 255;
    if (opaque) return false;
    drawing.globalCompositeOperation = "destination-over";
    drawing.fillStyle = "white";
    drawing.fillRect(0, 0, canvas.width, canvas.height);
    return true;
}

/** @param {Blob} blob */
async function isAnimated(blob) {
    if (!("ImageDecoder" in self) || !(await ImageDecoder.isTypeSupported(blob.type))) return false;
    const decoder = new ImageDecoder({ data: await blob.arrayBuffer(), type: blob.type });
    try {
        await decoder.tracks.ready;
        return (decoder.tracks.selectedTrack?.frameCount ?? 0) > 1;
    } catch {
        return false;
    } finally {
        decoder.close();
    }
}
