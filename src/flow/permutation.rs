//! Channel permutations as matrices: `y = W x` at every pixel. A row of channels is multiplied by W^T from the right. The flow
//! has them in its [`Mixing`](super::Mixing); forward and inverse stand here to be read, and for tests to compare with.

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use nalgebra::DMatrix;
use rand_distr::uniform::SampleRange;

use super::zero_conv::zeros;
use super::{Init, matrix};
use crate::config::PermutationKind;
use crate::ops::linear;

/// Mixes the channels.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // Burn has no boxed modules; a model has few of these.
pub enum Permutation {
    /// Reversed or shuffled channels.
    Fixed(Fixed),
    /// The invertible 1x1 convolution.
    Conv1x1(Conv1x1),
}

/// A permutation that is not trained.
#[derive(Module, Debug)]
pub struct Fixed {
    /// W, `[c, c]`, of zeros and ones.
    pub matrix: Param<Tensor<2>>,
}

/// The invertible 1x1 convolution in LU form, `W = P (L + I) (U + diag(sign exp(log_abs_s)))` with L and U strictly
/// triangular (Glow, arXiv 1807.03039, equation 10). All are `[c, c]` or `[c]`; P and the signs are not trained.
#[derive(Module, Debug)]
pub struct Conv1x1 {
    /// P, of zeros and ones.
    pub p: Param<Tensor<2>>,
    /// L; what stands on and above the diagonal is not read.
    pub l: Param<Tensor<2>>,
    /// U; what stands on and below the diagonal is not read.
    pub u: Param<Tensor<2>>,
    /// Signs of the diagonal.
    pub sign: Param<Tensor<1>>,
    /// log|s|.
    pub log_abs_s: Param<Tensor<1>>,
}

impl Permutation {
    /// A new permutation of `channels` channels; a 1x1 convolution begins as a random rotation.
    pub fn new(kind: PermutationKind, channels: usize, init: &mut Init, device: &Device) -> Self {
        match kind {
            PermutationKind::Reverse => Self::Fixed(Fixed::new((0..channels).rev().collect(), device)),
            PermutationKind::Shuffle => Self::Fixed(Fixed::new(shuffle(channels, init), device)),
            PermutationKind::Conv1x1 => Self::Conv1x1(match init {
                Init::Random(_) => Conv1x1::new(&matrix::rotation(channels, init), device),
                Init::Blank => Conv1x1::blank(channels, device),
            }),
        }
    }

    /// W, `[c, c]`.
    pub fn weight(&self) -> Tensor<2> {
        match self {
            Self::Fixed(fixed) => fixed.matrix.val(),
            Self::Conv1x1(conv) => conv.weight(),
        }
    }

    /// W and its inverse on the host, row by row.
    pub(super) fn on_host(&self) -> [Vec<f64>; 2] {
        match self {
            Self::Fixed(Fixed { matrix }) => [matrix.val(), matrix.val().transpose()].map(matrix::to_rows),
            Self::Conv1x1(conv) => conv.on_host(),
        }
    }

    /// `log|det W|`, `[1]`.
    pub fn log_det(&self) -> Tensor<1> {
        match self {
            Self::Fixed(fixed) => Tensor::zeros([1], &fixed.matrix.val().device()),
            Self::Conv1x1(conv) => conv.log_abs_s.val().sum(),
        }
    }

    /// `y = W x`, `log_det = log|det W|`.
    pub fn forward(&self, x: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        (apply(x, self.weight().transpose()), self.log_det().unsqueeze())
    }

    /// `x = W^-1 y`, with the inverse computed on the host in f64.
    pub fn inverse(&self, y: Tensor<4>) -> Tensor<4> {
        let inverse = matrix::inverse(matrix::download(self.weight()));
        let inverse = matrix::upload(&inverse.transpose(), &y.device());
        apply(y, inverse)
    }
}

impl Fixed {
    /// `y[c] = x[index[c]]`.
    pub fn new(index: Vec<usize>, device: &Device) -> Self {
        let mut matrix = DMatrix::zeros(index.len(), index.len());
        for (to, from) in index.into_iter().enumerate() {
            matrix[(to, from)] = 1.0;
        }
        Self { matrix: constant(matrix::upload(&matrix, device)) }
    }
}

impl Conv1x1 {
    /// The factors of `weight`.
    pub(super) fn new(weight: &DMatrix<f64>, device: &Device) -> Self {
        let n = weight.nrows();
        let (permutation, l, u) = weight.clone().lu().unpack();
        let mut p = DMatrix::identity(n, n);
        permutation.inv_permute_rows(&mut p);
        let s = u.diagonal();
        let vector = |values: nalgebra::DVector<f64>| {
            let values: Vec<f32> = values.iter().map(|v| *v as f32).collect();
            Tensor::<1>::from_floats(values.as_slice(), device)
        };
        Self {
            p: constant(matrix::upload(&p, device)),
            l: Param::from_tensor(matrix::upload(&(l - DMatrix::identity(n, n)), device)),
            u: Param::from_tensor(matrix::upload(&(&u - DMatrix::from_diagonal(&s)), device)),
            sign: constant(vector(s.map(f64::signum))),
            log_abs_s: Param::from_tensor(vector(s.map(|s| s.abs().ln()))),
        }
    }

    /// Room for factors that are still to come.
    fn blank(n: usize, device: &Device) -> Self {
        let matrix = || zeros([n, n], device);
        let vector = || Tensor::zeros([n], device);
        Self {
            p: constant(matrix()),
            l: Param::from_tensor(matrix()),
            u: Param::from_tensor(matrix()),
            sign: constant(vector()),
            log_abs_s: Param::from_tensor(vector()),
        }
    }

    fn weight(&self) -> Tensor<2> {
        let [lower, upper] = self.triangles();
        self.p.val().matmul(lower).matmul(upper)
    }

    fn on_host(&self) -> [Vec<f64>; 2] {
        let [p, l, mut u] = [&self.p, &self.l, &self.u].map(|matrix| matrix::to_rows(matrix.val()));
        let s = matrix::to_rows(self.s());
        let n = s.len();
        s.iter().enumerate().for_each(|(i, s)| u[i * n + i] = *s);
        let [product, inverse] = matrix::triangles(&l, &u, n);
        // P moves the rows of the one, and the columns of the other.
        let moved = p.chunks(n).map(|row| row.iter().position(|one| *one == 1.0).unwrap_or(0));
        let moved: Vec<usize> = moved.collect();
        let weight = moved.iter().flat_map(|i| &product[i * n..][..n]).copied().collect();
        let inverse = inverse.chunks(n).flat_map(|row| moved.iter().map(|i| row[*i])).collect();
        [weight, inverse]
    }

    /// L with its diagonal of ones, and U with s on its diagonal.
    pub fn triangles(&self) -> [Tensor<2>; 2] {
        let (l, u) = (self.l.val(), self.u.val());
        let n = l.dims()[0];
        let [below, diagonal] = [below, diagonal].map(|mask| mask(n, &l.device()));
        [l * below.clone() + diagonal.clone(), u * below.transpose() + diagonal * self.s().reshape([1, n])]
    }

    /// `sign exp(log_abs_s)`, `[c]`.
    pub fn s(&self) -> Tensor<1> {
        self.log_abs_s.val().exp() * self.sign.val()
    }
}

/// Ones below the diagonal, `[n, n]`.
pub fn below(n: usize, device: &Device) -> Tensor<2> {
    mask(n, device, |row, column| row > column)
}

/// Ones on it.
pub fn diagonal(n: usize, device: &Device) -> Tensor<2> {
    mask(n, device, |row, column| row == column)
}

/// From the host: on a device it takes several operations.
fn mask(n: usize, device: &Device, ones: fn(usize, usize) -> bool) -> Tensor<2> {
    let values = (0..n * n).map(|i| f32::from(u8::from(ones(i / n, i % n)))).collect();
    Tensor::from_data(TensorData::new::<f32, _>(values, [n, n]), device)
}

fn apply(x: Tensor<4>, matrix: Tensor<2>) -> Tensor<4> {
    let shift = Tensor::zeros([x.dims()[3]], &x.device());
    linear(x, matrix, shift)
}

/// A parameter that is stored but not trained.
fn constant<const D: usize>(tensor: Tensor<D>) -> Param<Tensor<D>> {
    Param::from_tensor(tensor).set_require_grad(false)
}

/// An order of `0..n`, drawn as Fisher and Yates do.
fn shuffle(n: usize, init: &mut Init) -> Vec<usize> {
    let mut index: Vec<usize> = (0..n).collect();
    if let Init::Random(rng) = init {
        for i in (1..n).rev() {
            index.swap(i, (0..=i).sample_single(rng).expect("a range that is not empty"));
        }
    }
    index
}
