/** The sheet of new faces, and what it is drawn from: how many, a seed, a temperature a level. */
import { isSeed } from "./address.js";
import { element, Latest, make, onClick } from "./dom.js";
import { eachLanguage, number, t } from "./i18n.js";
import { image, show } from "./pixels.js";
import { Trouble, busy, fail, say, setLoaded } from "./status.js";

/** @typedef {{ rgb: Uint8Array, seed: number, temperature: number[] }} Face */

const sheet = element("sheet", HTMLDivElement);
const count = element("count", HTMLSelectElement);
const seed = element("seed", HTMLInputElement);
const overall = element("temperature", HTMLInputElement);
const levels = element("levels", HTMLDivElement);
const output = /** @type {HTMLOutputElement} */ (overall.nextElementSibling);

export class Faces {
    #engine;
    #viewer;
    #changed;
    #ready;
    #drawing = new Latest();
    /** Those of the sheet. @type {Face[]} */ #faces = [];
    #selected = 0;
    /** @type {HTMLInputElement[]} */ #levels = [];
    /** @type {[number, number, number][]} */ #shapes = [];

    /**
     * @param {import("./protocol.js").Engine} engine
     * @param {import("./viewer.js").Viewer} viewer
     * @param {() => void} changed a control was moved
     * @param {() => void} ready all are drawn
     */
    constructor(engine, viewer, changed, ready) {
        this.#engine = engine;
        this.#viewer = viewer;
        this.#changed = changed;
        this.#ready = ready;
        element("controls", HTMLFormElement).addEventListener("submit", (event) => event.preventDefault());
        onClick("dice", () => {
            seed.value = String(newSeed());
            this.draw();
        });
        count.addEventListener("change", () => this.draw());
        seed.addEventListener("change", () => this.draw());
        overall.addEventListener("input", () => {
            for (const level of this.#levels) level.value = overall.value;
            this.draw();
        });
        eachLanguage(() => this.#name());
    }

    get seed() {
        return seed.valueAsNumber;
    }

    get count() {
        return Number(count.value);
    }

    /** A level each, finest first. */
    get temperature() {
        return this.#levels.map((level) => level.valueAsNumber);
    }

    /**
     * Makes the controls of a model, and sets them.
     * @param {import("./protocol.js").ModelInfo} info
     * @param {import("./address.js").Place} place
     * @param {number[]} temperature where the place has none
     */
    setModel(info, place, temperature) {
        const wanted =
            place.temperature?.length === 1 ? temperature.map(() => Number(place.temperature)) : place.temperature;
        const start = wanted?.length === info.levels ? wanted : temperature;
        this.#levels = start.map((value) => {
            const input = make("input", { type: "range", min: "0", max: "1.2", step: "0.05", value: String(value) });
            input.addEventListener("input", () => this.draw());
            return input;
        });
        overall.value = String(start.reduce((sum, value) => sum + value) / start.length);
        seed.value = String(place.seed ?? newSeed());
        if (place.count) {
            if (![...count.options].some((option) => Number(option.value) === place.count)) {
                count.add(
                    make("option", {
                        value: String(Math.min(place.count, 256)),
                        text: String(Math.min(place.count, 256)),
                    }),
                );
            }
            count.value = String(place.count);
        }
        this.#shapes = info.latentShapes;
        const labels = this.#levels.map((input) =>
            make("label", { className: "slider" }, make("span"), input, make("output")),
        );
        levels.replaceChildren(...labels.reverse());
        this.#name();
        this.#selected = 0;
    }

    /** Draws the sheet; what is still being drawn is given up. */
    async draw() {
        this.#write();
        if (!isSeed(this.seed)) {
            seed.setAttribute("aria-invalid", "true");
            return fail(new Trouble("seed"));
        }
        seed.removeAttribute("aria-invalid");
        this.#changed();
        const from = { seed: this.seed, temperature: this.temperature };
        const signal = this.#drawing.next();
        this.#lay(this.count);
        await busy(
            async () => {
                say("status.drawing");
                const time = await this.#engine.call("sample", [from.seed, this.count, from.temperature], {
                    signal,
                    event: (index, rgb) => this.#place(index, { rgb, ...from }),
                });
                say("status.faces", { count: this.count, time: number(time, 1) });
                this.#ready();
            },
            () => this.draw(),
        );
    }

    /** Those of the sheet that are drawn. */
    get subjects() {
        return this.#faces.map((_, index) => this.#subject(index)).flat();
    }

    /** A face of the seed, on the sheet or beyond it. @param {number} index */
    async subject(index) {
        const { seed, temperature } = this;
        if (!this.#faces[index]) return redraw(this.#engine, { seed, index, temperature });
        this.#select(index);
        return this.#subject(index);
    }

    /** Makes room. @param {number} faces */
    #lay(faces) {
        sheet.style.setProperty("--columns", String(Math.min(8, Math.ceil(Math.sqrt(faces)))));
        while (sheet.children.length > faces) sheet.lastChild?.remove();
        while (sheet.children.length < faces) {
            const index = sheet.children.length;
            const button = make(
                "button",
                { type: "button", className: "face", disabled: true },
                make("canvas", { width: 1, height: 1 }),
            );
            button.addEventListener("click", () => this.#select(index));
            sheet.append(button);
        }
        this.#faces.length = faces;
        this.#selected = Math.min(this.#selected, faces - 1);
        this.#name();
    }

    /** @param {number} index @param {Face} face */
    #place(index, face) {
        const button = /** @type {HTMLButtonElement} */ (sheet.children[index]);
        show(/** @type {HTMLCanvasElement} */ (button.firstChild), image(face.rgb));
        button.disabled = false;
        this.#faces[index] = face;
        if (index === this.#selected) this.#select(index);
        setLoaded();
    }

    /** @param {number} index */
    #select(index) {
        this.#selected = index;
        [...sheet.children].forEach((button, i) => button.setAttribute("aria-pressed", String(i === index)));
        this.#viewer.show(this.#subject(index));
    }

    /** @param {number} index */
    #subject(index) {
        const { rgb, ...from } = this.#faces[index];
        return drawn(this.#engine, rgb, { index, ...from });
    }

    /** Names faces and levels. */
    #name() {
        [...sheet.children].forEach((button, i) => {
            button.setAttribute("aria-label", t("faces.face", { number: i + 1, seed: this.seed }));
        });
        this.#levels.forEach((input, level) => {
            const size = this.#shapes[level].join(" × ");
            /** @type {HTMLElement} */ (input.previousElementSibling).textContent = t("faces.level", {
                level: level + 1,
                size,
            });
        });
    }

    #write() {
        const values = this.temperature;
        const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => number(value, 2));
        output.textContent = least === most ? least : `${least}–${most}`;
        for (const level of this.#levels) {
            /** @type {HTMLOutputElement} */ (level.nextElementSibling).textContent = number(level.valueAsNumber, 2);
        }
    }
}

/**
 * A face, and what it was drawn from.
 * @param {import("./protocol.js").Engine} engine
 * @param {Uint8Array} rgb
 * @param {import("./viewer.js").Sample} sample
 * @returns {import("./viewer.js").Subject}
 */
export const drawn = (engine, rgb, sample) => ({
    rgb,
    title: () => t("faces.face", { number: sample.index + 1, seed: sample.seed }),
    file: `glow-${sample.seed}-${sample.index + 1}`,
    latents: () => engine.call("draw", [sample.seed, sample.index, sample.temperature]),
    sample,
});

/**
 * A face, from what it was drawn from.
 * @param {import("./protocol.js").Engine} engine
 * @param {import("./viewer.js").Sample} sample
 */
export async function redraw(engine, sample) {
    const latents = await engine.call("draw", [sample.seed, sample.index, sample.temperature]);
    return drawn(engine, await engine.call("decode", [latents]), sample);
}

const newSeed = () => crypto.getRandomValues(new Uint32Array(1))[0] % 1_000_000;
