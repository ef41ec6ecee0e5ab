/** The page's words, in the visitor's language, which alone is loaded. */
import { recall, remember } from "../engine/storage.js";

/** @typedef {import("../engine/protocol.js").Key} Key */
/** @typedef {Record<string, string | number>} Values */
/** @typedef {keyof typeof LANGUAGES} Language */

const LANGUAGES = {
    en: () => import("../strings/en.js"),
    zh: () => import("../strings/zh.js"),
};
const STORED = "language";

/** What can be said in each. @type {Record<Language, Record<string, string>>} */
const words = { en: {}, zh: {} };
/** What takes the place of some words. @type {typeof words | undefined} */
let instead;
/** @type {Set<() => void>} */
const listeners = new Set();

/** The language chosen before, or the browser's. */
let language = [recall(STORED), ...navigator.languages.map((tag) => tag.slice(0, 2))].find(isLanguage) ?? "en";
await load(language);

/** The text of a key, filled in. @param {Key} key @param {Values} [values] */
export function t(key, values = {}) {
    const text = instead?.[language][key] ?? words[language][key];
    return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** Whether there is such a string. @param {string} key @returns {key is Key} */
export const isKey = (key) => key in words[language];

/** Adds the words of a part that is loaded later. @param {typeof words} more */
export function addWords({ en, zh }) {
    Object.assign(words.en, en);
    Object.assign(words.zh, zh);
}

/** Says some things in other words, or as before. @param {typeof words} [others] */
export function reword(others) {
    if (others === instead) return;
    instead = others;
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

function write() {
    document.documentElement.lang = language === "zh" ? "zh-Hans" : language;
    translate(document);
    document.body.dataset.worded = "";
    for (const listener of listeners) listener();
}

/** @param {Language} wanted */
async function load(wanted) {
    Object.assign(words[wanted], (await LANGUAGES[wanted]()).default);
}

/** @param {string | undefined} tag @returns {tag is Language} */
function isLanguage(tag) {
    return tag !== undefined && tag in LANGUAGES;
}

/** Speaks from now on; `select` changes the language. @param {HTMLSelectElement} select @param {() => void} failed */
export function startLanguage(select, failed) {
    write();
    select.value = language;
    select.addEventListener("change", async () => {
        const wanted = /** @type {Language} */ (select.value);
        try {
            await load(wanted);
        } catch {
            select.value = language;
            return failed();
        }
        if (wanted !== select.value) return;
        language = wanted;
        remember(STORED, language);
        write();
    });
}
