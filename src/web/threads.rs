//! Threads: workers that share the module's memory run those of a rayon pool.
//!
//! No thread waits for itself. A thread that is kept awake waits for the caller's batch to end, and the caller waits for the
//! images of its batch. While an image waits for its layers' helpers, rayon may hand its thread whatever is there to do, the
//! order to stay awake included; on top of the image it would wait for what lies beneath it on its own stack. So
//! a thread stays awake only with neither an image nor another such wait on its stack. What else is waited for, a layer's
//! helpers, wait for nothing themselves.

use std::cell::Cell;
use std::hint::spin_loop;
use std::mem::forget;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::{ThreadBuilder, ThreadPoolBuilder};
use wasm_bindgen::prelude::*;

/// Threads of the pool that no worker runs yet.
static WAITING: Mutex<Vec<ThreadBuilder>> = Mutex::new(Vec::new());

/// Whether a batch is under way, for which the pool's threads stay awake.
static AWAKE: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Whether an image, or the wait of a thread that is kept awake, is on this thread's stack.
    static OCCUPIED: Cell<bool> = const { Cell::new(false) };
}

/// Makes the pool, of the calling worker and `threads - 1` others. It works at once; the others join by [`run_thread`].
#[wasm_bindgen(js_name = makePool)]
pub fn make_pool(threads: usize) -> Result<(), JsError> {
    let wait = |thread| {
        WAITING.lock().expect("nothing panics under it").push(thread);
        Ok(())
    };
    let pool = ThreadPoolBuilder::new().num_threads(threads).use_current_thread().spawn_handler(wait).build()?;
    // Dropped, it would end its threads.
    forget(pool);
    Ok(())
}

/// Runs a thread of the pool for as long as the calling worker lives.
#[wasm_bindgen(js_name = runThread)]
pub fn run_thread() {
    let thread = WAITING.lock().expect("nothing panics under it").pop();
    if let Some(thread) = thread {
        thread.run();
    }
}

/// Until it is dropped, the pool's other threads look for work without sleeping: to wake them takes longer than a layer. One
/// at a time, and not to be held while something is awaited.
pub(super) struct Awake;

impl Awake {
    pub(super) fn new() -> Self {
        AWAKE.store(true, Ordering::Release);
        let caller = rayon::current_thread_index();
        rayon::spawn_broadcast(move |thread| {
            if Some(thread.index()) != caller && !OCCUPIED.get() {
                occupied(|| {
                    while AWAKE.load(Ordering::Acquire) {
                        rayon::yield_now();
                        spin_loop();
                    }
                });
            }
        });
        Self
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        AWAKE.store(false, Ordering::Release);
    }
}

/// Runs a part of a batch, on top of which this thread does not wait for the batch's end.
pub(super) fn occupied<R>(work: impl FnOnce() -> R) -> R {
    let before = OCCUPIED.replace(true);
    let result = work();
    OCCUPIED.set(before);
    result
}
