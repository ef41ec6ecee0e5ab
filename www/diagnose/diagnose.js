/** A report on the GPU, to be copied: shown in the section of the model. */
import { element, onClick } from "../page/dom.js";
import { addWords, translate } from "../page/i18n.js";
import { secured } from "../page/secure.js";
import { busy, say } from "../page/status.js";
import en from "./en.js";
import zh from "./zh.js";

addWords({ en, zh });
element("model", HTMLElement).insertAdjacentHTML(
    "beforeend",
    /* HTML */ `
        <div id="diagnosis" hidden>
            <h3 id="diagnosis-title" data-i18n="diagnosis.title"></h3>
            <p class="hint" id="diagnosis-help" data-i18n="diagnosis.help"></p>
            <textarea
                id="diagnosis-text"
                readonly
                rows="12"
                lang="en"
                aria-labelledby="diagnosis-title"
                aria-describedby="diagnosis-help"
            ></textarea>
            <div class="buttons">
                <button type="button" class="primary" id="diagnosis-copy" data-i18n="diagnosis.copy"></button>
            </div>
        </div>
    `,
);
const room = element("diagnosis", HTMLDivElement);
const text = element("diagnosis-text", HTMLTextAreaElement);
onClick("diagnosis-copy", () =>
    busy(async () => {
        await secured(navigator.clipboard).writeText(text.value);
        say("status.copied");
    }),
);

/** @param {import("../engine/engine.js").Model} model */
export async function report(model) {
    translate(room);
    say("diagnosis.measuring");
    const found = await model.call("diagnose", []);
    const [release] = new URL("..", import.meta.url).pathname.split("/").slice(-2);
    text.value = [
        `Page: ${release}${crossOriginIsolated ? ", isolated" : ""}`,
        `Browser: ${navigator.userAgent}`,
        `Model: ${model.entry.name}`,
        `Decision: ${element("device-state", HTMLParagraphElement).textContent}`,
        found,
    ].join("\n");
    room.hidden = false;
    room.scrollIntoView({ block: "center" });
    text.focus({ preventScroll: true });
    say("diagnosis.measured");
}
