//! Between pixels and the taps of a 3x3 kernel, as `conv` does it with tensors, for some pixels of a batch: as many as the
//! result has, from the `first` on.
//!
//! Tap k looks at a neighbour, `(k / 3 - 1, k % 3 - 1)` away. In the gradient of what gathers or scatters, everything
//! goes the other way, and a tap looks at the `opposite` neighbour.

/// Where the taps of a pixel look, if that is inside its image.
#[inline(always)]
fn neighbours(pixel: usize, [h, w]: [usize; 2], opposite: bool) -> impl Iterator<Item = Option<usize>> {
    let (y, x) = (pixel / w % h, pixel % w);
    (0..9).map(move |k| {
        let k = if opposite { 8 - k } else { k };
        let (dy, dx) = (k / 3, k % 3);
        let inside = (1..=h).contains(&(y + dy)) && (1..=w).contains(&(x + dx));
        inside.then(|| pixel + dy * w + dx - w - 1)
    })
}

/// `x[pixel, c]` -> `taps[pixel, 9 c]`, zeros outside the image.
pub(super) fn gather(x: &[f32], first: usize, taps: &mut [f32], [h, w, c]: [usize; 3], opposite: bool) {
    for (pixel, taps) in (first..).zip(taps.chunks_exact_mut(9 * c)) {
        for (from, tap) in neighbours(pixel, [h, w], opposite).zip(taps.chunks_exact_mut(c)) {
            match from {
                Some(from) => copy(tap, &x[from * c..from * c + c]),
                None => tap.fill(0.0),
            }
        }
    }
}

/// `taps[pixel, 9 c]` -> `y[pixel, c]`: every pixel adds up the taps that its neighbours hold for it.
pub(super) fn scatter(taps: &[f32], first: usize, y: &mut [f32], [h, w, c]: [usize; 3]) {
    for (pixel, y) in (first..).zip(y.chunks_exact_mut(c)) {
        for (k, from) in neighbours(pixel, [h, w], false).enumerate() {
            let Some(from) = from else { continue };
            let tap = &taps[(from * 9 + k) * c..(from * 9 + k + 1) * c];
            for (y, tap) in y.iter_mut().zip(tap) {
                *y += tap;
            }
        }
    }
}

/// A loop, since a call of memcpy costs more than a few channels.
#[inline(always)]
fn copy(to: &mut [f32], from: &[f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}
