import { startThreads } from "../www/engine/threads.js";

/** A runtime with a model, in its worker. */
export class Contender {
    /** Those of ours. */
    #threads = [];
    #worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });

    static async open(name, options) {
        const contender = new Contender();
        contender.name = name;
        await contender.ask("open", options);
        return contender;
    }

    /** Of `worker.js`; `decode` and `encode` give `{ milliseconds, output }`. */
    async ask(call, input) {
        const answer = await new Promise((resolve) => {
            this.#worker.onerror = ({ message }) => resolve({ error: message });
            this.#worker.onmessage = ({ data }) => {
                if (data.threads) this.#threads = startThreads(data.threads, (error) => resolve({ error }));
                else resolve(data);
            };
            this.#worker.postMessage({ call, input });
        });
        if (answer.error) throw new Error(`${this.name}: ${answer.error}`);
        return answer;
    }

    close() {
        for (const worker of [this.#worker, ...this.#threads]) worker.terminate();
    }
}
