// Models as ONNX files, by the program that was built last.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export const program = join(process.env.CARGO_TARGET_DIR ?? join(homedir(), ".cache/glow-target"), "release/glow");

/** Writes `forward.onnx` and `inverse.onnx` into a folder. */
export function exportOnnx(weights, folder) {
    mkdirSync(folder, { recursive: true });
    for (const direction of ["forward", "inverse"]) {
        const out = join(folder, `${direction}.onnx`);
        const args = ["export-onnx", "--model", weights, "--direction", direction, "--out", out];
        execFileSync(program, args, { stdio: "inherit" });
    }
}
