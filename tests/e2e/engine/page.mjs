// What every engine's page can do: what its driver does, and what follows from it.
import { fileURLToPath } from "node:url";
import { ofModel } from "../browser.mjs";
import { site } from "./site.mjs";
import { until } from "./until.mjs";

export const portrait = fileURLToPath(new URL("../../portraits/astronaut.png", import.meta.url));

class Page {
    #press;

    constructor(driver) {
        const { click, ...others } = driver;
        Object.assign(this, others);
        this.#press = click;
    }

    /** Presses what can be pressed, or will be, once it stands still: a page that scrolls takes it away from under the pointer. */
    async click(selector) {
        await this.until(async (selector) => {
            const found = document.querySelector(selector);
            if (!found?.checkVisibility() || found.disabled) return false;
            const place = () => JSON.stringify(found.getBoundingClientRect());
            const before = place();
            await new Promise((done) => setTimeout(done, 50));
            return place() === before;
        }, selector);
        await this.#press(selector);
    }

    /** Waits for what a function says in the page. */
    async until(condition, ...args) {
        try {
            return await until(`${condition} ${args}`.slice(0, 300), () => this.evaluate(condition, ...args));
        } catch (error) {
            throw new Error(`${error.message} The page says: ${await this.#says().catch(String)}`, { cause: error });
        }
    }

    /** What it tells a visitor, and what it asked for last. */
    #says() {
        return this.evaluate(() => {
            const text = (selector) => document.querySelector(selector)?.textContent.trim();
            const asked = performance.getEntriesByType("resource").map(({ name }) => name.split("/").pop());
            return JSON.stringify([document.body.dataset, text("#message"), text("#alert"), asked.slice(-5)]);
        });
    }

    state(wanted) {
        return this.until((wanted) => document.body.dataset.state === wanted, wanted);
    }

    shown(selector) {
        return this.until((selector) => document.querySelector(selector)?.checkVisibility(), selector);
    }

    text(selector) {
        return this.evaluate((selector) => document.querySelector(selector).textContent, selector);
    }

    says(selector, pattern) {
        const matches = (selector, source) => new RegExp(source).test(document.querySelector(selector)?.textContent);
        return this.until(matches, selector, pattern.source);
    }

    /** The values of every canvas, RGBA. */
    pixels(selector) {
        return this.evaluate((selector) => {
            const values = (canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            return [...document.querySelectorAll(selector)].map((canvas) => [...values(canvas)]);
        }, selector);
    }

    faces() {
        return this.pixels(".face canvas");
    }

    /** Gives a control a value, and waits for what comes of it. */
    async set(selector, value) {
        const set = (selector, value) => {
            const control = document.querySelector(selector);
            control.value = value;
            for (const type of ["input", "change"]) control.dispatchEvent(new Event(type, { bubbles: true }));
        };
        await this.evaluate(set, selector, String(value));
        await this.state("ready");
    }

    /** Presses a button, and waits for what comes of it. */
    async act(selector) {
        await this.click(selector);
        await this.state("ready");
    }

    async encode(path = portrait) {
        await this.upload("#file", path);
        await this.says("#verdict", /./);
        await this.state("ready");
    }

    async play(face = 1) {
        await this.click(`.face:nth-child(${face})`);
        await this.click("#edit");
        await this.shown("#editor");
        await this.state("ready");
    }
}

/** Opens the page at a site of its own, or at one that is there; waits until it is ready. `model` as in ../browser.mjs. */
export async function open(browser, query = "", { at, model = "faces32", ready = true, ...options } = {}) {
    const own = at ?? (await site(options));
    const page = new Page(await browser.newPage());
    await page.goto(own.url + ofModel(query, model));
    if (ready) await page.state("ready");
    return { page, site: own };
}
