// A typed use of the package, right and wrong: library.test.mjs has it compiled where the package is installed.
import init, { Attributes, Device, Model, Weights, type ModelInfo } from "glow-flow";
import * as gpu from "glow-flow/webgpu";

await init();
const model = await Model.load(new Uint8Array(), Device.cpu());
const weights = new Weights();
weights.push(new Uint8Array());
const same: Model = await weights.open(Device.cpu());
const { levels, latentShapes }: ModelInfo = model.describe();
const temperature = new Float32Array(levels).fill(0.7);
await model.sample(
    1,
    0,
    1,
    temperature,
    (index, rgb) => console.log(index.toFixed(), rgb.length),
    new AbortController().signal,
);
const { latents, bitsPerDim } = await model.encode(new Uint8Array(), undefined);
const edited: Float32Array = Attributes.load(new Uint8Array(), model).edit(latents, [1]);
const rgb: Uint8Array = await model.decode(edited, (done, total) => console.log(done / total));
const device: gpu.Device = await gpu.Device.webgpu((reason) => console.log(reason.trim()));
await (await gpu.Model.load(rgb, device)).frames(model.draw(1, 0, temperature), undefined);
const { states, logDets } = await model.walk(rgb, undefined);
await model.repair(rgb, new Uint8Array(), 1, (share, rgb) => console.log(share.toFixed(2), rgb.length));
await model.enlarge(rgb, 1, () => Promise.resolve(), new AbortController().signal);
const numbers: Float32Array[] = [states, logDets, await model.coupling(rgb, 0), await model.permutation(0)];

// @ts-expect-error The CPU's package has no GPU.
await Device.webgpu(() => {});
// @ts-expect-error A file's bytes, not its name.
await Model.load("faces32.safetensors", Device.cpu());
// @ts-expect-error A temperature a level.
model.draw(1, 0, 0.7);
// @ts-expect-error Three numbers a level.
const [[height, width, channels, more]] = latentShapes;
// @ts-expect-error Numbers of every image.
const bits: number = bitsPerDim;
