/** Files of models: downloaded once, checked against their hash, kept in Cache Storage under it. */
import { Failure } from "../protocol.js";

const CACHE = "glow-models";

/**
 * @param {import("../protocol.js").ModelFile} entry
 * @param {(had: number, all: number) => void} progress in bytes
 * @param {AbortSignal} signal
 * @param {(key: import("../protocol.js").Key) => void} notice something that the visitor should know, but need not act on
 * @returns {Promise<Uint8Array>}
 */
export async function fetchFile(entry, progress, signal, notice) {
    const url = new URL(`../../models/${entry.file}`, import.meta.url);
    const key = `${url}?sha256=${entry.sha256}`;
    // Insecure origins have no Cache Storage; some privacy modes refuse it.
    const cache = await self.caches?.open(CACHE).catch(() => undefined);
    const kept = await cache?.match(key);
    if (kept) {
        const bytes = new Uint8Array(await kept.arrayBuffer());
        if (await matches(bytes, entry)) return bytes;
        await cache?.delete(key);
    }
    const bytes = await download(url, entry, progress, signal);
    if (!(await matches(bytes, entry))) throw new Failure("download-corrupt", entry.file);
    if (cache) keep(cache, url, key, bytes).catch(() => notice("notice.storage-full"));
    return bytes;
}

/**
 * @param {URL} url
 * @param {import("../protocol.js").ModelFile} entry
 * @param {(had: number, all: number) => void} progress
 * @param {AbortSignal} signal
 */
async function download(url, entry, progress, signal) {
    const bytes = new Uint8Array(entry.bytes);
    let had = 0;
    try {
        const response = await fetch(url, { signal, cache: "no-cache" });
        if (!response.ok || !response.body) throw new Error(`${url}: ${response.status}`);
        const reader = response.body.getReader();
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
            if (had + part.value.length > bytes.length) throw new Failure("download-corrupt", entry.file);
            bytes.set(part.value, had);
            had += part.value.length;
            progress(had, bytes.length);
        }
    } catch (error) {
        if (signal.aborted || error instanceof Failure) throw error;
        throw new Failure(had ? "download-cut" : "download-failed", String(error));
    }
    if (had < bytes.length) throw new Failure("download-cut", `${had} of ${bytes.length} bytes`);
    return bytes;
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {import("../protocol.js").ModelFile} entry
 */
async function matches(bytes, entry) {
    // Insecure origins have no digests; the file's own checksum is tested when it is read.
    if (!self.crypto.subtle) return bytes.length === entry.bytes;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === entry.sha256;
}

/**
 * In the place of other versions.
 * @param {Cache} cache
 * @param {URL} url
 * @param {string} key
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
async function keep(cache, url, key, bytes) {
    await cache.put(key, new Response(bytes));
    for (const request of await cache.keys()) {
        if (request.url.startsWith(`${url}?`) && request.url !== key) await cache.delete(request);
    }
}
