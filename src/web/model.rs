//! A model that JavaScript can call.
//!
//! Images are RGB bytes, `[n, size, size, 3]` flattened. Latents are whitened, `[n, dims]` flattened: each image's
//! levels one after the other, as [`latents::flatten`] orders them.

use std::iter;
use std::ops::Range;
use std::sync::OnceLock;

use burn::module::Module;
use burn::tensor::{self, Tensor};
use js_sys::{Function, JSON, Uint8Array};
use serde_json::json;
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::Device;
use super::task::Task;
use crate::complexity::complexity;
use crate::config::GlowConfig;
use crate::error::Error;
use crate::flow::{CLEANING, FrozenGlow, Glow, Gradients};
use crate::pixels::{bits_map, host, host_async, to_rgb, to_tensor};
use crate::restore::{Known, Restore, STEPS, checked_rgb};
use crate::weights::{self, Header};
use crate::{latents, trajectory};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** What a weights file says of its model. */
export interface ModelInfo {
    /** Side of the square images, in pixels. */
    size: number;
    levels: number;
    /** Steps of flow in each level, finest first. */
    steps: number[];
    /** Hidden channels of the coupling networks in each level. */
    width: number[];
    /** Bits of a colour channel. */
    bits: number;
    coupling: "additive" | "affine";
    permutation: "reverse" | "shuffle" | "conv1x1";
    /** Height, width and channels of each level's latents, finest first. */
    latentShapes: [number, number, number][];
    /** Floating-point operations of one image. */
    flops: number;
    /** What it was trained on, and the terms. */
    data: string;
    imagesSeen: number;
}
"#;

/// A Glow model whose weights no longer change.
#[wasm_bindgen]
pub struct Model {
    flow: FrozenGlow,
    header: Header,
    /// Images that go through as one tensor, at most: those that somebody waits for to begin with, and all others, which share
    /// the weights that come from memory.
    batches: [usize; 2],
    /// What cleaning and restoring need, once one is asked for.
    gradients: OnceLock<Gradients>,
}

/// What [`Model::encode`] finds.
#[wasm_bindgen]
pub struct Encoding {
    latents: Vec<f32>,
    bits_per_dim: Vec<f64>,
    bits_map: Vec<f32>,
    complexity: Vec<f64>,
}

#[wasm_bindgen]
impl Encoding {
    /// Whitened latents of every image.
    #[wasm_bindgen(getter)]
    pub fn latents(&self) -> Vec<f32> {
        self.latents.clone()
    }

    /// bits/dim of every image.
    #[wasm_bindgen(getter, js_name = bitsPerDim)]
    pub fn bits_per_dim(&self) -> Vec<f64> {
        self.bits_per_dim.clone()
    }

    /// bits/dim of every pixel, `[n, size, size]` flattened: where an image's come from, which are their mean. A level's
    /// latents count for all the pixels that they lie over: 2 x 2 in the finest, 4 x 4 in the next.
    #[wasm_bindgen(getter, js_name = bitsMap)]
    pub fn bits_map(&self) -> Vec<f32> {
        self.bits_map.clone()
    }

    /// bits/dim that a plain lossless code needs for every image: what is busy is dear, whatever it shows.
    #[wasm_bindgen(getter)]
    pub fn complexity(&self) -> Vec<f64> {
        self.complexity.clone()
    }
}

impl Model {
    /// Of weights on the host: they are read to be frozen, which a GPU's cannot be without waiting.
    pub(super) fn new(glow: &Glow, header: Header, device: &Device) -> Self {
        let flow = glow.frozen();
        #[cfg(feature = "gpu")]
        let flow = if device.half { flow.half() } else { flow };
        Self { flow: flow.to_device(&device.tensors), header, batches: device.batches, gradients: OnceLock::new() }
    }
}

#[wasm_bindgen]
impl Model {
    /// Reads a weights file. Throws when it is damaged or of another kind.
    #[allow(clippy::unused_async)] // A promise, like all else that takes long.
    pub async fn load(bytes: &[u8], device: &Device) -> Result<Self, JsError> {
        let (glow, header) = weights::load(bytes, &tensor::Device::flex())?;
        Ok(Self::new(&glow, header, device))
    }

    /// What the model is.
    #[wasm_bindgen(unchecked_return_type = "ModelInfo")]
    pub fn describe(&self) -> Result<JsValue, JsValue> {
        let (config, facts) = (&self.header.config, &self.header.facts);
        let info = json!({
            "size": config.size,
            "levels": config.levels,
            "steps": config.steps.list(config.levels),
            "width": config.width.list(config.levels),
            "bits": config.bits,
            "coupling": config.coupling,
            "permutation": config.permutation,
            "latentShapes": config.latent_shapes(),
            "flops": config.flops(),
            "data": facts.data,
            "imagesSeen": facts.images_seen,
        });
        JSON::parse(&info.to_string())
    }

    /// Latents of image `index` of a seed, each level's scaled by its temperature.
    pub fn draw(&self, seed: f64, index: u32, temperature: &[f32]) -> Result<Vec<f32>, JsError> {
        let temperature = self.temperatures(temperature)?;
        let config = self.flow.config();
        let (acceptance, device) = (self.flow.acceptance.as_ref(), tensor::Device::flex());
        let drawn = latents::draw(config, acceptance, whole(seed)?, index as usize, 1, temperature, &device);
        Ok(host(latents::flatten(drawn)))
    }

    /// Draws the images `first..first + count` of a seed, and calls `onImage(index, rgb)` for each as it is ready.
    #[allow(clippy::too_many_arguments)] // JavaScript's side of a call: five that say what, two that say how.
    pub async fn sample(
        &self,
        seed: f64,
        first: u32,
        count: u32,
        temperature: Vec<f32>,
        #[wasm_bindgen(
            js_name = onImage,
            unchecked_param_type = "(index: number, rgb: Uint8Array) => void | Promise<void>"
        )]
        on_image: Function,
        signal: Option<AbortSignal>,
    ) -> Result<(), JsValue> {
        let task = Task { report: Some(on_image), signal };
        let (config, seed) = (self.flow.config(), whole(seed)?);
        let temperature = self.temperatures(&temperature)?;
        self.show(&task, first, rounds(count as usize, self.batches), |images| {
            let first = first as usize + images.start;
            let (acceptance, device) = (self.flow.acceptance.as_ref(), self.flow.device());
            self.flow.inverse(&latents::draw(config, acceptance, seed, first, images.len(), temperature, &device))
        })
        .await
    }

    /// Encodes images; `onProgress(done, total)`.
    pub async fn encode(
        &self,
        rgb: Vec<u8>,
        #[wasm_bindgen(
            js_name = onProgress,
            unchecked_param_type = "((done: number, total: number) => void | Promise<void>) | undefined"
        )]
        on_progress: Option<Function>,
        signal: Option<AbortSignal>,
    ) -> Result<Encoding, JsValue> {
        let task = Task { report: on_progress, signal };
        let config = self.flow.config();
        let dims = config.dims();
        let images = whole_images(rgb.len(), dims, "bytes of RGB")?;
        let mut result = Encoding {
            latents: Vec::new(),
            bits_per_dim: Vec::new(),
            bits_map: Vec::new(),
            complexity: rgb.chunks(dims).map(|image| complexity(image, config)).collect(),
        };
        task.go_on()?;
        for round in rounds(images as usize, [self.batches[1]; 2]) {
            let encodings = on_all_threads(round, |images| {
                self.flow.forward(to_tensor(of(&rgb, images, dims), config.size, &self.flow.device()))
            });
            for encoding in encodings {
                let map = bits_map(&host_async(encoding.log_p_map()).await?, config);
                let latents = host_async(latents::flatten(encoding.latents)).await?;
                result.latents.extend(latents.into_iter().map(latents::finite));
                result.bits_per_dim.extend(map.chunks(config.size * config.size).map(mean));
                result.bits_map.extend(map);
            }
            task.report(result.bits_per_dim.len() as u32, images).await?;
        }
        Ok(result)
    }

    /// Decodes latents to images; `onProgress(done, total)`.
    pub async fn decode(
        &self,
        latents: Vec<f32>,
        #[wasm_bindgen(
            js_name = onProgress,
            unchecked_param_type = "((done: number, total: number) => void | Promise<void>) | undefined"
        )]
        on_progress: Option<Function>,
        signal: Option<AbortSignal>,
    ) -> Result<Vec<u8>, JsValue> {
        let task = Task { report: on_progress, signal };
        let config = self.flow.config();
        let dims = config.dims();
        let images = whole_images(latents.len(), dims, "latents")?;
        let mut rgb = Vec::with_capacity(latents.len());
        task.go_on()?;
        for round in rounds(images as usize, [self.batches[1]; 2]) {
            let batches = on_all_threads(round, |images| {
                self.flow.inverse(&latents::unflatten(of(&latents, images, dims), config, &self.flow.device()))
            });
            for batch in batches {
                rgb.extend(to_rgb(&host_async(batch).await?));
            }
            task.report((rgb.len() / dims) as u32, images).await?;
        }
        Ok(rgb)
    }

    /// The way of one image's latents to the image, a picture a step and one before the first: `[steps + 1, size, size,
    /// 3]` flattened; `onProgress(done, total)`.
    pub async fn frames(
        &self,
        latents: Vec<f32>,
        #[wasm_bindgen(
            js_name = onProgress,
            unchecked_param_type = "((done: number, total: number) => void | Promise<void>) | undefined"
        )]
        on_progress: Option<Function>,
        signal: Option<AbortSignal>,
    ) -> Result<Vec<u8>, JsValue> {
        let task = Task { report: on_progress, signal };
        let config = self.flow.config();
        whole_images(latents.len(), config.dims(), "latents")?;
        let latents = latents::unflatten(&latents, config, &self.flow.device());
        let total = (config.all_steps() + 1) as u32;
        let mut pictures = Vec::new();
        for picture in trajectory::pictures(&self.flow, &latents) {
            pictures.push(picture);
            task.report(pictures.len() as u32, total).await?;
        }
        Ok(trajectory::to_rgb(&host_async(Tensor::cat(pictures, 0)).await?, config.dims()))
    }

    /// Takes the grain out of images; `onImage(index, rgb)` for each as it is ready.
    pub async fn clean(
        &self,
        rgb: Vec<u8>,
        #[wasm_bindgen(
            js_name = onImage,
            unchecked_param_type = "(index: number, rgb: Uint8Array) => void | Promise<void>"
        )]
        on_image: Function,
        signal: Option<AbortSignal>,
    ) -> Result<(), JsValue> {
        let task = Task { report: Some(on_image), signal };
        let config = self.flow.config();
        let dims = config.dims();
        let images = whole_images(rgb.len(), dims, "bytes of RGB")?;
        let gradients = self.gradients.get_or_init(|| Gradients::new(self.flow.clone()));
        // Each takes as long as ten that are drawn.
        self.show(&task, 0, rounds(images as usize, [self.batches[0]; 2]), |images| {
            gradients.clean(to_tensor(of(&rgb, images, dims), config.size, &self.flow.device()), CLEANING)
        })
        .await
    }

    /// Fills in what of an image is not `known`, `[size, size]` flattened, 1 where it is and 0 where not: another seed fills it
    /// in otherwise. Calls `onPicture(share, rgb)` with the picture so far after each step, and the share of them that is taken.
    pub async fn repair(
        &self,
        rgb: &[u8],
        known: &[u8],
        seed: f64,
        #[wasm_bindgen(
            js_name = onPicture,
            unchecked_param_type = "(share: number, rgb: Uint8Array) => void | Promise<void>"
        )]
        on_picture: Function,
        signal: Option<AbortSignal>,
    ) -> Result<(), JsValue> {
        let known = Known::pixels(rgb, known, self.config(), &self.flow.device())?;
        self.restore(known, seed, Task { report: Some(on_picture), signal }).await
    }

    /// Enlarges a small image, `[side, side, 3]` flattened, to one that looks like it when it is reduced: `side` is half, a quarter
    /// or an eighth of `size`. Seed and `onPicture` are as those of `repair`.
    pub async fn enlarge(
        &self,
        rgb: &[u8],
        seed: f64,
        #[wasm_bindgen(
            js_name = onPicture,
            unchecked_param_type = "(share: number, rgb: Uint8Array) => void | Promise<void>"
        )]
        on_picture: Function,
        signal: Option<AbortSignal>,
    ) -> Result<(), JsValue> {
        let known = Known::means(rgb, self.config(), &self.flow.device())?;
        self.restore(known, seed, Task { report: Some(on_picture), signal }).await
    }

    /// Reports each step's picture.
    async fn restore(&self, known: Known, seed: f64, task: Task) -> Result<(), JsValue> {
        let gradients = self.gradients.get_or_init(|| Gradients::new(self.flow.clone()));
        let mut search = Restore::new(gradients, known, whole(seed)?);
        task.go_on()?;
        for step in 1..=STEPS {
            for picture in on_all_threads(iter::once(&mut search), Restore::step) {
                let rgb = checked_rgb(&host_async(picture).await?)?;
                task.report(step as f64 / STEPS as f64, Uint8Array::from(&*rgb)).await?;
            }
        }
        Ok(())
    }

    /// What `work` makes of images is reported, one by one from `index` on.
    async fn show(
        &self,
        task: &Task,
        mut index: u32,
        rounds: impl Iterator<Item = Vec<Range<usize>>>,
        work: impl Fn(Range<usize>) -> Tensor<4> + Sync + Send,
    ) -> Result<(), JsValue> {
        task.go_on()?;
        for round in rounds {
            for batch in on_all_threads(round, &work) {
                for rgb in to_rgb(&host_async(batch).await?).chunks(self.config().dims()) {
                    task.report(index, Uint8Array::from(rgb)).await?;
                    index += 1;
                }
            }
        }
        Ok(())
    }

    pub(super) fn flow(&self) -> &FrozenGlow {
        &self.flow
    }

    pub(super) fn config(&self) -> &GlowConfig {
        self.flow.config()
    }

    fn temperatures<'a>(&self, given: &'a [f32]) -> Result<&'a [f32], Error> {
        let levels = self.flow.config().levels;
        if given.len() == levels && given.iter().all(|t| (0.0..=10.0).contains(t)) {
            return Ok(given);
        }
        Err(Error::Config(format!("give {levels} temperatures from 0 to 10, one a level; got {given:?}")))
    }
}

/// So many images in rounds of a tensor a thread, which share them evenly: a tensor has at most `first` images in the first round,
/// and `then` in the others.
fn rounds(count: usize, [first, then]: [usize; 2]) -> impl Iterator<Item = Vec<Range<usize>>> {
    let threads = rayon::current_num_threads();
    let (mut most, mut next) = (first, 0);
    iter::from_fn(move || {
        let size = (count - next).div_ceil(threads).min(most);
        let end = count.min(next + size * threads);
        let starts = (next..end).step_by(size.max(1));
        (most, next) = (then, end);
        let round: Vec<_> = starts.map(|start| start..end.min(start + size)).collect();
        (!round.is_empty()).then_some(round)
    })
}

/// Some images' values.
fn of<T>(all: &[T], images: Range<usize>, dims: usize) -> &[T] {
    &all[images.start * dims..images.end * dims]
}

/// What `work` makes of each item, on all threads.
fn on_all_threads<T: Send, R: Send>(
    items: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>,
    work: impl Fn(T) -> R + Sync + Send,
) -> Vec<R> {
    #[cfg(feature = "threads")]
    let _awake = super::threads::Awake::new();
    #[cfg(feature = "threads")]
    let work = |item| super::threads::occupied(|| work(item));
    let items = items.into_iter();
    let mut results = Vec::new();
    results.resize_with(items.len(), || None);
    rayon::in_place_scope(|scope| {
        let mut jobs = results.iter_mut().zip(items);
        let own = jobs.next();
        for (result, item) in jobs {
            let work = &work;
            scope.spawn(move |_| *result = Some(work(item)));
        }
        if let Some((result, item)) = own {
            *result = Some(work(item));
        }
    });
    results.into_iter().map(|result| result.expect("the scope has ended")).collect()
}

fn mean(values: &[f32]) -> f64 {
    values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len() as f64
}

/// A number of JavaScript's as a seed.
fn whole(seed: f64) -> Result<u64, Error> {
    if seed.fract() == 0.0 && (0.0..=9_007_199_254_740_991.0).contains(&seed) {
        return Ok(seed as u64);
    }
    Err(Error::Config(format!("a seed is a whole number from 0 to 2^53 - 1; got {seed}")))
}

/// How many images `length` values are.
fn whole_images(length: usize, dims: usize, what: &str) -> Result<u32, Error> {
    if length > 0 && length.is_multiple_of(dims) {
        return Ok((length / dims) as u32);
    }
    Err(Error::Image(format!("expected a multiple of {dims} {what}, got {length}")))
}
