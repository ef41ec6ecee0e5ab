// The documentation against the code. Links: every file is there, every heading, and in a source file what a link names.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim().split("\n");
const pages = git("ls-files", "*.md");
const read = (path) => readFileSync(path, "utf8");

/** A heading as GitHub links it. */
const slug = (heading) =>
    heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-");
const slugs = (markdown) => [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => slug(heading));

/** Where Rust or JavaScript defines a name: after a keyword, or as a method. */
const definition = (name) =>
    new RegExp(`\\b(fn|struct|enum|trait|const|class|function) ${name}\\b|^ +((async|get|set) )?#?${name}\\(`, "m");

/** What is wrong with a link, if something is. */
function problem(page, text, target) {
    const [path, heading] = target.split("#");
    const file = path ? join(dirname(page), path) : page;
    if (relative(root, file).startsWith("..")) return "leaves the repository";
    if (!existsSync(file)) return "no such file";
    if (heading && !slugs(read(file)).includes(heading)) return "no such heading";
    const [, name] = text.match(/^`(?:\w+::)*#?(\w+)`$/) ?? [];
    if (!name || !/\.(rs|js|mjs)$/.test(file)) return undefined;
    return definition(name).test(read(file)) ? undefined : `no ${name} there`;
}

for (const name of pages) {
    test(`the links of ${name} lead somewhere`, () => {
        const page = join(root, name);
        const links = [...read(page).matchAll(/\[((?:`[^`]*`|[^\]])*)\]\(([^)\s]+)\)/g)];
        const broken = links
            .filter(([, , target]) => !/^[a-z]+:/.test(target))
            .map(([, text, target]) => [text, target, problem(page, text, target)])
            .filter(([, , wrong]) => wrong);
        assert.deepEqual(broken, []);
    });
}

test("storage is reached where it may fail, and nowhere else", () => {
    const names = ["localStorage", "sessionStorage", "caches", "indexedDB", "cookie", "cookieStore"];
    const uses = git("ls-files", "www/*.js").map((path) => {
        const code = read(join(root, path)).replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, "");
        return [path, names.filter((name) => new RegExp(`\\b${name}\\b`).test(code))];
    });
    assert.deepEqual(Object.fromEntries(uses.filter(([, used]) => used.length)), {
        "www/engine/storage.js": ["localStorage"],
        "www/keep/keep.js": ["indexedDB"],
        "www/keep/store.js": ["indexedDB"],
        "www/worker/store.js": ["caches"],
        "www/worker/sw.js": ["caches"],
    });
    for (const path of ["keep/keep.js", "keep/store.js", "worker/store.js"]) {
        assert.match(read(join(root, "www", path)), /import { (attempt|reach) } from "\.\.\/engine\/storage\.js"/, path);
    }
});

test("the target is asked for where the architecture says, and nowhere else", () => {
    const [, section] = read(join(root, "docs/architecture.md")).split("## Where the target is asked for");
    const named = [...section.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, path]) => path);
    const asking = git("grep", "-l", "target_family", "--", "*.rs", ":!tests");
    assert.deepEqual(
        asking.filter((path) => !named.includes(path)),
        [],
    );
});
