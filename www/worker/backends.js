/** Where the model computes: the CPU's package first, since it is small; the GPU's when it is right, and worth it. */
import { Failure, cancelled } from "../engine/protocol.js";
import { cpuPackage } from "./cpu.js";
import * as browserGpu from "./gpu.js";
import { compare, time } from "./trial.js";

/** @typedef {import("../cpu/glow.js").Model} Model */
/** @typedef {import("../engine/protocol.js").DeviceState} DeviceState */
/** @typedef {import("../engine/protocol.js").Preference} Preference */
/** @typedef {{ model: Model, failed: Promise<never> }} Gpu */

/** Levels of 255 that a pixel of the GPU's may lie from the CPU's. */
const TOLERANCE = 2;
/** Faces that both are timed by. */
const TRIAL = 8;

export class Backends {
    /** @type {Uint8Array[] | undefined} */ #file;
    /** @type {Model | undefined} */ #cpu;
    /** @type {Gpu | undefined} */ #gpu;
    /** @type {Preference} */ #preference = "auto";
    #threads = 1;
    #tell;
    #parts;

    /** @param {(state: DeviceState) => void} tell */
    constructor(tell, parts = { cpu: cpuPackage, gpu: browserGpu, now: () => performance.now() }) {
        this.#tell = tell;
        this.#parts = parts;
    }

    /**
     * @param {Pick<import("./reading.js").Reading, "open">} weights all of which have come
     * @param {Uint8Array[]} file of them, in parts
     * @param {Preference} preference
     */
    async open(weights, file, preference) {
        const { glow, threads } = await this.#parts.cpu;
        const cpu = await weights.open(glow.Device.cpu()).catch(unreadable);
        this.#threads = threads;
        // The one before goes with the garbage: a comparison with the GPU may hold it still.
        this.#cpu = cpu;
        this.#gpu = undefined;
        this.#file = file;
        this.#choose(preference);
        return cpu.describe();
    }

    /** Of the model that is open. @param {Uint8Array} bytes of their file */
    async attributes(bytes) {
        const { glow } = await this.#parts.cpu;
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
        const gpu = this.#gpu;
        if (!gpu) return job(this.#cpu);
        try {
            return await Promise.race([job(gpu.model), gpu.failed]);
        } catch (error) {
            if (cancelled(error)) throw error;
            this.#lose(gpu, error);
            return job(this.#cpu);
        }
    }

    /** What a diagnosis looks at. */
    get bench() {
        if (!this.#cpu || !this.#file) throw new Failure("no-model");
        return { cpu: this.#cpu, file: this.#file, threads: this.#threads };
    }

    /** @param {boolean} chosen by hand: stay there even if it is slow */
    async #toGpu(chosen) {
        const cpu = this.#cpu;
        // Somebody may choose otherwise, or another model, while this one waits.
        const stale = () => cpu !== this.#cpu || this.#preference === "cpu";
        if (!cpu) return;
        try {
            const { gpu: given, now } = this.#parts;
            const found = await given.find();
            if (typeof found === "string") return this.#leaveGpu(found);
            if (found.isSoftware && !chosen) return this.#leaveGpu("software");
            const gpu = await given.open(/** @type {Uint8Array[]} */ (this.#file));
            const difference = await compare(gpu, cpu);
            if (stale()) return;
            if (!(difference <= TOLERANCE)) return this.#leaveGpu("wrong", { difference });
            const times = async () => [await time(gpu, TRIAL, now), await time({ model: cpu }, TRIAL, now)];
            const [onGpu, onCpu] = chosen ? [0, 0] : await times();
            const details = { gpu: onGpu.toFixed(1), cpu: onCpu.toFixed(1) };
            if (stale()) return;
            if (onGpu > onCpu) return this.#leaveGpu("slower", details);
            this.#gpu = gpu;
            this.#tell({
                backend: "webgpu",
                name: found.name,
                reason: chosen ? "chosen" : "faster",
                details,
                notice: false,
            });
            gpu.failed.catch((error) => this.#lose(gpu, error));
        } catch (error) {
            if (!stale()) this.#leaveGpu("failed", { message: String(error) });
        }
    }

    /** Told once, whoever hears of it first. @param {Gpu} gpu @param {unknown} error */
    #lose(gpu, error) {
        if (this.#gpu === gpu) this.#leaveGpu("lost", { message: String(error) });
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

/** What the package says of weights is of their file; what an engine says, of its memory for example, is not. @param {unknown} error @returns {never} */
function unreadable(error) {
    if (!(error instanceof Error) || error.constructor !== Error) throw error;
    throw new Failure("download-corrupt", error.message);
}
