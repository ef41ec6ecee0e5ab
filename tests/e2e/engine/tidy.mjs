// What a test started goes with it: at its end, when it fails, and when it is interrupted.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const acts = new Set();

/** Has something done at the end at the latest; what comes back does it at once. */
function atEnd(act) {
    acts.add(act);
    return () => acts.delete(act) && act();
}

process.on("exit", () => [...acts].reverse().forEach((act) => act()));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

/** A folder, and what removes it. */
export function temporary(name) {
    const folder = mkdtempSync(join(tmpdir(), `glow-${name}-`));
    return { folder, remove: atEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20 })) };
}

/** Ends a process, and all that it started. */
export const endsWithUs = ({ pid }) =>
    atEnd(() => {
        try {
            process.kill(-pid, "SIGKILL");
        } catch {
            // It has ended by itself.
        }
    });

/** A process, and what ends it. */
export function start(command, args, options) {
    const child = spawn(command, args, { detached: true, ...options });
    return { child, end: endsWithUs(child) };
}
