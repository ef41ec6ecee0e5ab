//! In the place of [`ranks`](self) where the program is built without MPI.
#![allow(clippy::unused_self)] // As with MPI.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use glow::error::{Error, Result};

use super::sum::add;

/// This process, which trains alone.
#[derive(Clone)]
pub struct Ranks;

#[allow(missing_docs, clippy::unnecessary_wraps)] // The same.
impl Ranks {
    pub const ALONE: Self = Self;

    pub fn join(_: &Arc<AtomicBool>) -> Result<Self> {
        Ok(Self)
    }

    pub fn count(&self) -> usize {
        1
    }

    pub fn is_first(&self) -> bool {
        true
    }

    pub fn share(&self, parts: usize) -> Range<usize> {
        0..parts
    }

    pub fn sum(&self, parts: Vec<Vec<f32>>) -> Vec<f32> {
        add(parts)
    }

    pub fn agree(&self, seconds: f64, stop: bool) -> (f64, bool) {
        (seconds, stop)
    }

    pub fn of_first(&self, number: u64) -> u64 {
        number
    }

    pub fn is_same(&self, _: u64) -> bool {
        true
    }

    pub fn give_up(&self, _: &Error) {}
}
