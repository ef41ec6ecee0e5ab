/** What is kept on this device, in IndexedDB. */
import { Failure } from "../engine/protocol.js";
import { reach } from "../engine/storage.js";

/** @typedef {import("./keepsake.js").Keepsake & { model: import("./file.js").ModelName, rgb: Uint8Array }} Kept rgb is how it looks */

const NAME = "glow-kept";
const STORE = "faces";

/** @param {Kept} kept */
export const add = (kept) => transact("readwrite", (store) => store.add(kept));

/** @returns {Promise<(Kept & { id: number })[]>} the oldest first */
export const all = () => transact("readonly", (store) => store.getAll());

/** @param {number} id */
export const forget = (id) => transact("readwrite", (store) => store.delete(id));

export const forgetAll = () => transact("readwrite", (store) => store.clear());

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} act
 * @returns {Promise<T>} rejects with a {@link Failure}
 */
async function transact(mode, act) {
    try {
        return await reach(async () => {
            const database = await open();
            const transaction = database.transaction(STORE, mode);
            const request = act(transaction.objectStore(STORE));
            await new Promise((resolve, reject) => {
                transaction.oncomplete = resolve;
                transaction.onabort = () => reject(transaction.error);
            }).finally(() => database.close());
            return request.result;
        });
    } catch (error) {
        const full = error instanceof DOMException && error.name === "QuotaExceededError";
        throw new Failure(full ? "storage-full" : "storage", String(error));
    }
}

/** @returns {Promise<IDBDatabase>} */
function open() {
    const request = indexedDB.open(NAME, 1);
    return new Promise((resolve, reject) => {
        request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}
