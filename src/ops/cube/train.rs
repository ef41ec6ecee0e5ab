//! The GPU's part of [`train`](crate::ops::train).

mod kernel;

use burn::backend::{Backend, Cube, Dispatch, backend_extension, tensor::FloatTensor};
use burn::tensor::{Device, Shape, Tensor};
use burn_wgpu::CubeTensor;
use cubecl::calculate_cube_count_elemwise;
use cubecl::prelude::{CubeCount, CubeDim};

use super::{CubeKernels, Layout, Then, beside, convolution, threads, vector};
use crate::ops::{KeptNet, NetWeights, room};

/// Numbers that the sums over some pixels each may take: enough of them to fill a large GPU.
const PARTIAL: usize = 1 << 23;
/// Sums that a cube of the last addition makes, and parts that it adds up side by side.
const ADDED: [usize; 2] = [32, 8];

/// Gradients of weights, one after the other, to be read at once. Those of one group are first summed over some lines of pixels
/// each, and added up together.
#[derive(Debug)]
pub struct Sums {
    values: Tensor<1>,
    filled: usize,
}

/// The sums of one group, `[1, 1, parts, length]`.
#[derive(Debug)]
pub struct Group {
    parts: Tensor<4>,
    filled: usize,
}

impl Sums {
    /// Room for `length` numbers on a GPU.
    pub fn new(length: usize, gpu: &Device) -> Self {
        Self { values: Tensor::empty([length], gpu), filled: 0 }
    }

    /// Adds up a group's.
    pub fn add(&mut self, group: Group) {
        let [.., length] = group.parts.dims();
        assert_eq!(group.filled, length, "a whole group");
        let (parts, values) = (group.parts.into_dispatch(), self.values.clone().into_dispatch());
        <Dispatch as TrainKernels>::total(parts, values, self.filled);
        self.filled += length;
    }

    /// All of them.
    pub fn read(self) -> Vec<f32> {
        assert_eq!(self.filled, self.values.dims()[0], "all gradients");
        crate::pixels::host(self.values)
    }
}

impl Group {
    /// Room for `length` numbers, over pixels like those of `x`.
    pub fn new(length: usize, x: &Tensor<4>) -> Self {
        let [b, h, ..] = x.dims();
        let lines = (b * h).div_ceil((PARTIAL / length).clamp(1, b * h));
        Self { parts: Tensor::empty([1, 1, (b * h).div_ceil(lines), length], &x.device()), filled: 0 }
    }

    /// The gradients of a convolution of the first `c_in` channels, and of its bias.
    pub(in crate::ops) fn sum(&mut self, x: &Tensor<4>, grad: &Tensor<4>, c_in: usize, layout: Layout) {
        let (start, c_out) = (self.filled, grad.dims()[3]);
        self.filled += room(layout.taps() * c_in * c_out, c_out);
        let [x, grad, parts] = [x, grad, &self.parts].map(|tensor| tensor.clone().into_dispatch());
        <Dispatch as TrainKernels>::partial_sums(x, grad, parts, start, c_in, layout);
    }
}

/// `x` with the network's output added to its second half, given the hidden activations before it.
pub fn couple_additive(hidden: Tensor<4>, weights: &NetWeights, x: Tensor<4>) -> Tensor<4> {
    let (hidden, x) = (hidden.into_dispatch(), x.into_dispatch());
    let (w2, b2) = (weights.w2.clone().into_dispatch(), weights.b2.clone().into_dispatch());
    Tensor::from_dispatch(<Dispatch as CubeKernels>::couple_additive(hidden, w2, b2, x, false))
}

/// See [`KeptNet::backward`].
pub fn net_backward(
    net: KeptNet,
    grad: Tensor<4>,
    by_output: Tensor<4>,
    turned: &NetWeights,
    sums: &mut Group,
) -> Tensor<4> {
    let KeptNet { x, first, second, .. } = net;
    let NetWeights { w0, b0, w1, b1, w2, b2 } = turned.clone();
    sums.sum(&second, &by_output, second.dims()[3], Layout::InTapOut);
    let by_second = convolution(by_output, w0, b0, Layout::TapInOut, Then::Gate(&second));
    sums.sum(&first, &by_second, first.dims()[3], Layout::InOut);
    let by_first = convolution(by_second, w1, b1, Layout::InOut, Then::Gate(&first));
    sums.sum(&x, &by_first, b2.dims()[0], Layout::TapInOut);
    let [by_first, w2, b2, grad] =
        [by_first.into_dispatch(), w2.into_dispatch(), b2.into_dispatch(), grad.into_dispatch()];
    Tensor::from_dispatch(<Dispatch as TrainKernels>::add_to_first(by_first, w2, b2, grad))
}

/// Some of the numbers that `values` holds from `start` on, where they lie.
pub fn view<const D: usize>(values: &Tensor<1>, start: usize, shape: [usize; D]) -> Tensor<D> {
    let values = values.clone().into_dispatch();
    Tensor::from_dispatch(<Dispatch as TrainKernels>::view(values, start, shape.to_vec()))
}

#[backend_extension(Cube)]
trait TrainKernels: Backend {
    fn partial_sums(
        x: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        parts: FloatTensor<Self>,
        start: usize,
        c_in: usize,
        layout: Layout,
    ) -> FloatTensor<Self>;
    fn total(parts: FloatTensor<Self>, values: FloatTensor<Self>, start: usize) -> FloatTensor<Self>;
    fn add_to_first(
        hidden: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        x: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
    fn view(values: FloatTensor<Self>, start: usize, shape: Vec<usize>) -> FloatTensor<Self>;
}

impl TrainKernels for Cube {
    fn partial_sums(
        x: CubeTensor,
        grad: CubeTensor,
        parts: CubeTensor,
        start: usize,
        c_in: usize,
        layout: Layout,
    ) -> CubeTensor {
        let [b, h, w, c_out] = grad.meta.shape().dims();
        let [.., count, _] = parts.meta.shape().dims::<4>();
        let (side, filter) = layout.strides(c_in, c_out);
        let inputs = vector(&[c_in, x.meta.strides()[2]]);
        let outputs = vector(&[c_out, grad.meta.strides()[2]]);
        let threads = count * side * (c_in / inputs) * (c_out / outputs);
        let cube_dim = CubeDim::new(&x.client, threads);
        kernel::partial_sums::launch(
            &x.client.clone(),
            calculate_cube_count_elemwise(&x.client, threads, cube_dim),
            cube_dim,
            inputs,
            outputs,
            x.into_tensor_arg(),
            grad.into_tensor_arg(),
            parts.clone().into_tensor_arg(),
            filter,
            start,
            layout.taps() * c_in * c_out,
            h,
            w,
            b * h,
            side,
        );
        parts
    }

    fn total(parts: CubeTensor, values: CubeTensor, start: usize) -> CubeTensor {
        let [.., length] = parts.meta.shape().dims::<4>();
        let [wide, deep] = ADDED;
        kernel::total::launch(
            &parts.client.clone(),
            CubeCount::Static(length.div_ceil(wide) as u32, 1, 1),
            CubeDim::new_2d(wide as u32, deep as u32),
            parts.into_tensor_arg(),
            values.clone().into_tensor_arg(),
            start,
            wide,
            deep,
        );
        values
    }

    fn add_to_first(hidden: CubeTensor, weight: CubeTensor, bias: CubeTensor, x: CubeTensor) -> CubeTensor {
        let (_, n, filter) = Layout::InTapOut.filter(&weight, &bias);
        let [b, h, w, c] = x.meta.shape().dims();
        let y = beside(&x, [b, h, w, c]);
        let outputs = vector(&[c / 2]);
        let (cube_count, cube_dim) = threads(&y, c / 2 / outputs);
        kernel::add_to_first::launch(
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
        );
        y
    }

    fn view(values: CubeTensor, start: usize, shape: Vec<usize>) -> CubeTensor {
        let [length] = values.meta.shape().dims();
        let end = start + shape.iter().product::<usize>();
        assert!(end <= length, "a view of what is there");
        let bytes = |numbers: usize| (numbers * size_of::<f32>()) as u64;
        let handle = values.handle.clone().offset_start(bytes(start)).offset_end(bytes(length - end));
        CubeTensor::new_contiguous(
            values.client.clone(),
            values.device.clone(),
            Shape::from(shape),
            handle,
            values.dtype,
        )
    }
}
