import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import en from "../../www/diagnose/en.js";
import zh from "../../www/diagnose/zh.js";
import { look, open, speak, start, state } from "./browser.mjs";
import { SMALL, withSmall } from "./models.mjs";

let chrome;
before(async () => (chrome = await start()));
after(() => chrome.stop());

const text = (page) => page.inputValue("#diagnosis-text");
const measured = async (page) => {
    await page.waitForSelector("#diagnosis:not([hidden])", { timeout: 120_000 });
    await state(page, "ready");
};

test("a report on the GPU is made, and copied", async () => {
    const { page, problems } = await open(chrome, "?model=small&n=4", { routes: withSmall() });
    const early = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
    assert.ok(!early.some((name) => name.includes("diagnose")));
    await page.evaluate(() => (document.querySelector("#model a").href += "&model=small&n=4"));
    await page.click("#model a");
    await measured(page);
    const report = await text(page);
    for (const line of [
        /^Page: app-[0-9a-f]{12}/,
        /^Browser: .*Chrome/m,
        /^Model: small$/m,
        /^Decision: Runs on: CPU\. .*software/m,
        /^Threads: \d+, cores: \d+$/m,
        /^CPU: \d+\.\d ms a picture in 1, \d+\.\d ms a picture in 16$/m,
        /^GPU: .*, in software$/m,
        /^Adapter: .+/m,
        /^Largest difference of 4 pictures: [012] of 255$/m,
        /^GPU: \d+\.\d ms a picture in 1, /m,
        /^Features: .*core-features-and-limits/m,
        /^maxBufferSize: \d+$/m,
    ]) {
        assert.match(report, line);
    }
    // Of the small model: four launches a step, and what lies between the levels; one submission for them, one to read the picture.
    const [, ...asked] = report.match(
        /^Launches for a picture: (\d+) in (\d+) submissions, (\d+) bytes written, (\d+) buffers made$/m,
    );
    const [launches, submissions, bytes, buffers] = asked.map(Number);
    const steps = SMALL.steps.reduce((a, b) => a + b);
    assert.ok(launches >= 4 * steps && launches <= 4 * steps + 4 * SMALL.levels, `${launches} launches`);
    assert.deepEqual({ submissions, buffers }, { submissions: 2, buffers: 0 });
    assert.equal(bytes, 4 * 3 * SMALL.size ** 2, "its latents");
    await page.click("#diagnosis-copy");
    await page.waitForFunction(() => document.querySelector("#message").textContent === "Copied.");
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), report);
    await look(page, "diagnosis");
    await speak(page, "zh");
    assert.equal(await page.textContent("#diagnosis-title"), zh["diagnosis.title"]);
    assert.deepEqual(Object.keys(zh), Object.keys(en));
    assert.deepEqual(problems, []);
});

test("a report without a GPU says so", async () => {
    const { page, problems } = await open(chrome, "?model=small&n=4&diagnose=1", {
        routes: withSmall(),
        ready: false,
        worker: "Object.defineProperty(WorkerNavigator.prototype, 'gpu', { get: () => undefined });",
    });
    await measured(page);
    assert.match(await text(page), /^GPU: no-webgpu$/m);
    assert.deepEqual(problems, []);
});
