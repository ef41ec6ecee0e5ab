//! Threads: workers that share the module's memory run those of a rayon pool.

use std::hint::spin_loop;
use std::mem::forget;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use rayon::{ThreadBuilder, ThreadPoolBuilder};
use wasm_bindgen::prelude::*;

/// Threads of the pool that no worker runs yet.
static WAITING: Mutex<Vec<ThreadBuilder>> = Mutex::new(Vec::new());

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

/// Until it is dropped, the pool's other threads look for work without sleeping: to wake them takes longer than a layer. Not
/// to be held while something is awaited.
pub(super) struct Awake(Arc<AtomicBool>);

impl Awake {
    pub(super) fn new() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (caller, until) = (rayon::current_thread_index(), over.clone());
        rayon::spawn_broadcast(move |thread| {
            while Some(thread.index()) != caller && !until.load(Ordering::Acquire) {
                rayon::yield_now();
                spin_loop();
            }
        });
        Self(over)
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}
