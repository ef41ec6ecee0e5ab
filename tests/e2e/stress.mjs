// The page with threads on a machine that has more to do than cores: opened again and again, and asked for other faces before the
// last ones are there. `node tests/e2e/stress.mjs [chromium|firefox|webkit] [OPENINGS] [CALLS]` prints how many hung.
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { ISOLATION, serve } from "../../pkg-scripts/serve.mjs";
import { start as spawn } from "./engine/tidy.mjs";

/** Milliseconds after which a page is taken for one that hangs: many times what the slowest took. */
const PATIENCE = 60_000;
/** Busy processes beside the browser: more than there are cores. */
const LOAD = Math.max(4, availableParallelism() + 2);

/** In the page: whether it is ready in time, and has threads, which none had to replace. */
async function ready(patience) {
    for (const start = performance.now(); performance.now() - start < patience;) {
        if (document.body?.dataset.state === "ready") {
            const threads = / [2-9] threads\./.test(document.querySelector("#device-state").textContent);
            return threads && document.querySelector("#alert").hidden;
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return false;
}

/** In the page: asks for new faces, and at some moment before they are there for others. */
function askTwice(moment) {
    document.querySelector("#dice").click();
    return new Promise((resolve) =>
        setTimeout(() => {
            document.querySelector("#dice").click();
            resolve(document.body.dataset.state);
        }, moment),
    );
}

/** How many of so many openings and calls of an engine's page hung. */
export async function stress(engine, openings, calls) {
    const { server, url } = await serve(0, "/", undefined, ISOLATION);
    const { start } = await import(`./engine/${engine}.mjs`);
    const browser = await start();
    const busy = Array.from({ length: LOAD }, () => spawn(process.execPath, [fileURLToPath(import.meta.url), "busy"]));
    const hung = { openings: 0, calls: 0 };
    try {
        const open = async (clean) => {
            const page = await browser.newPage();
            await page.goto(`${url}?n=4&seed=1&clean=${clean}&on=cpu`);
            return { page, opened: await page.evaluate(ready, PATIENCE) };
        };
        for (let i = 0; i < openings; i++) {
            const { page, opened } = await open(i % 2);
            hung.openings += Number(!opened);
            await page.close();
        }
        let { page } = await open(0);
        for (let i = 0; i < calls; i += 2) {
            await page.evaluate(askTwice, i % 50);
            if (await page.evaluate(ready, PATIENCE)) continue;
            hung.calls += 1;
            await page.close();
            ({ page } = await open(0));
        }
    } finally {
        busy.forEach(({ end }) => end());
        await browser.close();
        server.close();
    }
    return hung;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    if (process.argv[2] === "busy") for (;;);
    const [engine = "chromium", openings = 300, calls = 2000] = process.argv.slice(2);
    const hung = await stress(engine, Number(openings), Number(calls));
    console.log(`${engine}: of ${openings} openings ${hung.openings} hung, of ${calls} calls ${hung.calls}`);
    process.exit(0);
}
