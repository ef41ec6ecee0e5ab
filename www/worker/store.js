/** Files of models: downloaded once, checked against their hash, kept in Cache Storage. */
import { Failure } from "../engine/protocol.js";
import { attempt } from "../engine/storage.js";

/** @typedef {import("../engine/protocol.js").ModelFile} ModelFile */

/**
 * @typedef {object} Fetched
 * @property {Uint8Array<ArrayBuffer>[]} parts of the file, in their order
 * @property {() => Promise<void>} settle checks a download, and begins to keep it: each takes as long as to read it
 */

const CACHE = "glow-models";

/**
 * @param {ModelFile} entry
 * @param {(had: number, parts: Uint8Array[]) => void} progress from the start of a download: its bytes that are there
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
    const kept = found && (await attempt(async () => [new Uint8Array(await found.arrayBuffer())]));
    if (kept && (await matches(kept, entry))) return { parts: kept, settle: async () => {} };
    const parts = await download(href, entry, progress, signal);
    const settle = async () => {
        if (!(await matches(parts, entry))) throw new Failure("download-corrupt", entry.file);
        if (cache) keep(cache, href, entry, parts).catch(() => notice("notice.storage-full"));
    };
    return { parts, settle };
}

/** A file in one piece. @param {Uint8Array<ArrayBuffer>[]} parts */
export function whole(parts) {
    if (parts.length === 1) return parts[0];
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
    return bytes;
}

/**
 * @param {string} href
 * @param {ModelFile} entry
 * @param {(had: number, parts: Uint8Array[]) => void} progress
 * @param {AbortSignal} signal
 */
async function download(href, entry, progress, signal) {
    /** @type {Uint8Array<ArrayBuffer>[]} */
    const parts = [];
    let had = 0;
    progress(had, parts);
    /** @template T @param {Promise<T>} answer @returns {Promise<T>} */
    const sound = (answer) =>
        answer.catch((error) => {
            throw signal.aborted ? error : new Failure(had ? "download-cut" : "download-failed", String(error));
        });
    const response = await sound(fetch(href, { signal, cache: "no-cache" }));
    if (!response.ok || !response.body) throw new Failure("download-failed", `${href}: ${response.status}`);
    const reader = response.body.getReader();
    for (let part = await sound(reader.read()); !part.done; part = await sound(reader.read())) {
        had += part.value.length;
        if (had > entry.bytes) throw new Failure("download-corrupt", entry.file);
        parts.push(part.value);
        progress(had, parts);
    }
    if (had < entry.bytes) throw new Failure("download-cut", `${had} of ${entry.bytes} bytes`);
    return parts;
}

/**
 * @param {Uint8Array<ArrayBuffer>[]} parts
 * @param {ModelFile} entry
 */
async function matches(parts, entry) {
    // Insecure origins have no digests, nor a cache; weights have a checksum of their own, too.
    if (!self.crypto.subtle) return true;
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", whole(parts)));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === entry.sha256;
}

/**
 * In the place of other versions.
 * @param {Cache} cache
 * @param {string} href
 * @param {ModelFile} entry
 * @param {Uint8Array<ArrayBuffer>[]} parts
 */
async function keep(cache, href, { file }, parts) {
    await cache.put(href, new Response(new Blob(parts)));
    const { href: models } = new URL("../../models/", import.meta.url);
    for (const request of await cache.keys()) {
        const isVersion = request.url.startsWith(models) && new URL(request.url).pathname.endsWith(`/${file}`);
        if (isVersion && request.url !== href) await cache.delete(request);
    }
}
