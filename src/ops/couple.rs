//! A coupling: the first half of the channels passes, and a network of it says how the second half changes.

use burn::tensor::{Tensor, activation::log_sigmoid};

use super::net::{NetWeights, net};
use crate::config::CouplingKind;

/// `[b, h, w, c]` -> `[b, h, w, c]`, and `log sigmoid(r + 2)` of an affine coupling, `[b, h, w, c / 2]`.
pub fn couple(x: Tensor<4>, weights: NetWeights, kind: CouplingKind) -> (Tensor<4>, Option<Tensor<4>>) {
    #[cfg(gpu)]
    if super::on_cube(&x) {
        return super::cube::couple(x, weights, kind, false);
    }
    if super::on_flex(&x) {
        return super::flex::couple(x, net, kind, false);
    }
    let [x1, x2] = halves(x);
    let net = net(x1.clone(), weights);
    let (y2, log_scale) = match kind {
        CouplingKind::Additive => (x2 + net, None),
        CouplingKind::Affine => {
            let [t, r] = halves(net);
            let log_scale = log_sigmoid(r + 2.0);
            ((x2 + t) * log_scale.clone().exp(), Some(log_scale))
        }
    };
    (join(x1, y2), log_scale)
}

/// The inverse of [`couple`].
pub fn uncouple(y: Tensor<4>, weights: NetWeights, kind: CouplingKind) -> Tensor<4> {
    #[cfg(gpu)]
    if super::on_cube(&y) {
        return super::cube::couple(y, weights, kind, true).0;
    }
    if super::on_flex(&y) {
        return super::flex::couple(y, net, kind, true);
    }
    let [y1, y2] = halves(y);
    let net = net(y1.clone(), weights);
    let x2 = match kind {
        CouplingKind::Additive => y2 - net,
        CouplingKind::Affine => {
            let [t, r] = halves(net);
            y2 * log_sigmoid(r + 2.0).neg().exp() - t
        }
    };
    join(y1, x2)
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
