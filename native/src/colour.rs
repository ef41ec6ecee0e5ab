//! Colours as a picture's profile means them, in sRGB. Native only.

use image::{DynamicImage, RgbImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// Values of the colours that tell whether a profile is that of sRGB by another name.
const PROBES: [u8; 6] = [0, 51, 102, 153, 204, 255];

/// The colours of an image by its ICC profile; `None` for a profile that is damaged, or of other colours than the image's.
pub fn to_srgb(image: &DynamicImage, profile: &[u8]) -> Option<RgbImage> {
    let profile = ColorProfile::new_from_slice(profile).ok()?;
    let (from, layout) = match (profile.color_space, image.color().has_color()) {
        (DataColorSpace::Rgb, _) => (image.to_rgb8().into_raw(), Layout::Rgb),
        (DataColorSpace::Gray, false) => (image.to_luma8().into_raw(), Layout::Gray),
        _ => return None,
    };
    let srgb = ColorProfile::new_srgb();
    let transform = profile.create_transform_8bit(layout, &srgb, Layout::Rgb, TransformOptions::default()).ok()?;
    let convert = |from: &[u8]| {
        let mut to = vec![0; from.len() / layout.channels() * 3];
        transform.transform(from, &mut to).ok().map(|()| to)
    };
    // Most are sRGB: rounding would move their colours, as it does in no browser.
    let probes: Vec<u8> = PROBES
        .iter()
        .flat_map(|r| PROBES.iter().flat_map(move |g| PROBES.iter().flat_map(move |b| [*r, *g, *b])))
        .collect();
    let same = layout == Layout::Rgb && convert(&probes)?.iter().zip(&probes).all(|(to, from)| to.abs_diff(*from) <= 1);
    let to = if same { from } else { convert(&from)? };
    RgbImage::from_raw(image.width(), image.height(), to)
}
