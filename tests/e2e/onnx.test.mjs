import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as ort from "onnxruntime-web";
import { toImage, toLatents, toLevels, toRgb } from "../../bench/tensors.js";
import { exportOnnx } from "../../pkg-scripts/onnx.mjs";
import { largestDifference, nativeFaces } from "./browser.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const weights = here("../../models/faces32.safetensors");
const folder = mkdtempSync(join(tmpdir(), "glow-onnx-"));
let model, info, forward, inverse;
before(async () => {
    exportOnnx(weights, folder);
    [forward, inverse] = await Promise.all(
        ["forward", "inverse"].map((name) => ort.InferenceSession.create(join(folder, `${name}.onnx`))),
    );
    const { default: init, Device, Model } = await import("../../pkg/cpu/glow.js");
    await init({ module_or_path: readFileSync(here("../../pkg/cpu/glow_bg.wasm")) });
    model = await Model.load(readFileSync(weights), Device.cpu());
    info = model.describe();
});
after(() => rmSync(folder, { recursive: true }));

test("onnxruntime decodes our faces", async () => {
    const temperature = new Float32Array(info.levels).fill(0.7);
    const latents = Float32Array.from([0, 1, 2, 3].flatMap((i) => [...model.draw(1, i, temperature)]));
    const { image } = await inverse.run(toLevels(ort, latents, info.latentShapes));
    assert.ok(largestDifference(toRgb(image), nativeFaces()) <= 1);
});

test("onnxruntime encodes our faces as we do, and gives them back to 1e-4", async () => {
    const faces = Uint8Array.from(nativeFaces());
    const bytes = faces.length / 4;
    for (let i = 0; i < 4; i++) {
        const face = faces.subarray(i * bytes, (i + 1) * bytes);
        const image = toImage(ort, face, info.size);
        const ours = await model.encode(face);
        const theirs = await forward.run({ image });
        assert.ok(largestDifference(toLatents(theirs, info.latentShapes), ours.latents) <= 1e-4);
        const bitsPerDim = info.bits - theirs.log_p.data[0] / (bytes * Math.LN2);
        assert.ok(Math.abs(bitsPerDim - ours.bitsPerDim[0]) <= 1e-4);
        const back = await inverse.run(toLevels(ort, ours.latents, info.latentShapes));
        assert.ok(largestDifference(back.image.data, image.data) <= 1e-4);
    }
});
