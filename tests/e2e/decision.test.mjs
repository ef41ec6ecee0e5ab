// Where the model computes, with models and a clock that are none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Backends } from "../../www/worker/backends.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A CPU and a GPU that draw pictures of one value in so many milliseconds, and what is told of them. */
function machine({ cpu = 10, gpu = 5, off = 0, found = {}, broken = false } = {}) {
    let clock = 0;
    const model = (cost, value) => ({
        describe: () => ({ levels: 3 }),
        async sample(seed, first, count, temperature, event) {
            for (let i = first; i < first + count; i++) {
                clock += cost;
                event(i, new Uint8Array(12).fill(value));
            }
        },
    });
    let lose;
    const failed = new Promise((_, reject) => (lose = () => reject("device lost")));
    failed.catch(() => {});
    const told = [];
    const onGpu = model(gpu, 100 + off);
    const onCpu = model(cpu, 100);
    const backends = new Backends((state) => told.push(state), {
        cpu: Promise.resolve({
            threads: 2,
            glow: { Device: { cpu() {} } },
        }),
        gpu: {
            find: async () => (typeof found === "string" ? found : { name: "Some GPU", isSoftware: false, ...found }),
            async open() {
                if (broken) throw new Error("no pipeline");
                return { model: onGpu, failed };
            },
        },
        now: () => clock,
    });
    const open = (preference, weights = { open: async () => onCpu }) => backends.open(weights, [], preference);
    return { backends, open, told, onGpu, onCpu, lose, clock: () => clock };
}

/** What was told last. */
async function decided(machine, preference = "auto") {
    await machine.open(preference);
    await machine.backends.considerGpu();
    const { backend, reason, details, notice } = machine.told.at(-1);
    return { backend, reason, details, notice };
}
const used = ({ backends }) => backends.run(async (model) => model);

for (const [what, parts, expected] of [
    ["faster", { cpu: 10, gpu: 5 }, { backend: "webgpu", reason: "faster", details: { gpu: "5.0", cpu: "10.0" } }],
    ["as fast", { cpu: 10, gpu: 10 }, { backend: "webgpu", reason: "faster", details: { gpu: "10.0", cpu: "10.0" } }],
    ["slower", { cpu: 10, gpu: 10.5 }, { reason: "slower", details: { gpu: "10.5", cpu: "10.0" } }],
    ["a rounding off", { off: 2 }, { backend: "webgpu", reason: "faster", details: { gpu: "5.0", cpu: "10.0" } }],
    ["wrong", { off: 3 }, { reason: "wrong", details: { difference: 3 }, notice: true }],
    ["in software", { found: { isSoftware: true } }, { reason: "software" }],
    ["not there", { found: "no-adapter" }, { reason: "no-adapter" }],
    ["not for this browser", { found: "no-webgpu" }, { reason: "no-webgpu" }],
    ["broken", { broken: true }, { reason: "failed", details: { message: "Error: no pipeline" } }],
]) {
    test(`a GPU that is ${what}: ${expected.reason}`, async () => {
        const some = machine(parts);
        assert.deepEqual(await decided(some), { backend: "cpu", details: {}, notice: false, ...expected });
        assert.equal(await used(some), expected.backend === "webgpu" ? some.onGpu : some.onCpu);
    });
}

for (const [what, parts, expected] of [
    ["slower", { gpu: 1000 }, { backend: "webgpu", reason: "chosen" }],
    ["in software", { found: { isSoftware: true } }, { backend: "webgpu", reason: "chosen" }],
    ["wrong", { off: 3 }, { backend: "cpu", reason: "wrong" }],
    ["not there", { found: "no-adapter" }, { backend: "cpu", reason: "no-adapter" }],
    ["broken", { broken: true }, { backend: "cpu", reason: "failed" }],
]) {
    test(`a GPU that was chosen and is ${what}: ${expected.reason}`, async () => {
        const some = machine(parts);
        const { backend, reason, notice } = await decided(some, "webgpu");
        assert.deepEqual({ backend, reason }, expected);
        assert.equal(notice, backend === "cpu", "told where it is not as it was chosen");
        // A face on each, to compare them: nothing is timed.
        if (backend === "webgpu") assert.equal(some.clock(), 10 + (parts.gpu ?? 5));
    });
}

test("where the CPU was chosen, no GPU is looked for", async () => {
    const some = machine();
    assert.deepEqual(await decided(some, "cpu"), { backend: "cpu", reason: "chosen", details: {}, notice: false });
    await some.backends.prefer("auto");
    assert.equal(some.told.at(-1).reason, "faster");
});

test("a GPU that is lost leaves what is under way, and all that follows, to the CPU", async () => {
    const some = machine();
    await decided(some);
    const tried = [];
    const job = some.backends.run((model) => {
        tried.push(model);
        return model === some.onGpu ? new Promise(() => {}) : "done";
    });
    some.lose();
    assert.equal(await job, "done");
    assert.deepEqual(tried, [some.onGpu, some.onCpu]);
    await turn();
    const last = some.told.at(-1);
    assert.deepEqual([last.backend, last.reason, last.notice], ["cpu", "lost", true]);
    assert.equal(some.told.filter(({ reason }) => reason === "lost").length, 1, "told once");
});

test("a GPU that is lost while it rests is told, too", async () => {
    const some = machine();
    await decided(some);
    some.lose();
    await turn();
    assert.equal(some.told.at(-1).reason, "lost");
    assert.equal(await used(some), some.onCpu);
});

test("a GPU that is lost on trial is not used", async () => {
    const some = machine();
    some.onGpu.sample = () => new Promise(() => {});
    setImmediate(some.lose);
    assert.equal((await decided(some)).reason, "failed");
});

test("a cancel is no failure of the GPU", async () => {
    const some = machine();
    await decided(some);
    const cancel = () => Promise.reject(new DOMException("cancelled", "AbortError"));
    await assert.rejects(some.backends.run(cancel), { name: "AbortError" });
    assert.equal(await used(some), some.onGpu);
});

test("who chooses the CPU while the GPU is on trial stays there", async () => {
    const some = machine();
    const sample = some.onGpu.sample;
    some.onGpu.sample = async (...all) => {
        await some.backends.prefer("cpu");
        return sample(...all);
    };
    assert.equal((await decided(some)).reason, "chosen");
    assert.equal(await used(some), some.onCpu);
});

for (const [what, error, expected] of [
    ["are damaged", new Error("its checksum does not match"), { code: "download-corrupt" }],
    ["find no memory", new RangeError("no memory"), { name: "RangeError" }],
]) {
    test(`weights that ${what} are told as such`, async () => {
        await assert.rejects(machine().open("cpu", { open: () => Promise.reject(error) }), expected);
    });
}
