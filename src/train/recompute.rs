//! The gradient with memory that hardly grows with depth: only the input of every step is kept on the way up, and on the
//! way down each step is computed again, with a graph of its own (Chen et al., arXiv 1604.06174, with the flow's steps as
//! the segments).

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use super::gradients;
use crate::flow::{Glow, squeeze, standard_normal, unsqueeze};

/// The sum of log p(x) over a batch, in nats, and its gradient.
pub fn log_p_gradient(model: &Glow, x: Tensor<4>) -> (f64, GradientsParams) {
    let mut descent = Descent { log_p: 0.0, gradients: GradientsParams::new() };
    // Up, without a graph.
    let plain = model.valid();
    let mut x = x.inner();
    let mut inputs = Vec::new();
    for level in &plain.levels {
        x = squeeze(x);
        for step in &level.steps {
            inputs.push(x.clone());
            x = step.forward(x).0;
        }
        inputs.push(x.clone());
        if let Some(split) = &level.split {
            x = split.forward(x).0;
        }
    }
    // Down, with one.
    let mut input = || inputs.pop().expect("an input for every segment");
    let mut grad = None;
    for level in model.levels.iter().rev() {
        grad = Some(match &level.split {
            Some(split) => descent.segment(split, input(), grad, |split, x| {
                let (carried, eps, log_det) = split.forward(x);
                (Some(carried), log_det + standard_normal(eps))
            }),
            None => descent.segment(&model.top, input(), grad, |top, x| {
                let (eps, log_det) = top.forward(x);
                (None, log_det + standard_normal(eps))
            }),
        });
        for step in level.steps.iter().rev() {
            grad = Some(descent.segment(step, input(), grad, |step, x| {
                let (y, log_det) = step.forward(x);
                (Some(y), log_det)
            }));
        }
        grad = grad.map(unsqueeze);
    }
    (descent.log_p, descent.gradients)
}

struct Descent {
    log_p: f64,
    gradients: GradientsParams,
}

impl Descent {
    /// Computes a part of the flow again, from its input to its output and to what each place adds to log p. Given the
    /// gradient by the output, returns the one by the input.
    fn segment<M: Module>(
        &mut self,
        module: &M,
        x: Tensor<4>,
        grad: Option<Tensor<4>>,
        forward: impl Fn(&M, Tensor<4>) -> (Option<Tensor<4>>, Tensor<4>),
    ) -> Tensor<4> {
        let x = x.autodiff().require_grad();
        let [b, h, w, _] = x.dims();
        let (y, log_p) = forward(module, x.clone());
        let log_p = log_p.expand([b, h, w, 1]).sum();
        self.log_p += f64::from(log_p.clone().into_scalar::<f32>());
        let objective = match (y, grad) {
            (Some(y), Some(grad)) => log_p + (y * grad.autodiff()).sum(),
            _ => log_p,
        };
        let mut grads = objective.backward();
        let grad = x.grad_remove(&mut grads).expect("the input has a gradient");
        gradients::extend(module, &mut self.gradients, GradientsParams::from_module(&mut grads, module));
        grad
    }
}
