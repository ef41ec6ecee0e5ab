/** Numbers as a bar chart, with the bell curve over it. */
import { shape } from "../page/dom.js";
import { number } from "../page/i18n.js";
import { RANGE, bell } from "./bell.js";

const [WIDTH, HEIGHT, BASE] = [320, 168, 148];

/** @param {SVGSVGElement} plot @param {number[]} densities of bins from -RANGE to RANGE */
export function draw(plot, densities) {
    const top = 1.1 * Math.max(bell(0), ...densities);
    const x = (/** @type {number} */ value) => (WIDTH * (value + RANGE)) / (2 * RANGE);
    const y = (/** @type {number} */ density) => (BASE * (1 - density / top)).toFixed(1);
    const bin = WIDTH / densities.length;
    const bars = densities.map((density, i) => `M${bin * i} ${BASE}V${y(density)}h${bin}V${BASE}`);
    const curve = densities.map((_, i) => {
        const value = 2 * RANGE * (i / (densities.length - 1) - 0.5);
        return `${x(value).toFixed(1)} ${y(bell(value))}`;
    });
    plot.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
    plot.replaceChildren(
        shape("path", { d: bars.join(""), class: "bars" }),
        shape("path", { d: `M${curve.join("L")}`, class: "curve" }),
        shape("line", { x1: 0, x2: WIDTH, y1: BASE, y2: BASE, class: "axis" }),
        ...[-3, -2, -1, 0, 1, 2, 3].map((value) => shape("text", { x: x(value), y: BASE + 14 }, number(value))),
    );
}
