// The page while its packages are being built: it starts with the CPU's, and takes the others when they are there.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ISOLATION } from "../../pkg-scripts/serve.mjs";
import { site } from "../../pkg-scripts/site.mjs";
import { faces, fixture, largestDifference, open, start, state } from "./browser.mjs";

const models = fileURLToPath(new URL("../../models", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "glow-"));
const published = join(folder, "site");
const publish = (...packages) => site(published, models, "", packages);

let chrome;
before(async () => {
    publish("cpu");
    chrome = await start({ folder: published, headers: ISOLATION });
});
after(async () => {
    await chrome.stop();
    rmSync(folder, { recursive: true });
});

const device = (page) => page.textContent("#device-state");

/** Chooses a photo; resolves with what was found in it. */
async function choose(page) {
    await page.evaluate(() => (document.querySelector("#verdict").textContent = ""));
    await page.setInputFiles("#file", fixture("astronaut.png"));
    await page.waitForFunction(() => document.querySelector("#verdict").textContent);
    await state(page, "ready");
    return page.textContent("#found");
}

test("with the CPU's package alone the page draws faces and takes photos, and later the rest", async () => {
    const worker = "Object.defineProperty(navigator, 'hardwareConcurrency', { value: 2 });";
    const { page, problems } = await open(chrome, "?n=4&seed=1&on=cpu", { worker });
    const drawn = await faces(page);
    assert.match(await device(page), /^Runs on: CPU\. /);
    assert.match(await choose(page), /did not work/);
    assert.match(await page.textContent("#verdict"), /^Identical/);
    await page.selectOption("#device", "webgpu");
    await page.waitForFunction(() => /could not be used/.test(document.querySelector("#device-state").textContent));
    await page.selectOption("#device", "cpu");
    await page.click("#edit");
    await page.waitForSelector("#editor:not([hidden])");
    await state(page, "ready");
    assert.deepEqual(
        problems.filter((problem) => !/404/.test(problem)),
        [],
    );

    publish("cpu", "relaxed", "threads", "eyes");
    problems.length = 0;
    await page.reload();
    await state(page, "ready");
    assert.match(await device(page), /^Runs on: CPU, 2 threads\. /);
    for (const [i, face] of (await faces(page)).entries()) assert.ok(largestDifference(face, drawn[i]) <= 1);
    assert.match(await choose(page), /^A face was found/);
    assert.deepEqual(problems, []);
});
