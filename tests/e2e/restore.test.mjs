import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { faces, fixture, look, open, pixels, speak, start, state } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
let chrome;
before(async () => (chrome = await start()));
after(() => chrome.stop());

/** The page with a photo, and what repairs and enlarges it. */
async function withPhoto(query = "?n=4&on=cpu", options = {}) {
    const opened = await open(chrome, query, options);
    await opened.page.setInputFiles("#file", fixture("astronaut.png"));
    await opened.page.waitForFunction(() => document.querySelector("#verdict").textContent);
    await state(opened.page, "ready");
    await opened.page.click("#repair summary");
    await opened.page.waitForSelector("#unmask");
    return opened;
}

const says = (page, start) =>
    page.waitForFunction((start) => document.querySelector("#message").textContent.startsWith(start), start);
/** How much of the photo is shown in the colour of what is to go. */
const veiled = (page) =>
    page.locator("#mask").evaluate((canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.filter((value, i) => i % 4 === 2 && value > data[i - 1] + 60).length / (data.length / 4);
    });

test("what is to go is painted by mouse, by keys, and a part at a time; and rubbed out", async () => {
    const { page, problems } = await withPhoto();
    assert.ok(await page.isDisabled("#repair-start"), "nothing is to go");
    /** Across the middle, in shares of the width. */
    const stroke = async (from, to) => {
        await page.locator("#mask").scrollIntoViewIfNeeded();
        const { x, y, width } = await page.locator("#mask").boundingBox();
        await page.mouse.move(x + from * width, y + 0.5 * width);
        await page.mouse.down();
        await page.mouse.move(x + to * width, y + 0.5 * width);
        await page.mouse.up();
    };
    await page.hover("#mask");
    assert.equal(await veiled(page), 0, "without a button it only shows the brush");
    await stroke(0.2, 0.8);
    const line = await veiled(page);
    assert.ok(line > 0.03 && line < 0.12, `a line: ${line}`);
    assert.ok(await page.isEnabled("#repair-start"));
    await page.click("#rub");
    await stroke(0.8, 0.2);
    assert.equal(await veiled(page), 0, "rubbed out");
    await page.click("#rub");

    await page.focus("#mask");
    for (const key of ["ArrowUp", "ArrowUp", "ArrowLeft", "Space"]) await page.keyboard.press(key);
    const dab = await veiled(page);
    assert.ok(dab > 0 && dab < line, `a dab: ${dab}`);
    await page.click("#unmask");
    assert.equal(await veiled(page), 0);
    for (const part of ["eye.left", "eye.right", "glasses", "mouth"]) {
        await page.click(`[id="part-${part}"]`);
        assert.ok((await veiled(page)) > dab, part);
        await page.click("#unmask");
    }
    await page.evaluate(() => (document.querySelector("#brush").max = "2"));
    await page.fill("#brush", "2");
    await page.focus("#mask");
    await page.keyboard.press("Space");
    assert.ok(await page.isDisabled("#repair-start"), "nothing stays");
    assert.deepEqual(problems, []);
});

test("a finger paints, and the page stays where it is", async () => {
    const { page } = await withPhoto("?n=4&on=cpu", {
        viewport: { width: 390, height: 800 },
        hasTouch: true,
        isMobile: true,
    });
    await page.locator("#mask").scrollIntoViewIfNeeded();
    const { x, y, width } = await page.locator("#mask").boundingBox();
    const at = await page.evaluate(() => scrollY);
    const session = await page.context().newCDPSession(page);
    const touch = (type, ...points) => session.send("Input.dispatchTouchEvent", { type, touchPoints: points });
    await touch("touchStart", { x: x + 0.5 * width, y: y + 0.3 * width });
    for (let i = 1; i <= 5; i++) await touch("touchMove", { x: x + 0.5 * width, y: y + (0.3 + 0.08 * i) * width });
    await touch("touchEnd");
    assert.ok((await veiled(page)) > 0.02);
    assert.equal(await page.evaluate(() => scrollY), at);

    // A second one does not: no stroke from the one to the other.
    await page.click("#unmask");
    await page.locator("#mask").scrollIntoViewIfNeeded();
    const box = await page.locator("#mask").boundingBox();
    const finger = (id, across, down) => ({ id, x: box.x + across * width, y: box.y + down * width });
    await touch("touchStart", finger(0, 0.1, 0.1));
    const dab = await veiled(page);
    await touch("touchStart", finger(0, 0.1, 0.1), finger(1, 0.9, 0.9));
    await touch("touchMove", finger(0, 0.1, 0.1), finger(1, 0.9, 0.8));
    await touch("touchMove", finger(0, 0.1, 0.12), finger(1, 0.9, 0.8));
    await touch("touchEnd");
    assert.ok(dab > 0 && (await veiled(page)) < 2 * dab);
});

test("other faces come while it searches; a stop keeps what is there, another photo does not", async () => {
    const { page, problems } = await withPhoto();
    const before = await faces(page);
    await page.click("#part-mouth");
    await page.click("#repair-start");
    await page.waitForSelector("#repair-found button:enabled");
    await page.click("#dice");
    await says(page, "4 faces");
    assert.ok(await page.isVisible("#repair-stop"), "it goes on");
    assert.notDeepEqual(await faces(page), before);
    await page.click("#repair-stop");
    await says(page, "Stopped");
    await state(page, "ready");
    const kept = await page.locator("#repair-found button").count();
    assert.ok(kept >= 1 && kept <= 3);
    await page.click("#repair-found button");
    await page.waitForFunction(() => document.querySelector("#viewer-title").textContent === "Your photo, filled in");
    await speak(page, "zh");
    assert.equal(await page.textContent("#repair-start"), "填补");
    await speak(page, "en");

    await page.click("#enlarge summary");
    await page.click("#enlarge-start");
    await page.waitForSelector("#enlarge-found button:enabled");
    await page.setInputFiles("#file", fixture("chelsea.png"));
    await page.waitForFunction(() => !document.querySelector("#enlarge-found button"));
    await state(page, "ready");
    assert.equal(await page.locator("#repair-found button").count(), 0);
    assert.equal(await veiled(page), 0);
    assert.deepEqual(problems, []);
});

test("a search goes on with the mask that it began with, says when it found nothing, and ends the other one", async () => {
    const { page, problems } = await withPhoto();
    await page.click("#part-mouth");
    // Before its first step is in sight.
    await page.evaluate(() => {
        document.querySelector("#repair-start").click();
        document.querySelector("#repair-stop").click();
    });
    await says(page, "Stopped before anything");
    await state(page, "ready");
    assert.equal(await page.locator("#repair-found button").count(), 0);
    assert.ok(await page.isHidden("#repair-title"));

    await page.click("#repair-start");
    await page.waitForSelector("#repair-found button:enabled");
    await page.click("#unmask");
    await says(page, "Found three");
    await state(page, "ready");
    const photo = await pixels(page.locator("#rebuilt"));
    for (const i of [0, 1, 2, 3]) {
        assert.notDeepEqual(await pixels(page.locator("#repair-found canvas").nth(i)), photo, `number ${i}`);
    }

    await page.click("#part-mouth");
    await page.click("#repair-start");
    await page.waitForSelector("#repair-found button:enabled");
    await page.click("#enlarge summary");
    await page.click("#enlarge-start");
    await page.waitForSelector("#repair-stop", { state: "hidden" });
    await says(page, "Looking for");
    await page.waitForSelector("#enlarge-found button:enabled");
    assert.ok(await page.isVisible("#progress"), "the bar is the later one's");
    assert.ok(await page.locator("#repair-found button").count(), "what was found stays");
    await page.click("#enlarge-stop");
    await says(page, "Stopped: what");
    assert.deepEqual(problems, []);
});

test("it is all done by keyboard, and nothing is lost on the way: neither the focus nor a fault of access", async () => {
    const { page } = await withPhoto();
    const focused = () => page.evaluate(() => document.activeElement.id);
    await page.focus("#part-mouth");
    await page.keyboard.press("Enter");
    await page.focus("#repair-start");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#repair-found button:enabled");
    assert.equal(await focused(), "repair-stop");
    await page.keyboard.press("Enter");
    await says(page, "Stopped");
    await page.waitForFunction(() => document.activeElement.id === "repair-start");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.activeElement.id === "edit");
    await page.click("#enlarge summary");
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run("#photo"));
    assert.deepEqual(
        violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
        [],
    );
});

test("a photo as small as is chosen is enlarged, and looks the same when it is made small again", async () => {
    const { page } = await withPhoto();
    await page.click("#enlarge summary");
    await page.selectOption("#small-side", { label: "16 × 16" });
    const small = await pixels(page.locator("#small"));
    assert.equal(small.length, 16 * 16 * 4);
    await page.click("#enlarge-start");
    await says(page, "Found three");
    const large = await pixels(page.locator("#enlarge-found canvas").first());
    for (const [i, value] of small.entries()) {
        const [pixel, channel] = [i >> 2, i & 3];
        const [top, left] = [2 * (pixel >> 4), 2 * (pixel & 15)];
        const square = [0, 1, 32, 33].map((by) => large[4 * (32 * top + left + by) + channel]);
        // What lies outside of the range is cut off.
        if (square.some((value) => value === 0 || value === 255)) continue;
        assert.ok(Math.abs(square.reduce((a, b) => a + b) / 4 - value) <= 1, `${i}: ${square} ${value}`);
    }
    await page.click("#repair summary");
    await page.click("#repair summary");
    await look(page, "restore");
    await page.click("#enlarge-start");
    await page.waitForSelector("#enlarge-found button:enabled");
    await page.selectOption("#small-side", { label: "8 × 8" });
    await says(page, "Stopped before");
    assert.equal(await page.locator("#enlarge-found button").count(), 0, "those are of another size");
});

test("another model takes the photo over, without what was found and painted", async () => {
    const { page, problems } = await withPhoto();
    await page.click("#part-mouth");
    await page.click("#repair-start");
    await page.waitForSelector("#repair-found button:enabled");
    await page.selectOption("#models", "cifar10");
    await page.waitForFunction(() => document.querySelector("#parts").hidden);
    await state(page, "ready");
    assert.equal(await page.locator("#repair-found button").count(), 0);
    assert.ok(await page.isDisabled("#repair-start"));
    assert.deepEqual(problems, []);
});

test("what cannot be loaded is told, and comes at the next try", async () => {
    let gone = true;
    const routes = { "**/restore/restore.js": (route) => (gone ? route.abort() : route.continue()) };
    const { page } = await open(chrome, "?n=4&on=cpu", { routes });
    await page.setInputFiles("#file", fixture("astronaut.png"));
    await page.waitForFunction(() => document.querySelector("#verdict").textContent);
    await page.click("#repair summary");
    await state(page, "error");
    assert.match(await page.textContent("#alert p"), /could not be loaded/);
    gone = false;
    await page.click("#retry");
    await page.waitForSelector("#unmask");
});
