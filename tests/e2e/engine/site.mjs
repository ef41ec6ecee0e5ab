// The built page on a server of its own: an origin that has nothing of it yet, and can be out of reach.
import { readFileSync, readdirSync } from "node:fs";
import { listen, serve } from "../../../pkg-scripts/serve.mjs";
import { until } from "./until.mjs";

const dist = new URL("../../../dist/", import.meta.url);
const app = readdirSync(dist).find((name) => name.startsWith("app-"));

/**
 * `before` is the text of a script that runs in the page before its own scripts, `worker` that of one that runs in the worker.
 * `more` are files beside the page's, by path: type and content.
 */
export async function site({ headers, before = "", worker = "", more } = {}) {
    const { server, url } = await serve(0, "/", undefined, headers);
    const { port } = server.address();
    const read = (path) => readFileSync(new URL(path, dist), "utf8");
    const script = `<script src="before.js"></script>`;
    const files = {
        "/": ["text/html", read("index.html").replace("<script", `${script}$&`)],
        "/before.js": ["text/javascript", before],
        [`/${app}/worker/main.js`]: ["text/javascript", `import "./before.js";${read(`${app}/worker/main.js`)}`],
        [`/${app}/worker/before.js`]: ["text/javascript", worker],
        ...more,
    };
    const [others] = server.listeners("request");
    server.removeListener("request", others);
    server.on("request", (request, response) => {
        const [type, content] = files[request.url.split("?")[0]] ?? [];
        if (!type) return others(request, response);
        response.setHeaders(new Headers({ ...headers, "Content-Type": type, "Cache-Control": "no-cache" }));
        response.end(content);
    });
    const leave = () => {
        server.close();
        server.closeAllConnections();
    };
    // While it was away something else may have got its port.
    const comeBack = () => until("the site's port", () => listen(server, port).catch(() => false));
    return { url, leave, comeBack };
}
