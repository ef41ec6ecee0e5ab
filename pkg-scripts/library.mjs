// See library.sh.
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = join(root, "pkg/library");

/** Lays the package out and packs it; returns the tarball's path. */
export function pack() {
    rmSync(out, { recursive: true, force: true });
    for (const name of ["cpu", "gpu"]) {
        for (const file of ["glow.js", "glow.d.ts", "glow_bg.wasm"]) {
            cpSync(join(root, "pkg", name, file), join(out, name, file));
        }
    }
    for (const file of ["library/README.md", "library/example.html", "LICENSE-APACHE", "LICENSE-MIT"]) {
        cpSync(join(root, file), join(out, basename(file)));
    }
    const [, version] = readFileSync(join(root, "Cargo.toml"), "utf8").match(/^version = "(.*)"$/m);
    const { name, ...rest } = JSON.parse(readFileSync(join(root, "library/package.json"), "utf8"));
    writeFileSync(join(out, "package.json"), JSON.stringify({ name, version, ...rest }, null, 4) + "\n");
    return join(out, execFileSync("npm", ["pack", "--silent"], { cwd: out, encoding: "utf8" }).trim());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const tarball = pack();
    console.log(`${tarball}: ${statSync(tarball).size.toLocaleString("en")} bytes`);
}
