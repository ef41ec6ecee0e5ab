//! Where a face's time goes: the layers of a model and their pieces, for the clock of `pkg-scripts/bench.sh`. No package of
//! the page has it.

use burn::module::Module;
use burn::tensor::{self, Tensor};
use js_sys::JSON;
use serde_json::json;
use wasm_bindgen::prelude::*;

use super::threads::Awake;
use crate::flow::{FrozenGlow, squeeze, unsqueeze};
use crate::latents::{draw, flatten};
use crate::ops::halves;
use crate::ops::pieces::{PEAK_FLOPS, Piece, Pieces, meet, peak};
use crate::pixels::host;
use crate::weights;

/// Bytes that are copied: more than caches hold.
const COPIED: usize = 32 << 20;

/// What a model does to decode a batch, in parts.
#[wasm_bindgen]
pub struct Roof {
    flow: FrozenGlow,
    latents: Vec<Tensor<4>>,
    /// Of each level, what its steps begin with, and its networks.
    levels: Vec<(Tensor<4>, Pieces)>,
    parts: Vec<(usize, Part)>,
    copied: [Vec<u8>; 2],
}

#[derive(Clone, Copy, Debug)]
enum Part {
    /// Steps, whole.
    Step,
    /// Their actnorms and 1x1 convolutions.
    Mixing,
    /// Their networks, in pieces.
    Piece(Piece),
    /// The prior of a split.
    Split,
    /// The levels' squeeze.
    Squeeze,
}

const PARTS: [Part; 9] = [
    Part::Step,
    Part::Mixing,
    Part::Piece(Piece::Gather),
    Part::Piece(Piece::First),
    Part::Piece(Piece::Middle),
    Part::Piece(Piece::Last),
    Part::Piece(Piece::Scatter),
    Part::Split,
    Part::Squeeze,
];

#[wasm_bindgen]
impl Roof {
    /// Of a weights file, and so many faces.
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: &[u8], images: usize) -> Result<Self, JsError> {
        let device = tensor::Device::flex();
        let flow = weights::load(bytes, &device)?.0.valid().frozen();
        let config = flow.config();
        let latents = draw(config, None, 1, 0, images, &vec![0.7; config.levels], &device);
        let mut x = flow.inverse(&latents);
        let mut levels = Vec::new();
        for level in &flow.levels {
            x = squeeze(x);
            for step in &level.steps {
                (x, _) = step.forward(x);
            }
            levels.push((x.clone(), Pieces::new(level.steps.iter().map(|step| &step.coupling.net), x.clone())));
            if let Some(split) = &level.split {
                (x, _, _) = split.forward(x);
            }
        }
        let in_level = |level: usize| PARTS.map(|part| (level, part));
        let mut parts: Vec<_> = (0..levels.len()).flat_map(in_level).collect();
        parts.retain(|(level, part)| !matches!(part, Part::Split) || flow.levels[*level].split.is_some());
        Ok(Self { flow, latents, levels, parts, copied: [vec![1; COPIED], vec![0; COPIED]] })
    }

    /// `[{ level, part, flops }]`, in the order of [`run`](Self::run)'s numbers.
    pub fn parts(&self) -> Result<JsValue, JsValue> {
        let parts = self.parts.iter().map(|&(level, part)| {
            let (x, pieces) = &self.levels[level];
            let [b, h, w, c] = x.dims();
            let steps = self.flow.levels[level].steps.len();
            let flops = match part {
                Part::Mixing => 2 * b * h * w * c * c * steps,
                Part::Piece(piece) => pieces.flops(piece),
                Part::Split => 9 * b * h * w * c * c,
                Part::Step | Part::Squeeze => 0,
            };
            let part = match part {
                Part::Piece(piece) => format!("{piece:?}"),
                part => format!("{part:?}"),
            };
            json!({ "level": level + 1, "part": part.to_lowercase(), "flops": flops })
        });
        JSON::parse(&parts.collect::<serde_json::Value>().to_string())
    }

    /// Does a part once, in all steps of its level.
    pub fn run(&mut self, part: usize) {
        let _awake = Awake::new();
        let (level, part) = self.parts[part];
        let (x, pieces) = &mut self.levels[level];
        let level = &self.flow.levels[level];
        match part {
            Part::Piece(piece) => pieces.run(piece),
            Part::Mixing => level.steps.iter().for_each(|step| drop(step.mixing.inverse(x.clone()))),
            Part::Step => level.steps.iter().for_each(|step| drop(step.inverse(x.clone()))),
            Part::Squeeze => drop(unsqueeze(x.clone())),
            Part::Split => {
                let [z1, eps] = halves(x.clone());
                drop(level.split.as_ref().expect("a level with one").inverse(z1, eps));
            }
        }
    }

    /// Decodes the batch.
    pub fn decode(&self) {
        let _awake = Awake::new();
        drop(self.flow.inverse(&self.latents));
    }

    /// Its latents, as the page's [`Model`](super::Model) takes them.
    pub fn latents(&self) -> Vec<f32> {
        host(flatten(self.latents.clone()))
    }

    /// How often the threads meet to decode: twice in a step's two loops over pixels, twice in a split's.
    pub fn meetings(&self) -> usize {
        self.flow.levels.iter().map(|level| 2 * level.steps.len() + 2 * usize::from(level.split.is_some())).sum()
    }

    /// Lets them meet so often for nothing.
    pub fn meet(times: usize) {
        let _awake = Awake::new();
        (0..times).for_each(|_| meet());
    }

    /// The core's fastest arithmetic: how many operations, in so many turns.
    pub fn peak(turns: usize) -> f64 {
        std::hint::black_box(peak(turns));
        (turns * PEAK_FLOPS) as f64
    }

    /// Copies what is too large for caches: how many bytes.
    pub fn copy(&mut self) -> usize {
        let [from, to] = &mut self.copied;
        to.copy_from_slice(std::hint::black_box(from));
        std::hint::black_box(to);
        COPIED
    }
}
