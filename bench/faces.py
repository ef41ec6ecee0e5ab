"""How far a model's faces are from photographs, in the space of a public face descriptor (dlib's).

    pip install dlib-bin face_recognition_models 'setuptools<81' numpy scipy pillow
    python bench/faces.py --data DIR --model models/faces64.safetensors --temperature 0.7,0.6/0.6/0.7/0.8

Prints, for photographs against as many others and for each temperature (one number, or one a level, finest first): the Frechet
distance (Heusel et al., arXiv 1706.08500, with the descriptor in Inception's place), precision and recall (Kynkäänniemi et al.,
arXiv 1904.06991). Photographs are of the test partition; those that they are compared with, of the training partition. Eyes are
where the frame of the photographs has them, so no detector chooses what is measured.
"""

import argparse
import pathlib

import numpy as np
import scipy.linalg
from descriptor import describe
from PIL import Image
from pictures import photographs, samples, side

NEIGHBOURS = 3


def frechet(a, b):
    (mean_a, mean_b), (cov_a, cov_b) = (a.mean(0), b.mean(0)), (np.cov(a.T), np.cov(b.T))
    root = scipy.linalg.sqrtm(cov_a @ cov_b).real
    return ((mean_a - mean_b) ** 2).sum() + np.trace(cov_a + cov_b - 2 * root)


def distances(a, b):
    return np.linalg.norm(a[:, None] - b[None], axis=2)


def covered(points, by):
    """The share of the points that are as near to one of the others as that is to its nearest neighbours."""
    radii = np.sort(distances(by, by), 1)[:, NEIGHBOURS]
    return (distances(points, by) <= radii).any(1).mean()


parser = argparse.ArgumentParser()
parser.add_argument("--data", type=pathlib.Path, required=True)
parser.add_argument("--model", type=pathlib.Path, required=True)
parser.add_argument("--temperature", default="0.7")
parser.add_argument("--count", type=int, default=1000)
parser.add_argument("--size", type=int, help="side that all are reduced to first; the model's own, if none is given")
parser.add_argument("--clean", action="store_true", help="take the grain out of the samples")
parser.add_argument("--every", action="store_true", help="every draw, also those that the model would not take")
args = parser.parse_args()
args.model = args.model.resolve()
size = side(args.model)
reduced = args.size or size
sets = {"photographs": photographs(args.data, 0, args.count, reduced)}
flags = ["--clean"] * args.clean + ["--every"] * args.every
sets |= {t: samples(args.model, t, args.count, size, flags=flags) for t in args.temperature.split(",")}
real = np.stack([describe(image) for image in photographs(args.data, 2, args.count, reduced)])
print("| temperature | Frechet distance, 1e-3 | precision | recall |\n|---|---|---|---|")
for name, images in sets.items():
    found = np.stack([describe(image.resize((reduced, reduced), Image.BOX)) for image in images])
    row = 1000 * frechet(real, found), covered(found, real), covered(real, found)
    print(f"| {name} | {row[0]:.1f} | {row[1]:.3f} | {row[2]:.3f} |", flush=True)
