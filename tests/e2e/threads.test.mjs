import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ISOLATION } from "../../pkg-scripts/serve.mjs";
import { faces, fixture, look, open, speak, start, state } from "./browser.mjs";
import { stress } from "./stress.mjs";

const PLACE = "?n=4&seed=1&on=cpu";
const twoCores = "Object.defineProperty(navigator, 'hardwareConcurrency', { value: 2 });";
let chrome;
let isolated;
before(async () => {
    chrome = await start();
    isolated = await start({ headers: ISOLATION });
});
after(() => Promise.all([chrome.stop(), isolated.stop()]));

const device = (page) => page.textContent("#device-state");

/** What the page computes, in pixels and words. */
async function results({ page }) {
    await page.setInputFiles("#file", fixture("astronaut.png"));
    await state(page, "ready");
    return [...(await faces(page)), await page.textContent("#verdict"), await page.textContent("#bits p")];
}

test("an isolated page computes on threads, the same to the last bit", async () => {
    const threads = await open(isolated, PLACE, { worker: twoCores });
    assert.match(await device(threads.page), /^Runs on: CPU, 2 threads\. /);
    const one = await open(chrome, PLACE, { worker: twoCores });
    assert.match(await device(one.page), /^Runs on: CPU\. /);
    assert.deepEqual(await results(threads), await results(one));
    assert.deepEqual([...threads.problems, ...one.problems], []);
    await speak(threads.page, "zh");
    assert.match(await device(threads.page), /^运行于：CPU，2 个线程。/);
});

test("a static host's page is isolated from the second visit on", async () => {
    const { page, problems } = await open(chrome, PLACE, { serviceWorkers: "allow" });
    assert.equal(await page.evaluate(() => crossOriginIsolated), false);
    await page.waitForFunction(() => navigator.serviceWorker.controller);
    await page.reload();
    await state(page, "ready");
    assert.equal(await page.evaluate(() => crossOriginIsolated), true);
    assert.deepEqual(problems, []);
});

for (const [what, worker] of [
    ["shared memory", `WebAssembly.Memory = function () { throw new RangeError("could not allocate memory"); };`],
    ["waiting for promises", "delete Atomics.waitAsync;"],
]) {
    test(`without ${what} there is one thread`, async () => {
        const { page, problems } = await open(isolated, PLACE, { worker: twoCores + worker });
        assert.match(await device(page), /^Runs on: CPU\. /);
        assert.deepEqual(problems, []);
    });
}

test("threads that answer no more are replaced by one, which does what was asked", async () => {
    const { page } = await open(isolated, PLACE, { worker: twoCores });
    const drawn = await faces(page);
    // As when threads wait for each other: the worker sleeps, and hears nothing.
    const sleep = () => setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
    await page.workers()[0].evaluate(sleep);
    await page.selectOption("#count", "9");
    await page.waitForFunction(() => document.querySelectorAll(".face:enabled").length === 9, undefined, {
        timeout: 120_000,
    });
    await state(page, "ready");
    assert.deepEqual((await faces(page)).slice(0, 4), drawn);
    assert.match(await page.textContent("#alert p"), /threads .* stopped answering/);
    assert.match(await device(page), /^Runs on: CPU\. /);
    await look(page, "alone");
});

test("a slow machine is not one that hangs", async () => {
    // Four seconds a face, four times: longer in all than a worker may be silent.
    const slow = `
        const { postMessage } = self;
        self.postMessage = (message, ...rest) => {
            if (typeof message.event?.[1] === "object") for (const end = Date.now() + 4000; Date.now() < end; );
            postMessage.call(self, message, ...rest);
        };`;
    const { page } = await open(isolated, PLACE, { worker: twoCores + slow });
    assert.match(await device(page), /^Runs on: CPU, 2 threads\. /);
    assert.ok(await page.locator("#alert").isHidden());
});

test("a thread that never joins is not missed; one that crashes is told, and the next try starts anew", async () => {
    const stuck = () => {
        const { Worker } = self;
        self.Worker = function (url, options) {
            if (!String(url).endsWith("/thread.js")) return new Worker(url, options);
            self.thread = Object.assign(new EventTarget(), { postMessage() {}, terminate() {} });
            return self.thread;
        };
    };
    const { page } = await open(isolated, PLACE, { script: stuck, worker: twoCores });
    const drawn = await faces(page);
    await page.selectOption("#count", "64");
    await state(page, "busy");
    await page.evaluate(() => self.thread.dispatchEvent(new MessageEvent("message", { data: "unreachable" })));
    await state(page, "error");
    assert.match(await page.textContent("#alert p"), /crashed/);
    await page.click("#retry");
    await state(page, "ready");
    assert.deepEqual((await faces(page)).slice(0, 4), drawn);
});

for (const engine of ["chromium", "firefox"]) {
    test(`on a busy machine nothing hangs in ${engine}`, async () => {
        assert.deepEqual(await stress(engine, 12, 60), { openings: 0, calls: 0 });
    });
}
