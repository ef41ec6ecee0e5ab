// The flow in TensorFlow.js, for additive couplings: activations `[n, height, width, channel]`, and the constants of the
// exported graphs, whose weights are folded, signs included.
import { constants } from "./onnx.js";
import { byLevel, toBytes, toValues } from "./tensors.js";

const MODULES = "../node_modules/@tensorflow";

export async function open({ device, threads, forward, inverse, info }) {
    const tf = await start(device, threads);
    const wire = async (graph, file) =>
        graph(tf, constants(new Uint8Array(await (await fetch(file)).arrayBuffer())), info);
    const decoder = await wire(decode, inverse);
    const encoder = forward && (await wire(encode, forward));
    const run = async (graph, shapes, values) => {
        const output = tf.tidy(() => graph(values.map((values, i) => tf.reshape(values, [-1, ...shapes[i]]))));
        const result = await output.data();
        output.dispose();
        return result;
    };
    const { size, bits, latentShapes } = info;
    const dims = 3 * size * size;
    return {
        decode(latents) {
            const levels = byLevel(latents, latentShapes);
            return {
                run: async () => toBytes(await run(decoder, latentShapes, levels)),
                read: (rgb) => ({ rgb }),
            };
        },
        encode: (rgb) => ({
            run: () => run(encoder, [[size, size, 3]], [toValues(rgb)]),
            read: (values) => ({
                latents: values.subarray(0, dims),
                bitsPerDim: [bits - values[dims] / (dims * Math.LN2)],
            }),
        }),
    };
}

async function start(device, threads) {
    await import(`${MODULES}/tfjs-core/dist/tf-core.min.js`);
    await import(`${MODULES}/tfjs-backend-${device}/dist/tf-backend-${device}.min.js`);
    const { tf } = globalThis;
    if (device === "wasm") {
        tf.wasm.setWasmPaths(new URL(`${MODULES}/tfjs-backend-wasm/dist/`, import.meta.url).href);
        tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", threads > 1);
        tf.wasm.setThreadsCount(threads);
    }
    if (!(await tf.setBackend(device))) throw new Error(`no ${device}`);
    return tf;
}

/** Latents of every level to `image`. */
function decode(tf, constants, { latentShapes, steps }) {
    const { vector, conv, net, gaussian } = layers(tf, constants);
    const [mean, sigma] = [vector(), vector()];
    const levels = latentShapes.map((_, i) => ({
        prior: i > 0 && gaussian(),
        steps: Array.from({ length: steps.at(-1 - i) }, () => ({ net: net(), linear: conv() })),
    }));
    return (latents) => {
        const [top, ...finer] = latents.toReversed();
        let x = tf.add(tf.mul(top, sigma), mean);
        for (const [i, { prior, steps }] of levels.entries()) {
            if (prior) {
                const [mean, logSigma] = prior(x);
                x = tf.concat([x, tf.add(tf.mul(finer[i - 1], tf.exp(logSigma)), mean)], 3);
            }
            for (const { net, linear } of steps) {
                const [y1, y2] = tf.split(x, 2, 3);
                x = linear(tf.concat([y1, tf.add(y2, net(y1))], 3));
            }
            x = unsqueeze(tf, x);
        }
        return x;
    };
}

/** Channel `4 c + 2 dy + dx` goes to channel `c` at offset `(dy, dx)`. */
function unsqueeze(tf, x) {
    const [n, h, w, c] = x.shape;
    const offsets = tf.transpose(tf.reshape(x, [n, h, w, c / 4, 2, 2]), [0, 1, 4, 2, 5, 3]);
    return tf.reshape(offsets, [n, 2 * h, 2 * w, c / 4]);
}

/** `image` to the latents of every level, and log p in nats: one tensor, `[n, dims + 1]`. */
function encode(tf, constants, { latentShapes, levels: count, steps }) {
    const { vector, conv, net, gaussian } = layers(tf, constants);
    const levels = latentShapes.map((_, i) => ({
        steps: Array.from({ length: steps[i] }, () => ({ linear: conv(), net: net() })),
        ...(i < count - 1 ? { prior: gaussian() } : { mean: vector(), scale: vector() }),
        minusHalf: vector(),
    }));
    const constant = vector();
    return ([x]) => {
        const latents = [];
        let logP = constant;
        const add = (values, factor) => {
            const sum = tf.sum(values, [1, 2, 3]);
            logP = tf.add(logP, factor ? tf.mul(sum, factor) : sum);
        };
        for (const { steps, prior, mean, scale, minusHalf } of levels) {
            for (const { linear, net } of steps) {
                const [x1, x2] = tf.split(linear(x), 2, 3);
                x = tf.concat([x1, tf.add(x2, net(x1))], 3);
            }
            let eps;
            if (prior) {
                const [z1, z2] = tf.split(x, 2, 3);
                const [minusMean, minusLogSigma] = prior(z1);
                add(minusLogSigma);
                eps = tf.mul(tf.add(z2, minusMean), tf.exp(minusLogSigma));
                x = z1;
            } else {
                eps = tf.mul(tf.sub(x, mean), scale);
            }
            add(tf.square(eps), minusHalf);
            latents.push(eps);
        }
        const n = x.shape[0];
        return tf.concat(
            [...latents, logP].map((values) => tf.reshape(values, [n, -1])),
            1,
        );
    };
}

/** The layers, each with the next constants. */
function layers(tf, constants) {
    const vector = () => tf.tensor1d(constants.shift().values);
    const conv = (activation) => {
        const { dims, values } = constants.shift();
        const filter = tf.transpose(tf.tensor4d(values, dims), [2, 3, 1, 0]);
        const bias = vector();
        // A squeeze and the matrix behind it are one convolution.
        const strides = filter.shape[0] === 2 ? 2 : 1;
        return (x) => tf.fused.conv2d({ x, filter, bias, strides, pad: "same", activation });
    };
    const net = () => {
        const [first, second, last] = [conv("relu"), conv("relu"), conv()];
        return (x) => last(second(first(x)));
    };
    /** Mean and log sigma, or both with their signs turned. */
    const gaussian = () => {
        const [prior, least, most] = [conv(), vector(), vector()];
        return (x) => {
            const [mean, logSigma] = tf.split(prior(x), 2, 3);
            return [mean, tf.minimum(tf.maximum(logSigma, least), most)];
        };
    };
    return { vector, conv, net, gaussian };
}
