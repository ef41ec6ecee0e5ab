import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { readFile } from "../../www/photo/file.js";
import { fixture, look, open, pixels, speak, start, state } from "./browser.mjs";
import { gif, png } from "./pictures.mjs";

const bytes = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part, "latin1")));
/** A number, least byte first. */
const le = (value) => Buffer.from(Uint32Array.of(value).buffer);
const be = (value) => le(value).reverse();

const grey = [128, 128, 128, 255];
const still = gif(8, 8, [200, 0, 0]);
/** The header of a GIF, its picture as often as wanted, its trailer. */
const gifs = (times) => bytes(still.subarray(0, 19), ...new Array(times).fill(still.subarray(19, -1)), [0x3b]);
const comment = bytes([0x21, 0xfe, 3], "a;,", [0]);
const segment = (marker, body) => bytes([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255], body);
/** With a thumbnail in it, which has an end of its own, and a scan with stuffed and restart marks. */
const jpeg = bytes(
    [0xff, 0xd8],
    segment(0xe1, bytes("Exif\0\0", [0xff, 0xd8, 0xff, 0xda, 0, 2, 7, 0xff, 0xd9])),
    segment(0xda, "header"),
    [1, 2, 0xff, 0, 3, 0xff, 0xd0, 4, 0xff, 0xff],
    [0xff, 0xc4, 0, 4, 9, 9],
    segment(0xda, "header"),
    [5, 6, 0xff, 0xd9],
);
const riff = (chunks) => bytes("RIFF", le(4 + chunks.length), "WEBP", chunks);
const chunk = (name, length) => bytes(name, le(length), Buffer.alloc(length + (length % 2)));
const webp = riff(chunk("VP8 ", 7));
const bmp = bytes("BM", le(60), Buffer.alloc(54));
const avif = bytes(be(16), "ftypavif", be(0), be(12), "mdat", "data");

for (const [what, file, expected] of [
    ["a PNG", png(8, 8, grey), {}],
    ["an animated PNG", png(8, 8, grey, grey), { isMoving: true }],
    ["a PNG without its last byte", png(8, 8, grey).subarray(0, -1), { isWhole: false }],
    ["a GIF", still, {}],
    ["an animated GIF", gifs(2), { isMoving: true }],
    ["a GIF that lacks but the trailer", still.subarray(0, -1), {}],
    ["a GIF with a comment", bytes(still.subarray(0, 19), comment, still.subarray(19)), {}],
    ["a part of a GIF", still.subarray(0, -2), { isWhole: false }],
    ["a GIF without a picture", gifs(0), { isWhole: false }],
    ["a JPEG", jpeg, {}],
    ["a JPEG with something behind it", bytes(jpeg, "more"), {}],
    ["a JPEG that lacks its mark", jpeg.subarray(0, -2), { isWhole: false, lacksMark: true }],
    ["a JPEG that lacks half its mark", jpeg.subarray(0, -1), { isWhole: false, lacksMark: true }],
    ["a JPEG cut in a later table", jpeg.subarray(0, -18), { isWhole: false }],
    ["a JPEG cut in its thumbnail", jpeg.subarray(0, 14), { isWhole: false }],
    ["a JPEG that ends before its scan", bytes(jpeg.subarray(0, 23), [0xff, 0xd9]), { isWhole: false }],
    ["a WebP", webp, {}],
    ["a part of a WebP", webp.subarray(0, -2), { isWhole: false }],
    ["an animated WebP", riff(bytes(chunk("ANIM", 6), chunk("ANMF", 25), chunk("ANMF", 24))), { isMoving: true }],
    ["a WebP of one frame", riff(bytes(chunk("ANIM", 6), chunk("ANMF", 25))), {}],
    ["a bitmap", bmp, {}],
    ["a part of a bitmap", bmp.subarray(0, 40), { isWhole: false }],
    ["an AVIF", avif, {}],
    ["a part of an AVIF", avif.subarray(0, -1), { isWhole: false }],
    ["an AVIF whose last box has no length", bytes(avif, be(0), "mdat", "more"), {}],
    ["an AVIF with a long length", bytes(avif, be(1), "mdat", be(0), be(20), "data"), {}],
    ["an animated AVIF", bytes(be(12), "ftypavis"), { isMoving: true }],
    ["a drawing", bytes("<svg>"), {}],
    ["nothing", bytes(""), {}],
]) {
    test(`what the bytes of ${what} say`, () => {
        const { lacksMark = false, ...facts } = readFile(file);
        assert.deepEqual({ ...facts, lacksMark }, { isWhole: true, isMoving: false, lacksMark: false, ...expected });
    });
}

let chrome;
before(async () => (chrome = await start()));
after(() => chrome.stop());

/** The example as another kind of file. */
async function convert(page, type) {
    const values = await page.evaluate(
        async ([base64, type]) => {
            const file = Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
            const canvas = new OffscreenCanvas(512, 512);
            canvas.getContext("2d").drawImage(await createImageBitmap(new Blob([file])), 0, 0);
            const blob = await canvas.convertToBlob({ type });
            return [...new Uint8Array(await blob.arrayBuffer())];
        },
        [readFileSync(fixture("astronaut.png"), "base64"), type],
    );
    return Buffer.from(values);
}

/** Chooses a file whose name says nothing true; resolves with the model's picture of it, or the sentence that refuses it. */
async function choose(page, buffer) {
    await page.evaluate(() => (document.querySelector("#verdict").textContent = ""));
    await page.setInputFiles("#file", { name: "photo.gif", mimeType: "image/gif", buffer });
    await page.waitForFunction(
        () => document.body.dataset.state === "error" || document.querySelector("#verdict").textContent,
    );
    const refused = (await page.getAttribute("body", "data-state")) === "error";
    if (!refused) {
        await state(page, "ready");
        return pixels(page.locator("#original"));
    }
    const sentence = await page.textContent("#alert p");
    await page.click("#dismiss");
    return sentence;
}

test("a part of a picture is refused in both languages, whatever kind it is; one that lacks but its mark is taken", async () => {
    const { page, problems } = await open(chrome, "?n=4");
    for (const type of ["image/jpeg", "image/webp", "image/png"]) {
        const file = await convert(page, type);
        const whole = await choose(page, file);
        assert.ok(Array.isArray(whole), `${type}: ${whole}`);
        for (const share of [0.1, 0.5, 0.9, 0.99]) {
            const sentence = await choose(page, file.subarray(0, share * file.length));
            assert.equal(sentence, "This image is damaged or cut off.", `${share} of ${type}`);
        }
        if (type === "image/jpeg") assert.deepEqual(await choose(page, file.subarray(0, -2)), whole);
    }
    await speak(page, "zh");
    assert.equal(await choose(page, png(32, 32, grey).subarray(0, -9)), "图片已损坏或不完整。");
    assert.deepEqual(problems, []);
});

test("an animated picture is told, a still one is not", async () => {
    const { page, problems } = await open(chrome, "?n=4");
    const square = gif(32, 32, [200, 0, 0]);
    const pictures = (times) =>
        bytes(square.subarray(0, 19), ...new Array(times).fill(square.subarray(19, -1)), [0x3b]);
    assert.equal((await choose(page, pictures(1)))[0], 200);
    assert.ok(await page.locator("#alert").isHidden());
    assert.equal((await choose(page, square.subarray(0, -1)))[0], 200);
    await choose(page, pictures(2));
    assert.match(await page.locator("#alert").innerText(), /animated/, "still told when it is encoded");
    await look(page, "animated");
    await choose(page, pictures(1));
    assert.ok(await page.locator("#alert").isHidden());
    assert.deepEqual(problems, []);
});
