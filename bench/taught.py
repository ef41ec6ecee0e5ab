"""Adds two steps to a model's coarsest level that move its draws a little, away from what was graded as torn, with PyTorch.

    pip install numpy pillow safetensors torch
    python bench/taught.py --model IN --out OUT --seconds N --grades MODEL FILE --grades MODEL FILE ...

The levels do not change, only which latents they get: the steps begin as the identity, keep volume, and are held to move draws as little
as can be, each by itself and, since that changes what kind of faces are drawn, all in the mean. Networks learn the grades (bench/grades.py)
of each MODEL's draws from what its coarsest level makes of them; by these the steps learn. The card says what was run.
"""

import argparse
import copy
import pathlib
import subprocess
import tempfile
import time

import torch
from adversarial import Acceptance, Levels, last, load, write
from grades import read
from pictures import GLOW
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

LEVEL, CHANNELS, TORN = 3, 96, 2


def floats(path):
    return {name: value.float() for name, value in load_file(path).items()}


@torch.no_grad()
def shapes(model, temperature, seed, indices):
    """What a model's coarsest level makes of draws, `[b, 24, 8, 8]`."""
    level = Levels(floats(model), (LEVEL,))
    with tempfile.NamedTemporaryFile(suffix=".safetensors") as file:
        options = {"model": model.resolve(), "temperature": temperature, "seed": seed, "count": max(indices) + 1, "out": file.name}
        subprocess.run([GLOW, "sample", "--every", *(f"--{name}={value}" for name, value in options.items())], check=True)
        latents = load_file(file.name)[f"level.{LEVEL}"].permute(0, 3, 1, 2)[list(indices)]
    return torch.cat([level.from_prior(last(z), []).contiguous() for z in latents.split(250)])


class Teacher:
    """Tells the grade of what a coarsest level gives: the mean of some networks'."""

    def __init__(self, x, grades, networks):
        self.mean, self.deviation, self.centre, self.scale = x.mean(0), x.std(0) + 1e-4, grades.mean(), grades.std()
        x, y = self.whiten(x), (grades - self.centre) / self.scale
        self.networks = [self.fit(x, y).requires_grad_(False) for _ in range(networks)]

    def whiten(self, x):
        return ((x - self.mean) / self.deviation).flatten(1)

    def fit(self, x, y, steps=1000, batch=128):
        layers = (nn.Dropout(0.3), nn.Linear(x.shape[1], 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 64), nn.ReLU(), nn.Dropout(0.5))
        network = nn.Sequential(*layers, nn.Linear(64, 1), nn.Flatten(0))
        adam = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.05)
        for step in range(steps):
            adam.param_groups[0]["lr"] = 1e-3 * min(1, (step + 1) / 50) * (1 - step / steps)
            rows = torch.randint(len(x), (batch,))
            loss = (network(x[rows]) - y[rows]).square().mean()
            adam.zero_grad()
            loss.backward()
            adam.step()
        return network.eval()

    def __call__(self, x):
        x = self.whiten(x)
        return sum(network(x) for network in self.networks) / len(self.networks) * self.scale + self.centre


def learn(options):
    """A teacher by all grades, and how a draw's grade tells whether it is torn: offset and slope, by logistic regression."""
    x, grades = torch.empty(0, 24, 8, 8), torch.empty(0)
    for model, path in (map(pathlib.Path, pair) for pair in options.grades):
        of_seed = read(path)
        new = torch.cat([shapes(model, options.temperature, seed, sorted(found)) for seed, found in of_seed.items()])
        y = torch.tensor([float(found[i]) for found in of_seed.values() for i in sorted(found)])
        # Who grades uses the whole scale for what is seen: how good it is in the mean, those before tell.
        mean = Teacher(x, grades, 2)(new).mean() if len(x) else y.mean()
        x, grades = torch.cat([x, new]), torch.cat([grades, y - y.mean() + mean])
    teacher = Teacher(x, grades, options.networks)
    told, torn, line = teacher(new), (y >= TORN).float(), torch.tensor([0.0, 1.0], requires_grad=True)
    newton = torch.optim.LBFGS([line], max_iter=100)

    def loss():
        newton.zero_grad()
        loss = F.binary_cross_entropy_with_logits(line[0] + line[1] * told, torn)
        loss.backward()
        return loss

    newton.step(loss)
    return teacher, line.detach()


def identity(weights):
    """The weights of two steps that leave everything as it is: each couples a half of the channels to the other, and swaps them."""
    under = f"levels.{LEVEL}.steps.0."
    like = {name.removeprefix(under): torch.zeros_like(value) for name, value in weights.items() if name.startswith(under)}
    swap = {"permutation.Conv1x1.p": torch.eye(CHANNELS).roll(CHANNELS // 2, 0), "permutation.Conv1x1.sign": torch.ones(CHANNELS)}
    steps = {name: weights[name] for name in ("top.mean", "top.log_sigma")}
    for i in range(2):
        random = {name: torch.randn_like(like[name]) * (2 / len(like[name])) ** 0.5 for name in ("coupling.conv0.weight", "coupling.conv1.weight")}
        steps |= {f"levels.{LEVEL}.steps.{i}.{name}": value for name, value in (like | swap | random).items()}
    return steps


class Training:
    def __init__(self, options, weights, new):
        self.options, self.acceptance = options, Acceptance(weights)
        self.teacher, self.line = learn(options)
        self.level, self.steps = Levels(weights, (LEVEL,)).requires_grad_(False), Levels(new, (LEVEL,))
        self.average = copy.deepcopy(self.steps).requires_grad_(False)
        self.trained = [p for name, p in self.steps.named().items() if "coupling" in name and not name.endswith("log_scale")]
        self.adam = torch.optim.Adam(self.trained, betas=(0.5, 0.99))

    def moved(self, z):
        for step in reversed(self.steps.steps[0]):
            z = step.inverse(z)
        return z

    def run(self):
        options, start, step, left, shift = self.options, time.time(), 0, 1.0, 0.0
        while left > 0:
            left = 1 - (time.time() - start) / options.seconds
            z = last(self.acceptance.draw(options.batch) * options.temperature) * self.level.log_sigma.exp() + self.level.mean
            y = self.moved(z)
            torn = (self.line[0] + self.line[1] * self.teacher(self.level.inverse(y, []))).sigmoid().mean()
            move = y - z
            mean = move.mean(0)
            shift = 0.95 * shift + 0.05 * mean.detach()
            loss = options.torn * torn + options.move / 2 * move.square().flatten(1).sum(1).mean() + options.mean * (shift * mean).sum()
            self.adam.param_groups[0]["lr"] = options.rate * min(1.0, step / 100, left / options.fall)
            self.adam.zero_grad()
            loss.backward(inputs=self.trained)
            nn.utils.clip_grad_norm_(self.trained, options.clip)
            self.adam.step()
            with torch.no_grad():
                for average, now in zip(self.average.parameters(), self.steps.parameters()):
                    average.lerp_(now, max(0.005, 1 / (step + 10)))
            if step % 50 == 0:
                length = move.detach().flatten(1).norm(dim=1).mean()
                print(f"{step} torn {torn.item():.3f}, moved by {length:.2f}, in the mean {shift.norm():.2f}", flush=True)
            step += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "out"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--grades", nargs=2, action="append", required=True, metavar=("MODEL", "FILE"), help="of whose draws")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--temperature", type=float, default=0.9, help="at which the faces were drawn")
    parser.add_argument("--networks", type=int, default=6, help="that learn the grades")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--fall", type=float, default=0.6, help="share of the time over which the rate falls to 0")
    parser.add_argument("--clip", type=float, default=30.0, help="the gradient's norm at most")
    parser.add_argument("--torn", type=float, default=130.0, help="what the share of torn draws weighs")
    parser.add_argument("--move", type=float, default=0.5, help="what the squared length of a move weighs")
    parser.add_argument("--mean", type=float, default=5.0, help="what that of the mean move weighs")
    options = parser.parse_args()
    torch.manual_seed(1)
    weights, (tensors, header) = floats(options.model), load(options.model)
    new = identity(weights)
    training = Training(options, weights, new)
    training.run()
    steps = header["config"]["steps"][LEVEL]
    for name, value in (new | training.average.named()).items():
        if name.startswith("levels."):
            _, _, _, step, rest = name.split(".", 4)
            value = value.detach().to(tensors[f"levels.{LEVEL}.steps.0.{rest}"].dtype)
            tensors[f"levels.{LEVEL}.steps.{steps + int(step)}.{rest}"] = value.contiguous()
    header["config"]["steps"][LEVEL] = steps + 2
    write(options.out, tensors, header)


if __name__ == "__main__":
    main()
