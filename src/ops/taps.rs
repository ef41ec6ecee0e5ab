//! Between pixels and the taps of a 3x3 kernel, as `conv` does it with tensors, for some pixels of a batch: as many as the
//! result has, from the `first` on.
//!
//! Tap k looks at a neighbour, `(k / 3 - 1, k % 3 - 1)` away. In the gradient of what gathers or scatters, everything
//! goes the other way, and a tap looks at the `opposite` neighbour.
//!
//! Where the compiler knows how many channels go at a time, they take a third of the time. Half of a level's are six, or a
//! multiple: colours times pixels that a squeeze puts together.

use std::array::from_fn;
use std::ops::Range;

/// Pixels from the `first` on, with their line and column.
#[inline(always)]
fn places(first: usize, [h, w]: [usize; 2]) -> impl Iterator<Item = [usize; 3]> {
    let (mut line, mut column) = (first / w % h, first % w);
    (first..).map(move |pixel| {
        let place = [pixel, line, column];
        column += 1;
        if column == w {
            (line, column) = ((line + 1) % h, 0);
        }
        place
    })
}

/// `x[pixel, row]`, of whose rows the first `c` channels count, -> `taps[pixel, 9 c]`, zeros outside the image.
pub(super) fn gather(x: &[f32], row: usize, first: usize, taps: &mut [f32], [h, w, c]: [usize; 3], opposite: bool) {
    match c {
        6 => gather_by(x, row, first, taps, [h, w, 6], opposite),
        _ => gather_by(x, row, first, taps, [h, w, c], opposite),
    }
}

#[inline(always)]
fn gather_by(x: &[f32], row: usize, first: usize, taps: &mut [f32], [h, w, c]: [usize; 3], opposite: bool) {
    for ([pixel, line, column], taps) in places(first, [h, w]).zip(taps.chunks_exact_mut(9 * c)) {
        for (k, tap) in taps.chunks_exact_mut(c).enumerate() {
            let k = if opposite { 8 - k } else { k };
            let (dy, dx) = (k / 3, k % 3);
            match (1..=h).contains(&(line + dy)) && (1..=w).contains(&(column + dx)) {
                true => copy(tap, &x[(pixel + dy * w + dx - w - 1) * row..][..c]),
                false => tap.fill(0.0),
            }
        }
    }
}

/// `bias[c]` and `taps[pixel, 9 c]` -> `y[pixel, c]`: every pixel adds up the taps that its neighbours hold for it.
pub(super) fn scatter(taps: &[f32], bias: &[f32], first: usize, y: &mut [f32], size: [usize; 3]) {
    match size[2].is_multiple_of(6) {
        true => scatter_by::<6>(taps, bias, first, y, size),
        false => scatter_by::<1>(taps, bias, first, y, size),
    }
}

/// N channels at a time, while their sums are in registers.
#[inline(always)]
fn scatter_by<const N: usize>(taps: &[f32], bias: &[f32], first: usize, y: &mut [f32], [h, w, c]: [usize; 3]) {
    let ([taps, bias], y) = ([taps, bias].map(|all| all.as_chunks::<N>().0), y.as_chunks_mut::<N>().0);
    for ([pixel, line, column], y) in places(first, [h, w]).zip(y.chunks_exact_mut(c / N)) {
        for (part, (y, bias)) in y.iter_mut().zip(bias).enumerate() {
            let mut sums = *bias;
            for dy in inside(line, h) {
                for dx in inside(column, w) {
                    let from = pixel + dy * w + dx - w - 1;
                    let tap = &taps[(from * 9 + dy * 3 + dx) * (c / N) + part];
                    sums = from_fn(|i| sums[i] + tap[i]);
                }
            }
            *y = sums;
        }
    }
}

/// Which of the three places around this one are inside.
#[inline(always)]
pub(super) fn inside(at: usize, length: usize) -> Range<usize> {
    usize::from(at == 0)..if at + 1 == length { 2 } else { 3 }
}

/// A loop, since a call of memcpy costs more than a few channels.
#[inline(always)]
fn copy(to: &mut [f32], from: &[f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}
