// WebKitGTK's own browser on a screen of its own, by WebDriver.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { downloaded } from "./download.mjs";
import { start as spawn, temporary } from "./tidy.mjs";
import { PATIENCE, until } from "./until.mjs";

export const name = "webkit";
export const lacks = {
    "the camera takes a photo": "its browser asks a person for leave, even where a program runs it",
    "where it is isolated it computes on threads, the same to the last bit": "no relaxed SIMD, hence one thread",
};

/** Wide enough for a desk, high enough for a page with everything unfolded. */
const SCREEN = { width: 1300, height: 9000 };
const KEYS = { Tab: "\ue004", Enter: "\ue007", Home: "\ue011", ArrowRight: "\ue014" };
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

export async function start() {
    const home = temporary("webkit");
    const downloads = join(home.folder, "downloads");
    mkdirSync(downloads);
    writeFileSync(join(home.folder, "user-dirs.dirs"), `XDG_DOWNLOAD_DIR="${downloads}"\n`);
    const screen = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", `${SCREEN.width}x${SCREEN.height}x24`], {
        stdio: ["ignore", "ignore", "ignore", "pipe"],
    });
    const [number] = await once(screen.child.stdio[3], "data", { signal: AbortSignal.timeout(PATIENCE) });
    const display = `:${String(number).trim()}`;
    const folders = ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"];
    const driver = await connect({
        ...process.env,
        ...Object.fromEntries(folders.map((name) => [name, home.folder])),
        DISPLAY: display,
        NO_AT_BRIDGE: "1",
        // As root there is no sandbox, on this screen no GPU.
        WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
        WEBKIT_DISABLE_DMABUF_RENDERER: "1",
        WEBKIT_DISABLE_COMPOSITING_MODE: "1",
        LIBGL_ALWAYS_SOFTWARE: "1",
    });
    // With the last window the session would end.
    const first = await driver.call("GET", "/window");
    return {
        newPage: async () => {
            const { handle } = await driver.inWindow(first, "POST", "/window/new", { type: "window" });
            const page = face((...command) => driver.inWindow(handle, ...command), display, downloads);
            await page.resize(1280, 900);
            return page;
        },
        close: async () => {
            await driver.call("DELETE", "");
            for (const act of [driver.end, screen.end, home.remove]) act();
        },
    };
}

/** Starts the driver, and a session of it. */
async function connect(env) {
    const port = 20_000 + (process.pid % 20_000);
    const { end } = spawn("WebKitWebDriver", [`--port=${port}`], { env, stdio: "ignore" });
    const ask = async (method, path, body) => {
        const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body) });
        const { value } = await response.json();
        if (!response.ok) throw new Error(`${path}: ${value.error}: ${value.message}`);
        return value;
    };
    await until("WebKitWebDriver", () => ask("GET", "/status").catch(() => false));
    const timeouts = { script: 600_000, pageLoad: 600_000 };
    const { sessionId } = await ask("POST", "/session", { capabilities: { alwaysMatch: { timeouts } } });
    const call = (method, path, body) => ask(method, `/session/${sessionId}${path}`, body);
    const inWindow = async (handle, ...command) => {
        await call("POST", "/window", { handle });
        return call(...command);
    };
    return { call, inWindow, end };
}

function face(call, display, downloads) {
    const evaluate = async (script, ...args) => {
        const answer = await call("POST", "/execute/async", {
            script: `const args = [...arguments], done = args.pop();
                (async () => (${script})(...args))().then((value) => done({ value }), (error) => done({ error: String(error) }));`,
            args,
        });
        if ("error" in answer) throw new Error(answer.error);
        return answer.value ?? undefined;
    };
    const find = async (selector) => {
        const found = await call("POST", "/element", { using: "css selector", value: selector });
        return `/element/${found[ELEMENT]}`;
    };
    const press = (key) => {
        const actions = ["keyDown", "keyUp"].map((type) => ({ type, value: KEYS[key] ?? key }));
        return call("POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
    };
    // Its driver takes a finger for a mouse.
    const finger = ([first, ...others]) => {
        const move = ([x, y]) => ({ type: "pointerMove", duration: 0, x, y });
        const actions = [
            move(first),
            { type: "pointerDown", button: 0 },
            ...others.map(move),
            { type: "pointerUp", button: 0 },
        ];
        const parameters = { pointerType: "touch" };
        return call("POST", "/actions", { actions: [{ type: "pointer", id: "finger", parameters, actions }] });
    };
    const resize = async (width, height) => {
        await call("POST", "/window/rect", { x: 0, y: 0, width, height });
        const [inner, innerHeight] = await evaluate(() => [innerWidth, innerHeight]);
        // Around the page lie the browser's own bars.
        await call("POST", "/window/rect", { x: 0, y: 0, width: 2 * width - inner, height: 2 * height - innerHeight });
    };
    return {
        goto: (url) => call("POST", "/url", { url }),
        reload: () => call("POST", "/refresh", {}),
        evaluate,
        click: async (selector) => {
            const scroll = (selector) =>
                document.querySelector(selector).scrollIntoView({ block: "center", behavior: "instant" });
            await evaluate(scroll, selector);
            await call("POST", `${await find(selector)}/click`, {});
        },
        press,
        finger,
        upload: async (selector, path) => call("POST", `${await find(selector)}/value`, { text: path }),
        resize,
        // WebDriver's own screenshots never come: the window is made as high as the page, and its screen is taken.
        shoot: async (path) => {
            const [width, height] = await evaluate(() => [innerWidth, document.documentElement.scrollHeight]);
            await resize(width, Math.min(height, SCREEN.height - 200));
            await evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
            const outer = await call("GET", "/window/rect");
            const crop = `${outer.width}x${outer.height}+0+0`;
            const take = ["-display", display, "-window", "root", "-crop", crop, "+repage"];
            // The hour of the day is no part of a picture.
            execFileSync("import", [...take, "-define", "png:exclude-chunks=date,time", path]);
        },
        download: (act) => downloaded(downloads, act),
        close: () => call("DELETE", "/window"),
    };
}
