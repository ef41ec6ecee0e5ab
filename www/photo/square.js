/** Squares of a photo, which may be turned: a corner and the edge from it to the right, in pixels of the photo. */

/** @typedef {import("../engine/protocol.js").Point} Point */
/** @typedef {import("../engine/protocol.js").Eyes} Eyes */
/** @typedef {{ x: number, y: number, dx: number, dy: number }} Square */

/** The one whose points `from`, in shares of its side, lie at `to`. @param {Eyes} from @param {Eyes} to @returns {Square} */
export function through(from, to) {
    const [[ux, uy], [vx, vy]] = [from, to].map(([[ax, ay], [bx, by]]) => [bx - ax, by - ay]);
    const length = ux * ux + uy * uy;
    const edge = { dx: (vx * ux + vy * uy) / length, dy: (vy * ux - vx * uy) / length };
    const [x, y] = at({ x: to[0][0], y: to[0][1], ...edge }, [-from[0][0], -from[0][1]]);
    return { x, y, ...edge };
}

/** Where a point is, in pixels, that is given in shares of the side. @param {Square} square @param {Point} point @returns {Point} */
export const at = ({ x, y, dx, dy }, [u, v]) => [x + u * dx - v * dy, y + u * dy + v * dx];

/** Draws in pixels of the photo from now on; the square fills the canvas. @param {CanvasRenderingContext2D} drawing @param {Square} square */
export function aim(drawing, { x, y, dx, dy }) {
    const scale = drawing.canvas.width / (dx * dx + dy * dy);
    const [a, b] = [dx * scale, -dy * scale];
    drawing.setTransform(a, b, -b, a, b * y - a * x, -b * x - a * y);
    drawing.imageSmoothingQuality = "high";
}

/**
 * Fills a canvas with a square of a photo; beyond its edge it goes on as at the edge.
 * @param {CanvasRenderingContext2D} drawing
 * @param {HTMLCanvasElement} photo
 * @param {Square} square
 */
export function fill(drawing, photo, square) {
    aim(drawing, square);
    const far = Math.max(photo.width, photo.height) * 4;
    // From where how much is taken, to where it goes: both edges, then what is between.
    const strips = (/** @type {number} */ end) => [
        [0, 1, -far, far + 1],
        [end - 1, 1, end - 1, far + 1],
        [0, end, 0, end],
    ];
    for (const [fromX, width, toX, wide] of strips(photo.width)) {
        for (const [fromY, height, toY, high] of strips(photo.height)) {
            drawing.drawImage(photo, fromX, fromY, width, height, toX, toY, wide, high);
        }
    }
}
