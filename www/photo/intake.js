/** Pictures from files and the camera: what the browser can decode, refused in a sentence otherwise. */
import { context } from "../page/pixels.js";
import { Trouble } from "../page/status.js";
import { completions, readFile } from "./file.js";

/** Pixels of a side. */
const LEAST = 16;
const MOST = 12_000;
/** Larger ones are worked on at this side. */
const WORKING = 2048;
/** Sides of a square in the longest one. */
const SQUARES = 4;

/**
 * @typedef {object} Photo
 * @property {HTMLCanvasElement} picture upright, opaque
 * @property {("photo.animated" | "photo.long" | "photo.transparent")[]} notes what was done to it
 */

/**
 * @param {Blob} blob
 * @returns {Promise<Photo>} rejects with a {@link Trouble}
 */
export async function readPhoto(blob) {
    const { isWhole, isMoving, lacksMark } = readFile(new Uint8Array(await blob.arrayBuffer()));
    if (!isWhole && !lacksMark) throw new Trouble("truncated");
    const image = await load(blob);
    const { naturalWidth: width, naturalHeight: height } = image;
    if (Math.min(width, height) < LEAST) throw new Trouble("too-small", { width, height, least: LEAST });
    if (Math.max(width, height) > MOST) throw new Trouble("too-big", { width, height, most: MOST });
    const [longest, longer] = [SQUARES * Math.min(width, height), Math.max(width, height)];
    const scale = Math.min(1, WORKING / Math.min(longest, longer));
    const size = { resizeWidth: Math.round(width * scale), resizeHeight: Math.round(height * scale) };
    const picture = await (lacksMark ? completed(blob, size) : decode(blob, size, image));
    /** @type {Photo["notes"]} */
    const notes = [];
    if (whiten(picture)) notes.push("photo.transparent");
    if (isMoving) notes.push("photo.animated");
    if (longer > longest) notes.push("photo.long");
    return { picture, notes };
}

/**
 * @typedef {{ resizeWidth: number, resizeHeight: number }} Size
 *
 * @param {Blob} blob
 * @param {Size} size
 * @param {HTMLImageElement} [image]
 */
async function decode(blob, size, image) {
    // A drawing has no pixels of its own.
    const source = image && blob.type === "image/svg+xml" ? image : blob;
    const bitmap = await createImageBitmap(source, { ...size, resizeQuality: "high" }).catch(() => {
        throw new Trouble("truncated");
    });
    const picture = draw(bitmap);
    bitmap.close();
    return picture;
}

/** A picture whose file lacks its end: whole, if no pixel needs what is not there. @param {Blob} blob @param {Size} size */
async function completed(blob, size) {
    const pictures = await Promise.all(completions(blob).map((complete) => decode(complete, size)));
    const [one, other] = pictures.map((canvas) => context(canvas).getImageData(0, 0, canvas.width, canvas.height).data);
    if (one.some((value, i) => value !== other[i])) throw new Trouble("truncated");
    return pictures[0];
}

/** What a camera shows. @param {HTMLVideoElement} video @returns {Photo} */
export const readVideo = (video) => ({ picture: draw(video, video.videoWidth, video.videoHeight), notes: [] });

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

/** The middle, of what is very long. @param {ImageBitmap | HTMLVideoElement} source */
function draw(source, width = source.width, height = source.height) {
    const canvas = document.createElement("canvas");
    const longest = SQUARES * Math.min(width, height);
    canvas.width = Math.min(width, longest);
    canvas.height = Math.min(height, longest);
    context(canvas).drawImage(source, (canvas.width - width) >> 1, (canvas.height - height) >> 1);
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
