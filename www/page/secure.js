/** What browsers give to pages of secure addresses alone: the clipboard, the camera. */
import { Trouble } from "./status.js";

/** @template T @param {T | undefined} given by the browser @returns {T} throws a {@link Trouble} that says why there is none */
export function secured(given) {
    if (given) return given;
    throw new Trouble(isSecureContext ? "unable" : "insecure");
}
