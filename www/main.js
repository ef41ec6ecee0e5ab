/** The page: puts its parts together. */
import * as address from "./address.js";
import { Card } from "./card.js";
import { onClick, element } from "./dom.js";
import { Explain } from "./explain.js";
import { Faces } from "./faces.js";
import { number, reword, startLanguage } from "./i18n.js";
import { Keep } from "./keep.js";
import { PhotoSection } from "./photo.js";
import { Play } from "./play.js";
import { Engine, Failure } from "./protocol.js";
import { Trouble, busy, fail, say, showProgress, startStatus, warn } from "./status.js";
import { Viewer } from "./viewer.js";

/** @typedef {import("./play.js").Model} Model */
/** @typedef {import("./protocol.js").ModelEntry} ModelEntry */

startLanguage(element("language", HTMLSelectElement));
startStatus();

const engine = new Engine();
const keep = new Keep(
    engine,
    () => model,
    useModel,
    (subject, place) => play.open(subject, place),
);
const play = new Play(
    engine,
    () => [...faces.subjects, ...photo.subjects],
    writeAddress,
    (...face) => keep.ask((gallery) => gallery.keep(...face)),
);
const playWith = (/** @type {import("./viewer.js").Subject} */ subject) => play.open(subject);
const viewer = new Viewer(engine, playWith, (subject) => keep.ask((gallery) => gallery.keep(subject)));
const faces = new Faces(engine, viewer, writeAddress, restock);
const photo = new PhotoSection(engine, viewer, playWith, restock, (file) =>
    keep.ask((gallery) => gallery.openFile(file)),
);
const explain = new Explain(engine, { photo: () => photo.subjects[0], chosen: () => viewer.subject });
/** @type {Card} */
let card;
/** @type {ModelEntry[]} */
let entries = [];
/** The model in use. @type {Model | undefined} */
let model;

onClick("link", () =>
    busy(async () => {
        await navigator.clipboard.writeText(location.href);
        say("status.copied");
    }),
);
start();
// Not on the way of the first faces.
addEventListener("load", () => navigator.serviceWorker?.register("sw.js").catch(() => {}));

async function start() {
    if (typeof WebAssembly === "undefined") return fail(new Failure("no-wasm"));
    const place = address.read();
    entries = (await busy(fetchIndex, start)) ?? [];
    if (!entries.length) return;
    const choose = (/** @type {string} */ name) => {
        const entry = entries.find((entry) => entry.name === name) ?? entries[0];
        return open(entry, entry.name === place.model || !model ? place : {});
    };
    card = new Card(entries, choose, async (preference) => {
        writeAddress();
        await busy(() => engine.call("prefer", [preference]));
    });
    card.preference = place.device ?? "auto";
    engine.onDevice = (state) => {
        document.body.dataset.backend = state.backend;
        card.setDevice(state);
        if (state.notice) warn(`device.${state.reason}`, state.details);
    };
    engine.onNotice = (key) => warn(key);
    await choose(place.model ?? entries[0].name);
}

/** @returns {Promise<ModelEntry[]>} */
async function fetchIndex() {
    const response = await fetch("models/index.json", { cache: "no-cache" }).catch(() => undefined);
    if (!response?.ok) throw new Failure("index");
    return response.json();
}

/**
 * Opens a model and draws its faces.
 * @param {ModelEntry} entry
 * @param {import("./address.js").Place} place what the controls are set to
 */
async function open(entry, place) {
    const megabytes = (/** @type {number} */ bytes) => number(bytes / 1e6, 1);
    const info = await busy(
        async () => {
            say("status.loading");
            const info = await engine.call("open", [entry, card.preference], {
                event: (had, all) => {
                    showProgress(had, all);
                    say("status.download", { had: megabytes(had), all: megabytes(all) });
                },
            });
            reword(entry.eyes ? undefined : await pictureWords());
            return info;
        },
        () => open(entry, place),
    );
    showProgress();
    if (!info) return;
    model = { entry, info };
    card.setModel(entry, info);
    viewer.setModel(info);
    play.setModel(model);
    explain.setModel(model);
    keep.modelChanged();
    photo.setModel(entry, info);
    faces.setModel(info, place, entry.temperature);
    await faces.draw();
    const { face } = place;
    if (face) await busy(async () => play.open(await faces.subject(face - 1), place));
    engine.call("considerGpu", []);
}

const pictureWords = () =>
    import("./pictures/words.js").catch(() => {
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
    if (entry !== model?.entry) await open(entry, {});
    return entry === model?.entry ? model : undefined;
}

/** Other faces are there. */
function restock() {
    play.restock();
    explain.restock();
}

function writeAddress() {
    const { seed, count, temperature } = faces;
    const played = play.place;
    // A face of another sheet has a link of its own.
    const here = played?.seed === seed && String(played.temperature) === String(temperature);
    address.write({
        model: model?.entry.name,
        seed,
        count,
        temperature,
        device: card.preference,
        ...(here ? played : {}),
    });
}
