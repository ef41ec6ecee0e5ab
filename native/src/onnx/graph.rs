//! A graph under construction.

use burn::tensor::Tensor;
use glow::pixels::host;

use super::proto::{
    AttributeProto, AttributeType, DataType, DimensionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    TensorProto, TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};

/// A value of the graph, by its name.
pub(super) type Value = String;

/// Nodes and constants, in the order that they compute in.
#[derive(Default)]
pub(super) struct Graph(GraphProto);

impl Graph {
    /// A value that is given, `[batch, shape...]`.
    pub(super) fn input(&mut self, name: &str, shape: &[usize]) -> Value {
        self.0.input.push(info(name, shape));
        name.into()
    }

    pub(super) fn constant<const D: usize>(&mut self, tensor: Tensor<D>) -> Value {
        let name = format!("constant.{}", self.0.initializer.len());
        self.0.initializer.push(TensorProto {
            dims: tensor.dims().map(|dim| dim as i64).to_vec(),
            data_type: DataType::Float.into(),
            name: name.clone(),
            raw_data: host(tensor).into_iter().flat_map(f32::to_le_bytes).collect(),
        });
        name
    }

    /// A node with one output and no attributes.
    pub(super) fn apply(&mut self, op: &str, inputs: &[&Value]) -> Value {
        let [output] = self.node(op, inputs, vec![]);
        output
    }

    pub(super) fn node<const N: usize>(
        &mut self,
        op: &str,
        inputs: &[&Value],
        attribute: Vec<AttributeProto>,
    ) -> [Value; N] {
        let index = self.0.node.len();
        let output = std::array::from_fn(|i| format!("{op}.{index}.{i}"));
        self.0.node.push(NodeProto {
            input: inputs.iter().map(|&input| input.clone()).collect(),
            output: output.to_vec(),
            op_type: op.into(),
            attribute,
        });
        output
    }

    /// Makes what the last node computes an output of the graph, `[batch, shape...]`.
    pub(super) fn output(&mut self, name: &str, shape: &[usize]) -> Value {
        self.0.node.last_mut().expect("a node").output = vec![name.into()];
        self.0.output.push(info(name, shape));
        name.into()
    }

    pub(super) fn finish(mut self, name: &str) -> ModelProto {
        self.0.name = name.into();
        ModelProto {
            ir_version: 7,
            producer_name: "glow".into(),
            graph: Some(self.0),
            // The last one in which the axes of a sum are an attribute.
            opset_import: vec![OperatorSetIdProto { version: 12 }],
        }
    }
}

pub(super) fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { name: name.into(), i: Some(i), r#type: AttributeType::Int.into(), ..Default::default() }
}

pub(super) fn ints(name: &str, ints: &[i64]) -> AttributeProto {
    AttributeProto { name: name.into(), ints: ints.into(), r#type: AttributeType::Ints.into(), ..Default::default() }
}

pub(super) fn string(name: &str, s: &str) -> AttributeProto {
    AttributeProto { name: name.into(), s: Some(s.into()), r#type: AttributeType::String.into(), ..Default::default() }
}

fn info(name: &str, shape: &[usize]) -> ValueInfoProto {
    let batch = DimensionProto { dim_param: Some("batch".into()), ..Default::default() };
    let rest = shape.iter().map(|&dim| DimensionProto { dim_value: Some(dim as i64), ..Default::default() });
    let shape = TensorShapeProto { dim: std::iter::once(batch).chain(rest).collect() };
    let tensor_type = TensorTypeProto { elem_type: DataType::Float.into(), shape: Some(shape) };
    ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type: Some(tensor_type) }) }
}
