import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { faces, fixture, largestDifference, nativeFaces, open, pixels, start, state } from "./browser.mjs";

let chrome;
before(async () => (chrome = await start()));
after(() => chrome.stop());

/** RGB of every face. */
const colours = (drawn) => drawn.flat().filter((_, i) => i % 4 !== 3);

test("whoever comes for the first time sees faces without grain", async () => {
    const { page, problems } = await open(chrome, "?n=4&clean=1", {
        script: () => {
            globalThis.said = [];
            addEventListener("DOMContentLoaded", () => {
                const message = document.querySelector("#message");
                new MutationObserver(() => globalThis.said.push(message.textContent)).observe(message, {
                    childList: true,
                });
            });
        },
    });
    const said = await page.evaluate(() => globalThis.said);
    const order = ["Drawing faces", "Taking the grain out", "4 faces"];
    let from = 0;
    for (const start of order) {
        const at = said.slice(from).findIndex((text) => text.startsWith(start));
        assert.ok(at >= 0, `${start}: ${said}`);
        from += at + 1;
    }
    assert.ok(await page.isChecked("#clean"));
    assert.match(page.url(), /&clean=1&n=4$/);
    assert.deepEqual(problems, []);
});

test("the same link shows the native program's faces, with grain or without, and the switch is between them", async () => {
    const { page } = await open(chrome, "?seed=1&t=0.7&clean=1&n=4");
    const clean = colours(await faces(page));
    assert.ok(largestDifference(clean, nativeFaces("cleaned")) <= 1);
    await page.click("#clean");
    await state(page, "ready");
    assert.ok(largestDifference(colours(await faces(page)), nativeFaces()) <= 1);
    assert.match(page.url(), /t=0.7&n=4$/);
    const old = await open(chrome, "?seed=1&t=0.7&n=4");
    assert.ok(!(await old.page.isChecked("#clean")), "links from before there was a choice");
    assert.ok(largestDifference(clean, nativeFaces()) > 5, "it makes a difference");
});

test("an edited face has no grain, in its link neither; a photo is left as it is", async () => {
    const { page } = await open(chrome, "?seed=1&t=0.7&clean=1&n=4&face=2&edit=Smiling:1");
    await page.waitForSelector("#editor:not([hidden])");
    await state(page, "ready");
    const shown = await pixels(page.locator("#edited"));
    const again = await open(chrome, new URL(page.url()).search);
    await again.page.waitForSelector("#editor:not([hidden])");
    await state(again.page, "ready");
    assert.ok(largestDifference(await pixels(again.page.locator("#edited")), shown) <= 1);
    assert.match(page.url(), /clean=1/);
    await page.click("#clean");
    await state(page, "ready");
    assert.ok(largestDifference(await pixels(page.locator("#edited")), shown) > 5, "the editor follows the switch");

    await page.click("#clean");
    await page.setInputFiles("#file", fixture("astronaut.png"));
    await page.waitForFunction(() => document.querySelector("#verdict").textContent.startsWith("Identical"));
});

test("what is being cleaned can be overtaken", async () => {
    const { page, problems } = await open(chrome, "?seed=1&t=0.7&clean=1&n=16", { ready: false });
    await page.waitForFunction(() => document.querySelector("#message").textContent.startsWith("Taking"));
    await page.fill("#seed", "2");
    await page.press("#seed", "Enter");
    await state(page, "ready");
    const drawn = await faces(page);
    const other = await open(chrome, "?seed=2&t=0.7&clean=1&n=16");
    assert.deepEqual(await faces(other.page), drawn);
    assert.deepEqual(problems, []);
});

test("pictures of all 8 bits have no grain to take out", async () => {
    const { page } = await open(chrome, "?model=cifar10&n=4&clean=1");
    assert.ok(await page.isHidden("#clean"));
    assert.ok(!page.url().includes("clean"));
});

test("a GPU that never answers keeps nobody's faces grainy", async () => {
    const { page } = await open(chrome, "?seed=1&t=0.7&clean=1&n=4", {
        worker: `Object.defineProperty(navigator, "gpu", { value: { requestAdapter: () => new Promise(() => {}) } });`,
    });
    assert.ok(largestDifference(colours(await faces(page)), nativeFaces("cleaned")) <= 1);
});

test("the GPU is tried once for a model, before the grain is taken out", async () => {
    const { page } = await open(chrome, "?seed=1&t=0.7&clean=1&n=4", {
        script: () => {
            globalThis.asked = [];
            const { postMessage } = Worker.prototype;
            Worker.prototype.postMessage = function (request, ...more) {
                if (request.call) globalThis.asked.push(request.call);
                return postMessage.call(this, request, ...more);
            };
        },
    });
    await page.click("#dice");
    await state(page, "ready");
    const asked = await page.evaluate(() => globalThis.asked);
    assert.deepEqual(
        asked.filter((call) => ["open", "sample", "considerGpu", "clean"].includes(call)),
        ["open", "sample", "considerGpu", "clean", "sample", "clean"],
    );
});
