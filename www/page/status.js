/** What the page tells its visitor: a line of status, a bar of progress, an alert that stays until it is closed. */
import { Failure, cancelled } from "../engine/protocol.js";
import { elements, onClick } from "./dom.js";
import { eachLanguage, isKey, number, t } from "./i18n.js";
import { isOutdated } from "./release.js";

/** @typedef {import("./i18n.js").Key} Key */
/** @typedef {import("./i18n.js").Values} Values */
/** @typedef {"loading" | "ready" | "busy" | "error"} State */

/** Milliseconds without a byte, after which a connection stalls. */
const STALL = 5000;
/** What may be gone since another release of the page took this one's place. */
const FILES = new Set(["part", "package", "example", "download-failed", "download-cut", "download-corrupt"]);

const find = () =>
    elements(document, {
        status: HTMLDivElement,
        message: HTMLSpanElement,
        amount: HTMLSpanElement,
        cancel: HTMLButtonElement,
        progress: HTMLProgressElement,
        alert: HTMLDivElement,
        alertText: HTMLParagraphElement,
        retry: HTMLButtonElement,
    });

/** The whole page has one, from its start on. @type {ReturnType<typeof find>} */
let parts;
/** @type {[Key, Values]} */
let said = ["status.loading", {}];
/** @type {{ key: Key, values: Values, topic?: string } | undefined} */
let alarm;
/** Bytes of the downloads under way, had and in all, by what cancels them. @type {Map<() => void, [number, number]>} */
const downloads = new Map();
/** Of all of them. */
let sum = [0, 0];
let stalled = 0;
/** @type {() => void} */
let again = () => {};
let working = 0;
let loaded = false;

export function startStatus() {
    parts = find();
    const { status, message, alertText, cancel, retry } = parts;
    eachLanguage(() => {
        message.textContent = t(...said);
        if (alarm) alertText.textContent = t(alarm.key, alarm.values);
        writeAmount("status.amount");
    });
    // Nothing stays below the bar, however many lines it has, nor does what has the focus as it grows.
    let height = 0;
    new ResizeObserver(() => {
        const focus = document.activeElement;
        const covered = (focus?.getBoundingClientRect().bottom ?? 0) - status.getBoundingClientRect().top;
        const grown = status.offsetHeight - height;
        height += grown;
        document.documentElement.style.setProperty("--bar", `max(${height + 9}px, 4rem + var(--bottom))`);
        if (covered > 0 && covered <= grown) focus?.scrollIntoView({ block: "nearest" });
    }).observe(status);
    cancel.addEventListener("click", () => [...downloads.keys()].forEach((act) => act()));
    onClick(document, "dismiss", closeAlert);
    retry.addEventListener("click", () => {
        closeAlert();
        again();
    });
}

/** Says what is going on. @param {Key} key @param {Values} [values] */
export function say(key, values = {}) {
    said = [key, values];
    parts.message.textContent = t(key, values);
}

/** Says what is so now, if what was said is no longer so, and nothing else has been said since. @param {Key} was @param {Key} key */
export function correct(was, key) {
    if (said[0] === was) say(key);
}

/** @param {number} [done] @param {number} [all] without them the bar goes away */
export function showProgress(done, all) {
    const { progress } = parts;
    progress.hidden = done === undefined;
    if (done !== undefined && all !== undefined) {
        progress.max = all;
        progress.value = done;
    }
}

/**
 * Shows how far a download is, says when it stalls, and offers to cancel it.
 * @param {number} had bytes
 * @param {number} all 0 for code, whose bytes nobody counts
 * @param {() => void} act cancels it
 */
export function showDownload(had, all, act) {
    downloads.set(act, [had, all]);
    showDownloads();
}

/** @param {() => void} act what would have cancelled it */
export function endDownload(act) {
    if (downloads.delete(act)) showDownloads();
}

function showDownloads() {
    sum = [0, 1].map((i) => [...downloads.values()].reduce((sum, bytes) => sum + bytes[i], 0));
    const [had, all] = sum;
    showProgress(all ? had : undefined, all);
    parts.cancel.hidden = !downloads.size;
    writeAmount("status.amount");
    clearTimeout(stalled);
    if (had < all) stalled = setTimeout(() => writeAmount("status.stalled"), STALL);
}

/** Read aloud only on request, for it changes with each piece. @param {Key} key */
function writeAmount(key) {
    const [had, all] = sum.map((bytes) => number(bytes / 1e6, 1));
    parts.amount.textContent = downloads.size ? t(sum[1] ? key : "status.code", { had, all }) : "";
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
 * @param {string} [topic] what was told before of the same is no longer true, once this succeeds
 * @returns {Promise<T | undefined>} undefined if it failed or was cancelled
 */
export async function busy(work, retryWith, topic) {
    const before = alarm;
    working += 1;
    showState();
    try {
        const result = await work();
        if (alarm && alarm === before && alarm.topic === topic) closeAlert();
        return result;
    } catch (error) {
        if (!cancelled(error)) fail(error, retryWith, topic);
        return undefined;
    } finally {
        working -= 1;
        showState();
    }
}

/** Shows what went wrong. @param {unknown} error @param {() => void} [retryWith] @param {string} [topic] */
export async function fail(error, retryWith, topic) {
    const code = error instanceof Failure ? `error.${error.code}` : "error.failed";
    const detail = error instanceof Error ? error.message : String(error);
    warn(
        isKey(code) ? code : "error.failed",
        { message: detail, ...(error instanceof Trouble ? error.values : {}) },
        retryWith,
        topic,
    );
    if (error instanceof Failure && FILES.has(error.code)) await tellIfOutdated();
}

/** Something is not there: perhaps because another release of the page is. */
export async function tellIfOutdated() {
    const told = alarm;
    if ((await isOutdated()) && alarm === told) warn("error.outdated", {}, () => location.reload());
}

/**
 * Shows something that should not be overlooked.
 * @param {Key} key
 * @param {Values} [values]
 * @param {() => void} [retryWith]
 * @param {string} [topic]
 */
export function warn(key, values = {}, retryWith, topic) {
    alarm = { key, values, topic };
    again = retryWith ?? (() => {});
    parts.retry.hidden = !retryWith;
    parts.alertText.textContent = t(key, values);
    parts.alert.hidden = false;
    parts.alert.dataset.kind = key.startsWith("error.") ? "error" : "notice";
    parts.alert.scrollIntoView({ block: "nearest" });
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
    parts.alert.hidden = true;
    alarm = undefined;
    showState();
}

function showState() {
    /** @type {State} */
    let state = "ready";
    if (working) state = loaded ? "busy" : "loading";
    else if (alarm?.key.startsWith("error.")) state = "error";
    else if (!loaded) state = "loading";
    document.body.dataset.state = state;
}
