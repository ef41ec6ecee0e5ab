import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import lighthouse, { desktopConfig } from "lighthouse";
import puppeteer from "puppeteer-core";
import { serve } from "../../pkg-scripts/serve.mjs";
import { flags as args } from "./engine/chromium.mjs";

let browser, server, url;
before(async () => {
    ({ server, url } = await serve());
    browser = await puppeteer.launch({ executablePath: "/usr/bin/chromium", args });
});
after(async () => {
    await browser.close();
    server.close();
});

// It judges no installability any more, which install.test.mjs does; what it says of speed depends on the machine.
test("Lighthouse finds nothing to better in what it can see of accessibility, practices and search", async (t) => {
    const onlyCategories = ["accessibility", "best-practices", "seo", "performance"];
    const flags = { logLevel: "error", onlyCategories };
    const { lhr } = await lighthouse(url, flags, desktopConfig, await browser.newPage());
    const scores = Object.values(lhr.categories).map(({ id, score }) => [id, Math.round(100 * score)]);
    t.diagnostic(scores.map((score) => score.join(" ")).join(", "));
    const lacking = Object.values(lhr.audits).filter(({ score }) => score !== null && score < 1);
    t.diagnostic(lacking.map(({ id, displayValue = "" }) => `${id} ${displayValue}`).join(", "));
    const { performance, ...others } = Object.fromEntries(scores);
    assert.ok(lhr.audits["cumulative-layout-shift"].numericValue < 0.1, "little moves while the page loads");
    assert.deepEqual(others, { accessibility: 100, "best-practices": 100, seo: 100 });
});
