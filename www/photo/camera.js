/** A photo from the camera. */
import { Latest, elements } from "../page/dom.js";
import { secured } from "../page/secure.js";
import { Trouble, busy, fail } from "../page/status.js";

/** Why there is no picture. @type {Map<string, string>} */
const REFUSALS = new Map([
    ["NotAllowedError", "camera-denied"],
    ["NotReadableError", "camera-busy"],
]);

export class Camera {
    #parts;
    #filming = new Latest();

    /** @param {HTMLElement} root @param {(video: HTMLVideoElement) => Promise<void>} take what is seen */
    constructor(root, take) {
        this.#parts = elements(root, {
            camera: HTMLButtonElement,
            webcam: HTMLDivElement,
            video: HTMLVideoElement,
            shoot: HTMLButtonElement,
            cameraOff: HTMLButtonElement,
        });
        const { video, shoot, cameraOff } = this.#parts;
        cameraOff.addEventListener("click", () => this.#stop());
        shoot.addEventListener("click", () =>
            busy(
                () => {
                    const taken = take(video);
                    this.#stop();
                    return taken;
                },
                undefined,
                "photo",
            ),
        );
    }

    async start() {
        // Pressed twice, or cancelled while the browser asks for leave, the camera does not stay on.
        const signal = this.#filming.next();
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
            this.#stop();
            fail(new Trouble("camera-ended"), undefined, "photo");
        });
        const { webcam, video, shoot } = this.#parts;
        video.srcObject = stream;
        webcam.hidden = false;
        shoot.disabled = true;
        await video.play();
        shoot.disabled = false;
        shoot.focus();
    }

    #stop() {
        this.#filming.next();
        const { camera, webcam, video } = this.#parts;
        video.srcObject = null;
        webcam.hidden = true;
        camera.focus();
    }
}
