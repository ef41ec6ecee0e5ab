/** What repairs and enlarges a photo looks like. */

/** What is found, and the buttons to find it. @param {string} name of the section */
const found = (name) => /* HTML */ `
    <div class="found">
        <div class="buttons">
            <button type="button" id="${name}-start" class="primary" data-i18n="${name}.start"></button>
            <button type="button" id="${name}-stop" data-i18n="restore.stop" hidden></button>
        </div>
        <p id="${name}-title" data-i18n="restore.choose" hidden></p>
        <div id="${name}-found" class="choice" role="group" aria-labelledby="${name}-title"></div>
    </div>
`;

export const repair = /* HTML */ `
    <link rel="stylesheet" href="${new URL("./style.css", import.meta.url)}" />
    <p data-i18n="repair.help"></p>
    <div class="restored">
        <div class="given">
            <canvas id="mask" tabindex="0" role="application" aria-describedby="mask-help"></canvas>
            <p id="mask-help" class="hint" data-i18n="repair.keys"></p>
            <label class="slider"
                ><span data-i18n="repair.brush"></span>
                <input id="brush" type="range" min="0.01" max="0.15" step="0.005" value="0.04" />
            </label>
            <div id="parts" class="buttons" role="group" aria-labelledby="parts-title">
                <span id="parts-title" data-i18n="repair.parts"></span>
            </div>
            <div class="buttons">
                <button type="button" id="rub" aria-pressed="false" data-i18n="repair.rub"></button>
                <button type="button" id="unmask" data-i18n="repair.clear"></button>
            </div>
        </div>
        ${found("repair")}
    </div>
`;

export const enlarge = /* HTML */ `
    <p data-i18n="enlarge.help"></p>
    <div class="restored">
        <div class="given">
            <canvas id="small" role="img" aria-labelledby="small-title"></canvas>
            <label class="choices"
                ><span id="small-title" data-i18n="enlarge.small"></span>
                <select id="small-side"></select>
            </label>
        </div>
        ${found("enlarge")}
    </div>
`;
