// See bench.sh.
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { format } from "prettier";
import { start } from "../tests/e2e/browser.mjs";
import { exportOnnx } from "./onnx.mjs";
import { ISOLATION as headers } from "./serve.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const json = (path) => JSON.parse(readFileSync(path, "utf8"));
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: "string", default: "15" }, "software-webgpu": { type: "boolean", default: false } },
});
const options = { rounds: Number(values.rounds), software: values["software-webgpu"] };
const weights = positionals.length ? positionals : json("models/index.json").map(({ file }) => `models/${file}`);

const flags = options.software ? [] : ["--use-webgpu-adapter=default"];
const chrome = await start({ folder: ".", headers, flags });
const page = await chrome.browser.newPage();
await page.goto(`${chrome.url}bench/`);

const results = {
    machine: { cpu: cpus()[0].model, cores: availableParallelism(), loadBefore: loadavg()[0] },
    versions: {
        chromium: chrome.browser.version(),
        glow: execFileSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" }).trim(),
        "onnxruntime-web": json("node_modules/onnxruntime-web/package.json").version,
    },
    models: {},
};
for (const path of weights) {
    const name = basename(path, ".safetensors");
    const folder = `pkg/bench/${name}`;
    exportOnnx(path, folder);
    cpSync(path, `${folder}/model.safetensors`);
    results.models[name] = await page.evaluate(
        async ([folder, options]) => (await import("/bench/bench.js")).bench(`/${folder}`, options),
        [folder, options],
    );
}
await chrome.stop();

const rows = Object.entries(results.models).flatMap(([name, { tasks }]) =>
    Object.entries(tasks).map(([task, contenders]) => [`${name}, ${task}`, contenders]),
);
for (const [row, contenders] of rows) {
    for (const [name, contender] of Object.entries(contenders)) {
        contender.median = median(contender.milliseconds);
        console.log(
            `${row}, ${name}: ${contender.median.toFixed(1)} ms, differs by ${JSON.stringify(contender.differences)}`,
        );
    }
}
const text = await format(JSON.stringify(results), { parser: "json", printWidth: 120, tabWidth: 4 });
writeFileSync("bench/results.json", text);

const rivals = Object.keys(rows[0][1]).filter((name) => !name.startsWith("glow"));
const ratio = (contenders, rival) =>
    contenders[rival.includes("WebGPU") ? "glow, WebGPU" : "glow, CPU"].median / contenders[rival].median;
const line = (cells) => console.log(`| ${cells.join(" | ")} |`);
console.log("\nThe page's time divided by the other's:\n");
line(["", ...rivals]);
line(["---", ...rivals.map(() => "---:")]);
for (const [row, contenders] of rows) line([row, ...rivals.map((rival) => ratio(contenders, rival).toFixed(2))]);
