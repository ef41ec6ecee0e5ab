/** The service worker: keeps one version of the page, whole, for when there is no network. */
const KEPT = "glow-page-VERSION";
/** @type {string[]} */
const FILES = [/* files */];
/** What a static host does not send: workers obey the policy of their own response; threads want isolation. @type {[string, string][]} */
const HEADERS = [/* headers */];
/** Milliseconds after which nobody waits for storage any more. */
const PATIENCE = 5000;

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

worker.addEventListener("install", (event) => {
    const requests = FILES.map((file) => new Request(file, { cache: "reload" }));
    event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(requests)));
    // The next page that is opened is of this version, whatever is open still.
    worker.skipWaiting();
});

worker.addEventListener("activate", (event) => {
    const forget = async () => {
        const all = (await caches.keys()).filter((name) => name.startsWith("glow-page-"));
        // Pages of the version before may be open, and want their parts.
        await Promise.all(all.slice(0, -2).map((name) => caches.delete(name)));
        await worker.clients.claim();
    };
    event.waitUntil(forget());
});

worker.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method === "GET" && url.origin === location.origin) event.respondWith(answer(request, url));
});

/** @param {Request} request @param {URL} url */
async function answer(request, url) {
    // What is in a folder named after its contents never changes, whichever version it is of.
    const isNamed = url.pathname.includes("/app-");
    const kept = await attempt(async () => {
        if (isNamed) return caches.match(request);
        return (await caches.open(KEPT)).match(request, { ignoreSearch: request.mode === "navigate" });
    });
    if (kept) return withHeaders(kept);
    const response = await fetch(request);
    // Kept once it has been used.
    const copy = response.ok && isNamed && response.clone();
    if (copy) await attempt(async () => (await caches.open(KEPT)).put(request, copy));
    return withHeaders(response);
}

/** What storage does not give is undefined. @template T @param {() => Promise<T>} access @returns {Promise<T | undefined>} */
const attempt = (access) =>
    Promise.race([
        access().catch(() => undefined),
        new Promise((/** @type {(value: undefined) => void} */ resolve) => setTimeout(resolve, PATIENCE)),
    ]);

/** @param {Response} response */
function withHeaders(response) {
    if (!response.ok) return response;
    const headers = new Headers(response.headers);
    for (const [name, value] of HEADERS) headers.set(name, value);
    return new Response(response.body, { status: response.status, headers });
}
