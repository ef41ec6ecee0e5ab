import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import puppeteer from "puppeteer-core";
import { serve } from "../../pkg-scripts/serve.mjs";
import { site } from "../../pkg-scripts/site.mjs";
import { flags as args } from "./engine/chromium.mjs";
import { writeModels } from "./models.mjs";

// No incognito window, in which nothing can be installed.
let browser, server, url;
before(async () => {
    ({ server, url } = await serve(0, "/some/where/"));
    browser = await puppeteer.launch({ executablePath: "/usr/bin/chromium", args });
});
after(async () => {
    await browser.close();
    server.close();
});

/** Width and height of a PNG. */
const sides = (png) => [png.readUInt32BE(16), png.readUInt32BE(20)];

test("the page can be installed, with icons of every kind", async () => {
    const page = await browser.newPage();
    const problems = [];
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    await page.goto(url);
    const session = await page.createCDPSession();
    const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
    assert.deepEqual(installabilityErrors, []);
    const manifest = await session.send("Page.getAppManifest");
    assert.deepEqual(manifest.errors, []);
    const { start_url, scope, icons } = JSON.parse(manifest.data);
    for (const address of [start_url, scope]) assert.equal(new URL(address, manifest.url).href, url);
    assert.ok(icons.some(({ purpose }) => purpose === "maskable"));
    for (const { src, type, sizes } of icons) {
        const icon = await fetch(new URL(src, manifest.url));
        assert.equal(icon.headers.get("content-type"), type);
        if (type !== "image/png") continue;
        assert.equal(sides(Buffer.from(await icon.arrayBuffer())).join("x"), sizes);
    }
    assert.deepEqual(problems, []);
});

test("a shared link has a picture, at the address that the page was built for", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "glow-"));
    t.after(() => rmSync(folder, { recursive: true }));
    writeModels(folder, { one: 1 });
    const card = (html) => html.match(/og:image" content="([^"]*)"/)[1];
    for (const address of ["", "https://example.org/glow/"]) {
        site(join(folder, "site"), folder, address);
        assert.equal(card(readFileSync(join(folder, "site/index.html"), "utf8")), `${address}card.jpg`);
    }
    const jpeg = readFileSync(join(folder, "site/card.jpg"));
    assert.ok(jpeg.length < 300_000, `${jpeg.length} bytes`);
    // The frame's header has the height first.
    const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0])) + 5;
    assert.deepEqual([jpeg.readUInt16BE(frame + 2), jpeg.readUInt16BE(frame)], [1200, 630]);
});
