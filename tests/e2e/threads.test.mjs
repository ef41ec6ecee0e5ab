import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ISOLATION } from "../../pkg-scripts/serve.mjs";
import { faces, fixture, open, start, state } from "./browser.mjs";
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
    await threads.page.selectOption("#language", "zh");
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

test("a thread that never joins is not missed; one that crashes is told, and the next try starts anew", async () => {
    const stuck = "self.Worker = class { postMessage({ crash }) { self.crash = crash; } };";
    const { page } = await open(isolated, PLACE, { worker: twoCores + stuck });
    const drawn = await faces(page);
    await page.selectOption("#count", "64");
    await state(page, "busy");
    await page.workers()[0].evaluate(() => self.crash.postMessage("unreachable"));
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
