//! A coupling: the first half of the channels passes, and a network of it says how the second half changes.

use burn::tensor::{Tensor, activation::log_sigmoid};

use super::net::{NetWeights, net};
use crate::config::CouplingKind;

/// `[b, h, w, c]` -> `[b, h, w, c]`, and `log_det`, `[1, 1, 1, 1]`, with what an affine coupling adds to it: `sum log
/// sigmoid(r + 2)`, `[b, h, w, 1]`.
pub fn couple(x: Tensor<4>, weights: NetWeights, kind: CouplingKind, log_det: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
    #[cfg(gpu)]
    if super::on_cube(&x) {
        return super::cube::couple(x, weights, kind, log_det);
    }
    let [x1, _] = halves(x.clone());
    couple_by(x, net(x1, weights), kind, log_det)
}

/// [`couple`], given the network's output.
pub fn couple_by(x: Tensor<4>, net: Tensor<4>, kind: CouplingKind, log_det: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
    let (log_scale, log_det) = match kind {
        CouplingKind::Additive => (None, log_det),
        CouplingKind::Affine => {
            let log_scale = log_scale(&net);
            (Some(log_scale.clone()), log_det + log_scale.sum_dim(3))
        }
    };
    if super::on_flex(&x) {
        return (super::flex::couple(x, net, kind, false), log_det);
    }
    let [x1, x2] = halves(x);
    let y2 = match log_scale {
        None => x2 + net,
        Some(log_scale) => {
            let [t, _] = halves(net);
            (x2 + t) * log_scale.exp()
        }
    };
    (join(x1, y2), log_det)
}

/// The inverse of [`couple`].
pub fn uncouple(y: Tensor<4>, weights: NetWeights, kind: CouplingKind) -> Tensor<4> {
    #[cfg(gpu)]
    if super::on_cube(&y) {
        return super::cube::uncouple(y, weights, kind);
    }
    let [y1, _] = halves(y.clone());
    uncouple_by(y, net(y1, weights), kind)
}

/// The inverse of [`couple_by`].
pub fn uncouple_by(y: Tensor<4>, net: Tensor<4>, kind: CouplingKind) -> Tensor<4> {
    if super::on_flex(&y) {
        return super::flex::couple(y, net, kind, true);
    }
    let [y1, y2] = halves(y);
    let x2 = match kind {
        CouplingKind::Additive => y2 - net,
        CouplingKind::Affine => {
            let scale = log_scale(&net).exp();
            let [t, _] = halves(net);
            y2 / scale - t
        }
    };
    join(y1, x2)
}

/// `log sigmoid(r + 2)` of an affine coupling's network.
fn log_scale(net: &Tensor<4>) -> Tensor<4> {
    let [_, r] = halves(net.clone());
    log_sigmoid(r + 2.0)
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
