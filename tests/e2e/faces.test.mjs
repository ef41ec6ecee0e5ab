import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import {
    STEPS,
    faces,
    largestDifference,
    look,
    nativeFaces,
    open,
    pixels,
    speak,
    start,
    state,
    watchFaces,
} from "./browser.mjs";
import { playWithFace } from "./editor.mjs";
import { withSmall } from "./models.mjs";

let chrome;
before(async () => (chrome = await start()));
after(() => chrome.stop());

test("opens with faces, without a click, one by one", async () => {
    const { page, problems } = await open(chrome, "", { model: "", script: watchFaces });
    const shown = await page.evaluate(() => globalThis.shown);
    assert.ok(new Set(shown).size > 1, "they come one by one");
    const drawn = await faces(page);
    assert.equal(drawn.length, 16);
    assert.equal(new Set(drawn.map(String)).size, 16, "no two alike");
    assert.match(await page.textContent("#message"), /^16 faces/);
    assert.match(page.url(), /\?model=faces64&seed=\d+&t=0.9&n=16$/);
    assert.deepEqual(problems, []);
    await look(page, "faces");
});

/** RGB of every face. */
const colours = (drawn) => drawn.flat().filter((_, i) => i % 4 !== 3);

test("the same link shows the same faces, and the native program's", async () => {
    const query = "?seed=1&t=0.7&n=4";
    const first = await open(chrome, query);
    const second = await open(chrome, new URL(first.page.url()).search);
    const drawn = await faces(first.page);
    assert.deepEqual(await faces(second.page), drawn);
    assert.ok(largestDifference(colours(drawn), nativeFaces()) <= 1);
});

test("of a model that does not take every draw, the faces are the native program's, too", async () => {
    const { page, problems } = await open(chrome, "?model=faces64&seed=1&n=4&clean=0&on=cpu");
    const drawn = await faces(page);
    assert.ok(largestDifference(colours(drawn), nativeFaces("faces", "faces64")) <= 1);
    assert.deepEqual(problems, []);
});

const unrelaxed = `const { validate } = WebAssembly;
    WebAssembly.validate = (bytes) => validate(bytes) && !bytes.includes(133);`;
for (const [what, options] of [
    ["relaxed SIMD", { worker: unrelaxed }],
    ["the package for relaxed SIMD", { routes: { "**/relaxed/*": (route) => route.abort() } }],
]) {
    test(`without ${what} the faces are the same`, async () => {
        const { page } = await open(chrome, "?seed=1&t=0.7&n=4", options);
        const loaded = await page.workers()[0].evaluate(() => performance.getEntriesByType("resource"));
        assert.ok(loaded.some(({ name }) => name.endsWith("/cpu/glow_bg.wasm")));
        assert.ok(largestDifference(colours(await faces(page)), nativeFaces()) <= 1);
    });
}

test("controls draw anew, and stand in the address", async () => {
    const { page } = await open(chrome, "?seed=5&n=4");
    const start = await faces(page);
    await page.fill("#temperature", "0");
    await state(page, "ready");
    const cold = await faces(page);
    assert.equal(new Set(cold.map(String)).size, 1, "without noise all are the same face");
    assert.match(page.url(), /t=0&/);
    await page.click("summary");
    const finest = page.locator("#levels input").last();
    await finest.fill("0.7");
    await state(page, "ready");
    assert.match(page.url(), /t=0.7,0,0&/);
    assert.notDeepEqual(await faces(page), cold);
    await page.click("#dice");
    await state(page, "ready");
    assert.doesNotMatch(page.url(), /seed=5&/);
    await page.fill("#seed", "5");
    await page.fill("#temperature", "0.7");
    await page.selectOption("#count", "9");
    await state(page, "ready");
    const again = await faces(page);
    assert.equal(again.length, 9);
    assert.deepEqual(again.slice(0, 4), start);
    await look(page, "levels");
});

test("a seed that is none is refused, and the faces stay", async () => {
    const { page } = await open(chrome, "?seed=5&n=4");
    const drawn = await faces(page);
    await page.fill("#seed", "-1");
    await page.locator("#seed").blur();
    await state(page, "error");
    assert.match(await page.textContent("#alert"), /whole number/);
    assert.deepEqual(await faces(page), drawn);
    await page.click("#dismiss");
    await state(page, "ready");
});

test("only the last of many requests counts", async () => {
    const { page } = await open(chrome, "?seed=5&n=16");
    const wanted = await open(chrome, "?seed=5&n=16&t=0.5");
    for (const value of ["0.1", "0.9", "0.3", "1.1", "0.5"]) await page.fill("#temperature", value);
    await state(page, "ready");
    assert.deepEqual(await faces(page), await faces(wanted.page));
});

test("a face flows from noise, step by step", async () => {
    const { page, problems } = await open(chrome, "?seed=1&n=4");
    await page.locator(".face").nth(2).click();
    const [, , face] = await faces(page);
    const picture = page.locator("#picture");
    assert.deepEqual(await pixels(picture), face);
    const at = async (step) => {
        await page.fill("#scrubber", String(step));
        await state(page, "ready");
        await page.waitForTimeout(50);
        return pixels(picture);
    };
    const [noise, middle, end] = [await at(0), await at(STEPS / 2), await at(STEPS)];
    assert.deepEqual(end, face);
    assert.ok(largestDifference(noise, face) > 50 && largestDifference(middle, noise) > 50);
    await at(STEPS / 2);
    assert.match(
        await page.textContent("#viewer-step"),
        new RegExp(`step ${STEPS / 2} of ${STEPS}: level 2, 8 × 8 × 24`),
    );
    await look(page, "flow");
    await page.fill("#scrubber", String(STEPS - 8));
    await page.click("#play");
    await page.waitForFunction((steps) => document.querySelector("#scrubber").value === steps, String(STEPS));
    assert.deepEqual(await pixels(picture), face);
    assert.deepEqual(problems, []);
});

test("a picture is saved, copied, and its link is", async () => {
    const { page } = await open(chrome, "?seed=1&n=4");
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#download")]);
    assert.equal(download.suggestedFilename(), "glow-1-1.png");
    const png = readFileSync(await download.path());
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [512, 512]);
    await page.click("#copy");
    await page.waitForFunction(() => document.querySelector("#message").textContent === "Copied.");
    const types = await page.evaluate(async () => (await navigator.clipboard.read()).flatMap((item) => item.types));
    assert.deepEqual(types, ["image/png"]);
    await page.click("#link");
    await page.waitForFunction(async () => (await navigator.clipboard.readText()) === location.href);
});

for (const [query, told, shown] of [
    ["model=small&n=257", "n=257", /n=256$/],
    ["n=0", "n=0", /n=1$/],
    ["n=many", "n=many", /n=16$/],
    ["n=4&seed=-1", "seed=-1", /seed=0&/],
    ["n=4&seed=1.5", "seed=1.5", /seed=2&/],
    ["n=4&t=0.73", "t=0.73", /t=0.75&/],
    ["n=4&t=2", "t=2", /t=1.2&/],
    ["n=4&t=0.5,0.6", "t=0.5,0.6", /t=0.7&/],
    ["n=4&model=nobody", "model=nobody", /model=faces64&/],
    ["n=4&on=abacus", "on=abacus", /n=4$/],
    ["n=4&face=4294967296", "face=4294967296", /face=4294967295$/],
]) {
    test(`an address beyond all bounds is followed as far as it goes, and it is said: ${query}`, async () => {
        const { page, problems } = await open(chrome, `?${query}`, { routes: withSmall() });
        assert.ok((await page.textContent("#alert p")).includes(`(${told})`));
        await page.waitForFunction((shown) => new RegExp(shown).test(location.href), shown.source);
        await state(page, "ready");
        assert.equal((await faces(page)).length, Number(await page.inputValue("#count")));
        assert.deepEqual(problems, []);
        if (query === "n=4&t=2") await look(page, "address");
    });
}

test("an address within bounds is followed without a word", async () => {
    const { page } = await open(chrome, "?model=faces32&seed=9007199254740991&t=1.2,0,0.35&n=3&face=2&on=cpu");
    await page.waitForSelector("#editor:not([hidden])");
    await state(page, "ready");
    assert.ok(await page.locator("#alert").isHidden());
    assert.match(page.url(), /seed=9007199254740991&t=1.2,0,0.35&n=3&on=cpu&face=2$/);
});

test("Back and Forward lead through the sheets, and the faces that were played with", async () => {
    const { page } = await open(chrome, "?n=4&seed=1&on=cpu", { routes: withSmall() });
    const seen = [[page.url(), await faces(page)]];
    const see = async () => {
        await state(page, "ready");
        seen.push([page.url(), await faces(page)]);
    };
    await page.click("#dice");
    await see();
    await page.fill("#temperature", "0.5");
    await page.fill("#temperature", "0.6");
    await state(page, "ready");
    seen.pop();
    await see();
    await playWithFace(page, 2);
    await see();
    await page.selectOption("#models", "small");
    await page.waitForFunction(() => location.search.includes("small"));
    await see();
    assert.equal(new Set(seen.map(([url]) => url)).size, 4);
    const at = async (index) => {
        await page.waitForFunction((url) => location.href === url, seen[index][0]);
        await page.waitForFunction(
            ([face, side]) =>
                document.querySelector("#editor").checkVisibility() === face &&
                document.querySelector(".face:enabled canvas")?.width === side,
            [index === 2, Math.sqrt(seen[index][1][0].length / 4)],
        );
        await state(page, "ready");
        assert.deepEqual(await faces(page), seen[index][1]);
        assert.equal(page.url(), seen[index][0]);
    };
    for (const index of [2, 1, 0]) {
        await page.goBack();
        await at(index);
    }
    await page.goForward();
    await at(1);
    await page.goBack();
    await at(0);
    await page.goBack();
    assert.equal(page.url(), "about:blank");
});

test("works from a sub-path", async () => {
    const elsewhere = await start({ path: "/some/where/" });
    const { page, problems } = await open(elsewhere, "?n=4");
    assert.equal((await faces(page)).length, 4);
    assert.deepEqual(problems, []);
    await elsewhere.stop();
});

test("the page answers while faces are drawn", async () => {
    const { page } = await open(chrome, "?n=256", { ready: false });
    await page.waitForSelector(".face:enabled");
    await speak(page, "zh");
    assert.ok((await page.locator(".face:disabled").count()) > 0, "still drawing");
    assert.equal(await page.textContent("#faces-title"), "新的人脸");
    await state(page, "ready");
});
