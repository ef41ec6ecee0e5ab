//! Image files, as cameras write them.

use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

use glow_native::picture::{open, read_image};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use moxcms::ColorProfile;
use tempfile::TempDir;

/// A JPEG file that is black above and white below, with an EXIF orientation.
fn jpeg(orientation: Option<u8>) -> Vec<u8> {
    let picture = RgbImage::from_fn(16, 32, |_, y| image::Rgb([if y < 16 { 0 } else { 255 }; 3]));
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new(&mut bytes);
    if let Some(orientation) = orientation {
        // A TIFF file, most significant bytes first, of one entry: 0x0112, one short number.
        let tiff = [&b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"[..], &[orientation, 0, 0, 0, 0, 0, 0]];
        encoder.set_exif_metadata(tiff.concat()).unwrap();
    }
    encoder.encode_image(&picture).unwrap();
    bytes
}

#[test]
fn a_photograph_stands_upright_however_the_camera_was_held() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("photo.jpg");
    // Where black lies: corners from the top left, row by row.
    for (orientation, size, black) in [
        (None, (16, 32), [true, true, false, false]),
        (Some(1), (16, 32), [true, true, false, false]),
        (Some(3), (16, 32), [false, false, true, true]),
        (Some(6), (32, 16), [false, true, false, true]),
        (Some(8), (32, 16), [true, false, true, false]),
    ] {
        std::fs::write(&path, jpeg(orientation)).unwrap();
        let image = open(&path).unwrap();
        assert_eq!(image.dimensions(), size, "{orientation:?}");
        let (right, bottom) = (size.0 - 1, size.1 - 1);
        let corners = [(0, 0), (right, 0), (0, bottom), (right, bottom)];
        assert_eq!(corners.map(|(x, y)| image.get_pixel(x, y).0[0] < 128), black, "{orientation:?}");
        assert_eq!(read_image(&path, 8).unwrap().get_pixel(7, 0).0[0] < 128, black[1], "{orientation:?}");
    }
}

fn portrait() -> DynamicImage {
    image::open(format!("{}/tests/portraits/astronaut.png", concat!(env!("CARGO_MANIFEST_DIR"), "/.."))).unwrap()
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A file of that name, in a folder that goes with it.
fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join(name);
    fs::write(&path, bytes).unwrap();
    (dir, path)
}

fn refusal(name: &str, bytes: &[u8]) -> String {
    let (_dir, path) = file(name, bytes);
    open(&path).unwrap_err().to_string()
}

#[test]
fn what_a_file_is_is_told_by_its_content() {
    let portrait = DynamicImage::from(portrait().thumbnail(64, 64).into_rgb8());
    use ImageFormat::*;
    for format in [Png, Jpeg, WebP, Gif, Bmp, Tiff] {
        let bytes = encoded(&portrait, format);
        for name in ["right.png", "wrong.jpg", "other.webp", "none"] {
            let (_dir, path) = file(name, &bytes);
            let image = open(&path).unwrap();
            let error = image.iter().zip(portrait.as_bytes()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>();
            assert!(error < 10 * image.len() as u64, "{format:?} as {name}");
        }
    }
    for bytes in [
        &b""[..],
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\0\0\0\x1cftypavif\0\0\0\0",
        b"\0\0\0\x18ftypheic\0\0\0\0",
        b"<!doctype html>",
    ] {
        assert!(refusal("x.jpg", bytes).contains("PNG, JPEG, WebP, GIF, BMP or TIFF"), "{}", refusal("x.jpg", bytes));
    }
}

#[test]
fn transparent_pixels_lie_on_white() {
    let image = RgbaImage::from_fn(4, 1, |x, _| Rgba([200, 100, 0, [0, 51, 204, 255][x as usize]]));
    let grey = DynamicImage::from(image.clone()).into_luma_alpha16();
    for (format, grey_too) in [(ImageFormat::Png, true), (ImageFormat::WebP, false)] {
        let (_dir, path) = file("x", &encoded(&image.clone().into(), format));
        let expected = [[255, 255, 255], [244, 224, 204], [211, 131, 51], [200, 100, 0]];
        assert_eq!(open(&path).unwrap().pixels().map(|pixel| pixel.0).collect::<Vec<_>>(), expected, "{format:?}");
        if grey_too {
            let (_dir, path) = file("x", &encoded(&grey.clone().into(), format));
            assert_eq!(open(&path).unwrap().get_pixel(0, 0).0, [255; 3]);
        }
    }
    // Two pixels, and a palette whose first colour is transparent.
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x01\x01\x03\0\0\0\xce\xec\xed\xc9\0\0\0\x06PLTE\n\x14\x1e\xc8d\0\xbfw\xe2\x1c\
        \0\0\0\x01tRNS\0@\xe6\xd8f\0\0\0\nIDATx\x9ccp\0\0\0B\0A)7\xf4\xef\0\0\0\0IEND\xaeB`\x82";
    let gif = b"GIF89a\x02\0\x01\0\x81\0\0\n\x14\x1e\xc8d\0\0\0\0\0\0\0!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x02\0\x01\0\0\x08\x05\0\x01\x04\x08\x08\0;";
    for bytes in [&png[..], gif] {
        let (_dir, path) = file("x", bytes);
        assert_eq!(open(&path).unwrap().pixels().map(|pixel| pixel.0).collect::<Vec<_>>(), [[255; 3], [200, 100, 0]]);
    }
}

#[test]
fn a_part_of_a_file_is_no_picture() {
    let portrait = DynamicImage::from(portrait().into_rgb8());
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let bytes = encoded(&portrait, format);
        for share in [1, 5, 9] {
            let message = refusal("x", &bytes[..bytes.len() * share / 10]);
            assert!(message.len() > 20 && !message.contains("is read:"), "{format:?}: {message}");
        }
    }
    // One that goes from coarse to fine has all of its pixels from the first scan on, but not what they are.
    let progressive =
        fs::read(format!("{}/tests/portraits/progressive.jpg", concat!(env!("CARGO_MANIFEST_DIR"), "/.."))).unwrap();
    let scans = progressive.windows(2).enumerate().filter(|(_, bytes)| bytes == &[0xff, 0xda]).map(|(at, _)| at);
    for scan in scans {
        for cut in [scan, scan + 30] {
            assert!(refusal("x", &progressive[..cut]).contains("JPEG"), "cut at {cut} of {}", progressive.len());
        }
    }
    // Without the mark of the end it has all of its pixels; behind it may lie anything.
    let jpeg = encoded(&portrait, ImageFormat::Jpeg);
    let (_whole, whole) = file("x", &jpeg);
    for bytes in [&jpeg[..jpeg.len() - 2], &[&jpeg[..], b"and more"].concat()] {
        let (_dir, path) = file("x", bytes);
        assert!(open(&path).unwrap() == open(&whole).unwrap());
    }
}

/// A PNG file of one row with a profile.
fn with_profile(colours: &[[u8; 3]], profile: &ColorProfile) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    encoder.set_icc_profile(profile.encode().unwrap()).unwrap();
    encoder.write_image(&colours.concat(), colours.len() as u32, 1, ExtendedColorType::Rgb8).unwrap();
    bytes
}

#[test]
fn colours_are_those_that_the_profile_means() {
    let mut swapped = ColorProfile::new_srgb();
    std::mem::swap(&mut swapped.red_colorant, &mut swapped.green_colorant);
    let colours = [[255, 0, 0], [0, 200, 0], [10, 120, 230], [128, 128, 128], [255, 255, 255]];
    let exchanged = colours.map(|[r, g, b]| [g, r, b]);
    // By the definition of Display P3, clipped.
    let p3 = [[255, 0, 0], [0, 204, 0], [0, 122, 238], [128, 128, 128], [255, 255, 255]];
    for (profile, expected) in
        [(swapped, exchanged), (ColorProfile::new_display_p3(), p3), (ColorProfile::new_srgb(), colours)]
    {
        let (_dir, path) = file("x.png", &with_profile(&colours, &profile));
        let image = open(&path).unwrap();
        let close = |(Rgb(a), b): (&Rgb<u8>, &[u8; 3])| a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) <= 1);
        assert!(image.pixels().zip(&expected).all(close), "{image:?} {expected:?}");
    }
}

/// A file of 16 pixels of one colour, of the kind that an encoder writes, with a profile.
fn of_one_colour(mut encoder: impl ImageEncoder, colour: &[u8], kind: ExtendedColorType, profile: &ColorProfile) {
    encoder.set_icc_profile(profile.encode().unwrap()).unwrap();
    encoder.write_image(&colour.repeat(16), 4, 4, kind).unwrap();
}

#[test]
fn profiles_are_read_in_every_kind_of_file() {
    use ExtendedColorType::{L8, Rgb8};
    let (p3, linear) = (ColorProfile::new_display_p3(), ColorProfile::new_gray_with_gamma(1.0));
    let [mut png, mut jpeg, mut webp, mut grey] = [const { Vec::new() }; 4];
    of_one_colour(PngEncoder::new(&mut png), &[10, 120, 230], Rgb8, &p3);
    of_one_colour(JpegEncoder::new_with_quality(&mut jpeg, 100), &[10, 120, 230], Rgb8, &p3);
    of_one_colour(WebPEncoder::new_lossless(&mut webp), &[10, 120, 230], Rgb8, &p3);
    of_one_colour(PngEncoder::new(&mut grey), &[55], L8, &linear);
    // 55 of 255 of the light is 128 in sRGB.
    for (bytes, expected, off) in
        [(png, [0, 122, 238], 1), (jpeg, [0, 122, 238], 3), (webp, [0, 122, 238], 1), (grey, [128; 3], 1)]
    {
        let (_dir, path) = file("x", &bytes);
        let colour = open(&path).unwrap().get_pixel(1, 1).0;
        assert!(colour.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= off), "{colour:?}, not {expected:?}");
    }
}

#[test]
fn too_many_pixels_are_named() {
    // The start of a PNG file: its signature, and a header of 14,000 by 14,000 pixels of 8-bit RGB.
    let header = [&b"IHDR"[..], &14_000_u32.to_be_bytes(), &14_000_u32.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let crc32 = crc32fast::hash(&header).to_be_bytes();
    let end = b"\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xae\x42\x60\x82";
    let png = [&b"\x89PNG\r\n\x1a\n\0\0\0\x0d"[..], &header, &crc32, end].concat();
    let message = refusal("x.png", &png);
    assert!(message.contains("14000x14000") && message.contains("512") && message.contains("smaller"), "{message}");
}
