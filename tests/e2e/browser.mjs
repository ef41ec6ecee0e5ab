// Chromium, the built page on a server, and what the tests look at.
import { mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { serve } from "../../pkg-scripts/serve.mjs";
import { launch } from "./engine/chromium.mjs";

export const fixture = (name) => fileURLToPath(new URL(`../portraits/${name}`, import.meta.url));
export const shots = fileURLToPath(new URL("../../target/screenshots/", import.meta.url));
mkdirSync(shots, { recursive: true });

const granted = ["clipboard-read", "clipboard-write", "camera"];

/** Steps of the flow of faces32, in all. */
export const STEPS = 72;

/** Starts a browser, and a server with the page, or another folder, at `path`. */
export async function start({ path = "/", folder, headers, flags = [] } = {}) {
    const { server, url } = await serve(0, path, folder, headers);
    const browser = await launch(flags);
    const stop = async () => {
        await browser.close();
        server.close();
    };
    return { browser, url, stop };
}

/**
 * Opens the page. `script` is a function that runs in it before its own scripts, `worker` the text of a script that runs
 * in the worker before its own, `routes` answers requests by pattern.
 * A query that names no model is of `model`; with "" the page takes its own choice.
 * `problems` fills with what should not happen: errors, requests off the origin.
 */
export async function open(
    { browser, url },
    query = "",
    { model = "faces32", script, worker = "", routes = {}, ready = true, permissions = granted, ...options } = {},
) {
    // The service worker would answer before a route does.
    const serviceWorkers = options.serviceWorkers ?? "block";
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options, serviceWorkers });
    if (permissions.length) await context.grantPermissions(permissions, { origin: new URL(url).origin });
    const page = await context.newPage();
    const problems = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    context.on("request", (request) => {
        const { origin, protocol } = new URL(request.url());
        if (origin !== new URL(url).origin && protocol !== "blob:") problems.push(`request to ${request.url()}`);
    });
    if (script) await page.addInitScript(script);
    for (const [pattern, answer] of Object.entries(routes)) await page.route(pattern, answer);
    if (worker) {
        await page.route("**/worker/main.js", async (route) => {
            const response = await route.fetch();
            // Modules run in the order of their imports.
            await route.fulfill({ response, body: `import "./before.js";${await response.text()}` });
        });
        await page.route("**/worker/before.js", (route) =>
            route.fulfill({ contentType: "text/javascript", body: worker }),
        );
    }
    await page.goto(url + withGrain(ofModel(query, model)));
    if (ready) await state(page, "ready");
    return { page, context, problems };
}

/** A query, of this model if it names none. A file is no query. */
export const ofModel = (query, model) =>
    /model=|^[^?]/.test(query) || !model ? query : `?model=${model}${query.replace("?", "&")}`;

/** Faces of no seed come without their grain, which takes time, unless a test asks for it. @param {string} query */
const withGrain = (query) => (/seed=|clean=|^[^?]/.test(query) ? query : `${query}${query ? "&" : "?"}clean=0`);

/** Waits for `document.body.dataset.state`. */
export const state = (page, wanted) =>
    page.waitForFunction((wanted) => document.body.dataset.state === wanted, wanted, { timeout: 120_000 });

/** Has the page speak another language. */
export async function speak(page, language) {
    await page.selectOption("#language", language);
    await page.waitForFunction((language) => document.documentElement.lang.startsWith(language), language);
}

/** The values of a canvas, RGBA. */
export const pixels = (locator) =>
    locator.evaluate((canvas) => [...canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data]);

/** The values of every face on the sheet. */
export async function faces(page) {
    const all = await page.locator(".face canvas").all();
    return Promise.all(all.map(pixels));
}

/** The faces that the database has. */
export const stored = (page) =>
    page.evaluate(
        () =>
            new Promise((resolve, reject) => {
                const opening = indexedDB.open("glow-kept", 1);
                opening.onerror = reject;
                opening.onsuccess = () => {
                    const request = opening.result.transaction("faces").objectStore("faces").getAll();
                    request.onsuccess = () => {
                        opening.result.close();
                        resolve(request.result);
                    };
                };
            }),
    );

/** A script for `open`: leaves in `shown` when each face is first seen, in milliseconds. */
export function watchFaces() {
    globalThis.shown = [];
    const see = () => {
        const faces = document.querySelectorAll(".face:enabled").length;
        while (globalThis.shown.length < faces) globalThis.shown.push(performance.now());
    };
    new MutationObserver(see).observe(document, { subtree: true, childList: true, attributes: true });
}

/** RGB of four faces that the native program drew, of seed 1 at the model's temperature, or cleaned: a tensor of a safetensors file. */
export function nativeFaces(name = "faces", model = "faces32") {
    const file = readFileSync(new URL(`../native/${model}.safetensors`, import.meta.url));
    const header = Number(file.readBigUInt64LE());
    const [from, to] = JSON.parse(file.subarray(8, 8 + header))[name].data_offsets;
    return [...file.subarray(8 + header + from, 8 + header + to)];
}

export const largestDifference = (a, b) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

/** A PNG file with the astronaut in some places: left, top, pixels of a side, degrees that it is turned by. */
export async function portraits(page, width, height, places) {
    const bytes = await page.evaluate(
        async ([base64, width, height, places]) => {
            const file = Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
            const portrait = await createImageBitmap(new Blob([file], { type: "image/png" }));
            const canvas = new OffscreenCanvas(width, height);
            const context = canvas.getContext("2d");
            context.fillStyle = "grey";
            context.fillRect(0, 0, width, height);
            for (const [left, top, side, degrees] of places) {
                context.setTransform(1, 0, 0, 1, left + side / 2, top + side / 2);
                context.rotate((degrees * Math.PI) / 180);
                context.drawImage(portrait, -side / 2, -side / 2, side, side);
            }
            const blob = await canvas.convertToBlob({ type: "image/png" });
            return [...new Uint8Array(await blob.arrayBuffer())];
        },
        [readFileSync(fixture("astronaut.png"), "base64"), width, height, places],
    );
    return { name: "portraits.png", mimeType: "image/png", buffer: Buffer.from(bytes) };
}

/** Leaves a picture of the whole page to look at, at a phone's and a desk's width. */
export async function look(page, name) {
    const before = page.viewportSize();
    for (const width of [390, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        await page.evaluate(() => scrollTo(0, 0));
        await page.waitForTimeout(200);
        await page.screenshot({ path: `${shots}${name}-${width}.png`, fullPage: true });
    }
    await page.setViewportSize(before);
}
