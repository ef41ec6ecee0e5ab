//! A coupling: the first half of the channels passes, and a network of it says how the second half changes.

use burn::backend::flex::FlexTensor;
use burn::backend::{Backend, Dispatch, Flex, backend_extension, tensor::FloatTensor};
use burn::tensor::{Tensor, activation::log_sigmoid};

use super::blocks::for_each;
use super::dense::Dense;
use super::flex::{block, tensor, values};
use super::net::net_taps;
use super::taps::scatter;
use super::{NetWeights, net};
use crate::config::CouplingKind;

/// `[b, h, w, c]` -> `[b, h, w, c]`, and `log_det`, `[1, 1, 1, 1]`, with what an affine coupling adds to it, `[b, h, w, 1]`: a
/// GPU does that in the same launch.
pub fn couple(x: Tensor<4>, weights: &NetWeights, kind: CouplingKind, log_det: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
    #[cfg(feature = "gpu")]
    if super::on_cube(&x) {
        return super::cube::couple(x, weights, kind, log_det);
    }
    let [x1, _] = halves(x.clone());
    match couple_by(x, net(x1, weights), kind) {
        (y, Some(added)) => (y, log_det + added),
        (y, None) => (y, log_det),
    }
}

/// The inverse of [`couple`].
pub fn uncouple(y: Tensor<4>, weights: &NetWeights, kind: CouplingKind) -> Tensor<4> {
    #[cfg(feature = "gpu")]
    if super::on_cube(&y) {
        return super::cube::uncouple(y, weights, kind);
    }
    let [y1, _] = halves(y.clone());
    uncouple_by(y, net(y1, weights), kind)
}

/// [`uncouple`], then [`linear`](super::linear): a CPU does both, and what the network's taps add up to, while a pixel is at hand.
pub fn uncouple_linear(
    y: Tensor<4>,
    weights: &NetWeights,
    kind: CouplingKind,
    matrix: Tensor<2>,
    shift: Tensor<1>,
) -> Tensor<4> {
    if !super::on_flex(&y) {
        return super::linear(uncouple(y, weights, kind), matrix, shift);
    }
    let ([w0, b0, w1, b1, w2, b2], affine) = (weights.to_dispatch(), kind == CouplingKind::Affine);
    let [y, matrix, shift] = [y.into_dispatch(), matrix.into_dispatch(), shift.into_dispatch()];
    Tensor::from_dispatch(<Dispatch as FlexCouple>::uncouple_linear(y, w0, b0, w1, b1, w2, b2, matrix, shift, affine))
}

/// [`couple`], given the network's output: `y2 = x2 + t`, or `(x2 + t) s` with `sum log s`, `[b, h, w, 1]`.
pub fn couple_by(x: Tensor<4>, net: Tensor<4>, kind: CouplingKind) -> (Tensor<4>, Option<Tensor<4>>) {
    let (t, log_s) = shift_and_log_scale(net.clone(), kind);
    let log_det = log_s.clone().map(|log_s| log_s.sum_dim(3));
    if super::on_flex(&x) {
        return (flex_couple(x, net, kind, false), log_det);
    }
    let [x1, x2] = halves(x);
    let y2 = match log_s {
        None => x2 + t,
        Some(log_s) => (x2 + t) * log_s.exp(),
    };
    (join(x1, y2), log_det)
}

/// [`uncouple`], given the network's output: `x2 = y2 - t`, or `y2 / s - t`.
pub fn uncouple_by(y: Tensor<4>, net: Tensor<4>, kind: CouplingKind) -> Tensor<4> {
    if super::on_flex(&y) {
        return flex_couple(y, net, kind, true);
    }
    let (t, log_s) = shift_and_log_scale(net, kind);
    let [y1, y2] = halves(y);
    let x2 = match log_s {
        None => y2 - t,
        Some(log_s) => y2 / log_s.exp() - t,
    };
    join(y1, x2)
}

/// What a network says: `t`, and `log s = log sigmoid(r + 2)` if the coupling is affine.
fn shift_and_log_scale(net: Tensor<4>, kind: CouplingKind) -> (Tensor<4>, Option<Tensor<4>>) {
    match kind {
        CouplingKind::Additive => (net, None),
        CouplingKind::Affine => {
            let [t, r] = halves(net);
            (t, Some(log_sigmoid(r + 2.0)))
        }
    }
}

/// The first and the second half of the channels.
pub fn halves(x: Tensor<4>) -> [Tensor<4>; 2] {
    let half = x.dims()[3] / 2;
    [x.clone().narrow(3, 0, half), x.narrow(3, half, half)]
}

/// Puts channels together again.
pub fn join(first: Tensor<4>, second: Tensor<4>) -> Tensor<4> {
    Tensor::cat(vec![first, second], 3)
}

/// On a CPU; or the inverse.
fn flex_couple(x: Tensor<4>, net: Tensor<4>, kind: CouplingKind, inverse: bool) -> Tensor<4> {
    let (x, net) = (x.into_dispatch(), net.into_dispatch());
    Tensor::from_dispatch(<Dispatch as FlexCouple>::couple(x, net, kind == CouplingKind::Affine, inverse))
}

#[backend_extension(Flex)]
trait FlexCouple: Backend {
    fn couple(x: FloatTensor<Self>, net: FloatTensor<Self>, affine: bool, inverse: bool) -> FloatTensor<Self>;

    #[allow(clippy::too_many_arguments)] // An extension takes tensors, one by one.
    fn uncouple_linear(
        y: FloatTensor<Self>,
        w0: FloatTensor<Self>,
        b0: FloatTensor<Self>,
        w1: FloatTensor<Self>,
        b1: FloatTensor<Self>,
        w2: FloatTensor<Self>,
        b2: FloatTensor<Self>,
        matrix: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        affine: bool,
    ) -> FloatTensor<Self>;
}

impl FlexCouple for Flex {
    fn couple(x: FlexTensor, net: FlexTensor, affine: bool, inverse: bool) -> FlexTensor {
        let [x, net] = [x, net].map(|tensor| tensor.to_contiguous());
        let shape: [usize; 4] = x.layout().shape().dims();
        let mut y = values(&x).to_vec();
        couple_rows(&mut y, values(&net), shape[3] / 2, affine, inverse);
        tensor(y, shape)
    }

    fn uncouple_linear(
        y: FlexTensor,
        w0: FlexTensor,
        b0: FlexTensor,
        w1: FlexTensor,
        b1: FlexTensor,
        w2: FlexTensor,
        b2: FlexTensor,
        matrix: FlexTensor,
        shift: FlexTensor,
        affine: bool,
    ) -> FlexTensor {
        let tensors = [y, w0, b0, w1, b1, w2, b2, matrix, shift].map(|tensor| tensor.to_contiguous());
        let shape @ [images, h, w, c] = tensors[0].layout().shape().dims();
        let [y, w0, b0, w1, b1, w2, b2, matrix, shift] = tensors.each_ref().map(values);
        let (pixels, half, outputs) = (images * h * w, c / 2, b2.len());
        let taps = net_taps(y, c, [pixels, h, w, half], [w0, b0, w1, b1, w2, b2]);
        let (block, layer) = (block(pixels), Dense::biased(matrix, shift));
        let mut x = vec![0.0; pixels * c];
        for_each(&mut x, block * c, &|[net, rows, ..], i, x| {
            net.resize(x.len() / c * outputs, 0.0);
            scatter(&taps, b2, i * block, net, [h, w, outputs]);
            rows.clear();
            rows.extend_from_slice(&y[i * block * c..][..x.len()]);
            couple_rows(rows, net, half, affine, true);
            layer.apply(rows, x);
        });
        tensor(x, shape)
    }
}

/// The second halves of rows of channels, changed as the network says; or the inverse.
fn couple_rows(y: &mut [f32], net: &[f32], half: usize, affine: bool, inverse: bool) {
    let outputs = if affine { 2 * half } else { half };
    for (y, net) in y.chunks_exact_mut(2 * half).zip(net.chunks_exact(outputs)) {
        let (t, r) = net.split_at(half);
        let y = &mut y[half..];
        match (affine, inverse) {
            (false, false) => y.iter_mut().zip(t).for_each(|(y, t)| *y += t),
            (false, true) => y.iter_mut().zip(t).for_each(|(y, t)| *y -= t),
            (true, false) => y.iter_mut().zip(t).zip(r).for_each(|((y, t), r)| *y = (*y + t) / inverse_scale(*r)),
            (true, true) => y.iter_mut().zip(t).zip(r).for_each(|((y, t), r)| *y = *y * inverse_scale(*r) - t),
        }
    }
}

/// `1 / sigmoid(r + 2)`.
fn inverse_scale(r: f32) -> f32 {
    1.0 + (-2.0 - r).exp()
}
