/** Visitors who had better get the smallest model, unless they ask for another: for their data, or for their memory. */

/** Gigabytes, of which a page gets a part. */
const LITTLE = 2;

/** As the Network Information API has them: what takes a minute and more for 15 MB. */
const SLOW = ["slow-2g", "2g", "3g"];

/** Why, if so; only some browsers tell. @returns {"notice.saves-data" | "notice.slow-network" | "notice.little-memory" | undefined} */
export function lean() {
    const { connection, deviceMemory } = /** @type {any} */ (navigator);
    if (connection?.saveData) return "notice.saves-data";
    if (SLOW.includes(connection?.effectiveType)) return "notice.slow-network";
    return deviceMemory <= LITTLE ? "notice.little-memory" : undefined;
}

/** Of those that draw faces, where there are any. @param {import("../engine/protocol.js").ModelEntry[]} models */
export function smallest(models) {
    const faces = models.filter(({ eyes }) => eyes);
    return (faces.length ? faces : models).reduce((least, model) => (model.bytes < least.bytes ? model : least));
}
