//! Boxes around faces: a small YOLO (face-api's `TinyFaceDetector`).

use crate::layers::{Conv, Dense, Map, Separable, Walk};
use crate::square::{Picture, Square};
use crate::weights::Weights;

/// Pixels that a photograph is shrunk to: the smaller ones are for faces that are too large for the boxes in the first.
const SIDES: [usize; 3] = [416, 224, 128];
/// Pixels of a cell.
const CELL: usize = 32;
const MEAN: [f32; 3] = [117.001, 114.697, 97.404];
const CHANNELS: [usize; 6] = [16, 32, 64, 128, 256, 512];
/// Sizes of boxes, in cells.
const ANCHORS: [[f32; 2]; 5] =
    [[1.603231, 2.094468], [6.041143, 7.080126], [2.882459, 3.518061], [4.266906, 5.178857], [9.041765, 10.66308]];
/// Numbers that describe a box: where, how large, how likely.
const NUMBERS: usize = 5;
/// Least probability of a face.
const LIKELY: f32 = 0.5;
/// Boxes that share more than this of their area are of one face.
const SHARED: f32 = 0.4;

pub struct Detector {
    first: Conv,
    middle: Vec<Separable>,
    last: Dense,
}

/// In cells.
struct Found {
    score: f32,
    left: f32,
    top: f32,
    width: f32,
    height: f32,
}

impl Detector {
    pub fn read(weights: &mut Weights) -> Self {
        Self {
            first: Conv::read(weights, 3, CHANNELS[0]),
            middle: CHANNELS.windows(2).map(|pair| Separable::read(weights, pair[0], pair[1])).collect(),
            last: Dense::read(weights, CHANNELS[5], ANCHORS.len() * NUMBERS),
        }
    }

    /// Squares around faces, likeliest first.
    pub fn find(&self, picture: Picture) -> Vec<Square> {
        let mut squares = SIDES.into_iter().map(|side| self.find_at(picture, side));
        squares.find(|squares| !squares.is_empty()).unwrap_or_default()
    }

    fn find_at(&self, picture: Picture, side: usize) -> Vec<Square> {
        let (whole, cells) = (picture.square(), side / CELL);
        let leaky = |x: f32| x.max(0.1 * x);
        let map = Map::from_rgb(whole.glance(picture, side), side, MEAN);
        let mut map = self.first.run(&map, Walk::INSIDE).map(leaky);
        for layer in &self.middle {
            map = layer.run(&map.pool(2), Walk::SAME).map(leaky);
        }
        let share = |length: f32| length / cells as f32;
        let squares = distinct(boxes(&self.last.run(&map.pool(1)).values, cells)).into_iter().map(|found| {
            let side = share(found.width.max(found.height));
            let [u, v] = [share(found.left + found.width / 2.0), share(found.top + found.height / 2.0)];
            let edge = whole.edge.map(|length| length * side);
            Square { corner: whole.at([u - side / 2.0, v - side / 2.0]), edge }
        });
        squares.collect()
    }
}

fn boxes(numbers: &[f32], cells: usize) -> Vec<Found> {
    let sigmoid = |x: f32| 1.0 / (1.0 + (-x).exp());
    let mut found = Vec::new();
    for (i, numbers) in numbers.chunks(NUMBERS).enumerate() {
        let (cell, [wide, high]) = (i / ANCHORS.len(), ANCHORS[i % ANCHORS.len()]);
        let score = sigmoid(numbers[4]);
        if score > LIKELY {
            let (width, height) = (numbers[2].exp() * wide, numbers[3].exp() * high);
            let left = (cell % cells) as f32 + sigmoid(numbers[0]) - width / 2.0;
            let top = (cell / cells) as f32 + sigmoid(numbers[1]) - height / 2.0;
            found.push(Found { score, left, top, width, height });
        }
    }
    found
}

/// The likeliest of the boxes of each face.
fn distinct(mut boxes: Vec<Found>) -> Vec<Found> {
    boxes.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Found> = Vec::new();
    for found in boxes {
        if kept.iter().all(|other| shared(other, &found) <= SHARED) {
            kept.push(found);
        }
    }
    kept
}

/// Of the area of both.
fn shared(a: &Found, b: &Found) -> f32 {
    let overlap = |a: f32, a_length: f32, b: f32, b_length: f32| ((a + a_length).min(b + b_length) - a.max(b)).max(0.0);
    let both = overlap(a.left, a.width, b.left, b.width) * overlap(a.top, a.height, b.top, b.height);
    both / (a.width * a.height + b.width * b.height - both)
}
