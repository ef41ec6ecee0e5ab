// What the page can do, in every engine: `node --test tests/e2e/engines.test.mjs`, of one alone with ENGINE=firefox before it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { largestDifference } from "./browser.mjs";
import * as chromium from "./engine/chromium.mjs";
import * as firefox from "./engine/firefox.mjs";
import { open } from "./engine/page.mjs";
import * as webkit from "./engine/webkit.mjs";
import faces from "./every/faces.mjs";
import photo from "./every/photo.mjs";
import play from "./every/play.mjs";
import visit from "./every/visit.mjs";

const features = { ...faces, ...photo, ...play, ...visit };
const engines = [chromium, firefox, webkit].filter(({ name }) => [undefined, name].includes(process.env.ENGINE));

/** What was seen, by engine. */
const seen = new Map(engines.map(({ name }) => [name, {}]));

for (const { name, lacks, start } of engines) {
    describe(name, () => {
        let browser;
        const count = { passed: 0, skipped: 0 };
        const began = Date.now();
        before(async () => (browser = await start()));
        after(async () => {
            await browser?.close();
            console.log(
                `${name}: ${count.passed} passed, ${count.skipped} skipped, ${Math.round((Date.now() - began) / 1000)} s`,
            );
        });
        for (const [feature, run] of Object.entries(features)) {
            test(feature, async (t) => {
                if (feature in lacks) {
                    count.skipped += 1;
                    return t.skip(lacks[feature]);
                }
                const opened = [];
                try {
                    await run({
                        engine: name,
                        open: async (query, options) => {
                            const visitor = await open(browser, query, options);
                            opened.push(visitor);
                            return visitor;
                        },
                        note: (what, value) => (seen.get(name)[what] = value),
                    });
                    count.passed += 1;
                } finally {
                    for (const { page, site } of opened) {
                        await page.close();
                        site.leave();
                    }
                }
            });
        }
    });
}

/** How far engines may be from each other where the browser shrinks the photo: values of 255, hundredths of a bit. */
const BOUNDS = { crop: 3, bits: 2 };

describe("between engines", () => {
    for (const [i, { name: one }] of engines.entries()) {
        for (const { name: other } of engines.slice(i + 1)) {
            test(`${one} and ${other} draw and see the same`, () => {
                const [ours, theirs] = [one, other].map((name) => seen.get(name));
                assert.deepEqual(Object.keys(ours), Object.keys(theirs));
                for (const [what, values] of Object.entries(ours)) {
                    const difference = largestDifference(values, theirs[what]);
                    console.log(`${one} and ${other}, ${what}: ${difference}`);
                    assert.ok(difference <= (BOUNDS[what] ?? 1), `${what}: ${difference}`);
                }
            });
        }
    }
});
