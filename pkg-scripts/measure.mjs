// See measure.sh. The page is served from this machine, so that no network is timed.
import { median } from "../bench/median.js";
import { fixture, open, start, state, watchFaces } from "../tests/e2e/browser.mjs";
import { timeline } from "./timeline.mjs";

const VISITS = 5;

/** In the page, before its own scripts: what keeps the main thread, in milliseconds. */
function watch() {
    globalThis.tasks = [];
    new PerformanceObserver((list) => globalThis.tasks.push(...list.getEntries().map((task) => task.duration))).observe(
        {
            type: "longtask",
            buffered: true,
        },
    );
}

/** In the page: moves a slider twenty times, and waits for the frame after each picture; milliseconds. */
async function drag() {
    const [slider, canvas] = ["#sliders input", "#edited"].map((selector) => document.querySelector(selector));
    const times = [];
    for (let i = 1; i <= 20; i++) {
        const start = performance.now();
        const drawn = new Promise((resolve) =>
            new MutationObserver((_, observer) => {
                observer.disconnect();
                requestAnimationFrame(resolve);
            }).observe(canvas, { attributeFilter: ["width"] }),
        );
        slider.valueAsNumber = i / 20;
        slider.dispatchEvent(new Event("input"));
        await drawn;
        times.push(performance.now() - start);
    }
    return times;
}

async function visit(chrome) {
    // A page of the same origin first, until the browser's own window has come to rest.
    const { page, context } = await open(chrome, "sw.js", { script: watchFaces, ready: false });
    await page.addInitScript(watch);
    await page.waitForTimeout(3000);
    await page.goto(`${chrome.url}?n=16&on=cpu`);
    await state(page, "ready");
    const [first, ...rest] = await page.evaluate(() => globalThis.shown);
    const parts = [...(await timeline(page)), ["the first face", first]];
    // Afterwards: the model's own time, as the page shows it.
    await page.click("#dice");
    await state(page, "busy");
    await state(page, "ready");
    const [, milliseconds] = (await page.textContent("#message")).match(/([\d.]+) ms/);
    await page.setInputFiles("#file", fixture("astronaut.png"));
    await state(page, "ready");
    await page.click("#photo-flow");
    await state(page, "ready");
    await page.click("#photo-edit");
    await page.waitForSelector("#editor:not([hidden])");
    const slider = median(await page.evaluate(drag));
    const longest = Math.max(0, ...(await page.evaluate(() => globalThis.tasks)));
    await context.close();
    return { first: first / 1000, all: rest.at(-1) / 1000, face: Number(milliseconds), slider, longest, parts };
}

const chrome = await start();
const visits = [];
for (let i = 0; i < VISITS; i++) visits.push(await visit(chrome));
await chrome.stop();

for (const [what, name, digits] of [
    ["page open to first face, s", "first", 2],
    ["page open to 16 faces, s", "all", 2],
    ["a face afterwards, ms of model time", "face", 1],
    ["slider moved to face changed, ms", "slider", 0],
    ["longest task of the page's thread, ms (0: < 50)", "longest", 0],
]) {
    const values = visits.map((visit) => visit[name]);
    const [middle, ...all] = [median(values), ...values].map((value) => value.toFixed(digits));
    console.log(`${what.padEnd(48)} ${middle}  (${all.join(", ")})`);
}

console.log("\nOn the way to the first face, ms from the page's opening:");
for (const [i, [part]] of visits[0].parts.entries()) {
    console.log(`${part.padEnd(48)} ${median(visits.map(({ parts }) => parts[i][1])).toFixed(0)}`);
}
