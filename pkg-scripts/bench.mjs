// See bench.sh.
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { format } from "prettier";
import { median } from "../bench/median.js";
import { start } from "../tests/e2e/browser.mjs";
import { exportOnnx } from "./onnx.mjs";
import { roofTable, threadsTable } from "./roof.mjs";
import { ISOLATION as headers } from "./serve.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const json = (path) => JSON.parse(readFileSync(path, "utf8"));

const VISITS = 5;
/** Faces that are drawn at once to time each part of it. */
const BATCHES = [1, 16];
const THREADS = 2;
const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        rounds: { type: "string", default: "15" },
        "software-webgpu": { type: "boolean", default: false },
        roof: { type: "boolean", default: false },
    },
});
const options = { rounds: Number(values.rounds), software: values["software-webgpu"] };
const offered = json("models/index.json").map(({ file }) => `models/${file}`);
const weights = positionals.length ? positionals : offered.slice(0, options.software ? 1 : undefined);

const flags = options.software ? [] : ["--use-webgpu-adapter=default"];
const chrome = await start({ folder: ".", headers, flags });

/** Calls what a module of bench/ exports, in a page of a browser that has nothing of it yet. */
async function run(module, name, ...args) {
    const context = await chrome.browser.newContext();
    const page = await context.newPage();
    await page.goto(`${chrome.url}bench/`);
    const result = await page.evaluate(
        async ([module, name, args]) => (await import(`/bench/${module}`))[name](...args),
        [module, name, args],
    );
    await context.close();
    return result;
}

/** Times of first faces, by contender, one visit of each after the other. */
async function firstFaces(names, folder, info) {
    const times = Object.fromEntries(names.map((name) => [name, { milliseconds: [] }]));
    for (let visit = 0; visit < VISITS; visit++) {
        for (const name of names) times[name].milliseconds.push(await run("cold.js", "firstFace", name, folder, info));
    }
    return times;
}

const version = (name) => json(`node_modules/${name}/package.json`).version;
const results = {
    machine: { cpu: cpus()[0].model, cores: availableParallelism(), loadBefore: loadavg()[0] },
    versions: {
        chromium: chrome.browser.version(),
        glow: execFileSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" }).trim(),
        "onnxruntime-web": version("onnxruntime-web"),
        "TensorFlow.js": version("@tensorflow/tfjs-core"),
    },
    models: {},
};
for (const path of weights) {
    const name = basename(path, ".safetensors");
    const folder = `pkg/bench/${name}`;
    cpSync(path, `${folder}/model.safetensors`);
    for (const images of options.software ? [] : BATCHES) {
        const roof = (threads) => run("contender.js", "roof", { folder: `/${folder}`, images, threads });
        const [one, two] = [await roof(1), await roof(THREADS)];
        for (const line of [...roofTable(name, one), ...threadsTable(name, one, two, THREADS)]) console.log(line);
    }
    if (values.roof) continue;
    exportOnnx(path, folder);
    const result = await run("bench.js", "bench", `/${folder}`, options);
    const onCpu = Object.keys(result.tasks["1 face"]).filter((contender) => !contender.includes("WebGPU"));
    if (onCpu.length) result.tasks["the first face"] = await firstFaces(onCpu, `/${folder}`, result.info);
    results.models[name] = result;
}
await chrome.stop();
if (values.roof) process.exit();

const rows = Object.entries(results.models).flatMap(([name, { tasks }]) =>
    Object.entries(tasks).map(([task, contenders]) => [`${name}, ${task}`, contenders]),
);
for (const [row, contenders] of rows) {
    for (const [name, contender] of Object.entries(contenders)) {
        contender.median = median(contender.milliseconds);
        const differences = contender.differences ? `, differs by ${JSON.stringify(contender.differences)}` : "";
        console.log(`${row}, ${name}: ${contender.median.toFixed(1)} ms${differences}`);
    }
}
const text = await format(JSON.stringify(results), { parser: "json", printWidth: 120, tabWidth: 4 });
writeFileSync(options.software ? "bench/software-webgpu.json" : "bench/results.json", text);

const rivals = Object.keys(rows[0][1]).filter((name) => !name.startsWith("glow"));
/** By the page's time where a rival computes, or else on one thread of the CPU. */
function ratio(contenders, rival) {
    const [, where] = rival.split(", ");
    const glow = contenders[`glow, ${where}`] ?? contenders[`glow, CPU, ${where}`] ?? contenders["glow, CPU"];
    return contenders[rival] ? (glow.median / contenders[rival].median).toFixed(2) : "";
}
const line = (cells) => console.log(`| ${cells.join(" | ")} |`);
console.log("\nThe page's time divided by the other's:\n");
line(["", ...rivals]);
line(["---", ...rivals.map(() => "---:")]);
for (const [row, contenders] of rows) line([row, ...rivals.map((rival) => ratio(contenders, rival))]);
