/**
 * Calls back while a button is pressed, by pointer or keyboard, or a key is, anywhere in a section.
 * @param {HTMLButtonElement} button
 * @param {HTMLElement} section
 * @param {string} key
 * @param {(held: boolean) => void} hold
 */
export function onHold(button, section, key, hold) {
    button.addEventListener("pointerdown", (event) => {
        button.setPointerCapture(event.pointerId);
        hold(true);
    });
    section.addEventListener("keydown", (event) => {
        const free = !event.ctrlKey && !event.metaKey && !event.altKey;
        const pressed = event.target === button && [" ", "Enter"].includes(event.key);
        if (free && (pressed || event.key.toLowerCase() === key)) hold(true);
    });
    section.addEventListener("keyup", () => hold(false));
    for (const end of ["pointerup", "pointercancel", "blur"]) button.addEventListener(end, () => hold(false));
    // A long press is no call for a menu.
    button.addEventListener("contextmenu", (event) => event.preventDefault());
}
