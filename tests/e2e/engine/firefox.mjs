// Firefox, by WebDriver BiDi.
import puppeteer from "puppeteer-core";
import { downloaded } from "./download.mjs";
import { endsWithUs, temporary } from "./tidy.mjs";

export const name = "firefox";
export const lacks = {};

export async function start() {
    const profile = temporary("firefox");
    const downloads = temporary("downloads");
    const browser = await puppeteer.launch({
        browser: "firefox",
        executablePath: "/usr/bin/firefox-esr",
        userDataDir: profile.folder,
        extraPrefsFirefox: {
            "browser.download.dir": downloads.folder,
            "browser.download.folderList": 2,
            "media.navigator.streams.fake": true,
            "media.navigator.permission.disabled": true,
        },
        protocolTimeout: 600_000,
    });
    const end = endsWithUs(browser.process());
    return {
        // The first tab has no focus.
        newPage: async () => {
            const page = await browser.newPage();
            await page.setViewport({ width: 1280, height: 900 });
            return face(page, downloads.folder);
        },
        close: async () => {
            await browser.close();
            for (const act of [end, profile.remove, downloads.remove]) act();
        },
    };
}

const face = (page, downloads) => ({
    goto: (url) => page.goto(url),
    reload: () => page.reload(),
    evaluate: (script, ...args) => page.evaluate(script, ...args),
    click: (selector) => page.click(selector),
    press: (key) => page.keyboard.press(key),
    finger: async ([first, ...others]) => {
        await page.touchscreen.touchStart(...first);
        for (const point of others) await page.touchscreen.touchMove(...point);
        await page.touchscreen.touchEnd();
    },
    upload: async (selector, path) => (await page.$(selector)).uploadFile(path),
    resize: (width, height) => page.setViewport({ width, height }),
    shoot: (path) => page.screenshot({ path, fullPage: true }),
    download: (act) => downloaded(downloads, act),
    close: () => page.close(),
});
