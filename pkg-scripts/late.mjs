// What of the page is loaded late, once it is asked for: it is not preloaded, and does not count before the first face.

/** Packages: big, and not for everyone. */
const PACKAGES = ["relaxed", "threads", "gpu", "eyes"];
/** Folders, whole; of the words, the visitor's come at once. */
const FOLDERS = ["diagnose", "pictures", "restore", "strings"];
/** Rooms, all but the door: of `photo/`, `photo.js` is there from the start. */
const ROOMS = ["explain", "keep", "photo", "play"];

/** Whether a file is of such a package. @param {string} path in the folder of the code */
export const isOptional = (path) => PACKAGES.includes(path.split("/")[0]);

/** @param {string} path in the folder of the code */
export function isLate(path) {
    const [folder, file] = path.split("/");
    return isOptional(path) || FOLDERS.includes(folder) || (ROOMS.includes(folder) && file !== `${folder}.js`);
}
