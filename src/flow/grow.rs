//! A flow of twice the size that begins where a smaller one ended: a Haar transform parts the larger picture into its
//! half-size one, which the smaller flow models, and details (Wavelet Flow, Yu et al., arXiv 2010.13821), but within Glow's
//! own layers, all of which train on. In every tensor, each half of the old channels is followed by as many new ones.

use burn::module::Param;
use burn::tensor::Tensor;
use nalgebra::DMatrix;

use super::glow::Level;
use super::{Actnorm, Conv1x1, Coupling, Glow, Init, Permutation, Prior, Split, Step, ZeroConv, matrix, squeeze};
use crate::config::{ByLevel, CHANNELS, GlowConfig};
use crate::error::Result;
use crate::ops::linear;

impl Glow {
    /// A model of images of twice the size, with one level more, of `steps` steps with networks of `width`. What it gives an image is what this one gives the image
    /// halved with a box filter, and Gaussian details, scaled by those of `x`, `[b, 2 size, 2 size, 3]`, and rotated at random
    /// between the new couplings. Errors: a flow whose coupling is not additive or whose permutation is not the 1x1 convolution.
    pub fn grow(self, steps: usize, width: usize, x: Tensor<4>, seed: u64) -> Result<Self> {
        self.can_be("grown")?;
        let old = &self.config;
        let with = |first, others: &ByLevel| ByLevel::from([vec![first], others.list(old.levels)].concat());
        let config = GlowConfig {
            size: 2 * old.size,
            levels: old.levels + 1,
            steps: with(steps, &old.steps),
            width: with(width, &old.width),
            ..old.clone()
        };
        config.validate()?;
        let mut init = Init::random(seed);
        let mut levels = vec![haar_level(&config, squeeze(x), &mut init)];
        for Level { steps, split } in self.levels {
            let steps = steps.into_iter().enumerate().map(|(i, step)| step.with_details(i == 0, &mut init)).collect();
            levels.push(Level { steps, split: split.map(Split::with_details) });
        }
        let Prior { mean, log_sigma } = self.top;
        let top = Prior { mean: with_zeros(mean, 2), log_sigma: with_zeros(log_sigma, 2) };
        Ok(Self { levels, top, dequantiser: self.dequantiser, initialised: true, acceptance: None, config })
    }
}

/// The first level: the Haar transform, then steps in which the half-size picture is always in the half that passes.
/// `x` is squeezed.
fn haar_level(config: &GlowConfig, x: Tensor<4>, init: &mut Init) -> Level {
    let (device, c) = (x.device(), x.dims()[3]);
    let transform = haar();
    let transformed = linear(x, matrix::upload(&transform.transpose(), &device), Tensor::zeros([c], &device));
    let mut actnorm = Actnorm::new(c, &device);
    actnorm.initialise(&transformed);
    let [_, scale] = actnorm.affine();
    let mut scale = matrix::download(scale.unsqueeze()).transpose().column(0).into_owned();
    scale.rows_mut(0, CHANNELS).fill(1.0);
    let scaled = DMatrix::from_diagonal(&scale) * transform;
    let kept = DMatrix::identity(CHANNELS, CHANNELS);
    let steps = (0..config.steps.at(0)).map(|i| {
        let rotation = blocks(&kept, &matrix::rotation(c - CHANNELS, init));
        let weight = if i == 0 { rotation * &scaled } else { rotation };
        let mut step = Step::new(config, c, config.width.at(0), init, &device);
        step.permutation = Permutation::Conv1x1(Conv1x1::new(&weight, &device));
        step
    });
    Level { steps: steps.collect(), split: Some(Split::new(c, &device)) }
}

/// From the four pixels of every colour, as [`squeeze`] orders them, to their means, then their details: along x, along y,
/// across.
fn haar() -> DMatrix<f64> {
    let sign = |odd: usize| if odd.is_multiple_of(2) { 0.25 } else { -0.25 };
    DMatrix::from_fn(4 * CHANNELS, 4 * CHANNELS, |row, column| {
        let (color, dy, dx) = (column / 4, column / 2 % 2, column % 2);
        let (of, detail) = if row < CHANNELS { (row, 0) } else { ((row - CHANNELS) / 3, 1 + (row - CHANNELS) % 3) };
        if color == of { sign(dx * (detail & 1) + dy * (detail >> 1)) } else { 0.0 }
    })
}

impl Step {
    /// The same step, with as many details that it only rotates. In a level's `first` step they come after all the others, as
    /// squeezed; it puts them behind each half.
    fn with_details(mut self, first: bool, init: &mut Init) -> Self {
        let Actnorm { bias, log_scale } = self.actnorm;
        let device = bias.val().device();
        let c = bias.dims()[0];
        let weight = blocks(&matrix::download(self.permutation.weight()), &matrix::rotation(c, init));
        let halves = [0..c / 2, c..c + c / 2, c / 2..c, c + c / 2..2 * c];
        let place: Vec<usize> = halves.into_iter().flatten().collect();
        let (weight, parts) = match first {
            true => (weight.select_rows(&place), 1),
            false => (weight.select_rows(&place).select_columns(&place), 2),
        };
        self.actnorm = Actnorm { bias: with_zeros(bias, parts), log_scale: with_zeros(log_scale, parts) };
        self.permutation = Permutation::Conv1x1(Conv1x1::new(&weight, &device));
        let Coupling { conv0, conv2, .. } = &mut self.coupling;
        let inputs = conv0.weight.val();
        let [rows, width] = inputs.dims();
        let inputs = followed_by_zeros(inputs.reshape([9, rows / 9, width]), 1);
        conv0.weight = Param::from_tensor(inputs.reshape([2 * rows, width]));
        conv2.with_zero_outputs(1);
        self
    }
}

impl Split {
    fn with_details(mut self) -> Self {
        let prior = &mut self.prior;
        prior.weight = Param::from_tensor(followed_by_zeros(prior.weight.val(), 0));
        prior.with_zero_outputs(2);
        self
    }
}

impl ZeroConv {
    /// Each of `parts` parts of the outputs is followed by as many zeros.
    fn with_zero_outputs(&mut self, parts: usize) {
        let [c_in, c_out9] = self.weight.dims();
        let weight = self.weight.val().reshape([c_in, 9, parts, c_out9 / 9 / parts]);
        self.weight = Param::from_tensor(followed_by_zeros(weight, 3).reshape([c_in, 2 * c_out9]));
        for vector in [&mut self.bias, &mut self.log_scale] {
            *vector = with_zeros(vector.clone(), parts);
        }
    }
}

/// `[c]` -> `[2 c]`: each of `parts` parts is followed by as many zeros.
fn with_zeros(vector: Param<Tensor<1>>, parts: usize) -> Param<Tensor<1>> {
    let c = vector.dims()[0];
    Param::from_tensor(followed_by_zeros(vector.val().reshape([parts, c / parts]), 1).flatten(0, 1))
}

fn followed_by_zeros<const D: usize>(tensor: Tensor<D>, dim: usize) -> Tensor<D> {
    let zeros = tensor.zeros_like();
    Tensor::cat(vec![tensor, zeros], dim)
}

/// The matrix with `a` and `b` on its diagonal.
fn blocks(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    let n = a.nrows();
    let mut both = DMatrix::identity(n + b.nrows(), n + b.nrows());
    both.view_mut((0, 0), a.shape()).copy_from(a);
    both.view_mut((n, n), b.shape()).copy_from(b);
    both
}
