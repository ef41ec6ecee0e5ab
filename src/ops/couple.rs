//! What a coupling does with its network's output.

use burn::tensor::{Tensor, activation::log_sigmoid};

use crate::config::CouplingKind;

/// `[b, h, w, c]` -> `[b, h, w, c]`: the second half of the channels by the network's t, or t and r.
pub fn couple(x: Tensor<4>, net: Tensor<4>, kind: CouplingKind) -> Tensor<4> {
    #[cfg(gpu)]
    if super::on_cube(&x) {
        return super::cube::couple(x, net, kind, false);
    }
    if super::on_flex(&x) {
        return super::flex::couple(x, net, kind, false);
    }
    let [x1, x2] = halves(x);
    let y2 = match kind {
        CouplingKind::Additive => x2 + net,
        CouplingKind::Affine => {
            let [t, _] = halves(net.clone());
            (x2 + t) * log_scale(net).exp()
        }
    };
    join(x1, y2)
}

/// The inverse of [`couple`].
pub fn uncouple(y: Tensor<4>, net: Tensor<4>, kind: CouplingKind) -> Tensor<4> {
    #[cfg(gpu)]
    if super::on_cube(&y) {
        return super::cube::couple(y, net, kind, true);
    }
    if super::on_flex(&y) {
        return super::flex::couple(y, net, kind, true);
    }
    let [y1, y2] = halves(y);
    let x2 = match kind {
        CouplingKind::Additive => y2 - net,
        CouplingKind::Affine => {
            let [t, _] = halves(net.clone());
            y2 * log_scale(net).neg().exp() - t
        }
    };
    join(y1, x2)
}

/// `log sigmoid(r + 2)` of an affine coupling's network, `[b, h, w, c]` -> `[b, h, w, c / 2]`.
pub fn log_scale(net: Tensor<4>) -> Tensor<4> {
    #[cfg(gpu)]
    if super::on_cube(&net) {
        return super::cube::log_scale(net);
    }
    let [_, r] = halves(net);
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
