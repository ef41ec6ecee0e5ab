//! Walks over all parameters: the norm of the gradient, its clipping, the moving average of the weights.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use crate::flow::Glow;

/// The Euclidean norm of the whole gradient.
pub fn norm(model: &Glow, gradients: &GradientsParams) -> f64 {
    struct Norm<'a>(&'a GradientsParams, Option<Tensor<1>>);
    impl ModuleVisitor for Norm<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.0.get::<D>(param.id) {
                let sum = gradient.square().sum();
                self.1 = Some(match self.1.take() {
                    Some(total) => total + sum,
                    None => sum,
                });
            }
        }
    }
    let mut visitor = Norm(gradients, None);
    model.visit(&mut visitor);
    visitor.1.map_or(0.0, |sum| f64::from(sum.into_scalar::<f32>()).sqrt())
}

/// Adds gradients to others; a parameter that has none yet gets one.
pub fn extend<M: Module>(module: &M, sum: &mut GradientsParams, more: GradientsParams) {
    struct Extend<'a>(&'a mut GradientsParams, GradientsParams);
    impl ModuleVisitor for Extend<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(more) = self.1.remove::<D>(param.id) {
                let sum = match self.0.remove::<D>(param.id) {
                    Some(sum) => sum + more,
                    None => more,
                };
                self.0.register(param.id, sum);
            }
        }
    }
    module.visit(&mut Extend(sum, more));
}

/// Multiplies the whole gradient by `factor`.
pub fn scale<M: Module>(module: &M, gradients: &mut GradientsParams, factor: f64) {
    struct Scale<'a>(&'a mut GradientsParams, f64);
    impl ModuleVisitor for Scale<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.0.remove::<D>(param.id) {
                self.0.register(param.id, gradient * self.1);
            }
        }
    }
    module.visit(&mut Scale(gradients, factor));
}

/// `average = decay average + (1 - decay) model`, for every parameter that is trained.
pub fn update_average(average: Glow, model: &Glow, decay: f64) -> Glow {
    /// Values by parameter, whatever their rank.
    struct Collect(GradientsParams);
    impl ModuleVisitor for Collect {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if param.is_require_grad() {
                self.0.register(param.id, param.val().inner());
            }
        }
    }
    struct Update(GradientsParams, f64);
    impl ModuleMapper for Update {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            match self.0.remove::<D>(param.id) {
                Some(value) => param.map(|average| average * self.1 + value * (1.0 - self.1)),
                None => param,
            }
        }
    }
    let mut values = Collect(GradientsParams::new());
    model.visit(&mut values);
    average.map(&mut Update(values.0, decay))
}
