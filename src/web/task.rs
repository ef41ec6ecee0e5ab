//! Progress and cancel of a call.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

/// What a call reports to, and what ends it.
pub(super) struct Task {
    pub(super) report: Option<Function>,
    pub(super) signal: Option<AbortSignal>,
}

impl Task {
    /// Calls back with two values and awaits the answer. Errors: the call was cancelled, or the callback threw.
    pub(super) async fn report(&self, a: impl Into<JsValue>, b: impl Into<JsValue>) -> Result<(), JsValue> {
        if let Some(report) = &self.report {
            let answer = report.call2(&JsValue::NULL, &a.into(), &b.into())?;
            JsFuture::from(Promise::resolve(&answer)).await?;
        }
        self.go_on()
    }

    /// Errors: the call was cancelled.
    pub(super) fn go_on(&self) -> Result<(), JsValue> {
        match &self.signal {
            Some(signal) if signal.aborted() => Err(signal.reason()),
            _ => Ok(()),
        }
    }
}
