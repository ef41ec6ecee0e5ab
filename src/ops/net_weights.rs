//! What a coupling network computes with.

use burn::backend::{Dispatch, tensor::FloatTensor};
use burn::module::Module;
#[cfg(feature = "gpu")]
use burn::tensor::DType;
use burn::tensor::Tensor;

/// The weights of a coupling network with `n` hidden channels.
#[derive(Module, Debug)]
pub struct NetWeights {
    /// First 3x3 convolution, `[9 c_in, n]`: a row for each tap and input, tap by tap.
    pub w0: Tensor<2>,
    /// `[n]`.
    pub b0: Tensor<1>,
    /// 1x1 convolution, `[n, n]`: input, output.
    pub w1: Tensor<2>,
    /// `[n]`.
    pub b1: Tensor<1>,
    /// Last 3x3 convolution, `[n, 9 c_out]`: a column for each tap and output, tap by tap.
    pub w2: Tensor<2>,
    /// `[c_out]`.
    pub b2: Tensor<1>,
}

impl NetWeights {
    /// The same with the hidden layers' weights in f16, of which a GPU reads half as many bytes. Files have them in f16, so nothing is
    /// lost. The last layer's have its scale in them.
    #[cfg(feature = "gpu")]
    pub fn half(self) -> Self {
        Self { w0: self.w0.cast(DType::F16), w1: self.w1.cast(DType::F16), ..self }
    }

    /// For a backend's kernels: w0, b0, w1, b1, w2, b2.
    pub(super) fn to_dispatch(&self) -> [FloatTensor<Dispatch>; 6] {
        let Self { w0, b0, w1, b1, w2, b2 } = self.clone();
        [
            w0.into_dispatch(),
            b0.into_dispatch(),
            w1.into_dispatch(),
            b1.into_dispatch(),
            w2.into_dispatch(),
            b2.into_dispatch(),
        ]
    }
}
