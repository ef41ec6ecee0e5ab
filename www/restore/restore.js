/** Repairs and enlarges a photo, with the flow for what is probable. */
import { addWords, translate } from "../page/i18n.js";
import en from "./en.js";
import * as markup from "./markup.js";
import { Mask } from "./mask.js";
import { Search } from "./search.js";
import { Small } from "./small.js";
import zh from "./zh.js";

addWords({ en, zh });

export class Restore {
    /** @type {import("../engine/engine.js").Model | undefined} */ #model;
    /** @type {Uint8Array} */ #rgb = new Uint8Array();
    #repair;
    #enlarge;
    #mask;
    #small;

    /**
     * @param {object} needs
     * @param {HTMLElement} needs.repair where a photo is repaired
     * @param {HTMLElement} needs.enlarge where it is enlarged
     * @param {import("../faces/viewer.js").Viewer} needs.viewer shows what is chosen
     */
    constructor({ repair, enlarge, viewer }) {
        for (const [root, html] of /** @type {const} */ ([
            [repair, markup.repair],
            [enlarge, markup.enlarge],
        ])) {
            root.insertAdjacentHTML("beforeend", html);
            translate(root);
        }
        this.#repair = new Search({
            root: repair,
            name: "repair",
            viewer,
            question: () => {
                const [rgb, known] = [this.#rgb, this.#mask.known.slice()];
                return (model, seed, options) => model.call("repair", [rgb, known, seed], options);
            },
        });
        this.#enlarge = new Search({
            root: enlarge,
            name: "enlarge",
            viewer,
            question: () => {
                const { rgb } = this.#small;
                return (model, seed, options) => model.call("enlarge", [rgb, seed], options);
            },
        });
        this.#mask = new Mask(repair, () => (this.#repair.isReady = this.#mask.isPartial));
        this.#small = new Small(enlarge, () => this.#enlarge.clear(this.#model));
    }

    /** Another photo, as a model sees it, if there is one. @param {import("../engine/engine.js").Model} [model] @param {Uint8Array} [rgb] */
    show(model, rgb = new Uint8Array()) {
        this.#rgb = rgb;
        this.#model = rgb.length ? model : undefined;
        this.#repair.clear(this.#model);
        this.#mask.show(rgb, model?.entry.eyes);
        this.#small.show(rgb);
        this.#enlarge.isReady = rgb.length > 0;
    }
}
