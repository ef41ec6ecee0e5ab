//! The layers' parts on a GPU: a launch for a convolution with what follows it. Halves of channels are read where they lie.

mod kernel;
#[cfg(feature = "train")]
mod train;

use burn::backend::{Backend, Cube, Dispatch, backend_extension, tensor::FloatTensor};
use burn::tensor::{DType, Shape, Tensor};
use burn_wgpu::CubeTensor;
use cubecl::calculate_cube_count_elemwise;
use cubecl::ir::{ElemType, FloatKind};
use cubecl::prelude::{CubeCount, CubeDim};

use super::NetWeights;
use crate::config::CouplingKind;

#[cfg(feature = "train")]
pub use train::view;
#[cfg(feature = "train")]
pub(super) use train::{Group, Sums, couple_additive, net_backward};

/// Threads of a cube whose threads work together.
const CUBE_THREADS: usize = 64;

/// The coupling, three launches, and `log_det` with its own.
pub(super) fn couple(
    x: Tensor<4>,
    weights: &NetWeights,
    kind: CouplingKind,
    log_det: Tensor<4>,
) -> (Tensor<4>, Tensor<4>) {
    let [hidden, w2, b2] = network(&x, weights);
    let x = x.into_dispatch();
    match kind {
        CouplingKind::Additive => {
            let y = <Dispatch as CubeKernels>::couple_additive(hidden, w2, b2, x, false);
            (Tensor::from_dispatch(y), log_det)
        }
        CouplingKind::Affine => {
            let (y, log_det) = <Dispatch as CubeKernels>::couple_affine(hidden, w2, b2, x, log_det.into_dispatch());
            (Tensor::from_dispatch(y), Tensor::from_dispatch(log_det))
        }
    }
}

/// Its inverse, three launches.
pub(super) fn uncouple(y: Tensor<4>, weights: &NetWeights, kind: CouplingKind) -> Tensor<4> {
    let [hidden, w2, b2] = network(&y, weights);
    let y = y.into_dispatch();
    Tensor::from_dispatch(match kind {
        CouplingKind::Additive => <Dispatch as CubeKernels>::couple_additive(hidden, w2, b2, y, true),
        CouplingKind::Affine => <Dispatch as CubeKernels>::uncouple_affine(hidden, w2, b2, y),
    })
}

/// What the network's last layer is given, and its weights.
fn network(x: &Tensor<4>, weights: &NetWeights) -> [FloatTensor<Dispatch>; 3] {
    let [_, hidden] = hidden(x, weights);
    [hidden.into_dispatch(), weights.w2.clone().into_dispatch(), weights.b2.clone().into_dispatch()]
}

/// The network's hidden activations, of the first channels of `x`.
pub(super) fn hidden(x: &Tensor<4>, weights: &NetWeights) -> [Tensor<4>; 2] {
    let NetWeights { w0, b0, w1, b1, .. } = weights.clone();
    let first = convolution(x.clone(), w0, b0, Layout::TapInOut, Then::Relu);
    [first.clone(), convolution(first, w1, b1, Layout::InOut, Then::Relu)]
}

/// The network's gradient by its input, five launches.
pub(super) fn net_gradient(x: Tensor<4>, grad: Tensor<4>, weights: &NetWeights, turned: &NetWeights) -> Tensor<4> {
    let [first, second] = hidden(&x, weights);
    let NetWeights { w0, b0, w1, b1, w2, b2 } = turned.clone();
    let grad = convolution(grad, w0, b0, Layout::TapInOut, Then::Gate(&second));
    let grad = convolution(grad, w1, b1, Layout::InOut, Then::Gate(&first));
    convolution(grad, w2, b2, Layout::InTapOut, Then::Nothing)
}

/// `x M + v` at every pixel.
pub(super) fn linear(x: Tensor<4>, matrix: Tensor<2>, shift: Tensor<1>) -> Tensor<4> {
    convolution(x, matrix, shift, Layout::InOut, Then::Nothing)
}

/// A 3x3 convolution with a `[c_in, 9 c_out]` matrix.
pub(super) fn conv3x3(x: Tensor<4>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<4> {
    convolution(x, weight, bias, Layout::InTapOut, Then::Nothing)
}

/// A split undone, see [`colour`](super::colour()).
pub(super) fn colour(z1: Tensor<4>, eps: Tensor<4>, weight: Tensor<2>, bias: Tensor<1>, most: f32) -> Tensor<4> {
    let ([z1, eps], weight, bias) =
        ([z1, eps].map(Tensor::into_dispatch), weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(<Dispatch as CubeKernels>::colour(z1, eps, weight, bias, most))
}

/// What follows a convolution.
enum Then<'a> {
    Nothing,
    Relu,
    /// The gradient of the ReLU that gave this.
    Gate(&'a Tensor<4>),
}

/// How a convolution's weights lie: their axes.
#[allow(clippy::enum_variant_names)] // The outputs lie together in each.
#[derive(Clone, Copy, Debug)]
pub(super) enum Layout {
    /// 1x1, `[c_in, c_out]`.
    InOut,
    /// 3x3, `[9 c_in, c_out]`: a row for each tap and input, tap by tap.
    TapInOut,
    /// 3x3, `[c_in, 9 c_out]`: a column for each tap and output, tap by tap.
    InTapOut,
}

impl Layout {
    /// The side of the kernel, the input channels, and how the kernels are told.
    fn filter(self, weight: &CubeTensor, bias: &CubeTensor) -> (usize, usize, kernel::FilterLaunch) {
        assert!(weight.is_contiguous(), "weights lie row by row");
        let [rows, _] = weight.meta.shape().dims();
        let [c_out] = bias.meta.shape().dims();
        let c_in = match self {
            Self::InOut | Self::InTapOut => rows,
            Self::TapInOut => rows / 9,
        };
        let (side, filter) = self.strides(c_in, c_out);
        (side, c_in, filter)
    }

    #[cfg(feature = "train")]
    fn taps(self) -> usize {
        match self {
            Self::InOut => 1,
            Self::TapInOut | Self::InTapOut => 9,
        }
    }

    fn strides(self, c_in: usize, c_out: usize) -> (usize, kernel::FilterLaunch) {
        let (side, tap_stride, channel_stride) = match self {
            Self::InOut => (1, 0, c_out),
            Self::TapInOut => (3, c_in * c_out, c_out),
            Self::InTapOut => (3, c_out, 9 * c_out),
        };
        (side, kernel::FilterLaunch::new(c_in, tap_stride, channel_stride))
    }
}

/// A convolution of the first channels, with zero padding, `[b, h, w, c]` -> `[b, h, w, c_out]`.
fn convolution(x: Tensor<4>, weight: Tensor<2>, bias: Tensor<1>, layout: Layout, then: Then) -> Tensor<4> {
    let (x, weight, bias) = (x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(match then {
        Then::Nothing => <Dispatch as CubeKernels>::convolution(x, weight, bias, layout, false),
        Then::Relu => <Dispatch as CubeKernels>::convolution(x, weight, bias, layout, true),
        Then::Gate(gate) => <Dispatch as CubeKernels>::gated(x, weight, bias, gate.clone().into_dispatch(), layout),
    })
}

#[backend_extension(Cube)]
pub(super) trait CubeKernels: Backend {
    fn convolution(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        layout: Layout,
        relu: bool,
    ) -> FloatTensor<Self>;
    fn gated(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        gate: FloatTensor<Self>,
        layout: Layout,
    ) -> FloatTensor<Self>;
    fn colour(
        z1: FloatTensor<Self>,
        eps: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        most: f32,
    ) -> FloatTensor<Self>;
    fn couple_additive(
        hidden: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        x: FloatTensor<Self>,
        inverse: bool,
    ) -> FloatTensor<Self>;
    fn couple_affine(
        hidden: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        x: FloatTensor<Self>,
        before: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
    fn uncouple_affine(
        hidden: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        y: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

impl CubeKernels for Cube {
    fn convolution(x: CubeTensor, weight: CubeTensor, bias: CubeTensor, layout: Layout, relu: bool) -> CubeTensor {
        launch_convolution(x, weight, bias, None, layout, relu)
    }

    fn gated(x: CubeTensor, weight: CubeTensor, bias: CubeTensor, gate: CubeTensor, layout: Layout) -> CubeTensor {
        launch_convolution(x, weight, bias, Some(gate), layout, false)
    }

    fn colour(z1: CubeTensor, eps: CubeTensor, weight: CubeTensor, bias: CubeTensor, most: f32) -> CubeTensor {
        assert!(eps.is_contiguous(), "latents lie row by row");
        let (_, half, filter) = Layout::InTapOut.filter(&weight, &bias);
        let [b, h, w, _] = z1.meta.shape().dims();
        let y = beside(&z1, [b, h, w, 2 * half]);
        let channels = vector(&[half, z1.meta.strides()[2]]);
        let (cube_count, cube_dim) = threads(&y, half / channels);
        kernel::colour::launch(
            &z1.client.clone(),
            cube_count,
            cube_dim,
            channels,
            z1.into_tensor_arg(),
            weight.into_tensor_arg(),
            bias.into_tensor_arg(),
            eps.into_tensor_arg(),
            y.clone().into_tensor_arg(),
            filter,
            most,
        );
        y
    }

    fn couple_additive(
        hidden: CubeTensor,
        weight: CubeTensor,
        bias: CubeTensor,
        x: CubeTensor,
        inverse: bool,
    ) -> CubeTensor {
        let (_, n, filter) = Layout::InTapOut.filter(&weight, &bias);
        let [b, h, w, c] = x.meta.shape().dims();
        let y = beside(&x, [b, h, w, c]);
        let outputs = vector(&[c / 2, x.meta.strides()[2]]);
        let (cube_count, cube_dim) = threads(&y, c / 2 / outputs);
        kernel::couple_additive::launch(
            &x.client.clone(),
            cube_count,
            cube_dim,
            vector(&[n]),
            outputs,
            hidden.into_tensor_arg(),
            weight.into_tensor_arg(),
            bias.into_tensor_arg(),
            x.into_tensor_arg(),
            y.clone().into_tensor_arg(),
            filter,
            inverse,
        );
        y
    }

    fn couple_affine(
        hidden: CubeTensor,
        weight: CubeTensor,
        bias: CubeTensor,
        x: CubeTensor,
        before: CubeTensor,
    ) -> (CubeTensor, CubeTensor) {
        let (_, n, filter) = Layout::InTapOut.filter(&weight, &bias);
        let [b, h, w, c] = x.meta.shape().dims();
        let (y, log_det) = (beside(&x, [b, h, w, c]), beside(&x, [b, h, w, 1]));
        let outputs = vector(&[c / 2, x.meta.strides()[2]]);
        let (cube_count, cube_dim) = whole_tiles(&y, c / 2 / outputs);
        kernel::couple_affine::launch(
            &x.client.clone(),
            cube_count,
            cube_dim,
            vector(&[n]),
            outputs,
            hidden.into_tensor_arg(),
            weight.into_tensor_arg(),
            bias.into_tensor_arg(),
            x.into_tensor_arg(),
            before.into_tensor_arg(),
            y.clone().into_tensor_arg(),
            log_det.clone().into_tensor_arg(),
            filter,
            cube_dim.num_elems() as usize,
        );
        (y, log_det)
    }

    fn uncouple_affine(hidden: CubeTensor, weight: CubeTensor, bias: CubeTensor, y: CubeTensor) -> CubeTensor {
        let (_, n, filter) = Layout::InTapOut.filter(&weight, &bias);
        let [b, h, w, c] = y.meta.shape().dims();
        let x = beside(&y, [b, h, w, c]);
        let outputs = vector(&[c / 2, y.meta.strides()[2]]);
        let (cube_count, cube_dim) = threads(&x, c / 2 / outputs);
        kernel::uncouple_affine::launch(
            &y.client.clone(),
            cube_count,
            cube_dim,
            vector(&[n]),
            outputs,
            hidden.into_tensor_arg(),
            weight.into_tensor_arg(),
            bias.into_tensor_arg(),
            y.into_tensor_arg(),
            x.clone().into_tensor_arg(),
            filter,
        );
        x
    }
}

fn launch_convolution(
    x: CubeTensor,
    weight: CubeTensor,
    bias: CubeTensor,
    gate: Option<CubeTensor>,
    layout: Layout,
    relu: bool,
) -> CubeTensor {
    let (side, c_in, filter) = layout.filter(&weight, &bias);
    let [b, h, w, _] = x.meta.shape().dims();
    let [c_out] = bias.meta.shape().dims();
    let y = beside(&x, [b, h, w, c_out]);
    let outputs = vector(&[c_out]);
    let (cube_count, cube_dim) = threads(&y, c_out / outputs);
    let weights = ElemType::Float(if weight.dtype == DType::F16 { FloatKind::F16 } else { FloatKind::F32 });
    kernel::convolution::launch(
        &x.client.clone(),
        cube_count,
        cube_dim,
        vector(&[c_in, x.meta.strides()[2]]),
        outputs,
        x.into_tensor_arg(),
        weight.into_tensor_arg(),
        bias.into_tensor_arg(),
        gate.map(CubeTensor::into_tensor_arg).into(),
        y.clone().into_tensor_arg(),
        filter,
        side,
        relu,
        weights,
    );
    y
}

/// Room for a result beside `x`.
fn beside(x: &CubeTensor, shape: [usize; 4]) -> CubeTensor {
    let handle = x.client.empty(shape.iter().product::<usize>() * size_of::<f32>());
    CubeTensor::new_contiguous(x.client.clone(), x.device.clone(), Shape::new(shape), handle, x.dtype)
}

/// Threads for the tiles of `y`'s pixels, one for each of `vectors` of channels.
fn threads(y: &CubeTensor, vectors: usize) -> (CubeCount, CubeDim) {
    let [b, h, w, _] = y.meta.shape().dims();
    let tiles = b * h * w.div_ceil(kernel::COLUMNS) * vectors;
    let cube_dim = CubeDim::new(&y.client, tiles);
    (calculate_cube_count_elemwise(&y.client, tiles, cube_dim), cube_dim)
}

/// The same, in cubes that each compute all the channels of some tiles.
fn whole_tiles(y: &CubeTensor, vectors: usize) -> (CubeCount, CubeDim) {
    let [b, h, w, _] = y.meta.shape().dims();
    let tiles = (CUBE_THREADS / vectors).max(1);
    let cubes = (b * h * w.div_ceil(kernel::COLUMNS)).div_ceil(tiles);
    let threads = tiles * vectors;
    let cube_dim = CubeDim::new_1d(threads as u32);
    (calculate_cube_count_elemwise(&y.client, cubes * threads, cube_dim), cube_dim)
}

/// The longest vector that divides each of some lengths.
fn vector(lengths: &[usize]) -> usize {
    [4, 2].into_iter().find(|&n| lengths.iter().all(|length| length % n == 0)).unwrap_or(1)
}
