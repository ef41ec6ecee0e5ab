/** Pictures one after the other as a film in the first format that the browser records, or else as an animated PNG. */
import { enlarge } from "../page/pixels.js";
import { apng } from "./apng.js";

const BITS_PER_SECOND = 4_000_000;

/** How long a recorder may take to give what it has, in ms. */
const LIMIT = 10_000;

const recorded = [
    { name: "WebM", ending: "webm", type: "video/webm" },
    { name: "MP4", ending: "mp4", type: "video/mp4" },
].find(
    ({ type }) =>
        "captureStream" in HTMLCanvasElement.prototype &&
        "MediaRecorder" in globalThis &&
        MediaRecorder.isTypeSupported(type),
);
const drawn = { name: "APNG", ending: "png" };

/** The one to expect. */
export const format = recorded ?? drawn;

/**
 * Recorded, or an animated PNG where that fails, as in a page that nobody looks at meanwhile: on a busy machine WebKit's
 * recorder gives an empty film, and says nothing.
 * @param {Uint8Array[]} pictures RGB
 * @param {number} rate pictures a second
 * @param {AbortSignal} signal
 * @param {(index: number) => void} event a picture is there
 */
export async function film(pictures, rate, signal, event) {
    const blob = recorded && (await record(recorded.type, pictures, rate, signal, event).catch(() => undefined));
    signal.throwIfAborted();
    if (recorded && blob?.size) return { blob, ending: recorded.ending };
    return { blob: await apng(pictures, rate, signal, event), ending: drawn.ending };
}

/**
 * Takes as long as the film.
 * @param {string} type
 * @param {Uint8Array[]} pictures RGB
 * @param {number} rate pictures a second
 * @param {AbortSignal} signal
 * @param {(index: number) => void} event a picture is recorded
 */
async function record(type, pictures, rate, signal, event) {
    const canvas = document.createElement("canvas");
    enlarge(canvas, pictures[0]);
    const stream = canvas.captureStream(0);
    const [track] = /** @type {CanvasCaptureMediaStreamTrack[]} */ (stream.getVideoTracks());
    const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: BITS_PER_SECOND });
    /** @type {Blob[]} */
    const parts = [];
    recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
    const over = new Promise((resolve, reject) => {
        recorder.addEventListener("stop", resolve);
        recorder.addEventListener("error", reject);
    });
    // It may fail long before it is waited for.
    over.catch(() => {});
    recorder.start();
    const start = performance.now();
    try {
        for (const [index, picture] of pictures.entries()) {
            enlarge(canvas, picture);
            // Firefox has it on the stream.
            /** @type {CanvasCaptureMediaStreamTrack} */ ("requestFrame" in track ? track : stream).requestFrame();
            event(index);
            const due = start + ((index + 1) * 1000) / rate;
            await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
            signal.throwIfAborted();
            // There a timer waits for a second, and the film would crawl.
            if (document.hidden) throw new Error("hidden");
        }
    } finally {
        recorder.stop();
        track.stop();
    }
    await Promise.race([over, new Promise((_, reject) => setTimeout(reject, LIMIT))]);
    return new Blob(parts, { type });
}
