//! What the networks learned, in the order in which they ask for it; `weights.mjs` says how it is written.

pub struct Weights(&'static [u8]);

impl Weights {
    pub fn new(bytes: &'static [u8]) -> Self {
        Self(bytes)
    }

    pub fn take(&mut self, count: usize) -> Vec<f32> {
        let (head, rest) = self.0.split_at(8);
        let (values, rest) = rest.split_at(count);
        self.0 = rest;
        let [least, step] = [0, 4].map(|at| f32::from_le_bytes(head[at..at + 4].try_into().expect("4 bytes")));
        values.iter().map(|&value| least + step * f32::from(value)).collect()
    }
}
