import { startThreads } from "../www/engine/threads.js";
import { median } from "./median.js";

const TRIPS = 100;

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

/** What `roof.js` measures, and milliseconds of a message to its worker and back. */
export async function roof(options) {
    const contender = await Contender.open("roof", { runtime: "roof", ...options });
    const { output } = await contender.ask("measure");
    const trips = [];
    for (let trip = 0; trip < TRIPS; trip++) {
        const start = performance.now();
        await contender.ask("echo", output.latents);
        trips.push(performance.now() - start);
    }
    contender.close();
    return { ...output, latents: undefined, trip: median(trips) };
}
