/** What brings a face back: its link where it has one, else its file. */
import * as address from "../address.js";
import { redraw } from "../faces.js";
import { t } from "../i18n.js";
import { link, spread } from "../play/link.js";
import { prepare } from "../play/recipe.js";
import { flatten, read, write } from "./file.js";

/** @typedef {import("../play.js").Model} Model */
/** @typedef {import("../protocol.js").Engine} Engine */
/** @typedef {{ link: string } | { file: string }} Keepsake */
/** @typedef {{ subject: import("../viewer.js").Subject, place: address.Place }} Face and what is done to it */

/**
 * @param {Engine} engine
 * @param {import("../play/recipe.js").Raw} raw
 * @param {import("../play/recipe.js").Recipe} recipe
 * @returns {Promise<Keepsake>}
 */
export async function keepsake(engine, raw, recipe) {
    const place = link(raw, recipe);
    if (typeof place === "object") return { link: address.query(place) };
    return { file: write(raw.model, await prepare(engine, raw, recipe), recipe.strengths) };
}

/** @param {Engine} engine @param {Model} model of the link @param {string} link @returns {Promise<Face>} */
export async function fromLink(engine, { entry, info }, link) {
    const place = address.read(link);
    const { seed = 0, face = 1, temperature = entry.temperature } = place;
    const sample = { seed, index: face - 1, temperature: spread(temperature, info.levels) ?? entry.temperature };
    return { subject: await redraw(engine, sample), place };
}

/** @param {Engine} engine @param {Model} model of the file @param {ReturnType<typeof read>} saved @returns {Promise<Face>} */
export async function fromFile(engine, { info }, saved) {
    const latents = flatten(saved.latents, info);
    const rgb = await engine.call("decode", [latents]);
    const subject = { rgb, title: () => t("face.saved"), file: "glow-face", latents: async () => latents };
    return { subject, place: { strengths: saved.edits } };
}
