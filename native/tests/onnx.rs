//! Exported graphs of every kind of small model, computed with burn's own operations, against the flow.
//! `tests/e2e/onnx.test.mjs` has onnxruntime compute them.

mod common;

use std::collections::HashMap;

use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData, activation, module::conv2d};
use common::{configs, largest, normal, randomised};
use glow::flow::{FrozenGlow, Glow};
use glow_native::onnx::proto::{ModelProto, NodeProto, TensorProto, ValueInfoProto};
use glow_native::onnx::{forward, inverse};
use prost::Message;

const TOLERANCE: f32 = 1e-5;
const BATCH: usize = 3;

fn models() -> impl Iterator<Item = FrozenGlow> {
    configs().map(|config| randomised(Glow::new(&config, 1, &Device::flex()).unwrap(), 0.05, 1).frozen())
}

/// `[b, h, w, c]` to `[b, c, h, w]`.
fn channels_first(x: Tensor<4>) -> Tensor<4> {
    x.permute([0, 3, 1, 2])
}

#[test]
fn forward_encodes() {
    for model in models() {
        let x = normal([BATCH, 8, 8, 3], 0.3, 2, &Device::flex());
        let expected = model.forward(x.clone());
        let outputs = run(&forward(&model), [("image".to_owned(), channels_first(x))]);
        assert_eq!(outputs.len(), model.config().levels + 1);
        for (level, eps) in expected.latents.iter().enumerate() {
            let actual = outputs[&format!("level.{level}")].clone();
            assert!(largest(actual - channels_first(eps.clone())) <= TOLERANCE, "{:?}", model.config());
        }
        let (actual, expected) = (outputs["log_p"].clone(), expected.log_p());
        assert!(largest(actual.flatten::<1>(0, 3) - expected) <= 1e-3, "nats, {:?}", model.config());
    }
}

#[test]
fn inverse_decodes() {
    for model in models() {
        let shapes = model.config().latent_shapes().into_iter();
        let latents: Vec<Tensor<4>> =
            shapes.map(|[h, w, c]| normal([BATCH, h, w, c], 0.5, h as u64, &Device::flex())).collect();
        let inputs = latents.iter().enumerate();
        let inputs = inputs.map(|(level, eps)| (format!("level.{level}"), channels_first(eps.clone())));
        let outputs = run(&inverse(&model), inputs);
        assert_eq!(outputs.len(), 1);
        let expected = channels_first(model.inverse(&latents));
        assert!(largest(outputs["image"].clone() - expected) <= TOLERANCE, "{:?}", model.config());
    }
}

/// Encodes the file, reads it, and computes its outputs.
fn run(model: &ModelProto, inputs: impl IntoIterator<Item = (String, Tensor<4>)>) -> HashMap<String, Tensor<4>> {
    let graph = ModelProto::decode(&*model.encode_to_vec()).unwrap().graph.unwrap();
    let constants = graph.initializer.iter().map(|tensor| (tensor.name.clone(), constant(tensor)));
    let mut values: HashMap<String, Tensor<4>> = constants.chain(inputs).collect();
    for info in &graph.input {
        assert_shape(&values[&info.name], info);
    }
    for node in &graph.node {
        let inputs = node.input.iter().map(|name| values[name].clone()).collect();
        let outputs = compute(node, inputs);
        assert_eq!(outputs.len(), node.output.len());
        values.extend(node.output.iter().cloned().zip(outputs));
    }
    let outputs = graph.output.iter().map(|info| {
        assert_shape(&values[&info.name], info);
        (info.name.clone(), values[&info.name].clone())
    });
    outputs.collect()
}

/// Fewer dimensions than four are the first ones, or, in a bias, all of one.
fn constant(tensor: &TensorProto) -> Tensor<4> {
    let values: Vec<f32> = tensor.raw_data.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect();
    let mut shape = [1; 4];
    for (to, from) in shape.iter_mut().zip(&tensor.dims) {
        *to = *from as usize;
    }
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

fn assert_shape(value: &Tensor<4>, info: &ValueInfoProto) {
    let declared = info.r#type.as_ref().unwrap().tensor_type.as_ref().unwrap().shape.as_ref().unwrap();
    let declared = declared.dim.iter().map(|dim| dim.dim_value.map_or(BATCH, |value| value as usize));
    let declared: Vec<usize> = declared.chain([1; 4]).take(4).collect();
    assert_eq!(value.dims(), *declared, "{}", info.name);
}

/// As <https://onnx.ai/onnx/operators/> says.
fn compute(node: &NodeProto, inputs: Vec<Tensor<4>>) -> Vec<Tensor<4>> {
    let attribute = |name: &str| node.attribute.iter().find(|attribute| attribute.name == name);
    let pair = |name: &str, default: usize| {
        attribute(name).map_or([default; 2], |attribute| [0, 1].map(|i| attribute.ints[i] as usize))
    };
    let x = inputs[0].clone();
    let second = || inputs[1].clone();
    let [b, c, h, w] = x.dims();
    let y = match node.op_type.as_str() {
        "Add" => x + second(),
        "Sub" => x - second(),
        "Mul" => x * second(),
        "Div" => x / second(),
        "Max" => x.max_pair(second()),
        "Min" => x.min_pair(second()),
        "Exp" => x.exp(),
        "Log" => x.log(),
        "Relu" => activation::relu(x),
        "Sigmoid" => activation::sigmoid(x),
        "Concat" => Tensor::cat(inputs, 1),
        "Split" => return x.chunk(node.output.len(), 1),
        "Conv" => {
            let options = ConvOptions::new(pair("strides", 1), pair("pads", 0), [1, 1], 1);
            conv2d(x, second(), Some(inputs[2].clone().flatten(0, 3)), options)
        }
        "DepthToSpace" => {
            assert_eq!(attribute("mode").unwrap().s.as_deref(), Some(b"CRD".as_slice()));
            let x = x.reshape([b, c / 4, 2, 2, h, w]).permute([0, 1, 4, 2, 5, 3]);
            x.reshape([b, c / 4, 2 * h, 2 * w])
        }
        "ReduceSum" => x.sum_dims(&[1, 2, 3]),
        "ReduceSumSquare" => x.square().sum_dims(&[1, 2, 3]),
        other => panic!("{other}"),
    };
    vec![y]
}
