//! A layer's work, cut into blocks that the pool's threads share.

use std::hint::spin_loop;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Calls `f` for every block, with scratch of the thread's own.
pub(super) fn for_each<B: Send, S: Default>(
    blocks: impl ExactSizeIterator<Item = B> + Send,
    f: impl Fn(&mut S, B) + Sync,
) {
    let unfinished = AtomicUsize::new(blocks.len());
    let helpers = rayon::current_num_threads().min(blocks.len()).saturating_sub(1);
    let blocks = Mutex::new(blocks);
    let next = || blocks.lock().expect("an iterator that does not panic").next();
    let work = || {
        let mut scratch = S::default();
        while let Some(block) = next() {
            f(&mut scratch, block);
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
