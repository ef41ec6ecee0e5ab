/** The page's words, in the visitor's language. */
import en from "./strings/en.js";
import zh from "./strings/zh.js";

/** @typedef {import("./protocol.js").Key} Key */
/** @typedef {Record<string, string | number>} Values */

const LANGUAGES = { en, zh };
const STORED = "language";

/** @type {keyof typeof LANGUAGES} */
let language = "en";
/** @type {Set<() => void>} */
const listeners = new Set();

/** The text of a key, filled in. @param {Key} key @param {Values} [values] */
export function t(key, values = {}) {
    return LANGUAGES[language][key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** Whether there is such a string. @param {string} key @returns {key is Key} */
export const isKey = (key) => key in en;

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

/** @param {string} wanted */
function setLanguage(wanted) {
    language = wanted in LANGUAGES ? /** @type {keyof typeof LANGUAGES} */ (wanted) : "en";
    document.documentElement.lang = language === "zh" ? "zh-Hans" : language;
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-i18n]"))) {
        element.textContent = t(/** @type {Key} */ (element.dataset.i18n));
    }
    for (const write of listeners) write();
}

/** Starts with the language chosen before, or the browser's; `select` changes it. @param {HTMLSelectElement} select */
export function startLanguage(select) {
    const stored = localStorage.getItem(STORED);
    const wanted = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in LANGUAGES);
    setLanguage(stored ?? wanted ?? "en");
    select.value = language;
    select.addEventListener("change", () => {
        localStorage.setItem(STORED, select.value);
        setLanguage(select.value);
    });
}
