import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { pack } from "../../pkg-scripts/library.mjs";
import { largestDifference, nativeFaces, open, pixels, start } from "./browser.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "glow-flow-"));
const installed = join(folder, "node_modules/glow-flow");
let chrome;
before(async () => {
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    execFileSync("npm", ["install", "--offline", "--silent", "--no-audit", "--no-fund", pack()], { cwd: folder });
    cpSync(join(installed, "example.html"), join(folder, "example.html"));
    cpSync(here("../../models/faces32.safetensors"), join(folder, "faces32.safetensors"));
    chrome = await start({ folder });
});
after(async () => {
    await chrome?.stop();
    rmSync(folder, { recursive: true });
});

async function example() {
    const opened = await open(chrome, "example.html?weights=faces32.safetensors&seed=1", { ready: false });
    const drawn = () => document.querySelector("canvas").width === 32;
    await opened.page.waitForFunction(drawn, undefined, { timeout: 120_000 });
    return opened;
}

test("the example draws the native program's face, in twenty lines", async () => {
    const { page, problems } = await example();
    const rgb = (await pixels(page.locator("canvas"))).filter((_, i) => i % 4 !== 3);
    assert.equal(rgb.length, 32 * 32 * 3);
    assert.ok(largestDifference(rgb, nativeFaces().slice(0, rgb.length)) <= 1);
    assert.deepEqual(problems, []);
    const [, script] = readFileSync(join(folder, "example.html"), "utf8").match(/"module">\n([^]*?)\n *<\/script>/);
    assert.ok(script.split("\n").length <= 20);
});

test("a picture comes back, a cancelled call throws its reason, and a damaged file a sentence", async () => {
    const { page } = await example();
    const [same, bitsPerDim, reason, sentence] = await page.evaluate(async () => {
        const { Device, Model } = await import("glow-flow");
        const weights = await (await fetch("faces32.safetensors")).arrayBuffer();
        const model = await Model.load(new Uint8Array(weights), Device.cpu());
        const picture = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => i);
        const encoding = await model.encode(picture, undefined);
        const back = await model.decode(encoding.latents, undefined);
        const cancel = new AbortController();
        const onProgress = () => cancel.abort("enough");
        const reason = await model.encode(picture, onProgress, cancel.signal).catch((reason) => reason);
        const { message } = await Model.load(new Uint8Array(9), Device.cpu()).catch((error) => error);
        return [String(back) === String(picture), encoding.bitsPerDim.length, reason, message];
    });
    assert.deepEqual([same, bitsPerDim, reason], [true, 1, "enough"]);
    assert.match(sentence, /^not a usable model file: /);
});

test("both packages and their wasm are exported, and typed", () => {
    const { resolve } = createRequire(join(folder, "package.json"));
    const found = ["", "/webgpu", "/cpu/glow_bg.wasm", "/gpu/glow_bg.wasm"].map((path) => resolve(`glow-flow${path}`));
    const files = ["cpu/glow.js", "gpu/glow.js", "cpu/glow_bg.wasm", "gpu/glow_bg.wasm"];
    assert.deepEqual(
        found,
        files.map((file) => join(installed, file)),
    );
    cpSync(here("library.ts"), join(folder, "library.ts"));
    const tsc = here("../../node_modules/.bin/tsc");
    const options = ["--noEmit", "--strict", "--target", "esnext", "--module", "nodenext", "library.ts"];
    execFileSync(tsc, options, { cwd: folder, stdio: "inherit" });
});
