/** What a flow is: a face on its way to the bell curve. */
import { allSteps } from "../engine/levels.js";
import { elements, setRows } from "../page/dom.js";
import { eachLanguage, number, t } from "../page/i18n.js";
import { image, show } from "../page/pixels.js";
import { busy } from "../page/status.js";
import { bitsPerDim, densities, inBits, overlap } from "./bell.js";
import { draw } from "./histogram.js";
import { Steps, words } from "./steps.js";

/** @typedef {import("./tour.js").Face} Face */
/** @typedef {import("../engine/protocol.js").ModelInfo} ModelInfo */

export class Flow {
    #parts;
    #steps;
    /** @type {Face | undefined} */ #face;
    /** From noise to the face. @type {Uint8Array | undefined} */ #pictures;

    /** @param {HTMLElement} root */
    constructor(root) {
        this.#parts = elements(root, {
            flowPicture: HTMLCanvasElement,
            flowPlot: SVGSVGElement,
            flowNumbers: HTMLDListElement,
            flowWidth: HTMLParagraphElement,
        });
        this.#steps = new Steps(root, "flow-step", where, () => this.#write());
        eachLanguage(() => this.#write());
    }

    /** @param {Face} face */
    async show(face) {
        this.#face = face;
        this.#pictures = undefined;
        this.#steps.setModel(face.model.info);
        this.#write();
        await busy(
            async () => {
                this.#pictures = await face.model.call("frames", [face.latents], { signal: face.signal });
                this.#write();
            },
            () => this.show(face),
        );
    }

    #write() {
        if (!this.#face) return;
        const { flowPicture, flowPlot, flowNumbers, flowWidth } = this.#parts;
        const { model, subject, walk } = this.#face;
        const dims = subject.rgb.length;
        const step = this.#steps.value;
        const state = walk.states.subarray(step * dims, (step + 1) * dims);
        const logDet = walk.logDets[step];
        const found = densities(state);
        const share = `${number(100 * overlap(found))} %`;
        draw(flowPlot, found);
        flowPlot.setAttribute("aria-label", t("flow.plot", { count: number(dims), share }));
        const inUnits = (/** @type {number} */ bits) => t("model.bits.value", { bits: number(bits, 2) });
        setRows(flowNumbers, [
            [t("flow.overlap"), share],
            [t("flow.logdet"), inUnits(inBits(logDet, dims))],
            [t("flow.cost"), inUnits(bitsPerDim(state, logDet, model.info.bits))],
        ]);
        const temperature = new Set(subject.sample?.temperature.map((value) => number(value, 2)));
        flowWidth.textContent = t(subject.sample ? "flow.cool" : "flow.smooth", {
            temperature: [...temperature].join(" / "),
        });
        const from = (allSteps(model.info) - step) * dims;
        show(flowPicture, image(this.#pictures?.slice(from, from + dims) ?? subject.rgb));
    }
}

/** @param {ModelInfo} info @param {number} step counted from 1; before it is 0 */
function where(info, step) {
    if (step === 0) return t("flow.start", { steps: allSteps(info) });
    if (step === allSteps(info)) return t("flow.end", { steps: step });
    return t("flow.step", words(info, step));
}
