//! Walks over all parameters: the norm of the gradient, its clipping, the moving average of the weights.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use glow::flow::Glow;
use glow::pixels::host;
use rayon::prelude::*;

/// A gradient's Euclidean norm, of shares that [`split`] gave: the same however many there are.
pub fn norm(model: &Glow, shares: &mut [GradientsParams]) -> f64 {
    struct Squares<'a>(&'a GradientsParams, Vec<f64>);
    impl ModuleVisitor for Squares<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let square = |gradient| host::<D>(gradient).iter().map(|value| f64::from(*value).powi(2)).sum();
            self.1.push(self.0.get(param.id).map_or(0.0, square));
        }
    }
    let squares = |share: &mut GradientsParams| {
        let mut visitor = Squares(share, Vec::new());
        model.visit(&mut visitor);
        visitor.1
    };
    let squares: Vec<_> = shares.par_iter_mut().map(squares).collect();
    let of_parameter = |i| squares.iter().map(|share| share[i]).sum::<f64>();
    (0..squares[0].len()).map(of_parameter).sum::<f64>().sqrt()
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

/// Gradients, or other values, of a model's parameters in so many shares: each has those of every so manieth parameter.
pub fn split(model: &Glow, values: GradientsParams, shares: usize) -> Vec<GradientsParams> {
    struct Split(GradientsParams, Vec<GradientsParams>, usize);
    impl ModuleVisitor for Split {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let share = self.2 % self.1.len();
            self.2 += 1;
            if let Some(value) = self.0.remove::<D>(param.id) {
                self.1[share].register(param.id, value);
            }
        }
    }
    let mut visitor = Split(values, (0..shares).map(|_| GradientsParams::new()).collect(), 0);
    model.visit(&mut visitor);
    visitor.1
}

/// One model of several, each of which has changed the parameters of its share.
pub fn merge(shares: Vec<Glow>) -> Glow {
    struct Share<'a>(&'a mut GradientsParams, [usize; 2], usize);
    impl ModuleVisitor for Share<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let [share, shares] = self.1;
            if self.2 % shares == share {
                self.0.register(param.id, param.val());
            }
            self.2 += 1;
        }
    }
    struct Take(GradientsParams);
    impl ModuleMapper for Take {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let value = self.0.remove::<D>(param.id).expect("every parameter is in a share");
            param.map(|_| value)
        }
    }
    let mut values = GradientsParams::new();
    let count = shares.len();
    for (share, model) in shares.iter().enumerate() {
        model.visit(&mut Share(&mut values, [share, count], 0));
    }
    let first = shares.into_iter().next().expect("at least one share");
    first.map(&mut Take(values))
}

/// `average = decay average + (1 - decay) model`, for every parameter that is trained.
pub fn update_average(average: &Glow, model: &Glow, decay: f64) -> Glow {
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
    let shares = split(model, values.0, rayon::current_num_threads());
    merge(shares.into_par_iter().map(|share| average.clone().map(&mut Update(share, decay))).collect())
}
