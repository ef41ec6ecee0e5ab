/** Visitors who had better get the smallest model, unless they ask for another: for their data, or for their memory. */

/** Gigabytes, of which a page gets a part. */
const LITTLE = 2;

/** Why, if so; only some browsers tell. @returns {"notice.saves-data" | "notice.little-memory" | undefined} */
export function lean() {
    const { connection, deviceMemory } = /** @type {any} */ (navigator);
    if (connection?.saveData) return "notice.saves-data";
    return deviceMemory <= LITTLE ? "notice.little-memory" : undefined;
}

/** Of those that draw faces, where there are any. @param {import("../engine/protocol.js").ModelEntry[]} models */
export function smallest(models) {
    const faces = models.filter(({ eyes }) => eyes);
    return (faces.length ? faces : models).reduce((least, model) => (model.bytes < least.bytes ? model : least));
}
