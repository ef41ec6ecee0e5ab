/** bits/dim of a photo, on the range of the test photos. */
import { make, shape } from "../page/dom.js";
import { number, t } from "../page/i18n.js";

/** @typedef {import("../engine/protocol.js").Percentiles} Percentiles */

const [LEFT, RIGHT, MIDDLE] = [20, 280, 22];
/** Between the middles of two labels, at least. */
const APART = 30;

/**
 * @param {HTMLElement} root
 * @param {number} bits
 * @param {number} complexity
 * @param {import("../engine/protocol.js").ModelEntry} entry
 */
export function showBits(root, bits, complexity, { percentiles, excess }) {
    const text = /** @type {HTMLParagraphElement} */ (root.querySelector("p"));
    const plot = /** @type {SVGSVGElement} */ (root.querySelector("svg"));
    text.replaceChildren(
        make("strong", { textContent: t("bits.here", { bits: number(bits, 2) }) }),
        ` ${rank("bits", bits, percentiles)} ${excess ? rank("excess", bits - complexity, excess) : ""}`,
    );
    const { p1, p10, p50, p90, p99 } = percentiles;
    // Of a picture that is next to impossible they have no end.
    const shown = Number.isFinite(bits) ? [bits] : [];
    const [from, to] = [Math.min(p1, ...shown), Math.max(p99, ...shown)];
    const x = (/** @type {number} */ value) => LEFT + ((value - from) / (to - from)) * (RIGHT - LEFT);
    plot.replaceChildren(
        shape("line", { x1: x(p1), x2: x(p99), y1: MIDDLE, y2: MIDDLE, class: "range" }),
        shape("rect", { x: x(p10), width: x(p90) - x(p10), y: MIDDLE - 6, height: 12, rx: 2, class: "box" }),
        shape("line", { x1: x(p50), x2: x(p50), y1: MIDDLE - 6, y2: MIDDLE + 6, class: "median" }),
        ...shown.map((bits) => shape("path", { d: `M${x(bits)} ${MIDDLE - 7}l-5 -9h10z`, class: "here" })),
        ...[p1, p50, p99]
            .filter((value) => value === p50 || Math.abs(x(value) - x(p50)) >= APART)
            .map((value) => shape("text", { x: x(value), y: MIDDLE + 20 }, number(value, 2))),
    );
    const title = shape("title", {}, t("bits.axis"));
    plot.prepend(title);
}

/** @param {"bits" | "excess"} what @param {number} value @param {Percentiles} percentiles */
function rank(what, value, { p1, p10, p50, p90, p99 }) {
    if (value < p1) return t(`${what}.low`);
    if (value > p99) return t(`${what}.high`);
    const known = [
        [p1, 1],
        [p10, 10],
        [p50, 50],
        [p90, 90],
        [p99, 99],
    ];
    const above = Math.max(
        1,
        known.findIndex(([least]) => value <= least),
    );
    const [[low, lowRank], [high, highRank]] = [known[above - 1], known[above]];
    const percent = lowRank + ((value - low) / (high - low)) * (highRank - lowRank);
    return t(`${what}.rank`, { percent: Math.round(percent) });
}
