/** What the GPU is and does beside the CPU, in lines for a report. */
import * as browserGpu from "./gpu.js";
import { compare, time } from "./trial.js";

/** Images that are compared, and batches that are timed. */
const COMPARED = 4;
const BATCHES = [1, 16];

/** @param {import("./backends.js").Backends["bench"]} bench @returns {Promise<string>} */
export async function diagnose({ cpu, weights, threads }, gpu = browserGpu) {
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
        const opened = await gpu.open(weights);
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

/** Dispatches and submissions of one of the two draws that are timed. @param {() => Promise<unknown>} draw */
async function launches(draw) {
    const [pass, queue] = [GPUComputePassEncoder.prototype, GPUQueue.prototype];
    const { dispatchWorkgroups } = pass;
    const { submit } = queue;
    let [dispatches, submissions] = [0, 0];
    pass.dispatchWorkgroups = function (...size) {
        dispatches += 1;
        return dispatchWorkgroups.apply(this, size);
    };
    queue.submit = function (buffers) {
        submissions += 1;
        return submit.call(this, buffers);
    };
    try {
        await draw();
    } finally {
        pass.dispatchWorkgroups = dispatchWorkgroups;
        queue.submit = submit;
    }
    return `${dispatches / 2} in ${submissions / 2} submissions`;
}

/** @param {GPUSupportedLimits} limits which has its values in its prototype */
function limits(limits) {
    /** @type {string[]} */
    const lines = [];
    for (const name in limits) lines.push(`${name}: ${limits[/** @type {keyof GPUSupportedLimits} */ (name)]}`);
    return lines;
}
