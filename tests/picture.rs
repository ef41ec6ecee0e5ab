//! Image files, as cameras write them.

#![cfg(not(target_family = "wasm"))]

use glow::picture::{open, read_image};
use image::codecs::jpeg::JpegEncoder;
use image::{ImageEncoder, RgbImage};

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
    let dir = tempfile::TempDir::new().unwrap();
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
