// See roundtrip.sh.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { largestDifference, open, pixels, start, state } from "../tests/e2e/browser.mjs";

const TEST = "2";
const [data, count = "200"] = process.argv.slice(2);
const photographs = readFileSync(join(data, "list_eval_partition.txt"), "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, partition]) => partition === TEST)
    .map(([name]) => join(data, "images", name))
    .slice(0, Number(count));

const chrome = await start();
for (const backend of ["cpu", "webgpu"]) {
    const { page, context } = await open(chrome, `?n=4&on=${backend}`);
    await page.waitForSelector(`body[data-backend="${backend}"]`, { timeout: 120_000 });
    let identical = 0;
    let largest = 0;
    for (const photograph of photographs) {
        await page.setInputFiles("#file", photograph);
        await state(page, "ready");
        const [before, after] = [await pixels(page.locator("#original")), await pixels(page.locator("#rebuilt"))];
        const difference = largestDifference(before, after);
        identical += difference === 0;
        largest = Math.max(largest, difference);
    }
    const still = await page.getAttribute("body", "data-backend");
    console.log(`${still}: ${identical} of ${photographs.length} identical, largest difference ${largest} of 255`);
    if (identical < photographs.length || still !== backend) process.exitCode = 1;
    await context.close();
}
await chrome.stop();
