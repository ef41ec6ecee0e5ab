/** Where the model computes: the CPU's package first, since it is small; the GPU's when it is right, and worth it. */
import { Failure, cancelled } from "../protocol.js";
import { cpuPackage } from "./cpu.js";

/** @typedef {import("../cpu/glow.js").Model} Model */
/** @typedef {import("../protocol.js").DeviceState} DeviceState */
/** @typedef {import("../protocol.js").Preference} Preference */
/** @typedef {{ model: Model, name: string, failed: Promise<never> }} Gpu */

/** Levels of 255 that a pixel of the GPU's may lie from the CPU's. */
const TOLERANCE = 2;
/** Faces that both are timed by. */
const TRIAL = 8;

export class Backends {
    /** @type {Uint8Array | undefined} */ #weights;
    /** @type {Model | undefined} */ #cpu;
    /** @type {Gpu | undefined} */ #gpu;
    /** @type {Preference} */ #preference = "auto";
    #threads = 1;
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
        const { glow, threads } = await cpuPackage;
        const cpu = await glow.Model.load(weights, glow.Device.cpu());
        this.#threads = threads;
        // The one before goes with the garbage: a comparison with the GPU may hold it still.
        this.#cpu = cpu;
        this.#gpu = undefined;
        this.#weights = weights;
        this.#choose(preference);
        return cpu.describe();
    }

    /** Of the model that is open. @param {Uint8Array} bytes of their file */
    async attributes(bytes) {
        const { glow } = await cpuPackage;
        if (!this.#cpu) throw new Failure("no-model");
        return glow.Attributes.load(bytes, this.#cpu);
    }

    /** @param {Preference} preference */
    async prefer(preference) {
        this.#choose(preference);
        if (preference !== "cpu") await this.considerGpu();
    }

    /** @param {Preference} preference */
    #choose(preference) {
        this.#preference = preference;
        this.#gpu = undefined;
        this.#onCpu(preference === "cpu" ? "chosen" : "first");
    }

    /** Moves to the GPU if it is there and right, and either chosen or faster. */
    async considerGpu() {
        if (this.#preference !== "cpu" && !this.#gpu) await this.#toGpu(this.#preference === "webgpu");
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
        const cpu = this.#cpu;
        // Somebody may choose otherwise, or another model, while this one waits.
        const stale = () => cpu !== this.#cpu || this.#preference === "cpu";
        if (!cpu) return;
        try {
            if (!navigator.gpu) return this.#leaveGpu("no-webgpu");
            const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
            if (!adapter) return this.#leaveGpu("no-adapter");
            const { description, vendor, architecture, isFallbackAdapter } = adapter.info;
            if (isFallbackAdapter && !chosen) return this.#leaveGpu("software");
            const gpu = await this.#openGpu(description || `${vendor} ${architecture}`);
            const difference = await compare(gpu, cpu);
            if (stale()) return;
            if (!(difference <= TOLERANCE)) return this.#leaveGpu("wrong", { difference });
            const [onGpu, onCpu] = chosen ? [0, 0] : [await time(gpu), await time({ ...gpu, model: cpu })];
            const details = { gpu: onGpu.toFixed(1), cpu: onCpu.toFixed(1) };
            if (stale()) return;
            if (onGpu > onCpu) return this.#leaveGpu("slower", details);
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
            if (!stale()) this.#leaveGpu("failed", { message: String(error) });
        }
    }

    /** @param {string} name @returns {Promise<Gpu>} */
    async #openGpu(name) {
        const glow = await import("../gpu/glow.js");
        await glow.default();
        /** @type {PromiseWithResolvers<never>} */
        const failed = Promise.withResolvers();
        failed.promise.catch(() => {});
        // A panic ends the module, but no promise.
        self.addEventListener("error", (event) => {
            event.preventDefault();
            failed.reject(event.message);
        });
        const device = await glow.Device.webgpu(failed.reject);
        const model = await glow.Model.load(/** @type {Uint8Array} */ (this.#weights), device);
        // Both packages are built from one source.
        return { model: /** @type {any} */ (model), name, failed: failed.promise };
    }

    /**
     * @param {DeviceState["reason"]} reason
     * @param {DeviceState["details"]} [details]
     */
    #leaveGpu(reason, details) {
        this.#gpu = undefined;
        this.#onCpu(reason, details, this.#preference === "webgpu" || reason === "lost" || reason === "wrong");
    }

    /**
     * @param {DeviceState["reason"]} reason
     * @param {DeviceState["details"]} [details]
     */
    #onCpu(reason, details = {}, notice = false) {
        this.#tell({ backend: "cpu", name: "CPU", threads: this.#threads, reason, details, notice });
    }
}

/** Temperature of the comparison. @param {Model} model */
const temperature = (model) => new Float32Array(model.describe().levels).fill(0.7);

/** Draws the same face on both. @param {Gpu} gpu @param {Model} cpu @returns {Promise<number>} largest difference, of 255 */
async function compare(gpu, cpu) {
    const draw = async (/** @type {Model} */ model) => {
        /** @type {Uint8Array} */
        let face = new Uint8Array();
        await model.sample(0, 0, 1, temperature(model), (_, rgb) => void (face = rgb), undefined);
        return face;
    };
    const [actual, expected] = [await Promise.race([draw(gpu.model), gpu.failed]), await draw(cpu)];
    return Math.max(...actual.map((value, i) => Math.abs(value - expected[i])));
}

/** Milliseconds a face. @param {Gpu} backend */
async function time({ model, failed }) {
    const draw = () => Promise.race([model.sample(0, 0, TRIAL, temperature(model), () => {}, undefined), failed]);
    await draw();
    const start = performance.now();
    await draw();
    return (performance.now() - start) / TRIAL;
}
