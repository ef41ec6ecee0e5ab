//! How busy an image is, whatever it shows: the length of a plain lossless code. A flow finds smooth images probable, so its
//! bits alone do not tell a face from something else; the excess over those of a plain code does so better (Serrà et al.,
//! arXiv 1910.11480).

use crate::config::{CHANNELS, GlowConfig};

/// bits/dim of an image of a model's size and bits. Green, and red and blue less green, are predicted as LOCO-I does
/// (Weinberger et al., 2000); the errors are coded by how often each came before (Krichevsky and Trofimov, 1981).
pub fn complexity(rgb: &[u8], config: &GlowConfig) -> f64 {
    let value = |pixel: &[u8], channel: usize| i32::from(pixel[channel] >> (8 - config.bits));
    let plane = |channel: usize| -> Vec<i32> {
        let green = |pixel| if channel == 1 { 0 } else { value(pixel, 1) };
        rgb.chunks_exact(CHANNELS).map(|pixel| value(pixel, channel) - green(pixel)).collect()
    };
    let nats: f64 = (0..CHANNELS).map(|channel| code_length(&plane(channel), config)).sum();
    nats / (config.dims() as f64 * std::f64::consts::LN_2)
}

/// In nats.
fn code_length(plane: &[i32], config: &GlowConfig) -> f64 {
    // Differences of colours, less a prediction of them: from -2 to 2 times the largest value.
    let symbols = 4 * config.bins() as usize;
    let mut counts = vec![0.5; symbols];
    let mut total = 0.5 * symbols as f64;
    let mut nats = 0.0;
    for (i, value) in plane.iter().enumerate() {
        let error = value - prediction(plane, i, config.size);
        let count = &mut counts[(error + symbols as i32 / 2) as usize];
        nats -= f64::ln(*count / total);
        *count += 1.0;
        total += 1.0;
    }
    nats
}

/// The median of the left neighbour, the upper one, and the plane through them and the one between.
fn prediction(plane: &[i32], i: usize, width: usize) -> i32 {
    let (first_row, first_column) = (i < width, i.is_multiple_of(width));
    match (first_row, first_column) {
        (true, true) => 0,
        (true, false) => plane[i - 1],
        (false, true) => plane[i - width],
        (false, false) => {
            let (left, above, corner) = (plane[i - 1], plane[i - width], plane[i - width - 1]);
            (left + above - corner).clamp(left.min(above), left.max(above))
        }
    }
}
