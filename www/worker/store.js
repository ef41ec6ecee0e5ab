/** Files of models: downloaded once, checked against their hash, kept in Cache Storage. */
import { Failure } from "../engine/protocol.js";
import { attempt } from "../engine/storage.js";

/** @typedef {import("../engine/protocol.js").ModelFile} ModelFile */

/**
 * @typedef {object} Fetched
 * @property {Uint8Array} bytes
 * @property {() => Promise<void>} settle checks those of a download, and begins to keep them: each takes as long as to read them
 */

const CACHE = "glow-models";

/**
 * @param {ModelFile} entry
 * @param {(had: number, all: number) => void} progress in bytes, from the start of a download
 * @param {AbortSignal} signal
 * @param {(key: import("../engine/protocol.js").Key) => void} notice something that the visitor should know, but need not act on
 * @param {() => void} [begun] it is on its way: what keeps the worker busy no longer delays it
 * @returns {Promise<Fetched>}
 */
export async function fetchFile(entry, progress, signal, notice, begun = () => {}) {
    // Where a file lies follows from its contents, so that pages and files of two releases never mix.
    const { href } = new URL(`../../models/${entry.sha256.slice(0, 12)}/${entry.file}`, import.meta.url);
    const cache = await attempt(() => caches.open(CACHE));
    const found = cache && (await attempt(() => cache.match(href)));
    begun();
    const kept = found && (await attempt(async () => new Uint8Array(await found.arrayBuffer())));
    if (kept && (await matches(kept, entry))) return { bytes: kept, settle: async () => {} };
    const bytes = await download(href, entry, progress, signal);
    const settle = async () => {
        if (!(await matches(bytes, entry))) throw new Failure("download-corrupt", entry.file);
        if (cache) keep(cache, href, entry, bytes).catch(() => notice("notice.storage-full"));
    };
    return { bytes, settle };
}

/**
 * @param {string} href
 * @param {ModelFile} entry
 * @param {(had: number, all: number) => void} progress
 * @param {AbortSignal} signal
 */
async function download(href, entry, progress, signal) {
    const bytes = new Uint8Array(entry.bytes);
    let had = 0;
    progress(had, bytes.length);
    try {
        const response = await fetch(href, { signal, cache: "no-cache" });
        if (!response.ok || !response.body) throw new Error(`${href}: ${response.status}`);
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
 * @param {ModelFile} entry
 */
async function matches(bytes, entry) {
    // Insecure origins have no digests; weights have a checksum of their own, too.
    if (!self.crypto.subtle) return bytes.length === entry.bytes;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === entry.sha256;
}

/**
 * In the place of other versions.
 * @param {Cache} cache
 * @param {string} href
 * @param {ModelFile} entry
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
async function keep(cache, href, { file }, bytes) {
    await cache.put(href, new Response(bytes));
    const { href: models } = new URL("../../models/", import.meta.url);
    for (const request of await cache.keys()) {
        const isVersion = request.url.startsWith(models) && new URL(request.url).pathname.endsWith(`/${file}`);
        if (isVersion && request.url !== href) await cache.delete(request);
    }
}
