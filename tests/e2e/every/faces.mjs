// Faces that are drawn, watched and saved.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { largestDifference, nativeFaces } from "../browser.mjs";

const models = JSON.parse(readFileSync(new URL("../../../models/index.json", import.meta.url), "utf8"));

export default {
    "the page opens with faces, no two alike": async ({ open }) => {
        const { page } = await open("", { model: "" });
        const drawn = await page.faces();
        assert.equal(drawn.length, 16);
        assert.equal(new Set(drawn.map(String)).size, 16);
        assert.match(await page.text("#message"), /^16 faces/);
        assert.match(await page.evaluate(() => location.search), /^\?model=faces64&seed=\d+&t=0.9&clean=1&n=16$/);
    },

    "a link shows the native program's faces, of every model its own": async ({ open, note }) => {
        const { page } = await open("?seed=1&t=0.7&n=4&on=cpu");
        for (const { name } of models) {
            await page.set("#models", name);
            await page.says("#card", new RegExp(name));
            await page.state("ready");
            await page.set("#temperature", 0.7);
            await page.set("#seed", 1);
            const drawn = (await page.faces()).flat();
            note(`faces of ${name}`, drawn);
            if (name !== "faces32") continue;
            const colours = drawn.filter((_, i) => i % 4 !== 3);
            assert.ok(largestDifference(colours, nativeFaces()) <= 1);
        }
    },

    "a face flows from noise": async ({ open }) => {
        const { page } = await open("?seed=1&n=4&on=cpu");
        const [face] = await page.faces();
        await page.set("#scrubber", 0);
        assert.match(await page.text("#viewer-step"), /^Noise/);
        const [noise] = await page.pixels("#picture");
        assert.ok(largestDifference(noise, face) > 50);
        await page.click("#play");
        await page.says("#viewer-step", /the picture$/);
        assert.deepEqual(await page.pixels("#picture"), [face]);
    },

    "a face is saved as a picture of its pixels, and its link is copied": async ({ open }) => {
        const { page } = await open("?seed=1&n=4&on=cpu");
        const { name, bytes } = await page.download(() => page.click("#download"));
        assert.equal(name, "glow-1-1.png");
        const saved = await page.evaluate(async (base64) => {
            const file = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
            const picture = await createImageBitmap(new Blob([file], { type: "image/png" }));
            const context = new OffscreenCanvas(32, 32).getContext("2d");
            context.imageSmoothingEnabled = false;
            context.drawImage(picture, 0, 0, 32, 32);
            return [picture.width, [...context.getImageData(0, 0, 32, 32).data]];
        }, bytes.toString("base64"));
        assert.deepEqual(saved, [512, (await page.faces())[0]]);
        await page.click("#link");
        await page.says("#message", /^Copied/);
    },

    "Back leads to the faces before": async ({ open }) => {
        const { page } = await open("?seed=1&n=4&on=cpu");
        const drawn = await page.faces();
        await page.act("#dice");
        await page.evaluate(() => history.back());
        await page.until(() => location.search.includes("seed=1&"));
        await page.state("ready");
        assert.deepEqual(await page.faces(), drawn);
    },
};
