//! Sums of the parts of a gradient, in their order: floats added in another one give another sum.

use rayon::prelude::*;

/// Of at least one.
pub fn add(parts: Vec<Vec<f32>>) -> Vec<f32> {
    let add = |mut sum: Vec<f32>, part: Vec<f32>| {
        sum.par_chunks_mut(1 << 16).zip(part.par_chunks(1 << 16)).for_each(|(sum, part)| plus(sum, part));
        sum
    };
    parts.into_iter().reduce(add).expect("a part")
}

/// Adds `part`.
pub fn plus(sum: &mut [f32], part: &[f32]) {
    sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
}
