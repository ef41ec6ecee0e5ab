/** A slider an attribute. */
import { element, make } from "../page/dom.js";
import { eachLanguage, isKey, signed, t } from "../page/i18n.js";

/** Times the way from faces without the attribute to those with it. */
const MOST = 1.5;
const STEP = 0.1;

const section = element("attributes", HTMLElement);
const list = element("sliders", HTMLDivElement);

export class Sliders {
    #moved;
    #done;
    /** By attribute. @type {Map<string, HTMLInputElement>} */ #inputs = new Map();

    /**
     * @param {() => void} moved
     * @param {() => void} done it was let go
     */
    constructor(moved, done) {
        this.#moved = moved;
        this.#done = done;
        eachLanguage(() => this.#write());
    }

    /** @param {string[]} names of the attributes */
    setNames(names) {
        section.hidden = names.length === 0;
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
        list.replaceChildren(...labels);
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
