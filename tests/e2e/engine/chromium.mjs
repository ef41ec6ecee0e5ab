// Chromium, by playwright.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const webdriver = JSON.parse(readFileSync(new URL("../../../webdriver.json", import.meta.url), "utf8"));
export const flags = webdriver["goog:chromeOptions"].args.filter((flag) => !flag.startsWith("--headless"));
const camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

export const name = "chromium";
export const lacks = {};

export const launch = (more = []) =>
    chromium.launch({ executablePath: "/usr/bin/chromium", args: [...flags, ...camera, ...more] });

export async function start() {
    const browser = await launch();
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(600_000);
    return {
        newPage: async () => face(await context.newPage()),
        close: () => browser.close(),
    };
}

const face = (page) => ({
    goto: (url) => page.goto(url),
    reload: () => page.reload(),
    evaluate: (script, ...args) => page.evaluate(`(${script})(...${JSON.stringify(args)})`),
    click: (selector) => page.click(selector),
    press: (key) => page.keyboard.press(key),
    finger: async ([first, ...others]) => {
        const session = await page.context().newCDPSession(page);
        const touch = (type, ...touchPoints) => session.send("Input.dispatchTouchEvent", { type, touchPoints });
        await touch("touchStart", { x: first[0], y: first[1] });
        for (const [x, y] of others) await touch("touchMove", { x, y });
        await touch("touchEnd");
    },
    upload: (selector, path) => page.setInputFiles(selector, path),
    resize: (width, height) => page.setViewportSize({ width, height }),
    shoot: (path) => page.screenshot({ path, fullPage: true }),
    download: async (act) => {
        const [download] = await Promise.all([page.waitForEvent("download"), act()]);
        return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
    },
    close: () => page.close(),
});
