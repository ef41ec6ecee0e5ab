//! A page's CPU.

use burn::tensor::Device;

/// The CPU.
pub fn cpu() -> Device {
    constructors();
    Device::flex()
}

/// Runs the module's constructors, once. cubecl registers its types in them; where nobody calls them by name, the linker
/// has every export run them all again.
pub(super) fn constructors() {
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }
    static ONCE: std::sync::Once = std::sync::Once::new();
    // SAFETY: the linker's own function, run once.
    ONCE.call_once(|| unsafe { __wasm_call_ctors() });
}
