//! How far from the eyes the found ones are: `cargo run --release -p glow-eyes --example error -- DIR`
//!
//! DIR is laid out as CelebA is, its photographs aligned; those of the test split become portraits of 640 pixels, enlarged,
//! turned and shifted. That they are aligned is itself true only on average.

use std::path::Path;
use std::time::Instant;

use eyes::{Finder, Picture, Square};

const PORTRAITS: usize = 200;
const SIDE: usize = 640;
/// Where the photographs have the eyes, in shares of the side.
const EYES: [[f32; 2]; 2] = [[0.3734, 0.4734], [0.6234, 0.4734]];

fn main() {
    let folder = std::env::args().nth(1).expect("a folder");
    let split = std::fs::read_to_string(Path::new(&folder).join("list_eval_partition.txt")).expect("a split");
    let test = split.lines().filter_map(|line| line.strip_suffix(" 2"));
    let step = test.clone().count().div_ceil(PORTRAITS).max(1);
    let finder = Finder::default();
    let (mut errors, mut milliseconds, mut missed) = (Vec::new(), Vec::new(), 0);
    for (i, name) in test.step_by(step).enumerate() {
        let photo = image::open(Path::new(&folder).join("images").join(name)).expect("a photograph").into_rgb8();
        let side = photo.width() as f32;
        let picture = Picture::new(&photo, photo.width() as usize, photo.height() as usize).expect("a picture");
        // Numbers between -1/2 and 1/2, evenly spread: the fractional parts of multiples of roots.
        let [turn, size, x, y] = [2.0_f32, 3.0, 5.0, 7.0].map(|n| (i as f32 * n.sqrt()).fract() - 0.5);
        let (sin, cos) = (turn * 24.0).to_radians().sin_cos();
        // The photograph is 300 to 600 pixels wide in the portrait.
        let length = side * SIDE as f32 / (450.0 + 300.0 * size);
        let edge = [length * cos, length * sin];
        let spare = (length - side).max(0.0);
        let middle = [x, y].map(|shift| side / 2.0 + shift * spare);
        let square =
            Square { corner: [middle[0] - (edge[0] - edge[1]) / 2.0, middle[1] - edge[0].midpoint(edge[1])], edge };
        let portrait: Vec<u8> = square.look(picture, SIDE).into_iter().map(|value| value.round() as u8).collect();
        let start = Instant::now();
        let faces = finder.find(Picture::new(&portrait, SIDE, SIDE).expect("a picture"));
        milliseconds.push(start.elapsed().as_secs_f32() * 1e3);
        let Some(found) = faces.first() else {
            missed += 1;
            continue;
        };
        let off = |eye: usize| {
            let [x, y] = square.at(found[eye].map(|pixel| pixel / SIDE as f32));
            (x - EYES[eye][0] * side).hypot(y - EYES[eye][1] * side)
        };
        errors.push(off(0).midpoint(off(1)) / ((EYES[1][0] - EYES[0][0]) * side));
    }
    let share = |values: &mut Vec<f32>, share: f32| {
        values.sort_by(f32::total_cmp);
        values[(values.len() as f32 * share) as usize]
    };
    println!(
        "{} portraits, no face in {missed}; error: median {:.2}%, nine in ten below {:.2}% of the distance between the eyes; \
         median {:.0} ms",
        milliseconds.len(),
        share(&mut errors, 0.5) * 100.0,
        share(&mut errors, 0.9) * 100.0,
        share(&mut milliseconds, 0.5),
    );
}
