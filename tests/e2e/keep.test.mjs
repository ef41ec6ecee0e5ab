import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { edited, mixed, move, playWithFace, playWithPhoto, ready, slider, values } from "./editor.mjs";
import { faces, largestDifference, look, open, pixels, start, state, stored } from "./browser.mjs";
import { faces32 } from "./models.mjs";

let chrome;
before(async () => (chrome = await start()));
after(() => chrome.stop());

const models = new URL("../../models/", import.meta.url);
const weights = readFileSync(new URL("faces32.safetensors", models));

/** Routes to a page whose models are these, and the file of another. */
const offering = (entries, file) => ({
    "**/models/index.json": (route) => route.fulfill({ json: entries }),
    "**/other.safetensors": (route) => route.fulfill({ body: file }),
});

async function copiedLink(page) {
    await page.evaluate(() => navigator.clipboard.writeText(""));
    await page.click("#edited-link");
    await page.waitForFunction(() => navigator.clipboard.readText());
    return new URL(await page.evaluate(() => navigator.clipboard.readText())).search;
}

/** A file of the face in the editor. */
async function saved(page) {
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#edited-file")]);
    const text = readFileSync(await download.path(), "utf8");
    return { name: download.suggestedFilename(), mimeType: "application/json", buffer: Buffer.from(text) };
}

const choose = (page, file) => page.setInputFiles("#file", file);

/** Whether the editor shows a face of this name. */
const benched = async (page, title) => {
    await page.waitForFunction(
        (title) => document.querySelector("#editor-title").textContent.startsWith(title),
        title,
        {
            timeout: 120_000,
        },
    );
    await ready(page);
};

/** Chooses faces, with which the one in the editor is mixed. */
async function mix(page, shape, ...others) {
    if (!(await page.locator("#mix-shape").isVisible())) await page.click("#mix > summary");
    await page.selectOption("#mix-shape", shape);
    for (const [corner, other] of others.entries()) {
        if (shape === "sheet") await page.selectOption("#mix-corner", String(corner));
        await page.locator("#picker").getByRole("button", { name: other }).click();
    }
    await mixed(page, shape === "sheet" ? 25 : 6);
}

/** Sees the same in a fresh page. */
async function visit(page, query) {
    const visitor = await open(chrome, query, { ready: false });
    await ready(visitor.page);
    assert.deepEqual(await edited(visitor.page), await edited(page), query);
    assert.deepEqual(await values(visitor.page), await values(page));
    assert.equal(await copiedLink(visitor.page), await copiedLink(page));
    assert.deepEqual(visitor.problems, []);
    await visitor.context.close();
}

test("links carry mixtures, on a line, on a sheet, by level, of other sheets, with all else that is done", async () => {
    const { page, problems } = await open(chrome, "?n=9&seed=1&on=cpu");
    await playWithFace(page, 2);
    await mix(page, "strip", "Face 5 of seed 1");
    await page.locator("#mixes .cell").nth(2).click();
    await state(page, "ready");
    assert.equal(await copiedLink(page), "?model=faces32&seed=1&t=0.7&face=2&mix=1:5&at=0.4");
    assert.match(page.url(), /&face=2&mix=1:5&at=0.4$/, "the address has it, too");
    await visit(page, await copiedLink(page));
    await visit(page, new URL(page.url()).search);

    await page.click("#mix details summary");
    await page.locator("#mix-levels input").first().fill("1");
    await move(page, "Smile", 1);
    await page.click("#anew > summary");
    await page.click("#anew-fine");
    await state(page, "ready");
    assert.match(await copiedLink(page), /&edit=Smiling:1&anew=1:\d+,2:\d+&mix=1:5&at=0.4,0.4,1$/);
    await visit(page, await copiedLink(page));

    // Another sheet, at other temperatures.
    await page.fill("#seed", "6");
    await page.fill("#temperature", "0.5");
    await page.locator("#seed").blur();
    await state(page, "ready");
    await mix(page, "sheet", "Face 3 of seed 6", "Face 1 of seed 6", "Face 9 of seed 6");
    await page.locator("#mixes .cell").nth(12).click();
    await state(page, "ready");
    assert.match(await copiedLink(page), /&mix=6:3@0.5,6:1@0.5,6:9@0.5&at=0.5:0.5$/);
    await visit(page, await copiedLink(page));
    assert.ok((await copiedLink(page)).length < 500);
    assert.deepEqual(problems, []);
});

test("what came by a link is edited on, and taken back", async () => {
    const { page } = await open(chrome, "?n=9&seed=1&face=2&mix=1:5&at=0.4&on=cpu", { ready: false });
    await ready(page);
    const came = await edited(page);
    await page.click("#mix > summary");
    await mixed(page, 6);
    assert.deepEqual(await pixels(page.locator("#mixes canvas").nth(2)), came);
    assert.equal(await page.locator("#picker [aria-pressed=true]").getAttribute("aria-label"), "Face 5 of seed 1");
    await move(page, "Smile", 1);
    await page.click("#undo");
    await state(page, "ready");
    assert.deepEqual(await edited(page), came);
    await page.click("#reset");
    await state(page, "ready");
    assert.deepEqual(await edited(page), (await faces(page))[1]);
});

test("a mixture that makes no sense is told, and the sheet shown", async () => {
    const { page, problems } = await open(chrome, "?n=4&seed=1&on=cpu&face=2&mix=1:5&at=1.5");
    assert.match(await page.textContent("#alert p"), /^The link is damaged/);
    assert.equal(await page.textContent("#message"), "Here are the faces of the link’s seed.");
    assert.equal((await faces(page)).length, 4);
    assert.ok(await page.locator("#editor").isHidden());
    assert.doesNotMatch(page.url(), /mix=/);
    await look(page, "damaged-link");
    const read = (query) =>
        page.evaluate(async (query) => {
            const main = document.querySelector("script[type=module]").src;
            const part = (name) => import(new URL(name, main).href);
            const [address, link] = await Promise.all([part("./page/address.js"), part("./play/link.js")]);
            return link.read(address.read(query), [0.7, 0.6, 0.5]);
        }, query);
    for (const bad of [
        "?mix=nonsense&at=0.4",
        "?mix=1:5",
        "?at=0.4",
        "?mix=&at=",
        "?mix=1:5&at=",
        "?mix=1:5&at=-0.1",
        "?mix=1:5&at=NaN",
        "?mix=1:5&at=0.4,0.4",
        "?mix=1:5&at=0.4:0.1:0.1",
        "?mix=1:0&at=0.4",
        "?mix=1:5@0.7:0.7&at=0.4",
        "?mix=1:5@99&at=0.4",
        "?mix=99999999999999999999:1&at=0.4",
        `?mix=${"1:5,".repeat(100_000)}1:5&at=0.4`,
    ]) {
        assert.equal(await read(bad), "bad", bad.slice(0, 80));
    }
    const at = [0, 0.5, 1].map((x) => [x, 0.2]);
    assert.deepEqual(await read("?mix=8:5,9:1@0.7,9:2@0.1:0.2:0.3&at=0:0.2,0.5:0.2,1:0.2"), {
        samples: [
            { seed: 8, index: 4, temperature: [0.7, 0.6, 0.5] },
            { seed: 9, index: 0, temperature: [0.7, 0.7, 0.7] },
            { seed: 9, index: 1, temperature: [0.1, 0.2, 0.3] },
        ],
        at,
    });
    assert.deepEqual(problems, []);
});

test("what has a photo in it has no link, and what is too long", async () => {
    const { page } = await open(chrome, "?n=4&seed=1&on=cpu");
    await playWithPhoto(page);
    await playWithFace(page, 2);
    assert.ok(await page.locator("#edited-link").isVisible());
    assert.ok(await page.locator("#unlinked").isHidden());
    await mix(page, "strip", "Your photo");
    await page.fill("#across", "0.5");
    await state(page, "ready");
    assert.ok(await page.locator("#edited-link").isHidden());
    assert.match(await page.textContent("#unlinked"), /photos and saved faces/);
    assert.doesNotMatch(page.url(), /face=|mix=/);

    const long = [{ ...faces32, name: "x".repeat(480) }];
    const other = await open(chrome, "?n=4&seed=1&on=cpu", { routes: offering(long) });
    await playWithFace(other.page, 2);
    assert.ok(await other.page.locator("#edited-link").isHidden());
    assert.match(await other.page.textContent("#unlinked"), /too long/);
});

test("a photo is saved as a file with its edits, and opened again to the pixel", async () => {
    const { page, context, problems } = await open(chrome, "?n=4&on=cpu");
    const requests = [];
    context.on("request", (request) => requests.push([request.method(), request.url(), request.postData()]));
    await playWithPhoto(page);
    const photo = await pixels(page.locator("#original"));
    await move(page, "Smile", 1.2);
    const [shown, set] = [await edited(page), await values(page)];
    const file = await saved(page);
    assert.equal(file.name, "glow-photo.json");
    assert.ok(file.buffer.length < 20_000, `${file.buffer.length} bytes`);
    const { model, edits, latents, ...rest } = JSON.parse(file.buffer);
    assert.deepEqual(rest, { format: "glow-face", version: 1 });
    assert.deepEqual(model, { name: "faces32", sha256: faces32.sha256 });
    assert.deepEqual(edits, { Smiling: 1.2 });
    assert.deepEqual(
        latents.map(({ shape, float32 }) => [shape, Buffer.from(float32, "base64").length]),
        [
            [[16, 16, 6], 6144],
            [[8, 8, 12], 3072],
            [[4, 4, 48], 3072],
        ],
    );
    const dropped = ([kind, text]) => {
        const data = new DataTransfer();
        data.items.add(new File([text], "face.json", { type: "application/json" }));
        const init = { bubbles: true, cancelable: true };
        const event =
            kind === "paste"
                ? new ClipboardEvent("paste", { ...init, clipboardData: data })
                : new DragEvent("drop", { ...init, dataTransfer: data });
        document.querySelector("#drop").dispatchEvent(event);
    };
    for (const bring of [
        (page) => choose(page, file),
        (page) => page.evaluate(dropped, ["drop", String(file.buffer)]),
        (page) => page.evaluate(dropped, ["paste", String(file.buffer)]),
    ]) {
        const visitor = await open(chrome, "?n=4&on=cpu");
        visitor.context.on("request", (request) =>
            requests.push([request.method(), request.url(), request.postData()]),
        );
        await bring(visitor.page);
        await benched(visitor.page, "Saved face");
        assert.deepEqual([await edited(visitor.page), await values(visitor.page)], [shown, set]);
        assert.ok(await visitor.page.locator("#edited-link").isHidden());
        assert.deepEqual(JSON.parse((await saved(visitor.page)).buffer), JSON.parse(file.buffer));
        await visitor.page.click("#reset");
        await state(visitor.page, "ready");
        assert.deepEqual(await edited(visitor.page), photo, "the photo itself");
        assert.deepEqual(visitor.problems, []);
        await visitor.context.close();
    }
    for (const [method, url, body] of requests) {
        assert.equal(method, "GET");
        assert.equal(body, null);
        assert.ok(url.length < 200, url);
    }
    assert.deepEqual(problems, []);
});

test("a file holds a mixture and what was drawn anew as one face", async () => {
    const { page } = await open(chrome, "?n=4&seed=1&on=cpu");
    await playWithPhoto(page);
    await mix(page, "strip", "Face 2 of seed 1");
    await page.fill("#across", "0.5");
    await page.click("#anew > summary");
    await page.click("#anew-fine");
    await move(page, "Glasses", 1);
    const [shown, file] = [await edited(page), await saved(page)];
    assert.equal(JSON.parse(file.buffer).latents.length, 3);
    const { page: other } = await open(chrome, "?n=4&on=cpu");
    await choose(other, file);
    await benched(other, "Saved face");
    assert.deepEqual(await edited(other), shown);
});

test("files that are no faces of this page are refused in a sentence, and what was there stays", async () => {
    const { page, problems } = await open(chrome, "?n=4&seed=1&on=cpu");
    await playWithFace(page, 2);
    await move(page, "Smile", 1);
    const before = await edited(page);
    const face = JSON.parse((await saved(page)).buffer);
    const float32 = (values) => Buffer.from(Float32Array.from(values).buffer).toString("base64");
    const level = (change) => ({ ...face, latents: [{ ...face.latents[0], ...change }, ...face.latents.slice(1)] });
    const text = JSON.stringify(face);
    for (const [what, content, sentence] of [
        ["cut", text.slice(0, 5000), /damaged or cut off/],
        ["foreign", '{"name": "glow-page"}', /neither a picture nor a face/],
        ["an array", "[1, 2]", /not an image/],
        ["newer", { ...face, version: 2 }, /another version of this page/],
        ["another model's", { ...face, model: { name: "faces64", sha256: "0".repeat(64) } }, /the model faces64/],
        ["no model's", { ...face, model: null }, /damaged/],
        ["without latents", { ...face, latents: undefined }, /damaged/],
        ["without a level", { ...face, latents: face.latents.slice(1) }, /damaged/],
        ["of other shapes", level({ shape: [6, 16, 16] }), /damaged/],
        ["short", level({ float32: float32([1, 2, 3]) }), /damaged/],
        ["not base64", level({ float32: "§" }), /damaged/],
        ["not a number", level({ float32: float32(Array(1536).fill(NaN)) }), /damaged/],
        ["infinite", level({ float32: float32(Array(1536).fill(Infinity)) }), /damaged/],
        ["edited beyond numbers", text.replace('"Smiling":1', '"Smiling":1e999'), /damaged/],
        ["large", `{${" ".repeat(4_000_001)}}`, /more than 4 MB/],
    ]) {
        const buffer = Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
        await choose(page, { name: "face.json", mimeType: "application/json", buffer });
        await state(page, "error");
        assert.match(await page.textContent("#alert p"), sentence, what);
        assert.match(await page.textContent("#editor-title"), /^Face 2/, what);
        assert.deepEqual(await edited(page), before, what);
        if (what === "another model's") await look(page, "foreign-face");
        await page.click("#dismiss");
        await state(page, "ready");
    }
    // As large as a number can be: no face, but no crash.
    const buffer = Buffer.from(JSON.stringify(level({ float32: float32(Array(1536).fill(3e38)) })));
    await choose(page, { name: "face.json", mimeType: "application/json", buffer });
    await benched(page, "Saved face");
    assert.deepEqual(problems, []);
});

const cells = (page) => page.locator("#gallery-faces .cell");
const kept = (page, count) =>
    page.waitForFunction(
        (count) =>
            document.querySelectorAll("#gallery-faces li").length === count && document.body.dataset.state === "ready",
        count,
    );

test("faces are kept, survive a reload, come back to the pixel, and are deleted", async () => {
    const { page, context, problems } = await open(chrome, "?n=9&seed=1&on=cpu");
    const loaded = [];
    context.on("request", (request) => loaded.push(new URL(request.url()).pathname));
    assert.ok(await page.locator("#gallery").isHidden());
    await page.locator(".face").nth(3).click();
    await page.click("#keep");
    await kept(page, 1);
    assert.ok(loaded.some((path) => path.endsWith("/keep/gallery.js")));

    await playWithFace(page, 2);
    await mix(page, "strip", "Face 5 of seed 1");
    await page.fill("#across", "0.4");
    await move(page, "Smile", 1);
    const mixture = await edited(page);
    await page.click("#edited-keep");
    await kept(page, 2);
    await playWithPhoto(page);
    await move(page, "Glasses", 1);
    const photo = await edited(page);
    await page.click("#edited-keep");
    await kept(page, 3);
    assert.deepEqual(await pixels(cells(page).nth(2).locator("canvas")), photo);
    await look(page, "gallery");

    const records = await stored(page);
    assert.deepEqual(
        records.map(({ link }) => link),
        [
            "?model=faces32&seed=1&t=0.7&face=4",
            "?model=faces32&seed=1&t=0.7&face=2&edit=Smiling:1&mix=1:5&at=0.4",
            undefined,
        ],
    );

    await page.goto(chrome.url + "?n=4&seed=3&on=cpu");
    await state(page, "ready");
    await kept(page, 3);
    const names = await cells(page).evaluateAll((all) => all.map((cell) => cell.getAttribute("aria-label")));
    assert.deepEqual(
        names.map((name) => name.slice(0, 29)),
        ["Kept face 1, Face 4 of seed 1", "Kept face 2, Face 2 of seed 1", "Kept face 3, Saved face: play"],
    );
    await cells(page).nth(1).click();
    await benched(page, "Face 2 of seed 1");
    assert.deepEqual(await edited(page), mixture);
    await cells(page).nth(2).click();
    await benched(page, "Saved face");
    assert.deepEqual(await edited(page), photo);
    assert.equal(await slider(page, "Glasses").inputValue(), "1");
    await page.locator("#gallery-faces li").nth(1).getByRole("button", { name: "Delete" }).click();
    await kept(page, 2);
    assert.equal((await stored(page)).length, 2);

    page.once("dialog", (dialog) => dialog.dismiss());
    await page.click("#gallery-clear");
    assert.equal((await stored(page)).length, 2, "not without a yes");
    page.once("dialog", (dialog) => dialog.accept());
    await page.click("#gallery-clear");
    await kept(page, 0);
    assert.deepEqual(await stored(page), []);
    assert.match(await page.textContent("#gallery-none"), /No face is kept/);
    assert.equal(await page.evaluate(() => document.activeElement.id), "gallery-title");
    await page.reload();
    await state(page, "ready");
    assert.ok(await page.locator("#gallery").isHidden());
    assert.deepEqual(problems, []);
});

test("the gallery is kept by keyboard alone, in Chinese, on a phone", async () => {
    const { page, problems } = await open(chrome, "?n=4&seed=1&on=cpu", {
        viewport: { width: 390, height: 800 },
        locale: "zh-CN",
    });
    const press = async (selector) => {
        await page.focus(selector);
        await page.keyboard.press("Enter");
    };
    for (const count of [1, 2]) {
        await press(`.face:nth-child(${count})`);
        await press("#keep");
        await kept(page, count);
    }
    assert.equal(await page.textContent("#message"), "已收藏在此设备上：见“收藏的脸”。");
    await press("#gallery-faces li:first-child .cell");
    await benched(page, "种子 1 的第 1 张脸");
    await press("#gallery-faces li:first-child button:last-child");
    await kept(page, 1);
    const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label"));
    assert.equal(await focused(), "删除收藏 1，种子 1 的第 2 张脸", "the keyboard goes on to the next");
    await page.keyboard.press("Enter");
    await kept(page, 0);
    assert.deepEqual(problems, []);
});

test("a kept face of another model says so, and brings its model along", async () => {
    // The same weights that say something else of themselves.
    const other = Buffer.from(weights);
    other.write("P", other.indexOf("photographs"));
    const second = {
        ...faces32,
        name: "other",
        file: "other.safetensors",
        sha256: createHash("sha256").update(other).digest("hex"),
    };
    const { page, problems } = await open(chrome, "?n=4&seed=1&on=cpu&model=other", {
        routes: offering([faces32, second], other),
    });
    await page.click("#keep");
    await kept(page, 1);
    assert.equal(await page.textContent("#gallery-faces .hint"), "");
    await playWithFace(page, 2);
    const [face, file] = [await edited(page), await saved(page)];
    await page.selectOption("#models", "faces32");
    await page.waitForFunction(() => document.querySelector("#gallery-faces .hint").textContent);
    assert.equal(await page.textContent("#gallery-faces .hint"), "by the model other");
    await state(page, "ready");
    await cells(page).click();
    await benched(page, "Face 1 of seed 1");
    assert.equal(await page.inputValue("#models"), "other");
    assert.match(page.url(), /model=other/);
    await page.selectOption("#models", "faces32");
    await page.waitForFunction(() => document.querySelector("#editor").hidden);
    await state(page, "ready");
    await choose(page, file);
    await benched(page, "Saved face");
    assert.equal(await page.inputValue("#models"), "other");
    assert.deepEqual(await edited(page), face);

    // A page that does not have it.
    await page.unroute("**/models/index.json");
    await page.goto(chrome.url + "?model=faces32&n=4&seed=1&on=cpu");
    await state(page, "ready");
    await cells(page).click();
    await state(page, "error");
    assert.match(await page.textContent("#alert p"), /the model other, .* does not have/);
    assert.deepEqual(problems, []);
});

test("storage that is full, silent or not to be had is told", async () => {
    for (const [script, sentence] of [
        [
            () =>
                (IDBFactory.prototype.open = () => {
                    throw new DOMException("", "SecurityError");
                }),
            /does not let the page keep anything/,
        ],
        [() => (IDBFactory.prototype.open = () => new EventTarget()), /does not let the page keep anything/],
        [() => (IDBFactory.prototype.databases = undefined), undefined],
        [
            () =>
                (IDBObjectStore.prototype.add = () => {
                    throw new DOMException("", "QuotaExceededError");
                }),
            /no room left/,
        ],
        [() => Object.defineProperty(globalThis, "indexedDB", { value: undefined }), /does not let/],
    ]) {
        const { page, context, problems } = await open(chrome, "?n=4&seed=1&on=cpu", { script });
        await page.click("#keep");
        if (!sentence) {
            await kept(page, 1);
        } else {
            await state(page, "error");
            assert.match(await page.textContent("#alert p"), sentence);
            assert.ok(await page.locator("#gallery").isHidden());
            await page.click("#dismiss");
            await playWithFace(page, 2);
            assert.deepEqual(await edited(page), (await faces(page))[1]);
        }
        assert.deepEqual(problems, []);
        await context.close();
    }
});
