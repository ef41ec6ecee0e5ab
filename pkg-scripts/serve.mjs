// Serves dist/ on localhost: node pkg-scripts/serve.mjs [PORT]
import { once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import sirv from "sirv";

/** A page may have threads if it shares its process with no other origin's, and loads nothing that does not allow it. */
export const ISOLATION = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
};

const dist = fileURLToPath(new URL("../dist", import.meta.url));

/** Starts a server, on a port of the system's choice if it is 0; resolves with it and the page's address. */
export async function serve(port = 0, path = "/", folder = dist, headers = {}) {
    const files = sirv(folder, { dev: true, etag: true });
    const server = createServer((request, response) => {
        response.setHeaders(new Headers({ "Cache-Control": "no-cache", ...headers }));
        const missing = () => {
            response.statusCode = 404;
            response.end();
        };
        if (!request.url.startsWith(path)) return missing();
        request.url = request.url.slice(path.length - 1);
        files(request, response, missing);
    });
    const address = await listen(server, port);
    return { server, url: `http://localhost:${address.port}${path}` };
}

/** Where a server listens now; rejects if the port is taken. */
export async function listen(server, port) {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return server.address();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const { url } = await serve(Number(process.argv[2] ?? 8080), "/", dist, ISOLATION);
    console.log(`Glow is at ${url}`);
}
