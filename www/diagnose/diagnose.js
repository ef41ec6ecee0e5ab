/** A report on the GPU, to be copied: shown in the section of the model. */
import { elements } from "../page/dom.js";
import { addWords, translate } from "../page/i18n.js";
import { secured } from "../page/secure.js";
import { busy, say } from "../page/status.js";
import en from "./en.js";
import zh from "./zh.js";

addWords({ en, zh });

const markup = /* HTML */ `
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
`;

/** Added to the page by the first report. @type {ReturnType<typeof furnish> | undefined} */
let parts;

/** @param {HTMLElement} root */
function furnish(root) {
    root.insertAdjacentHTML("beforeend", markup);
    const added = elements(root, {
        diagnosis: HTMLDivElement,
        diagnosisText: HTMLTextAreaElement,
        diagnosisCopy: HTMLButtonElement,
        deviceState: HTMLParagraphElement,
    });
    added.diagnosisCopy.addEventListener("click", () =>
        busy(async () => {
            await secured(navigator.clipboard).writeText(added.diagnosisText.value);
            say("status.copied");
        }),
    );
    translate(added.diagnosis);
    return added;
}

/** @param {HTMLElement} root the section of the model @param {import("../engine/engine.js").Model} model */
export async function report(root, model) {
    const { diagnosis, diagnosisText, deviceState } = (parts ??= furnish(root));
    say("diagnosis.measuring");
    const found = await model.call("diagnose", []);
    const [release] = new URL("..", import.meta.url).pathname.split("/").slice(-2);
    diagnosisText.value = [
        `Page: ${release}${crossOriginIsolated ? ", isolated" : ""}`,
        `Browser: ${navigator.userAgent}`,
        `Model: ${model.entry.name}`,
        `Decision: ${deviceState.textContent}`,
        found,
    ].join("\n");
    diagnosis.hidden = false;
    diagnosis.scrollIntoView({ block: "center" });
    diagnosisText.focus({ preventScroll: true });
    say("diagnosis.measured");
}
