//! Products of bf16 numbers with f32 sums, by AVX512-BF16: its `vdpbf16ps` multiplies pairs of numbers, and does twice as much as
//! the instruction for f32.
//!
//! The left side of a product has pairs along its rows. The right side has pairs of rows, `[rows / 2, columns, 2]`: the numbers of an
//! even row beside those of the odd one below. So have both sides where rows are summed over, and the left one is transposed.

#[allow(clippy::wildcard_imports)] // The instructions have long names enough.
use std::arch::x86_64::*;

use half::bf16;

use super::products::{Gradient, Products, Then, Weight};

/// Sums of a vector, and pairs.
const LANES: usize = 16;

/// A processor that has the instructions.
#[derive(Clone, Copy, Debug)]
pub struct Bf16(());

impl Bf16 {
    /// If this one is.
    pub fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512bf16");
        has.then_some(Self(()))
    }
}

impl Products for Bf16 {
    type Number = bf16;
    const LANES: usize = LANES;

    fn round(self, from: &[f32], to: &mut [bf16]) {
        // SAFETY: there is a `Bf16` only where the processor has these features.
        unsafe { round(from, to) }
    }

    fn weight(self, values: &[f32], columns: usize) -> Weight<bf16> {
        let (rows, padded) = (values.len() / columns, columns.next_multiple_of(LANES));
        let mut rounded = vec![bf16::ZERO; rows * padded];
        for (to, from) in rounded.chunks_exact_mut(padded).zip(values.chunks_exact(columns)) {
            self.round(from, &mut to[..columns]);
        }
        let mut numbers = Vec::new();
        // SAFETY: as above.
        unsafe { pair(&rounded, padded, &mut numbers) }
        Weight { numbers, columns: padded }
    }

    fn product(self, (a, stride): (&[bf16], usize), weight: &Weight<bf16>, then: Then<bf16>) {
        // SAFETY: as above.
        unsafe { product(Left::rows(a, stride), weight, then) }
    }

    fn outer(self, a: &[bf16], b: &[bf16], sum: &mut Gradient, [a_pairs, b_pairs]: &mut [Vec<bf16>; 2]) {
        let (outputs, inputs) = (sum.bias.len(), sum.weight.len() / sum.bias.len());
        // SAFETY: as above.
        unsafe {
            pair(a, inputs, a_pairs);
            pair(b, outputs, b_pairs);
            add_columns(b_pairs, &mut sum.bias);
        }
        for (first, vectors) in panels(outputs / LANES) {
            let (a, b) = (Left::columns(a_pairs, inputs), Right { pairs: b_pairs, columns: outputs, first });
            // SAFETY: as above.
            unsafe {
                match vectors {
                    1 => outer_panel::<8, 1>(a, b, &mut sum.weight),
                    2 => outer_panel::<8, 2>(a, b, &mut sum.weight),
                    3 => outer_panel::<8, 3>(a, b, &mut sum.weight),
                    4 => outer_panel::<4, 4>(a, b, &mut sum.weight),
                    5 => outer_panel::<4, 5>(a, b, &mut sum.weight),
                    _ => outer_panel::<4, 6>(a, b, &mut sum.weight),
                }
            }
        }
    }
}

/// Parts of so many vectors of columns: the first of each, and how many, at most 6.
fn panels(vectors: usize) -> impl Iterator<Item = (usize, usize)> {
    let parts = vectors.div_ceil(6);
    let start = move |part| part * vectors / parts;
    (0..parts).map(move |part| (start(part), start(part + 1) - start(part)))
}

/// The left side of a product: pairs, from row to row and from one to the next.
#[derive(Clone, Copy)]
struct Left<'a> {
    pairs: &'a [bf16],
    rows: usize,
    row: usize,
    next: usize,
}

impl<'a> Left<'a> {
    fn rows(numbers: &'a [bf16], stride: usize) -> Self {
        Self { pairs: numbers, rows: numbers.len() / stride, row: stride, next: 2 }
    }

    /// Of the transposed matrix that has pairs of rows.
    fn columns(pairs: &'a [bf16], columns: usize) -> Self {
        Self { pairs, rows: columns, row: 2, next: 2 * columns }
    }
}

/// Some columns of the right side, from the `first` vector on.
#[derive(Clone, Copy)]
struct Right<'a> {
    pairs: &'a [bf16],
    columns: usize,
    first: usize,
}

/// V vectors of R rows of a product, from `row` on; `put` gets each, with its row and vector.
#[target_feature(enable = "avx512f,avx512vl,avx512bf16")]
fn tile<const R: usize, const V: usize>(a: Left, row: usize, b: Right, mut put: impl FnMut(usize, usize, __m512)) {
    let count = b.pairs.len() / (2 * b.columns);
    let first = row * a.row;
    assert!(count == 0 || first + (R - 1) * a.row + (count - 1) * a.next + 2 <= a.pairs.len());
    assert!((b.first + V) * LANES <= b.columns);
    let (a_pairs, b_pairs) = (a.pairs[first..].as_ptr(), b.pairs[2 * b.first * LANES..].as_ptr());
    let mut sums = [[_mm512_setzero_ps(); V]; R];
    for k in 0..count {
        let mut right = [_mm512_setzero_si512(); V];
        for (v, right) in right.iter_mut().enumerate() {
            // SAFETY: row k of b has V vectors from here on, as asserted.
            *right = unsafe { _mm512_loadu_si512(b_pairs.add(2 * (k * b.columns + v * LANES)).cast()) };
        }
        for (r, sums) in sums.iter_mut().enumerate() {
            // SAFETY: there are so many rows of a, and as many pairs in each as b has, as asserted.
            let left = unsafe { a_pairs.add(r * a.row + k * a.next).cast::<i32>().read_unaligned() };
            let left = numbers(_mm512_set1_epi32(left));
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum = _mm512_dpbf16_ps(*sum, left, numbers(right));
            }
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        for (v, sum) in sums.iter().enumerate() {
            put(row + r, b.first + v, *sum);
        }
    }
}

#[target_feature(enable = "avx512f,avx512vl,avx512bf16")]
fn product(a: Left, b: &Weight<bf16>, then: Then<bf16>) {
    let at = |row: usize, vector: usize| row * b.columns + vector * LANES;
    match then {
        Then::Relu(bias, out) => rows(a, b, |row, vector, sum| {
            let sum = _mm512_add_ps(sum, load(&bias[vector * LANES..]));
            store_rounded(&mut out[at(row, vector)..], _mm512_max_ps(sum, _mm512_setzero_ps()));
        }),
        Then::Mask(by, out) => rows(a, b, |row, vector, sum| {
            let positive = _mm512_test_epi32_mask(widened(&by[at(row, vector)..]), _mm512_set1_epi32(0x7fff));
            store_rounded(&mut out[at(row, vector)..], _mm512_maskz_mov_ps(positive, sum));
        }),
        Then::Store(out) => rows(a, b, |row, vector, sum| store(&mut out[at(row, vector)..], sum)),
    }
}

/// All rows of a product, some of them twice; `put` gets each vector, with its row and place in it.
#[target_feature(enable = "avx512f,avx512vl,avx512bf16")]
fn rows(a: Left, b: &Weight<bf16>, mut put: impl FnMut(usize, usize, __m512)) {
    for (first, vectors) in panels(b.columns / LANES) {
        let b = Right { pairs: &b.numbers, columns: b.columns, first };
        match vectors {
            1 => panel::<12, 1>(a, b, &mut put),
            2 => panel::<12, 2>(a, b, &mut put),
            3 => panel::<8, 3>(a, b, &mut put),
            4 => panel::<6, 4>(a, b, &mut put),
            5 => panel::<5, 5>(a, b, &mut put),
            _ => panel::<4, 6>(a, b, &mut put),
        }
    }
}

#[target_feature(enable = "avx512f,avx512vl,avx512bf16")]
fn panel<const R: usize, const V: usize>(a: Left, b: Right, mut put: impl FnMut(usize, usize, __m512)) {
    if a.rows < R {
        (0..a.rows).for_each(|row| tile::<1, V>(a, row, b, &mut put));
    } else {
        // The last ones with some of those before.
        (0..a.rows).step_by(R).for_each(|row| tile::<R, V>(a, row.min(a.rows - R), b, &mut put));
    }
}

#[target_feature(enable = "avx512f,avx512vl,avx512bf16")]
fn outer_panel<const R: usize, const V: usize>(a: Left, b: Right, sums: &mut [f32]) {
    for row in (0..a.rows).step_by(R) {
        tile::<R, V>(a, row, b, |row, vector, found| {
            let sum = &mut sums[row * b.columns + vector * LANES..];
            store(sum, _mm512_add_ps(load(sum), found));
        });
    }
}

/// Adds up the columns of pairs of rows.
#[target_feature(enable = "avx512f,avx512vl,avx512bf16")]
fn add_columns(pairs: &[bf16], sums: &mut [f32]) {
    let columns = sums.len();
    let one = i32::from(bf16::ONE.to_bits());
    let ones = numbers(_mm512_set1_epi32(one << 16 | one));
    for (vector, sums) in sums.chunks_exact_mut(LANES).enumerate() {
        let mut sum = load(sums);
        for row in pairs.chunks_exact(2 * columns) {
            sum = _mm512_dpbf16_ps(sum, load_pairs(&row[2 * vector * LANES..]), ones);
        }
        store(sums, sum);
    }
}

/// Rows as pairs of rows; below the last one of an odd number there are zeros.
#[target_feature(enable = "avx512f,avx512vl,avx512bf16")]
fn pair(rows: &[bf16], columns: usize, pairs: &mut Vec<bf16>) {
    pairs.resize((rows.len() / columns).next_multiple_of(2) * columns, bf16::ZERO);
    for (rows, pairs) in rows.chunks(2 * columns).zip(pairs.chunks_exact_mut(2 * columns)) {
        let (even, odd) = rows.split_at(columns);
        for (i, pairs) in pairs.chunks_exact_mut(2 * LANES).enumerate() {
            let even = widened(&even[i * LANES..]);
            let odd = if odd.is_empty() { _mm512_setzero_si512() } else { widened(&odd[i * LANES..]) };
            let both = _mm512_or_si512(even, _mm512_slli_epi32::<16>(odd));
            // SAFETY: a vector of pairs.
            unsafe { _mm512_storeu_si512(pairs.as_mut_ptr().cast(), both) };
        }
    }
}

#[target_feature(enable = "avx512f,avx512vl,avx512bf16")]
fn round(from: &[f32], to: &mut [bf16]) {
    let (vectors, rest) = from.as_chunks::<LANES>();
    let (to_vectors, to_rest) = to.as_chunks_mut::<LANES>();
    for (to, from) in to_vectors.iter_mut().zip(vectors) {
        store_rounded(to, load(from));
    }
    for (to, from) in to_rest.iter_mut().zip(rest) {
        *to = bf16::from_f32(*from);
    }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load(from: &[f32]) -> __m512 {
    // SAFETY: a whole vector.
    unsafe { _mm512_loadu_ps(from[..LANES].as_ptr()) }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn store(to: &mut [f32], values: __m512) {
    // SAFETY: a whole vector.
    unsafe { _mm512_storeu_ps(to[..LANES].as_mut_ptr(), values) }
}

/// The bits of numbers, each in a lane.
#[target_feature(enable = "avx512f,avx512vl")]
#[inline]
fn widened(from: &[bf16]) -> __m512i {
    // SAFETY: a whole vector.
    _mm512_cvtepu16_epi32(unsafe { _mm256_loadu_si256(from[..LANES].as_ptr().cast()) })
}

#[target_feature(enable = "avx512f,avx512bf16")]
#[inline]
fn load_pairs(from: &[bf16]) -> __m512bh {
    // SAFETY: a whole vector.
    numbers(unsafe { _mm512_loadu_si512(from[..2 * LANES].as_ptr().cast()) })
}

#[target_feature(enable = "avx512f,avx512vl,avx512bf16")]
#[inline]
fn store_rounded(to: &mut [bf16], values: __m512) {
    // SAFETY: the same bits; a whole vector.
    unsafe {
        let rounded: __m256i = std::mem::transmute(_mm512_cvtneps_pbh(values));
        _mm256_storeu_si256(to[..LANES].as_mut_ptr().cast(), rounded);
    }
}

/// Bits as what they are.
#[target_feature(enable = "avx512f")]
#[inline]
fn numbers(bits: __m512i) -> __m512bh {
    // SAFETY: both are 512 bits, whatever they are.
    unsafe { std::mem::transmute(bits) }
}
