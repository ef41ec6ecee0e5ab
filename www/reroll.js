/** A photo's latents as pictures, level by level; one level drawn anew while the others stay. */
import { element, Latest, make, onClick } from "./dom.js";
import { eachLanguage, t } from "./i18n.js";
import { ranges } from "./levels.js";
import { image, save, show } from "./pixels.js";
import { busy, say } from "./status.js";

/** Levels of 255 that a standard deviation is shown as. */
const CONTRAST = 45;

const list = element("latents", HTMLOListElement);
const canvas = element("rerolled", HTMLCanvasElement);
const caption = element("rerolled-caption", HTMLElement);
const restore = element("restore", HTMLButtonElement);

export class Reroll {
    #engine;
    #temperature;
    /** @type {[number, number, number][]} */ #shapes = [];
    /** @type {{ rgb: Uint8Array, latents: Float32Array } | undefined} */ #photo;
    /** What is shown. @type {{ rgb: Uint8Array, latents: Float32Array, levels: Set<number> } | undefined} */ #now;
    #drawing = new Latest();

    /**
     * @param {import("./protocol.js").Engine} engine
     * @param {() => number[]} temperature a level, finest first
     */
    constructor(engine, temperature) {
        this.#engine = engine;
        this.#temperature = temperature;
        restore.addEventListener("click", () => {
            if (!this.#photo) return;
            this.setPhoto(this.#photo.rgb, this.#photo.latents);
            say("status.restored");
        });
        onClick("rerolled-download", () => this.#now && save(this.#now.rgb, "glow-photo-redrawn"));
        eachLanguage(() => this.#write());
    }

    /** @param {import("./protocol.js").ModelInfo} info */
    setModel({ latentShapes }) {
        this.#shapes = latentShapes;
        this.#photo = this.#now = undefined;
        const items = latentShapes.map((_, level) => {
            const button = make("button", { type: "button" });
            button.addEventListener("click", () => this.#draw(level));
            return make("li", {}, make("figure", {}, make("canvas"), make("figcaption")), button);
        });
        list.replaceChildren(...items.reverse());
    }

    /** @param {Uint8Array} rgb @param {Float32Array} latents */
    setPhoto(rgb, latents) {
        this.#drawing.next();
        this.#photo = { rgb, latents };
        this.#now = { rgb, latents, levels: new Set() };
        this.#write();
    }

    /** Draws a level anew. @param {number} level */
    async #draw(level) {
        const now = this.#now;
        if (!now) return;
        const signal = this.#drawing.next();
        await busy(async () => {
            const [seed] = crypto.getRandomValues(new Uint32Array(1));
            const drawn = await this.#engine.call("draw", [seed, 0, this.#temperature()], { signal });
            const latents = now.latents.slice();
            const [from, to] = ranges(this.#shapes)[level];
            latents.set(drawn.subarray(from, to), from);
            const rgb = await this.#engine.call("decode", [latents], { signal });
            this.#now = { rgb, latents, levels: new Set([...now.levels, level]) };
            this.#write();
            say("status.rerolled", { level: level + 1 });
        });
    }

    #write() {
        const now = this.#now;
        restore.disabled = !now?.levels.size;
        if (!now) return;
        show(canvas, image(now.rgb));
        const names = [...now.levels].sort().map((level) => t("reroll.name", { level: level + 1 }));
        caption.textContent = names.length ? t("reroll.changed", { levels: names.join(", ") }) : t("reroll.same");
        canvas.setAttribute("aria-label", caption.textContent);
        this.#shapes.forEach((shape, level) => {
            const item = list.children[this.#shapes.length - 1 - level];
            const [picture, name, button] = ["canvas", "figcaption", "button"].map((tag) => item.querySelector(tag));
            const size = shape.join(" × ");
            show(
                /** @type {HTMLCanvasElement} */ (picture),
                tiles(now.latents.subarray(...ranges(this.#shapes)[level]), shape),
            );
            /** @type {HTMLElement} */ (name).textContent = t("reroll.latents", { level: level + 1, size });
            /** @type {HTMLElement} */ (button).textContent = t("reroll.level", { level: level + 1 });
        });
    }
}

/**
 * Latents, three channels a tile.
 * @param {Float32Array} latents
 * @param {[number, number, number]} shape height, width, channels
 */
function tiles(latents, [h, w, c]) {
    const count = c / 3;
    const columns = Math.ceil(Math.sqrt(count));
    const width = columns * w;
    const rgb = new Uint8Array(Math.ceil(count / columns) * h * width * 3);
    latents.forEach((value, i) => {
        const [pixel, channel] = [Math.floor(i / c), i % c];
        const tile = Math.floor(channel / 3);
        const y = Math.floor(tile / columns) * h + Math.floor(pixel / w);
        const x = (tile % columns) * w + (pixel % w);
        rgb[(y * width + x) * 3 + (channel % 3)] = Math.min(255, Math.max(0, 128 + CONTRAST * value));
    });
    return image(rgb, width);
}
