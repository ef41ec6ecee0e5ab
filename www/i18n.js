/** The page's words, in the visitor's language. */
import en from "./strings/en.js";
import zh from "./strings/zh.js";
import { recall, remember } from "./storage.js";

/** @typedef {import("./protocol.js").Key} Key */
/** @typedef {Record<string, string | number>} Values */

/** @type {{ en: Record<string, string>, zh: Record<string, string> }} */
const LANGUAGES = { en: { ...en }, zh: { ...zh } };
const STORED = "language";

/** @type {keyof typeof LANGUAGES} */
let language = "en";
/** What takes the place of some words. @type {typeof LANGUAGES | undefined} */
let instead;
/** @type {Set<() => void>} */
const listeners = new Set();

/** The text of a key, filled in. @param {Key} key @param {Values} [values] */
export function t(key, values = {}) {
    const text = instead?.[language][key] ?? LANGUAGES[language][key];
    return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** Whether there is such a string. @param {string} key @returns {key is Key} */
export const isKey = (key) => key in LANGUAGES.en;

/** Adds the words of a part that is loaded later. @param {typeof LANGUAGES} words */
export function addWords(words) {
    Object.assign(LANGUAGES.en, words.en);
    Object.assign(LANGUAGES.zh, words.zh);
}

/** Says some things in other words, or as before. @param {typeof LANGUAGES} [words] */
export function reword(words) {
    if (words === instead) return;
    instead = words;
    write();
}

/** A text by language, as `models/index.json` has them. @param {Record<string, string>} texts */
export const translated = (texts) => texts[language] ?? texts.en;

/** A number as the language writes it. @param {number} value @param {number} [digits] behind the point */
export const number = (value, digits = 0) =>
    value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** The same, with its sign. @param {number} value @param {number} digits behind the point */
export const signed = (value, digits) =>
    value.toLocaleString(language, {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
        signDisplay: "exceptZero",
    });

/** Calls back now, and whenever the language changes. @param {() => void} write */
export function eachLanguage(write) {
    listeners.add(write);
    write();
}

/** Writes what has its key in the markup. @param {Document | HTMLElement} root */
export function translate(root) {
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-i18n]"))) {
        element.textContent = t(/** @type {Key} */ (element.dataset.i18n));
    }
}

/** @param {string} wanted */
function setLanguage(wanted) {
    language = wanted in LANGUAGES ? /** @type {keyof typeof LANGUAGES} */ (wanted) : "en";
    document.documentElement.lang = language === "zh" ? "zh-Hans" : language;
    write();
}

function write() {
    translate(document);
    for (const listener of listeners) listener();
}

/** Starts with the language chosen before, or the browser's; `select` changes it. @param {HTMLSelectElement} select */
export function startLanguage(select) {
    const stored = recall(STORED);
    const wanted = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in LANGUAGES);
    setLanguage(stored ?? wanted ?? "en");
    select.value = language;
    select.addEventListener("change", () => {
        remember(STORED, select.value);
        setLanguage(select.value);
    });
}
