/** The page's end of the line to the worker, and the models that are open there. */
import { ALONE, Failure } from "./protocol.js";
import { startThreads } from "./threads.js";

/** @typedef {import("./protocol.js").Calls} Calls */
/** @typedef {import("./protocol.js").General} General */
/** @typedef {import("./protocol.js").ModelEntry} ModelEntry */
/** @typedef {import("./protocol.js").Call} Call */
/** @typedef {{ signal?: AbortSignal, event?: (...values: any[]) => void }} Options */

/** Seconds in which a worker with threads has to say something while it works: far more than a batch takes anywhere. */
const PATIENCE = 15;

/** A model that is open. Once another is, its calls end as if somebody had cancelled them. */
export class Model {
    #ask;

    /**
     * @param {ModelEntry} entry
     * @param {import("./protocol.js").ModelInfo} info
     * @param {(call: keyof Calls, args: any[], options?: Options) => Promise<any>} ask
     */
    constructor(entry, info, ask) {
        this.entry = entry;
        this.info = info;
        this.#ask = ask;
    }

    /**
     * @template {Exclude<keyof Calls, General>} Name
     * @param {Name} call
     * @param {Parameters<Calls[Name]>} args
     * @param {Options} [options]
     * @returns {Promise<ReturnType<Calls[Name]>>} rejects with a {@link Failure}, or when `signal` aborts
     */
    call(call, args, options) {
        return this.#ask(call, args, options);
    }
}

export class Engine {
    /** @type {Map<number, { request: Call, resolve: (value: any) => void, reject: (error: unknown) => void, event: (...values: any[]) => void }>} */
    #calls = new Map();
    #next = 0;
    /** Models that were opened. */
    #models = 0;
    /** How to open again what is open, in another worker. @type {Parameters<Calls["open"]> | undefined} */
    #opened;
    /** The call that opens it again, for which all others wait. @type {number | undefined} */
    #opening;
    /** There is none after a failure until somebody calls: what fails at once is not tried for ever. @type {Worker | undefined} */
    #worker;
    /** The workers that share its memory. @type {Worker[]} */
    #threads = [];
    /** The worker does without threads. */
    #alone = false;
    /** Watches a worker with threads. */
    #timer = 0;
    /** Seconds since it last said something. */
    #silent = 0;
    /** @type {(state: import("./protocol.js").DeviceState) => void} */
    onDevice = () => {};
    /** @type {(key: import("./protocol.js").Key) => void} */
    onNotice = () => {};

    constructor() {
        this.#start();
    }

    /**
     * The model before serves until this one is open. Aborted too late, it opens all the same.
     * @param {ModelEntry} entry
     * @param {import("./protocol.js").Preference} preference
     * @param {Options} options events: bytes had, bytes in all
     */
    async open(entry, preference, options) {
        const number = ++this.#models;
        /** @type {Parameters<Calls["open"]>} */
        const args = [entry, preference, number];
        const info = await this.call("open", args, options);
        this.#opened = args;
        return new Model(entry, info, (call, args, options) => this.#ask(call, args, options, number));
    }

    /**
     * @template {General} Name
     * @param {Name} call
     * @param {Parameters<Calls[Name]>} args
     * @param {Options} [options]
     * @returns {Promise<ReturnType<Calls[Name]>>} rejects with a {@link Failure}, or when `signal` aborts
     */
    call(call, args, options) {
        return this.#ask(call, args, options);
    }

    /**
     * @param {keyof Calls} call
     * @param {any[]} args
     * @param {Options} [options]
     * @param {number} [model]
     * @returns {Promise<any>}
     */
    #ask(call, args, { signal, event = () => {} } = {}, model) {
        if (signal?.aborted) return Promise.reject(signal.reason);
        if (!this.#worker) this.#start();
        const id = this.#next++;
        const request = { id, call, args, model };
        return new Promise((resolve, reject) => {
            this.#calls.set(id, { request, resolve, reject, event });
            if (this.#opening === undefined) this.#post(request);
            signal?.addEventListener("abort", () => {
                if (!this.#calls.has(id)) return;
                this.#post({ id, cancel: true });
                // Whether a model is open after all, the worker says.
                if (call === "open" && this.#opening === undefined) return;
                this.#calls.delete(id);
                reject(signal.reason);
            });
        });
    }

    /** Starts a worker, which opens what was open, and then does what there is to do. */
    #start() {
        const name = this.#alone ? ALONE : "";
        const worker = new Worker(new URL("../worker/main.js", import.meta.url), { type: "module", name });
        worker.addEventListener("message", ({ data }) => this.#receive(data));
        worker.addEventListener("error", (event) => {
            event.preventDefault();
            // Without a message nothing was run: the code is not there.
            this.#end(event.message === undefined ? new Failure("package") : new Failure("crashed", event.message));
        });
        this.#worker = worker;
        const goOn = () => {
            this.#opening = undefined;
            for (const { request } of this.#calls.values()) this.#post(request);
        };
        if (!this.#opened) return goOn();
        this.#opening = this.#next++;
        /** @type {Call} */
        const request = { id: this.#opening, call: "open", args: this.#opened };
        this.#calls.set(request.id, { request, resolve: goOn, reject: (error) => this.#end(error), event: () => {} });
        this.#post(request);
    }

    /** Ends a worker in which nothing can be trusted any more. @param {unknown} error of all its calls */
    #end(error) {
        this.#stop();
        const calls = [...this.#calls.values()];
        this.#calls.clear();
        for (const { reject } of calls) reject(error);
    }

    #stop() {
        for (const worker of this.#threads) worker.terminate();
        this.#threads = [];
        this.#worker?.terminate();
        this.#worker = undefined;
        if (this.#opening !== undefined) this.#calls.delete(this.#opening);
        this.#opening = undefined;
        clearInterval(this.#timer);
    }

    /** Threads may wait for each other for ever: a worker that says nothing while it works is replaced by one that has none. */
    #watch() {
        this.#silent = 0;
        this.#timer = setInterval(() => {
            this.#silent = this.#calls.size ? this.#silent + 1 : 0;
            if (this.#silent <= PATIENCE) return this.#post({ ping: true });
            this.#stop();
            this.#alone = true;
            this.#start();
            this.onNotice("notice.alone");
        }, 1000);
    }

    /** @param {import("./protocol.js").Request} request */
    #post(request) {
        this.#worker?.postMessage(request);
    }

    /** @param {import("./protocol.js").Message} message */
    #receive(message) {
        this.#silent = 0;
        if ("device" in message) return this.onDevice(message.device);
        if ("threads" in message) {
            this.#threads = startThreads(message.threads, (error) => this.#end(new Failure("crashed", error)));
            return this.#watch();
        }
        if ("notice" in message) return this.onNotice(message.notice);
        if ("pong" in message) return;
        const call = this.#calls.get(message.id);
        if (!call) return;
        if ("event" in message) return call.event(...message.event);
        this.#calls.delete(message.id);
        if ("result" in message) return call.resolve(message.result);
        if ("cancelled" in message) return call.reject(new DOMException("cancelled", "AbortError"));
        const { code, message: detail } = message.failure;
        call.reject(new Failure(code, detail));
        // A module that could not be loaded, or has crashed, stays so as long as its worker lives.
        if (code === "package" || code === "crashed") this.#end(new Failure(code, detail));
    }
}
