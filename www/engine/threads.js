/**
 * Threads of a wasm package: workers that share its memory. The page starts them, for in Firefox a worker that starts another may
 * wait for ever, before that one runs a line: seen on a busy machine, with both asleep on one condition variable.
 */

/**
 * @param {import("./protocol.js").Threads} threads
 * @param {(message: string) => void} crashed
 * @returns {Worker[]} to be held, for Firefox ends workers that nobody holds (bug 1702191)
 */
export function startThreads({ count, ...shared }, crashed) {
    return Array.from({ length: count }, () => {
        const worker = new Worker(new URL("../worker/thread.js", import.meta.url), { type: "module" });
        worker.addEventListener("message", ({ data }) => crashed(data));
        worker.postMessage(shared);
        return worker;
    });
}
