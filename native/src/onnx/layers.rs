//! What both directions are made of.

use burn::tensor::{Device, Tensor};
use glow::flow::{Conv3x3, MAX_LOG_SIGMA};
use glow::ops::NetWeights;

use super::graph::{Graph, Value, int, ints};
use super::proto::AttributeProto;

/// Activations, in one value or in the halves that a coupling tells apart.
pub(super) enum Activations {
    Whole(Value),
    Halves([Value; 2]),
}

impl Activations {
    pub(super) fn whole(&self, graph: &mut Graph) -> Value {
        match self {
            Self::Whole(x) => x.clone(),
            Self::Halves([x1, x2]) => {
                let [x] = graph.node("Concat", &[x1, x2], vec![int("axis", 1)]);
                x
            }
        }
    }

    pub(super) fn halves(&self, graph: &mut Graph) -> [Value; 2] {
        match self {
            Self::Whole(x) => halves(graph, x),
            Self::Halves(halves) => halves.clone(),
        }
    }
}

/// The first and the second half of the channels.
pub(super) fn halves(graph: &mut Graph, x: &Value) -> [Value; 2] {
    graph.node("Split", &[x], vec![int("axis", 1)])
}

/// Mean and log sigma, or both with their signs turned.
pub(super) fn gaussian(graph: &mut Graph, prior: &Value) -> [Value; 2] {
    let [mean, log_sigma] = halves(graph, prior);
    let [least, most] =
        [-MAX_LOG_SIGMA, MAX_LOG_SIGMA].map(|bound| graph.constant(Tensor::<1>::from_floats([bound], &Device::flex())));
    let log_sigma = graph.apply("Max", &[&log_sigma, &least]);
    [mean, graph.apply("Min", &[&log_sigma, &most])]
}

/// `x M + v` of every pixel's channels.
pub(super) fn linear(graph: &mut Graph, x: &Value, matrix: Tensor<2>, shift: Tensor<1>) -> Value {
    let c = shift.dims()[0];
    conv(graph, x, matrix.transpose().reshape([c, c, 1, 1]), shift, vec![])
}

/// The same of what `x` is when it is squeezed, whose channel `4 c + 2 dy + dx` is channel `c` at offset `(dy, dx)`.
pub(super) fn squeeze_linear(graph: &mut Graph, x: &Value, matrix: Tensor<2>, shift: Tensor<1>) -> Value {
    let c = shift.dims()[0];
    conv(graph, x, matrix.transpose().reshape([c, c / 4, 2, 2]), shift, vec![ints("strides", &[2, 2])])
}

/// A coupling's network, times `sign`.
pub(super) fn net(graph: &mut Graph, x: &Value, weights: &NetWeights, sign: f32) -> Value {
    let NetWeights { w0, b0, w1, b1, w2, b2 } = weights.clone();
    let n = w1.dims()[0];
    let w0 = w0.reshape([9, -1, n as i32]).permute([2, 1, 0]);
    let hidden = taps(graph, x, w0, b0);
    let hidden = graph.apply("Relu", &[&hidden]);
    let hidden = conv(graph, &hidden, w1.transpose().reshape([n, n, 1, 1]), b1, vec![]);
    let hidden = graph.apply("Relu", &[&hidden]);
    conv3x3(graph, &hidden, &Conv3x3 { weight: w2, bias: b2 }, sign)
}

/// What an affine coupling adds, and the scale `sigmoid(r + 2)`.
pub(super) fn shift_and_scale(graph: &mut Graph, x: &Value, weights: &NetWeights) -> [Value; 2] {
    let net = net(graph, x, weights, 1.0);
    let [shift, r] = halves(graph, &net);
    let two = graph.constant(Tensor::<1>::from_floats([2.0], &weights.b1.device()));
    let r = graph.apply("Add", &[&r, &two]);
    [shift, graph.apply("Sigmoid", &[&r])]
}

/// A 3x3 convolution, times `sign`.
pub(super) fn conv3x3(graph: &mut Graph, x: &Value, layer: &Conv3x3, sign: f32) -> Value {
    let Conv3x3 { weight, bias } = layer.clone();
    let weight = weight.reshape([-1, 9, bias.dims()[0] as i32]).permute([2, 0, 1]);
    taps(graph, x, weight * sign, bias * sign)
}

/// With weights `[out, in, tap]`.
fn taps(graph: &mut Graph, x: &Value, weight: Tensor<3>, bias: Tensor<1>) -> Value {
    let [c_out, c_in, _] = weight.dims();
    conv(graph, x, weight.reshape([c_out, c_in, 3, 3]), bias, vec![ints("pads", &[1; 4])])
}

/// With weights `[out, in, height, width]`.
fn conv(graph: &mut Graph, x: &Value, weight: Tensor<4>, bias: Tensor<1>, attributes: Vec<AttributeProto>) -> Value {
    let [weight, bias] = [graph.constant(weight), graph.constant(bias)];
    let [y] = graph.node("Conv", &[x, &weight, &bias], attributes);
    y
}
