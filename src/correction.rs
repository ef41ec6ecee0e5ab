//! What the way to the latents and back leaves out. Photographs come back to the last bit. In pictures unlike any that the
//! model learned, such as noise at full contrast, rounding may grow from step to step beyond a level of 255; the inverse of
//! an affine flow also divides by scales that its networks choose, and those come close to 0. What is left out then is kept
//! beside the latents.

/// `rgb` less what its latents were decoded to, value by value; empty where nothing is left out.
pub fn correction(rgb: &[u8], decoded: &[u8]) -> Vec<i16> {
    if rgb == decoded {
        return Vec::new();
    }
    rgb.iter().zip(decoded).map(|(&rgb, &decoded)| i16::from(rgb) - i16::from(decoded)).collect()
}

/// The picture that [`correction`] was made for.
pub fn correct(decoded: &mut [u8], correction: &[i16]) {
    for (value, missing) in decoded.iter_mut().zip(correction) {
        *value = (i16::from(*value) + missing).clamp(0, 255) as u8;
    }
}
