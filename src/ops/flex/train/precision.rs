//! What a processor is fastest with.

use std::fmt::{Display, Formatter, Result};

#[cfg(target_arch = "x86_64")]
use super::bf16::Bf16;

/// In what numbers the coupling networks' activations, weights and gradients are multiplied in training. Sums are f32.
#[derive(Clone, Copy, Debug)]
pub enum Precision {
    /// As everything else.
    F32,
    /// With 8 bits of mantissa, by a processor that has instructions for it.
    #[cfg(target_arch = "x86_64")]
    Bf16(Bf16),
}

impl Precision {
    /// What this processor is fastest with.
    pub fn fastest() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(bf16) = Bf16::detect() {
            return Self::Bf16(bf16);
        }
        Self::F32
    }
}

impl Display for Precision {
    fn fmt(&self, f: &mut Formatter) -> Result {
        f.write_str(match self {
            Self::F32 => "f32",
            #[cfg(target_arch = "x86_64")]
            Self::Bf16(_) => "bf16 (AVX512-BF16)",
        })
    }
}
