/** Loads the page, and has it kept. Where a part of it is missing, it says so in words that need none of it. */
// What waits for no other part starts first; whether it is there, the page finds out.
import("./engine/ahead.js").catch(() => {});
const page = import("./page/main.js");
page.catch(() => {
    const alert = /** @type {HTMLElement} */ (document.getElementById("alert"));
    const [sentence, retry, dismiss] = /** @type {HTMLCollectionOf<HTMLElement>} */ (alert.children);
    sentence.textContent =
        "A part of this page could not be loaded. Check the connection and reload it. 本页的一部分无法载入。请检查网络后刷新。";
    retry.textContent = "Reload 刷新";
    retry.addEventListener("click", () => location.reload());
    dismiss.hidden = true;
    alert.hidden = false;
    /** @type {NodeListOf<HTMLElement>} */
    const empty = document.querySelectorAll("main > section, footer, .language, #status");
    for (const part of empty) part.hidden = true;
    document.body.dataset.state = "error";
});

// After the first faces: what it keeps is fetched for it, which would come between them and their weights.
const shown = page.then(({ shown }) => shown).catch(() => {});
shown.then(() => navigator.serviceWorker?.register("sw.js")).catch(() => {}); // Refused, as storage may be.
