/** What the page tells its visitor: a line of status, a bar of progress, an alert that stays until it is closed. */
import { eachLanguage, isKey, t } from "./i18n.js";
import { Failure, cancelled } from "./protocol.js";
import { element } from "./dom.js";

/** @typedef {import("./i18n.js").Key} Key */
/** @typedef {import("./i18n.js").Values} Values */
/** @typedef {"loading" | "ready" | "busy" | "error"} State */

const message = element("message", HTMLParagraphElement);
const progress = element("progress", HTMLProgressElement);
const panel = element("alert", HTMLDivElement);
const retry = element("retry", HTMLButtonElement);
const text = /** @type {HTMLParagraphElement} */ (panel.querySelector("p"));

/** @type {[Key, Values]} */
let said = ["status.loading", {}];
/** @type {[Key, Values] | undefined} */
let alarm;
/** @type {() => void} */
let again = () => {};
let working = 0;
let loaded = false;

export function startStatus() {
    eachLanguage(() => {
        message.textContent = t(...said);
        if (alarm) text.textContent = t(...alarm);
    });
    element("dismiss", HTMLButtonElement).addEventListener("click", closeAlert);
    retry.addEventListener("click", () => {
        closeAlert();
        again();
    });
}

/** Says what is going on. @param {Key} key @param {Values} [values] */
export function say(key, values = {}) {
    said = [key, values];
    message.textContent = t(key, values);
}

/** @param {number} [done] @param {number} [all] without them the bar goes away */
export function showProgress(done, all) {
    progress.hidden = done === undefined;
    if (done !== undefined && all !== undefined) {
        progress.max = all;
        progress.value = done;
    }
}

/** The first faces are there. */
export function setLoaded() {
    loaded = true;
    showState();
}

/**
 * Runs a piece of work: the page is busy meanwhile, and says what goes wrong.
 * @template T
 * @param {() => Promise<T>} work
 * @param {() => void} [retryWith] what "Try again" does
 * @returns {Promise<T | undefined>} undefined if it failed or was cancelled
 */
export async function busy(work, retryWith) {
    working += 1;
    showState();
    try {
        return await work();
    } catch (error) {
        if (!cancelled(error)) fail(error, retryWith);
        return undefined;
    } finally {
        working -= 1;
        showState();
    }
}

/** Shows what went wrong. @param {unknown} error @param {() => void} [retryWith] */
export function fail(error, retryWith) {
    const code = error instanceof Failure ? `error.${error.code}` : "error.failed";
    const detail = error instanceof Error ? error.message : String(error);
    warn(
        isKey(code) ? code : "error.failed",
        { message: detail, ...(error instanceof Trouble ? error.values : {}) },
        retryWith,
    );
}

/** Shows something that should not be overlooked. @param {Key} key @param {Values} [values] @param {() => void} [retryWith] */
export function warn(key, values = {}, retryWith) {
    alarm = [key, values];
    again = retryWith ?? (() => {});
    retry.hidden = !retryWith;
    text.textContent = t(key, values);
    panel.hidden = false;
    panel.dataset.kind = key.startsWith("error.") ? "error" : "notice";
    panel.scrollIntoView({ block: "nearest" });
    showState();
}

/** A failure whose string has places to fill. */
export class Trouble extends Failure {
    /** @param {string} code @param {Values} [values] */
    constructor(code, values = {}) {
        super(code);
        this.values = values;
    }
}

function closeAlert() {
    panel.hidden = true;
    alarm = undefined;
    showState();
}

function showState() {
    /** @type {State} */
    let state = "ready";
    if (working) state = loaded ? "busy" : "loading";
    else if (alarm?.[0].startsWith("error.")) state = "error";
    else if (!loaded) state = "loading";
    document.body.dataset.state = state;
}
