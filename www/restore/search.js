/** Pictures that the flow finds probable and that agree with what is known: several, to choose from. */
import { element, Latest, make } from "../page/dom.js";
import { eachLanguage, t } from "../page/i18n.js";
import { image, show } from "../page/pixels.js";
import { busy, correct, say, showProgress } from "../page/status.js";
import { roundTrip } from "../photo/trip.js";

/** @typedef {import("../engine/engine.js").Model} Model */
/** @typedef {{ name: string, rgb?: Uint8Array, cell: HTMLButtonElement }} Found */
/** @typedef {(model: Model, seed: number, options: import("../engine/engine.js").Options) => Promise<void>} Ask events: share that is done, RGB so far */

/** Pictures that are sought at a time. */
const COUNT = 3;
/** The search that speaks in the page's status: the last that began, which ends any other. @type {{ searching: Latest, signal: AbortSignal } | undefined} */
let last;

export class Search {
    #name;
    #viewer;
    #question;
    #start;
    #stop;
    #title;
    #picker;
    #searching = new Latest();
    /** @type {Model | undefined} */ #model;
    /** Of the last picture: another one finds another. */
    #seed = 0;
    /** @type {Found[]} */ #found = [];
    #isReady = false;
    #isSearching = false;

    /**
     * @param {object} needs
     * @param {HTMLElement} needs.root
     * @param {"repair" | "enlarge"} needs.name of the section, and of what is found
     * @param {import("../faces/viewer.js").Viewer} needs.viewer shows what is chosen
     * @param {() => Ask} needs.question what is asked now, whatever changes while it is answered
     */
    constructor({ root, name, viewer, question }) {
        this.#name = name;
        this.#viewer = viewer;
        this.#question = question;
        this.#start = element(root, `${name}-start`, HTMLButtonElement);
        this.#stop = element(root, `${name}-stop`, HTMLButtonElement);
        this.#title = element(root, `${name}-title`, HTMLParagraphElement);
        this.#picker = element(root, `${name}-found`, HTMLDivElement);
        this.#start.addEventListener("click", () => this.#search());
        this.#stop.addEventListener("click", () => this.#searching.next());
        eachLanguage(() => this.#write());
    }

    /** Another picture is asked about, of a model, if there is one: what was found before goes. @param {Model} [model] */
    clear(model) {
        this.#searching.next();
        this.#model = model;
        this.#found = [];
        this.#write();
    }

    /** Whether there is something to seek. @param {boolean} is */
    set isReady(is) {
        this.#isReady = is;
        this.#write();
    }

    /** One picture after the other, each in sight from its first step on. What is there when somebody stops it stays. */
    async #search() {
        const model = this.#model;
        if (!model) return;
        last?.searching.next();
        const signal = this.#searching.next();
        last = { searching: this.#searching, signal };
        const ask = this.#question();
        const wasOn = document.activeElement === this.#start;
        this.#isSearching = true;
        /** @type {Found[]} */
        const all = (this.#found = []);
        this.#write();
        if (wasOn) this.#stop.focus();
        const isDone = await busy(
            async () => {
                say("restore.searching");
                for (let i = 0; i < COUNT; i++) {
                    const seed = ++this.#seed;
                    const found = this.#place(String(seed));
                    await ask(model, seed, {
                        signal,
                        event: (share, rgb) => {
                            put(found, rgb);
                            showProgress(i + share, COUNT);
                        },
                    });
                }
                const pictures = all.map(({ rgb }) => /** @type {Uint8Array} */ (rgb));
                put(this.#place("mean"), mean(pictures));
                say("restore.done");
                return true;
            },
            () => this.#search(),
            this.#name,
        );
        const isOn = document.activeElement === this.#stop;
        this.#isSearching = false;
        if (last.signal === signal) showProgress();
        if (!isDone && this.#found === all) {
            this.#found = all.filter(({ rgb }) => rgb);
            if (last.signal === signal) say(this.#found.length ? "restore.stopped" : "restore.nothing");
        } else if (!isDone && last.signal === signal) correct("restore.searching", "restore.nothing");
        this.#write();
        if (isOn) this.#start.focus({ preventScroll: true });
    }

    /** A place for what will be found. @param {string} name of its file */
    #place(name) {
        const cell = make("button", { type: "button", className: "cell", disabled: true }, make("canvas"));
        /** @type {Found} */
        const found = { name, cell };
        cell.addEventListener("click", () => this.#choose(found));
        this.#found.push(found);
        this.#write();
        return found;
    }

    /** @param {Found} chosen */
    async #choose(chosen) {
        const [model, { name, rgb }] = [this.#model, chosen];
        if (!model || !rgb) return;
        await busy(async () => {
            const { missing, latents } = await roundTrip(model, rgb);
            this.#viewer.show({
                rgb,
                missing,
                title: () => t(`${this.#name}.found`),
                file: `glow-${this.#name}-${name}`,
                latents: async () => latents,
            });
            for (const found of this.#found) found.cell.setAttribute("aria-pressed", String(found === chosen));
            this.#viewer.focus("edit");
        });
    }

    #write() {
        this.#start.disabled = !this.#model || !this.#isReady || this.#isSearching;
        this.#stop.hidden = !this.#isSearching;
        this.#title.hidden = !this.#found.length;
        this.#picker.replaceChildren(...this.#found.map(({ cell }) => cell));
        for (const [i, { cell }] of this.#found.entries()) {
            cell.setAttribute("aria-label", i < COUNT ? t("restore.number", { number: i + 1 }) : t("restore.mean"));
        }
    }
}

/** Has a picture seen in its place. @param {Found} found @param {Uint8Array} rgb */
function put(found, rgb) {
    found.rgb = rgb;
    found.cell.disabled = false;
    show(/** @type {HTMLCanvasElement} */ (found.cell.firstChild), image(rgb));
}

/** The least error that can be expected is that of the mean of what is as probable. @param {Uint8Array[]} all */
const mean = (all) => all[0].map((_, i) => Math.round(all.reduce((sum, rgb) => sum + rgb[i], 0) / all.length));
