/** The model: which one, what it is, and where it computes. */
import { oneOrEach } from "../engine/levels.js";
import { elements, make, setRows } from "./dom.js";
import { eachLanguage, number, t, translated } from "./i18n.js";

/** @typedef {import("../engine/protocol.js").ModelEntry} ModelEntry */
/** @typedef {import("../engine/engine.js").Model} Model */
/** @typedef {import("../engine/protocol.js").DeviceState} DeviceState */

export class Card {
    #models;
    #parts;
    /** @type {Model | undefined} */ #model;
    /** @type {DeviceState | undefined} */ #device;

    /**
     * @param {object} needs
     * @param {HTMLElement} needs.root
     * @param {HTMLSelectElement} needs.models where one is chosen
     * @param {ModelEntry[]} needs.entries
     * @param {(name: string) => void} needs.choose
     * @param {(preference: import("../engine/protocol.js").Preference) => void} needs.prefer
     */
    constructor({ root, models, entries, choose, prefer }) {
        this.#models = models;
        this.#parts = elements(root, {
            device: HTMLSelectElement,
            deviceState: HTMLParagraphElement,
            card: HTMLDListElement,
        });
        const offer = (/** @type {ModelEntry} */ { name, size }) =>
            make("option", { value: name, textContent: `${name}, ${size} × ${size}` });
        models.replaceChildren(...entries.map(offer));
        models.addEventListener("change", () => choose(models.value));
        this.#parts.device.addEventListener("change", () => prefer(this.preference));
        eachLanguage(() => this.#write());
    }

    get preference() {
        return /** @type {import("../engine/protocol.js").Preference} */ (this.#parts.device.value);
    }

    set preference(preference) {
        this.#parts.device.value = preference;
    }

    /** @param {Model} model */
    setModel(model) {
        this.#model = model;
        this.showChoice();
        this.#write();
    }

    /** Shows which model is open, not which one was wanted. */
    showChoice() {
        if (this.#model) this.#models.value = this.#model.entry.name;
    }

    /** @param {DeviceState} device */
    setDevice(device) {
        this.#device = device;
        this.#write();
    }

    #write() {
        if (this.#device) {
            const { name, threads = 1, reason, details } = this.#device;
            const on = threads > 1 ? t("device.threads", { name, threads }) : name;
            this.#parts.deviceState.textContent = `${t("device.on", { name: on })} ${t(`device.${reason}`, details)}`;
        }
        if (!this.#model) return;
        const { entry, info } = this.#model;
        const megabytes = `${number(entry.bytes / 1e6, 1)} MB`;
        const flow = {
            levels: info.levels,
            steps: oneOrEach(info.steps),
            coupling: t(`model.${info.coupling}`),
            parameters: number(entry.parameters),
        };
        const rows = [
            [t("model.size"), t("model.size.value", { size: info.size, bits: info.bits })],
            [t("model.flow"), t("model.flow.value", flow)],
            [t("model.data"), translated(entry.data)],
            [t("model.bits"), t("model.bits.value", { bits: number(entry.bitsPerDim, 3) })],
            ...(entry.taken ? [[t("model.draws"), t("model.draws.value", { draws: number(1 / entry.taken) })]] : []),
            [t("model.file"), `${entry.file}, ${megabytes}`],
            [t("model.licence"), translated(entry.licence)],
        ];
        setRows(this.#parts.card, rows);
    }
}
