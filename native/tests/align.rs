//! Eyes in portraits, and the frame that follows from them.

use eyes::{Finder, Picture, Point, Square};
use glow_native::align::{EYES, align};
use image::{RgbImage, imageops};

const ASTRONAUT: [Point; 2] = [[203.0, 101.0], [246.0, 103.0]];

fn portrait(name: &str) -> RgbImage {
    image::open(format!("{}/tests/portraits/{name}", concat!(env!("CARGO_MANIFEST_DIR"), "/.."))).unwrap().into_rgb8()
}

fn find(image: &RgbImage) -> Vec<[Point; 2]> {
    Finder::default().find(picture(image))
}

fn picture(image: &RgbImage) -> Picture<'_> {
    Picture::new(image, image.width() as usize, image.height() as usize).unwrap()
}

fn distance([ax, ay]: Point, [bx, by]: Point) -> f32 {
    (ax - bx).hypot(ay - by)
}

/// Mean over both eyes, as a share of the distance between them.
fn error(found: [Point; 2], expected: [Point; 2]) -> f32 {
    distance(found[0], expected[0]).midpoint(distance(found[1], expected[1])) / distance(expected[0], expected[1])
}

#[test]
fn eyes_are_found_however_the_portrait_is_turned_and_scaled() {
    let astronaut = portrait("astronaut.png");
    for (degrees, side) in [(0.0_f32, 512.0), (0.0, 300.0), (12.0, 400.0), (-12.0, 400.0)] {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let edge = [side * cos, side * sin];
        // The middle between the eyes in the middle of the square.
        let square = Square { corner: [224.0 - (edge[0] - edge[1]) / 2.0, 102.0 - edge[0].midpoint(edge[1])], edge };
        let bytes = square.look(picture(&astronaut), 480).into_iter().map(|value| value as u8).collect();
        let faces = find(&RgbImage::from_raw(480, 480, bytes).unwrap());
        assert_eq!(faces.len(), 1, "{degrees} {side}");
        let eyes = faces[0].map(|eye| square.at(eye.map(|pixel| pixel / 480.0)));
        let error = error(eyes, ASTRONAUT);
        assert!(error < 0.08, "{degrees} {side}: {error}");
    }
}

#[test]
fn an_aligned_portrait_has_its_eyes_in_the_frame() {
    let aligned = align(&portrait("astronaut.png"), 320).unwrap();
    let faces = find(&aligned);
    let error = error(faces[0].map(|eye| eye.map(|pixel| pixel / 320.0)), EYES);
    assert!(error < 0.06, "{error}");
}

#[test]
fn several_faces_are_told_apart() {
    let astronaut = portrait("astronaut.png");
    let mut both = RgbImage::new(900, 512);
    imageops::replace(&mut both, &imageops::thumbnail(&astronaut, 350, 350), 0, 0);
    imageops::replace(&mut both, &astronaut, 388, 0);
    let mut faces = find(&both);
    faces.sort_by(|a, b| a[0][0].total_cmp(&b[0][0]));
    assert_eq!(faces.len(), 2);
    assert!(faces[0][1][0] < 350.0 && faces[1][0][0] > 388.0, "{faces:?}");
}

#[test]
fn a_cat_has_no_face() {
    assert!(align(&portrait("chelsea.png"), 32).is_none());
}

/// Its square has 10^13 places: whoever looks at them all does not come to an end.
#[test]
fn a_long_picture_costs_no_more_than_another() {
    assert!(find(&RgbImage::new(5_000_000, 2)).is_empty());
}

#[test]
fn what_is_no_picture_is_refused() {
    assert!(Picture::new(&[0; 12], 2, 2).is_some());
    for (bytes, width, height) in [(11, 2, 2), (12, 2, 3), (0, 0, 0), (0, usize::MAX, 2)] {
        assert!(Picture::new(&vec![0; bytes], width, height).is_none(), "{bytes} {width} {height}");
    }
}
