import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import keepEn from "../../www/keep/en.js";
import keepZh from "../../www/keep/zh.js";
import pageEn from "../../www/strings/en.js";
import pageZh from "../../www/strings/zh.js";
import { STEPS, faces, look, open, portraits, speak, start, state } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const [en, zh] = [
    { ...pageEn, ...keepEn },
    { ...pageZh, ...keepZh },
];
let chrome;
before(async () => (chrome = await start()));
after(() => chrome.stop());

/** Every rule of axe-core. */
async function clean(page, what) {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(", ")}`);
    assert.deepEqual(told, [], what);
}

/** With a photo of two faces, and that played with and kept; everything unfolded. */
async function whole(page) {
    const two = [
        [0, 0, 512, 0],
        [540, 60, 350, 8],
    ];
    await page.setInputFiles("#file", await portraits(page, 900, 512, two));
    await page.waitForFunction(() => document.querySelector("#verdict").textContent);
    await state(page, "ready");
    await page.click("#photo-edit");
    await page.waitForSelector("#editor:not([hidden])");
    await page.click("#edited-keep");
    await page.waitForSelector("#gallery:not([hidden])");
    await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
    await page.waitForFunction(() => document.querySelector("#mixes .cell:last-child")?.disabled === false);
    await state(page, "ready");
}

test("axe-core finds nothing, light and dark, in both languages", async () => {
    for (const colorScheme of ["light", "dark"]) {
        const { page } = await open(chrome, "?n=9&seed=4", { colorScheme });
        await clean(page, `faces, ${colorScheme}`);
        await whole(page);
        await clean(page, `everything, ${colorScheme}`);
        await speak(page, "zh");
        await clean(page, `Chinese, ${colorScheme}`);
        await look(page, `chinese-${colorScheme}`);
        await page.fill("#seed", "-1");
        await page.locator("#seed").blur();
        await state(page, "error");
        await clean(page, `error, ${colorScheme}`);
    }
});

test("both languages are complete", async () => {
    assert.deepEqual(Object.keys(zh), Object.keys(en));
    const places = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const key of Object.keys(en)) assert.deepEqual(places(zh[key]), places(en[key]), key);

    const { page } = await open(chrome, "?n=4&seed=4");
    await whole(page);
    await speak(page, "zh");
    assert.equal(await page.getAttribute("html", "lang"), "zh-Hans");
    const english = await page.evaluate(
        (values) => {
            const shown = [...document.querySelectorAll("body *")].filter((element) => !element.children.length);
            const texts = shown.flatMap((element) => [element.textContent, element.getAttribute("aria-label")]);
            return texts.filter((text) => values.includes(text));
        },
        Object.values(en).filter((text) => !Object.values(zh).includes(text)),
    );
    assert.deepEqual(english, []);
    await page.reload();
    await state(page, "ready");
    assert.equal(await page.textContent("#faces-title"), zh["faces.title"], "kept for the next visit");
});

test("the browser's language is taken", async () => {
    const { page } = await open(chrome, "?n=4", { locale: "zh-CN" });
    assert.equal(await page.textContent("#faces-title"), zh["faces.title"]);
});

for (const width of [1280, 390]) {
    test(`everything is within reach of the keyboard, in sight and named, at ${width} pixels`, () => reach(width));
}

/** Tabs through the whole page. */
async function reach(width) {
    // Scrolling at once: what is asked is where it ends.
    const viewport = { width, height: 900 };
    const { page } = await open(chrome, "?n=4&seed=4", { reducedMotion: "reduce", viewport });
    await whole(page);
    await page.evaluate(() => document.activeElement.blur());
    // A bar of several lines.
    await page.evaluate(() => (document.querySelector("#amount").textContent = "so many of so many bytes ".repeat(8)));
    const wanted = await page.evaluate(() => {
        const all = document.querySelectorAll("a, button, input, select, summary, [tabindex='0']");
        return [...all].filter((one) => one.checkVisibility() && !one.disabled && one.type !== "file").length;
    });
    const seen = new Set();
    for (let i = 0; i < wanted + 5; i++) {
        await page.keyboard.press("Tab");
        const focus = await page.evaluate(async () => {
            // A bar that has grown meanwhile makes room.
            await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
            const one = document.activeElement;
            if (one === document.body) return null;
            const { outlineStyle, outlineWidth } = getComputedStyle(one);
            const box = one.getBoundingClientRect();
            const name = one.getAttribute("aria-label") ?? one.labels?.[0]?.textContent ?? one.textContent;
            const bar = document.querySelector("#status").getBoundingClientRect();
            return {
                id: one.id || one.outerHTML.slice(0, 80),
                name: name.trim(),
                outlined: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
                inSight: box.top >= 0 && box.bottom <= bar.top + 1,
            };
        });
        if (!focus) continue;
        seen.add(focus.id + focus.name);
        assert.ok(focus.name, `a name: ${focus.id}`);
        assert.ok(focus.outlined, `an outline: ${focus.id}`);
        assert.ok(focus.inSight, `in sight: ${focus.id}`);
    }
    assert.equal(seen.size, wanted);
}

test("what has the focus stays above a bar that grows", async () => {
    const { page } = await open(chrome, "?n=4&seed=4", { reducedMotion: "reduce" });
    const covered = await page.evaluate(async () => {
        const [link, bar] = [document.querySelector("footer a"), document.querySelector("#status")];
        const covered = () => link.getBoundingClientRect().bottom - bar.getBoundingClientRect().top;
        const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        document.body.style.paddingBlockEnd = "100vh";
        link.focus();
        link.scrollIntoView({ block: "end", behavior: "instant" });
        document.querySelector("#amount").textContent = "so many of so many bytes ".repeat(8);
        const before = covered();
        await frames();
        return [before, covered()];
    });
    assert.ok(covered[0] > 0 && covered[1] <= 1, String(covered));
});

test("every picture has a name", async () => {
    const { page } = await open(chrome, "?n=4&seed=4");
    await whole(page);
    await page.click("#explain-open");
    await page.waitForSelector("#tour:not([hidden])");
    await state(page, "ready");
    const nameless = await page.evaluate(() => {
        const named = (one) => one.getAttribute("aria-label") || one.getAttribute("aria-labelledby");
        const shown = [...document.querySelectorAll("canvas")].filter((canvas) => canvas.checkVisibility());
        const hidden = "[aria-hidden='true'], button[aria-label]";
        const said = (canvas) => named(canvas) || canvas.closest(hidden);
        return shown.filter((canvas) => !said(canvas)).map((canvas) => canvas.outerHTML);
    });
    assert.deepEqual(nameless, []);
});

test("a seed of six digits is seen whole", async () => {
    const { page } = await open(chrome, "?n=4&seed=888888");
    const [had, wanted] = await page.locator("#seed").evaluate((input) => {
        const style = getComputedStyle(input);
        const drawing = document.createElement("canvas").getContext("2d");
        drawing.font = style.font;
        // As wide as the arrows that change it are.
        const arrows = 16;
        const had = input.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - arrows;
        return [had, drawing.measureText(input.value).width];
    });
    assert.ok(had >= wanted, `${wanted} pixels in ${had}`);
});

test("on paper and in forced colours it is as clear as on the screen", async () => {
    const { page } = await open(chrome, "?n=4&seed=4");
    await page.emulateMedia({ media: "print" });
    assert.ok(await page.locator("#status").isHidden());
    assert.ok(await page.locator("#sheet").isVisible());
    await page.emulateMedia({ media: "screen", forcedColors: "active" });
    const [outline, highlight] = await page.evaluate(() => {
        const probe = document.createElement("p");
        probe.style.outline = "1px solid Highlight";
        document.body.append(probe);
        return [document.querySelector(".face[aria-pressed=true]"), probe].map(
            (one) => getComputedStyle(one).outlineColor,
        );
    });
    assert.equal(outline, highlight);
});

test("without scripts it is said what is missing, and nothing empty is shown", async () => {
    const { page } = await open(chrome, "", { javaScriptEnabled: false, ready: false });
    assert.match(await page.locator("noscript").innerText(), /JavaScript/);
    assert.ok(await page.locator("main").isHidden());
});

test("faces are drawn, chosen and followed by keyboard alone", async () => {
    const { page } = await open(chrome, "?n=4&seed=4");
    const drawn = await faces(page);
    const tabTo = async (selector) => {
        for (let i = 0; i < 60; i++) {
            if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
            await page.keyboard.press("Tab");
        }
        assert.fail(`${selector} is out of reach`);
    };
    await tabTo("#dice");
    await page.keyboard.press("Enter");
    await state(page, "ready");
    assert.notDeepEqual(await faces(page), drawn);
    await tabTo(".face:nth-child(3)");
    await page.keyboard.press("Space");
    assert.match(await page.textContent("#viewer-title"), /^Face 3/);
    await tabTo("#scrubber");
    await page.keyboard.press("Home");
    assert.match(await page.textContent("#viewer-step"), /^Noise/);
    await page.keyboard.press("ArrowRight");
    assert.match(await page.getAttribute("#scrubber", "aria-valuetext"), new RegExp(`^After step 1 of ${STEPS}`));
});

test("nothing moves by itself where motion is not wanted", async () => {
    const { page } = await open(chrome, "?n=4", { reducedMotion: "reduce" });
    await page.click("#play");
    await state(page, "ready");
    await page.waitForTimeout(500);
    assert.equal(await page.inputValue("#scrubber"), "0");
});

test("fits a phone, and a page of twice the letter size", async () => {
    for (const [viewport, size] of [
        [{ width: 320, height: 700 }, "100%"],
        [{ width: 640, height: 800 }, "200%"],
    ]) {
        const { page } = await open(chrome, "?n=4", { viewport });
        await page.evaluate((size) => (document.documentElement.style.fontSize = size), size);
        await whole(page);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${viewport.width}: ${overflow} pixels too wide`);
        const boxes = ["#crop", "#eye-left", "#eye-right"].map((id) => page.locator(id).boundingBox());
        const [crop, ...rings] = await Promise.all(boxes);
        for (const { x, y, width, height } of rings) {
            const inside =
                x > crop.x && x + width < crop.x + crop.width && y > crop.y && y + height < crop.y + crop.height;
            assert.ok(inside, `${viewport.width}: a ring beside the photo`);
        }
    }
});
