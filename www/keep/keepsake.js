/** What brings a face back: its link where it has one, else its file. */
import { spread } from "../engine/levels.js";
import { redraw } from "../faces/subject.js";
import * as address from "../page/address.js";
import { t } from "../page/i18n.js";
import { complete } from "../photo/missing.js";
import { link } from "../play/link.js";
import { prepare } from "../play/changes.js";
import { flatten, read, write } from "./file.js";

/** @typedef {import("../engine/engine.js").Model} Model */
/** @typedef {{ link: string } | { file: string }} Keepsake */
/** @typedef {{ subject: import("../faces/subject.js").Subject, place: address.Place }} Face and what is done to it */

/**
 * @param {import("../play/changes.js").Source} source
 * @param {import("../play/changes.js").Changes} changes
 * @returns {Promise<Keepsake>}
 */
export async function keepsake(source, changes) {
    const place = link(source, changes);
    if (typeof place === "object") return { link: address.query(place) };
    return { file: await asFile(source, changes) };
}

/**
 * @param {import("../play/changes.js").Source} source
 * @param {import("../play/changes.js").Changes} changes
 */
export async function asFile(source, changes) {
    const isItself = !changes.mix && !Object.keys(changes.anew).length;
    const missing = isItself ? source.subject.missing : undefined;
    return write(source.model, await prepare(source, changes), changes.strengths, missing);
}

/** @param {Model} model of the link @param {string} link @returns {Promise<Face>} */
export async function fromLink(model, link) {
    const { entry, info } = model;
    const place = address.read(link);
    const { seed = 0, face = 1, temperature = entry.temperature } = place;
    const sample = { seed, index: face - 1, temperature: spread(temperature, info.levels) ?? entry.temperature };
    return { subject: await redraw(model, sample), place };
}

/** @param {Model} model of the file @param {ReturnType<typeof read>} saved @returns {Promise<Face>} */
export async function fromFile(model, saved) {
    const latents = flatten(saved.latents, model.info);
    const { missing } = saved;
    const rgb = complete(await model.call("decode", [latents]), missing);
    const subject = { rgb, missing, title: () => t("face.saved"), file: "glow-face", latents: async () => latents };
    return { subject, place: { strengths: saved.edits } };
}
