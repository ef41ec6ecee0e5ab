// What a browser leaves in its folder of downloads.
import { readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { until } from "./until.mjs";

/** The file that comes of an act. */
export async function downloaded(folder, act) {
    await act();
    // Beside what is under way lies a file with another ending, or with nothing in it yet.
    const [path] = await until("a download", () => {
        const paths = readdirSync(folder).map((name) => join(folder, name));
        return paths.length === 1 && statSync(paths[0]).size > 0 && !/\.(part|wkdownload)$/.test(paths[0]) && paths;
    });
    const bytes = readFileSync(path);
    rmSync(path);
    return { name: path.slice(folder.length + 1), bytes };
}
