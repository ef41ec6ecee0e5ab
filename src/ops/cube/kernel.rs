//! The GPU's programs. A thread computes one value of the output. An input may be some channels of a wider tensor.

#[cfg(not(target_family = "wasm"))]
use burn::cubecl;
use cubecl::prelude::*;

/// A convolution of one tap or of 3x3, with zero padding: weight `tap, c, channel` stands at `tap tap_stride + c
/// channel_stride + channel`.
#[cube(launch)]
pub(super) fn convolution(
    x: &Tensor<f32>,
    weight: &Tensor<f32>,
    bias: &Tensor<f32>,
    y: &mut Tensor<f32>,
    tap_stride: usize,
    channel_stride: usize,
    #[comptime] taps: usize,
    #[comptime] relu: bool,
) {
    if ABSOLUTE_POS >= y.len() {
        terminate!();
    }
    let (height, width, c_in, c_out) = (y.shape(1), y.shape(2), x.shape(3), y.shape(3));
    let pixel = ABSOLUTE_POS / c_out;
    let channel = ABSOLUTE_POS % c_out;
    let column = pixel % width;
    let row = pixel / width % height;
    let mut sum = bias[channel];
    for tap in 0..taps {
        // One further down and right than the neighbour is, so that no position is negative.
        let (down, right) = if taps == 9 { (row + tap / 3, column + tap % 3) } else { (row + 1, column + 1) };
        if down >= 1 && down <= height && right >= 1 && right <= width {
            let neighbour = pixel + down * width + right - (row * width + column) - width - 1;
            let from = neighbour * x.stride(2);
            let weights = tap * tap_stride + channel;
            for c in 0..c_in {
                sum += x[from + c] * weight[weights + c * channel_stride];
            }
        }
    }
    y[ABSOLUTE_POS] = if relu { max(sum, 0.0) } else { sum };
}

/// The coupling, or its inverse. `net` holds t, or t and r, `y` the channels of `x`.
#[cube(launch)]
pub(super) fn couple(
    x: &Tensor<f32>,
    net: &Tensor<f32>,
    y: &mut Tensor<f32>,
    #[comptime] affine: bool,
    #[comptime] inverse: bool,
) {
    if ABSOLUTE_POS >= y.len() {
        terminate!();
    }
    let (channels, half) = (y.shape(3), y.shape(3) / 2);
    let pixel = ABSOLUTE_POS / channels;
    let channel = ABSOLUTE_POS % channels;
    let value = x[pixel * x.stride(2) + channel];
    if channel < half {
        y[ABSOLUTE_POS] = value;
    } else {
        let at = pixel * net.stride(2) + channel - half;
        let t = net[at];
        if affine {
            let scale = f32::exp(log_sigmoid(net[at + half] + 2.0));
            y[ABSOLUTE_POS] = if inverse { value / scale - t } else { (value + t) * scale };
        } else {
            y[ABSOLUTE_POS] = if inverse { value - t } else { value + t };
        }
    }
}

/// `log sigmoid(r + 2)` of a network's t and r.
#[cube(launch)]
pub(super) fn log_scale(net: &Tensor<f32>, y: &mut Tensor<f32>) {
    if ABSOLUTE_POS >= y.len() {
        terminate!();
    }
    let half = y.shape(3);
    y[ABSOLUTE_POS] = log_sigmoid(net[ABSOLUTE_POS / half * net.stride(2) + half + ABSOLUTE_POS % half] + 2.0);
}

#[cube]
fn log_sigmoid(v: f32) -> f32 {
    min(v, 0.0) - f32::log1p(f32::exp(-f32::abs(v)))
}
