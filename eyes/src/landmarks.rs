//! Where the eyes are in a square around a face (face-api's `FaceLandmark68TinyNet`).

use crate::layers::{Conv, Dense, Map, Separable, Walk};
use crate::square::{Picture, Point, Square};
use crate::weights::Weights;

/// Pixels that a face is shrunk to.
const SIDE: usize = 112;
const MEAN: [f32; 3] = [122.782, 117.001, 104.298];
/// Points around an eye.
const POINTS: usize = 6;
/// Where the eyes of aligned photographs are, from the middle of the left one's points to the right one's: the median of
/// upright portraits.
const EYES: [Point; 2] = [[0.012, 0.024], [1.019, 0.028]];

pub struct Landmarks {
    first: Conv,
    blocks: [[Separable; 2]; 3],
    halves: [Separable; 2],
    last: Dense,
}

impl Landmarks {
    pub fn read(weights: &mut Weights) -> Self {
        let pair = |weights: &mut Weights, channels| [0; 2].map(|_| Separable::read(weights, channels, channels));
        let first = Conv::read(weights, 3, 32);
        let a = pair(weights, 32);
        let to_b = Separable::read(weights, 32, 64);
        let b = pair(weights, 64);
        let to_c = Separable::read(weights, 64, 128);
        let c = pair(weights, 128);
        Self { first, blocks: [a, b, c], halves: [to_b, to_c], last: Dense::read(weights, 128, 4 * POINTS) }
    }

    /// The left eye in the picture, the right one.
    pub fn eyes(&self, picture: Picture, face: Square) -> [Point; 2] {
        let map = Map::from_rgb(face.look(picture, SIDE), SIDE, MEAN);
        let [a, b, c] = &self.blocks;
        let [to_b, to_c] = &self.halves;
        let map = block(self.first.run(&map, Walk::HALF), a);
        let map = block(to_b.run(&map, Walk::HALF), b);
        let map = block(to_c.run(&map, Walk::HALF), c);
        let points = self.last.run(&map.mean()).values;
        let middle = |eye: usize, axis: usize| {
            points[2 * POINTS * eye..][..2 * POINTS].iter().skip(axis).step_by(2).sum::<f32>() / POINTS as f32
        };
        let middles = [0, 1].map(|eye| face.at([middle(eye, 0), middle(eye, 1)]));
        let between = Square::through([[0.0, 0.0], [1.0, 0.0]], middles);
        EYES.map(|eye| between.at(eye))
    }
}

/// Two layers, each added to all that comes before.
fn block(map: Map, [second, third]: &[Separable; 2]) -> Map {
    let relu = |x: f32| x.max(0.0);
    let map = map.map(relu);
    let two = second.run(&map, Walk::SAME).plus(&map);
    let three = third.run(&two.clone().map(relu), Walk::SAME);
    three.plus(&two).map(relu)
}
