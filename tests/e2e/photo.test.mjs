import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { program } from "../../pkg-scripts/onnx.mjs";
import { playWithFace } from "./editor.mjs";
import {
    STEPS,
    fixture,
    faces,
    largestDifference,
    look,
    open,
    pixels,
    portraits,
    speak,
    start,
    state,
} from "./browser.mjs";
import { faces32, withSmall } from "./models.mjs";
import { displayP3, drawing, gif, oriented, png } from "./pictures.mjs";

const astronaut = fixture("astronaut.png");
let chrome;
before(async () => (chrome = await start()));
after(() => chrome.stop());

const choose = (page, name, buffer, mimeType = "image/png") => page.setInputFiles("#file", { name, mimeType, buffer });
const encoded = (page) => page.waitForFunction(() => document.querySelector("#verdict").textContent);
const latents = async (page) => Promise.all((await page.locator("#latents canvas").all()).map(pixels));

test("a photo comes back identical", async () => {
    const { page, problems } = await open(chrome, "?n=4");
    await page.setInputFiles("#file", astronaut);
    await encoded(page);
    await state(page, "ready");
    assert.match(await page.textContent("#verdict"), /^Identical: none of the \S+ colour values differs/);
    const [original, rebuilt] = [await pixels(page.locator("#original")), await pixels(page.locator("#rebuilt"))];
    assert.equal(original.length, 32 * 32 * 4);
    assert.deepEqual(rebuilt, original);
    assert.ok(new Set(original).size > 50, "a picture");
    assert.match(await page.textContent("#bits"), /\d\.\d\d bits per dimension/);
    assert.equal((await latents(page)).length, 3);
    await look(page, "photo");

    // An eye is moved by keyboard: another picture, identical again.
    await page.focus("#eye-left");
    for (let i = 0; i < 20; i++) await page.keyboard.press("ArrowUp");
    await state(page, "ready");
    const turned = await pixels(page.locator("#original"));
    assert.ok(largestDifference(turned, original) > 50);
    assert.deepEqual(await pixels(page.locator("#rebuilt")), turned);
    assert.deepEqual(problems, []);
    await look(page, "crop");
});

test("a picture that the flow alone cannot bring back comes back by its correction, as a file too", async () => {
    const { page, problems } = await open(chrome, "?model=cifar10&n=4");
    const noise = await page.evaluate(async () => {
        const small = new OffscreenCanvas(32, 32);
        let value = 1;
        const data = Uint8ClampedArray.from({ length: 32 * 32 * 4 }, (_, i) => {
            value = (Math.imul(value, 1664525) + 1013904223) >>> 0;
            return i % 4 === 3 || value >>> 31 ? 255 : 0;
        });
        small.getContext("2d").putImageData(new ImageData(data, 32), 0, 0);
        const canvas = new OffscreenCanvas(512, 512);
        const context = canvas.getContext("2d");
        context.imageSmoothingEnabled = false;
        context.drawImage(small, 0, 0, 512, 512);
        return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
    });
    await choose(page, "noise.png", Buffer.from(noise));
    await encoded(page);
    await state(page, "ready");
    assert.match(await page.textContent("#verdict"), /^Identical, once \d+ of \S+ colour values are corrected/);
    assert.deepEqual(await axis(page), { labels: ["3.61"], overlaps: 0, wrong: [] });
    const original = await pixels(page.locator("#original"));
    await page.click("#photo-edit");
    await page.waitForSelector("#editor:not([hidden])");
    await state(page, "ready");
    assert.deepEqual(await pixels(page.locator("#edited")), original);
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#edited-file")]);
    const file = readFileSync(await download.path());
    const again = await open(chrome, "?model=cifar10&n=4");
    await choose(again.page, "noise.json", file, "application/json");
    await again.page.waitForSelector("#editor:not([hidden])");
    await state(again.page, "ready");
    assert.deepEqual(await pixels(again.page.locator("#edited")), original);
    assert.deepEqual(problems, []);
});

/** The labels of the bits' axis, how many of them lie on others, and what is no number in it. */
const axis = (page) =>
    page.locator("#bits svg").evaluate((plot) => {
        const texts = [...plot.querySelectorAll("text")];
        const boxes = texts.map((text) => text.getBoundingClientRect());
        const overlaps = boxes.filter((a, i) => boxes.slice(i + 1).some((b) => a.left < b.right && b.left < a.right));
        const wrong = plot.innerHTML.match(/NaN|Infinity/g) ?? [];
        return { labels: texts.map(({ textContent }) => textContent), overlaps: overlaps.length, wrong };
    });

test("the axis of the bits is drawn for pictures however improbable", async () => {
    const { page, problems } = await open(chrome, "?n=4");
    await page.setInputFiles("#file", astronaut);
    await encoded(page);
    await state(page, "ready");
    const known = ["p1", "p50", "p99"].map((name) => faces32.percentiles[name].toFixed(2));
    assert.deepEqual(await axis(page), { labels: known, overlaps: 0, wrong: [] });
    for (const bits of [-20, -1, 0.8, 1, 3, 4, 8, 60, 1e30, Infinity, NaN]) {
        await page.evaluate(
            async ([bits, entry]) => {
                const main = document.querySelector("script[type=module]").src;
                const { showBits } = await import(new URL("./photo/bits.js", main).href);
                showBits(document.querySelector("#bits"), bits, 3, entry);
            },
            [bits, faces32],
        );
        const { labels, ...faults } = await axis(page);
        assert.ok(labels.includes(known[1]), `${bits}: ${labels}`);
        assert.deepEqual(faults, { overlaps: 0, wrong: [] }, `${bits}: ${labels}`);
    }
    assert.deepEqual(problems, []);
});

/** What the colours of the map stand for on its scale. */
async function mapped(page) {
    const colours = (values) => values.flatMap((_, i) => (i % 4 ? [] : [values.slice(i, i + 3)]));
    const [map, scale] = await Promise.all(["#map", "#map-scale"].map((id) => pixels(page.locator(id))));
    const shades = colours(scale).map(String);
    const end = Number(await page.textContent("#map-end"));
    const nearest = (colour) => {
        const distances = shades.map((shade) => largestDifference(shade.split(","), colour));
        return distances.indexOf(Math.min(...distances));
    };
    return colours(map).map((colour) => (nearest(colour) / (shades.length - 1)) * end);
}

test("a map shows where the bits lie, in colours and in words", async () => {
    const maps = [];
    for (const on of ["cpu", "webgpu"]) {
        const { page, problems } = await open(chrome, `?n=4&on=${on}`);
        const early = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
        assert.ok(!early.some((name) => name.endsWith("/photo/map.js")));
        await page.waitForFunction((on) => document.body.dataset.backend === on, on);
        await page.setInputFiles("#file", astronaut);
        await page.waitForSelector("#bits-map:not([hidden])");
        await state(page, "ready");
        const bits = Number((await page.textContent("#bits")).match(/\d\.\d\d/)[0]);
        const map = await mapped(page);
        assert.equal(map.length, 32 * 32);
        const mean = map.reduce((sum, value) => sum + value, 0) / map.length;
        assert.ok(Math.abs(mean - bits) < 0.1, `${on}: the map has ${mean}, the photo ${bits}`);
        assert.match(await page.getAttribute("#map", "aria-label"), /^Where the bits lie. Most: [a-z ]+, \d\.\d bits/);
        assert.equal(await page.getAttribute("body", "data-backend"), on);
        await speak(page, "zh");
        assert.match(await page.getAttribute("#map", "aria-label"), /^比特在何处。最多：.{2}，每维 \d\.\d 比特/);
        assert.deepEqual(problems, []);
        maps.push(map);
    }
    assert.ok(largestDifference(...maps) < 0.05);
});

test("the view follows pointer, wheel, slider and keys; the picture follows the rings", async () => {
    const { page } = await open(chrome, "?n=4");
    await page.setInputFiles("#file", astronaut);
    await encoded(page);
    await state(page, "ready");
    const crop = page.locator("#crop");
    await crop.scrollIntoViewIfNeeded();
    const view = () => crop.evaluate((canvas) => canvas.toDataURL());
    const picture = async () => String(await pixels(page.locator("#original")));
    const before = await picture();
    const seen = [await view()];
    await page.fill("#scale", "0.7");
    seen.push(await view());
    const { x, y, width } = await crop.boundingBox();
    const drag = async (fromX, fromY, toX, toY) => {
        await page.mouse.move(fromX, fromY);
        await page.mouse.down();
        await page.mouse.move(toX, toY);
        await page.mouse.up();
    };
    await drag(x + width / 2, y + width - 9, x + width / 3, y + width / 2);
    seen.push(await view());
    await page.mouse.wheel(0, 100);
    seen.push(await view());
    await page.focus("#crop");
    for (const key of ["-", "ArrowRight", "ArrowDown"]) {
        await page.keyboard.press(key);
        seen.push(await view());
    }
    assert.equal(new Set(seen).size, 7);
    await page.mouse.move(x + width / 2, y);
    assert.equal(await view(), seen[6], "moves only while pressed");
    assert.equal(await picture(), before);

    await page.focus("#eye-right");
    const ring = await page.locator("#eye-right").boundingBox();
    const [ringX, ringY] = [ring.x + ring.width / 2, ring.y + ring.height / 2];
    assert.ok(ringX > x && ringX < x + width && ringY > y && ringY < y + width, "in view when it has the focus");
    await drag(ringX, ringY, ringX + 20, ringY + 10);
    const moved = await page.locator("#eye-right").boundingBox();
    assert.ok(Math.abs(moved.x - ring.x - 20) < 1 && Math.abs(moved.y - ring.y - 10) < 1);
    await state(page, "ready");
    assert.notEqual(await picture(), before);
});

test("a photo finds its own frame, and what finds it loads with the first photo", async () => {
    const { page, problems } = await open(chrome, "?n=4");
    const loaded = [];
    page.context().on("request", (request) => loaded.push(new URL(request.url()).pathname));
    const early = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
    assert.ok(!early.some((name) => name.includes("/eyes/")));
    const shown = async (width, height, place) => {
        await page.evaluate(() => (document.querySelector("#verdict").textContent = ""));
        await page.setInputFiles("#file", await portraits(page, width, height, [place]));
        await encoded(page);
        await state(page, "ready");
        assert.match(await page.textContent("#found"), /^(A face was|\d faces were) found/);
        return pixels(page.locator("#original"));
    };
    const upright = await shown(512, 512, [0, 0, 512, 0]);
    assert.ok(loaded.some((name) => name.endsWith("/eyes/eyes_bg.wasm")));
    for (const [width, height, place] of [
        [700, 600, [80, 40, 512, 10]],
        [900, 500, [400, 60, 400, -10]],
    ]) {
        const other = await shown(width, height, place);
        const difference = other.reduce((sum, value, i) => sum + Math.abs(value - upright[i]), 0) / other.length;
        assert.ok(difference < 12, `${place}: ${difference} of 255`);
    }
    await look(page, "turned");
    assert.deepEqual(problems, []);
});

test("a model of other pictures takes the middle of a photo, and nothing speaks of faces", async () => {
    const { page, problems } = await open(chrome, "?model=small&n=4", { routes: withSmall() });
    const loaded = [];
    page.context().on("request", (request) => loaded.push(new URL(request.url()).pathname));
    await page.setInputFiles("#file", astronaut);
    await encoded(page);
    await state(page, "ready");
    assert.ok(!loaded.some((name) => name.includes("/eyes/")));
    assert.match(await page.textContent("#verdict"), /^Identical/);
    assert.equal(await page.textContent("#found"), "");
    const middle = await pixels(page.locator("#original"));
    await page.focus("#eye-left");
    await page.keyboard.press("ArrowLeft");
    await state(page, "ready");
    assert.notDeepEqual(await pixels(page.locator("#original")), middle);
    await page.click("#photo-edit");
    await state(page, "ready");
    await look(page, "pictures");
    for (const language of ["en", "zh"]) {
        await speak(page, language);
        const seen = await page.evaluate(() => document.querySelector("main").innerText.replaceAll(/faces\d+/g, ""));
        assert.doesNotMatch(seen, /face|脸|面孔/i);
    }

    await page.selectOption("#models", "faces32");
    await page.waitForFunction(() => document.querySelector("#found").textContent);
    await state(page, "ready");
    assert.match(await page.textContent("#faces-title"), /人脸/);
    assert.ok(loaded.some((name) => name.endsWith("/eyes/eyes_bg.wasm")));
    assert.deepEqual(problems, []);
});

test("of several faces one is chosen", async () => {
    const { page } = await open(chrome, "?n=4");
    const two = [
        [0, 0, 512, 0],
        [540, 60, 350, 8],
    ];
    await page.setInputFiles("#file", await portraits(page, 900, 512, two));
    await encoded(page);
    await state(page, "ready");
    assert.match(await page.textContent("#found"), /^2 faces/);
    const first = await pixels(page.locator("#original"));
    const faces = page.locator("#found-faces button");
    assert.equal(await faces.nth(0).getAttribute("aria-pressed"), "true");
    await faces.nth(1).focus();
    await page.keyboard.press("Enter");
    await state(page, "ready");
    assert.notDeepEqual(await pixels(page.locator("#original")), first);
    assert.equal(await faces.nth(1).getAttribute("aria-pressed"), "true");
    await look(page, "several");
    await faces.nth(0).click();
    await state(page, "ready");
    assert.deepEqual(await pixels(page.locator("#original")), first);
});

test("where no face is found, or what finds them cannot be loaded, the eyes are set by hand", async () => {
    for (const [name, routes, sentence] of [
        ["chelsea.png", {}, /^No face was found/],
        ["astronaut.png", { "**/eyes/*": (route) => route.abort() }, /did not work/],
    ]) {
        const { page } = await open(chrome, "?n=4", { routes });
        await page.setInputFiles("#file", fixture(name));
        await encoded(page);
        await state(page, "ready");
        assert.match(await page.textContent("#found"), sentence);
        const before = await pixels(page.locator("#original"));
        if (name === "chelsea.png") {
            assert.match(
                await page.textContent("#bits"),
                /busy.* more than (nearly every|about 9\d of 100) test photo/,
            );
        }
        await look(page, name === "chelsea.png" ? "no-face" : "no-finder");
        await page.focus("#eye-right");
        await page.keyboard.press("ArrowLeft");
        await state(page, "ready");
        assert.notDeepEqual(await pixels(page.locator("#original")), before);
    }
});

test("a photo flows, too", async () => {
    const { page } = await open(chrome, "?n=4");
    await page.setInputFiles("#file", astronaut);
    await encoded(page);
    await state(page, "ready");
    await page.click("#photo-flow");
    assert.equal(await page.textContent("#viewer-title"), "Your photo");
    await page.waitForFunction((steps) => Number(document.querySelector("#scrubber").value) < steps, STEPS);
    await page.waitForFunction((steps) => document.querySelector("#scrubber").value === steps, String(STEPS));
    assert.deepEqual(await pixels(page.locator("#picture")), await pixels(page.locator("#rebuilt")));
});

test("drop, paste, camera and the example bring photos", async () => {
    const { page, problems } = await open(chrome, "?n=4");
    const base64 = readFileSync(astronaut, "base64");
    const transfer = (kind) =>
        page.evaluate(
            ([kind, base64]) => {
                const data = new DataTransfer();
                data.items.add(
                    new File([Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0))], "a.png", {
                        type: "image/png",
                    }),
                );
                const init = { bubbles: true, cancelable: true };
                const event =
                    kind === "paste"
                        ? new ClipboardEvent("paste", { ...init, clipboardData: data })
                        : new DragEvent("drop", { ...init, dataTransfer: data });
                document.querySelector("#drop").dispatchEvent(event);
            },
            [kind, base64],
        );
    const pictures = [];
    const take = async (act) => {
        await page.evaluate(() => (document.querySelector("#verdict").textContent = ""));
        await act();
        await encoded(page);
        await state(page, "ready");
        pictures.push(String(await pixels(page.locator("#original"))));
    };
    await take(() => transfer("drop"));
    await take(() => transfer("paste"));
    await take(async () => {
        await page.evaluate(async (base64) => {
            const bytes = Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
            const png = new Blob([bytes], { type: "image/png" });
            await navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
        }, base64);
        await page.click("#paste");
    });
    await take(() => page.click("#example"));
    assert.equal(new Set(pictures).size, 1, "the same photo by every way");
    await take(async () => {
        await page.click("#camera");
        await page.waitForFunction(() => document.querySelector("video").videoWidth > 0);
        await page.click("#shoot");
    });
    assert.equal(new Set(pictures).size, 2);
    assert.ok(await page.locator("#webcam").isHidden());
    assert.deepEqual(problems, []);
});

/** A script for `open`: leaves in `streams` what the camera gave. */
function watchCamera() {
    globalThis.streams = [];
    const { getUserMedia } = MediaDevices.prototype;
    MediaDevices.prototype.getUserMedia = async function (...wanted) {
        const stream = await getUserMedia.apply(this, wanted);
        globalThis.streams.push(stream);
        return stream;
    };
}

test("a camera does not stay on, whatever is pressed", async () => {
    const { page, problems } = await open(chrome, "?n=4", { script: watchCamera });
    const on = () =>
        page.evaluate(() => {
            const tracks = globalThis.streams.flatMap((stream) => stream.getTracks());
            return tracks.filter(({ readyState }) => readyState === "live").length;
        });
    await page.evaluate(() => [1, 2].forEach(() => document.querySelector("#camera").click()));
    await page.waitForFunction(() => globalThis.streams.length === 2 && !document.querySelector("#shoot").disabled);
    assert.equal(await on(), 1);
    await page.click("#camera-off");
    assert.equal(await on(), 0);
    assert.ok(await page.locator("#webcam").isHidden());

    await page.click("#camera");
    await page.waitForFunction(() => globalThis.streams.length === 3 && !document.querySelector("#shoot").disabled);
    await page.evaluate(() => globalThis.streams.at(-1).getTracks()[0].dispatchEvent(new Event("ended")));
    await state(page, "error");
    assert.match(await page.textContent("#alert p"), /camera stopped/);
    assert.ok(await page.locator("#webcam").isHidden());
    assert.equal(await on(), 0);
    assert.deepEqual(problems, []);
});

test("why there is no camera is told as it is", async () => {
    for (const [name, sentence] of [
        ["NotAllowedError", /may not be used/],
        ["NotReadableError", /another program/],
        ["NotFoundError", /No camera was found/],
    ]) {
        const { page } = await open(chrome, "?n=4", { routes: withSmall() });
        await page.evaluate((name) => {
            MediaDevices.prototype.getUserMedia = async () => {
                throw new DOMException("", name);
            };
        }, name);
        await page.click("#camera");
        await state(page, "error");
        assert.match(await page.textContent("#alert p"), sentence);
    }
});

test("at an insecure address it is said what is missing, and why", async (t) => {
    const elsewhere = await start({ flags: ["--host-resolver-rules=MAP glow.test 127.0.0.1"] });
    t.after(elsewhere.stop);
    const insecure = { ...elsewhere, url: elsewhere.url.replace("localhost", "glow.test") };
    const { page, problems } = await open(insecure, "?n=4&seed=1&on=cpu", { permissions: [] });
    await playWithFace(page, 1);
    for (const button of ["#copy", "#link", "#edited-link", "#paste", "#camera"]) {
        await page.click(button);
        await state(page, "error");
        assert.match(await page.textContent("#alert p"), /secure addresses alone/, button);
        await page.click("#dismiss");
        await state(page, "ready");
    }
    await page.setInputFiles("#file", astronaut);
    await encoded(page);
    assert.deepEqual(problems, []);
});

test("noise that a browser adds to pictures is not encoded", async () => {
    const script = () => {
        for (const { prototype } of [CanvasRenderingContext2D, OffscreenCanvasRenderingContext2D]) {
            const { getImageData } = prototype;
            prototype.getImageData = function (...place) {
                const image = getImageData.apply(this, place);
                for (let i = 0; i < image.data.length; i += 400) image.data[i] ^= 1;
                return image;
            };
        }
    };
    const { page } = await open(chrome, "?n=4", { script });
    await page.setInputFiles("#file", astronaut);
    await state(page, "error");
    assert.match(await page.textContent("#alert p"), /changes pictures at random/);
    assert.equal(await page.textContent("#verdict"), "");
    assert.ok(await page.locator("#result").isHidden());
    assert.equal((await faces(page)).length, 4);
});

test("what is dropped and is no file, or cannot be read, is refused in a sentence", async () => {
    const { page } = await open(chrome, "?n=4");
    const drop = (what) =>
        page.evaluate((what) => {
            const data = new DataTransfer();
            if (what === "link") data.setData("text/uri-list", "https://example.org/face.jpg");
            else data.items.add(new File([], "folder"));
            document.querySelector("#drop").dispatchEvent(new DragEvent("drop", { bubbles: true, dataTransfer: data }));
        }, what);
    await drop("link");
    await state(page, "error");
    assert.match(await page.textContent("#alert p"), /not a file/);
    await page.click("#dismiss");
    // As a folder answers, which no script can drop.
    await page.evaluate(
        () => (Blob.prototype.text = async () => Promise.reject(new DOMException("", "NotFoundError"))),
    );
    await drop("folder");
    await state(page, "error");
    assert.match(await page.textContent("#alert p"), /is a folder/);
});

test("what went wrong is no longer told when it has gone well", async () => {
    const { page } = await open(chrome, "?n=4");
    await choose(page, "text.png", Buffer.from("not an image"));
    await state(page, "error");
    await page.selectOption("#count", "9");
    await page.waitForFunction(() => document.querySelectorAll(".face:enabled").length === 9);
    assert.match(await page.textContent("#alert p"), /not an image/, "faces are another matter");
    await page.setInputFiles("#file", astronaut);
    await encoded(page);
    await state(page, "ready");
    assert.ok(await page.locator("#alert").isHidden());
});

test("a drawing in SVG is a picture, and a GIF that stands still is not animated", async () => {
    const { page } = await open(chrome, "?n=4");
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64" fill="#00c800"/></svg>`;
    await choose(page, "face.svg", Buffer.from(svg), "image/svg+xml");
    await encoded(page);
    await state(page, "ready");
    assert.deepEqual((await pixels(page.locator("#original"))).slice(0, 4), [0, 200, 0, 255]);
    await choose(page, "still.gif", gif(32, 32, [200, 0, 0]), "image/gif");
    await page.waitForFunction(() => {
        const [red] = document.querySelector("#original").getContext("2d").getImageData(0, 0, 1, 1).data;
        return red > 150;
    });
    await state(page, "ready");
    assert.ok(await page.locator("#alert").isHidden());
});

test("EXIF's orientation is honoured", async () => {
    const { page } = await open(chrome, "?n=4");
    const jpeg = await page.evaluate(async () => {
        const canvas = new OffscreenCanvas(64, 64);
        const context = canvas.getContext("2d");
        context.fillStyle = "white";
        context.fillRect(0, 0, 64, 64);
        context.fillStyle = "black";
        context.fillRect(0, 0, 64, 32);
        const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 });
        return [...new Uint8Array(await blob.arrayBuffer())];
    });
    // 6: the top of the picture is at the right of what is stored... so what is stored on top is shown at the right.
    await choose(page, "turned.jpg", oriented(Buffer.from(jpeg), 6), "image/jpeg");
    await encoded(page);
    await state(page, "ready");
    const values = await pixels(page.locator("#original"));
    const at = (x, y) => values[(y * 32 + x) * 4];
    assert.ok(at(4, 4) > 200 && at(4, 28) > 200, "white at the left");
    assert.ok(at(28, 4) < 50 && at(28, 28) < 50, "black at the right");
});

test("bad pictures are refused in a sentence, and what was there stays", async () => {
    const { page } = await open(chrome, "?n=4");
    await page.setInputFiles("#file", astronaut);
    await encoded(page);
    await state(page, "ready");
    const before = [await pixels(page.locator("#original")), await faces(page)];
    const grey = [128, 128, 128, 255];
    const bad = [
        ["text.png", Buffer.from("not an image"), /not an image/],
        ["empty.png", Buffer.alloc(0), /not an image/],
        ["dot.png", png(1, 1, grey), /1 × 1 pixels/],
        ["huge.png", png(20_000, 16, grey), /20000 × 16 pixels/],
        ["cut.png", readFileSync(astronaut).subarray(0, 100_000), /damaged or cut off/],
    ];
    for (const [name, buffer, sentence] of bad) {
        await choose(page, name, buffer);
        await state(page, "error");
        assert.match(await page.textContent("#alert"), sentence, name);
        assert.deepEqual([await pixels(page.locator("#original")), await faces(page)], before, name);
        if (name === "cut.png") await look(page, "error");
        await page.click("#dismiss");
        await state(page, "ready");
    }
});

test("transparent and animated pictures are taken, and it is said how", async () => {
    const { page } = await open(chrome, "?n=4");
    await choose(page, "glass.png", png(32, 32, [255, 0, 0, 0]));
    await encoded(page);
    await state(page, "ready");
    assert.match(await page.locator("#alert").innerText(), /transparent/);
    assert.deepEqual((await pixels(page.locator("#original"))).slice(0, 4), [255, 255, 255, 255]);
    await choose(page, "moving.png", png(32, 32, [200, 0, 0, 255], [0, 0, 200, 255]));
    await page.waitForFunction(() => /animated/.test(document.querySelector("#alert p").textContent));
    await state(page, "ready");
    assert.deepEqual((await pixels(page.locator("#original"))).slice(0, 4), [200, 0, 0, 255]);
});

test("of a very long picture the middle is taken", async () => {
    const { page, problems } = await open(chrome, "?n=4");
    for (const [width, height] of [
        [12_000, 16],
        [16, 12_000],
    ]) {
        // Green in the middle, red beyond the four squares there.
        const bytes = await page.evaluate(
            async ([width, height]) => {
                const canvas = new OffscreenCanvas(width, height);
                const context = canvas.getContext("2d");
                context.fillStyle = "red";
                context.fillRect(0, 0, width, height);
                for (let i = -32; i < 32; i++) {
                    context.fillStyle = `rgb(0, ${150 + i}, 0)`;
                    if (width > height) context.fillRect(width / 2 + i, 0, 1, height);
                    else context.fillRect(0, height / 2 + i, width, 1);
                }
                return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
            },
            [width, height],
        );
        await page.evaluate(() => (document.querySelector("#verdict").textContent = ""));
        await choose(page, "long.png", Buffer.from(bytes));
        await encoded(page);
        await state(page, "ready");
        assert.match(await page.textContent("#alert p"), /very long: its middle was taken/);
        const seen = (await pixels(page.locator("#crop"))).filter((alpha, i) => i % 4 === 3 && alpha === 255).length;
        assert.ok(seen > 480 * 100, `${seen} pixels of the view`);
        const red = (await pixels(page.locator("#original"))).filter((_, i) => i % 4 === 0);
        assert.deepEqual([...new Set(red)], [0]);
        assert.match(await page.textContent("#bits p"), /^-?\d+\.\d\d bits per dimension/);
        const [left, right] = await Promise.all(
            ["left", "right"].map((eye) => page.locator(`#eye-${eye}`).boundingBox()),
        );
        assert.ok(Math.hypot(right.x - left.x, right.y - left.y) > 10, "two rings");
        await page.click("#dismiss");
    }
    assert.deepEqual(problems, []);
});

/** What the program makes of a picture file, RGBA. */
async function native(page, folder, name) {
    const [latents, out] = ["latents.safetensors", "back.png"].map((name) => join(folder, name));
    const weights = fileURLToPath(new URL("../../models/faces32.safetensors", import.meta.url));
    const run = (...args) => execFileSync(program, [...args, "--model", weights], { stdio: "ignore" });
    run("encode", join(folder, name), "--out", latents);
    run("decode", latents, "--out", out);
    return page.evaluate(
        async (base64) => {
            const bytes = Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
            const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
            const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
            context.drawImage(bitmap, 0, 0);
            return [...context.getImageData(0, 0, bitmap.width, bitmap.height).data];
        },
        readFileSync(out, "base64"),
    );
}

test("page and program see the same in a file: a profile's colours, white behind glass, upright", async (t) => {
    const { page, problems } = await open(chrome, "?n=4");
    const folder = mkdtempSync(join(tmpdir(), "glow-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const slope = (x, y) => [120 + 2 * x, 160 - x - y, 110 + 2 * y, 255];
    const jpeg = await page.evaluate(
        async (values) => {
            const canvas = new OffscreenCanvas(32, 32);
            canvas.getContext("2d").putImageData(new ImageData(Uint8ClampedArray.from(values), 32), 0, 0);
            return [
                ...new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg", quality: 1 })).arrayBuffer()),
            ];
        },
        Array.from({ length: 32 * 32 }, (_, i) => slope(i % 32, i >> 5)).flat(),
    );
    for (const [name, file] of Object.entries({
        "plain.png": drawing(32, slope),
        "p3.png": drawing(32, slope, displayP3()),
        "glass.png": drawing(32, (x, y) => [...slope(x, y).slice(0, 3), 190 + 2 * y]),
        "turned.jpg": oriented(Buffer.from(jpeg), 6),
    })) {
        writeFileSync(join(folder, name), file);
        await page.evaluate(() => (document.querySelector("#verdict").textContent = ""));
        await page.setInputFiles("#file", join(folder, name));
        await encoded(page);
        await state(page, "ready");
        const difference = largestDifference(await pixels(page.locator("#original")), await native(page, folder, name));
        assert.ok(difference <= 1, `${name}: ${difference} of 255`);
    }
    assert.deepEqual(problems, []);
});

test("a photo cannot leave the page", async () => {
    const { page } = await open(chrome, "?n=4");
    const blocked = await page.evaluate(async () => {
        const violation = new Promise((resolve) =>
            document.addEventListener("securitypolicyviolation", (event) => resolve(event.violatedDirective)),
        );
        await fetch("https://example.org/", { method: "POST", body: "photo" }).catch(() => {});
        return violation;
    });
    assert.equal(blocked, "connect-src");
});
