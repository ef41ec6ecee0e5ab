/** A finger that scrolls the page may touch a slider on its way, which moves at once: it goes back. */

/** @type {{ slider: HTMLInputElement, value: string } | undefined} */
let touched;

export function startTouch() {
    addEventListener("pointerdown", ({ target }) => {
        const isSlider = target instanceof HTMLInputElement && target.type === "range";
        touched = isSlider ? { slider: target, value: target.value } : undefined;
    });
    // The browser takes the finger for scrolling.
    addEventListener("pointercancel", () => {
        if (!touched || touched.slider.value === touched.value) return;
        touched.slider.value = touched.value;
        touched.slider.dispatchEvent(new Event("input", { bubbles: true }));
    });
}
