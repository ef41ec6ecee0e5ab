//! Which draws of the coarsest level become pictures: a resampled prior (Bauer and Mnih, arXiv 1810.11428; in flows, Stimper et
//! al., arXiv 2110.15828). The coarsest level decides on the shape of a face, and where its Gaussian has draws that no photograph
//! has, faces are torn: a small network knows them by their latents, and others are drawn in their place. It computes on the host,
//! in one order, so that the same draws are taken on every machine. Nothing that is encoded depends on it.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::tensor_file::HostTensor;

/// So many draws are looked at for a picture; the last is taken, whatever it is.
pub const MOST: usize = 32;

/// What its tensors' names begin with in a weights file.
pub const PREFIX: &str = "acceptance.";

/// A network of dense layers with ReLU between them, from whitened latents of the coarsest level to a number below 0 for those
/// that are taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Acceptance(Vec<Dense>);

/// `y = x W + b`.
#[derive(Clone, Debug, PartialEq)]
pub struct Dense {
    /// `[inputs, outputs]`, row by row.
    pub weight: Vec<f32>,
    /// `[outputs]`.
    pub bias: Vec<f32>,
}

impl Dense {
    fn apply(&self, x: &[f32]) -> Vec<f32> {
        let mut y = self.bias.clone();
        for (x, row) in x.iter().zip(self.weight.chunks(y.len())) {
            y.iter_mut().zip(row).for_each(|(y, w)| *y += x * w);
        }
        y
    }
}

impl Acceptance {
    /// A network of these layers, for so many latents. Errors: layers that do not fit each other, or end with more than one number.
    pub fn new(layers: Vec<Dense>, latents: usize) -> Result<Self> {
        let mut width = latents;
        for Dense { weight, bias } in &layers {
            if bias.is_empty() || weight.len() != width * bias.len() {
                return Err(Error::Weights("the layers of its acceptance do not fit each other".into()));
            }
            width = bias.len();
        }
        match width {
            1 => Ok(Self(layers)),
            _ => Err(Error::Weights(format!("its acceptance ends with {width} numbers instead of one"))),
        }
    }

    /// How far latents at temperature 1, `[h * w * c]` of one image, are beyond those that are taken.
    pub fn score(&self, eps: &[f32]) -> f32 {
        let mut x = eps.to_vec();
        for (i, layer) in self.0.iter().enumerate() {
            if i > 0 {
                x.iter_mut().for_each(|x| *x = x.max(0.0));
            }
            x = layer.apply(&x);
        }
        x[0]
    }

    /// Its tensors, by their names in a weights file.
    pub fn tensors(&self) -> BTreeMap<String, HostTensor> {
        let both = |(i, Dense { weight, bias }): (usize, &Dense)| {
            let shape = vec![weight.len() / bias.len(), bias.len()];
            let weight = HostTensor { shape, values: weight.clone() };
            let bias = HostTensor { shape: vec![bias.len()], values: bias.clone() };
            [(format!("{PREFIX}{i}.weight"), weight), (format!("{PREFIX}{i}.bias"), bias)]
        };
        self.0.iter().enumerate().flat_map(both).collect()
    }

    /// Takes its tensors from those of a weights file, if there are any. Errors: a layer that lacks one, and those of [`Self::new`].
    pub fn from_tensors(tensors: &mut BTreeMap<String, HostTensor>, latents: usize) -> Result<Option<Self>> {
        let mut layers = Vec::new();
        while let Some(weight) = tensors.remove(&format!("{PREFIX}{}.weight", layers.len())) {
            let name = format!("{PREFIX}{}.bias", layers.len());
            let bias = tensors.remove(&name).ok_or_else(|| Error::Weights(format!("'{name}' is missing")))?;
            layers.push(Dense { weight: weight.values, bias: bias.values });
        }
        if layers.is_empty() { Ok(None) } else { Self::new(layers, latents).map(Some) }
    }
}
