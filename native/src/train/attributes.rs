//! Finds the directions of attributes in a model's latent space, and measures them.

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use glow::attributes::{Direction, edit};
use glow::error::{Error, Result};
use glow::flow::FrozenGlow;
use glow::latents::{flatten, unflatten};
use glow::pixels::{host, to_rgb, to_tensor};
use rayon::prelude::*;

use super::Part;
use super::celeba::photographs;
use super::labels::Labels;
use crate::picture::read_image;

/// Photographs a batch.
const BATCH: usize = 50;
/// OpenAI's length of a direction, in distances of the means.
const LENGTH: f32 = 1.6;
/// Attributes that go along with most others.
const CONFOUNDERS: [&str; 2] = ["Male", "Young"];

/// How a direction is taken from the latents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Method {
    /// Mean of the faces with the attribute less mean of those without.
    Means,
    /// The same among men and women, young and old apart, then averaged: smiling faces are not more female.
    Balanced,
}

/// An attribute as found in the training photographs.
pub struct Attribute {
    /// Which way it lies.
    pub direction: Direction,
    column: usize,
    /// The nearest class mean: with the attribute where `normal . z > threshold`.
    normal: Vec<f32>,
    threshold: f32,
}

impl Attribute {
    fn decide(&self, z: &[f32]) -> bool {
        dot(&self.normal, z) > self.threshold
    }
}

/// What a direction does to the test photographs that the nearest mean finds to be without its attribute. There is no share
/// of no photograph.
pub struct Measure {
    /// How many those are.
    pub without: usize,
    /// The share of labelled test photographs that the nearest mean decides rightly, mean of with and without.
    pub accuracy: Option<f64>,
    /// The share that it finds to have the attribute at +1, in the 8-bit picture.
    pub flipped: Option<f64>,
    /// The share that changes sides in `Male` with that, if that is among the attributes.
    pub male: Option<f64>,
}

/// The sum of some photographs' latents.
#[derive(Clone)]
struct Sum {
    count: f64,
    values: Vec<f64>,
}

impl Sum {
    fn new(dims: usize) -> Self {
        Self { count: 0.0, values: vec![0.0; dims] }
    }

    fn add(&mut self, z: &[f32]) {
        self.count += 1.0;
        self.values.iter_mut().zip(z).for_each(|(sum, z)| *sum += f64::from(*z));
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.values.iter_mut().zip(&other.values).for_each(|(sum, value)| *sum += value);
    }

    fn mean(&self) -> impl Iterator<Item = f64> {
        self.values.iter().map(|sum| sum / self.count)
    }
}

/// Finds attributes `names` in the training photographs of `dir`. Errors: an attribute that none of those that could be read
/// has, or all.
pub fn find(
    model: &FrozenGlow,
    dir: &Path,
    names: &[String],
    method: Method,
    device: &Device,
) -> Result<Vec<Attribute>> {
    let labels = Labels::read(dir)?;
    let columns = names.iter().map(|name| labels.column(name)).collect::<Result<Vec<_>>>()?;
    let confounders = CONFOUNDERS.iter().map(|name| labels.column(name)).collect::<Result<Vec<_>>>()?;
    let dims = model.config().dims();
    // By attribute, by the confounders' labels, without and with.
    let mut sums = vec![vec![[Sum::new(dims), Sum::new(dims)]; 1 << CONFOUNDERS.len()]; names.len()];
    let unreadable = each(model, dir, Part::Train, &labels, device, |row, z| {
        for (column, strata) in columns.iter().zip(&mut sums) {
            // An attribute is not held against itself.
            let of = |confounder: &usize| if confounder == column { 1 } else { row[*confounder] };
            if row[*column] != 0 && confounders.iter().all(|confounder| of(confounder) != 0) {
                let stratum = confounders.iter().fold(0, |i, confounder| 2 * i + usize::from(of(confounder) > 0));
                strata[stratum][usize::from(row[*column] > 0)].add(z);
            }
        }
    })?;
    let found = names.iter().zip(columns).zip(sums).map(|((name, column), strata)| {
        let mut all = [Sum::new(dims), Sum::new(dims)];
        for pair in &strata {
            all.iter_mut().zip(pair).for_each(|(all, part)| all.merge(part));
        }
        let [without, with] = &all;
        if without.count == 0.0 || with.count == 0.0 {
            return Err(Error::Data(format!(
                "'{name}' cannot be found: of the training photographs, {} have it, {} do not, and {unreadable} could not \
                 be read",
                with.count, without.count
            )));
        }
        let normal: Vec<f32> = with.mean().zip(without.mean()).map(|(a, b)| (a - b) as f32).collect();
        let middle: Vec<f32> = with.mean().zip(without.mean()).map(|(a, b)| a.midpoint(b) as f32).collect();
        let way = match method {
            Method::Means => normal.clone(),
            Method::Balanced => balanced(&strata, dims).ok_or_else(|| {
                let among = CONFOUNDERS.join(" and ");
                Error::Data(format!("'{name}' goes along with {among} in every training photograph; use --method means"))
            })?,
        };
        let values = way.into_iter().map(|value| LENGTH * value).collect();
        let direction = Direction { name: name.clone(), values };
        Ok(Attribute { direction, column, threshold: dot(&normal, &middle), normal })
    });
    found.collect()
}

/// The difference of the means within strata, averaged with Mantel and Haenszel's weights, which are those of a difference
/// of the least variance. None if no stratum has both.
fn balanced(strata: &[[Sum; 2]], dims: usize) -> Option<Vec<f32>> {
    let mut total = 0.0;
    let mut way = vec![0.0; dims];
    for [without, with] in strata.iter().filter(|pair| pair.iter().all(|sum| sum.count > 0.0)) {
        let weight = with.count * without.count / (with.count + without.count);
        total += weight;
        way.iter_mut().zip(with.mean().zip(without.mean())).for_each(|(way, (a, b))| *way += weight * (a - b));
    }
    (total > 0.0).then(|| way.into_iter().map(|value| (value / total) as f32).collect())
}

/// Measures attributes on the test photographs of `dir`.
pub fn measure(model: &FrozenGlow, dir: &Path, attributes: &[Attribute], device: &Device) -> Result<Vec<Measure>> {
    let mut test = Vec::new();
    each(model, dir, Part::Test, &Labels::read(dir)?, device, |row, z| test.push((row.to_vec(), z.to_vec())))?;
    let male = attributes.iter().find(|attribute| attribute.direction.name == "Male");
    let measure = |attribute: &Attribute| {
        let right = |label: i8| {
            let of_class = test.iter().filter(|(row, _)| row[attribute.column] == label);
            let (right, all) = of_class.fold((0.0, 0.0), |(right, all), (_, z)| {
                (right + f64::from(u8::from(attribute.decide(z) == (label > 0))), all + 1.0)
            });
            share(right, all)
        };
        let accuracy = right(1).zip(right(-1)).map(|(with, without)| with.midpoint(without));
        let without: Vec<_> = test.iter().map(|(_, z)| z).filter(|z| !attribute.decide(z)).collect();
        let direction = std::slice::from_ref(&attribute.direction);
        let [mut flipped, mut changed] = [0.0; 2];
        for batch in without.chunks(BATCH) {
            let edited: Vec<f32> = batch.iter().flat_map(|z| edit(z, direction, &[1.0])).collect();
            let rgb = decode(model, &edited, device);
            let seen = encode(model, &rgb, device);
            for (before, after) in batch.iter().zip(seen.chunks(model.config().dims())) {
                flipped += f64::from(u8::from(attribute.decide(after)));
                let other = male.is_some_and(|male| male.decide(before) != male.decide(after));
                changed += f64::from(u8::from(other));
            }
        }
        let count = without.len() as f64;
        let male = male.and_then(|_| share(changed, count));
        Measure { without: without.len(), accuracy, flipped: share(flipped, count), male }
    };
    Ok(attributes.iter().map(measure).collect())
}

fn share(some: f64, all: f64) -> Option<f64> {
    (all > 0.0).then(|| some / all)
}

/// Flattened latents of whole images as RGB bytes.
pub fn decode(model: &FrozenGlow, z: &[f32], device: &Device) -> Vec<u8> {
    to_rgb(&host(model.inverse(&unflatten(z, model.config(), device))))
}

/// RGB bytes of whole images as flattened latents.
pub fn encode(model: &FrozenGlow, rgb: &[u8], device: &Device) -> Vec<f32> {
    host(flatten(model.forward(to_tensor(rgb, model.config().size, device)).latents))
}

/// Calls back with the labels and latents of every labelled photograph of a part; returns how many could not be read.
fn each(
    model: &FrozenGlow,
    dir: &Path,
    part: Part,
    labels: &Labels,
    device: &Device,
    mut f: impl FnMut(&[i8], &[f32]),
) -> Result<usize> {
    let files = photographs(dir, part)?;
    let labelled: Vec<(PathBuf, &[i8])> =
        files.into_iter().filter_map(|file| labels.of(&file).map(|row| (file, row))).collect();
    let size = model.config().size;
    let mut unreadable = labelled.len();
    for batch in labelled.chunks(BATCH) {
        let read = batch.par_iter().filter_map(|(file, row)| Some((read_image(file, size).ok()?.into_raw(), *row)));
        let (rgb, rows): (Vec<_>, Vec<_>) = read.unzip();
        if rgb.is_empty() {
            continue;
        }
        unreadable -= rgb.len();
        let z = encode(model, &rgb.concat(), device);
        for (row, z) in rows.into_iter().zip(z.chunks(model.config().dims())) {
            f(row, z);
        }
    }
    Ok(unreadable)
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
