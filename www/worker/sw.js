/** The service worker: keeps one version of the page, whole, for when there is no network. */
const KEPT = "glow-page-VERSION";
/** @type {string[]} */
const FILES = [/* files */];
/** What a static host does not send: workers obey the policy of their own response; threads want isolation. @type {[string, string][]} */
const HEADERS = [/* headers */];

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

worker.addEventListener("install", (event) => {
    const requests = FILES.map((file) => new Request(file, { cache: "reload" }));
    event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(requests)));
});

worker.addEventListener("activate", (event) => {
    const forget = async () => {
        const old = (await caches.keys()).filter((name) => name.startsWith("glow-page-") && name !== KEPT);
        await Promise.all(old.map((name) => caches.delete(name)));
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
    const cache = await caches.open(KEPT);
    const kept = await cache.match(request, { ignoreSearch: request.mode === "navigate" });
    if (kept) return withHeaders(kept);
    const response = await fetch(request);
    // What is in a folder named after its contents never changes: kept once it has been used.
    if (response.ok && url.pathname.includes("/app-")) await cache.put(request, response.clone()).catch(() => {});
    return withHeaders(response);
}

/** @param {Response} response */
function withHeaders(response) {
    if (!response.ok) return response;
    const headers = new Headers(response.headers);
    for (const [name, value] of HEADERS) headers.set(name, value);
    return new Response(response.body, { status: response.status, headers });
}
