//! Decoding.

use glow::config::{CHANNELS, CouplingKind};
use glow::flow::{FrozenCoupling, FrozenGlow, FrozenSplit, Mixing, Prior};

use super::graph::{Graph, Value, int, string};
use super::layers::{Activations, conv3x3, gaussian, linear, net, shift_and_scale};
use super::proto::ModelProto;
use super::{IMAGE, latents};

/// Decodes: `level.0`, `level.1`, ... to `image`.
pub fn inverse(model: &FrozenGlow) -> ModelProto {
    let config = model.config();
    let mut graph = Graph::default();
    let eps: Vec<Value> = latents(config).iter().map(|(name, shape)| graph.input(name, shape)).collect();
    let mut x = Activations::Whole(colour_top(&mut graph, &eps[config.levels - 1], &model.top));
    for (level, eps) in model.levels.iter().zip(&eps).rev() {
        if let Some(split) = &level.split {
            let z1 = x.whole(&mut graph);
            x = Activations::Halves(colour_split(&mut graph, z1, eps, split));
        }
        for step in level.steps.iter().rev() {
            let y = x.halves(&mut graph);
            let y = uncouple(&mut graph, y, &step.coupling, config.coupling).whole(&mut graph);
            let Mixing { inverse, shift_back, .. } = step.mixing.clone();
            x = Activations::Whole(linear(&mut graph, &y, inverse, shift_back));
        }
        let squeezed = x.whole(&mut graph);
        x = Activations::Whole(unsqueeze(&mut graph, &squeezed));
    }
    graph.output(IMAGE, &[CHANNELS, config.size, config.size]);
    graph.finish("inverse")
}

fn uncouple(graph: &mut Graph, [y1, y2]: [Value; 2], coupling: &FrozenCoupling, kind: CouplingKind) -> Activations {
    let x2 = match kind {
        CouplingKind::Additive => {
            let shift = net(graph, &y1, &coupling.net, -1.0);
            graph.apply("Add", &[&y2, &shift])
        }
        CouplingKind::Affine => {
            let [shift, scale] = shift_and_scale(graph, &y1, &coupling.net);
            let shifted = graph.apply("Div", &[&y2, &scale]);
            graph.apply("Sub", &[&shifted, &shift])
        }
    };
    Activations::Halves([y1, x2])
}

fn colour_split(graph: &mut Graph, z1: Value, eps: &Value, split: &FrozenSplit) -> [Value; 2] {
    let prior = conv3x3(graph, &z1, &split.prior, 1.0);
    let [mean, log_sigma] = gaussian(graph, &prior);
    let sigma = graph.apply("Exp", &[&log_sigma]);
    let z2 = graph.apply("Mul", &[eps, &sigma]);
    [z1, graph.apply("Add", &[&z2, &mean])]
}

fn colour_top(graph: &mut Graph, eps: &Value, prior: &Prior) -> Value {
    let [mean, sigma] = [prior.mean.val(), prior.log_sigma.val().exp()];
    let [mean, sigma] = [mean, sigma].map(|of_channels| graph.constant(of_channels.reshape([1, -1, 1, 1])));
    let z = graph.apply("Mul", &[eps, &sigma]);
    graph.apply("Add", &[&z, &mean])
}

/// `CRD`: channel `4 c + 2 dy + dx` goes to channel `c` at offset `(dy, dx)`.
fn unsqueeze(graph: &mut Graph, x: &Value) -> Value {
    let [y] = graph.node("DepthToSpace", &[x], vec![int("blocksize", 2), string("mode", "CRD")]);
    y
}
