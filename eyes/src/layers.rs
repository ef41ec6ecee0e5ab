//! Layers of small convolutional networks, `[height, width, channel]`.

use crate::weights::Weights;

/// A square map of features.
#[derive(Clone)]
pub struct Map {
    side: usize,
    channels: usize,
    pub values: Vec<f32>,
}

impl Map {
    fn new(side: usize, channels: usize) -> Self {
        Self { side, channels, values: vec![0.0; side * side * channels] }
    }

    /// RGB of 0 to 255, less the mean of what the network was trained on.
    pub fn from_rgb(values: Vec<f32>, side: usize, mean: [f32; 3]) -> Self {
        let values = values.chunks(3).flat_map(|rgb| [0, 1, 2].map(|c| (rgb[c] - mean[c]) / 255.0)).collect();
        Self { side, channels: 3, values }
    }

    pub fn map(mut self, f: impl Fn(f32) -> f32) -> Self {
        self.values.iter_mut().for_each(|value| *value = f(*value));
        self
    }

    pub fn plus(mut self, other: &Self) -> Self {
        self.values.iter_mut().zip(&other.values).for_each(|(value, other)| *value += other);
        self
    }

    fn plus_each(mut self, bias: &[f32]) -> Self {
        for pixel in self.values.chunks_mut(self.channels) {
            pixel.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
        }
        self
    }

    fn pixel(&self, row: usize, column: usize) -> &[f32] {
        let at = (row * self.side + column) * self.channels;
        &self.values[at..at + self.channels]
    }

    /// The largest of every 2x2, `stride` apart; at the right and the bottom of what is there.
    pub fn pool(&self, stride: usize) -> Self {
        let mut pooled = Self::new(self.side.div_ceil(stride), self.channels);
        for (i, to) in pooled.values.chunks_mut(self.channels).enumerate() {
            let (row, column) = (i / pooled.side * stride, i % pooled.side * stride);
            to.fill(f32::MIN);
            for row in row..(row + 2).min(self.side) {
                for column in column..(column + 2).min(self.side) {
                    to.iter_mut().zip(self.pixel(row, column)).for_each(|(to, from)| *to = to.max(*from));
                }
            }
        }
        pooled
    }

    /// The mean of every channel.
    pub fn mean(&self) -> Self {
        let mut mean = Self::new(1, self.channels);
        for pixel in self.values.chunks(self.channels) {
            mean.values.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
        }
        mean.map(|sum| sum / (self.side * self.side) as f32)
    }
}

/// How a 3x3 window walks over a map.
#[derive(Clone, Copy)]
pub struct Walk {
    stride: usize,
    /// Zeros to the left and on top.
    before: usize,
    /// Zeros to the right and at the bottom.
    after: usize,
}

impl Walk {
    /// Every pixel.
    pub const SAME: Self = Self { stride: 1, before: 1, after: 1 };
    /// Every second one, of a map of even side.
    pub const HALF: Self = Self { stride: 2, before: 0, after: 1 };
    /// Where it fits.
    pub const INSIDE: Self = Self { stride: 1, before: 0, after: 0 };

    /// A map of `channels`; `tap` is called with each of its pixels, each tap of the window, and the pixel under it.
    fn over(self, map: &Map, channels: usize, mut tap: impl FnMut(&mut [f32], usize, &[f32])) -> Map {
        let side = (map.side + self.before + self.after - 3) / self.stride + 1;
        let mut out = Map::new(side, channels);
        for (i, to) in out.values.chunks_mut(channels).enumerate() {
            for t in 0..9 {
                let row = (i / side * self.stride + t / 3).wrapping_sub(self.before);
                let column = (i % side * self.stride + t % 3).wrapping_sub(self.before);
                if row < map.side && column < map.side {
                    tap(to, t, map.pixel(row, column));
                }
            }
        }
        out
    }
}

/// Adds a pixel times a matrix, `[from, to]`.
fn multiply_add(to: &mut [f32], from: &[f32], matrix: &[f32]) {
    for (value, row) in from.iter().zip(matrix.chunks(to.len())) {
        to.iter_mut().zip(row).for_each(|(to, weight)| *to += value * weight);
    }
}

/// A 3x3 convolution.
pub struct Conv {
    filters: Vec<f32>,
    bias: Vec<f32>,
}

impl Conv {
    pub fn read(weights: &mut Weights, from: usize, to: usize) -> Self {
        Self { filters: weights.take(9 * from * to), bias: weights.take(to) }
    }

    pub fn run(&self, map: &Map, walk: Walk) -> Map {
        let taps: Vec<_> = self.filters.chunks(self.filters.len() / 9).collect();
        walk.over(map, self.bias.len(), |to, tap, from| multiply_add(to, from, taps[tap])).plus_each(&self.bias)
    }
}

/// A matrix that every pixel is multiplied with.
pub struct Dense {
    matrix: Vec<f32>,
    bias: Vec<f32>,
}

impl Dense {
    pub fn read(weights: &mut Weights, from: usize, to: usize) -> Self {
        Self { matrix: weights.take(from * to), bias: weights.take(to) }
    }

    pub fn run(&self, map: &Map) -> Map {
        let mut out = Map::new(map.side, self.bias.len());
        for (to, from) in out.values.chunks_mut(self.bias.len()).zip(map.values.chunks(map.channels)) {
            multiply_add(to, from, &self.matrix);
        }
        out.plus_each(&self.bias)
    }
}

/// A 3x3 convolution of every channel by itself, then a matrix between them.
pub struct Separable {
    depthwise: Vec<f32>,
    pointwise: Dense,
}

impl Separable {
    pub fn read(weights: &mut Weights, from: usize, to: usize) -> Self {
        Self { depthwise: weights.take(9 * from), pointwise: Dense::read(weights, from, to) }
    }

    pub fn run(&self, map: &Map, walk: Walk) -> Map {
        let taps: Vec<_> = self.depthwise.chunks(map.channels).collect();
        self.pointwise.run(&walk.over(map, map.channels, |to, tap, from| {
            to.iter_mut().zip(from).zip(taps[tap]).for_each(|((to, from), weight)| *to += from * weight);
        }))
    }
}
