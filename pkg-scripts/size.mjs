// See size.sh.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { isLate } from "./late.mjs";

// Set a little above what was reached: a change that costs more has to say why.
const BUDGET = { "all code": 3_058_000, "before the first face": 415_000 };

process.chdir(new URL("../dist", import.meta.url).pathname);
const app = readdirSync(".").find((name) => name.startsWith("app-"));
const brotli = (path) => brotliCompressSync(readFileSync(path)).length;
const code = readdirSync(app, { recursive: true }).filter(
    (name) => statSync(join(app, name)).isFile() && !/\.(png|json|webmanifest)$/.test(name),
);
const sizes = new Map(code.map((name) => [name, brotli(join(app, name))]));
const page = brotli("index.html");
const sum = (names) => names.reduce((total, name) => total + sizes.get(name), page);

const all = sum(code);
// A visitor loads the words of one language: at most the longest.
const words = Math.max(...code.filter((name) => name.startsWith("strings/")).map((name) => sizes.get(name)));
const first = words + sum(code.filter((name) => !isLate(name)));
const [model] = JSON.parse(readFileSync(join(app, "models/index.json"), "utf8"));
const row = (what, bytes) => console.log(`${bytes.toLocaleString("en").padStart(10)}  ${what}`);
row("CPU package", sizes.get("cpu/glow_bg.wasm"));
row("CPU package with relaxed SIMD", sizes.get("relaxed/glow_bg.wasm"));
row("CPU package with threads and relaxed SIMD", sizes.get("threads/glow_bg.wasm"));
row("GPU package", sizes.get("gpu/glow_bg.wasm"));
row("package that finds eyes", sizes.get("eyes/eyes_bg.wasm"));
row("all code", all);
row("code before the first face", first);
row(`weights, ${model.name}`, model.bytes);
row("loaded before the first face, in all", first + model.bytes);
for (const [what, bytes] of [
    ["all code", all],
    ["before the first face", first],
]) {
    if (bytes > BUDGET[what]) {
        console.error(`${what}: ${bytes} bytes, over the budget of ${BUDGET[what]}`);
        process.exitCode = 1;
    }
}
