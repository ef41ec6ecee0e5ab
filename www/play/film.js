/** Pictures one after the other, recorded as a WebM film. */
import { enlarge } from "../pixels.js";

const TYPE = "video/webm";
const BITS_PER_SECOND = 4_000_000;

/** Whether the browser can record one. */
export const canFilm =
    "captureStream" in HTMLCanvasElement.prototype &&
    "MediaRecorder" in globalThis &&
    MediaRecorder.isTypeSupported(TYPE);

/**
 * Takes as long as the film.
 * @param {Uint8Array[]} pictures RGB
 * @param {number} rate pictures a second
 * @param {AbortSignal} signal
 * @param {(index: number) => void} event a picture is recorded
 */
export async function film(pictures, rate, signal, event) {
    const canvas = document.createElement("canvas");
    enlarge(canvas, pictures[0]);
    const stream = canvas.captureStream(0);
    const [track] = /** @type {CanvasCaptureMediaStreamTrack[]} */ (stream.getVideoTracks());
    const recorder = new MediaRecorder(stream, { mimeType: TYPE, videoBitsPerSecond: BITS_PER_SECOND });
    /** @type {Blob[]} */
    const parts = [];
    recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
    const over = new Promise((resolve, reject) => {
        recorder.addEventListener("stop", resolve);
        recorder.addEventListener("error", () => reject(new Error("MediaRecorder")));
    });
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
        }
    } finally {
        recorder.stop();
        track.stop();
    }
    await over;
    return new Blob(parts, { type: TYPE });
}
