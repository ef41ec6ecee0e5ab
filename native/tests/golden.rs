//! Three tiny flows with random weights, against what an independent implementation makes of them.

use std::collections::HashMap;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor, TensorData, Tolerance};
use glow::config::{CouplingKind, GlowConfig, PermutationKind};
use glow::flow::Glow;
use glow::pixels::{bits_per_dim, dequantise, host};
use safetensors::SafeTensors;

/// A golden file: f64 tensors by name.
struct Golden {
    config: GlowConfig,
    tensors: HashMap<String, (Vec<usize>, Vec<f64>)>,
}

impl Golden {
    fn read(name: &str) -> Self {
        let bytes =
            std::fs::read(format!("{}/tests/golden/{name}.safetensors", concat!(env!("CARGO_MANIFEST_DIR"), "/..")))
                .unwrap();
        let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
        let facts = metadata.metadata().clone().unwrap();
        let number = |key: &str| facts[key].parse::<usize>().unwrap();
        let config = GlowConfig {
            size: number("size"),
            levels: number("levels"),
            steps: number("steps").into(),
            width: number("width").into(),
            bits: number("bits") as u32,
            coupling: match facts["coupling"].as_str() {
                "affine" => CouplingKind::Affine,
                _ => CouplingKind::Additive,
            },
            permutation: match facts["permutation"].as_str() {
                "lu" => PermutationKind::Conv1x1,
                "shuffle" => PermutationKind::Shuffle,
                _ => PermutationKind::Reverse,
            },
            dequantiser: None,
        };
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let tensors = file.iter().map(|(name, view)| {
            let values = view.data().as_chunks().0.iter().map(|&b| f64::from_le_bytes(b)).collect();
            (name.to_owned(), (view.shape().to_vec(), values))
        });
        Self { config, tensors: tensors.collect() }
    }

    fn tensor<const D: usize>(&self, name: &str) -> Tensor<D> {
        let (shape, values) = &self.tensors[name];
        let values: Vec<f32> = values.iter().map(|v| *v as f32).collect();
        Tensor::from_data(TensorData::new(values, shape.clone()), &Device::flex())
    }

    fn values(&self, name: &str) -> &[f64] {
        &self.tensors[name].1
    }

    fn model(&self) -> Glow {
        let model = Glow::new(&self.config, 0, &Device::flex()).unwrap();
        model.map(&mut Loader { golden: self, path: Vec::new() })
    }
}

/// Puts golden weights, laid out `[out, in, kh, kw]`, into a model.
struct Loader<'a> {
    golden: &'a Golden,
    path: Vec<String>,
}

impl ModuleMapper for Loader<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let names = self.path.iter().map(String::as_str).filter(|name| !["Conv1x1", "Fixed"].contains(name));
        let name = names.collect::<Vec<_>>().join(".").replace("split.prior", "prior");
        let shape = param.val().dims();
        if let Some(stem) = name.strip_suffix(".matrix") {
            let index = self.golden.values(&format!("{stem}.index"));
            let mut matrix = vec![0.0; index.len() * index.len()];
            for (to, from) in index.iter().enumerate() {
                matrix[to * index.len() + *from as usize] = 1.0_f32;
            }
            return param.map(|_| Tensor::from_data(TensorData::new(matrix, shape), &Device::flex()));
        }
        let convolution = self.golden.tensors[&name].0.len() == 4;
        param.map(|_| {
            let value = match convolution {
                // To [in, tap, out] for the last layers, to [tap, in, out] for the first ones.
                true => {
                    let weight = self.golden.tensor::<4>(&name);
                    let last = name.contains("conv2") || name.contains("prior");
                    weight.permute(if last { [1, 2, 3, 0] } else { [2, 3, 1, 0] }).reshape(shape)
                }
                false => self.golden.tensor(&name),
            };
            assert_eq!(value.dims(), shape, "{name}");
            value
        })
    }
}

fn close<const D: usize>(actual: Tensor<D>, expected: &[f64], what: &str) {
    let expected: Vec<f32> = expected.iter().map(|v| *v as f32).collect();
    let expected = TensorData::new(expected, actual.dims());
    actual.into_data().assert_approx_eq::<f32>(&expected, Tolerance::rel_abs(1e-4, 1e-4));
    eprintln!("{what}: agrees");
}

fn reproduces(name: &str) {
    let golden = Golden::read(name);
    let model = golden.model().frozen();
    let image: Vec<u8> = golden.values("in.image").iter().map(|v| *v as u8).collect();
    let noise = golden.values("in.noise").iter().map(|v| *v as f32);
    let x = dequantise(&image, noise, &golden.config, &Device::flex());
    close(x.clone(), golden.values("out.x"), "x");
    let encoding = model.forward(x.clone());
    close(encoding.log_p(), golden.values("out.log_p"), "log p");
    for (actual, expected) in host(encoding.log_p()).iter().zip(golden.values("out.bits_per_dim")) {
        assert!((bits_per_dim(f64::from(*actual), &golden.config) - expected).abs() < 1e-4);
    }
    let eps: Vec<_> = (0..2).map(|level| golden.tensor::<4>(&format!("out.eps.{level}"))).collect();
    close(model.inverse(&eps), golden.values("out.x"), "x from its latents");
    for (level, eps) in encoding.latents.iter().enumerate() {
        close(eps.clone(), golden.values(&format!("out.eps.{level}")), "latents");
    }
    let eps: Vec<_> = (0..2).map(|level| golden.tensor::<4>(&format!("sample.eps.{level}"))).collect();
    close(model.inverse(&eps), golden.values("sample.x"), "sample");
}

#[test]
fn glow() {
    reproduces("glow");
}

#[test]
fn realnvp() {
    reproduces("realnvp");
}

#[test]
fn nice() {
    reproduces("nice");
}
