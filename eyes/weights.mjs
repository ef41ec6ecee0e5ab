// Writes weights.bin: node eyes/weights.mjs FOLDER, the folder `model` of the npm package @vladmandic/face-api, version 1.7.15.
// A tensor is the least value and the step, two little-endian f32, then a byte for each value.
import { readFileSync, writeFileSync } from "node:fs";

const folder = process.argv[2];
/** Landmarks 36 to 47 of 68 are the eyes'; the others are left out. */
const [POINTS, FROM, TO] = [68, 36, 48];

const parts = [];
for (const model of ["tiny_face_detector_model", "face_landmark_68_tiny_model"]) {
    const [{ weights }] = JSON.parse(readFileSync(`${folder}/${model}-weights_manifest.json`, "utf8"));
    const bytes = readFileSync(`${folder}/${model}.bin`);
    let at = 0;
    for (const { name, shape, quantization } of weights) {
        const values = bytes.subarray(at, (at += shape.reduce((product, side) => product * side)));
        parts.push(Buffer.from(Float32Array.of(quantization.min, quantization.scale).buffer));
        const ofEyes = (_, i) => i % (2 * POINTS) >= 2 * FROM && i % (2 * POINTS) < 2 * TO;
        parts.push(name.startsWith("fc/") ? values.filter(ofEyes) : values);
    }
}
writeFileSync(new URL("weights.bin", import.meta.url), Buffer.concat(parts));
