//! The layers' parts on a GPU: a launch for a convolution, and one for what a coupling does with its network's output.

mod kernel;

use burn::backend::wgpu::CubeTensor;
use burn::backend::{Backend, Cube, Dispatch, backend_extension, tensor::FloatTensor};
#[cfg(not(target_family = "wasm"))]
use burn::cubecl;
use burn::tensor::{Shape, Tensor};
use cubecl::calculate_cube_count_elemwise;
use cubecl::client::Client;
use cubecl::prelude::{CubeCount, CubeDim};

use super::net::NetWeights;
use crate::config::CouplingKind;

/// The coupling network, three launches.
pub(super) fn net(x: Tensor<4>, weights: NetWeights) -> Tensor<4> {
    let NetWeights { w0, b0, w1, b1, w2, b2 } = weights;
    let hidden = convolution(x, w0, b0, Layout::TapMajor, true);
    let hidden = convolution(hidden, w1, b1, Layout::Pixel, true);
    convolution(hidden, w2, b2, Layout::ChannelMajor, false)
}

/// `x M + v` at every pixel.
pub(super) fn linear(x: Tensor<4>, matrix: Tensor<2>, shift: Tensor<1>) -> Tensor<4> {
    convolution(x, matrix, shift, Layout::Pixel, false)
}

/// A 3x3 convolution with a `[c_in, 9 c_out]` matrix.
pub(super) fn conv3x3(x: Tensor<4>, weight: Tensor<2>, bias: Tensor<1>) -> Tensor<4> {
    convolution(x, weight, bias, Layout::ChannelMajor, false)
}

/// The coupling, or its inverse.
pub(super) fn couple(x: Tensor<4>, net: Tensor<4>, kind: CouplingKind, inverse: bool) -> Tensor<4> {
    let (x, net) = (x.into_dispatch(), net.into_dispatch());
    Tensor::from_dispatch(<Dispatch as CubeKernels>::couple(x, net, kind == CouplingKind::Affine, inverse))
}

/// `log sigmoid(r + 2)`.
pub(super) fn log_scale(net: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as CubeKernels>::log_scale(net.into_dispatch()))
}

/// How a convolution's weights lie.
#[derive(Clone, Copy, Debug)]
pub(super) enum Layout {
    /// 1x1, `[c_in, c_out]`.
    Pixel,
    /// 3x3, `[9 c_in, c_out]`.
    TapMajor,
    /// 3x3, `[c_in, 9 c_out]`.
    ChannelMajor,
}

/// A convolution with zero padding, `[b, h, w, c_in]` -> `[b, h, w, c_out]`.
fn convolution(x: Tensor<4>, weight: Tensor<2>, bias: Tensor<1>, layout: Layout, relu: bool) -> Tensor<4> {
    let (x, weight, bias) = (x.into_dispatch(), weight.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(<Dispatch as CubeKernels>::convolution(x, weight, bias, layout, relu))
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
    fn couple(x: FloatTensor<Self>, net: FloatTensor<Self>, affine: bool, inverse: bool) -> FloatTensor<Self>;
    fn log_scale(net: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl CubeKernels for Cube {
    fn convolution(x: CubeTensor, weight: CubeTensor, bias: CubeTensor, layout: Layout, relu: bool) -> CubeTensor {
        let [b, h, w, c_in] = x.meta.shape().dims();
        let [c_out] = bias.meta.shape().dims();
        let (taps, tap_stride, channel_stride) = match layout {
            Layout::Pixel => (1, 0, c_out),
            Layout::TapMajor => (9, c_in * c_out, c_out),
            Layout::ChannelMajor => (9, c_out, 9 * c_out),
        };
        let (y, client, cube_count, cube_dim) = output(&x, [b, h, w, c_out]);
        kernel::convolution::launch(
            &client,
            cube_count,
            cube_dim,
            x.into_tensor_arg(),
            weight.into_tensor_arg(),
            bias.into_tensor_arg(),
            y.clone().into_tensor_arg(),
            tap_stride,
            channel_stride,
            taps,
            relu,
        );
        y
    }

    fn couple(x: CubeTensor, net: CubeTensor, affine: bool, inverse: bool) -> CubeTensor {
        let (y, client, cube_count, cube_dim) = output(&x, x.meta.shape().dims());
        let (x, net) = (x.into_tensor_arg(), net.into_tensor_arg());
        kernel::couple::launch(&client, cube_count, cube_dim, x, net, y.clone().into_tensor_arg(), affine, inverse);
        y
    }

    fn log_scale(net: CubeTensor) -> CubeTensor {
        let [b, h, w, c] = net.meta.shape().dims();
        let (y, client, cube_count, cube_dim) = output(&net, [b, h, w, c / 2]);
        kernel::log_scale::launch(&client, cube_count, cube_dim, net.into_tensor_arg(), y.clone().into_tensor_arg());
        y
    }
}

/// Room for a result beside `x`, and the threads to fill it, one a value.
fn output(x: &CubeTensor, shape: [usize; 4]) -> (CubeTensor, Client, CubeCount, CubeDim) {
    let client = x.client.clone();
    let values = shape.iter().product();
    let handle = client.empty(values * size_of::<f32>());
    let y = CubeTensor::new_contiguous(client.clone(), x.device.clone(), Shape::new(shape), handle, x.dtype);
    let cube_dim = CubeDim::new(&client, values);
    let cube_count = calculate_cube_count_elemwise(&client, values, cube_dim);
    (y, client, cube_count, cube_dim)
}
