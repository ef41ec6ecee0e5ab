//! A flow with wider coupling networks that computes the same function, to train on from a narrower one: nothing reads the
//! new hidden channels at first (after Net2WiderNet, Chen et al., arXiv 1511.05641).

use burn::module::Param;
use burn::tensor::Tensor;

use super::coupling::Conv;
use super::{Coupling, Glow, Init};
use crate::config::{ByLevel, GlowConfig};
use crate::error::{Error, Result};

impl Glow {
    /// The same function with networks of a larger `width` in some levels. Errors: a smaller width than there is.
    pub fn widen(mut self, width: &ByLevel, seed: u64) -> Result<Self> {
        let config = GlowConfig { width: width.clone(), ..self.config.clone() };
        config.validate()?;
        let mut init = Init::random(seed);
        for (l, level) in self.levels.iter_mut().enumerate() {
            let (old, new) = (self.config.width.at(l), width.at(l));
            if new < old {
                return Err(Error::Config(format!("networks of width {old} cannot be cut to {new}")));
            }
            for step in level.steps.iter_mut().filter(|_| new > old) {
                step.coupling.widen(new - old, &mut init);
            }
        }
        self.config = config;
        Ok(self)
    }
}

impl Coupling {
    /// `more` hidden channels: drawn as a new network's, but that the old ones do not read them, nor the last layer.
    fn widen(&mut self, more: usize, init: &mut Init) {
        let Self { conv0, conv1, conv2, .. } = self;
        let device = conv0.bias.val().device();
        let ([inputs, old], outputs) = (conv0.weight.dims(), conv2.weight.dims()[1]);
        let drawn = |inputs, init: &mut Init| Conv::new(inputs, more, init, &device);
        let (new0, new1) = (drawn(inputs, init), drawn(old + more, init));
        append(&mut conv0.weight, new0.weight.val(), 1);
        append(&mut conv0.bias, new0.bias.val(), 0);
        append(&mut conv1.weight, Tensor::zeros([more, old], &device), 0);
        append(&mut conv1.weight, new1.weight.val(), 1);
        append(&mut conv1.bias, new1.bias.val(), 0);
        append(&mut conv2.weight, Tensor::zeros([more, outputs], &device), 0);
    }
}

fn append<const D: usize>(param: &mut Param<Tensor<D>>, more: Tensor<D>, dim: usize) {
    *param = Param::from_tensor(Tensor::cat(vec![param.val(), more], dim));
}
