//! Threads: workers that share the module's memory run those of a rayon pool.

use std::mem::forget;
use std::sync::Mutex;

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
