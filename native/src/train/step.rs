//! One training step: gradient, clipping, update.

use burn::tensor::Tensor;
use glow::flow::Glow;
use glow::pixels::bits_per_dim;
use rayon::prelude::*;

use super::{Optimiser, StepOptions, gradients, log_p_gradient};

/// One step: the loss in bits/dim, the norm of its gradient, and the model after it. A loss or gradient that is not finite
/// leaves model and optimiser as they are.
pub fn train_step(model: Glow, optimiser: &mut Optimiser, x: Tensor<4>, options: &StepOptions) -> (Glow, f64, f64) {
    let images = x.dims()[0] as f64;
    let (log_p, gradient) = log_p_gradient(&model, x, options);
    let loss = bits_per_dim(log_p / images, model.config());
    // From nats of all images to bits/dim of one.
    let scale = -1.0 / (images * model.config().dims() as f64 * std::f64::consts::LN_2);
    let mut shares = gradients::split(&model, gradient, optimiser.parts());
    let norm = gradients::norm(&model, &mut shares) * scale.abs();
    if !loss.is_finite() || !norm.is_finite() {
        return (model, loss, norm);
    }
    let scale = scale * (options.clip / norm).min(1.0);
    shares.par_iter_mut().for_each(|share| gradients::scale(&model, share, scale));
    (optimiser.step(options.rate, model, shares), loss, norm)
}
