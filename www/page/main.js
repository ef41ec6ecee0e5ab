/** The page: puts its parts together. */
import { engine, models } from "../engine/ahead.js";
import { Failure } from "../engine/protocol.js";
import { Explain } from "../explain/explain.js";
import { isOn } from "../faces/clean.js";
import { Faces } from "../faces/faces.js";
import { Viewer } from "../faces/viewer.js";
import { Keep } from "../keep/keep.js";
import { Photo } from "../photo/photo.js";
import { Play } from "../play/play.js";
import * as address from "./address.js";
import { Card } from "./card.js";
import { Latest, onClick, element } from "./dom.js";
import { reword, startLanguage } from "./i18n.js";
import { lean, smallest } from "./lean.js";
import { secured } from "./secure.js";
import { Trouble, busy, endDownload, fail, say, showDownload, startStatus, warn } from "./status.js";
import { startTouch } from "./touch.js";

/** @typedef {import("./address.js").Place} Place */
/** @typedef {import("../engine/engine.js").Model} Model */
/** @typedef {import("../engine/protocol.js").ModelEntry} ModelEntry */

const section = (/** @type {string} */ id) => element(document, id, HTMLElement);

startLanguage(element(document, "language", HTMLSelectElement), () => fail(new Failure("part")));
startStatus();
startTouch();

const keep = new Keep({
    markup: element(document, "gallery-markup", HTMLTemplateElement),
    model: () => model,
    use: useModel,
    play: (subject, place) => play.open(subject, place),
});
/** @type {import("../keep/gallery.js").Gallery["keep"]} */
const keepFace = (...face) => keep.ask((gallery) => gallery.keep(...face));
const play = new Play({
    root: section("playground"),
    subjects: () => [...faces.subjects, ...photo.subjects],
    changed: writeAddress,
    keepFace,
});
const playWith = (/** @type {import("../faces/subject.js").Subject} */ subject) => play.open(subject);
const viewer = new Viewer({
    root: section("viewer"),
    invite: element(document, "invite", HTMLButtonElement),
    playWith,
    keepFace,
});
const faces = new Faces({
    root: section("faces"),
    viewer,
    changed: writeAddress,
    drawn: gpuConsidered,
    ready: refresh,
});
const photo = new Photo({
    root: section("photo"),
    engine,
    viewer,
    playWith,
    openFace: (file) => keep.ask((gallery) => gallery.openFile(file)),
    ready: refresh,
});
const explain = new Explain({
    root: section("explain"),
    photo: () => photo.subjects[0],
    chosen: () => viewer.subject,
});
/** Milliseconds that faces keep their grain for the GPU's sake. */
const PATIENCE = 3000;
/** @type {Card} */
let card;
/** @type {ModelEntry[]} */
let entries = [];
/** The model in use. @type {Model | undefined} */
let model;
/** The GPU's trial with that model, once its faces are there. @type {Promise<unknown> | undefined} */
let trial;
/** Models that are being opened; another choice takes the place of the last. */
const opening = new Latest();
/** How often the address is being followed, which is no news to it. */
let following = 0;
/** @type {PromiseWithResolvers<void>} */
const begun = Promise.withResolvers();
/** Resolves when the first faces are there, all with their grain, or it is told why not. */
export const shown = begun.promise;

onClick(document, "link", () =>
    busy(async () => {
        await secured(navigator.clipboard).writeText(location.href);
        say("status.copied");
    }),
);
addEventListener("popstate", () => model && !address.isWritten() && follow(address.read()));
start().then(() => document.body.dataset.state === "error" && begun.resolve());

async function start() {
    if (typeof WebAssembly === "undefined") return fail(new Failure("no-wasm"));
    const place = address.read();
    entries = (await busy(models, start, "model")) ?? [];
    if (!entries.length) return;
    const choose = (/** @type {string} */ name) => {
        const entry = /** @type {ModelEntry} */ (entries.find((entry) => entry.name === name));
        // What the address says is of its own model, and for the first time.
        return open(entry, !model && entry === named(place) ? place : undefined);
    };
    card = new Card({
        root: section("model"),
        models: element(document, "models", HTMLSelectElement),
        entries,
        choose,
        prefer: async (preference) => {
            writeAddress();
            await busy(() => engine.call("prefer", [preference]));
        },
    });
    card.preference = place.device ?? "auto";
    engine.onDevice = (state) => {
        document.body.dataset.backend = state.backend;
        card.setDevice(state);
        if (state.notice) warn(`device.${state.reason}`, state.details, undefined, "device");
    };
    engine.onNotice = (key) => warn(key, {}, undefined, "device");
    const why = place.model === undefined && lean();
    if (why) warn(why, { model: named(place).name }, undefined, "lean");
    await follow(place);
    if (place.diagnose) await diagnose();
}

/** Has a report made on the GPU. */
async function diagnose() {
    await busy(
        async () => {
            const { report } = await import("../diagnose/diagnose.js").catch(() => {
                throw new Failure("part");
            });
            if (model) await report(section("model"), model);
        },
        diagnose,
        "diagnose",
    );
}

/** The model that a place is of. @param {Place} place */
const named = (place) =>
    entries.find((entry) => entry.name === place.model) ?? (lean() ? smallest(entries) : entries[0]);

/** Shows what the address says. @param {Place} place */
async function follow(place) {
    if (named(place) === model?.entry) await show(model, place);
    else await open(named(place), place);
}

/**
 * Opens a model and draws its faces; the one before serves until it is there.
 * @param {ModelEntry} entry
 * @param {Place} [place] what the address says
 */
async function open(entry, place) {
    const signal = opening.next();
    const again = () => open(entry, place);
    const cancel = () => {
        opening.next();
        endDownload(cancel);
        stay();
        if (!model) fail(new Failure("cancelled"), again, "model");
    };
    const opened = await busy(
        async () => {
            say("status.loading");
            const words = entry.eyes ? undefined : await pictureWords();
            const opened = await engine.open(entry, card.preference, {
                signal,
                event: (had, all) => showDownload(had, all, cancel),
            });
            reword(words);
            return opened;
        },
        again,
        "model",
    );
    endDownload(cancel);
    if (!opened) {
        if (!signal.aborted) stay();
        return;
    }
    model = opened;
    trial = undefined;
    card.setModel(opened);
    viewer.setModel(opened);
    play.setModel(opened);
    explain.setModel(opened);
    photo.setModel(opened);
    faces.setModel(opened);
    keep.modelChanged();
    await show(opened, place);
    const considered = considerGpu();
    if (place?.diagnose) await considered;
}

/** Moves to the GPU if that is worth it. */
function considerGpu() {
    trial ??= engine.call("considerGpu", []).catch(() => {}); // Whoever calls next hears of a crash.
    return trial;
}

/** Some drivers never answer. */
function gpuConsidered() {
    return Promise.race([considerGpu(), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
}

/** No other model is opened after all. */
function stay() {
    card.showChoice();
    if (model) say("status.stays", { model: model.entry.name });
}

/** Draws faces. @param {Model} model @param {Place} [place] what the address says */
async function show({ entry, info }, place) {
    if (!place) {
        faces.set({});
        return faces.draw();
    }
    const { face, temperature } = place;
    const wrong = [...(place.wrong ?? [])];
    if (place.model && place.model !== entry.name) wrong.push(`model=${place.model.slice(0, 24)}`);
    if (temperature && ![1, info.levels].includes(temperature.length)) wrong.push(`t=${temperature}`);
    if (wrong.length) warn("notice.address", { wrong: wrong.join(", ") }, undefined, "address");
    following += 1;
    faces.set(place);
    if (!face) play.clear();
    await faces.draw();
    if (face) await busy(async () => play.open(await faces.subject(face - 1), place), undefined, "play");
    following -= 1;
    writeAddress();
}

const pictureWords = () =>
    import("../pictures/words.js").catch(() => {
        throw new Failure("part");
    });

/**
 * Opens a model, unless it is open.
 * @param {Pick<ModelEntry, "name" | "sha256">} wanted
 * @returns {Promise<Model | undefined>} undefined if that failed, which is told
 */
async function useModel({ name, sha256 }) {
    const entry = entries.find((entry) => entry.sha256 === sha256);
    if (!entry) throw new Trouble("other-model", { model: name });
    if (entry !== model?.entry) await open(entry);
    return entry === model?.entry ? model : undefined;
}

/** Other faces are there. */
function refresh() {
    begun.resolve();
    play.refresh();
    explain.refresh();
}

function writeAddress() {
    if (!model) return;
    const { seed, count, temperature } = faces;
    const played = play.place;
    // A face of another sheet has a link of its own.
    const here = played?.seed === seed && String(played.temperature) === String(temperature);
    address.write(
        {
            model: model.entry.name,
            seed,
            count,
            temperature,
            clean: isOn(),
            device: card.preference,
            ...(here ? played : {}),
        },
        !following,
    );
}
