//! Encoding, and log p.

use std::f64::consts::PI;

use burn::tensor::{Device, Tensor};
use glow::config::{CHANNELS, CouplingKind};
use glow::flow::{FrozenCoupling, FrozenGlow, FrozenSplit, Mixing, Prior};
use glow::pixels::host;

use super::graph::{Graph, Value, int, ints};
use super::layers::{Activations, conv3x3, gaussian, halves, linear, net, shift_and_scale, squeeze_linear};
use super::proto::ModelProto;
use super::{IMAGE, latents};

/// Encodes: `image` to `level.0`, `level.1`, ... and `log_p`, in nats.
pub fn forward(model: &FrozenGlow) -> ModelProto {
    let config = model.config();
    let mut graph = Graph::default();
    let mut log_p = LogP { constant: -0.5 * config.dims() as f64 * (2.0 * PI).ln(), terms: Vec::new() };
    let mut x = Activations::Whole(graph.input(IMAGE, &[CHANNELS, config.size, config.size]));
    for (level, (name, shape)) in model.levels.iter().zip(latents(config)) {
        let pixels = (shape[1] * shape[2]) as f64;
        for (k, step) in level.steps.iter().enumerate() {
            let Mixing { matrix, shift, log_det, .. } = step.mixing.clone();
            let linear = if k == 0 { squeeze_linear } else { linear };
            let whole = x.whole(&mut graph);
            let y = linear(&mut graph, &whole, matrix, shift);
            x = Activations::Halves(couple(&mut graph, &y, &step.coupling, config.coupling, &mut log_p));
            log_p.constant += pixels * scalar(log_det);
        }
        match &level.split {
            Some(split) => {
                let [z1, z2] = x.halves(&mut graph);
                whiten_split(&mut graph, &z1, &z2, split, &mut log_p);
                x = Activations::Whole(z1);
            }
            None => {
                let z = x.whole(&mut graph);
                whiten_top(&mut graph, &z, &model.top);
                log_p.constant -= pixels * scalar(model.top.log_sigma.val().sum());
            }
        }
        let eps = graph.output(&name, &shape);
        log_p.add_density(&mut graph, &eps);
    }
    log_p.output(&mut graph);
    graph.finish("forward")
}

/// log p: what is the same for every image, and what is not.
struct LogP {
    constant: f64,
    terms: Vec<Value>,
}

impl LogP {
    /// The sum of what a layer adds.
    fn add(&mut self, graph: &mut Graph, x: &Value) {
        self.terms.push(sum_image(graph, "ReduceSum", x));
    }

    /// Of standard normal latents, but for what is constant.
    fn add_density(&mut self, graph: &mut Graph, eps: &Value) {
        let square = sum_image(graph, "ReduceSumSquare", eps);
        let factor = constant(graph, -0.5);
        self.terms.push(graph.apply("Mul", &[&square, &factor]));
    }

    fn output(self, graph: &mut Graph) {
        let constant = constant(graph, self.constant);
        self.terms.iter().fold(constant, |sum, term| graph.apply("Add", &[&sum, term]));
        graph.output("log_p", &[]);
    }
}

fn couple(graph: &mut Graph, x: &Value, coupling: &FrozenCoupling, kind: CouplingKind, log_p: &mut LogP) -> [Value; 2] {
    let [x1, x2] = halves(graph, x);
    let y2 = match kind {
        CouplingKind::Additive => {
            let shift = net(graph, &x1, &coupling.net, 1.0);
            graph.apply("Add", &[&x2, &shift])
        }
        CouplingKind::Affine => {
            let [shift, scale] = shift_and_scale(graph, &x1, &coupling.net);
            let log_scale = graph.apply("Log", &[&scale]);
            log_p.add(graph, &log_scale);
            let shifted = graph.apply("Add", &[&x2, &shift]);
            graph.apply("Mul", &[&shifted, &scale])
        }
    };
    [x1, y2]
}

fn whiten_split(graph: &mut Graph, z1: &Value, z2: &Value, split: &FrozenSplit, log_p: &mut LogP) {
    let negative = conv3x3(graph, z1, &split.prior, -1.0);
    let [minus_mean, minus_log_sigma] = gaussian(graph, &negative);
    log_p.add(graph, &minus_log_sigma);
    let scale = graph.apply("Exp", &[&minus_log_sigma]);
    let centred = graph.apply("Add", &[z2, &minus_mean]);
    graph.apply("Mul", &[&centred, &scale]);
}

fn whiten_top(graph: &mut Graph, z: &Value, prior: &Prior) {
    let [mean, scale] = [prior.mean.val(), prior.log_sigma.val().neg().exp()];
    let [mean, scale] = [mean, scale].map(|of_channels| graph.constant(of_channels.reshape([1, -1, 1, 1])));
    let centred = graph.apply("Sub", &[z, &mean]);
    graph.apply("Mul", &[&centred, &scale]);
}

/// The sum over each image, `[batch]`.
fn sum_image(graph: &mut Graph, op: &str, x: &Value) -> Value {
    let [sum] = graph.node(op, &[x], vec![ints("axes", &[1, 2, 3]), int("keepdims", 0)]);
    sum
}

fn constant(graph: &mut Graph, value: f64) -> Value {
    graph.constant(Tensor::<1>::from_floats([value as f32], &Device::flex()))
}

fn scalar(tensor: Tensor<1>) -> f64 {
    f64::from(host(tensor)[0])
}
