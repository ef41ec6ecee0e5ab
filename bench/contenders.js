/** By name, what `worker.js` is to open: the model that lies in a folder, in every runtime. */
export async function contenders(folder, info, { software }) {
    const [weights, forward, inverse] = ["model.safetensors", "forward.onnx", "inverse.onnx"].map(
        (name) => `${folder}/${name}`,
    );
    const glow = (device, threads = 1) => ({ runtime: "glow", device, threads, weights });
    const other = (runtime, device, threads) => ({ runtime, device, threads, forward, inverse, info });
    const onCpu = {
        "glow, CPU": glow("cpu"),
        "glow, CPU, 2 threads": glow("cpu", 2),
        "onnxruntime-web, 1 thread": other("onnxruntime", "wasm", 1),
        "onnxruntime-web, 2 threads": other("onnxruntime", "wasm", 2),
    };
    const onGpu = {
        "glow, WebGPU": glow("webgpu"),
        "onnxruntime-web, WebGPU": other("onnxruntime", "webgpu", 1),
    };
    // It is wired for no others.
    if (info.coupling === "additive") {
        onCpu["TensorFlow.js, 1 thread"] = other("tensorflow", "wasm", 1);
        onCpu["TensorFlow.js, 2 threads"] = other("tensorflow", "wasm", 2);
        onGpu["TensorFlow.js, WebGPU"] = other("tensorflow", "webgpu", 1);
    }
    if (software) return onGpu;
    return (await hasGpu()) ? { ...onCpu, ...onGpu } : onCpu;
}

/** Whether there is WebGPU in hardware. */
async function hasGpu() {
    const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
    return adapter && !adapter.info.isFallbackAdapter;
}
