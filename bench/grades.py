"""What faces were graded by, less what the kind of face accounts for: what `glow accept` learns from.

    pip install dlib-bin face_recognition_models 'setuptools<81' numpy pillow
    python bench/grades.py --data DIR --model models/faces64.safetensors --grades models/grades/faces64.txt --out grades.csv
    glow accept --model models/faces64.safetensors --grades grades.csv --out accepted.safetensors

A line of grades has a seed, the first of its images, and a digit for each from there on: 0 whole, 1 a small fault, 2 torn, 3 hardly a
face. Some kinds of face (glasses, beards, men) are torn more often than others, and would be drawn no more. So from a
grade is taken most of what a public face descriptor (dlib's, as in bench/faces.py) predicts of it, linearly; and to those is given a
better one that are of a kind of which photographs have more, along the direction in which the mean of the training photographs'
descriptors lies from that of the samples'. Prints how much of the grades' variance the descriptor predicts.
"""

import argparse
import pathlib

import numpy as np
from descriptor import describe
from PIL import Image
from pictures import photographs, samples, side

SIZE = 64
PHOTOGRAPHS = 3000
RIDGE = 4


def read(path):
    """Grades by seed and image."""
    grades = {}
    for line in path.read_text().splitlines():
        if not line.startswith("#"):
            seed, first, digits = line.split()
            grades.setdefault(int(seed), {}).update({int(first) + i: int(grade) for i, grade in enumerate(digits)})
    return grades


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--grades", type=pathlib.Path, required=True)
    parser.add_argument("--temperature", default="0.9", help="at which the faces were drawn")
    parser.add_argument("--kind", type=float, default=0.95, help="how much is taken of what the kind of face accounts for")
    parser.add_argument("--shift", type=float, default=0.3, help="the grade of a deviation towards the photographs' mean")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    args = parser.parse_args()

    graded = read(args.grades)
    draws = [(seed, index) for seed, of_seed in graded.items() for index in sorted(of_seed)]
    grades = np.array([graded[seed][index] for seed, index in draws])
    found, model = [], args.model.resolve()
    size = side(model)
    for seed, of_seed in graded.items():
        images = samples(model, args.temperature, max(of_seed) + 1, size, seed, ["--every"])
        found += [describe(image.resize((SIZE, SIZE), Image.BOX)) for index, image in enumerate(images) if index in of_seed]
    found = np.array(found)
    real = np.mean([describe(image) for image in photographs(args.data, 0, PHOTOGRAPHS, SIZE)], axis=0)

    mean, deviation = found.mean(0), found.std(0)
    whitened = (found - mean) / deviation
    centred = grades - grades.mean()
    kind = whitened @ np.linalg.solve(whitened.T @ whitened + RIDGE * np.eye(len(mean)), whitened.T @ centred)
    print(f"{1 - ((centred - kind) ** 2).mean() / centred.var():.3f} of the variance of {len(grades)} grades")
    covariance = np.cov(found.T)
    direction = np.linalg.solve(covariance + 0.1 * np.diag(covariance).mean() * np.eye(len(mean)), real - mean)
    towards = (found - mean) @ direction
    corrected = grades - args.kind * kind - args.shift * towards / towards.std()
    lines = (f"{seed},{index},{grade:.4f}\n" for (seed, index), grade in zip(draws, corrected, strict=True))
    args.out.write_text("".join(lines))


if __name__ == "__main__":
    main()
