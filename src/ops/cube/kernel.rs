//! The GPU's programs. A thread computes a tile of the output: a few pixels of a row, a vector of channels. What it reads
//! of weights serves all the pixels, what it reads of pixels all the channels: such a program is bound by its reads.

#![allow(clippy::used_underscore_binding)] // By which a launch says what a type parameter is.

use cubecl::prelude::*;

/// Pixels of a tile.
pub(super) const COLUMNS: usize = 4;

/// How the weights of a convolution lie: `tap, c, channel` stands at `tap tap_stride + c channel_stride + channel`.
#[derive(CubeType, CubeLaunch)]
pub(super) struct Filter {
    pub(super) c_in: usize,
    pub(super) tap_stride: usize,
    pub(super) channel_stride: usize,
}

#[derive(CubeType)]
pub(super) struct Tile {
    /// The first pixel, counted over the batch.
    pub(super) pixel: usize,
    row: usize,
    pub(super) column: usize,
    height: usize,
    pub(super) width: usize,
    /// The first channel, counted in vectors.
    pub(super) channel: usize,
}

/// Of the tiles of `[b, height, width, vectors]`, this thread's.
#[cube]
pub(super) fn tile(height: usize, width: usize, vectors: usize) -> Tile {
    let channel = ABSOLUTE_POS % vectors;
    let tile = ABSOLUTE_POS / vectors;
    let tiles = width.div_ceil(COLUMNS);
    let column = tile % tiles * COLUMNS;
    let line = tile / tiles;
    Tile { pixel: line * width + column, row: line % height, column, height, width, channel }
}

/// A convolution of one tap or of 3x3 with zero padding, over the first channels of `x`: a vector of its channels at a tile. Weights
/// may be f16.
#[cube]
pub(super) fn tap_sums<W: Float, M: Size, N: Size>(
    x: &Tensor<Vector<f32, M>>,
    weight: &Tensor<Vector<W, N>>,
    bias: &Tensor<Vector<f32, N>>,
    filter: &Filter,
    tile: &Tile,
    channel: usize,
    #[comptime] side: usize,
) -> Array<Vector<f32, N>> {
    let reach = comptime!(side / 2);
    let inputs = x.vector_size();
    let outputs = weight.vector_size();
    let x_stride = x.stride(2) / inputs;
    let mut sums = Array::<Vector<f32, N>>::new(COLUMNS);
    #[unroll]
    for i in 0..COLUMNS {
        sums[i] = bias[channel];
    }
    for down in 0..side {
        // Neighbours are counted from the one up and left on, so that no position is negative.
        let row = tile.row + down;
        for c in 0..filter.c_in / inputs {
            let mut values = Sequence::<Vector<f32, M>>::new();
            #[unroll]
            for i in 0..comptime!(COLUMNS + side - 1) {
                let column = tile.column + i;
                let inside =
                    row >= reach && row < tile.height + reach && column >= reach && column < tile.width + reach;
                let neighbour = tile.pixel + down * tile.width + i - reach * tile.width - reach;
                let value = x[select(inside, neighbour * x_stride + c, 0)];
                values.push(select(inside, value, Vector::new(0.0)));
            }
            #[unroll]
            for k in 0..inputs {
                #[unroll]
                for right in 0..side {
                    let tap = down * side + right;
                    let at = tap * filter.tap_stride + (c * inputs + k) * filter.channel_stride;
                    let weight = Vector::<f32, N>::cast_from(weight[at / outputs + channel]);
                    #[unroll]
                    for i in 0..COLUMNS {
                        sums[i] += Vector::new(values[i + right].extract(k)) * weight;
                    }
                }
            }
        }
    }
    sums
}

/// A convolution, then ReLU, or the gradient of one that gave `gate`: 0 where that is.
#[cube(launch)]
pub(super) fn convolution<W: Float, M: Size, N: Size>(
    x: &Tensor<Vector<f32, M>>,
    weight: &Tensor<Vector<W, N>>,
    bias: &Tensor<Vector<f32, N>>,
    gate: ComptimeOption<OwnedTensor<Vector<f32, N>>>,
    y: &mut Tensor<Vector<f32, N>>,
    filter: Filter,
    #[comptime] side: usize,
    #[comptime] relu: bool,
    #[define(W)] _weights: ElemType,
) {
    let vectors = y.shape(3) / y.vector_size();
    let tile = tile(y.shape(1), y.shape(2), vectors);
    if tile.pixel >= y.shape(0) * y.shape(1) * y.shape(2) {
        terminate!();
    }
    let sums = tap_sums::<W, M, N>(x, weight, bias, &filter, &tile, tile.channel, side);
    let zero = Vector::new(0.0);
    #[unroll]
    for i in 0..COLUMNS {
        if tile.column + i < tile.width {
            let at = (tile.pixel + i) * vectors + tile.channel;
            let sum = if relu { max(sums[i], zero) } else { sums[i] };
            #[comptime]
            match &gate {
                ComptimeOption::Some(gate) => y[at] = select_many(gate[at].greater_than(&zero), sum, zero),
                ComptimeOption::None => y[at] = sum,
            }
        }
    }
}

/// The last convolution of an additive coupling's network, which gives t, and the coupling or its inverse.
#[cube(launch)]
pub(super) fn couple_additive<M: Size, N: Size>(
    hidden: &Tensor<Vector<f32, M>>,
    weight: &Tensor<Vector<f32, N>>,
    bias: &Tensor<Vector<f32, N>>,
    x: &Tensor<Vector<f32, N>>,
    y: &mut Tensor<Vector<f32, N>>,
    filter: Filter,
    #[comptime] inverse: bool,
) {
    let half = y.shape(3) / y.vector_size() / 2;
    let tile = tile(y.shape(1), y.shape(2), half);
    if tile.pixel >= y.shape(0) * y.shape(1) * y.shape(2) {
        terminate!();
    }
    let t = tap_sums::<f32, M, N>(hidden, weight, bias, &filter, &tile, tile.channel, 3usize);
    #[unroll]
    for i in 0..COLUMNS {
        if tile.column + i < tile.width {
            let from = (tile.pixel + i) * (x.stride(2) / x.vector_size()) + tile.channel;
            let to = (tile.pixel + i) * 2 * half + tile.channel;
            y[to] = x[from];
            y[to + half] = if inverse { x[from + half] - t[i] } else { x[from + half] + t[i] };
        }
    }
}

/// The last convolution of an affine coupling's network, which gives t and r, and the coupling. `before`, one number,
/// and the logarithms of a pixel's scales are summed by a cube that computes all its channels.
#[cube(launch)]
pub(super) fn couple_affine<M: Size, N: Size>(
    hidden: &Tensor<Vector<f32, M>>,
    weight: &Tensor<Vector<f32, N>>,
    bias: &Tensor<Vector<f32, N>>,
    x: &Tensor<Vector<f32, N>>,
    before: &Tensor<f32>,
    y: &mut Tensor<Vector<f32, N>>,
    log_det: &mut Tensor<f32>,
    filter: Filter,
    #[comptime] threads: usize,
) {
    let half = y.shape(3) / y.vector_size() / 2;
    let tile = tile(y.shape(1), y.shape(2), half);
    // All threads wait for each other below, also those without a pixel.
    let inside = tile.pixel < y.shape(0) * y.shape(1) * y.shape(2);
    let t = tap_sums::<f32, M, N>(hidden, weight, bias, &filter, &tile, tile.channel, 3usize);
    let r = tap_sums::<f32, M, N>(hidden, weight, bias, &filter, &tile, tile.channel + half, 3usize);
    let mut shared = Shared::<[f32]>::new_slice(comptime!(threads * COLUMNS));
    let thread = UNIT_POS as usize * COLUMNS;
    #[unroll]
    for i in 0..COLUMNS {
        let log = log_sigmoid::<N>(r[i] + Vector::new(2.0));
        if inside && tile.column + i < tile.width {
            let pixel = tile.pixel + i;
            let from = pixel * (x.stride(2) / x.vector_size()) + tile.channel;
            let to = pixel * 2 * half + tile.channel;
            y[to] = x[from];
            y[to + half] = (x[from + half] + t[i]) * Vector::exp(log);
        }
        let mut sum = f32::new(0.0);
        #[unroll]
        for k in 0..y.vector_size() {
            sum += log.extract(k);
        }
        shared[thread + i] = sum;
    }
    sync_cube();
    if inside && tile.channel == 0 {
        #[unroll]
        for i in 0..COLUMNS {
            if tile.column + i < tile.width {
                let mut sum = before[0];
                for vector in 0..half {
                    sum += shared[thread + vector * COLUMNS + i];
                }
                log_det[tile.pixel + i] = sum;
            }
        }
    }
}

/// The inverse of [`couple_affine`].
#[cube(launch)]
pub(super) fn uncouple_affine<M: Size, N: Size>(
    hidden: &Tensor<Vector<f32, M>>,
    weight: &Tensor<Vector<f32, N>>,
    bias: &Tensor<Vector<f32, N>>,
    y: &Tensor<Vector<f32, N>>,
    x: &mut Tensor<Vector<f32, N>>,
    filter: Filter,
) {
    let half = x.shape(3) / x.vector_size() / 2;
    let tile = tile(x.shape(1), x.shape(2), half);
    if tile.pixel >= x.shape(0) * x.shape(1) * x.shape(2) {
        terminate!();
    }
    let t = tap_sums::<f32, M, N>(hidden, weight, bias, &filter, &tile, tile.channel, 3usize);
    let r = tap_sums::<f32, M, N>(hidden, weight, bias, &filter, &tile, tile.channel + half, 3usize);
    #[unroll]
    for i in 0..COLUMNS {
        if tile.column + i < tile.width {
            let from = (tile.pixel + i) * (y.stride(2) / y.vector_size()) + tile.channel;
            let to = (tile.pixel + i) * 2 * half + tile.channel;
            x[to] = y[from];
            x[to + half] = y[from + half] / Vector::exp(log_sigmoid::<N>(r[i] + Vector::new(2.0))) - t[i];
        }
    }
}

/// A split undone: the convolution that gives mean and log sigma of the second half, and that half of its latents.
#[cube(launch)]
pub(super) fn colour<N: Size>(
    z1: &Tensor<Vector<f32, N>>,
    weight: &Tensor<Vector<f32, N>>,
    bias: &Tensor<Vector<f32, N>>,
    eps: &Tensor<Vector<f32, N>>,
    y: &mut Tensor<Vector<f32, N>>,
    filter: Filter,
    most: f32,
) {
    let half = y.shape(3) / y.vector_size() / 2;
    let tile = tile(y.shape(1), y.shape(2), half);
    if tile.pixel >= y.shape(0) * y.shape(1) * y.shape(2) {
        terminate!();
    }
    let mean = tap_sums::<f32, N, N>(z1, weight, bias, &filter, &tile, tile.channel, 3usize);
    let log_sigma = tap_sums::<f32, N, N>(z1, weight, bias, &filter, &tile, tile.channel + half, 3usize);
    #[unroll]
    for i in 0..COLUMNS {
        if tile.column + i < tile.width {
            let pixel = tile.pixel + i;
            let to = pixel * 2 * half + tile.channel;
            let bounded = max(min(log_sigma[i], Vector::new(most)), Vector::new(-most));
            let latents = eps[pixel * half + tile.channel];
            y[to] = z1[pixel * (z1.stride(2) / z1.vector_size()) + tile.channel];
            y[to + half] = latents * Vector::exp(bounded) + mean[i];
        }
    }
}

#[cube]
fn log_sigmoid<N: Size>(v: Vector<f32, N>) -> Vector<f32, N> {
    min(v, Vector::new(0.0)) - Vector::log1p(Vector::exp(-Vector::abs(v)))
}
