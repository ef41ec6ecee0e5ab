/** Multi-scale: what becomes of a face without the latents of one level. */
import { ranges } from "../engine/levels.js";
import { describe, element, make, onClick } from "../page/dom.js";
import { eachLanguage, number, t } from "../page/i18n.js";
import { image, show } from "../page/pixels.js";
import { busy } from "../page/status.js";
import { graft } from "../play/latents.js";
import { Live } from "../play/live.js";

/** @typedef {import("./tour.js").Face} Face */
/** @typedef {"zero" | "anew"} Way what is done to a level */
/** @typedef {{ canvas: HTMLCanvasElement, caption: HTMLElement, off?: number }} Cell and how far its colours lie off */

export class Scales {
    #list;
    #live = new Live((/** @type {Face} */ face) => this.#drawAnew(face));
    /** @type {Face | undefined} */ #face;
    /** By level, finest first. @type {{ name: HTMLElement, cells: Record<Way, Cell> }[]} */ #levels = [];

    /** @param {HTMLElement} root */
    constructor(root) {
        this.#list = element(root, "scales", HTMLOListElement);
        onClick(root, "scales-again", () => this.#face && this.#live.want(this.#face));
        eachLanguage(() => this.#write());
    }

    /** @param {Face} face */
    async show(face) {
        this.#face = face;
        if (this.#levels.length !== face.model.info.levels) this.#lay(face.model.info.levels);
        this.#write();
        await busy(() => this.#put(face, "zero", new Float32Array(face.latents.length)));
        await this.#live.want(face);
    }

    /** Makes room. @param {number} levels */
    #lay(levels) {
        const cell = () => ({ canvas: make("canvas"), caption: make("figcaption") });
        this.#levels = Array.from({ length: levels }, () => ({
            name: make("span"),
            cells: { zero: cell(), anew: cell() },
        }));
        // The coarsest comes first.
        this.#list.replaceChildren(
            ...this.#levels.map(({ name, cells }) => {
                const figures = Object.values(cells).map(({ canvas, caption }) => make("figure", {}, canvas, caption));
                return make("li", {}, name, ...figures);
            }),
        );
        this.#list.prepend(...[...this.#list.children].reverse());
    }

    /** @param {Face} face */
    async #drawAnew(face) {
        const [seed] = crypto.getRandomValues(new Uint32Array(1));
        await busy(async () => {
            const drawn = await face.model.call("draw", [seed, 0, face.model.entry.temperature], {
                signal: face.signal,
            });
            await this.#put(face, "anew", drawn);
        });
    }

    /**
     * Puts others in the place of each level's latents, one level at a time.
     * @param {Face} face
     * @param {Way} way
     * @param {Float32Array} others
     */
    async #put({ model, subject, latents, signal }, way, others) {
        for (const [level, range] of ranges(model.info.latentShapes).entries()) {
            const rgb = await model.call("decode", [graft(latents, others, range)], { signal });
            const cell = this.#levels[level].cells[way];
            cell.off = rgb.reduce((sum, value, i) => sum + Math.abs(value - subject.rgb[i]), 0) / rgb.length;
            show(cell.canvas, image(rgb));
            this.#write();
        }
    }

    #write() {
        if (!this.#face) return;
        const { latentShapes } = this.#face.model.info;
        this.#levels.forEach(({ name, cells }, i) => {
            const [h, w, c] = latentShapes[i];
            const values = { level: i + 1, size: `${h} × ${w} × ${c}`, count: number(h * w * c) };
            name.textContent = t("scales.level", values);
            for (const way of /** @type {Way[]} */ (["zero", "anew"])) {
                const { canvas, caption, off } = cells[way];
                caption.textContent = off === undefined ? "" : t(`scales.${way}`, { off: number(off, 1) });
                describe(canvas, `${name.textContent} ${caption.textContent}`);
            }
        });
    }
}
