// Puts the page together in dist/. Code lives in a folder that is named after its contents, and so does each file of weights,
// so that no browser, cache or half-finished upload can mix two versions; only index.html, sw.js and card.jpg keep their names.
import { createHash } from "node:crypto";
import {
    cpSync,
    existsSync,
    mkdirSync,
    readFileSync,
    readdirSync,
    renameSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isLate, isOptional } from "./late.mjs";
import { ISOLATION } from "./serve.mjs";

const files = (folder) =>
    readdirSync(folder, { recursive: true })
        .filter((name) => statSync(join(folder, name)).isFile())
        .sort();
const root = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** Packages, with the name of their files. */
const PACKAGES = { cpu: "glow", relaxed: "glow", threads: "glow", gpu: "glow", eyes: "eyes" };
/** Those that are built; the page does without one that is optional. */
const built = () =>
    Object.keys(PACKAGES).filter((name) => !isOptional(name) || existsSync(root(`pkg/${name}/source.sha256`)));

/**
 * @param {string} dist where the page goes
 * @param {string} models a folder of weights with their index
 * @param {string} address where visitors will find the page: what shows a link with a picture wants to know it whole
 * @param {string[]} packages that it has
 */
export function site(dist, models, address = "", packages = built()) {
    // The one before may be on a server: it stays until this one is whole.
    const [next, before] = [`${dist}.next`, `${dist}.before`];
    for (const left of [next, before]) rmSync(left, { recursive: true, force: true });
    putTogether(next, models, address, packages);
    if (existsSync(dist)) renameSync(dist, before);
    renameSync(next, dist);
    rmSync(before, { recursive: true, force: true });
}

function putTogether(dist, models, address, packages) {
    const staged = join(dist, "app");
    mkdirSync(staged, { recursive: true });
    const elsewhere = /tsconfig\.json$|sw\.js$|card\.jpg$/;
    cpSync(root("www"), staged, { recursive: true, filter: (name) => !elsewhere.test(name) });
    for (const name of packages) {
        mkdirSync(join(staged, name));
        for (const file of [`${PACKAGES[name]}.js`, `${PACKAGES[name]}_bg.wasm`])
            cpSync(root(`pkg/${name}/${file}`), join(staged, name, file));
    }
    cpSync(root("eyes/LICENSE-face-api"), join(staged, "eyes/LICENSE-face-api"));
    cpSync(root("tests/portraits/astronaut.png"), join(staged, "example.png"));
    cpSync(root("www/card.jpg"), join(dist, "card.jpg"));
    cpSync(join(models, "index.json"), join(staged, "models/index.json"));

    const page = readFileSync(root("index.html"), "utf8");
    const worker = readFileSync(root("www/worker/sw.js"), "utf8");
    const hash = createHash("sha256").update(page).update(worker);
    for (const name of files(staged)) hash.update(name).update(readFileSync(join(staged, name)));
    const version = hash.digest("hex").slice(0, 12);
    const app = `app-${version}`;
    cpSync(staged, join(dist, app), { recursive: true });
    rmSync(staged, { recursive: true });

    // The worker loads its own.
    const isPage = (name) => name.endsWith(".js") && !/^(worker|cpu)\//.test(name);
    const modules = files(join(dist, app)).filter((name) => isPage(name) && !isLate(name));
    const preloads = modules.map((name) => `<link rel="modulepreload" href="${app}/${name}" />`);
    writeFileSync(
        join(dist, "index.html"),
        page
            .replaceAll("www/card.jpg", `${address}card.jpg`)
            .replaceAll("www/", `${app}/`)
            .replace("</head>", `    ${preloads.join("\n        ")}\n    </head>`),
    );

    const index = JSON.parse(readFileSync(join(models, "index.json"), "utf8"));
    const offered = index.flatMap((entry) => (entry.attributes ? [entry, entry.attributes] : [entry]));
    for (const { file, bytes, sha256: expected } of offered) {
        const path = join(models, file);
        if (statSync(path).size !== bytes || sha256(path) !== expected) {
            throw new Error(`index.json: ${file} has ${statSync(path).size} bytes and SHA-256 ${sha256(path)}`);
        }
        cpSync(path, join(dist, "models", expected.slice(0, 12), file));
    }

    // What is not for everyone is kept when it has been used.
    const kept = files(join(dist, app)).filter((name) => !isOptional(name) && name !== "example.png");
    const list = ["./", ...kept.map((name) => `${app}/${name}`)];
    const [, policy] = page.match(/Content-Security-Policy"\s+content="([^"]*)"/);
    const headers = Object.entries({ "Content-Security-Policy": policy, ...ISOLATION });
    writeFileSync(
        join(dist, "sw.js"),
        worker
            .replace("VERSION", version)
            .replace("[/* headers */]", JSON.stringify(headers))
            .replace("[/* files */]", JSON.stringify(list, null, 4)),
    );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const [dist, models] = ["../dist", "../models"].map((path) => fileURLToPath(new URL(path, import.meta.url)));
    site(dist, models, process.env.GLOW_URL);
}
