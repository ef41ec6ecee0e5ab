import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { site } from "../../pkg-scripts/site.mjs";
import { faces, fixture, look, open, start, state } from "./browser.mjs";
import { writeModels } from "./models.mjs";

const folder = mkdtempSync(join(tmpdir(), "glow-"));
const published = join(folder, "site");

/** Puts a release at the page's address, in the place of the one before. */
function publish(release) {
    rmSync(published, { force: true });
    symlinkSync(join(folder, release), published);
}

let chrome;
before(async () => {
    for (const [release, seeds] of Object.entries({ old: { one: 1, two: 2 }, new: { one: 3, two: 4 } })) {
        const models = join(folder, `${release}-models`);
        mkdirSync(models);
        writeModels(models, seeds);
        site(join(folder, release), models);
    }
    publish("old");
    chrome = await start({ folder: published });
});
after(async () => {
    await chrome.stop();
    rmSync(folder, { recursive: true });
});

/** The folder of a page's code. */
const code = (page) => page.evaluate(() => document.querySelector("script").src);

test("a new release comes with the next visit, and open pages of the old one live on", async () => {
    publish("old");
    const { page, context } = await open(chrome, "?n=4&seed=1", { model: "", serviceWorkers: "allow" });
    const old = await code(page);
    const drawn = await faces(page);
    await page.waitForFunction(() => navigator.serviceWorker.controller);
    const tab = await context.newPage();
    await tab.goto(`${chrome.url}?n=4&seed=1`);
    await state(tab, "ready");

    publish("new");
    const changed = page.evaluate(() => new Promise((done) => (navigator.serviceWorker.oncontrollerchange = done)));
    await page.evaluate(async () => (await navigator.serviceWorker.ready).update());
    await changed;
    await page.reload();
    await state(page, "ready");
    assert.notEqual(await code(page), old);
    assert.notDeepEqual(await faces(page), drawn, "drawn with the new weights");
    await page.selectOption("#models", "two");
    await page.waitForFunction(() => /two/.test(document.querySelector("#card").textContent));
    await state(page, "ready");

    assert.equal(await code(tab), old);
    await tab.click("#edit");
    await tab.waitForSelector("#editor:not([hidden])");
    await tab.click("#dice");
    await state(tab, "ready");
    assert.equal(await tab.getAttribute("#alert", "hidden"), "");
    // What it has not used is gone.
    await tab.setInputFiles("#file", fixture("astronaut.png"));
    await tab.waitForFunction(() => /new version/.test(document.querySelector("#alert p").textContent));
    await tab.click("#retry");
    await tab.waitForFunction((old) => document.querySelector("script").src !== old, old);
    await state(tab, "ready");
});

for (const [what, act] of [
    ["a model", (page) => page.selectOption("#models", "two")],
    ["a part", (page) => page.click("#edit")],
]) {
    test(`where ${what} of the old release is gone, the page says that there is a new one`, async () => {
        publish("old");
        const { page } = await open(chrome, "?n=4&seed=1", { model: "" });
        const old = await code(page);
        publish("new");
        await act(page);
        await page.waitForFunction(() => /new version/.test(document.querySelector("#alert p").textContent));
        await look(page, "outdated");
        await page.click("#retry");
        await page.waitForFunction((old) => document.querySelector("script").src !== old, old);
        await state(page, "ready");
        assert.equal((await faces(page)).length, 4);
    });
}
