"""How well `glow repair` and `glow enlarge` restore test photographs, against what needs no flow.

    pip install numpy opencv-python-headless pillow dlib-bin face_recognition_models 'setuptools<81'
    python bench/restore.py --data DIR --model models/faces64.safetensors --count 100 --sheet restored.png

Of test photographs a square of 24 of 64 in the middle is taken out, and one of 19, as Asim et al. do (arXiv 1905.11672), then each part
of a face that the page offers, each filled in by the flow, by OpenCV's two inpaintings and by the mean of the training faces; then
they are reduced to 16x16 and enlarged, by the flow also as the mean of three. Prints the
mean PSNR of what was lost, in dB, with its standard error, and the mean distance of the face from the photograph's own in the space
of a public face descriptor (dlib's, as in bench/faces.py). The sheet has a row a photograph: itself, then what each makes of it.
"""

import argparse
import os
import pathlib
import subprocess
import tempfile
from multiprocessing.pool import ThreadPool

import cv2
import numpy as np
from descriptor import describe
from PIL import Image

GLOW = pathlib.Path(__file__).parent.parent / "pkg-scripts/glow.sh"
SIZE, SMALL = 64, 16
SQUARES = {"square": (20, 44), "small square": (22, 41)}
RADIUS = 3
# www/restore/mask.js has the same: centre and radii, in distances between the eyes from the middle between them.
EYES, APART = (0.498, 0.473), 0.25
PARTS = {
    "left eye": (-0.5, 0, 0.4, 0.32),
    "right eye": (0.5, 0, 0.4, 0.32),
    "glasses": (0, 0.05, 1.2, 0.42),
    "mouth": (0, 1.05, 0.62, 0.4),
}


def read(data, part, count):
    """Photographs of a part of CelebA: 0 for training, 2 for test."""
    lines = (line.split() for line in (data / "list_eval_partition.txt").read_text().splitlines())
    names = [name for name, of in lines if int(of) == part][:count]
    images = (cv2.imread(str(data / "images" / name)) for name in names)
    return [cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_AREA) for image in images]


def masks():
    """By name, what is lost."""
    down, across = (np.mgrid[0:SIZE, 0:SIZE] + 0.5) / SIZE
    for name, (start, end) in SQUARES.items():
        square = np.zeros((SIZE, SIZE), bool)
        square[start:end, start:end] = True
        yield name, square
    for name, (x, y, width, height) in PARTS.items():
        middle, low = EYES[0] + x * APART, EYES[1] + y * APART
        yield name, np.hypot((across - middle) / width, (down - low) / height) < APART


def glow(model, command, images, mask=None, mean=1):
    """Restores as many images at once as there are processors."""
    with ThreadPool(os.cpu_count()) as pool:
        return pool.map(lambda image: restore(model, command, image, mask, mean), images)


def restore(model, command, image, mask, mean):
    with tempfile.TemporaryDirectory() as folder:
        given, out, shown = (f"{folder}/{name}.png" for name in ["given", "out", "mask"])
        cv2.imwrite(given, image)
        options = ["--model", model, "--mean", str(mean), "--out", out]
        if mask is not None:
            cv2.imwrite(shown, mask.astype(np.uint8) * 255)
            options += ["--mask", shown]
        subprocess.run([GLOW, command, given, *options], check=True, env=os.environ | {"RAYON_NUM_THREADS": "1"})
        return cv2.imread(out)


def psnr(image, photo, lost):
    return 10 * np.log10(255**2 / np.mean((image[lost].astype(float) - photo[lost]) ** 2))


def distance(image, photo):
    faces = (Image.fromarray(cv2.cvtColor(face, cv2.COLOR_BGR2RGB)) for face in (image, photo))
    first, second = (describe(face) for face in faces)
    return np.linalg.norm(first - second)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="CelebA's lists, and images/")
    parser.add_argument("--model", required=True)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--sheet", help="a picture of the first eight")
    args = parser.parse_args()
    photos = read(args.data, 2, args.count)
    mean = np.mean(read(args.data, 0, 2000), axis=0).round().astype(np.uint8)
    rows = [[photo] for photo in photos]
    print("| lost | restored by | PSNR, dB | +- | face distance | +- |\n|---|---|---|---|---|---|")

    def report(what, lost, restored):
        for name, images in restored.items():
            signal = [psnr(image, photo, lost) for image, photo in zip(images, photos)]
            faces = [distance(image, photo) for image, photo in zip(images, photos)]
            figures = [f"{np.mean(x):.{d}f} | {np.std(x) / len(x) ** 0.5:.{d}f}" for x, d in ((signal, 2), (faces, 3))]
            print(f"| {what} | {name} | {figures[0]} | {figures[1]} |", flush=True)
            for row, image in zip(rows, images):
                row.append(image)

    for what, lost in masks():
        holes = [np.where(lost[..., None], 0, photo).astype(np.uint8) for photo in photos]
        hidden = lost.astype(np.uint8)
        report(
            what,
            lost,
            {
                "glow": glow(args.model, "repair", holes, lost),
                "OpenCV, Telea": [cv2.inpaint(hole, hidden, RADIUS, cv2.INPAINT_TELEA) for hole in holes],
                "OpenCV, Navier-Stokes": [cv2.inpaint(hole, hidden, RADIUS, cv2.INPAINT_NS) for hole in holes],
                "mean face": [np.where(lost[..., None], mean, photo) for photo in photos],
            },
        )
    small = [cv2.resize(photo, (SMALL, SMALL), interpolation=cv2.INTER_AREA) for photo in photos]
    bicubic = [cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC) for image in small]
    enlarged = {
        "glow": glow(args.model, "enlarge", small),
        "glow, mean of 3": glow(args.model, "enlarge", small, mean=3),
        "bicubic": bicubic,
    }
    report(f"{SMALL}x{SMALL} of {SIZE}x{SIZE}", np.ones((SIZE, SIZE), bool), enlarged)
    if args.sheet:
        cv2.imwrite(args.sheet, np.vstack([np.hstack(row) for row in rows[:8]]))


if __name__ == "__main__":
    main()
