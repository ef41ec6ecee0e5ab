//! A layer's work, cut into blocks that the pool's threads share.

use std::hint::spin_loop;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a thread computes in between.
pub(super) type Scratch = [Vec<f32>; 5];

/// Calls `f` for every block of `y`, of `size` numbers, with scratch of the thread's own and the block's number. Compiled once for all
/// that it is called with: `f` is for work that is long beside a call.
pub(super) fn for_each(y: &mut [f32], size: usize, f: &(dyn Fn(&mut Scratch, usize, &mut [f32]) + Sync)) {
    let blocks = y.chunks_mut(size).enumerate();
    let unfinished = AtomicUsize::new(blocks.len());
    let helpers = rayon::current_num_threads().min(blocks.len()).saturating_sub(1);
    let blocks = Mutex::new(blocks);
    let next = || blocks.lock().expect("an iterator that does not panic").next();
    let work = || {
        let mut scratch = Scratch::default();
        while let Some((i, y)) = next() {
            f(&mut scratch, i, y);
            unfinished.fetch_sub(1, Ordering::Release);
        }
    };
    rayon::in_place_scope(|scope| {
        for _ in 0..helpers {
            scope.spawn(|_| work());
        }
        work();
        // In a browser, a thread takes longer to sleep and wake than to finish a block.
        while cfg!(target_family = "wasm") && unfinished.load(Ordering::Acquire) > 0 {
            spin_loop();
        }
    });
}
