//! What training needs of a GPU beyond the flow itself: the gradients of weights, and the network that keeps what they need.

mod kernel;

use burn::backend::wgpu::CubeTensor;
use burn::backend::{Backend, Cube, Dispatch, backend_extension, tensor::FloatTensor};
use burn::cubecl;
use burn::tensor::{Shape, Tensor};
use cubecl::calculate_cube_count_elemwise;
use cubecl::prelude::{CubeCount, CubeDim};

use super::{CubeKernels, Layout, Then, beside, convolution, vector};
use crate::ops::NetWeights;

/// Threads that share the sums over pixels: enough to fill a large GPU.
const THREADS: usize = 1 << 17;
/// Sums that a cube of the last addition makes, and parts that it adds up side by side.
const ADDED: [usize; 2] = [32, 8];

/// Gradients of weights, one after the other, to be read at once.
#[derive(Debug)]
pub struct Sums {
    values: Tensor<1>,
    filled: usize,
}

impl Sums {
    /// Room for `length` numbers beside `x`.
    pub fn new(length: usize, x: &Tensor<4>) -> Self {
        Self { values: Tensor::empty([length], &x.device()), filled: 0 }
    }

    /// The gradients of a 1x1 convolution's matrix, `[c_in, c_out]`, and of its bias, `[c_out]`, by what it was given,
    /// `[b, h, w, c_in]`, and the gradient by what it gave, `[b, h, w, c_out]`.
    pub fn linear(&mut self, x: &Tensor<4>, grad: &Tensor<4>) {
        self.add(x, grad, x.dims()[3], Layout::Pixel);
    }

    /// The same of a 3x3 convolution of the first `c_in` channels of `x`, `[c_in, 9 c_out]` and `[c_out]`.
    pub fn conv3x3(&mut self, x: &Tensor<4>, grad: &Tensor<4>, c_in: usize) {
        self.add(x, grad, c_in, Layout::ChannelMajor);
    }

    /// All of them.
    pub fn read(self) -> Vec<f32> {
        crate::image::host(self.values)
    }

    fn add(&mut self, x: &Tensor<4>, grad: &Tensor<4>, c_in: usize, layout: Layout) {
        let start = self.filled;
        self.filled += (layout.taps() * c_in + 1) * grad.dims()[3];
        assert!(self.filled <= self.values.dims()[0], "room for the gradients of all weights");
        let [x, grad] = [x, grad].map(|tensor| tensor.clone().into_dispatch());
        let values = self.values.clone().into_dispatch();
        <Dispatch as TrainKernels>::sum(x, grad, values, start, c_in, layout);
    }
}

/// A call of the coupling network, with its hidden activations.
#[derive(Debug)]
pub struct GpuNet {
    x: Tensor<4>,
    first: Tensor<4>,
    second: Tensor<4>,
}

impl GpuNet {
    /// The hidden layers, of the first channels of `x`.
    pub fn new(x: &Tensor<4>, weights: &NetWeights) -> Self {
        let NetWeights { w0, b0, w1, b1, .. } = weights.clone();
        let first = convolution(x.clone(), w0, b0, Layout::TapMajor, Then::Relu);
        let second = convolution(first.clone(), w1, b1, Layout::Pixel, Then::Relu);
        Self { x: x.clone(), first, second }
    }

    /// The network's output.
    pub fn output(&self, weights: &NetWeights) -> Tensor<4> {
        convolution(self.second.clone(), weights.w2.clone(), weights.b2.clone(), Layout::ChannelMajor, Then::Nothing)
    }

    /// `x` with the network's output added to its second half.
    pub fn shift(&self, x: Tensor<4>, weights: &NetWeights) -> Tensor<4> {
        let [hidden, w2, b2] = [self.second.clone().into_dispatch(), weights.w2.clone().into_dispatch(), weights.b2.clone().into_dispatch()];
        Tensor::from_dispatch(<Dispatch as CubeKernels>::shift(hidden, w2, b2, x.into_dispatch(), false))
    }

    /// The gradient by `x`'s first channels, given the one by the output and the network
    /// [`turned`](NetWeights::turned). Those of w2, b2, w1, b1, w0 and b0 go to `sums`, in this order.
    pub fn backward(self, grad: Tensor<4>, turned: &NetWeights, sums: &mut Sums) -> Tensor<4> {
        let Self { x, first, second } = self;
        let NetWeights { w0, b0, w1, b1, w2, b2 } = turned.clone();
        sums.add(&second, &grad, second.dims()[3], Layout::ChannelMajor);
        let grad = convolution(grad, w0, b0, Layout::TapMajor, Then::Gate(&second));
        sums.add(&first, &grad, first.dims()[3], Layout::Pixel);
        let grad = convolution(grad, w1, b1, Layout::Pixel, Then::Gate(&first));
        sums.add(&x, &grad, b2.dims()[0], Layout::TapMajor);
        convolution(grad, w2, b2, Layout::ChannelMajor, Then::Nothing)
    }
}

/// `x` with `more` added to its first channels.
pub fn add_to_first(x: Tensor<4>, more: Tensor<4>) -> Tensor<4> {
    let (x, more) = (x.into_dispatch(), more.into_dispatch());
    Tensor::from_dispatch(<Dispatch as TrainKernels>::add_to_first(x, more))
}

/// Some of the numbers that `values` holds from `start` on, where they lie.
pub fn view<const D: usize>(values: &Tensor<1>, start: usize, shape: [usize; D]) -> Tensor<D> {
    let values = values.clone().into_dispatch();
    Tensor::from_dispatch(<Dispatch as TrainKernels>::view(values, start, shape.to_vec()))
}

#[backend_extension(Cube)]
trait TrainKernels: Backend {
    fn sum(
        x: FloatTensor<Self>,
        grad: FloatTensor<Self>,
        values: FloatTensor<Self>,
        start: usize,
        c_in: usize,
        layout: Layout,
    ) -> FloatTensor<Self>;
    fn add_to_first(x: FloatTensor<Self>, more: FloatTensor<Self>) -> FloatTensor<Self>;
    fn view(values: FloatTensor<Self>, start: usize, shape: Vec<usize>) -> FloatTensor<Self>;
}

impl TrainKernels for Cube {
    fn sum(
        x: CubeTensor,
        grad: CubeTensor,
        values: CubeTensor,
        start: usize,
        c_in: usize,
        layout: Layout,
    ) -> CubeTensor {
        let client = x.client.clone();
        let [b, h, w, c_out] = grad.meta.shape().dims();
        let (side, filter) = layout.strides(c_in, c_out);
        let inputs = vector(&[c_in, x.meta.strides()[2]]);
        let outputs = vector(&[c_out, grad.meta.strides()[2]]);
        let threads = side * (c_in / inputs) * (c_out / outputs);
        let lines = (b * h).div_ceil((THREADS / threads).clamp(1, b * h));
        let parts = (b * h).div_ceil(lines);
        let length = (layout.taps() * c_in + 1) * c_out;
        let sums = beside(&x, [1, 1, parts, length]);
        let cube_dim = CubeDim::new(&client, parts * threads);
        kernel::partial_sums::launch(
            &client,
            calculate_cube_count_elemwise(&client, parts * threads, cube_dim),
            cube_dim,
            inputs,
            outputs,
            x.into_tensor_arg(),
            grad.into_tensor_arg(),
            sums.clone().into_tensor_arg(),
            filter,
            h,
            w,
            lines,
            b * h,
            side,
        );
        let [wide, deep] = ADDED;
        kernel::total::launch(
            &client,
            CubeCount::Static(length.div_ceil(wide) as u32, 1, 1),
            CubeDim::new_2d(wide as u32, deep as u32),
            sums.into_tensor_arg(),
            values.clone().into_tensor_arg(),
            start,
            wide,
            deep,
        );
        values
    }

    fn add_to_first(x: CubeTensor, more: CubeTensor) -> CubeTensor {
        let client = x.client.clone();
        let shape: [usize; 4] = x.meta.shape().dims();
        let [.., c] = more.meta.shape().dims::<4>();
        let y = beside(&x, shape);
        let vector = vector(&[shape[3], c]);
        let threads = shape.iter().product::<usize>() / vector;
        let cube_dim = CubeDim::new(&client, threads);
        kernel::add_to_first::launch(
            &client,
            calculate_cube_count_elemwise(&client, threads, cube_dim),
            cube_dim,
            vector,
            x.into_tensor_arg(),
            more.into_tensor_arg(),
            y.clone().into_tensor_arg(),
        );
        y
    }

    fn view(values: CubeTensor, start: usize, shape: Vec<usize>) -> CubeTensor {
        let [length] = values.meta.shape().dims();
        let end = start + shape.iter().product::<usize>();
        assert!(end <= length, "a view of what is there");
        let bytes = |numbers: usize| (numbers * size_of::<f32>()) as u64;
        let handle = values.handle.clone().offset_start(bytes(start)).offset_end(bytes(length - end));
        CubeTensor::new_contiguous(values.client.clone(), values.device.clone(), Shape::from(shape), handle, values.dtype)
    }
}
