import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open, speak, start, state } from "./browser.mjs";

let chrome;
before(async () => (chrome = await start()));
after(() => chrome.stop());

const title = (page) => page.textContent("#faces-title");

test("of two languages one is loaded, and the other when it is wanted", async () => {
    const { page, context, problems } = await open(chrome, "?n=4");
    const loaded = () =>
        page.evaluate(() => {
            const names = performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname);
            return names.filter((name) => name.includes("/strings/")).map((name) => name.slice(-5));
        });
    assert.deepEqual(await loaded(), ["en.js"]);
    await context.setOffline(true);
    await page.selectOption("#language", "zh");
    await state(page, "error");
    assert.match(await page.textContent("#alert p"), /could not be loaded/);
    assert.equal(await page.inputValue("#language"), "en");
    assert.equal(await title(page), "New faces");
    await context.setOffline(false);
    await page.reload();
    await state(page, "ready");
    await speak(page, "zh");
    assert.equal(await title(page), "新的人脸");
    assert.deepEqual(await loaded(), ["en.js", "zh.js"]);
    await speak(page, "en");
    assert.equal(await title(page), "New faces");
    assert.deepEqual(
        problems.filter((problem) => !/ERR_INTERNET_DISCONNECTED/.test(problem)),
        [],
    );
});
