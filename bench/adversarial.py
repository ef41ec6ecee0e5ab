"""Trains a model's two coarsest levels on against a discriminator (Flow-GAN, Grover et al., arXiv 1705.08868), with PyTorch, on a GPU.

    pip install numpy pillow safetensors torch
    python bench/adversarial.py --data DIR --model IN --out OUT --seconds N

What those levels give, of draws that the model's acceptance takes, and what they are given of photographs are both decoded by the finer
levels, with fresh noise: the pictures differ by the coarse levels alone. `--likelihood` is the weight of the photographs' negative
log-likelihood, in nats a dimension of the coarse levels. The card says what was run.
"""

import argparse
import copy
import json
import pathlib
import time
import zlib

import numpy as np
import torch
from pictures import photographs
from safetensors import safe_open
from safetensors.torch import load_file, save
from torch import nn
from torch.nn import functional as F

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
SIDE, BINS, MAX_LOG_SIGMA, TRIES = 64, 32, 5, 24
# Of Adam, which steps by the sign of what is new; the rate rises over so many steps.
BETAS, RISE = (0.0, 0.99), 300


def load(path):
    """A file's weights, and its header."""
    with safe_open(path, "pt") as file:
        return load_file(path), json.loads(file.metadata()["glow"])


def write(path, tensors, header):
    """A file of weights; its header has the checksum of what is behind it."""
    file = lambda crc32: save(tensors, {"glow": json.dumps(header | {"crc32": crc32}, separators=(",", ":"))})
    blank = file(0)
    path.write_bytes(file(zlib.crc32(blank[8 + int.from_bytes(blank[:8], "little") :])))


def last(x):
    return x.contiguous(memory_format=torch.channels_last)


def squeeze(x):
    """`[b, c, h, w]` to `[b, 4 c, h/2, w/2]`; a pixel's places come first among the channels."""
    b, c, h, w = x.shape
    return x.reshape(b, c, h // 2, 2, w // 2, 2).permute(0, 1, 3, 5, 2, 4).reshape(b, 4 * c, h // 2, w // 2)


def unsqueeze(y):
    b, c, h, w = y.shape
    return last(y.reshape(b, c // 4, 2, 2, h, w).permute(0, 1, 4, 2, 5, 3).reshape(b, c // 4, 2 * h, 2 * w))


class Weights(nn.Module):
    """A layer's parameters by their names in the file, as they are there."""

    def __init__(self, weights):
        super().__init__()
        self.names = {name: name.replace(".", "_") for name in weights}
        for name, key in self.names.items():
            self.register_parameter(key, nn.Parameter(weights[name].clone()))

    def __getitem__(self, name):
        return getattr(self, self.names[name])

    def matrix(self, name):
        """A 1x1 convolution."""
        return self[name].t()[:, :, None, None]

    def taps_in(self, name):
        """`[9 c_in, c_out]` as `[c_out, c_in, 3, 3]`."""
        weight = self[name]
        return weight.reshape(3, 3, -1, weight.shape[1]).permute(3, 2, 0, 1)

    def zero_conv(self, name, x):
        """`(conv(x) + b) exp(3 s)`; the weight is `[c_in, 9 c_out]`."""
        weight, scale = self[name + "weight"], (3 * self[name + "log_scale"]).exp()
        kernel = weight.reshape(weight.shape[0], 3, 3, -1).permute(3, 0, 1, 2) * scale[:, None, None, None]
        return F.conv2d(x, kernel, self[name + "bias"] * scale, padding=1)

    def network(self, x):
        """That of a coupling."""
        x = F.relu(F.conv2d(x, self.taps_in("coupling.conv0.weight"), self["coupling.conv0.bias"], padding=1))
        x = F.relu(F.conv2d(x, self.matrix("coupling.conv1.weight"), self["coupling.conv1.bias"]))
        return self.zero_conv("coupling.conv2.", x)


class Step(Weights):
    """Actnorm, 1x1 convolution, additive coupling. The convolution stays as it is."""

    def __init__(self, weights):
        super().__init__({name: value for name, value in weights.items() if "Conv1x1" not in name})
        p, sign, l, u, log_s = (weights["permutation.Conv1x1." + k].double().cpu() for k in ("p", "sign", "l", "u", "log_abs_s"))
        matrix = p @ (l.tril(-1) + torch.eye(len(p))) @ (u.triu(1) + torch.diag(sign * log_s.exp()))
        self.register_buffer("rotation", matrix.float().to(DEVICE))
        self.register_buffer("back", matrix.inverse().float().to(DEVICE))
        self.log_det = log_s.sum().item()

    def forward(self, x):
        shift, log_scale = self["actnorm.bias"], self["actnorm.log_scale"]
        matrix = self.rotation * log_scale.exp()
        x1, x2 = F.conv2d(x + shift[:, None, None], matrix[:, :, None, None]).chunk(2, 1)
        return torch.cat([x1, x2 + self.network(x1)], 1), (log_scale.sum() + self.log_det) * x.shape[2] * x.shape[3]

    def inverse(self, y):
        y1, y2 = y.chunk(2, 1)
        matrix = (-self["actnorm.log_scale"]).exp()[:, None] * self.back
        return F.conv2d(torch.cat([y1, y2 - self.network(y1)], 1), matrix[:, :, None, None], -self["actnorm.bias"])


class Split(Weights):
    def prior(self, z1):
        mean, log_sigma = self.zero_conv("prior.", z1).chunk(2, 1)
        return mean, log_sigma.clamp(-MAX_LOG_SIGMA, MAX_LOG_SIGMA)

    def forward(self, x):
        z1, z2 = x.chunk(2, 1)
        mean, log_sigma = self.prior(z1)
        return z1, (z2 - mean) * (-log_sigma).exp(), -log_sigma.flatten(1).sum(1)

    def inverse(self, z1, eps):
        mean, log_sigma = self.prior(z1)
        return torch.cat([z1, eps * log_sigma.exp() + mean], 1)


class Levels(nn.Module):
    """Some consecutive levels of a model, finest first."""

    def __init__(self, weights, levels):
        super().__init__()
        under = lambda prefix: {name[len(prefix) :]: value for name, value in weights.items() if name.startswith(prefix)}
        self.prefixes, self.steps, self.splits = {}, nn.ModuleList(), nn.ModuleList()
        for level in levels:
            names = under(f"levels.{level}.steps.")
            count = 1 + max(int(name.split(".")[0]) for name in names)
            self.steps.append(nn.ModuleList(Step(under(f"levels.{level}.steps.{i}.")) for i in range(count)))
            self.prefixes |= {step: f"levels.{level}.steps.{i}." for i, step in enumerate(self.steps[-1])}
            if split := under(f"levels.{level}.split."):
                self.splits.append(Split(split))
                self.prefixes[self.splits[-1]] = f"levels.{level}.split."
        for name in ("mean", "log_sigma"):
            self.register_buffer(name, weights["top." + name][:, None, None])

    def named(self):
        """The parameters by their names in the file."""
        return {prefix + name: layer[name] for layer, prefix in self.prefixes.items() for name in layer.names}

    def forward(self, x):
        """What the last level gives, the latents of the splits, and the log-determinant, `[b]`."""
        latents, log_det = [], 0
        for level, steps in enumerate(self.steps):
            x = squeeze(x)
            for step in steps:
                x, by_step = step(x)
                log_det = log_det + by_step
            if level < len(self.splits):
                x, eps, by_split = self.splits[level](x)
                latents.append(eps)
                log_det = log_det + by_split
        return x, latents, log_det

    def inverse(self, x, latents):
        for level in reversed(range(len(self.steps))):
            if level < len(self.splits):
                x = self.splits[level].inverse(x, latents[level])
            for step in reversed(self.steps[level]):
                x = step.inverse(x)
            x = unsqueeze(x)
        return x

    def from_prior(self, z, latents):
        return self.inverse(last(z) * self.log_sigma.exp() + self.mean, latents)

    def log_likelihood(self, x):
        """Nats, `[b]`."""
        y, latents, log_det = self(x)
        standard = [(y - self.mean) * (-self.log_sigma).exp(), *latents]
        log_det = log_det - self.log_sigma.sum() * y.shape[2] * y.shape[3]
        return log_det - sum((z.square() / 2 + np.log(2 * np.pi) / 2).flatten(1).sum(1) for z in standard)


class Residual(nn.Module):
    def __init__(self, c_in, c_out):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(c_in, c_in, 3, padding=1), nn.Conv2d(c_in, c_out, 3, padding=1)
        self.skip = nn.Conv2d(c_in, c_out, 1, bias=False)

    def forward(self, x):
        y = self.conv2(F.leaky_relu(self.conv1(F.leaky_relu(x, 0.2)), 0.2))
        return F.avg_pool2d(self.skip(x) + y, 2) * 0.5**0.5


class Discriminator(nn.Module):
    """Of pictures, `[b, 3, 64, 64]` within -1/2 and 1/2, b a multiple of 8."""

    def __init__(self, width=96):
        super().__init__()
        self.first = nn.Conv2d(12, width, 3, padding=1)
        self.place = nn.Parameter(torch.zeros(1, width, SIDE // 2, SIDE // 2))
        self.body = nn.Sequential(Residual(width, 2 * width), Residual(2 * width, 256), Residual(256, 256))
        self.conv = nn.Conv2d(257, 256, 3, padding=1)
        self.dense, self.out = nn.Linear(256 * 16, 256), nn.Linear(256, 1)

    def forward(self, x):
        with torch.autocast(DEVICE, torch.bfloat16, enabled=DEVICE == "cuda"):
            x = self.body(self.first(squeeze(2 * x)) + self.place)
            # How much those of a group of 8 differ (arXiv 1710.10196, section 3).
            groups = x.float().reshape(-1, 8, *x.shape[1:])
            spread = (groups.var(1, correction=0) + 1e-8).sqrt().mean((1, 2, 3)).repeat_interleave(8)
            x = torch.cat([x, spread.to(x.dtype)[:, None, None, None].expand(-1, 1, 4, 4)], 1)
            x = F.leaky_relu(self.dense(F.leaky_relu(self.conv(x), 0.2).flatten(1)), 0.2)
            return self.out(x).float()[:, 0]


def augment(x, strength):
    """Other colours, places and sizes, mirrored, with a part blank: of drawn and real ones alike (arXiv 2006.10738)."""
    n = len(x)
    uniform = lambda *shape: strength * (2 * torch.rand(n, *shape, device=DEVICE) - 1)
    x = x + 0.1 * uniform(1, 1, 1)
    for over, by in ((1, 0.4), ((1, 2, 3), 0.25)):
        mean = x.mean(over, keepdim=True)
        x = mean + (x - mean) * (1 + by * uniform(1, 1, 1))
    turn, scale, mirror = 0.12 * uniform(), 1 + 0.1 * uniform(), (torch.rand(n, device=DEVICE) < 0.5) * 2.0 - 1
    cos, sin = scale * turn.cos(), scale * turn.sin()
    rows = [torch.stack(row, 1) for row in ((mirror * cos, -sin, 0.12 * uniform()), (mirror * sin, cos, 0.12 * uniform()))]
    grid = F.affine_grid(torch.stack(rows, 1), list(x.shape), align_corners=False)
    x = F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)
    centre = torch.rand(n, 2, 1, device=DEVICE) * SIDE
    blank = (torch.rand(n, 1, 1, device=DEVICE) < 0.5 * strength) & ((torch.arange(SIDE, device=DEVICE) - centre).abs() < 10)
    return last(x * ~(blank[:, 0, :, None] & blank[:, 1, None])[:, None])


class Acceptance:
    """What chooses among draws (src/acceptance.rs)."""

    def __init__(self, weights):
        self.layers = [(weights[f"acceptance.{i}.weight"], weights[f"acceptance.{i}.bias"]) for i in range(3)]

    def draw(self, count):
        """Latents of the coarsest level that it takes, `[count, 96, 4, 4]`."""
        z = torch.randn(count * TRIES, 96, 4, 4, device=DEVICE)
        score = z.permute(0, 2, 3, 1).flatten(1)
        for i, (weight, bias) in enumerate(self.layers):
            score = (score.relu() if i else score) @ weight + bias
        first = (score[:, 0] < 0).view(count, TRIES).float().argmax(1)
        return z.view(count, TRIES, 96, 4, 4)[torch.arange(count, device=DEVICE), first]


class Training:
    def __init__(self, options, weights, photographs):
        self.options, self.batch, self.strength = options, options.batch, options.augment
        self.acceptance = Acceptance(weights)
        self.dequantiser = Weights({n.removeprefix("dequantiser."): w for n, w in weights.items() if n.startswith("dequantiser.")})
        self.fine, self.coarse = Levels(weights, (0, 1)).requires_grad_(False), Levels(weights, (2, 3))
        self.mean = copy.deepcopy(self.coarse).requires_grad_(False)
        self.real = torch.cat([self.encode(x) for x in photographs])
        self.critic = Discriminator().to(DEVICE, memory_format=torch.channels_last)
        if options.resume and options.resume.exists():
            state = torch.load(options.resume, map_location=DEVICE)
            for module, saved in zip((self.coarse, self.mean, self.critic), state):
                module.load_state_dict(saved)
        slow = {id(p) for name, p in self.coarse.named().items() if "actnorm" in name}
        fixed = [p for name, p in self.coarse.named().items() if name.endswith("log_scale") and "actnorm" not in name]
        for parameter in fixed:
            parameter.requires_grad_(False)
        trained = [p for p in self.coarse.parameters() if p.requires_grad]
        groups = [[p for p in trained if (id(p) in slow) == is_slow] for is_slow in (False, True)]
        self.rates = [torch.zeros((), device=DEVICE) for _ in range(3)]
        adam = lambda groups: torch.optim.Adam(groups, betas=BETAS, capturable=DEVICE == "cuda", fused=True if DEVICE == "cuda" else None)
        self.coarse_adam = adam([{"params": p, "lr": rate} for p, rate in zip(groups, self.rates[:2])])
        self.critic_adam = adam([{"params": list(self.critic.parameters()), "lr": self.rates[2]}])
        self.new = torch.ones((), device=DEVICE)
        self.norms = {id(adam): torch.zeros((), device=DEVICE) for adam in (self.coarse_adam, self.critic_adam)}
        self.drawn = last(torch.zeros(self.batch, 3, SIDE, SIDE, device=DEVICE))
        self.right, self.loss = (torch.zeros((), device=DEVICE) for _ in range(2))

    @torch.no_grad()
    def encode(self, bytes):
        """What the third level is given of photographs, `[b, 3, 64, 64]` in 0 to 255, with learned noise (src/flow/dequantiser.rs)."""
        q = squeeze((bytes.to(DEVICE).float() * BINS / 256).floor())
        picture = last(q * 16 / BINS - 8)
        t, r = self.dequantiser.network(picture).chunk(2, 1)
        noise = torch.rand_like(q).clamp(1e-6, 1 - 1e-6).logit()
        x = (q + ((noise + t) * (r + 2).sigmoid()).sigmoid()) / BINS - 0.5
        return self.fine(unsqueeze(x))[0]

    def noise(self, channels, side):
        return last(torch.randn(self.batch, channels, side, side, device=DEVICE) * self.options.temperature)

    def decode(self, x):
        return self.fine.inverse(x, [self.noise(6, 32), self.noise(12, 16)])

    def draw(self, levels):
        z = self.acceptance.draw(self.batch) * self.options.temperature
        return self.decode(levels.from_prior(z, [self.noise(24, 8)]))

    def some(self, count):
        return last(self.real[torch.randint(len(self.real), (count,), device=DEVICE)])

    def step(self, adam, loss):
        """With the gradient's norm at 1.5 times the usual, none where it is not finite."""
        parameters = [p for group in adam.param_groups for p in group["params"]]
        for p in parameters:
            p.grad = torch.zeros_like(p) if p.grad is None else p.grad.zero_()
        loss.backward(inputs=parameters)
        gradients, usual = [p.grad for p in parameters], self.norms[id(adam)]
        norm = torch.stack(torch._foreach_norm(gradients)).norm()
        finite = norm.isfinite()
        next_usual = torch.where(usual > 0, usual.lerp(norm.minimum(3 * usual), 0.02), norm)
        usual.copy_(torch.where(finite, next_usual, usual))
        factor = torch.where(finite, (1.5 * usual / norm.clamp(min=1e-12)).clamp(max=1), 0.0)
        for gradient in gradients:
            gradient.nan_to_num_(0.0, 0.0, 0.0).mul_(factor)
        adam.step()

    def refresh(self):
        with torch.no_grad():
            self.drawn.copy_(self.draw(self.coarse))

    def criticise(self, penalised=False):
        with torch.no_grad():
            real, drawn = (augment(x, self.strength) for x in (self.decode(self.some(self.batch)), self.drawn))
        real.requires_grad_(penalised)
        of_real, of_drawn = self.critic(real), self.critic(drawn)
        loss = F.softplus(-of_real).mean() + F.softplus(of_drawn).mean()
        self.right.copy_(((of_real > 0).float().mean() + (of_drawn < 0).float().mean()) / 2)
        self.loss.copy_(loss.detach() / 2)
        if penalised:
            # R1 (arXiv 1801.04406), one step in eight.
            (gradient,) = torch.autograd.grad(of_real.sum(), real, create_graph=True)
            loss = loss + 8 * self.options.penalty / 2 * gradient.square().flatten(1).sum(1).mean()
        self.step(self.critic_adam, loss)

    def generate(self):
        drawn = self.draw(self.coarse)
        self.drawn.copy_(drawn.detach())
        likelihood = self.coarse.log_likelihood(self.some(self.batch // 4)).mean() / self.real[0].numel()
        loss = F.softplus(-self.critic(augment(drawn, self.strength))).mean() - self.options.likelihood * likelihood
        self.step(self.coarse_adam, loss)
        with torch.no_grad():
            for mean, now in zip(self.mean.parameters(), self.coarse.parameters()):
                mean.lerp_(now, self.new)

    def captured(self):
        """These steps, on a GPU each as one graph: launches cost more than arithmetic."""
        steps = {"refresh": self.refresh, "plain": self.criticise, "penalised": lambda: self.criticise(True), "generate": self.generate}
        if DEVICE != "cuda":
            return steps
        beside = torch.cuda.Stream()
        beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(beside):
            for step in list(steps.values()) * 3:
                step()
        torch.cuda.synchronize()
        pool = torch.cuda.graph_pool_handle()
        for name, step in steps.items():
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, pool=pool):
                step()
            steps[name] = graph.replay
        return steps

    def run(self):
        options, steps, start, step, left = self.options, self.captured(), time.time(), 0, 1.0
        while left > 0:
            left = 1 - (time.time() - start) / options.seconds
            falling = max(0.0, min(1.0, left / max(options.fall, 1e-9)))
            rising = min(1.0, max(0.0, (step - options.wait) / RISE))
            for rate, value in zip(self.rates, (options.rate * rising, options.rate * rising / 5, options.critic_rate * min(1.0, (step + 1) / 50))):
                rate.fill_(value * falling)
            self.new.fill_(max(0.001, 1 / (step - options.wait + 10)) if step > options.wait else 1.0)
            if step < options.wait:
                steps["refresh"]()
            steps["plain" if step % 8 else "penalised"]()
            if step >= options.wait:
                steps["generate"]()
            if step % 100 == 0:
                with torch.no_grad():
                    nats = torch.cat([self.mean.log_likelihood(x) for x in self.real[:1000].split(250)]).mean()
                print(f"{step} right {self.right.item():.3f} loss {self.loss.item():.3f} photographs {nats.item():.1f} nats", flush=True)
            step += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "model", "out"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--resume", type=pathlib.Path, help="where what goes on is kept, and taken from if it is there")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--batch", type=int, default=256, help="a multiple of 32")
    parser.add_argument("--photographs", type=int, default=24_000)
    parser.add_argument("--temperature", type=float, default=0.95)
    parser.add_argument("--rate", type=float, default=4e-4)
    parser.add_argument("--critic-rate", type=float, default=6e-4)
    parser.add_argument("--likelihood", type=float, default=1.0)
    parser.add_argument("--penalty", type=float, default=0.2)
    parser.add_argument("--augment", type=float, default=0.7)
    parser.add_argument("--wait", type=int, default=200, help="steps of the discriminator alone")
    parser.add_argument("--fall", type=float, default=0.5, help="share of the time over which rates fall to 0")
    parser.add_argument("--share", type=float, default=1.0, help="of the change that is written")
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.backends.cudnn.benchmark = torch.backends.cuda.matmul.allow_tf32 = True
    tensors, header = load(options.model)
    before = {name: tensor.float().to(DEVICE) for name, tensor in tensors.items()}
    images = [np.array(image) for image in photographs(options.data, 0, options.photographs, SIDE)]
    training = Training(options, before, torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).split(256))
    training.run()
    for name, value in training.mean.named().items():
        tensors[name] = before[name].lerp(value, options.share).to(tensors[name].dtype).cpu().contiguous()
    write(options.out, tensors, header)
    if options.resume:
        torch.save([m.state_dict() for m in (training.coarse, training.mean, training.critic)], options.resume)


if __name__ == "__main__":
    main()
