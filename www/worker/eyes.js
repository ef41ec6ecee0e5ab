/** Eyes in photos: a package that loads when the first photo comes. */

/** @typedef {import("../engine/protocol.js").Eyes} Eyes */

/** @type {Promise<typeof import("../eyes/eyes.js")> | undefined} */
let loading;

async function load() {
    const eyes = await import("../eyes/eyes.js");
    await eyes.default();
    return eyes;
}

/** @param {Uint8ClampedArray} rgba @param {number} width @returns {Promise<Eyes[]>} */
export async function findEyes(rgba, width) {
    loading ??= load();
    loading.catch(() => (loading = undefined));
    const numbers = (await loading).findEyes(new Uint8Array(rgba.buffer), width);
    return Array.from({ length: numbers.length / 4 }, (_, face) => {
        const [leftX, leftY, rightX, rightY] = numbers.subarray(4 * face);
        return [
            [leftX, leftY],
            [rightX, rightY],
        ];
    });
}
