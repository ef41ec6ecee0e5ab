//! The coupling network's passes in training, in tiles of a few images whose activations stay in the cache. The way back is that of
//! the network [turned round](NetWeights::turned), and adds up what the weights' gradients are made of.
//!
//! A batch is cut into shards elsewhere: here all is done on one thread, in one order.

use pulp::Arch;

use super::products::{Gradient, Products, Then};
#[cfg(doc)]
use crate::ops::NetWeights;
use crate::ops::taps::inside;

/// Rows of a product: enough for it to be fast, few enough for the second-level cache.
const BLOCK_PIXELS: usize = 256;
/// Numbers that are copied at a time, some of them beyond those that are meant.
const RUN: usize = 16;
/// Channels that are added up at a time.
const CHANNELS: usize = 8;

/// Channels of the pixels of a batch, `[images, h, w, c]`, a `stride` of numbers apart.
#[derive(Clone, Copy)]
pub struct Pixels<'a> {
    pub values: &'a [f32],
    pub stride: usize,
    pub size: [usize; 4],
}

/// What a way forward gives: the output, `[pixels, c_out]`, and the hidden activations after their ReLUs, `[pixels, hidden]` each.
pub struct Kept<N> {
    pub y: Vec<f32>,
    pub first: Vec<N>,
    pub second: Vec<N>,
    /// With the padding.
    pub hidden: usize,
}

/// The network's output and hidden activations, by w0, b0, w1, b1, w2, b2.
pub fn forward<P: Products>(products: P, x: &Pixels, [w0, b0, w1, b1, w2, b2]: [&[f32]; 6]) -> Kept<P::Number> {
    let [images, h, w, c_in] = x.size;
    let (n, c_out) = (b0.len(), b2.len());
    let layers = [(w0, n), (w1, n), (w2, 9 * c_out)].map(|(weight, columns)| products.weight(weight, columns));
    let hidden = layers[0].columns;
    let [b0, b1] = [b0, b1].map(|bias| padded(bias, hidden));
    let mut y = b2.repeat(images * h * w);
    let mut first = vec![P::Number::default(); images * h * w * hidden];
    let mut second = vec![P::Number::default(); images * h * w * hidden];
    let mut windows = Windows::new(products, [h, w, c_in]);
    let mut taps = Vec::new();
    let rows = windows.tile(images) * h * w;
    let hidden_tiles = first.chunks_mut(rows * hidden).zip(second.chunks_mut(rows * hidden));
    for (i, (y, (first, second))) in y.chunks_mut(rows * c_out).zip(hidden_tiles).enumerate() {
        windows.take(x, i * rows);
        taps.resize(first.len() / hidden * layers[2].columns + CHANNELS, 0.0);
        let blocks = first.chunks_mut(BLOCK_PIXELS * hidden).zip(second.chunks_mut(BLOCK_PIXELS * hidden));
        for ((block, (first, second)), taps) in
            blocks.enumerate().zip(taps.chunks_mut(BLOCK_PIXELS * layers[2].columns))
        {
            let rows = first.len() / hidden;
            let around = windows.rows(block * BLOCK_PIXELS, rows);
            products.product(around, &layers[0], Then::Relu(&b0, first));
            products.product((first, hidden), &layers[1], Then::Relu(&b1, second));
            products.product((second, hidden), &layers[2], Then::Store(&mut taps[..rows * layers[2].columns]));
        }
        Arch::new().dispatch(|| scatter(&taps, layers[2].columns, y, c_out, [h, w, c_out]));
    }
    Kept { y, first, second, hidden }
}

/// The gradients of the network's weights, and in `by_x`, whose pixels have any channels, those by its input, added to the first of
/// them: from what it was given, its hidden activations, the gradient by its output and the weights of the network turned round.
pub fn backward<P: Products>(
    products: P,
    x: &Pixels,
    [first, second]: [&[P::Number]; 2],
    by_output: &Pixels,
    [w0, w1, w2]: [&[f32]; 3],
    by_x: &mut [f32],
) -> Gradients {
    let ([images, h, w, c_in], [.., c_out]) = (x.size, by_output.size);
    let n = w0.len() / (9 * c_out);
    let turned = [(w0, n), (w1, n), (w2, 9 * c_in)].map(|(weight, columns)| products.weight(weight, columns));
    let hidden = turned[0].columns;
    let channels = by_x.len() / (images * h * w);
    let mut of_x = Windows::new(products, [h, w, c_in]);
    let mut of_grad = Windows::new(products, [h, w, c_out]);
    let mut layers = [(hidden, of_grad.columns), (hidden, hidden), (of_x.columns, hidden)]
        .map(|(inputs, outputs)| Gradient::new(inputs, outputs));
    let [mut d1, mut d2] = [(); 2].map(|()| vec![P::Number::default(); BLOCK_PIXELS * hidden]);
    let (mut scratch, mut taps) = ([Vec::new(), Vec::new()], Vec::new());
    let rows = of_x.tile(images) * h * w;
    let hidden_tiles = first.chunks(rows * hidden).zip(second.chunks(rows * hidden));
    for (i, (by_x, (first, second))) in by_x.chunks_mut(rows * channels).zip(hidden_tiles).enumerate() {
        of_x.take(x, i * rows);
        of_grad.take(by_output, i * rows);
        taps.resize(first.len() / hidden * turned[2].columns + CHANNELS, 0.0);
        let blocks = first.chunks(BLOCK_PIXELS * hidden).zip(second.chunks(BLOCK_PIXELS * hidden));
        for ((block, (first, second)), taps) in
            blocks.enumerate().zip(taps.chunks_mut(BLOCK_PIXELS * turned[2].columns))
        {
            let rows = first.len() / hidden;
            let [d1, d2] = [&mut d1, &mut d2].map(|d| &mut d[..rows * hidden]);
            let grad = of_grad.rows(block * BLOCK_PIXELS, rows);
            products.product(grad, &turned[0], Then::Mask(second, d2));
            products.outer(second, grad.0, &mut layers[0], &mut scratch);
            products.product((d2, hidden), &turned[1], Then::Mask(first, d1));
            products.outer(first, d2, &mut layers[1], &mut scratch);
            products.product((d1, hidden), &turned[2], Then::Store(&mut taps[..rows * turned[2].columns]));
            products.outer(of_x.rows(block * BLOCK_PIXELS, rows).0, d1, &mut layers[2], &mut scratch);
        }
        Arch::new().dispatch(|| scatter(&taps, turned[2].columns, by_x, channels, [h, w, c_in]));
    }
    Gradients { layers, sizes: [c_in, n, c_out] }
}

/// The gradients by the weights, with their padding, and as the network turned round has its taps.
pub struct Gradients {
    layers: [Gradient; 3],
    /// c_in, n, c_out.
    sizes: [usize; 3],
}

/// Those by w2, b2, w1, b1, w0, b0.
pub fn by_weights(
    Gradients { layers: [last, middle, first], sizes: [c_in, n, c_out] }: Gradients,
) -> [(Vec<f32>, Vec<f32>); 3] {
    // What its neighbours had from a pixel lies at the opposite taps; the pixel itself is the middle one.
    let mut w2 = Vec::with_capacity(n * 9 * c_out);
    for row in last.weight.chunks_exact(last.bias.len()).take(n) {
        for tap in row[..9 * c_out].chunks_exact(c_out).rev() {
            w2.extend_from_slice(tap);
        }
    }
    let b2 = last.bias[4 * c_out..5 * c_out].to_vec();
    let trimmed = |sum: Gradient, inputs| {
        let mut weight = Vec::with_capacity(inputs * n);
        for row in sum.weight.chunks_exact(sum.bias.len()).take(inputs) {
            weight.extend_from_slice(&row[..n]);
        }
        (weight, sum.bias[..n].to_vec())
    };
    [(w2, b2), trimmed(middle, n), trimmed(first, 9 * c_in)]
}

/// The 3x3 neighbourhoods of the pixels of a tile.
struct Windows<P: Products> {
    products: P,
    size: [usize; 3],
    /// Of a row, with the padding.
    columns: usize,
    /// The tile's images with a border of zeros, `[images, h + 2, w + 2, c]`.
    bordered: Vec<P::Number>,
    /// A line of pixels with all channels.
    line: Vec<P::Number>,
    around: Vec<P::Number>,
}

impl<P: Products> Windows<P> {
    fn new(products: P, [h, w, c]: [usize; 3]) -> Self {
        Self {
            products,
            size: [h, w, c],
            columns: (9 * c).next_multiple_of(P::LANES),
            bordered: Vec::new(),
            line: Vec::new(),
            around: Vec::new(),
        }
    }

    /// Images of a tile.
    fn tile(&self, images: usize) -> usize {
        let [h, w, _] = self.size;
        (BLOCK_PIXELS / (h * w)).clamp(1, images)
    }

    /// The images of a tile, from the `first` pixel on.
    fn take(&mut self, x: &Pixels, first: usize) {
        let [h, w, c] = self.size;
        let images = self.tile(x.size[0]).min(x.size[0] - first / (h * w));
        let image = (h + 2) * (w + 2) * c;
        self.bordered.resize(images * image + RUN, P::Number::default());
        self.line.resize((w - 1) * x.stride + c, P::Number::default());
        for (image, pixels) in self.bordered.chunks_exact_mut(image).take(images).zip((first..).step_by(h * w)) {
            for (line, pixels) in image.chunks_exact_mut((w + 2) * c).skip(1).zip((pixels..pixels + h * w).step_by(w)) {
                let from = &x.values[pixels * x.stride..];
                self.products.round(&from[..self.line.len()], &mut self.line);
                for (to, from) in line[c..].chunks_exact_mut(c).zip(self.line.chunks(x.stride)) {
                    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
                }
            }
        }
    }

    /// Rows with the nine neighbours of so many pixels, tap by tap, and their stride.
    fn rows(&mut self, first: usize, rows: usize) -> (&[P::Number], usize) {
        self.around.resize(rows * self.columns + RUN, P::Number::default());
        Arch::new().dispatch(|| gather(&self.bordered, first, &mut self.around, self.columns, self.size));
        (&self.around[..rows * self.columns], self.columns)
    }
}

/// The taps of a line of the window lie side by side already.
#[inline(always)]
fn gather<N: Copy>(bordered: &[N], first: usize, around: &mut [N], columns: usize, [h, w, c]: [usize; 3]) {
    let rows = (around.len() - RUN) / columns;
    let (mut image, mut y, mut x) = (first / (h * w), first / w % h, first % w);
    for row in 0..rows {
        for dy in 0..3 {
            let from = &bordered[((image * (h + 2) + y + dy) * (w + 2) + x) * c..];
            let to = &mut around[row * columns + dy * 3 * c..];
            for i in (0..3 * c).step_by(RUN) {
                to[i..i + RUN].copy_from_slice(&from[i..i + RUN]);
            }
        }
        x += 1;
        if x == w {
            (x, y) = (0, y + 1);
        }
        if y == h {
            (y, image) = (0, image + 1);
        }
    }
}

/// Adds to the first channels of every pixel what its neighbours' taps hold for it: `taps` has rows of `columns`, y pixels of `stride`
/// numbers. Unlike [`taps::scatter`](crate::ops::taps::scatter), of whole images, and of rows with padding.
#[inline(always)]
fn scatter(taps: &[f32], columns: usize, y: &mut [f32], stride: usize, [h, w, c]: [usize; 3]) {
    for (line, y) in y.chunks_exact_mut(w * stride).enumerate() {
        let rows = inside(line % h, h);
        for (column, y) in y.chunks_exact_mut(stride).enumerate() {
            let across = inside(column, w);
            for channel in (0..c).step_by(CHANNELS) {
                let mut sums = [0.0; CHANNELS];
                for dy in rows.clone() {
                    let neighbours = (line + dy - 1) * w + column;
                    for dx in across.clone() {
                        let at = (neighbours + dx - 1) * columns + (3 * dy + dx) * c + channel;
                        sums.iter_mut().zip(&taps[at..at + CHANNELS]).for_each(|(sum, tap)| *sum += tap);
                    }
                }
                y[channel..c.min(channel + CHANNELS)].iter_mut().zip(sums).for_each(|(y, sum)| *y += sum);
            }
        }
    }
}

/// With zeros for the padding.
fn padded(bias: &[f32], columns: usize) -> Vec<f32> {
    let mut bias = bias.to_vec();
    bias.resize(columns, 0.0);
    bias
}
