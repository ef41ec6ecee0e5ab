//! The gradient with memory that does not grow with depth: on the way up nothing is kept but what every level ends with, and
//! on the way down each step's input is computed from its output (Gomez et al., arXiv 1707.04585), with a graph for the
//! one step at hand.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use super::gradients;
use crate::flow::{Coupling, Glow, squeeze, standard_normal, unsqueeze};

/// The sum of log p(x) over a batch, in nats, and its gradient.
pub fn log_p_gradient(model: &Glow, x: Tensor<4>) -> (f64, GradientsParams) {
    let mut descent = Descent { log_p: 0.0, gradients: GradientsParams::new() };
    // Up, without a graph.
    let plain = model.valid();
    let mut x = x.inner();
    let mut ends = Vec::new();
    for level in &plain.levels {
        x = squeeze(x);
        for step in &level.steps {
            x = step.forward(x).0;
        }
        ends.push(x.clone());
        if let Some(split) = &level.split {
            x = split.forward(x).0;
        }
    }
    // Down, with one.
    let mut grad = None;
    for ((level, plain), mut y) in model.levels.iter().zip(&plain.levels).zip(ends).rev() {
        let mut dy = match &level.split {
            Some(split) => descent.segment(split, y.clone(), grad, |split, x| {
                let (carried, eps, log_det) = split.forward(x);
                (Some(carried), log_det + standard_normal(eps))
            }),
            None => descent.segment(&model.top, y.clone(), grad, |top, x| {
                let (eps, log_det) = top.forward(x);
                (None, log_det + standard_normal(eps))
            }),
        };
        for (step, plain) in level.steps.iter().zip(&plain.steps).rev() {
            let (mixed, dmixed) = descent.coupling(&step.coupling, y, dy);
            y = plain.unmix(mixed);
            dy = descent.segment(step, y.clone(), Some(dmixed), |step, x| {
                let (mixed, log_det) = step.mix(x);
                (Some(mixed), log_det)
            });
        }
        grad = Some(unsqueeze(dy));
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
        let (y, log_p) = forward(module, x.clone());
        let [dx] = self.backward(module, log_p, y.zip(grad), [x]);
        dx
    }

    /// The input of a coupling and the gradient by it, given its output and the gradient by that. The network is computed
    /// once, since its input passes: it serves the inverse and the gradient.
    fn coupling(&mut self, coupling: &Coupling, y: Tensor<4>, grad: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let passing = y.clone().autodiff().require_grad();
        let net = coupling.net(&passing);
        let x = coupling.inverse_by(y, net.clone().inner());
        let changing = x.clone().autodiff().require_grad();
        let (y, log_det) = coupling.forward_by(changing.clone(), net);
        let [through_net, direct] = self.backward(coupling, log_det, Some((y, grad)), [passing, changing]);
        (x, through_net + direct)
    }

    /// The gradients by `inputs` of what a part of the flow adds to log p, and of its output along `grad`. Those by the
    /// module's parameters are kept.
    fn backward<M: Module, const N: usize>(
        &mut self,
        module: &M,
        log_p: Tensor<4>,
        output: Option<(Tensor<4>, Tensor<4>)>,
        inputs: [Tensor<4>; N],
    ) -> [Tensor<4>; N] {
        let [b, h, w, _] = inputs[0].dims();
        let log_p = log_p.expand([b, h, w, 1]).sum();
        self.log_p += f64::from(log_p.clone().into_scalar::<f32>());
        let objective = match output {
            Some((y, grad)) => log_p + (y * grad.autodiff()).sum(),
            None => log_p,
        };
        let mut grads = objective.backward();
        let by_inputs = inputs.map(|x| x.grad_remove(&mut grads).expect("an input has a gradient"));
        gradients::extend(module, &mut self.gradients, GradientsParams::from_module(&mut grads, module));
        by_inputs
    }
}
