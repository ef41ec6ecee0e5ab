"""Writes the tiny flows of this folder: `pip install numpy safetensors`, then `python golden.py`.

An implementation of its own, in f64 and as plain as the formulas, of the conventions in README.md. It checks itself: every
flow's inverse, and its density against the determinant of the whole Jacobian by central differences.
"""

import math
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

LEVELS, STEPS, WIDTH, SIZE, BITS, IMAGES = 2, 2, 6, 8, 5, 4
LOG_2PI = math.log(2 * math.pi)


def squeeze(x):
    b, h, w, c = x.shape
    x = x.reshape(b, h // 2, 2, w // 2, 2, c)
    return x.transpose(0, 1, 3, 5, 2, 4).reshape(b, h // 2, w // 2, 4 * c)


def unsqueeze(y):
    b, h, w, c = y.shape
    y = y.reshape(b, h, w, c // 4, 2, 2)
    return y.transpose(0, 1, 4, 2, 5, 3).reshape(b, 2 * h, 2 * w, c // 4)


def convolve(x, weight, bias):
    """Weights `[out, in, kh, kw]`, with as many zeros around as keep the size."""
    kernel = weight.shape[2]
    around = kernel // 2
    height, width = x.shape[1:3]
    padded = np.pad(x, ((0, 0), (around, around), (around, around), (0, 0)))
    taps = ((dy, dx) for dy in range(kernel) for dx in range(kernel))
    return bias + sum(padded[:, dy : dy + height, dx : dx + width] @ weight[:, :, dy, dx].T for dy, dx in taps)


def halves(x):
    return np.split(x, 2, axis=-1)


def per_image(x):
    return x.reshape(len(x), -1).sum(1)


class Flow:
    def __init__(self, permutation, affine, seed):
        self.permutation, self.affine = permutation, affine
        self.random = np.random.default_rng(seed)
        self.tensors = {}
        channels = 3
        for level in range(LEVELS):
            channels *= 4
            for step in range(STEPS):
                self.add_step(f"levels.{level}.steps.{step}", channels)
            if level < LEVELS - 1:
                self.add_zero_conv(f"levels.{level}.prior", channels // 2, channels)
                channels //= 2
        self.add("top.mean", 0.15, channels)
        self.add("top.log_sigma", 0.15, channels)

    def add(self, name, scale, *shape):
        self.tensors[name] = scale * self.random.standard_normal(shape)

    def add_step(self, name, channels):
        self.add(f"{name}.actnorm.bias", 0.15, channels)
        self.add(f"{name}.actnorm.log_scale", 0.15, channels)
        self.add_permutation(f"{name}.permutation", channels)
        half = channels // 2
        for layer, shape in enumerate([(WIDTH, half, 3, 3), (WIDTH, WIDTH, 1, 1)]):
            self.add(f"{name}.coupling.conv{layer}.weight", math.sqrt(2 / math.prod(shape[1:])), *shape)
            self.add(f"{name}.coupling.conv{layer}.bias", 0.15, shape[0])
        self.add_zero_conv(f"{name}.coupling.conv2", WIDTH, channels if self.affine else half)

    def add_permutation(self, name, channels):
        if self.permutation == "reverse":
            self.tensors[f"{name}.index"] = np.arange(channels)[::-1].astype(float)
        elif self.permutation == "shuffle":
            self.tensors[f"{name}.index"] = self.random.permutation(channels).astype(float)
        else:
            # An order of the rows, and triangles near those of the identity.
            self.tensors[f"{name}.p"] = np.eye(channels)[self.random.permutation(channels)]
            self.add(f"{name}.l", 0.1, channels, channels)
            self.add(f"{name}.u", 0.1, channels, channels)
            self.tensors[f"{name}.l"] = np.tril(self.tensors[f"{name}.l"], -1)
            self.tensors[f"{name}.u"] = np.triu(self.tensors[f"{name}.u"], 1)
            self.tensors[f"{name}.sign"] = self.random.choice([-1.0, 1.0], channels)
            self.add(f"{name}.log_abs_s", 0.1, channels)
            self.tensors[f"{name}.weight"] = self.matrix(name)

    def add_zero_conv(self, name, inputs, outputs):
        # So small that no scale, one after the other, runs away from samples.
        self.add(f"{name}.weight", 0.1, outputs, inputs, 3, 3)
        self.add(f"{name}.bias", 0.1, outputs)
        self.add(f"{name}.log_scale", 0.15, outputs)

    def get(self, name, part):
        return self.tensors[f"{name}.{part}"]

    def zero_conv(self, name, x):
        return convolve(x, self.get(name, "weight"), self.get(name, "bias")) * np.exp(3 * self.get(name, "log_scale"))

    def matrix(self, name):
        lower = self.get(name, "l") + np.eye(len(self.get(name, "p")))
        diagonal = np.diag(self.get(name, "sign") * np.exp(self.get(name, "log_abs_s")))
        return self.get(name, "p") @ lower @ (self.get(name, "u") + diagonal)

    def permute(self, name, x):
        """Output, and the log-determinant of a pixel."""
        if self.permutation == "lu":
            return x @ self.matrix(name).T, self.get(name, "log_abs_s").sum()
        return x[..., self.get(name, "index").astype(int)], 0.0

    def unpermute(self, name, y):
        if self.permutation == "lu":
            return y @ np.linalg.inv(self.matrix(name)).T
        return y[..., np.argsort(self.get(name, "index"))]

    def net(self, name, x1):
        """Shift and scale of a coupling."""
        hidden = x1
        for layer in ["conv0", "conv1"]:
            weight, bias = self.get(name, f"{layer}.weight"), self.get(name, f"{layer}.bias")
            hidden = np.maximum(convolve(hidden, weight, bias), 0)
        out = self.zero_conv(f"{name}.conv2", hidden)
        if not self.affine:
            return out, np.ones_like(out)
        shift, scale = halves(out)
        return shift, 1 / (1 + np.exp(-scale - 2))

    def step(self, name, x):
        pixels = x.shape[1] * x.shape[2]
        log_scale = self.get(name, "actnorm.log_scale")
        x = (x + self.get(name, "actnorm.bias")) * np.exp(log_scale)
        x, log_det = self.permute(f"{name}.permutation", x)
        x1, x2 = halves(x)
        shift, scale = self.net(f"{name}.coupling", x1)
        log_det = pixels * (log_det + log_scale.sum()) + per_image(np.log(scale))
        return np.concatenate([x1, (x2 + shift) * scale], -1), log_det

    def unstep(self, name, y):
        y1, y2 = halves(y)
        shift, scale = self.net(f"{name}.coupling", y1)
        x = self.unpermute(f"{name}.permutation", np.concatenate([y1, y2 / scale - shift], -1))
        return x * np.exp(-self.get(name, "actnorm.log_scale")) - self.get(name, "actnorm.bias")

    def prior(self, level, carried):
        """Mean and log sigma."""
        if level == LEVELS - 1:
            return self.tensors["top.mean"], self.tensors["top.log_sigma"]
        mean, log_sigma = halves(self.zero_conv(f"levels.{level}.prior", carried))
        return mean, np.clip(log_sigma, -5, 5)

    def forward(self, x):
        log_p, latents = 0.0, []
        for level in range(LEVELS):
            x = squeeze(x)
            for step in range(STEPS):
                x, log_det = self.step(f"levels.{level}.steps.{step}", x)
                log_p = log_p + log_det
            carried, z = (None, x) if level == LEVELS - 1 else halves(x)
            mean, log_sigma = self.prior(level, carried)
            eps = (z - mean) * np.exp(-log_sigma)
            log_p = log_p + per_image(-0.5 * eps**2 - 0.5 * LOG_2PI - log_sigma)
            latents.append(eps)
            x = carried
        return log_p, latents

    def inverse(self, latents):
        x = None
        for level in reversed(range(LEVELS)):
            mean, log_sigma = self.prior(level, x)
            z = mean + np.exp(log_sigma) * latents[level]
            x = z if x is None else np.concatenate([x, z], -1)
            for step in reversed(range(STEPS)):
                x = self.unstep(f"levels.{level}.steps.{step}", x)
            x = unsqueeze(x)
        return x


def flat(latents):
    return np.concatenate([eps.reshape(len(eps), -1) for eps in latents], 1)


def check(flow, x, log_p, latents):
    assert np.abs(flow.inverse(latents) - x).max() < 1e-9
    # All differences at once, as one batch each.
    h = 1e-5
    moves = h * np.eye(x[0].size).reshape(-1, *x.shape[1:])
    ahead, behind = (flat(flow.forward(x[:1] + sign * moves)[1]) for sign in (1, -1))
    log_det = np.linalg.slogdet((ahead - behind) / (2 * h))[1]
    by_jacobian = (-0.5 * flat(latents)[0] ** 2 - 0.5 * LOG_2PI).sum() + log_det
    assert abs(by_jacobian - log_p[0]) < 1e-6 * abs(log_p[0]), (by_jacobian, log_p[0])


def main():
    for name, permutation, affine, seed in [
        ("glow", "lu", True, 1),
        ("realnvp", "shuffle", True, 2),
        ("nice", "reverse", False, 3),
    ]:
        flow = Flow(permutation, affine, seed)
        image = flow.random.integers(0, 256, (IMAGES, SIZE, SIZE, 3))
        noise = flow.random.random(image.shape)
        x = (image // 8 + noise) / 2**BITS - 0.5
        log_p, latents = flow.forward(x)
        check(flow, x, log_p, latents)
        drawn = [0.7 * flow.random.standard_normal(eps.shape) for eps in latents]
        sample = flow.inverse(drawn)
        assert np.abs(sample).max() < 30, "f32 has as many digits of it as of an image"
        dims = SIZE * SIZE * 3
        results = {
            "in.image": image.astype(float),
            "in.noise": noise,
            "out.x": x,
            "out.log_p": log_p,
            "out.bits_per_dim": BITS - log_p / (dims * math.log(2)),
            "sample.x": sample,
        }
        for level in range(LEVELS):
            results |= {f"out.eps.{level}": latents[level], f"sample.eps.{level}": drawn[level]}
        facts = dict(levels=LEVELS, steps=STEPS, width=WIDTH, size=SIZE, bits=BITS)
        metadata = {key: str(value) for key, value in facts.items()}
        metadata |= {"permutation": permutation, "coupling": "affine" if affine else "additive"}
        tensors = {key: np.ascontiguousarray(value, dtype=np.float64) for key, value in (flow.tensors | results).items()}
        save_file(tensors, Path(__file__).with_name(f"{name}.safetensors"), metadata)
        print(f"{name}: {results['out.bits_per_dim']} bits/dim, samples to {np.abs(sample).max():.2f}")


if __name__ == "__main__":
    main()
