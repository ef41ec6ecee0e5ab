"""Photographs of a data set, and samples of a model."""

import json
import pathlib
import subprocess
import tempfile

from PIL import Image

GLOW = pathlib.Path(__file__).parent.parent / "pkg-scripts/glow.sh"
COLUMNS = 40


def photographs(data, partition, count, size):
    """The first of CelebA's partition: 0 for training, 1 for validation, 2 for test."""
    lines = (data / "list_eval_partition.txt").read_text().split("\n")
    names = [line.split()[0] for line in lines if line.endswith(f" {partition}")]
    for name in names[:count]:
        yield Image.open(data / "images" / name).convert("RGB").resize((size, size), Image.BOX)


def side(model):
    """Of a model's pictures."""
    printed = subprocess.run([GLOW, "inspect", model], stdout=subprocess.PIPE, check=True).stdout
    return json.loads(printed)["config"]["size"]


def samples(model, temperature, count, size, seed=1, flags=()):
    """Those of a seed, at one temperature or, with slashes, one a level."""
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        options = {"model": model, "temperature": temperature.replace("/", ","), "count": count, "out": file.name}
        options |= {"columns": COLUMNS, "zoom": 1, "seed": seed}
        subprocess.run([GLOW, "sample", *(f"--{name}={value}" for name, value in options.items()), *flags], check=True)
        sheet = Image.open(file.name).convert("RGB")
    for i in range(count):
        # A pixel lies between them.
        x, y = (1 + (size + 1) * place for place in (i % COLUMNS, i // COLUMNS))
        yield sheet.crop((x, y, x + size, y + size))
