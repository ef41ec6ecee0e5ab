// Puts the page together in dist/. Code lives in a folder that is named after its contents, so that no browser, cache or
// half-finished upload can mix two versions of it; only index.html and sw.js keep their names.
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ISOLATION } from "./serve.mjs";

process.chdir(new URL("..", import.meta.url).pathname);

const files = (folder) =>
    readdirSync(folder, { recursive: true })
        .filter((name) => statSync(join(folder, name)).isFile())
        .sort();
const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");

rmSync("dist", { recursive: true, force: true });
const staged = "dist/app";
mkdirSync(staged, { recursive: true });
const elsewhere = /tsconfig\.json$|sw\.js$/;
cpSync("www", staged, { recursive: true, filter: (name) => !elsewhere.test(name) });
for (const [name, lib] of [
    ["cpu", "glow"],
    ["relaxed", "glow"],
    ["threads", "glow"],
    ["gpu", "glow"],
    ["eyes", "eyes"],
]) {
    mkdirSync(`${staged}/${name}`);
    for (const file of [`${lib}.js`, `${lib}_bg.wasm`]) cpSync(`pkg/${name}/${file}`, `${staged}/${name}/${file}`);
}
cpSync("eyes/LICENSE-face-api", `${staged}/eyes/LICENSE-face-api`);
cpSync("tests/portraits/astronaut.png", `${staged}/example.png`);

const page = readFileSync("index.html", "utf8");
const worker = readFileSync("www/worker/sw.js", "utf8");
const models = readFileSync("models/index.json", "utf8");
const hash = createHash("sha256").update(page).update(worker).update(models);
for (const name of files(staged)) hash.update(name).update(readFileSync(join(staged, name)));
const version = hash.digest("hex").slice(0, 12);
const app = `app-${version}`;
cpSync(staged, `dist/${app}`, { recursive: true });
rmSync(staged, { recursive: true });

// The worker loads its own; the others come when what they do is asked for.
const lazy = /^(worker|cpu|relaxed|threads|gpu|eyes|photo|play|keep|explain|pictures)\//;
const modules = files(`dist/${app}`).filter((name) => name.endsWith(".js") && !lazy.test(name));
const preloads = modules.map((name) => `<link rel="modulepreload" href="${app}/${name}" />`);
writeFileSync(
    "dist/index.html",
    page.replaceAll("www/", `${app}/`).replace("</head>", `    ${preloads.join("\n        ")}\n    </head>`),
);

mkdirSync("dist/models");
cpSync("models/index.json", "dist/models/index.json");
const offered = JSON.parse(models).flatMap((entry) => (entry.attributes ? [entry, entry.attributes] : [entry]));
for (const { file, bytes, sha256: expected } of offered) {
    const path = `models/${file}`;
    if (statSync(path).size !== bytes || sha256(path) !== expected) {
        throw new Error(`models/index.json: ${file} has ${statSync(path).size} bytes and SHA-256 ${sha256(path)}`);
    }
    cpSync(path, `dist/${path}`);
}

// The packages for relaxed SIMD, threads, a GPU and photos are big and not for everyone: they are kept when they have been used.
const kept = files(`dist/${app}`).filter(
    (name) => !/^(relaxed|threads|gpu|eyes)\//.test(name) && name !== "example.png",
);
const list = ["./", "models/index.json", ...kept.map((name) => `${app}/${name}`)];
const [, policy] = page.match(/Content-Security-Policy"\s+content="([^"]*)"/);
writeFileSync(
    "dist/sw.js",
    worker
        .replace("VERSION", version)
        .replace("[/* headers */]", JSON.stringify(Object.entries({ "Content-Security-Policy": policy, ...ISOLATION })))
        .replace("[/* files */]", JSON.stringify(list, null, 4)),
);
