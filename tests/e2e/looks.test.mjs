// The page looks as it did. What it is compared with, in tests/looks, is a tenth as large, so that another way of drawing letters
// is no difference. `LOOKS=new node --test tests/e2e/looks.test.mjs` makes it anew.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { open, start } from "./browser.mjs";

/** Pixels of the page's sides to a pixel of what is compared. */
const SHRINK = 10;
/** Levels of 255 that one may differ by, the share of those that differ more, and what all may differ by in the mean. */
const [NEAR, FEW, MEAN] = [32, 0.004, 2];

const file = (name) => fileURLToPath(new URL(`../looks/${name}.png`, import.meta.url));
let chrome;
before(async () => (chrome = await start()));
after(() => chrome.stop());

/** In the page: a picture made so many times smaller, as the bytes of a PNG and as RGB. */
async function shrink([png, times]) {
    const file = Uint8Array.from(atob(png), (byte) => byte.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([file], { type: "image/png" }));
    const [width, height] = [picture.width, picture.height].map((side) => Math.round(side / times));
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.drawImage(picture, 0, 0, width, height);
    const bytes = [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
    const values = [...context.getImageData(0, 0, width, height).data].filter((_, i) => i % 4 < 3);
    return { width, height, bytes, values };
}

for (const [width, height] of [
    [390, 844],
    [1280, 900],
]) {
    for (const colorScheme of ["light", "dark"]) {
        const name = `${width}-${colorScheme}`;
        test(`the page looks as it did: ${name}`, async () => {
            const viewport = { width, height };
            const query = "?model=faces32&n=4&seed=1&t=0.7&on=cpu";
            const { page } = await open(chrome, query, { viewport, colorScheme, reducedMotion: "reduce" });
            const shot = await page.screenshot();
            const seen = await page.evaluate(shrink, [shot.toString("base64"), SHRINK]);
            if (process.env.LOOKS === "new") return writeFileSync(file(name), Buffer.from(seen.bytes));
            assert.ok(existsSync(file(name)), "LOOKS=new makes it");
            const known = await page.evaluate(shrink, [readFileSync(file(name), "base64"), 1]);
            assert.deepEqual([seen.width, seen.height], [known.width, known.height]);
            const differences = seen.values.map((value, i) => Math.abs(value - known.values[i]));
            const far = differences.filter((difference) => difference > NEAR).length / differences.length;
            const mean = differences.reduce((sum, difference) => sum + difference) / differences.length;
            console.log(
                `${name}: ${mean.toFixed(2)} in the mean, ${(100 * far).toFixed(2)}% differ by more than ${NEAR}`,
            );
            assert.ok(mean <= MEAN && far <= FEW, `${mean} in the mean, ${far} far`);
        });
    }
}
