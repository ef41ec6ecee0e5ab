//! The command line; see [`glow_native::cli`].

/// Tensors come and go by the thousand a step: an allocator that keeps their pages.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    // mi_option_purge_delay, in milliseconds: pages wait for the next training step before they go back to the system.
    // SAFETY: sets a number.
    unsafe { libmimalloc_sys::mi_option_set(15, 10_000) };
    glow_native::cli::run()
}
