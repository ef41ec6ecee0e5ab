// A face that is played with, kept and filmed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { largestDifference } from "../browser.mjs";
import { temporary } from "../engine/tidy.mjs";
import { until } from "../engine/until.mjs";

const SMILE = "#sliders label:first-child input";
const link = (page) => page.evaluate(() => location.search);

export default {
    "a slider edits a face; that is undone and done again, and its link shows it": async ({ open }) => {
        const { page, site } = await open("?n=4&seed=1&on=cpu");
        await page.play(2);
        const [before] = await page.pixels("#edited");
        await page.set(SMILE, 1);
        const [smiling] = await page.pixels("#edited");
        assert.ok(largestDifference(smiling, before) > 10);
        await page.act("#undo");
        assert.deepEqual(await page.pixels("#edited"), [before]);
        await page.act("#redo");
        assert.deepEqual(await page.pixels("#edited"), [smiling]);
        const visitor = await open(await link(page), { at: site, ready: false });
        await visitor.page.shown("#editor");
        await visitor.page.state("ready");
        assert.deepEqual(await visitor.page.pixels("#edited"), [smiling]);
    },

    "two faces are mixed, and parts of one drawn anew": async ({ open }) => {
        const { page } = await open("?n=4&seed=1&on=cpu");
        await page.play();
        await page.click("#mix > summary");
        await page.until(() => document.querySelectorAll("#mixes .cell:enabled").length === 6);
        const strip = await page.pixels("#mixes canvas");
        assert.equal(new Set(strip.map(String)).size, 6);
        await page.act("#mixes .cell:nth-child(3)");
        assert.deepEqual(await page.pixels("#edited"), [strip[2]]);
        assert.match(await link(page), /&mix=1:2&at=0.4$/);
        await page.click("#anew > summary");
        await page.act("#anew-fine");
        assert.ok(largestDifference((await page.pixels("#edited"))[0], strip[2]) > 5);
    },

    "a face is kept for the next visit, and saved as a file that brings it back": async ({ open }) => {
        const { page, site } = await open("?n=4&seed=1&on=cpu");
        await page.play(3);
        await page.set(SMILE, 1);
        const edited = await page.pixels("#edited");
        await page.act("#edited-keep");
        await page.shown("#gallery-faces li");
        const { name, bytes } = await page.download(() => page.click("#edited-file"));
        assert.equal(name, "glow-1-3.json");
        const drop = (text) => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([text], "face.json", { type: "application/json" }));
            document.querySelector("#drop").dispatchEvent(new DragEvent("drop", { bubbles: true, dataTransfer }));
        };

        const next = await open("?n=4&seed=2&on=cpu", { at: site });
        await next.page.act("#gallery-faces button");
        await next.page.says("#editor-title", /./);
        await next.page.state("ready");
        assert.deepEqual(await next.page.pixels("#edited"), edited);
        const stranger = await open("?n=4&seed=2&on=cpu");
        await stranger.page.evaluate(drop, String(bytes));
        await stranger.page.says("#editor-title", /^Saved face/);
        await stranger.page.state("ready");
        assert.deepEqual(await stranger.page.pixels("#edited"), edited);
    },

    "an animation is saved as a film that moves": async ({ open }) => {
        const { page } = await open("?n=4&seed=1&on=cpu");
        await page.play();
        await page.click("#animate > summary");
        await page.until(() => document.querySelector("#film").width === 32);
        await page.state("ready");
        await page.click("#loop-faces .cell:nth-child(3)");
        await page.click("#loop-faces .cell:nth-child(2)");
        await page.state("ready");
        const { name, bytes } = await page.download(() => page.click("#animate-save"));
        await page.says("#message", /^The film is made/);
        assert.match(name, /^glow-1-1-loop\.(webm|mp4|png)$/);
        const ending = name.split(".")[1];
        const [type, tag] = { webm: ["video/webm", "video"], mp4: ["video/mp4", "video"], png: ["image/png", "img"] }[
            ending
        ];
        // On a page without this one's policy.
        const more = {
            "/film": [type, bytes],
            "/screen": ["text/html", `<${tag} src="film" muted autoplay loop></${tag}>`],
        };
        const { page: screen } = await open("screen", { more, ready: false });
        const size = () => {
            const film = document.querySelector("video, img");
            const width = film.videoWidth ?? film.naturalWidth;
            return width && [width, film.videoHeight ?? film.naturalHeight];
        };
        assert.deepEqual(await screen.until(size), [512, 512]);
        const { folder, remove } = temporary("film");
        const look = async () => {
            await screen.shoot(join(folder, "film.png"));
            return readFileSync(join(folder, "film.png"));
        };
        const first = await look();
        await until("a film that moves", async () => !first.equals(await look()));
        remove();
    },
};
