// A photo that is brought, found, encoded and explained.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { portrait } from "../engine/page.mjs";

export default {
    "a photo comes back identical": async ({ open, note }) => {
        const { page } = await open("?n=4&on=cpu");
        await page.encode();
        assert.match(await page.text("#verdict"), /^Identical: none of/);
        assert.match(await page.text("#found"), /^A face was found/);
        const [original, rebuilt] = await page.pixels("#original, #rebuilt");
        assert.deepEqual(rebuilt, original);
        note("crop", original);
        note("bits", [Math.round(100 * parseFloat(await page.text("#bits strong")))]);
    },

    "a photo is dropped and pasted": async ({ open }) => {
        const { page } = await open("?n=4&on=cpu");
        const bring = (kind, base64) => {
            document.querySelector("#verdict").textContent = "";
            const data = new DataTransfer();
            const file = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
            data.items.add(new File([file], "face.png", { type: "image/png" }));
            const event = new Event(kind, { bubbles: true, cancelable: true });
            // Firefox makes no paste that holds a file.
            const given = { drop: "dataTransfer", paste: "clipboardData" }[kind];
            Object.defineProperty(event, given, { value: data });
            document.querySelector("#drop").dispatchEvent(event);
        };
        for (const kind of ["drop", "paste"]) {
            await page.evaluate(bring, kind, readFileSync(portrait, "base64"));
            await page.says("#verdict", /^Identical/);
            await page.state("ready");
        }
    },

    "the camera takes a photo": async ({ open }) => {
        const { page } = await open("?n=4&on=cpu");
        await page.click("#camera");
        await page.until(() => !document.querySelector("#shoot").disabled);
        await page.click("#shoot");
        await page.says("#verdict", /^Identical/);
    },

    "what is no picture is refused, and the next try goes well": async ({ open }) => {
        const { page } = await open("?n=4&on=cpu");
        await page.upload("#file", new URL(import.meta.url).pathname);
        await page.state("error");
        assert.match(await page.text("#alert p"), /not an image/);
        await page.encode();
        assert.ok(await page.evaluate(() => document.querySelector("#alert").hidden));
    },

    "parts of a photo are filled in, and a small one is enlarged": async ({ open }) => {
        const { page } = await open("?n=4&on=cpu");
        await page.encode();
        await page.click("#repair summary");
        await page.click("#part-mouth");
        await page.click("#repair-start");
        await page.says("#message", /^Found three/);
        const [original, ...filled] = await page.pixels("#original, #repair-found canvas");
        assert.equal(filled.length, 4);
        const mean = filled.pop();
        const off = mean.map((value, i) => value - filled.reduce((sum, rgba) => sum + rgba[i], 0) / 3);
        assert.ok(Math.max(...off.map(Math.abs)) <= 0.5, "the fourth is the mean of the three");
        const changed = filled.map((rgba) => rgba.filter((value, i) => value !== original[i]).length);
        assert.ok(
            changed.every((count) => count > 50 && count < original.length / 4),
            `${changed} of ${original.length}`,
        );
        assert.notDeepEqual(filled[0], filled[1]);
        await page.click("#repair-found button:nth-child(2)");
        await page.says("#viewer-title", /filled in$/);
        const [shown] = await page.pixels("#picture");
        assert.deepEqual(shown, filled[1]);

        await page.click("#enlarge summary");
        await page.click("#enlarge-start");
        await page.click("#enlarge-stop");
        await page.says("#message", /^Stopped/);
        await page.state("ready");
    },

    "a finger paints what is to go": async ({ open }) => {
        const { page } = await open("?n=4&on=cpu");
        await page.resize(390, 800);
        await page.encode();
        await page.click("#repair summary");
        await page.click("#unmask");
        const [before] = await page.pixels("#mask");
        const box = await page.evaluate(() => {
            const mask = document.querySelector("#mask");
            mask.scrollIntoView({ block: "center", behavior: "instant" });
            const { left, top, width } = mask.getBoundingClientRect();
            return { left, top, width };
        });
        const at = await page.evaluate(() => scrollY);
        const way = [0.2, 0.35, 0.5, 0.65, 0.8];
        await page.finger(
            way.map((share) => [box.left + share * box.width, box.top + share * box.width].map(Math.round)),
        );
        const [after] = await page.pixels("#mask");
        const painted = after.filter((value, i) => value !== before[i]).length / after.length;
        assert.ok(painted > 0.02 && painted < 0.5, `${painted} of the photo`);
        assert.equal(await page.evaluate(() => scrollY), at, "the page stays where it is");
        await page.until(() => !document.querySelector("#repair-start").disabled);
    },

    "six chapters explain it by a photo": async ({ open }) => {
        const { page } = await open("?n=4&on=cpu");
        await page.encode();
        await page.click("#explain-open");
        await page.shown("#tour");
        await page.state("ready");
        assert.match(await page.text("#tour-title"), /Your photo/);
        await page.set("#flow-step", 72);
        assert.match(await page.text("#flow-where"), /noise$/);
    },
};
