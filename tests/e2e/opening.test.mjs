import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { move, playWithFace } from "./bench.mjs";
import { faces, fixture, look, open, pixels, start, state } from "./browser.mjs";
import { withSmall } from "./models.mjs";

let chrome;
before(async () => (chrome = await start()));
after(() => chrome.stop());

const alert = (page) => page.textContent("#alert p");
const chosen = (page) => page.inputValue("#models");
const side = async (page) => Math.sqrt((await faces(page))[0].length / 4);

/** Waits for a model's faces. */
async function opened(page, name) {
    await page.waitForFunction((name) => document.querySelector("#card").textContent.includes(name), name);
    await state(page, "ready");
}

/** Routes by which a file comes only when it is let go. */
function held(pattern, routes = withSmall()) {
    let letGo;
    const gate = new Promise((resolve) => (letGo = resolve));
    const answer = routes[pattern] ?? ((route) => route.continue());
    const wait = async (route) => {
        await gate;
        await answer(route);
    };
    return { letGo, routes: { ...routes, [pattern]: wait } };
}

test("while a model opens, the one before serves; then everything of it goes", async () => {
    const { letGo, routes } = held("**/small.safetensors");
    const { page, problems } = await open(chrome, "?n=4&seed=1&on=cpu", { routes });
    await page.setInputFiles("#file", fixture("astronaut.png"));
    await state(page, "ready");
    await page.selectOption("#models", "small");
    await page.locator(".face").nth(1).click();
    await page.click("#edit");
    await page.waitForSelector("#bench:not([hidden])");
    const before = await pixels(page.locator("#edited"));
    await page.locator("#sliders input").first().fill("1.5");
    await page.waitForFunction((before) => {
        const canvas = document.querySelector("#edited");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return String([...data]) !== before;
    }, String(before));
    await page.fill("#scrubber", "3");
    await page.waitForFunction(() => /^After step 3/.test(document.querySelector("#viewer-step").textContent));
    await page.click("#keep");
    await page.waitForSelector("#gallery:not([hidden])");
    await page.click("#dice");
    await page.waitForFunction(() => document.querySelectorAll(".face:enabled").length === 4);
    assert.equal(await side(page), 32);

    letGo();
    await opened(page, "small");
    assert.equal(await side(page), 64);
    assert.ok(await page.locator("#bench").isHidden());
    assert.equal(await page.locator("#original").evaluate(({ width }) => width), 64);
    assert.equal(await page.getAttribute("#alert", "hidden"), "");
    assert.deepEqual(problems, []);
});

test("what is under way when a model opens ends without a word", async () => {
    const { letGo, routes } = held("**/small.safetensors");
    const { page, problems } = await open(chrome, "?n=4&seed=1&on=cpu", { routes });
    await playWithFace(page, 2);
    await page.click("#animate > summary");
    await state(page, "ready");
    await page.selectOption("#models", "small");
    await page.click("#animate-play");
    await page.selectOption("#count", "64");
    await page.click("#play");
    letGo();
    await opened(page, "small");
    const drawn = await faces(page);
    assert.deepEqual([drawn.length, drawn[0].length, drawn[63].length], [64, 64 * 64 * 4, 64 * 64 * 4]);
    assert.equal(await page.getAttribute("#alert", "hidden"), "");
    assert.deepEqual(problems, []);
});

test("a model that cannot be opened leaves the choice where the faces are", async () => {
    const routes = { ...withSmall(), "**/small.safetensors": (route) => route.abort() };
    const { page } = await open(chrome, "?n=4&seed=1&on=cpu", { routes });
    const drawn = await faces(page);
    await page.selectOption("#models", "small");
    await state(page, "error");
    assert.match(await alert(page), /could not be downloaded/);
    assert.equal(await chosen(page), "faces32");
    assert.deepEqual(await faces(page), drawn);
    assert.match(page.url(), /model=faces32&seed=1/);
    await page.selectOption("#count", "9");
    await page.waitForFunction(() => document.querySelectorAll(".face:enabled").length === 9);
    assert.match(await alert(page), /could not be downloaded/, "told until it is no longer so");
    await page.selectOption("#models", "cifar10");
    await opened(page, "cifar10");
    assert.equal(await page.getAttribute("#alert", "hidden"), "", "no longer told");
});

test("a link's seed is its model's, once", async () => {
    const { page } = await open(chrome, "?n=4&seed=5&on=cpu", { routes: withSmall() });
    for (const name of ["small", "faces32"]) {
        await page.selectOption("#models", name);
        await opened(page, name);
        assert.notEqual(await page.inputValue("#seed"), "5");
    }
});

test("nothing can be pressed that needs a model before there is one", async () => {
    const { letGo, routes } = held("**/faces32.safetensors");
    const { page, problems } = await open(chrome, "?n=4", { routes, ready: false });
    await page.waitForSelector("#models option", { state: "attached" });
    const buttons = "edit download copy keep play scrubber invite dice count seed temperature explain-open".split(" ");
    for (const id of buttons) assert.ok(await page.locator(`#${id}`).isDisabled(), id);
    assert.doesNotMatch(page.url(), /seed/);
    letGo();
    await state(page, "ready");
    for (const id of buttons) assert.ok(await page.locator(`#${id}`).isEnabled(), id);
    assert.deepEqual(problems, []);
});

test("a download that stalls is told, holds up nothing else, and gives way to another or to a cancel", async () => {
    const { routes } = held("**/small.safetensors");
    const { page } = await open(chrome, "?n=4&seed=1&on=cpu", { routes });
    assert.ok(await page.locator("#cancel").isHidden());
    await page.selectOption("#models", "small");
    await page.waitForFunction(() => /stalls/.test(document.querySelector("#amount").textContent));
    await look(page, "stalled");
    await page.click("#dice");
    await page.waitForFunction(() => /^4 faces/.test(document.querySelector("#message").textContent));
    await page.click("#cancel");
    await state(page, "ready");
    assert.equal(await chosen(page), "faces32");
    assert.equal(await page.textContent("#amount"), "");
    assert.ok(await page.locator("#cancel").isHidden());
    await playWithFace(page, 2);
    await move(page, "Smile", 1);

    await page.selectOption("#models", "small");
    await page.selectOption("#models", "cifar10");
    await opened(page, "cifar10");
    assert.equal(await side(page), 32);
    assert.ok(await page.locator("#cancel").isHidden());
});

test("the first download can be cancelled, and tried again", async () => {
    const { letGo, routes } = held("**/faces32.safetensors");
    const { page } = await open(chrome, "?n=4", { routes, ready: false });
    await page.click("#cancel");
    await state(page, "error");
    assert.match(await alert(page), /you cancelled/);
    letGo();
    await page.click("#retry");
    await state(page, "ready");
    assert.equal((await faces(page)).length, 4);
});
