//! The programs that sum over pixels.

use cubecl::prelude::*;

use super::super::kernel::{COLUMNS, Filter, tap_sums, tile};

/// The gradient of a convolution's weights and, `weights` numbers behind them, of its bias: what each pixel was given times the
/// gradient by what it gave, summed over a run of lines for each of the parts, from `start` on. A thread has a vector of inputs,
/// a vector of outputs and a row of the kernel; it goes along the lines with a window of the inputs.
#[cube(launch)]
pub(super) fn partial_sums<M: Size, N: Size>(
    x: &Tensor<Vector<f32, M>>,
    grad: &Tensor<Vector<f32, N>>,
    sums: &mut Tensor<Vector<f32, N>>,
    filter: Filter,
    start: usize,
    weights: usize,
    height: usize,
    width: usize,
    all_lines: usize,
    #[comptime] side: usize,
) {
    let (inputs, outputs) = (x.vector_size(), grad.vector_size());
    let reach = comptime!(side / 2);
    let x_stride = x.stride(2) / inputs;
    let grad_stride = grad.stride(2) / outputs;
    let channels = grad.shape(3) / outputs;
    let c_ins = filter.c_in / inputs;
    let channel = ABSOLUTE_POS % channels;
    let c = ABSOLUTE_POS / channels % c_ins;
    let down = ABSOLUTE_POS / channels / c_ins % side;
    let part = ABSOLUTE_POS / channels / c_ins / side;
    if part >= sums.shape(2) {
        terminate!();
    }
    let mut products = Array::<Vector<f32, N>>::new(comptime!(side * inputs));
    #[unroll]
    for i in 0..comptime!(side * inputs) {
        products[i] = Vector::new(0.0);
    }
    let mut bias = Vector::<f32, N>::new(0.0);
    let lines = all_lines.div_ceil(sums.shape(2));
    let first = part * lines;
    let last = min(first + lines, all_lines);
    for line in first..last {
        let row = line % height + down;
        if row >= reach && row < height + reach {
            let from = (line + down - reach) * width;
            let mut window = Array::<Vector<f32, M>>::new(side);
            #[unroll]
            for right in 0..side {
                window[right] = Vector::new(0.0);
            }
            if comptime!(side == 3) {
                window[2] = x[from * x_stride + c];
            }
            for column in 0..width {
                let ahead = column + reach;
                let inside = ahead < width;
                let value = x[select(inside, from + ahead, 0) * x_stride + c];
                let value = select(inside, value, Vector::new(0.0));
                if comptime!(side == 3) {
                    window[0] = window[1];
                    window[1] = window[2];
                    window[2] = value;
                } else {
                    window[0] = value;
                }
                let grad = grad[(line * width + column) * grad_stride + channel];
                bias += grad;
                #[unroll]
                for right in 0..side {
                    #[unroll]
                    for k in 0..inputs {
                        products[right * inputs + k] += Vector::new(window[right].extract(k)) * grad;
                    }
                }
            }
        }
    }
    let start = (part * sums.shape(3) + start) / outputs + channel;
    #[unroll]
    for right in 0..side {
        let tap = down * side + right;
        #[unroll]
        for k in 0..inputs {
            let at = tap * filter.tap_stride + (c * inputs + k) * filter.channel_stride;
            sums[start + at / outputs] = products[right * inputs + k];
        }
    }
    if down == reach && c == 0 {
        sums[start + weights / outputs] = bias;
    }
}

/// Adds up the parts, into `values` from `start` on. A cube makes `wide` sums, `deep` parts at a time.
#[cube(launch)]
pub(super) fn total(
    parts: &Tensor<f32>,
    values: &mut Tensor<f32>,
    start: usize,
    #[comptime] wide: usize,
    #[comptime] deep: usize,
) {
    let length = parts.shape(3);
    let at = CUBE_POS_X as usize * wide + UNIT_POS_X as usize;
    let mut sum = f32::new(0.0);
    if at < length {
        let mut part = UNIT_POS_Y as usize;
        while part < parts.shape(2) {
            sum += parts[part * length + at];
            part += deep;
        }
    }
    let mut shared = Shared::<[f32]>::new_slice(comptime!(wide * deep));
    shared[UNIT_POS as usize] = sum;
    sync_cube();
    if UNIT_POS_Y == 0 && at < length {
        let mut sum = f32::new(0.0);
        #[unroll]
        for i in 0..deep {
            sum += shared[i * wide + UNIT_POS_X as usize];
        }
        values[start + at] = sum;
    }
}

/// `x` with a 3x3 convolution of `hidden` added to its first half.
#[cube(launch)]
pub(super) fn add_to_first<M: Size, N: Size>(
    hidden: &Tensor<Vector<f32, M>>,
    weight: &Tensor<Vector<f32, N>>,
    bias: &Tensor<Vector<f32, N>>,
    x: &Tensor<Vector<f32, N>>,
    y: &mut Tensor<Vector<f32, N>>,
    filter: Filter,
) {
    let half = y.shape(3) / y.vector_size() / 2;
    let tile = tile(y.shape(1), y.shape(2), half);
    if tile.pixel >= y.shape(0) * y.shape(1) * y.shape(2) {
        terminate!();
    }
    let more = tap_sums::<f32, M, N>(hidden, weight, bias, &filter, &tile, tile.channel, 3usize);
    #[unroll]
    for i in 0..COLUMNS {
        if tile.column + i < tile.width {
            let at = (tile.pixel + i) * 2 * half + tile.channel;
            y[at] = x[at] + more[i];
            y[at + half] = x[at + half];
        }
    }
}
