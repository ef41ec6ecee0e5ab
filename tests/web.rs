//! The wasm package in a real browser: both backends against each other and against the native program's numbers.
//! Run by `wasm-pack test --headless --chrome`.

#![cfg(target_family = "wasm")]

use std::sync::atomic::{AtomicUsize, Ordering};

use burn::tensor::{Device as Tensors, Tensor, TensorData};
use glow::config::{CouplingKind, GlowConfig, PermutationKind};
use glow::flow::{FrozenGlow, Glow, Gradients};
use glow::ops::{NetWeights, conv3x3, couple, halves, linear, net, net_gradient, net_plain, uncouple};
use glow::pixels::host_async;
use glow::web::{Attributes, Device, Model, Weights, device, webgpu};
use js_sys::{Array, Function, Reflect, Uint8Array};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::uniform::SampleRange;
use rand_distr::{Distribution, StandardNormal};
use safetensors::SafeTensors;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{AbortController, AbortSignal};

wasm_bindgen_test_configure!(run_in_browser);

static WEIGHTS: &[u8] = include_bytes!("../models/faces32.safetensors");
static ATTRIBUTES: &[u8] = include_bytes!("../models/faces32.attributes.safetensors");
/// Steps of its flow, in all.
const STEPS: usize = 72;
/// Written by the native test `the_browsers_numbers_are_these`.
static NATIVE: &[u8] = include_bytes!("native/faces32.safetensors");
/// What latents of a photo may differ by from the native ones, on the CPU and on the GPU.
const LATENTS: [f32; 2] = [1e-4, 1e-3];

#[wasm_bindgen(inline_js = "
    export function countLaunches() {
        const pass = GPUComputePassEncoder.prototype;
        const counted = { launches: 0 };
        for (const name of ['dispatchWorkgroups', 'dispatchWorkgroupsIndirect']) {
            const original = pass[name];
            pass[name] = function (...sizes) {
                counted.launches += 1;
                return original.apply(this, sizes);
            };
        }
        return counted;
    }
    export function keepDevices() {
        const devices = [];
        const original = GPUAdapter.prototype.requestDevice;
        GPUAdapter.prototype.requestDevice = async function (wanted) {
            const device = await original.call(this, wanted);
            devices.push(device);
            return device;
        };
        return devices;
    }
    export const destroy = (device) => device.destroy();
    export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
")]
extern "C" {
    #[wasm_bindgen(js_name = countLaunches)]
    fn count_launches() -> JsValue;
    #[wasm_bindgen(js_name = keepDevices)]
    fn keep_devices() -> Array;
    fn destroy(device: JsValue);
    async fn sleep(milliseconds: f64);
}

fn nothing() -> Function {
    Function::new_no_args("")
}

async fn gpu() -> Tensors {
    webgpu::open(|reason| panic!("{reason}")).await.unwrap()
}

async fn model(device: &Device) -> Model {
    Model::load(WEIGHTS, device).await.ok().unwrap()
}

async fn models() -> [Model; 2] {
    [model(&Device::cpu()).await, model(&Device::webgpu(nothing()).await.ok().unwrap()).await]
}

/// Calls back with an index and an image; keeps the images.
fn keeper() -> (Array, Function) {
    let kept = Array::new();
    let push = Function::new_with_args("index, rgb", "this.push(rgb)").bind0(&kept);
    (kept, push)
}

async fn sample(model: &Model, seed: f64, count: u32, temperature: f32) -> Vec<u8> {
    let (kept, push) = keeper();
    model.sample(seed, 0, count, vec![temperature; 3], push, None).await.unwrap();
    kept.iter().flat_map(|rgb| Uint8Array::from(rgb).to_vec()).collect()
}

fn largest_difference(a: &[u8], b: &[u8]) -> u8 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

fn largest_error(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

fn native(name: &str) -> Vec<u8> {
    SafeTensors::deserialize(NATIVE).unwrap().tensor(name).unwrap().data().to_vec()
}

fn native_f32(name: &str) -> Vec<f32> {
    native(name).as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect()
}

fn normal<const D: usize>(shape: [usize; D], seed: u64, device: &Tensors) -> Tensor<D> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let values = (0..shape.iter().product()).map(|_| -> f32 { StandardNormal.sample(&mut rng) }).collect();
    Tensor::from_data(TensorData::new::<f32, _>(values, shape), device)
}

async fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    host_async(tensor).await.unwrap()
}

/// The message of an error that JavaScript catches.
fn message(error: impl Into<JsValue>) -> String {
    js_sys::Error::from(error.into()).message().into()
}

#[wasm_bindgen_test]
async fn both_backends_draw_the_native_programs_faces() {
    let [cpu, gpu] = models().await;
    let (on_cpu, on_gpu) = (sample(&cpu, 1.0, 4, 0.7).await, sample(&gpu, 1.0, 4, 0.7).await);
    let differences = [
        largest_difference(&on_cpu, &native("faces")),
        largest_difference(&on_gpu, &native("faces")),
        largest_difference(&on_cpu, &on_gpu),
    ];
    console_log!("levels of 255 that faces differ by: CPU and native, GPU and native, CPU and GPU: {differences:?}");
    assert!(differences.into_iter().max().unwrap() <= 2);
}

#[wasm_bindgen_test]
async fn a_face_is_the_same_alone_and_among_others() {
    let [cpu, _] = models().await;
    let (mut latents, mut faces, mut found) = (Vec::new(), Vec::new(), Vec::new());
    for index in 0..11 {
        let drawn = cpu.draw(2.0, index, &[0.7; 3]).unwrap();
        latents.extend_from_slice(&drawn);
        let face = cpu.decode(drawn, None, None).await.unwrap();
        faces.extend_from_slice(&face);
        found.extend(cpu.encode(face, None, None).await.unwrap().latents());
    }
    assert_eq!(sample(&cpu, 2.0, 11, 0.7).await, faces);
    assert_eq!(cpu.decode(latents, None, None).await.unwrap(), faces);
    assert_eq!(cpu.encode(faces, None, None).await.unwrap().latents(), found);
}

#[wasm_bindgen_test]
async fn both_backends_clean_as_the_native_program_does() {
    for model in models().await {
        let (kept, push) = keeper();
        model.clean(native("faces"), push, None).await.unwrap();
        let cleaned: Vec<u8> = kept.iter().flat_map(|rgb| Uint8Array::from(rgb).to_vec()).collect();
        let difference = largest_difference(&cleaned, &native("cleaned"));
        console_log!("levels of 255 that cleaned faces differ by: {difference}");
        assert!(difference <= 1);
    }
}

/// A picture of a search's third step, after which it is ended.
fn third_step() -> (Array, Function) {
    let kept = Array::new();
    let push = "this.push(rgb); if (this.length === 3) throw new Error('enough')";
    let push = Function::new_with_args("share, rgb", push).bind0(&kept);
    (kept, push)
}

#[wasm_bindgen_test]
async fn both_backends_restore_alike_what_they_are_told() {
    let photo = native("photo");
    let known: Vec<u8> = (0..32 * 32).map(|i| u8::from(!(10..22).contains(&(i / 32)) || i % 32 < 9)).collect();
    let small: Vec<u8> =
        photo.chunks(4 * 32 * 3).flat_map(|rows| rows[..32 * 3].chunks(12).flat_map(|rgb| rgb[..3].to_vec())).collect();
    let (mut repaired, mut enlarged) = (Vec::new(), Vec::new());
    for model in models().await {
        let (kept, push) = third_step();
        assert!(message(model.repair(&photo, &known, 1.0, push, None).await.unwrap_err()).contains("enough"));
        let rgb = Uint8Array::from(kept.get(2)).to_vec();
        let changed = (0..photo.len()).filter(|i| rgb[*i] != photo[*i]);
        assert!(changed.clone().count() > 300 && changed.clone().all(|i| known[i / 3] == 0));
        repaired.push(rgb);
        let (kept, push) = third_step();
        assert!(message(model.enlarge(&small, 1.0, push, None).await.unwrap_err()).contains("enough"));
        enlarged.push(Uint8Array::from(kept.get(2)).to_vec());
        for (known, error) in [(vec![1; 5], "32 x 32"), (vec![2; 1024], "zeros and ones"), (vec![0; 1024], "nothing")] {
            assert!(message(model.repair(&photo, &known, 1.0, nothing(), None).await.unwrap_err()).contains(error));
        }
        assert!(message(model.enlarge(&photo, 1.0, nothing(), None).await.unwrap_err()).contains("32 x 32"));
    }
    let differences = [&repaired, &enlarged].map(|both| largest_difference(&both[0], &both[1]));
    console_log!("levels of 255 that restored pictures differ by: {differences:?}");
    assert!(differences.into_iter().max().unwrap() <= 2);
}

#[wasm_bindgen_test]
async fn both_backends_encode_as_the_native_program_does() {
    for (model, tolerance) in models().await.into_iter().zip(LATENTS) {
        let encoding = model.encode(native("photo"), None, None).await.unwrap();
        let error = largest_error(&encoding.latents(), &native_f32("latents"));
        let bits = (encoding.bits_per_dim()[0] - f64::from(native_f32("bits_per_dim")[0])).abs();
        console_log!("latents differ from the native ones by {error:.1e}, bits/dim by {bits:.1e}");
        assert!(error <= tolerance && bits <= 1e-5);
        let decoded = model.decode(native_f32("latents"), None, None).await.unwrap();
        assert_eq!(largest_difference(&decoded, &native("photo")), 0);
    }
}

#[wasm_bindgen_test]
async fn the_way_to_the_latents_is_told_step_by_step() {
    let photo = || native("photo");
    for (model, tolerance) in models().await.into_iter().zip(LATENTS) {
        let walk = model.walk(photo(), None, None).await.unwrap();
        assert_eq!((walk.states().len(), walk.log_dets().len()), ((STEPS + 1) * 3072, STEPS + 1));
        assert!(largest_error(&walk.states()[STEPS * 3072..], &native_f32("latents")) <= tolerance);
        let coupling = model.coupling(photo(), 30).await.unwrap();
        let [before, after, back] = [0, 1, 2].map(|i| &coupling[i * 1536..][..1536]);
        assert!(largest_error(before, after) > 0.1 && largest_error(before, back) <= 1e-5);
        assert_eq!(model.permutation(STEPS as u32 - 1).await.unwrap().len(), 48 * 48);
        assert!(message(model.coupling(photo(), STEPS as u32).await.unwrap_err()).contains("there is no step 72"));
        assert!(message(model.permutation(STEPS as u32).await.unwrap_err()).contains("there is no step 72"));
        assert!(message(model.walk(vec![0; 5], None, None).await.err().unwrap()).contains("3072"));
    }
}

#[wasm_bindgen_test]
async fn images_come_back_identical() {
    // Squares of the portrait, shifted and mirrored: no two alike.
    let photo = native("photo");
    let at = |y: usize, x: usize| &photo[(y % 32 * 32 + x % 32) * 3..][..3];
    let images: Vec<u8> = (0..16)
        .flat_map(|i| {
            (0..32).flat_map(move |y| (0..32).flat_map(move |x| at(y + 5 * i, if i % 2 == 0 { x } else { 31 - x })))
        })
        .copied()
        .collect();
    for model in models().await {
        let encoding = model.encode(images.clone(), None, None).await.unwrap();
        assert_eq!((encoding.bits_per_dim().len(), encoding.bits_map().len()), (16, 16 * 32 * 32));
        let back = model.decode(encoding.latents(), None, None).await.unwrap();
        assert_eq!(largest_difference(&back, &images), 0);
    }
}

fn net_weights([c_in, n, c_out]: [usize; 3], seed: u64, device: &Tensors) -> NetWeights {
    NetWeights {
        w0: normal([9 * c_in, n], seed + 1, device) * 0.3,
        b0: normal([n], seed + 2, device),
        w1: normal([n, n], seed + 3, device) * 0.3,
        b1: normal([n], seed + 4, device),
        w2: normal([n, 9 * c_out], seed + 5, device) * 0.3,
        b2: normal([c_out], seed + 6, device),
    }
}

/// Asserts that a tensor is what another device computes.
async fn assert_same(actual: Tensor<4>, expected: Tensor<4>) {
    let (actual, expected) = (read(actual).await, read(expected).await);
    let scale = expected.iter().fold(1.0_f32, |most, v| most.max(v.abs()));
    let error = largest_error(&actual, &expected);
    assert!(error <= 1e-5 * scale, "{error} of {scale}");
}

#[wasm_bindgen_test]
async fn the_networks_kernel_agrees_with_the_plain_form() {
    let flex = device::cpu();
    for (seed, [b, h, w, c_in, n, c_out]) in [[1, 4, 4, 6, 16, 6], [3, 5, 7, 2, 9, 4]].into_iter().enumerate() {
        let seed = 10 * seed as u64;
        let weights = net_weights([c_in, n, c_out], seed, &flex);
        // Some channels of a wider tensor, as the flow's first half is.
        let x = normal([b, h, w, 2 * c_in], seed, &flex).narrow(3, 0, c_in);
        assert_same(net(x.clone(), &weights), net_plain(x, &weights)).await;
    }
}

#[wasm_bindgen_test]
async fn the_gpus_kernels_agree_with_the_cpus() {
    let (flex, gpu) = (device::cpu(), gpu().await);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for seed in (0..80).step_by(10) {
        let mut up_to = |most: usize| (1..=most).sample_single(&mut rng).unwrap();
        let [b, h, w, half, n] = [up_to(3), up_to(9), up_to(9), up_to(13), up_to(20)];
        let x = |device: &Tensors| normal([b, h, w, 2 * half], seed, device);
        let pixel = |device: &Tensors| linear(x(device), normal([2 * half, n], 1, device), normal([n], 2, device));
        assert_same(pixel(&gpu), pixel(&flex)).await;
        let taps = |device: &Tensors| conv3x3(x(device), normal([2 * half, 9 * n], 3, device), normal([n], 4, device));
        assert_same(taps(&gpu), taps(&flex)).await;
        if seed < 30 {
            let turned = |device: &Tensors| {
                let weights = net_weights([half, n, half], seed, device);
                let [x, _] = halves(x(device));
                net_gradient(x, normal([b, h, w, half], 6, device), &weights, &weights.turned())
            };
            assert_same(turned(&gpu), turned(&flex)).await;
        }
        for (kind, c_out) in [(CouplingKind::Additive, half), (CouplingKind::Affine, 2 * half)] {
            // r stays small: an inverse divides by its sigmoid.
            let coupled = |device: &Tensors| {
                let NetWeights { w2, b2, .. } = net_weights([half, n, c_out], seed, device);
                let weights = NetWeights { w2: w2 * 0.05, b2, ..net_weights([half, n, c_out], seed, device) };
                let (y, log_det) = couple(x(device), &weights, kind, normal([1; 4], 5, device));
                [y, log_det, uncouple(x(device), &weights, kind)]
            };
            for (actual, expected) in coupled(&gpu).into_iter().zip(coupled(&flex)) {
                assert_same(actual, expected).await;
            }
        }
    }
}

/// A small model of every kind of layer that faces32 has not.
async fn affine() -> (FrozenGlow, Tensors) {
    let config = GlowConfig {
        size: 8,
        levels: 2,
        steps: 2.into(),
        width: 8.into(),
        bits: 5,
        coupling: CouplingKind::Affine,
        permutation: PermutationKind::Shuffle,
        dequantiser: None,
    };
    let flex = device::cpu();
    let glow = Glow::new(&config, 3, &flex).unwrap().initialise(normal([4, 8, 8, 3], 5, &flex) * 0.3);
    let mut frozen = glow.frozen();
    for net in frozen.levels.iter_mut().flat_map(|level| &mut level.steps).map(|step| &mut step.coupling.net) {
        // Zeros in a new one, which would hide what the network gives.
        net.w2 = normal(net.w2.dims(), 6, &flex) * 0.05;
    }
    (frozen, gpu().await)
}

#[wasm_bindgen_test]
async fn every_layer_is_the_same_on_the_gpu() {
    use burn::module::Module;
    let (cpu, device) = affine().await;
    let gpu = cpu.clone().to_device(&device);
    let x = normal([2, 8, 8, 3], 7, &device::cpu()) * 0.3;
    let (expected, actual) = (cpu.forward(x.clone()), gpu.forward(x.clone().to_device(&device)));
    for (a, b) in [(expected.log_p(), actual.log_p())] {
        let (a, b) = (read(a).await, read(b).await);
        assert!(largest_error(&a, &b) <= 1e-5 * a[0].abs(), "{a:?} {b:?}");
    }
    assert!(largest_error(&read(expected.log_p_map()).await, &read(actual.log_p_map()).await) <= 1e-4);
    for (a, b) in expected.latents.iter().zip(&actual.latents) {
        assert!(largest_error(&read(a.clone()).await, &read(b.clone()).await) <= 1e-4);
    }
    let scores =
        [Gradients::new(gpu.clone()).score(x.clone().to_device(&device)), Gradients::new(cpu).score(x.clone())];
    let [actual_score, expected_score] = scores;
    assert_same(actual_score, expected_score).await;
    let back = read(gpu.inverse(&actual.latents)).await;
    assert!(largest_error(&back, &read(x).await) <= 1e-5);
}

#[wasm_bindgen_test]
async fn a_step_takes_few_launches() {
    use burn::module::Module;
    let counted = count_launches();
    let launches = || Reflect::get(&counted, &"launches".into()).unwrap().as_f64().unwrap();
    let gpu = gpu().await;
    let config = GlowConfig {
        size: 8,
        levels: 1,
        steps: 1.into(),
        width: 8.into(),
        bits: 5,
        coupling: CouplingKind::Additive,
        permutation: PermutationKind::Conv1x1,
        dequantiser: None,
    };
    for coupling in [CouplingKind::Additive, CouplingKind::Affine] {
        let glow = Glow::new(&GlowConfig { coupling, ..config.clone() }, 1, &device::cpu()).unwrap();
        let step = glow.frozen().to_device(&gpu).levels.remove(0).steps.remove(0);
        let x = normal([1, 4, 4, 12], 1, &gpu);
        read(x.clone()).await;
        let count = async |run: &dyn Fn() -> Tensor<4>| {
            let before = launches();
            read(run()).await;
            launches() - before
        };
        let forward = count(&|| step.forward(x.clone()).0).await;
        let inverse = count(&|| step.inverse(x.clone())).await;
        console_log!("launches a step, {coupling:?}: {forward} forward, {inverse} inverse");
        assert!(forward > 0.0 && inverse > 0.0, "the count sees nothing");
        assert!(forward <= 4.0 && inverse <= 4.0);
    }
}

#[wasm_bindgen_test]
async fn a_cancelled_call_ends_with_the_signals_reason() {
    let model = model(&Device::cpu()).await;
    let controller = AbortController::new().unwrap();
    let abort = Function::new_with_args("index", "this.seen = index; this.abort()").bind0(&controller);
    let ended = model.sample(1.0, 0, 16, vec![0.7; 3], abort, Some(controller.signal())).await.unwrap_err();
    assert_eq!(ended, controller.signal().reason());
    assert_eq!(Reflect::get(&controller, &"seen".into()).unwrap(), 0.0, "stops at the first image");
    let aborted = AbortSignal::abort();
    let ended = model.encode(native("photo"), None, Some(aborted.clone())).await.err().unwrap();
    assert_eq!(ended, aborted.reason());
    let ended = model.frames(native_f32("latents"), None, Some(aborted.clone())).await.unwrap_err();
    assert_eq!(ended, aborted.reason());
}

#[wasm_bindgen_test]
async fn wrong_arguments_and_files_are_errors_with_a_sentence() {
    let cpu = Device::cpu();
    let model = model(&cpu).await;
    for (bytes, part) in
        [(&WEIGHTS[..1000], "damaged"), (b"not weights", "damaged"), (&WEIGHTS[..WEIGHTS.len() - 1], "damaged")]
    {
        let message = message(Model::load(bytes, &cpu).await.err().unwrap());
        assert!(message.contains(part), "{message}");
    }
    let mut changed = WEIGHTS.to_vec();
    *changed.last_mut().unwrap() ^= 1;
    assert!(message(Model::load(&changed, &cpu).await.err().unwrap()).contains("checksum"));
    for seed in [-1.0, 0.5, f64::NAN, 1e300] {
        assert!(message(model.draw(seed, 0, &[0.7; 3]).err().unwrap()).contains("seed"));
    }
    for temperature in [&[0.7][..], &[0.7, 0.7, -1.0], &[f32::NAN; 3]] {
        assert!(message(model.draw(1.0, 0, temperature).err().unwrap()).contains("temperatures"));
    }
    assert!(message(model.encode(vec![0; 5], None, None).await.err().unwrap()).contains("3072"));
    assert!(message(model.decode(vec![], None, None).await.err().unwrap()).contains("3072"));
}

#[wasm_bindgen_test]
async fn weights_in_parts_are_the_same_model() {
    let cpu = Device::cpu();
    let mut weights = Weights::new();
    for part in WEIGHTS.chunks(65_537) {
        weights.push(part);
    }
    let in_parts = weights.open(&cpu).await.ok().unwrap();
    assert_eq!(sample(&in_parts, 1.0, 2, 0.7).await, sample(&model(&cpu).await, 1.0, 2, 0.7).await);
    assert!(message(weights.open(&cpu).await.err().unwrap()).contains("cut off"), "nothing is left");
    weights.push(&WEIGHTS[..1000]);
    assert!(message(weights.open(&cpu).await.err().unwrap()).contains("cut off"));
}

#[wasm_bindgen_test]
async fn attributes_edit_latents() {
    let model = model(&Device::cpu()).await;
    let attributes = Attributes::load(ATTRIBUTES, &model).ok().unwrap();
    let names = attributes.names();
    assert!(names.len() == 12 && names.iter().any(|name| name == "Smiling"));
    let z = model.draw(1.0, 0, &[0.7; 3]).ok().unwrap();
    let mut strengths = vec![0.0; 12];
    assert_eq!(attributes.edit(&z, &strengths).ok().unwrap(), z, "no edit changes nothing");
    strengths[0] = 1.0;
    assert!(largest_error(&attributes.edit(&z, &strengths).ok().unwrap(), &z) > 0.1);
    assert!(message(attributes.edit(&z, &[1.0]).err().unwrap()).contains("3072 latents and 12 strengths"));
    assert!(message(Attributes::load(WEIGHTS, &model).err().unwrap()).contains("glow-attributes"));
}

#[wasm_bindgen_test]
async fn the_frames_end_with_the_image() {
    let (kept, push) = keeper();
    let model = model(&Device::cpu()).await;
    let drawn = model.draw(1.0, 0, &[0.7; 3]).ok().unwrap();
    let frames = model.frames(drawn.clone(), Some(push), None).await.unwrap();
    assert_eq!(frames.len(), (STEPS + 1) * 3072);
    assert_eq!(kept.length() as usize, STEPS + 1);
    assert_eq!(frames[STEPS * 3072..], model.decode(drawn, None, None).await.unwrap());
}

#[wasm_bindgen_test]
async fn a_lost_gpu_is_told() {
    let devices = keep_devices();
    let told = Array::new();
    let push = Function::new_with_args("reason", "this.push(reason)").bind0(&told);
    let _device = Device::webgpu(push).await.ok().unwrap();
    destroy(devices.get(0));
    for _ in 0..100 {
        if told.length() > 0 {
            break;
        }
        sleep(20.0).await;
    }
    assert!(told.get(0).as_string().unwrap().contains("lost"));
}

static CONSTRUCTED: AtomicUsize = AtomicUsize::new(0);

extern "C" fn constructed() {
    CONSTRUCTED.fetch_add(1, Ordering::Relaxed);
}

#[used]
#[unsafe(link_section = ".init_array")]
static CONSTRUCTOR: extern "C" fn() = constructed;

#[wasm_bindgen_test]
async fn constructors_run_once() {
    let model = model(&Device::cpu()).await;
    for _ in 0..3 {
        model.describe().unwrap();
        Device::cpu();
    }
    gpu().await;
    assert_eq!(CONSTRUCTED.load(Ordering::Relaxed), 1);
}
