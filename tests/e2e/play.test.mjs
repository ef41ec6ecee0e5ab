import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { blend, graft } from "../../www/play/latents.js";
import { edited, mixed, move, playWithFace, playWithPhoto, ready, slider, values } from "./editor.mjs";
import { faces, largestDifference, look, open, pixels, start, state } from "./browser.mjs";

let chrome;
before(async () => (chrome = await start()));
after(() => chrome.stop());

test("what it takes is loaded when a face is brought", async () => {
    const { page, context, problems } = await open(chrome, "?n=4&seed=1");
    const asked = [];
    context.on("request", (request) => asked.push(new URL(request.url()).pathname));
    const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
    assert.ok(!loaded.some((name) => /\/play\/(?!play\.js)|attributes/.test(name)));
    assert.ok(await page.locator("#editor").isHidden());
    await look(page, "invitation");
    await page.click("#invite");
    await ready(page);
    assert.ok(asked.some((path) => path.endsWith("/play/editor.js")));
    assert.ok(asked.some((path) => path.endsWith(".attributes.safetensors")));
    assert.ok(await page.locator("#invitation").isHidden());
    assert.match(await page.textContent("#editor-title"), /^Face 1 of seed 1/);
    assert.deepEqual(await edited(page), (await faces(page))[0]);
    assert.equal(await page.locator("#sliders input").count(), 12);
    assert.deepEqual(problems, []);
});

test("a face changes with several sliders at once", async () => {
    const { page, problems } = await open(chrome, "?n=4&seed=1");
    await playWithFace(page, 3);
    const before = (await faces(page))[2];
    assert.deepEqual(await edited(page), before);
    await move(page, "Smile", 1);
    const smiling = await edited(page);
    assert.ok(largestDifference(smiling, before) > 10);
    await move(page, "Glasses", 1.5);
    await move(page, "Young", -0.7);
    const all = await edited(page);
    assert.ok(largestDifference(all, smiling) > 10);
    assert.match(await page.textContent("#edited-caption"), /changed/);
    assert.deepEqual(
        (await page.locator("#sliders output").allTextContents()).filter((text) => !/^0/.test(text)),
        ["+1.0", "-0.7", "+1.5"],
    );
    await look(page, "edit");
    // The order in which they were moved does not matter.
    for (const [name, value] of [
        ["Smile", 0],
        ["Smile", 1],
    ]) {
        await move(page, name, value);
    }
    assert.deepEqual(await edited(page), all);
    assert.deepEqual(await faces(page).then((drawn) => drawn[2]), before, "the sheet keeps the face");
    assert.deepEqual(problems, []);
});

test("the picture follows a slider that is being dragged, and ends where it ends", async () => {
    const { page } = await open(chrome, "?n=4&seed=1&on=cpu");
    await playWithFace(page);
    const shown = await page.evaluate(async () => {
        let pictures = 0;
        const canvas = document.querySelector("#edited");
        new MutationObserver(() => pictures++).observe(canvas, { attributeFilter: ["width"] });
        const input = document.querySelector("#sliders input");
        for (let i = 0; i < 60; i++) {
            input.valueAsNumber = -1.5 + i / 20;
            input.dispatchEvent(new Event("input"));
            await new Promise(requestAnimationFrame);
        }
        return pictures;
    });
    assert.ok(shown > 2, `${shown} pictures on the way`);
    await state(page, "ready");
    const dragged = await edited(page);
    const value = await page.locator("#sliders input").first().inputValue();
    await playWithFace(page);
    await page.locator("#sliders input").first().fill(value);
    await state(page, "ready");
    assert.deepEqual(await edited(page), dragged);
});

test("a photo is edited, and without edits is the photo again, to the pixel", async () => {
    const { page, problems } = await open(chrome, "?n=4");
    await playWithPhoto(page);
    assert.equal(await page.textContent("#editor-title"), "Your photo");
    const photo = await pixels(page.locator("#original"));
    assert.deepEqual(await edited(page), photo);
    await move(page, "Smile", 1.2);
    await move(page, "Blond hair", 1);
    assert.ok(largestDifference(await edited(page), photo) > 10);
    await look(page, "edit-photo");
    await move(page, "Smile", 0);
    await move(page, "Blond hair", 0);
    assert.deepEqual(await edited(page), photo);
    assert.ok(await page.locator("#reset").isDisabled());
    assert.deepEqual(problems, []);
});

test("another crop of the photo keeps the edits", async () => {
    const { page } = await open(chrome, "?n=4");
    await playWithPhoto(page);
    await move(page, "Smile", 1);
    const before = await edited(page);
    await page.focus("#eye-right");
    for (let i = 0; i < 20; i++) await page.keyboard.press("ArrowLeft");
    await state(page, "ready");
    assert.ok(largestDifference(await edited(page), before) > 10);
    assert.equal(await slider(page, "Smile").inputValue(), "1");
    await move(page, "Smile", 0);
    assert.deepEqual(await edited(page), await pixels(page.locator("#original")));
});

test("edits are undone and redone, by button and by key, and reset", async () => {
    const { page } = await open(chrome, "?n=4&seed=1");
    await playWithFace(page);
    const states = [[await edited(page), await values(page)]];
    for (const [name, value] of [
        ["Smile", 0.8],
        ["Male", 1],
        ["Smile", -0.5],
    ]) {
        await move(page, name, value);
        states.push([await edited(page), await values(page)]);
    }
    const at = async (wanted, what) => {
        await state(page, "ready");
        assert.deepEqual([await edited(page), await values(page)], states[wanted], what);
    };
    await page.click("#undo");
    await at(2, "undone by button");
    await page.keyboard.press("Control+z");
    await at(1, "undone by key");
    await page.click("#redo");
    await at(2, "redone by button");
    await page.keyboard.press("Control+Shift+Z");
    await at(3, "redone by key");
    assert.ok(await page.locator("#redo").isDisabled());
    assert.equal(await page.evaluate(() => document.activeElement.id), "undo", "the keyboard stays in the section");
    await page.keyboard.press("Control+z");
    await move(page, "Male", 0.2);
    assert.ok(await page.locator("#redo").isDisabled(), "what was undone is forgotten");
    await page.click("#reset");
    await at(0, "reset");
    await page.keyboard.press("Control+z");
    await state(page, "ready");
    assert.equal(await slider(page, "Male").inputValue(), "0.2", "a reset is undone, too");
});

test("what a face was is shown while a key or the button is held", async () => {
    const { page } = await open(chrome, "?n=4&seed=1");
    await playWithFace(page);
    const before = await edited(page);
    await move(page, "Smile", 1.5);
    const after = await edited(page);
    const holds = [
        [() => slider(page, "Smile").focus(), () => page.keyboard.down("c"), () => page.keyboard.up("c")],
        [() => page.focus("#compare"), () => page.keyboard.down("Space"), () => page.keyboard.up("Space")],
        [() => page.hover("#compare"), () => page.mouse.down(), () => page.mouse.up()],
    ];
    for (const [reach, hold, release] of holds) {
        await reach();
        await hold();
        assert.deepEqual(await edited(page), before);
        assert.match(await page.textContent("#edited-caption"), /as it was/);
        await release();
        assert.deepEqual(await edited(page), after);
    }
});

test("the GPU's edits are the CPU's", async () => {
    const { page } = await open(chrome, "?n=1&seed=1&on=cpu");
    await playWithFace(page);
    const edit = async () => {
        await move(page, "Smile", 0);
        await move(page, "Smile", 1);
        await move(page, "Glasses", 1);
        return edited(page);
    };
    const onCpu = await edit();
    await page.selectOption("#device", "webgpu");
    await page.waitForSelector('body[data-backend="webgpu"]', { timeout: 120_000 });
    await state(page, "ready");
    const difference = largestDifference(onCpu, await edit());
    assert.ok(difference <= 2, `${difference}`);
});

test("a link shows a drawn face with its edits, and never a photo", async () => {
    const { page } = await open(chrome, "?n=4&seed=8&t=0.6");
    await playWithFace(page, 2);
    await move(page, "Smile", 1.1);
    await move(page, "Hat", -0.4);
    const [shown, set] = [await edited(page), await values(page)];
    const link = async () => {
        await page.click("#edited-link");
        await page.waitForFunction(() => document.querySelector("#message").textContent === "Copied.");
        return new URL(await page.evaluate(() => navigator.clipboard.readText())).search;
    };
    const copied = await link();
    assert.equal(copied, "?model=faces32&seed=8&t=0.6&face=2&edit=Smiling:1.1,Wearing_Hat:-0.4");
    assert.match(page.url(), /&face=2&edit=Smiling:1.1,Wearing_Hat:-0.4$/, "the address has it, too");

    const visit = async (query, act = () => {}) => {
        const visitor = await open(chrome, query, { ready: false });
        await ready(visitor.page);
        assert.match(await visitor.page.textContent("#editor-title"), /^Face 2 of seed 8/);
        assert.deepEqual([await edited(visitor.page), await values(visitor.page)], [shown, set]);
        await act(visitor.page);
        assert.deepEqual(visitor.problems, []);
        await visitor.context.close();
    };
    await visit(copied, async (page) => {
        await page.waitForFunction(
            () => document.querySelector("#edited").getBoundingClientRect().top < innerHeight / 2,
        );
        await look(page, "link");
        await page.click("#reset");
        await state(page, "ready");
        assert.deepEqual(await edited(page), (await faces(page))[1]);
    });
    await visit(new URL(page.url()).search);
    await visit(`${copied},Nonsense:1,Young:much&n=1`);

    // Another sheet: the link still has the face, the address no longer.
    await page.click("#dice");
    await state(page, "ready");
    assert.doesNotMatch(page.url(), /face=|edit=/);
    assert.equal(await link(), copied);

    await playWithPhoto(page);
    await move(page, "Smile", 1);
    assert.ok(await page.locator("#edited-link").isHidden());
    assert.match(await page.textContent("#unlinked"), /^No link/);
    assert.doesNotMatch(page.url(), /face=|edit=/);
});

const cells = async (page) => Promise.all((await page.locator("#mixes canvas").all()).map(pixels));

test("two faces are mixed, on a strip, by a slider and by level", async () => {
    const { page, problems } = await open(chrome, "?n=9&seed=1");
    await playWithFace(page, 2);
    await page.click("#mix > summary");
    await mixed(page, 6);
    await page.locator("#picker").getByRole("button", { name: "Face 5 of seed 1" }).click();
    await mixed(page, 6);
    const [drawn, strip] = [await faces(page), await cells(page)];
    assert.deepEqual(strip[0], drawn[1]);
    assert.ok(largestDifference(strip.at(-1), drawn[4]) <= 2);
    assert.equal(new Set(strip.map(String)).size, 6);
    assert.deepEqual(await edited(page), drawn[1], "nothing is mixed yet");

    await page.locator("#mixes .cell").nth(2).click();
    await state(page, "ready");
    assert.deepEqual(await edited(page), strip[2]);
    assert.equal(await page.inputValue("#across"), "0.4");
    await page.fill("#across", "0.6");
    await state(page, "ready");
    assert.deepEqual(await edited(page), strip[3]);
    await look(page, "mix");

    // Coarse from one, fine from the other, and the other way round.
    await page.click("#mix details summary");
    const levels = page.locator("#mix-levels input");
    const seen = [];
    for (const [coarse, fine] of [
        [1, 0],
        [0, 1],
    ]) {
        await page.fill("#across", String(fine));
        await levels.first().fill(String(coarse));
        await state(page, "ready");
        seen.push(await edited(page));
    }
    for (const picture of seen) for (const end of [1, 4]) assert.ok(largestDifference(picture, drawn[end]) > 5);
    assert.ok(largestDifference(...seen) > 5);
    await look(page, "mix-levels");

    // Edits come on top; all is undone.
    await move(page, "Smile", 1);
    await mixed(page, 6);
    assert.ok(largestDifference((await cells(page))[0], strip[0]) > 5, "the strip smiles, too");
    for (let i = 0; i < 20 && (await page.locator("#undo").isEnabled()); i++) await page.click("#undo");
    await state(page, "ready");
    assert.deepEqual(await edited(page), drawn[1]);
    assert.deepEqual(problems, []);
});

test("four faces are mixed on a sheet, a photo among them", async () => {
    const { page, problems } = await open(chrome, "?n=4&seed=1");
    await playWithPhoto(page);
    await page.click("#mix > summary");
    await page.selectOption("#mix-shape", "sheet");
    await page.selectOption("#mix-corner", "2");
    await page.locator("#picker").getByRole("button", { name: "Face 4 of seed 1" }).click();
    await mixed(page, 25);
    const [photo, sheet, drawn] = [await pixels(page.locator("#original")), await cells(page), await faces(page)];
    assert.deepEqual(sheet[0], photo);
    for (const [cell, face] of [
        [4, 0],
        [20, 1],
        [24, 3],
    ]) {
        assert.ok(largestDifference(sheet[cell], drawn[face]) <= 2, `corner ${cell}`);
    }
    await page.locator("#mixes .cell").nth(12).click();
    await state(page, "ready");
    assert.deepEqual(await edited(page), sheet[12]);
    assert.deepEqual([await page.inputValue("#across"), await page.inputValue("#down")], ["0.5", "0.5"]);
    await look(page, "sheet");
    await page.click("#reset");
    await state(page, "ready");
    assert.deepEqual(await edited(page), photo);
    assert.deepEqual(problems, []);
});

test("levels are drawn anew while the others stay, of faces and photos", async () => {
    const { page, problems } = await open(chrome, "?n=4&seed=1");
    for (const [bring, title] of [
        [() => playWithFace(page, 2), "Face 2"],
        [() => playWithPhoto(page), "Your photo"],
    ]) {
        await bring();
        assert.match(await page.textContent("#editor-title"), new RegExp(`^${title}`));
        if (!(await page.locator("#anew-fine").isVisible())) await page.click("#anew > summary");
        const before = await edited(page);
        const press = async (button) => {
            await button.click();
            await state(page, "ready");
            return edited(page);
        };
        const fine = await press(page.locator("#anew-fine"));
        assert.ok(largestDifference(fine, before) > 10);
        assert.notDeepEqual(await press(page.locator("#anew-fine")), fine, "as often as one likes");
        assert.deepEqual(await press(page.locator("#undo")), fine);
        assert.deepEqual(await press(page.locator("#undo")), before);
        await page.selectOption("#cut", "1");
        const coarse = await press(page.locator("#anew-coarse"));
        assert.ok(largestDifference(coarse, before) > 10);
        // The finest level is still its own: drawing the same anew by hand ends elsewhere, undoing ends here.
        const all = await press(page.getByRole("button", { name: "Draw level 1 anew" }));
        assert.notDeepEqual(all, coarse);
        assert.deepEqual(await press(page.locator("#undo")), coarse);
        await look(page, `anew-${title.slice(0, 4).trim()}`);
        assert.deepEqual(await press(page.locator("#reset")), before);
    }
    assert.deepEqual(problems, []);
});

test("a link carries the levels that were drawn anew", async () => {
    const { page } = await open(chrome, "?n=4&seed=1&t=0.7,0.6,0.5");
    await playWithFace(page, 3);
    await move(page, "Young", -1);
    await page.click("#anew > summary");
    await page.click("#anew-fine");
    await state(page, "ready");
    assert.match(page.url(), /t=0.7,0.6,0.5&n=4&face=3&edit=Young:-1&anew=1:\d+,2:\d+$/);
    const other = await open(chrome, `${new URL(page.url()).search},7:1,3:-1`, { ready: false });
    await ready(other.page);
    assert.deepEqual(await edited(other.page), await edited(page));
    assert.equal(other.page.url(), page.url(), "what makes no sense is passed over");
});

test("latents keep their length between faces, and all but one level", () => {
    const [a, b] = [Float32Array.of(3, 4, 1), Float32Array.of(4, -3, 2)];
    const levels = [
        [0, 2],
        [2, 3],
    ];
    const half = blend(
        [a, b],
        [
            [0.5, 0],
            [0, 0],
        ],
        levels,
    );
    assert.ok(Math.abs(Math.hypot(half[0], half[1]) - 5) < 1e-5);
    assert.equal(half[2], 1);
    assert.deepEqual(
        blend(
            [a, b],
            [
                [0, 0],
                [0, 0],
            ],
            levels,
        ),
        a,
    );
    assert.deepEqual(
        blend(
            [a, b],
            [
                [1, 0],
                [1, 0],
            ],
            levels,
        ),
        b,
    );
    assert.deepEqual(
        blend(
            [a, b],
            [
                [1, 0],
                [0, 0],
            ],
            levels,
        ),
        Float32Array.of(4, -3, 1),
    );
    assert.deepEqual(graft(a, b, levels[1]), Float32Array.of(3, 4, 2));
});

test("alone, a face is mixed with nothing, until others are there", async () => {
    const { page } = await open(chrome, "?n=1&seed=1");
    await playWithFace(page);
    await page.click("#mix > summary");
    assert.match(await page.textContent("#mix-alone"), /no other face/);
    assert.ok(await page.locator("#mixer").isHidden());
    await page.selectOption("#count", "4");
    await mixed(page, 6);
    assert.equal(await page.locator("#picker .cell").count(), 3);
});

/** Unfolds the animation, and waits for its first picture. */
async function animate(page) {
    await page.click("#animate > summary");
    await page.waitForFunction(() => document.querySelector("#film").width === 32);
    await state(page, "ready");
}

const filmed = (page) => pixels(page.locator("#film"));

/** Moves the reel, and waits for the picture. */
async function wind(page, at) {
    await page.fill("#reel", String(at));
    await state(page, "ready");
    return filmed(page);
}

/** Plays until so many pictures were seen, and pauses. */
async function watch(page, pictures) {
    await page.click("#animate-play");
    await page.waitForFunction(
        (pictures) => {
            const film = document.querySelector("#film");
            globalThis.seen ??= new Set();
            globalThis.seen.add(String(film.getContext("2d").getImageData(0, 0, film.width, film.height).data));
            return globalThis.seen.size >= pictures;
        },
        pictures,
        { timeout: 120_000 },
    );
    assert.equal(await page.textContent("#animate-play"), "Pause");
    await page.click("#animate-play");
    await state(page, "ready");
    assert.equal(await page.textContent("#animate-play"), "Play");
}

test("an animation goes through the chosen faces, and ends where it began", async () => {
    const { page, problems } = await open(chrome, "?n=9&seed=1&on=cpu");
    await playWithFace(page, 2);
    await animate(page);
    const drawn = await faces(page);
    assert.deepEqual(await filmed(page), drawn[1]);
    const chosen = page.locator("#loop-faces [aria-pressed=true]");
    assert.equal(await chosen.count(), 3);
    await page.locator("#loop-faces").getByRole("button", { name: "Face 3 of seed 1" }).click();
    await page.locator("#loop-faces").getByRole("button", { name: "Face 9 of seed 1" }).click();
    const round = Number(await page.getAttribute("#reel", "max"));
    for (const [leg, face] of [1, 0, 3, 8, 1].entries()) {
        const shown = await wind(page, (leg * round) / 4);
        assert.ok(largestDifference(shown, drawn[face]) <= 2, `face ${face + 1}`);
    }
    assert.deepEqual(await filmed(page), drawn[1]);
    const between = await wind(page, Math.floor(round / 8));
    for (const face of [1, 0]) assert.ok(largestDifference(between, drawn[face]) > 5);

    // All that is done to the face is done on the way.
    await move(page, "Smile", 1);
    assert.ok(largestDifference(await filmed(page), between) > 5);
    assert.deepEqual(await wind(page, round), await edited(page));
    await page.click("#mix > summary");
    await mixed(page, 6);
    await page.fill("#across", "0.5");
    await page.click("#anew > summary");
    await page.click("#anew-fine");
    await state(page, "ready");
    assert.deepEqual(await filmed(page), await edited(page));
    await look(page, "animate");

    // Nobody is left to go to.
    for (let left = await chosen.count(); left; left--) await chosen.first().click();
    assert.ok(await page.locator("#animate-play").isDisabled());
    assert.deepEqual(problems, []);
});

test("an animation plays when it is told to, and pauses", async () => {
    const { page, problems } = await open(chrome, "?n=4&seed=1&on=cpu", { reducedMotion: "reduce" });
    await playWithFace(page);
    await animate(page);
    const first = await filmed(page);
    await page.waitForTimeout(300);
    assert.deepEqual(await filmed(page), first, "nothing moves by itself");
    await watch(page, 8);
    assert.equal(await page.textContent("#message"), "It pauses.");
    const paused = [await filmed(page), await page.inputValue("#reel")];
    await page.waitForTimeout(300);
    assert.deepEqual([await filmed(page), await page.inputValue("#reel")], paused);
    await wind(page, 0);
    assert.deepEqual(await wind(page, paused[1]), paused[0], "the reel stands where the picture is");

    // What changes the way ends it.
    await page.click("#animate-play");
    await page.locator("#loop-faces button").first().click();
    await state(page, "ready");
    assert.deepEqual(await filmed(page), first);
    await page.click("#animate-play");
    await page.click("#animate > summary");
    await page.waitForFunction(() => document.querySelector("#animate-play").textContent === "Play");
    assert.deepEqual(problems, []);
});

test("alone, a face goes on a walk", async () => {
    const { page, problems } = await open(chrome, "?n=1&seed=1&on=cpu");
    await playWithFace(page);
    await animate(page);
    assert.match(await page.textContent("#loop-alone"), /no other face/);
    assert.ok(await page.locator("#animate-play").isDisabled());
    await page.selectOption("#way", "walk");
    await state(page, "ready");
    assert.ok(await page.locator("#reel").isHidden());
    assert.deepEqual(await filmed(page), await edited(page));
    await watch(page, 8);
    await look(page, "walk");
    assert.deepEqual(problems, []);
});

test("an animation is saved as a film, or not, as one likes", async () => {
    const { page, context, problems } = await open(chrome, "?n=4&seed=1&on=cpu");
    await playWithFace(page);
    await animate(page);
    const downloads = [];
    page.on("download", (download) => downloads.push(download));
    const told = (text) =>
        page.waitForFunction((text) => document.querySelector("#message").textContent === text, text, {
            timeout: 120_000,
        });
    await page.click("#animate-save");
    assert.equal(await page.textContent("#animate-save"), "Cancel");
    await page.click("#animate-save");
    await told("No film was made.");
    assert.equal(await page.textContent("#animate-save"), "Save as WebM");
    assert.ok(await page.locator("#progress").isHidden());
    assert.deepEqual(downloads, []);

    const [download] = await Promise.all([
        page.waitForEvent("download", { timeout: 120_000 }),
        page.click("#animate-save"),
    ]);
    await told("The film is made.");
    await state(page, "ready");
    assert.equal(download.suggestedFilename(), "glow-1-1-loop.webm");
    assert.deepEqual(await filmed(page), await edited(page), "the picture is where it was");
    const film = readFileSync(await download.path());
    assert.equal(film.subarray(0, 4).toString("hex"), "1a45dfa3", "EBML");
    assert.ok(film.length > 50_000, `${film.length} bytes`);
    // A page without this one's policy shows it.
    const screen = await context.newPage();
    await screen.setContent(`<video muted src="data:video/webm;base64,${film.toString("base64")}"></video>`);
    await screen.waitForFunction(() => document.querySelector("video").videoWidth === 512);
    assert.deepEqual(problems, []);
});

for (const [what, script, type] of [
    [
        "WebM is not recorded a film is an MP4",
        () => {
            const { isTypeSupported } = MediaRecorder;
            MediaRecorder.isTypeSupported = (type) =>
                type !== "video/webm" && isTypeSupported.call(MediaRecorder, type);
        },
        "mp4",
    ],
    ["nothing is recorded a film is an animated PNG", () => delete globalThis.MediaRecorder, "png"],
    [
        "the page is hidden meanwhile a film is an animated PNG",
        () => {
            const { start } = MediaRecorder.prototype;
            MediaRecorder.prototype.start = function () {
                Object.defineProperty(document, "hidden", { value: true });
                start.call(this);
            };
        },
        "png",
    ],
    [
        "a recorder gives nothing a film is an animated PNG",
        () => {
            MediaRecorder.prototype.start = () => {};
            MediaRecorder.prototype.stop = function () {
                this.dispatchEvent(new Event("stop"));
            };
        },
        "png",
    ],
    [
        "a recorder never ends a film is an animated PNG",
        () => (MediaRecorder.prototype.start = MediaRecorder.prototype.stop = () => {}),
        "png",
    ],
    [
        "a recorder fails a film is an animated PNG",
        () => {
            MediaRecorder.prototype.start = function () {
                this.dispatchEvent(new Event("error"));
            };
        },
        "png",
    ],
]) {
    test(`where ${what}, of the pictures on the way`, async () => {
        const { page, context, problems } = await open(chrome, "?n=4&seed=1&on=cpu", { script });
        await playWithFace(page);
        await animate(page);
        for (let i = 0; i < 2; i++) await page.click("#loop-faces [aria-pressed=true]");
        await state(page, "ready");
        const round = Number(await page.getAttribute("#reel", "max"));
        const way = [await wind(page, round / 4), await wind(page, 0)];
        const [download] = await Promise.all([
            page.waitForEvent("download", { timeout: 120_000 }),
            page.click("#animate-save"),
        ]);
        assert.equal(download.suggestedFilename(), `glow-1-1-loop.${type}`);
        const film = readFileSync(await download.path(), "base64");
        const screen = await context.newPage();
        if (type === "mp4") {
            await screen.setContent(`<video muted src="data:video/mp4;base64,${film}"></video>`);
            await screen.waitForFunction(() => document.querySelector("video").videoWidth === 512);
        } else {
            await screen.goto(chrome.url);
            const seen = await screen.evaluate(async (film) => {
                const data = Uint8Array.from(atob(film), (letter) => letter.charCodeAt(0));
                const decoder = new ImageDecoder({ data, type: "image/png" });
                await decoder.tracks.ready;
                const { frameCount, repetitionCount } = decoder.tracks.selectedTrack;
                const context = new OffscreenCanvas(32, 32).getContext("2d");
                context.imageSmoothingEnabled = false;
                const picture = async (frameIndex) => {
                    context.drawImage((await decoder.decode({ frameIndex })).image, 0, 0, 32, 32);
                    return [...context.getImageData(0, 0, 32, 32).data];
                };
                return [frameCount, repetitionCount, [await picture(frameCount / 4), await picture(0)]];
            }, film);
            assert.deepEqual(seen, [round, Infinity, way]);
        }
        assert.deepEqual(problems, []);
    });
}

test("attributes that cannot be had are told, and can be tried again", async () => {
    const { page } = await open(chrome, "?n=4&seed=1", {
        routes: { "**/*.attributes.safetensors": (route) => route.abort() },
    });
    await page.click("#edit");
    await state(page, "error");
    assert.match(await page.textContent("#alert"), /could not be downloaded/);
    assert.ok(await page.locator("#editor").isHidden());
    await page.unroute("**/*.attributes.safetensors");
    await page.click("#retry");
    await ready(page);
});

test("after a crash editing goes on", async () => {
    const { page } = await open(chrome, "?n=4&seed=1");
    await playWithFace(page);
    await move(page, "Smile", 1);
    const smiling = await edited(page);
    await page.workers()[0].evaluate(() => setTimeout(() => JSON.parse("unreachable")));
    await page.waitForTimeout(200);
    await move(page, "Smile", 0);
    await move(page, "Smile", 1);
    assert.deepEqual(await edited(page), smiling);
});

test("offline, too, once it was played with", async () => {
    const { page, context } = await open(chrome, "?n=4&seed=1", { serviceWorkers: "allow" });
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.waitForFunction(() => navigator.serviceWorker.controller);
    await playWithFace(page);
    await context.setOffline(true);
    await page.reload();
    await state(page, "ready");
    await playWithFace(page);
    await move(page, "Smile", 1);
    assert.notDeepEqual(await edited(page), (await faces(page))[0]);
});
