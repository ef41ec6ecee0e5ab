import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { edited, move, playWithFace, slider } from "./editor.mjs";
import { faces, fixture, look, open, pixels, start, state, stored } from "./browser.mjs";
import { faces32, withSmall } from "./models.mjs";

let chrome;
before(async () => (chrome = await start()));
after(() => chrome.stop());

const alert = (page) => page.textContent("#alert p");
const chosen = (page) => page.inputValue("#models");
const side = async (page) => Math.sqrt((await faces(page))[0].length / 4);

const drawn = (page, wanted) =>
    page.waitForFunction((wanted) => document.querySelectorAll(".face:enabled").length === wanted, wanted);
const stalls = (page) => page.waitForFunction(() => /stalls/.test(document.querySelector("#amount").textContent));

/** Waits for a picture. */
const shows = (page, selector, wanted) =>
    page.waitForFunction(
        ([selector, wanted]) => {
            const canvas = document.querySelector(selector);
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            return String(data) === wanted;
        },
        [selector, String(wanted)],
    );

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

/** In the page: how it stands with it when it asks for the service worker, which fetches all that it keeps. */
function watchKeeping() {
    const { prototype } = ServiceWorkerContainer;
    const { register } = prototype;
    prototype.register = function (...request) {
        globalThis.then = [document.querySelectorAll(".face:enabled").length, document.body.dataset.state];
        return register.apply(this, request);
    };
}

/** The faces, and the state, of a page when it is kept. */
async function whenKept(page) {
    await page.waitForFunction(() => globalThis.then);
    await page.evaluate(() => navigator.serviceWorker.ready);
    return page.evaluate(() => globalThis.then);
}

for (const [when, routes, expected] of [
    ["once its faces are there, with their grain", {}, [4, "busy"]],
    ["without weights, too", { "**/*.safetensors": (route) => route.abort() }, [0, "error"]],
    ["without a list of models, too", { "**/index.json": (route) => route.abort() }, [0, "error"]],
    ["without a part of it, too", { "**/page/main.js": (route) => route.abort() }, [0, "error"]],
])
    test(`the page is kept ${when}`, async () => {
        const options = { script: watchKeeping, routes, serviceWorkers: "allow", ready: false };
        const { page } = await open(chrome, "?n=4&clean=1", options);
        assert.deepEqual(await whenKept(page), expected);
    });

test("the page is kept once the faces are there of a model that was chosen meanwhile", async () => {
    const { routes } = held("**/faces32.safetensors");
    const options = { script: watchKeeping, routes, serviceWorkers: "allow", ready: false };
    const { page } = await open(chrome, "", options);
    await page.waitForSelector("#cancel:not([hidden])");
    await page.selectOption("#models", "faces64");
    assert.equal((await whenKept(page))[0], 16);
});

test("while a model opens, the one before serves; then everything of it goes", async () => {
    const { letGo, routes } = held("**/small.safetensors");
    const { page, problems } = await open(chrome, "?n=4&seed=1&on=cpu", { routes });
    await page.setInputFiles("#file", fixture("astronaut.png"));
    await state(page, "ready");
    await page.selectOption("#models", "small");
    await page.locator(".face").nth(1).click();
    await page.click("#edit");
    await page.waitForSelector("#editor:not([hidden])");
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
    const [{ model, link }] = await stored(page);
    assert.deepEqual(model, { name: "faces32", sha256: faces32.sha256 });
    assert.match(link, /^\?model=faces32&seed=1&/);
    assert.ok(await page.locator("#cancel").isVisible(), "other downloads came to their end");
    await page.click("#dice");
    await drawn(page, 4);
    assert.equal(await side(page), 32);

    letGo();
    await opened(page, "small");
    assert.equal(await side(page), 64);
    assert.ok(await page.locator("#editor").isHidden());
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
    const sheet = await faces(page);
    assert.deepEqual([sheet.length, sheet[0].length, sheet[63].length], [64, 64 * 64 * 4, 64 * 64 * 4]);
    assert.equal(await page.getAttribute("#alert", "hidden"), "");
    assert.deepEqual(problems, []);
});

test("a model that cannot be opened leaves the choice where the faces are", async () => {
    const routes = { ...withSmall(), "**/small.safetensors": (route) => route.abort() };
    const { page } = await open(chrome, "?n=4&seed=1&on=cpu", { routes });
    const before = await faces(page);
    await page.selectOption("#models", "small");
    await state(page, "error");
    assert.match(await alert(page), /could not be downloaded/);
    assert.equal(await chosen(page), "faces32");
    assert.deepEqual(await faces(page), before);
    assert.match(page.url(), /model=faces32&seed=1/);
    await page.selectOption("#count", "9");
    await drawn(page, 9);
    assert.match(await alert(page), /could not be downloaded/, "told until it is no longer so");
    await page.selectOption("#models", "cifar10");
    await opened(page, "cifar10");
    assert.equal(await page.getAttribute("#alert", "hidden"), "", "no longer told");
});

test("a link's seed is its model's, once", async () => {
    const { page } = await open(chrome, "?model=faces32&n=4&seed=5&on=cpu", { routes: withSmall() });
    for (const name of ["small", "faces32"]) {
        await page.selectOption("#models", name);
        await opened(page, name);
        assert.notEqual(await page.inputValue("#seed"), "5");
    }
});

for (const width of [1280, 1000, 390]) {
    for (const temperature of ["0.9", "0.95,0.85,0.75"]) {
        test(`${width} wide, at ${temperature}, nothing moves when the models become known`, async () => {
            const { letGo, routes } = held("**/models/index.json", {});
            const script = () => {
                globalThis.shifts = [];
                const seen = (list) => globalThis.shifts.push(...list.getEntries().map((shift) => shift.value));
                new PerformanceObserver(seen).observe({ type: "layout-shift", buffered: true });
            };
            const viewport = { width, height: 900 };
            const asked = `?n=4&seed=1&on=cpu&t=${temperature}`;
            const { page } = await open(chrome, asked, { routes, script, ready: false, viewport });
            await page.waitForSelector("#models");
            await page.waitForTimeout(500);
            letGo();
            await state(page, "ready");
            const moved = (await page.evaluate(() => globalThis.shifts)).reduce((sum, shift) => sum + shift, 0);
            assert.ok(moved < 0.05, `${moved}`);
            await page.context().close();
        });
    }
}

test("nothing can be pressed that needs a model before there is one", async () => {
    const { letGo, routes } = held("**/faces32.safetensors");
    const { page, problems } = await open(chrome, "?n=4", { routes, ready: false });
    await page.waitForSelector("#models option", { state: "attached" });
    const buttons = "edit download copy keep play scrubber invite dice count seed temperature explain-open".split(" ");
    for (const id of buttons) assert.ok(await page.locator(`#${id}`).isDisabled(), id);
    await page.selectOption("#device", "cpu");
    await page.waitForFunction(() => document.querySelector("#device-state").textContent);
    assert.equal(new URL(page.url()).search, "?model=faces32&n=4&clean=0");
    letGo();
    await state(page, "ready");
    for (const id of buttons) assert.ok(await page.locator(`#${id}`).isEnabled(), id);
    assert.match(page.url(), /\?model=faces32&seed=\d+&t=0\.7&n=4&on=cpu$/);
    assert.match(await page.textContent("#device-state"), /^Runs on: CPU\. You chose it\./);
    assert.deepEqual(problems, []);
});

test("a download that stalls is told, holds up nothing else, and gives way to another or to a cancel", async () => {
    const { routes } = held("**/small.safetensors");
    const { page } = await open(chrome, "?n=4&seed=1&on=cpu", { routes });
    assert.ok(await page.locator("#cancel").isHidden());
    await page.selectOption("#models", "small");
    await stalls(page);
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

    const aborted = page.waitForEvent("requestfailed", (request) => request.url().endsWith("/small.safetensors"));
    await page.selectOption("#models", "small");
    await page.waitForFunction(() => document.querySelector("#amount").textContent);
    await page.selectOption("#models", "cifar10");
    assert.equal((await aborted).failure().errorText, "net::ERR_ABORTED");
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

test("attributes that stall are told, and can be cancelled; the face can be edited later", async () => {
    const { letGo, routes } = held("**/faces32.attributes.safetensors");
    const { page, problems } = await open(chrome, "?n=4&seed=1&on=cpu", { routes });
    await page.click("#edit");
    await stalls(page);
    await page.click("#cancel");
    await state(page, "ready");
    assert.match(await page.textContent("#message"), /you cancelled/);
    assert.equal(await page.textContent("#amount"), "");
    assert.ok(await page.locator("#cancel").isHidden());
    assert.ok(await page.locator("#editor").isHidden());
    letGo();
    await playWithFace(page, 2);
    await move(page, "Smile", 1);
    assert.ok(await page.locator("#cancel").isHidden());
    assert.deepEqual(problems, []);
});

test("code that stalls is told, and a cancel is heard meanwhile", async () => {
    const { letGo, routes } = held("**/glow_bg.wasm");
    const { page, problems } = await open(chrome, "?n=4", { routes, ready: false });
    await stalls(page);
    await look(page, "stalled-code");
    await page.click("#cancel");
    await state(page, "error");
    assert.match(await alert(page), /you cancelled/);
    await page.click("#retry");
    await stalls(page);
    letGo();
    await state(page, "ready");
    assert.equal((await faces(page)).length, 4);
    assert.equal(await page.textContent("#amount"), "");
    assert.ok(await page.locator("#cancel").isHidden());
    assert.deepEqual(problems, []);
});

test("a download is not read aloud piece by piece", async () => {
    const script = () => {
        globalThis.said = { message: [], amount: [] };
        const see = (records) => {
            for (const { target } of records) globalThis.said[target.id]?.push(target.textContent);
        };
        new MutationObserver(see).observe(document, { subtree: true, childList: true });
    };
    const { page } = await open(chrome, "?n=4", { script, ready: false });
    await drawn(page, 4);
    const { message, amount } = await page.evaluate(() => globalThis.said);
    assert.ok(new Set(amount).size > 3, "it came in pieces");
    assert.ok(message.length < 6, message.join());
    assert.doesNotMatch(message.join(), /MB/);
    const live = "[aria-live], [role=status], [role=alert], [role=log], output";
    assert.ok(await page.evaluate((live) => document.querySelector("#message").closest(live), live));
    assert.equal(await page.evaluate((live) => document.querySelector("#amount").closest(live), live), null);
});

test("of two models of one size, neither goes on with what is of the other", async () => {
    const { letGo, routes } = held("**/cifar10.safetensors");
    const { page, problems } = await open(chrome, "?n=4&seed=1&on=cpu", { routes });
    const alone = await open(chrome, "?n=4&seed=1&on=cpu");
    const act = async (page) => {
        await page.locator(".face").nth(1).click();
        await page.click("#edit");
        await page.waitForSelector("#editor:not([hidden])");
        await slider(page, "Smile").fill("1.5");
        await page.fill("#scrubber", "9");
    };
    await act(alone.page);
    await state(alone.page, "ready");
    const [face, onTheWay] = [await edited(alone.page), await pixels(alone.page.locator("#picture"))];
    await page.selectOption("#models", "cifar10");
    await act(page);
    await shows(page, "#edited", face);
    await shows(page, "#picture", onTheWay);

    // Under way when it opens: an edit, and the flow of a face that has not flowed yet.
    await page.locator(".face").nth(2).click();
    await page.click("#play");
    await slider(page, "Smile").fill("-1");
    letGo();
    await opened(page, "cifar10");
    assert.ok(await page.locator("#editor").isHidden());
    const seed = await page.inputValue("#seed");
    const other = await open(chrome, `?model=cifar10&n=4&seed=${seed}&clean=1&on=cpu`);
    assert.deepEqual(await faces(page), await faces(other.page));
    await other.page.fill("#scrubber", "9");
    await state(other.page, "ready");
    await page.fill("#scrubber", "9");
    await shows(page, "#picture", await pixels(other.page.locator("#picture")));
    assert.equal(await page.getAttribute("#alert", "hidden"), "");
    assert.deepEqual([...problems, ...alone.problems, ...other.problems], []);
});

test("while a model opens, and after, what is asked of the one before is done by it or not at all", async () => {
    const { page } = await open(chrome, "?n=4&seed=1&on=cpu");
    const [right, answers] = await page.evaluate(async () => {
        const main = document.querySelector("script[type=module]").src;
        const { engine } = await import(new URL("./engine/ahead.js", main).href);
        const models = await (await fetch(new URL("./models/index.json", main))).json();
        const entry = (name) => models.find((entry) => entry.name === name);
        const old = await engine.open(entry("faces32"), "cpu", {});
        const latents = await old.call("draw", [1, 0, [0.7, 0.7, 0.7]]);
        const right = String(await old.call("decode", [latents]));
        let there = false;
        engine.open(entry("cifar10"), "cpu", {}).then(() => (there = true));
        const answers = [];
        const ask = async () => {
            // One always waits behind another.
            const before = answers.at(-1);
            answers.push(old.call("decode", [latents]).then(String, ({ name }) => name));
            await before;
        };
        while (!there) await ask();
        await ask();
        return [right, await Promise.all(answers)];
    });
    const kinds = answers.map((answer) => (answer === right ? "right" : answer.slice(0, 10)));
    assert.equal(kinds[0], "right");
    assert.equal(kinds.at(-1), "AbortError");
    assert.deepEqual([...new Set(kinds)], ["right", "AbortError"]);
});
