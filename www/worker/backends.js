/** Where the model computes: the CPU's package first, since it is small; the GPU's when it is right, and worth it. */
import { Failure, cancelled } from "../protocol.js";

/** @typedef {import("../cpu/glow.js").Model} Model */
/** @typedef {import("../protocol.js").DeviceState} DeviceState */
/** @typedef {import("../protocol.js").Preference} Preference */
/** @typedef {{ model: Model, name: string, failed: Promise<never> }} Gpu */

/** Levels of 255 that a pixel of the GPU's may lie from the CPU's. */
const TOLERANCE = 2;
/** Images of the comparison, after which both have warmed up. */
const TRIAL = 8;

/** A module with one SIMD instruction (`v128.const`): browsers that cannot run the packages do not validate it. */
const SIMD = Uint8Array.of(
    ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 22, 1, 20, 0, 253, 12],
    ...new Array(16).fill(0),
    11,
);

/** The CPU's package, from the moment the worker starts. */
const cpuPackage = (async () => {
    if (!WebAssembly.validate(SIMD)) throw new Failure("no-simd");
    const glow = await import("../cpu/glow.js");
    await glow.default();
    return glow;
})();
cpuPackage.catch(() => {}); // Whoever opens a model hears of it.

export class Backends {
    /** @type {Uint8Array | undefined} */ #weights;
    /** @type {Model | undefined} */ #cpu;
    /** @type {Gpu | undefined} */ #gpu;
    /** @type {Preference} */ #preference = "auto";
    /** A GPU that failed stays left until somebody chooses it again. */
    #left = false;
    #tell;

    /** @param {(state: DeviceState) => void} tell */
    constructor(tell) {
        this.#tell = tell;
    }

    /**
     * @param {Uint8Array} weights
     * @param {Preference} preference
     */
    async open(weights, preference) {
        const glow = await cpuPackage;
        const cpu = await glow.Model.load(weights, glow.Device.cpu());
        this.#cpu?.free();
        this.#cpu = cpu;
        this.#gpu = undefined;
        this.#weights = weights;
        await this.prefer(preference);
        return cpu.describe();
    }

    /** @param {Preference} preference */
    async prefer(preference) {
        this.#preference = preference;
        this.#left = false;
        if (preference === "webgpu") return this.#toGpu(true);
        this.#gpu = undefined;
        this.#onCpu(preference === "cpu" ? "chosen" : "first");
    }

    /** Moves to the GPU if nobody chose otherwise, and if it is there, right and faster. */
    async considerGpu() {
        if (this.#preference === "auto" && !this.#gpu && !this.#left) await this.#toGpu(false);
    }

    /**
     * Runs a job on the chosen backend. When the GPU fails, the job is run again, on the CPU.
     * @template T
     * @param {(model: Model) => Promise<T>} job
     * @returns {Promise<T>}
     */
    async run(job) {
        if (!this.#cpu) throw new Failure("no-model");
        if (!this.#gpu) return job(this.#cpu);
        try {
            return await Promise.race([job(this.#gpu.model), this.#gpu.failed]);
        } catch (error) {
            if (cancelled(error)) throw error;
            this.#leaveGpu("lost", { message: String(error) });
            return job(this.#cpu);
        }
    }

    /** @param {boolean} chosen by hand: stay there even if it is slow */
    async #toGpu(chosen) {
        try {
            if (!navigator.gpu) return this.#leaveGpu("no-webgpu");
            const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
            if (!adapter) return this.#leaveGpu("no-adapter");
            if (adapter.info.isFallbackAdapter && !chosen) return this.#leaveGpu("software");
            const gpu = await this.#openGpu();
            const [difference, gpuTime, cpuTime] = await this.#compare(gpu);
            if (!(difference <= TOLERANCE)) return this.#leaveGpu("wrong", { difference });
            const details = { gpu: gpuTime.toFixed(1), cpu: cpuTime.toFixed(1) };
            if (gpuTime > cpuTime && !chosen) return this.#leaveGpu("slower", details);
            this.#gpu = gpu;
            this.#tell({
                backend: "webgpu",
                name: gpu.name,
                reason: chosen ? "chosen" : "faster",
                details,
                notice: false,
            });
            gpu.failed.catch((error) => {
                if (this.#gpu === gpu) this.#leaveGpu("lost", { message: String(error) });
            });
        } catch (error) {
            this.#leaveGpu("failed", { message: String(error) });
        }
    }

    /** @returns {Promise<Gpu>} */
    async #openGpu() {
        const glow = await import("../gpu/glow.js");
        await glow.default();
        /** @type {PromiseWithResolvers<never>} */
        const failed = Promise.withResolvers();
        failed.promise.catch(() => {});
        self.addEventListener("error", (event) => failed.reject(event.message), { once: true });
        const device = await glow.Device.webgpu(failed.reject);
        const weights = /** @type {Uint8Array} */ (this.#weights);
        // Both packages are built from one source.
        const model = /** @type {any} */ (await glow.Model.load(weights, device));
        return { model, name: device.name, failed: failed.promise };
    }

    /**
     * Draws the same faces on both.
     * @param {Gpu} gpu
     * @returns {Promise<[number, number, number]>} largest difference in levels of 255, milliseconds a face on either
     */
    async #compare(gpu) {
        const cpu = /** @type {Model} */ (this.#cpu);
        const temperature = new Float32Array(cpu.describe().levels).fill(0.7);
        const draw = async (/** @type {Model} */ model) => {
            /** @type {number[]} */
            const values = [];
            await model.sample(0, 0, TRIAL, temperature, (_, rgb) => void values.push(...rgb), undefined);
            return values;
        };
        const actual = await Promise.race([draw(gpu.model), gpu.failed]);
        const expected = await draw(cpu);
        const difference = Math.max(...actual.map((value, i) => Math.abs(value - expected[i])));
        const time = async (/** @type {Model} */ model) => {
            const start = performance.now();
            await draw(model);
            return (performance.now() - start) / TRIAL;
        };
        return [difference, await Promise.race([time(gpu.model), gpu.failed]), await time(cpu)];
    }

    /**
     * @param {DeviceState["reason"]} reason
     * @param {DeviceState["details"]} [details]
     */
    #leaveGpu(reason, details) {
        this.#gpu = undefined;
        this.#left = true;
        this.#onCpu(reason, details, this.#preference === "webgpu" || reason === "lost" || reason === "wrong");
    }

    /**
     * @param {DeviceState["reason"]} reason
     * @param {DeviceState["details"]} [details]
     */
    #onCpu(reason, details = {}, notice = false) {
        this.#tell({ backend: "cpu", name: "CPU", reason, details, notice });
    }
}
