import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { bell, densities, overlap } from "../../www/explain/bell.js";
import { logAbsDet } from "../../www/explain/matrix.js";
import en from "../../www/explain/en.js";
import zh from "../../www/explain/zh.js";
import { halves, withSmall } from "./models.mjs";
import { STEPS, faces, fixture, largestDifference, look, open, pixels, speak, start, state } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const CHAPTERS = ["flow", "coupling", "matrix", "scales", "temperature"];
let chrome;
before(async () => (chrome = await start()));
after(() => chrome.stop());

/** Opens the chapters, and waits until all is computed. */
async function explain(page) {
    await page.click("#explain-open");
    await page.waitForSelector("#tour:not([hidden])");
    await state(page, "ready");
}

async function bringPhoto(page) {
    await page.setInputFiles("#file", fixture("astronaut.png"));
    await page.waitForFunction(() => document.querySelector("#verdict").textContent, undefined, { timeout: 120_000 });
    await state(page, "ready");
}

const number = (text) => Number(text.replaceAll(",", "").match(/-?\d+(\.\d+)?/)[0]);
const text = (page, selector) => page.locator(selector).textContent();
const all = (page, selector) => page.locator(selector).allTextContents();
/** The numbers of the first chapter after a step: percent under the curve, log-determinant, cost. */
async function flow(page, step) {
    await page.fill("#flow-step", String(step));
    return (await all(page, "#flow-numbers dd")).map(number);
}

test("nothing of it is loaded before it is asked for", async () => {
    const { page, context, problems } = await open(chrome, "?n=4&seed=1");
    const asked = [];
    context.on("request", (request) => asked.push(new URL(request.url()).pathname));
    const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
    assert.ok(!loaded.some((name) => /\/explain\/(?!explain\.js)/.test(name)));
    assert.equal(await page.locator("#tour").count(), 0);
    await explain(page);
    assert.ok(asked.some((path) => path.endsWith("/explain/tour.js")));
    assert.ok(await page.locator("#explain-open").isHidden());
    assert.equal(await page.evaluate(() => document.activeElement.id), "flow-title");
    assert.match(await text(page, "#tour-title"), /Face 1 of seed 1/);
    assert.deepEqual(problems, []);
});

test("a photo's numbers become the bell curve, and their cost is the one that the photo has", async () => {
    const { page, problems } = await open(chrome, "?n=4&seed=1");
    await bringPhoto(page);
    await explain(page);
    assert.match(await text(page, "#tour-title"), /Your photo/);
    const [before, none, pixelsCost] = await flow(page, 0);
    assert.equal(none, 0, "no step, no log-determinant");
    assert.deepEqual(await pixels(page.locator("#flow-picture")), await pixels(page.locator("#original")));
    await look(page, "explain-pixels");
    const [end, logDet, cost] = await flow(page, STEPS);
    assert.ok(before < 50 && end > 80, `${before} % of the pixels, ${end} % of the noise lie under the curve`);
    assert.ok(logDet > 2 && cost < pixelsCost, `${logDet}, ${pixelsCost} ${cost}`);
    assert.equal(cost, number(await text(page, "#bits strong")));
    assert.match(await page.getAttribute("#flow-step", "aria-valuetext"), new RegExp(`^After all ${STEPS} steps`));
    await look(page, "explain-photo");
    assert.deepEqual(problems, []);
});

test("the bell curve's own numbers lie under it, others do not", () => {
    const places = Array.from({ length: 801 }, (_, i) => (i - 400) / 100);
    const drawn = places.flatMap((x) => Array(Math.round(1000 * bell(x))).fill(x + 0.001));
    assert.ok(overlap(densities(Float32Array.from(drawn))) > 0.99);
    assert.ok(overlap(densities(new Float32Array(100).fill(0.5))) < 0.05);
    assert.ok(overlap(densities(new Float32Array(100).fill(9))) === 0);
});

test("half of the numbers pass a coupling, and undoing it is exact", async () => {
    const { page, problems } = await open(chrome, "?n=4&seed=1");
    await explain(page);
    for (const [step, half, size] of [
        [1, 1536, "16 × 16 × 12"],
        [30, 768, "8 × 8 × 24"],
        [STEPS, 384, "4 × 4 × 48"],
    ]) {
        await page.fill("#coupling-step", String(step));
        await state(page, "ready");
        assert.match(await text(page, "#coupling-step + output"), new RegExp(`Step ${step} of ${STEPS}.*${size}`));
        const told = (await text(page, "#coupling-numbers"))
            .replaceAll(",", "")
            .match(/\d+(\.\d+)?/g)
            .map(Number);
        assert.deepEqual(told.slice(0, 3), [half, 0, half]);
        assert.ok(told[3] < 1e-5, `off by ${told[3]}`);
        const pictures = ["before", "after"].map((id) => pixels(page.locator(`#coupling-${id}`)));
        const [before, after] = await Promise.all(pictures);
        assert.notDeepEqual(before, after);
    }
    assert.deepEqual(problems, []);
});

test("the determinant of W is the one that was learned", async () => {
    assert.ok(Math.abs(logAbsDet(Float32Array.of(0, 2, 0, 3, 5, 0, 0, 0, -4)) - Math.log(24)) < 1e-12);
    const file = readFileSync(new URL("../../models/faces32.safetensors", import.meta.url));
    const { page } = await open(chrome, "?n=4&seed=1");
    await explain(page);
    for (const [step, level, i, places] of [
        [3, 0, 2, 256],
        [STEPS, 2, STEPS / 3 - 1, 16],
    ]) {
        await page.fill("#matrix-step", String(step));
        await state(page, "ready");
        const told = (await text(page, "#matrix-numbers")).replaceAll(",", "");
        const logs = halves(file, `levels.${level}.steps.${i}.permutation.Conv1x1.log_abs_s`);
        const learned = logs.reduce((a, b) => a + b);
        assert.ok(Math.abs(number(told.split(" is ")[1]) - learned) < 0.002, `${told} ${learned}`);
        assert.ok(Math.abs(number(told.split("make that ")[1]) - places * learned) < 0.1, `${told} ${learned}`);
    }
    assert.ok(await page.locator("#matrix-fixed").isHidden());
});

test("the coarse levels hold the face, and a level is drawn anew", async () => {
    const { page } = await open(chrome, "?n=4&seed=1");
    await explain(page);
    const levels = await all(page, "#scales li > span");
    assert.deepEqual(
        levels.map((level) => number(level.split("=")[1])),
        [768, 768, 1536],
    );
    assert.match(levels[0], /Level 3: 4 × 4 × 48/);
    const zero = (await all(page, "#scales figure:nth-of-type(1) figcaption")).map((told) => number(told));
    assert.ok(zero[0] > zero[2] && zero[2] > 0, `without the coarsest ${zero[0]} off, without the finest ${zero[2]}`);
    const canvas = page.locator("#scales li:first-child figure:nth-of-type(2) canvas");
    const drawn = await pixels(canvas);
    await page.click("#scales-again");
    await state(page, "ready");
    assert.ok(largestDifference(await pixels(canvas), drawn) > 10);
});

test("at its own temperature the noise is the face, and colder faces cost less", async () => {
    const { page } = await open(chrome, "?n=4&seed=1&t=0.7");
    await page.locator(".face").nth(2).click();
    await explain(page);
    const drawn = await Promise.all((await page.locator("#temperatures canvas").all()).map(pixels));
    assert.equal(drawn.length, 4);
    assert.ok(largestDifference(drawn[2], (await faces(page))[2]) <= 1);
    const bits = (await all(page, "#temperatures figcaption")).map((told) => number(told.split(": ")[1]));
    assert.deepEqual(
        bits,
        bits.toSorted((a, b) => a - b),
    );
    assert.ok(bits[3] > bits[0] + 0.2, String(bits));
    await page.click("#temperature-noise");
    await state(page, "ready");
    const others = await Promise.all((await page.locator("#temperatures canvas").all()).map(pixels));
    assert.deepEqual(others[0], drawn[0], "nothing is left of either noise");
    assert.ok(largestDifference(others[3], drawn[3]) > 10);
});

test("another face is taken when asked for, a photo at once", async () => {
    const { page } = await open(chrome, "?n=4&seed=1");
    await explain(page);
    await page.locator(".face").nth(1).click();
    assert.match(await text(page, "#tour-title"), /Face 1/);
    await page.click("#tour-take");
    await state(page, "ready");
    assert.match(await text(page, "#tour-title"), /Face 2/);
    assert.deepEqual(await pixels(page.locator("#tour-face")), (await faces(page))[1]);
    await bringPhoto(page);
    assert.match(await text(page, "#tour-title"), /Your photo/);
});

test("another model is followed, whatever its levels and layers", async () => {
    const { page, problems } = await open(chrome, "?n=4&seed=1", { routes: withSmall() });
    await bringPhoto(page);
    await explain(page);
    await page.selectOption("#models", "small");
    await page.waitForFunction(() => document.querySelector("#flow-step").max === "8");
    await state(page, "ready");
    assert.match(await text(page, "#tour-title"), /Your photo/);
    const [, logDet, cost] = await flow(page, 8);
    assert.notEqual(logDet, 0);
    assert.equal(cost, number(await text(page, "#bits strong")));
    assert.equal(await text(page, "#coupling-text"), en["coupling.text.affine"]);
    await page.fill("#coupling-step", "8");
    await state(page, "ready");
    assert.match(await text(page, "#coupling-numbers"), /^768 numbers pass, with a difference of 0/);
    assert.match(await text(page, "#matrix-numbers"), /is 0.000 for/);
    assert.ok(await page.locator("#matrix-fixed").isVisible());
    assert.equal(await page.locator("#scales li").count(), 4);
    await page.selectOption("#models", "faces32");
    await page.waitForFunction((steps) => document.querySelector("#flow-step").max === steps, String(STEPS));
    await state(page, "ready");
    assert.equal(await page.locator("#scales li").count(), 3);
    assert.deepEqual(problems, []);
});

test("every chapter has its numbers, in both languages, by keyboard, on a phone and without a fault of access", async () => {
    assert.deepEqual(Object.keys(zh), Object.keys(en));
    const places = (words) => (words.match(/\{\w+\}/g) ?? []).filter((place, i, found) => found.indexOf(place) === i);
    for (const key of Object.keys(en)) assert.deepEqual(places(zh[key]).sort(), places(en[key]).sort(), key);

    for (const colorScheme of ["light", "dark"]) {
        const viewport = { width: 390, height: 800 };
        const { page, problems } = await open(chrome, "?n=4&seed=1", {
            viewport,
            colorScheme,
            reducedMotion: "reduce",
        });
        await page.focus("#explain-open");
        await page.keyboard.press("Enter");
        await page.waitForSelector("#tour:not([hidden])");
        await state(page, "ready");
        const tabTo = async (selector) => {
            for (let i = 0; i < 12; i++) {
                await page.keyboard.press("Tab");
                if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
            }
            assert.fail(`${selector} is out of reach`);
        };
        await tabTo("#flow-step");
        await page.keyboard.press("End");
        assert.equal(await text(page, "#flow-where"), `After all ${STEPS} steps: noise`);
        await tabTo("#coupling-step");
        await page.keyboard.press("ArrowRight");
        assert.match(await text(page, "#coupling-step + output"), new RegExp(`^Step 2 of ${STEPS}`));
        await tabTo("#matrix-step");
        await page.keyboard.press("ArrowRight");
        await tabTo("#scales-again");
        await page.keyboard.press("Enter");
        await tabTo("#temperature-noise");
        await page.keyboard.press("Enter");
        await state(page, "ready");
        for (const language of ["en", "zh"]) {
            await speak(page, language);
            const words = { en, zh }[language];
            assert.equal(await text(page, "#flow-title"), words["flow.title"]);
            for (const chapter of CHAPTERS) {
                const told = await text(page, `.chapter[aria-labelledby="${chapter}-title"] .live`);
                assert.match(told, /\d/, chapter);
                assert.doesNotMatch(told, /NaN|Infinity|undefined|\{/, chapter);
                const both = Object.entries(words).filter(
                    ([key, value]) => value !== { en: zh, zh: en }[language][key],
                );
                const other = both.map(([key]) => ({ en: zh, zh: en })[language][key]);
                assert.ok(!other.some((words) => told.includes(words)), `${chapter} in ${language}`);
            }
            await page.evaluate(axe);
            const { violations } = await page.evaluate(() => globalThis.axe.run("#explain"));
            assert.deepEqual(
                violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(", ")}`),
                [],
            );
            const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
            assert.ok(overflow <= 0, `${overflow} pixels too wide`);
            await look(page, `explain-${colorScheme}-${language}`);
        }
        assert.deepEqual(problems, []);
    }
});
