import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { faces, look, open, speak, start, state } from "./browser.mjs";

let chrome;
before(async () => (chrome = await start()));
after(() => chrome.stop());

test("a page that may keep no words speaks all the same", async () => {
    const script = () =>
        Object.defineProperty(globalThis, "localStorage", {
            get() {
                throw new DOMException("", "SecurityError");
            },
        });
    const { page, problems } = await open(chrome, "?n=4", { script });
    assert.equal((await faces(page)).length, 4);
    assert.equal(await page.textContent("#faces-title"), "New faces");
    await speak(page, "zh");
    assert.equal(await page.textContent("#faces-title"), "新的人脸");
    assert.deepEqual(problems, []);
    await look(page, "no-storage");
});

const refuse = "throw new DOMException('', 'SecurityError');";
const silent = "return new Promise(() => {});";
for (const [what, worker] of [
    ["is refused", `Object.defineProperty(self, "caches", { get() { ${refuse} } });`],
    ["cannot be opened", `CacheStorage.prototype.open = async () => { ${refuse} };`],
    ["is never opened", `CacheStorage.prototype.open = () => { ${silent} };`],
    ["fails", `Cache.prototype.match = async () => { ${refuse} };`],
    ["never answers", `Cache.prototype.match = () => { ${silent} };`],
    [
        "breaks off",
        `const body = () => new ReadableStream({ start: (stream) => stream.error(new Error("gone")) });
         Cache.prototype.match = async () => new Response(body());`,
    ],
    ["never ends", "Cache.prototype.match = async () => new Response(new ReadableStream({}));"],
]) {
    test(`storage of models that ${what} is done without`, async () => {
        const { page, problems } = await open(chrome, "?n=4", { worker });
        assert.equal((await faces(page)).length, 4);
        assert.deepEqual(problems, []);
    });
}

for (const [what, answer] of [
    ["fails", `async () => { ${refuse} }`],
    ["never answers", `() => { ${silent} }`],
]) {
    test(`a service worker whose storage ${what} leaves the page to the network`, async (t) => {
        const folder = mkdtempSync(join(tmpdir(), "glow-"));
        cpSync(new URL("../../dist", import.meta.url), folder, { recursive: true });
        const before = `for (const { prototype } of [Cache, CacheStorage]) prototype.match = ${answer};\n`;
        writeFileSync(join(folder, "sw.js"), before + readFileSync(join(folder, "sw.js"), "utf8"));
        const elsewhere = await start({ folder });
        t.after(elsewhere.stop);
        t.after(() => rmSync(folder, { recursive: true }));
        const { page } = await open(elsewhere, "?n=4", { serviceWorkers: "allow" });
        await page.waitForFunction(() => navigator.serviceWorker.controller);
        await page.reload();
        await state(page, "ready");
        assert.equal((await faces(page)).length, 4);
    });
}
