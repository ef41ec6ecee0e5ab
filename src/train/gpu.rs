//! The gradient on a GPU, without a graph: a launch is what costs there, and a graph of small operations has ten times as
//! many. The weights stay on the host, which also knows how actnorm and the factors of the 1x1 convolution make one matrix:
//! the GPU is given that, and returns the gradient by it.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData, activation::sigmoid};
use rayon::prelude::*;

use super::pull_back::pull_back;
use crate::config::CouplingKind;
use crate::flow::{self, Glow, Prior, Split, Step, squeeze, unsqueeze};
use crate::image::host;
use crate::ops::{GpuNet, Group, NetWeights, Sums, conv3x3, halves, join, linear, room, turned, view};

/// The sum of log p(x) over a batch, in nats, and its gradient, of a `model` on the host.
pub fn log_p_gradient_on(gpu: &Device, model: &Glow, x: Tensor<4>) -> (f64, GradientsParams) {
    let images = x.dims()[0];
    let model = model.valid();
    let flow = Flow::upload(&model, gpu);
    let (log_p, sums, top) = flow.backward(x.inner().to_device(gpu));
    let (constants, gradients) = pull_back(&model, images, &sums, top);
    (log_p + constants, gradients)
}

/// A flow on the GPU, as its arithmetic meets it.
struct Flow {
    levels: Vec<Level>,
    top: Prior,
    kind: CouplingKind,
}

struct Level {
    layers: Vec<Layer>,
    prior: Option<Conv>,
}

/// A step of flow.
struct Layer {
    /// Actnorm and permutation, `x M + v`.
    matrix: Tensor<2>,
    shift: Tensor<1>,
    /// M^T.
    turned_matrix: Tensor<2>,
    net: NetWeights,
    turned: NetWeights,
    /// `[c]`.
    zeros: Tensor<1>,
}

/// The convolution of a split.
struct Conv {
    weight: Tensor<2>,
    bias: Tensor<1>,
    turned: Tensor<2>,
    /// `[c_in]`.
    zeros: Tensor<1>,
}

/// Tensors on their way to the GPU, one after the other.
#[derive(Default)]
struct Packed(Vec<f32>);

/// The same when they have arrived.
struct Unpacked {
    values: Tensor<1>,
    at: usize,
}

/// Where a tensor may begin, in numbers: GPUs want 256 bytes.
const ALIGNED: usize = 64;

impl Packed {
    fn push<const D: usize>(&mut self, tensor: Tensor<D>) {
        self.0.extend(host(tensor));
        self.0.resize(self.0.len().next_multiple_of(ALIGNED), 0.0);
    }

    fn send(self, gpu: &Device) -> Unpacked {
        let length = self.0.len();
        Unpacked { values: Tensor::from_data(TensorData::new(self.0, [length]), gpu), at: 0 }
    }
}

impl Unpacked {
    fn next<const D: usize>(&mut self, shape: [usize; D]) -> Tensor<D> {
        let start = self.at;
        self.at = (start + shape.iter().product::<usize>()).next_multiple_of(ALIGNED);
        view(&self.values, start, shape)
    }
}

impl Flow {
    fn upload(model: &Glow, gpu: &Device) -> Self {
        let level = |level: &flow::Level| Level {
            layers: level.steps.par_iter().map(|step| Layer::upload(step, gpu)).collect(),
            prior: level.split.as_ref().map(|split| Conv::upload(split, gpu)),
        };
        let levels = model.levels.iter().map(level).collect();
        Self { levels, top: model.top.clone().to_device(gpu), kind: model.config().coupling }
    }

    /// log p(x) of the batch less what is the same for all images, its gradients by the weights, from the last level's last step
    /// to the first, and by the last prior's mean and scale.
    fn backward(&self, x: Tensor<4>) -> (f64, Vec<f32>, [Tensor<1>; 2]) {
        let priors = self.levels.iter().flat_map(|level| level.prior.as_ref().map(Conv::room));
        let layers = self.levels.iter().flat_map(|level| level.layers.iter().map(Layer::room));
        let mut sums = Sums::new(layers.chain(priors).sum(), &x.device());
        let mut log_p = Tensor::<1>::zeros([1], &x.device());
        let mut x = x;
        let mut passed = Vec::new();
        for level in &self.levels {
            x = squeeze(x);
            let mut kept = Vec::new();
            for layer in &level.layers {
                let mixed = linear(x.clone(), layer.matrix.clone(), layer.shift.clone());
                let net = GpuNet::new(&mixed, &layer.net);
                kept.push((x, mixed.clone(), net));
                let net = &kept[kept.len() - 1].2;
                let (y, log_det) = layer.couple(self.kind, mixed, net);
                log_p = log_det.into_iter().fold(log_p, |log_p, log_det| log_p + log_det.sum());
                x = y;
            }
            let y = x.clone();
            if level.prior.is_some() {
                [x, _] = halves(x);
            }
            passed.push((kept, y));
        }
        let mut grad: Option<Tensor<4>> = None;
        let mut top = None;
        for (level, (kept, y)) in self.levels.iter().zip(passed).rev() {
            let (mut dy, whitened) = match (&level.prior, grad.take()) {
                (Some(prior), Some(carried)) => prior.backward(y, carried, &mut sums),
                _ => {
                    let (dy, whitened, by_top) = self.top(y);
                    top = Some(by_top);
                    (dy, whitened)
                }
            };
            log_p = log_p + whitened;
            for (layer, (x, mixed, net)) in level.layers.iter().zip(kept).rev() {
                let mut group = sums.group(layer.room(), &x);
                let dmixed = layer.couple_back(self.kind, mixed, net, dy, &mut group);
                group.linear(&x, &dmixed);
                sums.add(group);
                dy = linear(dmixed, layer.turned_matrix.clone(), layer.zeros.clone());
            }
            grad = Some(unsqueeze(dy));
        }
        let log_p = f64::from(log_p.into_scalar::<f32>());
        (log_p, sums.read(), top.expect("at least one level"))
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
    fn upload(step: &Step, gpu: &Device) -> Self {
        let (matrix, shift, _) = step.linear();
        let net = step.coupling.weights();
        let NetWeights { w0, b0, w1, b1, w2, b2 } = net.clone();
        let [[c], [n], [outputs]] = [shift.dims(), b0.dims(), b2.dims()];
        let mut packed = Packed::default();
        [turned(matrix.clone(), 1), matrix].into_iter().for_each(|matrix| packed.push(matrix));
        let back = net.turned();
        [w0, w1, w2, back.w0, back.w1, back.w2].into_iter().for_each(|weight| packed.push(weight));
        [shift, b0, b1, b2, back.b0, back.b1, back.b2].into_iter().for_each(|vector| packed.push(vector));
        packed.push(Tensor::<1>::zeros([c], &step.actnorm.bias.val().device()));

        let mut sent = packed.send(gpu);
        let half = c / 2;
        let [turned_matrix, matrix] = [(); 2].map(|()| sent.next([c, c]));
        let [w0, w1, w2] = [[9 * half, n], [n, n], [n, 9 * outputs]].map(|shape| sent.next(shape));
        let [t0, t1, t2] = [[9 * outputs, n], [n, n], [n, 9 * half]].map(|shape| sent.next(shape));
        let [shift, b0, b1, b2, z0, z1, z2, zeros] =
            [c, n, n, outputs, n, n, half, c].map(|length| sent.next([length]));
        let net = NetWeights { w0, b0, w1, b1, w2, b2 };
        let turned = NetWeights { w0: t0, b0: z0, w1: t1, b1: z1, w2: t2, b2: z2 };
        Self { matrix, shift, turned_matrix, net, turned, zeros }
    }

    /// Numbers in the gradients by its weights.
    fn room(&self) -> usize {
        let NetWeights { w0, b0, w1, b1, w2, b2 } = &self.net;
        let pairs = [(w2, b2), (w1, b1), (w0, b0), (&self.matrix, &self.shift)];
        pairs.iter().map(|(weight, bias)| room(weight.shape().num_elements(), bias.dims()[0])).sum()
    }

    /// The coupling, and what an affine one adds to log p, value by value.
    fn couple(&self, kind: CouplingKind, x: Tensor<4>, net: &GpuNet) -> (Tensor<4>, Option<Tensor<4>>) {
        match kind {
            CouplingKind::Additive => (net.shift(x, &self.net), None),
            CouplingKind::Affine => {
                let ([x1, x2], [t, r]) = (halves(x), halves(net.output(&self.net)));
                let s = sigmoid(r + 2.0);
                (join(x1, (x2 + t) * s.clone()), Some(s.log()))
            }
        }
    }

    /// The gradient by what the coupling is given, by the one by what it gives and by what it adds to log p: as
    /// [`Gradients`](crate::flow::Gradients) has it.
    fn couple_back(
        &self,
        kind: CouplingKind,
        x: Tensor<4>,
        net: GpuNet,
        grad: Tensor<4>,
        sums: &mut Group,
    ) -> Tensor<4> {
        let half = grad.dims()[3] / 2;
        let by_y2 = grad.clone().narrow(3, half, half);
        let (by_x, by_net) = match kind {
            CouplingKind::Additive => (grad, by_y2),
            CouplingKind::Affine => {
                let ([_, x2], [t, r]) = (halves(x), halves(net.output(&self.net)));
                let s = sigmoid(r + 2.0);
                let by_x2 = by_y2 * s.clone();
                let by_r = ((x2 + t) * by_x2.clone() + 1.0) * (s.neg() + 1.0);
                (join(grad.narrow(3, 0, half), by_x2.clone()), join(by_x2, by_r))
            }
        };
        net.backward(by_x, by_net, &self.turned, sums)
    }
}

impl Conv {
    fn upload(split: &Split, gpu: &Device) -> Self {
        let (weight, bias) = split.prior.folded();
        let ([rows, columns], [outputs]) = (weight.dims(), bias.dims());
        let mut packed = Packed::default();
        [turned(weight.clone(), 9), weight].into_iter().for_each(|weight| packed.push(weight));
        [bias.clone(), bias.zeros_like()].into_iter().for_each(|vector| packed.push(vector));
        let mut sent = packed.send(gpu);
        let (turned, weight) = (sent.next([outputs, 9 * rows]), sent.next([rows, columns]));
        Self { weight, bias: sent.next([outputs]), turned, zeros: sent.next([rows]) }
    }

    fn room(&self) -> usize {
        room(self.weight.shape().num_elements(), self.bias.dims()[0])
    }

    /// A split: the gradient by what it is given, by the one by what it carries on and by log p of what leaves, and that.
    fn backward(&self, y: Tensor<4>, carried: Tensor<4>, sums: &mut Sums) -> (Tensor<4>, Tensor<1>) {
        let [z1, z2] = halves(y);
        let [mean, log_sigma] = halves(conv3x3(z1.clone(), self.weight.clone(), self.bias.clone()));
        let inverse_sigma = log_sigma.clone().neg().exp();
        let eps = (z2 - mean) * inverse_sigma.clone();
        let squares = eps.clone().square();
        let by_z2 = eps.neg() * inverse_sigma;
        let by_prior = join(by_z2.clone().neg(), squares.clone() - 1.0);
        let c_in = z1.dims()[3];
        let mut group = sums.group(self.room(), &z1);
        group.conv3x3(&z1, &by_prior, c_in);
        sums.add(group);
        let by_z1 = carried + conv3x3(by_prior, self.turned.clone(), self.zeros.clone());
        (join(by_z1, by_z2), squares.sum() * -0.5 - log_sigma.sum())
    }
}
