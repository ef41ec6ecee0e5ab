import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { faces, fixture, look, open, start, state } from "./browser.mjs";
import { withSmall } from "./models.mjs";

let chrome;
before(async () => (chrome = await start()));
after(() => chrome.stop());

/** A phone so wide. */
const phone = (width, options = {}) => ({
    viewport: { width, height: 780 },
    hasTouch: true,
    isMobile: true,
    reducedMotion: "reduce",
    ...options,
});

/** Fingers on the screen: each goes from one point to another, all at once. */
async function touch(page, ...fingers) {
    const session = await page.context().newCDPSession(page);
    const send = (type, share) =>
        session.send("Input.dispatchTouchEvent", {
            type,
            touchPoints:
                share === undefined
                    ? []
                    : fingers.map(([[x, y], [toX, toY]], id) => ({
                          x: x + share * (toX - x),
                          y: y + share * (toY - y),
                          id,
                      })),
        });
    await send("touchStart", 0);
    for (let step = 1; step <= 10; step++) await send("touchMove", step / 10);
    await send("touchEnd");
}

/** The middle of an element. */
async function middle(locator) {
    const { x, y, width, height } = await locator.boundingBox();
    return [x + width / 2, y + height / 2];
}

test("one finger moves the photo and its rings, two scale it, and the page stays where it is", async () => {
    const { page, problems } = await open(chrome, "?n=4&on=cpu", phone(390));
    await page.setInputFiles("#file", fixture("astronaut.png"));
    await page.waitForFunction(() => document.querySelector("#verdict").textContent);
    await state(page, "ready");
    const crop = page.locator("#crop");
    await crop.evaluate((canvas) => canvas.scrollIntoView({ block: "center" }));
    const scale = async () => Number(await page.inputValue("#scale"));
    const scrolled = await page.evaluate(() => scrollY);
    const view = () => crop.evaluate((canvas) => canvas.toDataURL());
    const [x, y] = await middle(crop);
    const before = await scale();
    // Below the face, where no ring is.
    await touch(
        page,
        [
            [x - 20, y + 90],
            [x - 90, y + 110],
        ],
        [
            [x + 20, y + 90],
            [x + 90, y + 70],
        ],
    );
    assert.ok((await scale()) > before + 0.1, `from ${before} to ${await scale()}`);
    const close = await view();
    await touch(page, [
        [x, y + 100],
        [x + 40, y + 60],
    ]);
    assert.notEqual(await view(), close);
    await touch(
        page,
        [
            [x - 90, y + 100],
            [x - 20, y + 100],
        ],
        [
            [x + 90, y + 100],
            [x + 20, y + 100],
        ],
    );
    assert.ok(Math.abs((await scale()) - before) < 0.3);

    const ring = page.locator("#eye-left");
    await ring.focus();
    const [ringX, ringY] = await middle(ring);
    await touch(page, [
        [ringX, ringY],
        [ringX - 20, ringY + 10],
    ]);
    await state(page, "ready");
    const [movedX, movedY] = await middle(ring);
    assert.ok(Math.abs(movedX - ringX + 20) < 2 && Math.abs(movedY - ringY - 10) < 2);
    assert.equal(await page.evaluate(() => scrollY), scrolled);
    assert.deepEqual(problems, []);
    await look(page, "phone");
});

test("along it a finger moves a slider, across it the page", async () => {
    const { page } = await open(chrome, "?model=small&n=16&t=0.7", phone(360, { routes: withSmall() }));
    const slider = page.locator("#temperature");
    const [x, y] = await middle(slider);
    await touch(page, [
        [x, y],
        [x + 60, y + 4],
    ]);
    await page.waitForFunction(() => document.querySelector("#temperature").valueAsNumber > 0.8);
    assert.equal(await page.evaluate(() => scrollY), 0);
    const value = await slider.inputValue();
    await touch(page, [
        [x, y],
        [x, y - 200],
    ]);
    await page.waitForFunction(() => scrollY > 100);
    await page.waitForFunction((value) => document.querySelector("#temperature").value === value, value);
});

test("text of twice the size is neither cut off nor wider than a phone", async () => {
    for (const language of ["en", "zh-CN"]) {
        const { page } = await open(chrome, "?n=4&on=cpu", phone(360, { locale: language }));
        await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
        await page.setInputFiles("#file", fixture("astronaut.png"));
        await page.waitForFunction(() => document.querySelector("#verdict").textContent);
        await page.click("#photo-edit");
        await page.waitForSelector("#editor:not([hidden])");
        await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
        await state(page, "ready");
        const found = await page.evaluate(() => {
            const name = (one) => one.id || one.className || `${one.nodeName} ${one.textContent.trim().slice(0, 30)}`;
            const shown = [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility());
            const texts = shown.filter((one) =>
                [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()),
            );
            const isHidden = (one) => one.closest(".hidden, .skip, svg, select, textarea");
            return texts
                .filter((one) => !isHidden(one))
                .filter((one) => {
                    const { left, right } = one.getBoundingClientRect();
                    return left < 0 || right > 360.5 || (one.scrollWidth > one.clientWidth + 1 && one.clientWidth);
                })
                .map(name);
        });
        await look(page, `large-${language}`);
        assert.deepEqual(found, [], language);
    }
});

test("what a screen's corners cover is left free", async () => {
    const { page } = await open(chrome, "?model=small&n=4", phone(390, { routes: withSmall() }));
    const place = () => page.locator("#message").boundingBox();
    const before = await place();
    const session = await page.context().newCDPSession(page);
    const insets = { top: 40, topMax: 40, bottom: 30, bottomMax: 30, left: 20, leftMax: 20, right: 20, rightMax: 20 };
    await session.send("Emulation.setSafeAreaInsetsOverride", { insets });
    await page.waitForTimeout(200);
    const after = await place();
    assert.equal(Math.round(before.y - after.y), 30);
    assert.equal(Math.round(after.x - before.x), 20);
    assert.ok((await page.locator("h1").boundingBox()).y >= 40);
});

for (const [what, property, sentence] of [
    ["data are saved", "connection: { value: { saveData: true } }", /saves data.*faces32/],
    ["the network is slow", 'connection: { value: { effectiveType: "3g" } }', /network is slow.*faces32/],
    ["memory is small", "deviceMemory: { value: 1 }", /little memory.*faces32/],
]) {
    test(`where ${what}, the smallest model of faces is taken, and it is said; a link's model is opened all the same`, async () => {
        const script = `Object.defineProperties(navigator, { ${property} });`;
        const routes = withSmall();
        const { page } = await open(chrome, "?n=4", phone(390, { model: "", script, routes }));
        assert.match(await page.locator("#alert").innerText(), sentence);
        assert.equal(await page.inputValue("#models"), "faces32");
        const link = await open(chrome, "?n=4&model=small", phone(390, { script, routes }));
        assert.equal(await link.page.inputValue("#models"), "small");
        assert.ok(await link.page.locator("#alert").isHidden());
    });
}

test("a tab that the system ended comes back to its faces", async () => {
    const { page } = await open(chrome, "?model=small&n=4", phone(390, { routes: withSmall() }));
    await page.click("#dice");
    await state(page, "ready");
    const drawn = await faces(page);
    await page.reload();
    await state(page, "ready");
    assert.deepEqual(await faces(page), drawn);
});
