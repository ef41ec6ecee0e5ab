//! Squares of a photograph, which may be turned.

/// Across and down.
pub type Point = [f32; 2];

/// RGB bytes, row by row.
#[derive(Clone, Copy)]
pub struct Picture<'a> {
    rgb: &'a [u8],
    width: usize,
    height: usize,
}

impl<'a> Picture<'a> {
    /// `None` unless there are three bytes for every pixel, and a pixel.
    pub fn new(rgb: &'a [u8], width: usize, height: usize) -> Option<Self> {
        let pixels = width.checked_mul(height)?;
        (pixels > 0 && pixels.checked_mul(3)? == rgb.len()).then_some(Self { rgb, width, height })
    }

    /// The smallest square that holds it, from the top left corner on.
    pub fn square(&self) -> Square {
        Square { corner: [0.0; 2], edge: [self.width.max(self.height) as f32, 0.0] }
    }

    /// Between the pixels' centres; beyond the edge it goes on as at the edge.
    fn at(&self, [x, y]: Point) -> [f32; 3] {
        let (x, y) = (x - 0.5, y - 0.5);
        let (across, down) = (x - x.floor(), y - y.floor());
        let clamp = |at: f32, end: usize| (at.max(0.0) as usize).min(end - 1);
        let [left, right] = [x, x + 1.0].map(|x| clamp(x.floor(), self.width));
        let [top, bottom] = [y, y + 1.0].map(|y| clamp(y.floor(), self.height) * self.width);
        let value = |pixel: usize, channel: usize| f32::from(self.rgb[pixel * 3 + channel]);
        let mix = |a: f32, b: f32, share: f32| a + (b - a) * share;
        std::array::from_fn(|c| {
            let above = mix(value(top + left, c), value(top + right, c), across);
            let below = mix(value(bottom + left, c), value(bottom + right, c), across);
            mix(above, below, down)
        })
    }
}

/// A square, in pixels of a photograph.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Square {
    /// The left end of the top edge.
    pub corner: Point,
    /// From there to its right end.
    pub edge: Point,
}

impl Square {
    /// The one whose points `from`, in shares of its side, lie at `to`.
    pub fn through(from: [Point; 2], to: [Point; 2]) -> Self {
        let [[ux, uy], [vx, vy]] = [from, to].map(|[[ax, ay], [bx, by]]| [bx - ax, by - ay]);
        let length = ux * ux + uy * uy;
        let edge = [(vx * ux + vy * uy) / length, (vy * ux - vx * uy) / length];
        let [x, y] = Self { corner: to[0], edge }.at([-from[0][0], -from[0][1]]);
        Self { corner: [x, y], edge }
    }

    /// Where a point is, in pixels, that is given in shares of the side.
    pub fn at(&self, [u, v]: Point) -> Point {
        let Self { corner: [x, y], edge: [dx, dy] } = self;
        [x + u * dx - v * dy, y + u * dy + v * dx]
    }

    /// The square in `size` times `size` pixels, RGB of 0 to 255: each the mean of the area that it covers.
    pub fn look(&self, picture: Picture, size: usize) -> Vec<f32> {
        self.sample(picture, size, usize::MAX)
    }

    /// The same at a cost that does not grow with the square: of a large area, the mean of some places.
    pub(crate) fn glance(&self, picture: Picture, size: usize) -> Vec<f32> {
        self.sample(picture, size, 16)
    }

    fn sample(&self, picture: Picture, size: usize, most: usize) -> Vec<f32> {
        let side = self.edge[0].hypot(self.edge[1]);
        let samples = (side / size as f32).ceil().clamp(1.0, most as f32) as usize;
        let fine = 1.0 / (size * samples) as f32;
        let mut values = Vec::with_capacity(size * size * 3);
        for row in 0..size {
            for column in 0..size {
                let mut sum = [0.0; 3];
                for i in 0..samples * samples {
                    let across = (column * samples + i % samples) as f32 + 0.5;
                    let down = (row * samples + i / samples) as f32 + 0.5;
                    let colour = picture.at(self.at([across * fine, down * fine]));
                    for (sum, value) in sum.iter_mut().zip(colour) {
                        *sum += value;
                    }
                }
                values.extend(sum.map(|sum| sum / (samples * samples) as f32));
            }
        }
        values
    }
}
