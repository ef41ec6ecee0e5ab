/** What the GPU is and does beside the CPU, in lines for a report. */
import * as browserGpu from "./gpu.js";
import { compare, time } from "./trial.js";

/** Images that are compared, and batches that are timed. */
const COMPARED = 4;
const BATCHES = [1, 16];

/** @param {import("./backends.js").Backends["bench"]} bench @returns {Promise<string>} */
export async function diagnose({ cpu, file, threads }, gpu = browserGpu) {
    const lines = [
        `Threads: ${threads}, cores: ${navigator.hardwareConcurrency}`,
        `CPU: ${await times({ model: cpu })}`,
    ];
    const found = await gpu.find();
    if (typeof found === "string") return [...lines, `GPU: ${found}`].join("\n");
    const { name, isSoftware, adapter } = found;
    const { vendor, architecture, device, description } = adapter.info;
    lines.push(
        `GPU: ${name}${isSoftware ? ", in software" : ""}`,
        `Adapter: ${[vendor, architecture, device, description].map((part) => part || "-").join(", ")}`,
    );
    try {
        const opened = await gpu.open(file);
        lines.push(
            `Largest difference of ${COMPARED} pictures: ${await compare(opened, cpu, COMPARED)} of 255`,
            `GPU: ${await times(opened)}`,
            `Launches for a picture: ${await launches(() => time(opened, 1))}`,
        );
    } catch (error) {
        lines.push(`Failed: ${error}`);
    }
    lines.push(`Features: ${[...adapter.features].sort().join(", ")}`, ...limits(adapter.limits));
    return lines.join("\n");
}

/** @param {Parameters<typeof time>[0]} backend */
async function times(backend) {
    const told = [];
    for (const count of BATCHES) told.push(`${(await time(backend, count)).toFixed(1)} ms a picture in ${count}`);
    return told.join(", ");
}

/** What one of the two draws that are timed asks of the GPU. @param {() => Promise<unknown>} draw */
async function launches(draw) {
    const counts = { dispatches: 0, submissions: 0, buffers: 0, bytes: 0 };
    const ends = [
        spy(GPUComputePassEncoder.prototype, "dispatchWorkgroups", () => counts.dispatches++),
        spy(GPUQueue.prototype, "submit", () => counts.submissions++),
        spy(GPUDevice.prototype, "createBuffer", () => counts.buffers++),
        spy(GPUQueue.prototype, "writeBuffer", (...args) => (counts.bytes += args[4] ?? args[2].byteLength)),
    ];
    try {
        await draw();
    } finally {
        for (const end of ends) end();
    }
    const { dispatches, submissions, buffers, bytes } = counts;
    return `${dispatches / 2} in ${submissions / 2} submissions, ${bytes / 2} bytes written, ${buffers / 2} buffers made`;
}

/** Has calls of a method heard of, until what it returns is called. @param {any} of @param {string} name @param {(...args: any[]) => void} hear */
function spy(of, name, hear) {
    const method = of[name];
    of[name] = function (/** @type {any[]} */ ...args) {
        hear(...args);
        return method.apply(this, args);
    };
    return () => (of[name] = method);
}

/** @param {GPUSupportedLimits} limits which has its values in its prototype */
function limits(limits) {
    /** @type {string[]} */
    const lines = [];
    for (const name in limits) lines.push(`${name}: ${limits[/** @type {keyof GPUSupportedLimits} */ (name)]}`);
    return lines;
}
