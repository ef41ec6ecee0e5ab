// The face that is played with, and its controls.
import { fixture, pixels, state } from "./browser.mjs";

export const ready = (page) =>
    page.waitForFunction(
        () => document.querySelector("#editor").checkVisibility() && document.body.dataset.state === "ready",
        undefined,
        { timeout: 120_000 },
    );
export const edited = (page) => pixels(page.locator("#edited"));
export const slider = (page, name) => page.getByRole("slider", { name, exact: true });
export const values = (page) =>
    page.locator("#sliders input").evaluateAll((inputs) => inputs.map((input) => input.valueAsNumber));

/** Moves a slider, and waits for the picture. */
export async function move(page, name, value) {
    await slider(page, name).fill(String(value));
    await state(page, "ready");
}

export async function playWithFace(page, number = 1) {
    await page
        .locator(".face")
        .nth(number - 1)
        .click();
    await page.click("#edit");
    await ready(page);
}

export async function playWithPhoto(page) {
    await page.setInputFiles("#file", fixture("astronaut.png"));
    await page.waitForFunction(() => document.querySelector("#verdict").textContent, undefined, { timeout: 120_000 });
    await state(page, "ready");
    await page.click("#photo-edit");
    await ready(page);
}

/** Waits for the pictures between faces. */
export async function mixed(page, pictures) {
    await page.waitForFunction(
        (pictures) => document.querySelectorAll("#mixes .cell:enabled").length === pictures,
        pictures,
        { timeout: 120_000 },
    );
    await state(page, "ready");
}
