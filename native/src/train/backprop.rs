//! The gradient of log p(x), without a graph: each layer turned round, by the gradients that the layers above it give. Actnorm
//! and the factors of the 1x1 convolution are one matrix here; [`pull_back`] goes on to the parameters from there.
//!
//! A CPU's threads have a part of the batch each. A GPU has all of it, but not the model, which stays on the host.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use glow::config::CouplingKind;
use glow::flow::{self, Glow, Mixing, Prior, Split, Step, gaussian, gaussian_gradient, squeeze, unsqueeze};
use glow::ops::{
    Group, KeptNet, Precision, Sums, conv3x3, couple_by, halves, join, linear, room, transposed, turned, uncouple_by,
};
use glow::pixels::host;
use rayon::prelude::*;

use super::StepOptions;
use super::net::Net;
use super::noise::Noise;
use super::pull_back::pull_back;

/// The sum of log p(x) over a batch, in nats, and its gradient by a `model` on the host.
pub fn log_p_gradient(model: &Glow, x: Tensor<4>, options: &StepOptions) -> (f64, GradientsParams) {
    let (model, x) = (model.valid(), x.inner());
    let images = x.dims()[0];
    let flow = Flow::new(&model, options);
    #[cfg(feature = "wgpu")]
    let found = match &options.gpu {
        Some(gpu) => flow.upload(gpu).backward(x.to_device(gpu)),
        None => flow.by_shards(x, options),
    };
    #[cfg(not(feature = "wgpu"))]
    let found = flow.by_shards(x, options);
    pull_back(&model, images, &found)
}

/// A flow as its arithmetic meets it.
pub(super) struct Flow {
    pub(super) levels: Vec<Level>,
    pub(super) top: Prior,
    pub(super) kind: CouplingKind,
    pub(super) noise: Option<Noise>,
    /// On a CPU.
    pub(super) precision: Precision,
}

pub(super) struct Level {
    pub(super) layers: Vec<Layer>,
    pub(super) prior: Option<Conv>,
}

/// A step of flow.
pub(super) struct Layer {
    /// Actnorm and permutation, `x M + v`.
    pub(super) matrix: Tensor<2>,
    pub(super) shift: Tensor<1>,
    /// M^T.
    pub(super) turned_matrix: Tensor<2>,
    pub(super) net: Net,
    /// `[c]`.
    pub(super) zeros: Tensor<1>,
    /// `x = y M^-1 - v M^-1`, if activations are computed again.
    pub(super) back: Option<(Tensor<2>, Tensor<1>)>,
}

/// The convolution of a split.
pub(super) struct Conv {
    pub(super) weight: Tensor<2>,
    pub(super) bias: Tensor<1>,
    pub(super) turned: Tensor<2>,
    /// `[c_in]`.
    pub(super) zeros: Tensor<1>,
}

/// What is kept of a step: nothing where it is computed again.
type Kept = Option<(Tensor<4>, Tensor<4>, KeptNet)>;

impl Flow {
    fn new(model: &Glow, options: &StepOptions) -> Self {
        let level = |level: &flow::Level| Level {
            layers: level.steps.par_iter().map(|step| Layer::new(step, options.recompute)).collect(),
            prior: level.split.as_ref().map(Conv::new),
        };
        let levels = model.levels.iter().map(level).collect();
        let noise = model.dequantiser.as_ref().map(|noise| Noise::new(noise, model.config()));
        let (top, kind) = (model.top.clone(), model.config().coupling);
        Self { levels, top, kind, noise, precision: options.precision }
    }

    /// The way of a batch in parts that go side by side: most operations of a small model are too small to share one of them
    /// between cores.
    fn by_shards(&self, x: Tensor<4>, StepOptions { shards, ranks, .. }: &StepOptions) -> Vec<f32> {
        let size = x.dims()[0].div_ceil(*shards);
        let mut parts = x.split(size, 0);
        let mine: Vec<_> = parts.drain(ranks.share(parts.len())).collect();
        ranks.sum(mine.into_par_iter().map(|x| self.backward(x)).collect())
    }

    /// The way of a batch up through the flow, and of the gradient down. The gradient by the weights, from the last level's last step
    /// to the first, see [`Sums`], by the last prior's mean and scale; and log p(x) of the batch, less what is the same for all
    /// images.
    fn backward(&self, mut x: Tensor<4>) -> Vec<f32> {
        let priors = self.levels.iter().filter_map(|level| level.prior.as_ref().map(Conv::room));
        let layers = self.levels.iter().flat_map(|level| level.layers.iter().map(Layer::room));
        let noise = self.noise.iter().map(Noise::room);
        let mut sums = Sums::new(layers.chain(priors).chain(noise).sum(), &x.device());
        let mut log_p = Tensor::<1>::zeros([1], &x.device());
        let mut of_noise = None;
        if let Some(noise) = &self.noise {
            let (log_det, kept);
            (x, log_det, kept) = noise.forward(x, self.precision);
            log_p = log_p + log_det;
            of_noise = Some((noise, kept));
        }
        let mut passed = Vec::new();
        for level in &self.levels {
            x = squeeze(x);
            let mut kept = Vec::new();
            for layer in &level.layers {
                let (y, log_det, keep) = layer.forward(self.kind, self.precision, x);
                log_p = log_det.into_iter().fold(log_p, |log_p, log_det| log_p + log_det.sum());
                kept.push(keep);
                x = y;
            }
            let y = x.clone();
            if level.prior.is_some() {
                [x, _] = halves(x);
            }
            passed.push((kept, y));
        }
        let (mut grad, whitened, by_top) = self.top(x);
        log_p = log_p + whitened;
        for (level, (kept, mut y)) in self.levels.iter().zip(passed).rev() {
            if let Some(prior) = &level.prior {
                let (by_y, whitened) = prior.backward(y.clone(), grad, &mut sums);
                grad = by_y;
                log_p = log_p + whitened;
            }
            for (layer, kept) in level.layers.iter().zip(kept).rev() {
                let kept = kept.unwrap_or_else(|| layer.again(self.kind, self.precision, y.clone()));
                y = kept.0.clone();
                let mut group = sums.group(layer.room(), &y);
                grad = layer.backward(self.kind, kept, grad, &mut group);
                sums.add(group);
            }
            grad = unsqueeze(grad);
        }
        if let Some((noise, kept)) = of_noise {
            noise.backward(kept, grad, &mut sums);
        }
        let [by_mean, by_log_sigma] = by_top.map(host);
        [sums.read(), by_mean, by_log_sigma, host(log_p)].concat()
    }

    /// The last prior: the gradient by what it is given, `log N(eps; 0, I)`, and the gradients by its mean and scale.
    fn top(&self, z: Tensor<4>) -> (Tensor<4>, Tensor<1>, [Tensor<1>; 2]) {
        let c = z.dims()[3];
        let inverse_sigma = self.top.log_sigma.val().neg().exp().reshape([1, 1, 1, c]);
        let eps = (z - self.top.mean.val().reshape([1, 1, 1, c])) * inverse_sigma.clone();
        let squares = eps.clone().square();
        let by_z = eps.neg() * inverse_sigma;
        let by_mean = by_z.clone().neg().sum_dims_squeeze(&[0, 1, 2]);
        let by_log_sigma = (squares.clone() - 1.0).sum_dims_squeeze(&[0, 1, 2]);
        (by_z, squares.sum() * -0.5, [by_mean, by_log_sigma])
    }
}

impl Layer {
    fn new(step: &Step, recompute: bool) -> Self {
        let Mixing { matrix, shift, inverse, shift_back, .. } = step.frozen().mixing;
        let zeros = shift.zeros_like();
        Self {
            turned_matrix: transposed(matrix.clone()),
            matrix,
            shift,
            net: Net::new(step.coupling.weights()),
            zeros,
            back: recompute.then_some((inverse, shift_back)),
        }
    }

    /// Numbers in the gradients by its weights.
    fn room(&self) -> usize {
        self.net.room() + room(self.matrix.shape().num_elements(), self.shift.dims()[0])
    }

    /// The step, and what an affine coupling adds to log p.
    fn forward(&self, kind: CouplingKind, precision: Precision, x: Tensor<4>) -> (Tensor<4>, Option<Tensor<4>>, Kept) {
        let mixed = linear(x.clone(), self.matrix.clone(), self.shift.clone());
        let net = KeptNet::new(&mixed, &self.net.weights, precision);
        let (y, log_det) = match kind {
            CouplingKind::Additive => (net.shift(mixed.clone(), &self.net.weights), None),
            CouplingKind::Affine => couple_by(mixed.clone(), net.output(&self.net.weights), kind),
        };
        (y, log_det, self.back.is_none().then_some((x, mixed, net)))
    }

    /// What [`forward`](Self::forward) would have kept, from what the step gave (Gomez et al., arXiv 1707.04585): memory that
    /// does not grow with depth. The network is computed once, since its input passes.
    fn again(&self, kind: CouplingKind, precision: Precision, y: Tensor<4>) -> (Tensor<4>, Tensor<4>, KeptNet) {
        let (inverse, shift_back) = self.back.clone().expect("an inverse where nothing is kept");
        let net = KeptNet::new(&y, &self.net.weights, precision);
        let mixed = uncouple_by(y, net.output(&self.net.weights), kind);
        (linear(mixed.clone(), inverse, shift_back), mixed, net)
    }

    /// The gradient by what the step is given, by the one by what it gives and by what it adds to log p: as
    /// [`Gradients`](glow::flow::Gradients) has it. Those by w2, b2, w1, b1, w0, b0, M and v go to `sums`.
    fn backward(
        &self,
        kind: CouplingKind,
        (x, mixed, net): (Tensor<4>, Tensor<4>, KeptNet),
        grad: Tensor<4>,
        sums: &mut Group,
    ) -> Tensor<4> {
        let by_mixed = self.net.backward(kind, mixed, net, grad, sums);
        sums.linear(&x, &by_mixed);
        linear(by_mixed, self.turned_matrix.clone(), self.zeros.clone())
    }
}

impl Conv {
    fn new(split: &Split) -> Self {
        let (weight, bias) = split.prior.scaled();
        let zeros = Tensor::zeros([weight.dims()[0]], &weight.device());
        Self { turned: turned(weight.clone()), weight, bias, zeros }
    }

    fn room(&self) -> usize {
        room(self.weight.shape().num_elements(), self.bias.dims()[0])
    }

    /// A split: the gradient by what it is given, by the one by what it carries on and by log p of what leaves, and that.
    fn backward(&self, y: Tensor<4>, carried: Tensor<4>, sums: &mut Sums) -> (Tensor<4>, Tensor<1>) {
        let [z1, z2] = halves(y);
        let [mean, log_sigma] = gaussian(conv3x3(z1.clone(), self.weight.clone(), self.bias.clone()));
        let inverse_sigma = log_sigma.clone().neg().exp();
        let eps = (z2 - mean) * inverse_sigma.clone();
        let squares = eps.clone().square();
        let by_z2 = eps.neg() * inverse_sigma;
        let by_prior = gaussian_gradient(&log_sigma, by_z2.clone().neg(), squares.clone() - 1.0);
        let mut group = sums.group(self.room(), &z1);
        group.conv3x3(&z1, &by_prior);
        sums.add(group);
        let by_z1 = carried + conv3x3(by_prior, self.turned.clone(), self.zeros.clone());
        (join(by_z1, by_z2), squares.sum() * -0.5 - log_sigma.sum())
    }
}
