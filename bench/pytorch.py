"""Times a whole training step here and in PyTorch, and prints images a second and their ratio. Let nothing else run.

    python bench/pytorch.py [--threads N] [--rounds N]

Here: `whole_training_step` of native/benches/flow.rs, by width, in bf16 where the processor has AVX512-BF16, and in f32. PyTorch: the
same model, batch, clipping and optimiser, contiguous and channels-last, in fp32 and with autocast to bf16. As here,
actnorm and the 1x1 convolution are one matrix, and the scales of the last convolutions are multiplied into their weights.
"""

import argparse
import math
import os
import re
import statistics
import subprocess
import time

import torch
from torch import nn
from torch.nn import functional as F

BATCH, SIZE, LEVELS, STEPS, BITS = 32, 32, 3, 16, 5


class ZeroConv(nn.Module):
    """`(conv(x) + b) exp(3 s)`, zero at first."""

    def __init__(self, c_in, c_out):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(c_out, c_in, 3, 3))
        self.bias = nn.Parameter(torch.zeros(c_out))
        self.log_scale = nn.Parameter(torch.zeros(c_out))

    def forward(self, x):
        scale = (3 * self.log_scale).exp()
        return F.conv2d(x, self.weight * scale[:, None, None, None], self.bias * scale, padding=1)


class Step(nn.Module):
    """Actnorm, 1x1 convolution in LU form, additive coupling."""

    def __init__(self, c, width):
        super().__init__()
        p, l, u = torch.linalg.lu(torch.linalg.qr(torch.randn(c, c))[0])
        s = u.diagonal()
        for name, constant in [("p", p), ("sign", s.sign()), ("eye", torch.eye(c))]:
            self.register_buffer(name, constant)
        self.l, self.u, self.log_abs_s = nn.Parameter(l), nn.Parameter(u), nn.Parameter(s.abs().log())
        self.bias, self.log_scale = nn.Parameter(torch.zeros(c)), nn.Parameter(torch.zeros(c))
        self.net = nn.Sequential(
            nn.Conv2d(c // 2, width, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 1),
            nn.ReLU(inplace=True),
            ZeroConv(width, c // 2),
        )

    def forward(self, x):
        lower = self.l.tril(-1) + self.eye
        upper = self.u.triu(1) + torch.diag(self.sign * self.log_abs_s.exp())
        matrix = self.p @ lower @ upper * self.log_scale.exp()
        x1, x2 = F.conv2d(x, matrix[:, :, None, None], matrix @ self.bias).chunk(2, 1)
        pixels = x.shape[2] * x.shape[3]
        return torch.cat([x1, x2 + self.net(x1)], 1), pixels * (self.log_scale.sum() + self.log_abs_s.sum())


class Glow(nn.Module):
    def __init__(self, width):
        super().__init__()
        channels = [12 * 2**level for level in range(LEVELS)]
        self.levels = nn.ModuleList(nn.ModuleList(Step(c, width) for _ in range(STEPS)) for c in channels)
        self.priors = nn.ModuleList(ZeroConv(c // 2, c) for c in channels[:-1])
        self.mean, self.log_sigma = (nn.Parameter(torch.zeros(1, channels[-1], 1, 1)) for _ in range(2))

    def forward(self, x):
        """bits/dim."""
        log_p = 0
        for level, steps in enumerate(self.levels):
            x = F.pixel_unshuffle(x, 2)
            for step in steps:
                x, log_det = step(x)
                log_p = log_p + log_det
            if level < LEVELS - 1:
                x, z = x.chunk(2, 1)
                mean, log_sigma = self.priors[level](x).chunk(2, 1)
                log_sigma = log_sigma.clamp(-5, 5)
            else:
                z, mean, log_sigma = x, self.mean, self.log_sigma.expand_as(x)
            density = -0.5 * (((z - mean) * (-log_sigma).exp()).square() + math.log(2 * math.pi)) - log_sigma
            log_p = log_p + density.sum([1, 2, 3])
        return BITS - log_p.mean() / (3 * SIZE * SIZE * math.log(2))


def pytorch(width, memory_format, bf16, rounds):
    """Images a second."""
    torch.manual_seed(1)
    model = Glow(width).to(memory_format=memory_format)
    optimiser = torch.optim.Adamax(model.parameters(), lr=1e-4, foreach=True)
    x = (torch.randn(BATCH, 3, SIZE, SIZE) * 0.2).to(memory_format=memory_format)

    def step():
        start = time.perf_counter()
        optimiser.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            loss = model(x)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 10.0, foreach=True)
        optimiser.step()
        loss.item()
        return time.perf_counter() - start

    step()
    return BATCH / statistics.median(step() for _ in range(rounds))


def glow(threads, rounds):
    """Images a second by precision and width, as `cargo bench` prints them."""
    command = ["cargo", "bench", "--package", "glow-native", "--bench", "flow", "--", "whole_training_step", "--sample-count", str(rounds)]
    env = os.environ | {"RAYON_NUM_THREADS": str(threads)}
    table = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True).stdout
    found = {}
    for function, rows in re.findall(r"─ (whole_\w+) .*\n((?:[│ ].*\n)+)", table):
        for width, rates in re.findall(r"─ (\d+) .*\n(.*)", rows):
            # Fastest, slowest, median, mean.
            found.setdefault(int(width), {})[function] = float(re.findall(r"([\d.]+) item/s", rates)[2])
    return found


parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
parser.add_argument("--rounds", type=int, default=10)
args = parser.parse_args()
torch.set_num_threads(args.threads)
print(f"PyTorch {torch.__version__}, threads: {args.threads}; images/s, and the ratio to PyTorch's fastest")
for width, ours in glow(args.threads, args.rounds).items():
    theirs = {}
    for memory_format in [torch.contiguous_format, torch.channels_last]:
        for bf16 in [False, True]:
            name = f"{'bf16' if bf16 else 'fp32'} {str(memory_format).removeprefix('torch.')}"
            theirs[name] = pytorch(width, memory_format, bf16, args.rounds)
    best = max(theirs.values())
    ratios = ", ".join(f"{name} {rate:.1f} ({rate / best:.2f})" for name, rate in (ours | theirs).items())
    print(f"width {width}: {ratios}", flush=True)
