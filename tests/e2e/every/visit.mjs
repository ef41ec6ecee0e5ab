// How the page is visited: without a network or storage, in another language, by keyboard, on a phone.
import assert from "node:assert/strict";
import { ISOLATION } from "../../../pkg-scripts/serve.mjs";
import { largestDifference, shots } from "../browser.mjs";

const REFUSE = `throw new DOMException("", "SecurityError");`;

export default {
    "after the first visit it works offline": async ({ open }) => {
        const { page, site } = await open("?n=4&seed=3&on=cpu");
        const drawn = await page.faces();
        await page.encode();
        await page.until(() => navigator.serviceWorker.controller !== null);
        await page.reload();
        await page.state("ready");
        await page.encode();
        site.leave();
        await page.reload();
        await page.state("ready");
        // Perhaps by another package, which rounds otherwise.
        assert.ok(largestDifference((await page.faces()).flat(), drawn.flat()) <= 1);
        await page.encode();
        assert.match(await page.text("#verdict"), /^Identical/);
    },

    "a model that cannot be reached is told, and can be tried again": async ({ open }) => {
        const { page, site } = await open("?n=4&on=cpu");
        site.leave();
        await page.evaluate(() => {
            document.querySelector("#models").value = "faces64";
            document.querySelector("#models").dispatchEvent(new Event("change"));
        });
        await page.state("error");
        assert.match(await page.text("#alert p"), /could not be downloaded/);
        await site.comeBack();
        await page.click("#retry");
        await page.says("#card", /faces64/);
        await page.state("ready");
        assert.equal((await page.faces())[0].length, 64 * 64 * 4);
        assert.ok(await page.evaluate(() => document.querySelector("#alert").hidden));
    },

    "where storage is refused faces are drawn all the same, and it is told": async ({ open }) => {
        const before = `
            Object.defineProperty(globalThis, "localStorage", { get() { ${REFUSE} } });
            IDBFactory.prototype.open = () => { ${REFUSE} };`;
        const worker = `Object.defineProperty(self, "caches", { get() { ${REFUSE} } });`;
        const { page } = await open("?n=4&on=cpu", { before, worker });
        assert.equal((await page.faces()).length, 4);
        await page.click("#keep");
        await page.state("error");
        assert.match(await page.text("#alert p"), /does not let the page keep anything/);
    },

    "it speaks Chinese, and on the next visit, too": async ({ open }) => {
        const { page } = await open("?n=4&on=cpu");
        await page.set("#language", "zh");
        await page.says("#faces-title", /^新的人脸$/);
        await page.reload();
        await page.state("ready");
        assert.equal(await page.text("#faces-title"), "新的人脸");
        assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-Hans");
    },

    "it fits a phone, with everything unfolded": async ({ open, engine }) => {
        const { page } = await open("?n=4&on=cpu");
        await page.resize(390, 800);
        await page.encode();
        await page.act("#photo-edit");
        await page.shown("#editor");
        await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
        await page.until(() => document.querySelector("#mixes .cell:last-child")?.disabled === false);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${wide} pixels too wide`);
        for (const width of [390, 1280]) {
            await page.resize(width, 900);
            const loose = await page.evaluate(() => {
                const bottom = (one) => one.getBoundingClientRect().bottom;
                const grids = [...document.querySelectorAll("#sheet, #mixes")];
                return grids.map((grid) => Math.round(Math.abs(bottom(grid) - bottom(grid.lastElementChild))));
            });
            assert.deepEqual(loose, [0, 0], `rows as high as their pictures at ${width} pixels`);
            await page.evaluate(() => scrollTo({ top: 0, behavior: "instant" }));
            await page.shoot(`${shots}engine-${engine}-${width}.png`);
        }
    },

    "the keyboard is enough": async ({ open }) => {
        const { page } = await open("?n=4&seed=4&on=cpu");
        const drawn = await page.faces();
        const reach = async (selector) => {
            for (let i = 0; i < 60; i++) {
                if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
                await page.press("Tab");
            }
            assert.fail(`${selector} is out of reach`);
        };
        await reach("#dice");
        await page.press("Enter");
        await page.until(() => !location.search.includes("seed=4&"));
        await page.state("ready");
        assert.notDeepEqual(await page.faces(), drawn);
        await reach(".face:nth-child(3)");
        await page.press(" ");
        assert.match(await page.text("#viewer-title"), /^Face 3/);
        await reach("#scrubber");
        await page.press("Home");
        await page.says("#viewer-step", /^Noise/);
        await page.press("ArrowRight");
        await page.says("#viewer-step", /^After step 1 /);
    },

    "where it is isolated it computes on threads, the same to the last bit": async ({ open }) => {
        const one = await open("?n=4&seed=1&on=cpu");
        const worker = "Object.defineProperty(navigator, 'hardwareConcurrency', { value: 2 });";
        const threads = await open("?n=4&seed=1&on=cpu", { headers: ISOLATION, worker });
        assert.match(await threads.page.text("#device-state"), /CPU, 2 threads/);
        assert.deepEqual(await threads.page.faces(), await one.page.faces());
    },
};
