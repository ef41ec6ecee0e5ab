// Tables of what bench/roof.js measured.

/** What each part is. */
const NAMES = {
    mixing: "actnorm and 1x1 convolution",
    first: "network: first 3x3 product",
    middle: "network: 1x1 product",
    last: "network: last 3x3 product",
    gather: "network: gather",
    scatter: "network: scatter",
    step: "coupling: shift and memory",
    split: "split's prior",
    squeeze: "squeeze",
};
/** What a step is made of; what is left of its time is for the shift and memory. */
const IN_STEP = ["mixing", "first", "middle", "last", "gather", "scatter"];

const sum = (values) => values.reduce((all, value) => all + value, 0);

const tableRow = (cells) => `| ${cells.join(" | ")} |`;

/** What a batch takes beside the flow: in JavaScript, if it goes through the flow as one tensor, and on the way to a worker and back. */
const around = ({ images, milliseconds, picture, trip }) => [
    ...(images > 1 ? [] : [["pixels and JavaScript", picture - milliseconds]]),
    ["a message to a worker and back", trip],
];

/** Lines of a table: a row a level and part, those that take longest first. */
export function roofTable(name, found) {
    const { images, peak, copy, milliseconds: whole, parts } = found;
    const rows = parts.map((row) => {
        if (row.part !== "step") return row;
        const within = parts.filter(({ level, part }) => level === row.level && IN_STEP.includes(part));
        const rest = row.milliseconds - sum(within.map(({ milliseconds }) => milliseconds));
        return { ...row, milliseconds: Math.max(0, rest) };
    });
    const line = (level, what, flops, milliseconds) => {
        const rate = flops / milliseconds / 1e6;
        const shares = flops ? [rate.toFixed(1), (rate / peak).toFixed(2)] : ["", ""];
        return [level, what, milliseconds.toFixed(2), (milliseconds / whole).toFixed(3), ...shares];
    };
    const products = rows.filter(({ flops }) => flops);
    const all = (what, rows) =>
        line("all", what, sum(rows.map((row) => row.flops)), sum(rows.map((row) => row.milliseconds)));
    const lines = [
        ["level", "part", "ms", "of the whole", "GFLOP/s", "of the peak"],
        ["---:", "---", "---:", "---:", "---:", "---:"],
        ...rows
            .toSorted((a, b) => b.milliseconds - a.milliseconds)
            .map(({ level, part, flops, milliseconds }) => line(level, NAMES[part], flops, milliseconds)),
        all("products", products),
        all(
            "the rest of the parts",
            rows.filter(({ flops }) => !flops),
        ),
        line("all", "between the parts", 0, whole - sum(rows.map((row) => row.milliseconds))),
        line("all", "the whole", sum(products.map((row) => row.flops)), whole),
        ...around(found).map(([what, milliseconds]) => line("", what, 0, milliseconds)),
    ];
    const what = `${name}, ${images} ${images > 1 ? "faces" : "face"} on one thread`;
    return [
        `\n${what}; the core's peak is ${peak.toFixed(1)} GFLOP/s, a copy takes ${copy.toFixed(1)} GB/s:\n`,
        ...lines.map(tableRow),
    ];
}

/** Lines of a table: what several threads share, beside one of them. */
export function threadsTable(name, one, several, threads) {
    const on = (found, level, part) => found.parts.find((row) => row.level === level && row.part === part).milliseconds;
    const line = (level, what, before, after) => [
        level,
        what,
        before.toFixed(2),
        after.toFixed(2),
        (before / after).toFixed(2),
    ];
    const { count, milliseconds: meetings } = several.meetings;
    const lines = [
        ["level", "part", "ms on one", `ms on ${threads}`, "times as fast"],
        ["---:", "---", "---:", "---:", "---:"],
        ...several.parts.map(({ level, part, milliseconds }) =>
            line(level, part === "step" ? "steps" : NAMES[part], on(one, level, part), milliseconds),
        ),
        line("all", "the whole", one.milliseconds, several.milliseconds),
        line("all", `waking ${threads} threads, ${count} times`, one.meetings.milliseconds, meetings),
        ...around(several).map(([what, milliseconds], i) => line("", what, around(one)[i][1], milliseconds)),
    ];
    const { images } = several;
    return [`\n${name}, ${images} ${images > 1 ? "faces" : "face"} on ${threads} threads:\n`, ...lines.map(tableRow)];
}
