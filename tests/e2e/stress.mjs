// The page with threads on a machine that has more to do than cores: opened again and again, and asked for other faces before the
// last ones are there. `node tests/e2e/stress.mjs [chromium|firefox] [OPENINGS] [CALLS]` prints how many hung.
import { fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import puppeteer from "puppeteer-core";
import { ISOLATION, serve } from "../../pkg-scripts/serve.mjs";
import { args } from "./browser.mjs";

/** Milliseconds after which a page is taken for one that hangs: many times what the slowest took. */
const PATIENCE = 60_000;
/** Busy processes beside the browser. */
const LOAD = 4;

/** Browsers whose pages have `goto` and `evaluate`. */
const engines = {
    chromium: async () => {
        const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
        return { newPage: () => browser.newPage(), close: () => browser.close() };
    },
    firefox: async () => {
        const profile = mkdtempSync(join(tmpdir(), "glow-firefox-"));
        const browser = await puppeteer.launch({
            browser: "firefox",
            executablePath: "/usr/bin/firefox-esr",
            userDataDir: profile,
        });
        const close = async () => {
            await browser.close();
            rmSync(profile, { recursive: true, force: true });
        };
        return { newPage: () => browser.newPage(), close };
    },
};

/** In the page: whether it is ready in time, and still has threads. */
async function ready(patience) {
    for (const start = performance.now(); performance.now() - start < patience;) {
        if (document.body?.dataset.state === "ready") return document.querySelector("#alert").hidden;
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return false;
}

/** In the page: asks for new faces, and at some moment before they are there for others. */
function askTwice(moment) {
    document.querySelector("#dice").click();
    return new Promise((resolve) =>
        setTimeout(() => {
            document.querySelector("#dice").click();
            resolve(document.body.dataset.state);
        }, moment),
    );
}

/** How many of so many openings and calls of an engine's page hung. */
export async function stress(engine, openings, calls) {
    const { server, url } = await serve(0, "/", undefined, ISOLATION);
    const busy = Array.from({ length: LOAD }, () => fork(fileURLToPath(import.meta.url), ["busy"]));
    const browser = await engines[engine]();
    const hung = { openings: 0, calls: 0 };
    try {
        const open = async () => {
            const page = await browser.newPage();
            await page.goto(`${url}?n=4&seed=1&on=cpu`);
            return { page, opened: await page.evaluate(ready, PATIENCE) };
        };
        for (let i = 0; i < openings; i++) {
            const { page, opened } = await open();
            hung.openings += Number(!opened);
            await page.close();
        }
        let { page } = await open();
        for (let i = 0; i < calls; i += 2) {
            await page.evaluate(askTwice, i % 50);
            if (await page.evaluate(ready, PATIENCE)) continue;
            hung.calls += 1;
            await page.close();
            ({ page } = await open());
        }
    } finally {
        busy.forEach((child) => child.kill());
        await browser.close();
        server.close();
    }
    return hung;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    if (process.argv[2] === "busy") for (;;);
    const [engine = "chromium", openings = 300, calls = 2000] = process.argv.slice(2);
    const hung = await stress(engine, Number(openings), Number(calls));
    console.log(`${engine}: of ${openings} openings ${hung.openings} hung, of ${calls} calls ${hung.calls}`);
    process.exit(0);
}
