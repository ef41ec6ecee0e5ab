/** Repairs and enlarges a photo, with the flow for what is probable. */
import "./markup.js";
import { element } from "../page/dom.js";
import { addWords, translate } from "../page/i18n.js";
import en from "./en.js";
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

    /** @param {import("../faces/viewer.js").Viewer} viewer shows what is chosen */
    constructor(viewer) {
        for (const id of ["repair", "enlarge"]) translate(element(id, HTMLDetailsElement));
        this.#repair = new Search("repair", viewer, (model, seed, options) =>
            model.call("repair", [this.#rgb, this.#mask.known, seed], options),
        );
        this.#enlarge = new Search("enlarge", viewer, (model, seed, options) =>
            model.call("enlarge", [this.#small.rgb, seed], options),
        );
        this.#mask = new Mask(() => (this.#repair.isReady = this.#mask.isPartial));
        this.#small = new Small(() => this.#enlarge.clear(this.#model));
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
