/** What a visit waits for, with its name in `performance`'s entries: of the page and of its worker. */
const PAGE = [
    ["document", ({ type }) => type === "navigation"],
    ["its modules", ({ name }) => name.endsWith("/page/main.js")],
    ["the list of models", ({ name }) => name.endsWith("/index.json")],
];
const WORKER = [
    ["the package's JavaScript", ({ name }) => name.endsWith("/glow.js")],
    ["its WebAssembly", ({ name }) => name.endsWith("/glow_bg.wasm")],
    ["compiled", ({ name }) => name === "compiled"],
    ["warmed up", ({ name }) => name === "warm"],
    ["weights", ({ name }) => name.endsWith(".safetensors")],
    ["loaded", ({ name }) => name === "open"],
];

/** In a page or a worker: its entries, as they end, in milliseconds since 1970. */
const entries = () =>
    performance.getEntries().map(({ name, entryType: type, startTime, responseEnd = startTime }) => ({
        name,
        type,
        end: performance.timeOrigin + responseEnd,
    }));

/** When each part of a visit is there, in milliseconds from its start: `[name, milliseconds]`, the parts of the worker beside those of the page. */
export async function timeline(page) {
    const origin = await page.evaluate(() => performance.timeOrigin);
    // Threads are workers, too.
    const [worker] = page.workers().filter((worker) => worker.url().endsWith("/worker/main.js"));
    const found = await Promise.all([page.evaluate(entries), worker.evaluate(entries)]);
    return [PAGE, WORKER].flatMap((parts, i) =>
        parts.map(([part, isOf]) => {
            const ends = found[i].filter(isOf).map(({ end }) => end - origin);
            return [part, Math.max(...ends)];
        }),
    );
}
