import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { faces, fixture, largestDifference, look, open, start, state } from "./browser.mjs";

const weights = readFileSync(new URL("../../models/faces32.safetensors", import.meta.url));
let chrome;
before(async () => (chrome = await start()));
after(() => chrome.stop());

const alert = (page) => page.textContent("#alert p");
const backend = (page, wanted) =>
    page.waitForFunction((wanted) => document.body.dataset.backend === wanted, wanted, { timeout: 120_000 });

/** Requests for weights, from now on. */
function downloads(context) {
    const urls = [];
    context.on("request", (request) => request.url().endsWith(".safetensors") && urls.push(request.url()));
    return urls;
}

/** Weights are kept once the first faces are there. */
const kept = (page) => page.waitForFunction(async () => (await (await caches.open("glow-models")).keys()).length);

for (const [what, answer, sentence] of [
    ["fails", (route) => route.abort(), /could not be downloaded/],
    ["is missing", (route) => route.fulfill({ status: 404 }), /could not be downloaded/],
    ["breaks off", (route) => route.fulfill({ body: weights.subarray(0, 1_000_000) }), /broke off/],
    ["is damaged", (route) => route.fulfill({ body: Buffer.from(weights).fill(7, 2_000_000, 2_000_004) }), /damaged/],
]) {
    test(`a download that ${what} is told, and can be tried again`, async () => {
        let answered = 0;
        const count = (route) => {
            answered += 1;
            return answer(route);
        };
        const routes = { "**/*.safetensors": count };
        const { page, context } = await open(chrome, "", { ready: false, routes });
        await state(page, "error");
        assert.match(await alert(page), sentence);
        assert.equal(answered, 1);
        const asked = downloads(context);
        await page.click("#retry");
        await state(page, "error");
        assert.deepEqual([answered, asked.length], [2, 1]);
        await page.unroute("**/*.safetensors");
        await page.click("#retry");
        await state(page, "ready");
        assert.equal((await faces(page)).length, 16);
        assert.equal(asked.length, 2);
    });
}

for (const [what, answer] of [
    ["has nothing in it", { json: [] }],
    ["is none", { body: "<!doctype html>" }],
    ["is missing", { status: 404 }],
]) {
    test(`a list of models that ${what} is told, and can be tried again`, async () => {
        const pattern = "**/models/index.json";
        const { page } = await open(chrome, "?n=4", {
            ready: false,
            routes: { [pattern]: (route) => route.fulfill(answer) },
        });
        await state(page, "error");
        assert.match(await alert(page), /list of models could not be loaded/);
        await page.unroute(pattern);
        await page.click("#retry");
        await state(page, "ready");
        assert.equal((await faces(page)).length, 4);
    });
}

for (const [what, pattern] of [
    ["the model's code", "**/glow_bg.wasm"],
    ["the script that starts it", "**/glow.js"],
    ["the worker", "**/worker/main.js"],
    ["a part of the worker", "**/worker/store.js"],
]) {
    test(`${what}, where it is missing, is not asked for by itself, but at a try`, async () => {
        let asked = 0;
        const answer = (route) => {
            asked += 1;
            return route.abort();
        };
        const { page } = await open(chrome, "?n=4", { ready: false, routes: { [pattern]: answer } });
        await state(page, "error");
        assert.match(await alert(page), /What computes .* could not be loaded/);
        const before = asked;
        await page.waitForTimeout(300);
        assert.equal(asked, before);
        await page.click("#retry");
        await state(page, "error");
        assert.ok(asked > before && asked <= 2 * before, `${asked} times`);
        await page.unroute(pattern);
        await page.click("#retry");
        await state(page, "ready");
        assert.equal((await faces(page)).length, 4);
    });
}

test("a part of the page itself that is missing is told in both languages", async () => {
    const { page } = await open(chrome, "?n=4", { ready: false, routes: { "**/viewer.js": (route) => route.abort() } });
    await state(page, "error");
    assert.match(await alert(page), /could not be loaded.*无法载入/);
    await look(page, "missing-part");
    await page.unroute("**/viewer.js");
    await page.click("#retry");
    await state(page, "ready");
    assert.equal((await faces(page)).length, 4);
});

test("a damaged copy in the cache is downloaded again, once", async () => {
    const { page, context } = await open(chrome, "?n=4");
    await kept(page);
    const url = await page.evaluate(async () => {
        const cache = await caches.open("glow-models");
        const [key] = await cache.keys();
        await cache.put(key, new Response("damaged"));
        return key.url;
    });
    const asked = downloads(context);
    for (let i = 0; i < 2; i++) {
        await page.reload();
        await state(page, "ready");
        assert.equal((await faces(page)).length, 4);
        assert.deepEqual(asked, [url]);
        await page.waitForFunction(
            async (url) => (await (await caches.match(url)).arrayBuffer()).byteLength > 1e6,
            url,
        );
    }
});

test("weights that are whole, but not those that were meant, are told of, and not kept", async () => {
    const others = Buffer.from(weights);
    const digit = others.indexOf(":", others.indexOf("images_seen")) + 1;
    others[digit] ^= 1;
    const routes = { "**/*.safetensors": (route) => route.fulfill({ body: others }) };
    const { page } = await open(chrome, "?n=4", { ready: false, routes });
    await page.waitForSelector("#alert:not([hidden])");
    assert.match(await alert(page), /damaged/);
    assert.equal((await faces(page)).length, 4);
    assert.deepEqual(await page.evaluate(async () => (await caches.open("glow-models")).keys()), []);
});

test("the model is downloaded once", async () => {
    const { page, context } = await open(chrome, "?n=4");
    await kept(page);
    const asked = downloads(context);
    await page.reload();
    await state(page, "ready");
    assert.deepEqual(asked, []);
});

test("without SIMD the page says so", async () => {
    const { page } = await open(chrome, "", { ready: false, worker: "WebAssembly.validate = () => false;" });
    await state(page, "error");
    assert.match(await alert(page), /no WebAssembly SIMD/);
});

test("full storage is no obstacle", async () => {
    const worker = "Cache.prototype.put = async () => { throw new DOMException('', 'QuotaExceededError'); };";
    const { page } = await open(chrome, "?n=4", { worker });
    assert.match(await alert(page), /could not be kept/);
    assert.equal((await faces(page)).length, 4);
});

test("a crash is told, what was there stays, and the next try starts anew", async () => {
    const { page } = await open(chrome, "?n=4&seed=3");
    const [first] = await faces(page);
    await page.selectOption("#count", "64");
    await state(page, "busy");
    const crash = () => setTimeout(() => JSON.parse("unreachable"));
    await page.workers()[0].evaluate(crash);
    await state(page, "error");
    assert.match(await alert(page), /crashed/);
    assert.deepEqual((await faces(page))[0], first);
    await page.click("#retry");
    await state(page, "ready");
    const drawn = await faces(page);
    assert.equal(drawn.length, 64);
    assert.deepEqual(drawn[0], first);
    assert.ok(drawn.every((face) => face.length === drawn[0].length));
});

test("too little memory for a model is told, the one before goes on, and the next try starts anew", async () => {
    const worker = `
        for (const name of ["instantiate", "instantiateStreaming"]) {
            const instantiate = WebAssembly[name];
            WebAssembly[name] = async (...module) => {
                const made = await instantiate.apply(WebAssembly, module);
                self.memory = (made.instance ?? made).exports.memory;
                return made;
            };
        }`;
    const { page } = await open(chrome, "?n=4&seed=3&on=cpu", { worker });
    const drawn = await faces(page);
    // All but 10 MiB.
    await page.workers()[0].evaluate(() => self.memory.grow(65_536 - self.memory.buffer.byteLength / 65_536 - 160));
    await page.selectOption("#models", "faces64");
    await state(page, "error");
    assert.match(await alert(page), /crashed/);
    assert.deepEqual(await faces(page), drawn);
    await page.fill("#seed", "4");
    await page.press("#seed", "Enter");
    await page.waitForFunction(() => document.body.dataset.state !== "busy");
    assert.notDeepEqual(await faces(page), drawn, "drawn by the model before");
    await page.click("#retry");
    await page.waitForFunction(() => /faces64/.test(document.querySelector("#card").textContent));
    await state(page, "ready");
    assert.equal((await faces(page))[0].length, 64 * 64 * 4);
});

test("offline, after the first visit, everything that was used is there", async () => {
    const { page, context, problems } = await open(chrome, "?n=4&seed=3", { serviceWorkers: "allow" });
    const drawn = await faces(page);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.waitForFunction(() => navigator.serviceWorker.controller);
    const findsFace = async () => {
        await page.setInputFiles("#file", fixture("astronaut.png"));
        await page.waitForFunction(() => /^A face/.test(document.querySelector("#found").textContent));
        await state(page, "ready");
    };
    await findsFace();
    await context.setOffline(true);
    await page.reload();
    await state(page, "ready");
    // By the package that every browser runs, which alone is kept for all: it rounds otherwise.
    assert.ok(largestDifference((await faces(page)).flat(), drawn.flat()) <= 1);
    await findsFace();
    await page.click("#example");
    await state(page, "error");
    assert.match(await alert(page), /example could not be loaded/);
    assert.deepEqual(
        problems.filter((problem) => !/ERR_INTERNET_DISCONNECTED|Failed to load resource/.test(problem)),
        [],
    );
});

test("the GPU draws the CPU's faces", async () => {
    const { page } = await open(chrome, "?n=2&seed=1&on=webgpu");
    const onCpu = await faces(page);
    await backend(page, "webgpu");
    assert.match(await page.textContent("#device-state"), /You chose it/);
    await page.fill("#temperature", "0.65");
    await page.fill("#temperature", "0.7");
    await state(page, "ready");
    const onGpu = await faces(page);
    const difference = largestDifference(onCpu.flat(), onGpu.flat());
    assert.ok(difference <= 2, `${difference}`);
    await look(page, "webgpu");
});

test("a GPU that is lost in mid-work leaves the rest to the CPU", async () => {
    const worker = `
        self.devices = [];
        const { requestDevice } = GPUAdapter.prototype;
        GPUAdapter.prototype.requestDevice = async function (wanted) {
            const device = await requestDevice.call(this, wanted);
            self.devices.push(device);
            return device;
        };`;
    const { page } = await open(chrome, "?n=9&seed=1&on=webgpu", { worker });
    const drawn = await faces(page);
    await backend(page, "webgpu");
    await page.fill("#temperature", "0.65");
    await page.fill("#temperature", "0.7");
    await page.workers()[0].evaluate(() => self.devices.forEach((device) => device.destroy()));
    await backend(page, "cpu");
    await state(page, "ready");
    assert.deepEqual(await faces(page), drawn);
    assert.match(await alert(page), /GPU was lost/);
    await look(page, "lost");
});

test("a GPU that computes wrongly is left", async () => {
    const worker = "GPUComputePassEncoder.prototype.dispatchWorkgroups = () => {};";
    const { page } = await open(chrome, "?n=4&seed=1&on=webgpu", { worker });
    await page.waitForFunction(() => /wrong picture/.test(document.querySelector("#alert p").textContent), undefined, {
        timeout: 120_000,
    });
    assert.match(await page.textContent("#device-state"), /Runs on: CPU.*wrong picture/);
});

test("a GPU in software is not tried, and it is said why", async () => {
    const { page } = await open(chrome, "?n=4");
    await page.waitForFunction(() => /in software/.test(document.querySelector("#device-state").textContent));
});

test("without WebGPU the CPU draws, and it is said why", async () => {
    const { page } = await open(chrome, "?n=4&on=webgpu", {
        worker: "Object.defineProperty(WorkerNavigator.prototype, 'gpu', { get: () => undefined });",
    });
    await page.waitForFunction(() => /no WebGPU/.test(document.querySelector("#alert p").textContent));
    assert.equal((await faces(page)).length, 4);
});
