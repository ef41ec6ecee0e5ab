//! Between pixels and the taps of a 3x3 kernel, as `conv` does it with tensors.
//!
//! Tap k looks at a neighbour, `(k / 3 - 1, k % 3 - 1)` away. In the gradient of what gathers or scatters, everything
//! goes the other way, and a tap looks at the `opposite` neighbour.

/// Where tap `k` of pixel `(y, x)` looks, if that is inside the image.
#[inline(always)]
fn neighbour(k: usize, (y, x): (usize, usize), (h, w): (usize, usize), opposite: bool) -> Option<usize> {
    let k = if opposite { 8 - k } else { k };
    let (y, x) = ((y + k / 3).wrapping_sub(1), (x + k % 3).wrapping_sub(1));
    (y < h && x < w).then(|| y * w + x)
}

/// `x[pixel, c]` -> `taps[pixel, 9 c]`, zeros outside the image.
pub(super) fn gather(x: &[f32], taps: &mut Vec<f32>, [h, w, c]: [usize; 3], opposite: bool) {
    taps.resize(9 * x.len(), 0.0);
    for (image, taps) in x.chunks_exact(h * w * c).zip(taps.chunks_exact_mut(9 * h * w * c)) {
        for (pixel, taps) in taps.chunks_exact_mut(9 * c).enumerate() {
            for (k, tap) in taps.chunks_exact_mut(c).enumerate() {
                match neighbour(k, (pixel / w, pixel % w), (h, w), opposite) {
                    Some(from) => copy(tap, &image[from * c..from * c + c]),
                    None => tap.fill(0.0),
                }
            }
        }
    }
}

/// `taps[pixel, 9 c]` -> `y[pixel, c]`: every pixel adds up the taps that its neighbours hold for it.
pub(super) fn scatter(taps: &[f32], y: &mut [f32], [h, w, c]: [usize; 3], opposite: bool) {
    for (image, y) in taps.chunks_exact(9 * h * w * c).zip(y.chunks_exact_mut(h * w * c)) {
        for (pixel, y) in y.chunks_exact_mut(c).enumerate() {
            y.fill(0.0);
            for k in 0..9 {
                if let Some(from) = neighbour(k, (pixel / w, pixel % w), (h, w), opposite) {
                    let tap = &image[(from * 9 + k) * c..(from * 9 + k + 1) * c];
                    for (y, tap) in y.iter_mut().zip(tap) {
                        *y += tap;
                    }
                }
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
