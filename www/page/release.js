/** Releases of the page: another one may take this one's place while it is open. */

/** The folder of this one's code, named after its contents. */
const [folder] = new URL("..", import.meta.url).pathname.split("/").slice(-2);

/** Whether the page's address leads to another release by now, so that files of this one may be gone. */
export async function isOutdated() {
    // The service worker keeps the page itself, but no page with this query.
    const response = await fetch("?release", { cache: "no-store" }).catch(() => undefined);
    return Boolean(response?.ok) && !(await response?.text())?.includes(`${folder}/`);
}
