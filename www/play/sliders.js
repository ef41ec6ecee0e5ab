/** A slider an attribute. */
import { elements, make } from "../page/dom.js";
import { eachLanguage, isKey, signed, t } from "../page/i18n.js";

/** Times the way from faces without the attribute to those with it. */
const MOST = 1.5;
const STEP = 0.1;

export class Sliders {
    #parts;
    #moved;
    #done;
    /** By attribute. @type {Map<string, HTMLInputElement>} */ #inputs = new Map();

    /**
     * @param {object} needs
     * @param {HTMLElement} needs.root
     * @param {() => void} needs.moved
     * @param {() => void} needs.done it was let go
     */
    constructor({ root, moved, done }) {
        this.#parts = elements(root, { attributes: HTMLElement, sliders: HTMLDivElement });
        this.#moved = moved;
        this.#done = done;
        eachLanguage(() => this.#write());
    }

    /** @param {string[]} names of the attributes */
    setNames(names) {
        this.#parts.attributes.hidden = names.length === 0;
        this.#inputs = new Map(
            names.map((name) => {
                const range = { min: String(-MOST), max: String(MOST), step: String(STEP), value: "0" };
                const input = make("input", { type: "range", ...range });
                input.addEventListener("input", () => {
                    this.#write();
                    this.#moved();
                });
                input.addEventListener("change", () => this.#done());
                return [name, input];
            }),
        );
        const labels = [...this.#inputs.values()].map((input) =>
            make("label", { className: "slider" }, make("span"), input, make("output")),
        );
        this.#parts.sliders.replaceChildren(...labels);
        this.#write();
    }

    /** Those that are not 0. @returns {Record<string, number>} */
    get strengths() {
        const all = [...this.#inputs].map(([name, input]) => /** @type {const} */ ([name, input.valueAsNumber]));
        return Object.fromEntries(all.filter(([, strength]) => strength));
    }

    set strengths(strengths) {
        for (const [name, input] of this.#inputs) input.valueAsNumber = strengths[name] ?? 0;
        this.#write();
    }

    focus() {
        this.#inputs.values().next().value?.focus({ preventScroll: true });
    }

    #write() {
        for (const [name, input] of this.#inputs) {
            const key = `attribute.${name}`;
            const [label, output] = [input.previousElementSibling, input.nextElementSibling];
            /** @type {HTMLElement} */ (label).textContent = isKey(key) ? t(key) : name.replaceAll("_", " ");
            /** @type {HTMLOutputElement} */ (output).textContent = signed(input.valueAsNumber, 1);
        }
    }
}
