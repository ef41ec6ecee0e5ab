//! The command line; see [`glow::cli`].

/// Tensors come and go by the thousand a step: an allocator that keeps their pages.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    glow::cli::run()
}
