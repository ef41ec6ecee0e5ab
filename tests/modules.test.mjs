// No circle of modules within a crate. The arrows themselves: `node tests/modules.test.mjs --print`.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const CRATES = ["src", "native/src", "eyes/src"];

/** Rust without comments and strings. */
const bare = (text) => text.replace(/\/\/.*|"(?:[^"\\]|\\.)*"/g, "");

/** A crate's files by the path of their module, `ops::cube::kernel`. */
function modules(crate) {
    const files = readdirSync(root(crate), { recursive: true }).filter((name) => /\.rs$/.test(name));
    return new Map(
        files
            .filter((name) => name !== "main.rs")
            .map((name) => [
                name.replace(/(^|\/)(mod|lib)\.rs$|\.rs$/, "").replaceAll("/", "::"),
                { name: `${crate}/${name}`, text: bare(readFileSync(root(`${crate}/${name}`), "utf8")) },
            ]),
    );
}

/** `a::{b, c::{d as e}}` to its paths, each with the name that it gets. */
function paths(tree) {
    const brace = tree.indexOf("{");
    if (brace < 0) {
        const [path, name] = tree.split(/\s+as\s+/);
        return [{ path: path.split("::"), name: name ?? path.split("::").at(-1) }];
    }
    const parts = [];
    let depth = 0;
    let part = "";
    for (const char of tree.slice(brace + 1, tree.lastIndexOf("}"))) {
        depth += { "{": 1, "}": -1 }[char] ?? 0;
        if (char === "," && depth === 0) {
            parts.push(part);
            part = "";
        } else part += char;
    }
    const inner = [...parts, part].map((part) => part.trim()).filter(Boolean);
    return inner.flatMap((part) => paths(tree.slice(0, brace) + (part === "self" ? "" : part).replace(/^$/, "self")));
}

const USE = /(pub(?:\([^)]*\))?\s+)?use\s+([^;]+);/g;

/** Who uses whom, by the paths of modules. A name that a module only hands on is its owner's. */
function arrows(crate) {
    const all = modules(crate);
    const uses = new Map(
        [...all].map(([module, { text }]) => [
            module,
            [...text.matchAll(USE)].flatMap(([, open, tree]) =>
                paths(tree.replace(/\s+/g, " ")).map((used) => ({ ...used, handedOn: open !== undefined })),
            ),
        ]),
    );
    const parent = (module) => module.split("::").slice(0, -1).join("::");
    const child = (module, name) => [module, name].filter(Boolean).join("::");

    /** The module that owns what a path means in another, if it is one of this crate. */
    function owner(module, [first, ...rest], depth = 0) {
        if (depth > 9) return undefined;
        let at = module;
        let names = [first, ...rest];
        if (first === "crate") [at, names] = ["", rest];
        else if (first === "self") names = rest;
        else if (first === "super") {
            at = parent(module);
            names = rest;
            while (names[0] === "super") {
                at = parent(at);
                names = names.slice(1);
            }
        } else if (!all.has(child(module, first))) return undefined;
        for (const [i, name] of names.entries()) {
            if (all.has(child(at, name))) at = child(at, name);
            else {
                const found = uses.get(at).find((used) => used.handedOn && used.name === name);
                return (found && owner(at, [...found.path, ...names.slice(i + 1)], depth + 1)) ?? at;
            }
        }
        return at;
    }

    return new Map(
        [...all].map(([module, { text }]) => {
            const used = uses.get(module).filter(({ handedOn }) => !handedOn);
            const inline = [...text.replace(USE, "").matchAll(/(?<![\w:])\w+(?:::\w+)+/g)];
            const owners = [...used.map(({ path }) => path), ...inline.map(([path]) => path.split("::"))]
                .map((path) => owner(module, path))
                .filter((other) => other !== undefined && other !== module);
            return [module, new Set(owners)];
        }),
    );
}

/** A circle of arrows, if there is one. */
function circle(arrows) {
    const done = new Set();
    const visit = (module, way) => {
        if (way.includes(module)) return [...way.slice(way.indexOf(module)), module];
        if (done.has(module)) return undefined;
        for (const other of arrows.get(module)) {
            const found = visit(other, [...way, module]);
            if (found) return found;
        }
        done.add(module);
        return undefined;
    };
    for (const module of arrows.keys()) {
        const found = visit(module, []);
        if (found) return found.map((module) => module || "lib").join(" -> ");
    }
    return undefined;
}

if (process.argv.includes("--print")) {
    for (const crate of CRATES)
        for (const [module, others] of arrows(crate)) console.log(`${crate} ${module || "lib"}: ${[...others].join(" ")}`);
} else {
    for (const crate of CRATES) {
        test(`no circle in ${crate}`, () => {
            const found = arrows(crate);
            assert.ok([...found.values()].reduce((sum, { size }) => sum + size, 0) > 5, "arrows are found");
            assert.equal(circle(found), undefined);
        });
    }

    test("a circle would be found", () => {
        const arrows = new Map([
            ["a", new Set(["b"])],
            ["b", new Set(["c"])],
            ["c", new Set(["a"])],
        ]);
        assert.equal(circle(arrows), "a -> b -> c -> a");
    });
}
