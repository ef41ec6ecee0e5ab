"""How well `glow repair` fills a hole, against OpenCV's two inpaintings and the mean of the training faces.

    pip install numpy opencv-python-headless
    python bench/repair.py --data DIR --model models/faces64.safetensors --count 100 --sheet repair.png

Of test photographs a square of 24 of 64 in the middle is taken out. Prints the mean PSNR in it, in dB, its standard error, and of
how many photographs the flow's is the best; the sheet has a row a photograph: itself, its hole, and what each fills in.
"""

import argparse
import pathlib
import subprocess
import tempfile

import cv2
import numpy as np

GLOW = pathlib.Path(__file__).parent.parent / "pkg-scripts/glow.sh"
SIZE, FROM, TO = 64, 20, 44
RADIUS = 3


def read(data, part, count):
    """Photographs of a part of CelebA: 0 for training, 2 for test."""
    lines = (line.split() for line in (data / "list_eval_partition.txt").read_text().splitlines())
    names = [name for name, of in lines if int(of) == part][:count]
    images = (cv2.imread(str(data / "images" / name)) for name in names)
    return [cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_AREA) for image in images]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="CelebA's lists, and images/")
    parser.add_argument("--model", required=True)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--sheet", help="a picture of them all")
    args = parser.parse_args()
    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[FROM:TO, FROM:TO] = 255
    mean = np.mean(read(args.data, 0, 2000), axis=0).round().astype(np.uint8)
    psnr, rows = {}, []
    with tempfile.TemporaryDirectory() as folder:
        at = {name: str(pathlib.Path(folder) / f"{name}.png") for name in ["hole", "mask", "repaired"]}
        cv2.imwrite(at["mask"], mask)
        for photo in read(args.data, 2, args.count):
            hole = np.where(mask[..., None] > 0, 0, photo).astype(np.uint8)
            cv2.imwrite(at["hole"], hole)
            repair = ["repair", at["hole"], "--mask", at["mask"], "--model", args.model, "--out", at["repaired"]]
            subprocess.run([GLOW, *repair], check=True)
            filled = {
                "glow": cv2.imread(at["repaired"]),
                "OpenCV, Telea": cv2.inpaint(hole, mask, RADIUS, cv2.INPAINT_TELEA),
                "OpenCV, Navier-Stokes": cv2.inpaint(hole, mask, RADIUS, cv2.INPAINT_NS),
                "mean face": np.where(mask[..., None] > 0, mean, photo),
            }
            for name, image in filled.items():
                error = np.mean((image[mask > 0].astype(float) - photo[mask > 0]) ** 2)
                psnr.setdefault(name, []).append(10 * np.log10(255**2 / error))
            rows.append(np.hstack([photo, hole, *filled.values()]))
    best = sum(max(values) == values[0] for values in zip(*psnr.values()))
    print(f"| {len(rows)} photographs | PSNR in the hole, dB | +- |\n|---|---|---|")
    for name, values in psnr.items():
        print(f"| {name} | {np.mean(values):.2f} | {np.std(values) / len(values) ** 0.5:.2f} |")
    print(f"glow's is the best in {best} of {len(rows)}")
    if args.sheet:
        cv2.imwrite(args.sheet, np.vstack(rows))


if __name__ == "__main__":
    main()
