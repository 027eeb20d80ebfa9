"""Optimizers of PyTorch and optax on a small tree of parameters, in double precision.

    pip install torch jax optax && python vectors/gen/optimizers.py > vectors/optim/steps.json

Parameter i starts at ((7919 i mod 1009) - 504)/1024. Its derivative at step t is (1 + i mod 7) p_i + NOISE ((31 i + 7 t) mod
101 - 50)/50: a quadratic bowl, shaken, so that optimizers which look at curvature find some. Each case states
the optimizer as corex serialises it, and what it comes to: per step the gradient's norm and the learning rate, and the
last parameters.
"""

import json
import math
import types

import jax
import jax.numpy as jnp
import numpy as np
import optax
import torch

jax.config.update("jax_enable_x64", True)
# Muon iterates in bfloat16, which is a choice of speed: here it takes double precision.
torch.optim._muon.torch = types.SimpleNamespace(**(vars(torch) | {"bfloat16": torch.float64}))

SHAPES = {"embedding": (5, 4), "wide": (3, 8), "tall": (9, 4), "bias": (6,)}
KINDS = {"embedding": "embedding", "wide": "matrix", "tall": "matrix", "bias": "vector"}
COUNT = sum(math.prod(s) for s in SHAPES.values())
STEPS = 8


def start():
    return (np.arange(COUNT) * 7919 % 1009 - 504) / 1024


def gradient(flat, step, noise):
    i = np.arange(COUNT)
    return (1 + i % 7) * flat + noise * ((31 * i + 7 * step) % 101 - 50) / 50


def split(flat):
    parts, at = {}, 0
    for name, shape in SHAPES.items():
        size = math.prod(shape)
        parts[name] = flat[at : at + size].reshape(shape)
        at += size
    return parts


def schedule(s, step):
    warm = min((step + 1) / s["warmup_steps"], 1)
    progress = min(max((step - s["warmup_steps"]) / (s["total_steps"] - s["warmup_steps"]), 0), 1)
    left = {"constant": 1, "cosine": (1 + math.cos(math.pi * progress)) / 2}[s["decay"]]
    return warm * (s["final_lr"] + (s["peak_lr"] - s["final_lr"]) * left)


def case(name, rule, make, lr=0.05, weight_decay=0.0, clip=None, decay="constant", noise=1.0):
    final, warmup = (lr / 10, 3) if decay == "cosine" else (lr, 1)
    s = {"peak_lr": lr, "final_lr": final, "warmup_steps": warmup, "total_steps": STEPS, "decay": decay}
    stepper = make(split(start()), weight_decay)
    norms, rates = [], []
    for step in range(STEPS):
        grad = gradient(stepper.flat(), step, noise)
        norm = np.linalg.norm(grad)
        scale = min(clip / norm, 1) if clip else 1
        rate = schedule(s, step)
        stepper.step(split(grad * scale), rate)
        norms.append(norm)
        rates.append(rate)
    return {
        "name": name,
        "noise": noise,
        "optimizer": {"rule": rule, "schedule": s, "weight_decay": weight_decay, "clip_norm": clip},
        "norms": norms,
        "rates": rates,
        "params": list(stepper.flat()),
    }


class Torch:
    """Optimizers of PyTorch, each on some of the parameters."""

    def __init__(self, parts, choose):
        self.params = {n: torch.nn.Parameter(torch.tensor(p)) for n, p in parts.items()}
        self.optimizers = choose(self.params)

    def flat(self):
        return np.concatenate([p.detach().numpy().ravel() for p in self.params.values()])

    def step(self, grads, lr):
        for name, p in self.params.items():
            p.grad = torch.tensor(grads[name])
        for o in self.optimizers:
            for group in o.param_groups:
                group["lr"] = lr
            o.step()


class Optax:
    """A transformation of optax on the flat vector; the learning rate is applied here."""

    def __init__(self, parts, transform):
        self.p = jnp.concatenate([jnp.array(p).ravel() for p in parts.values()])
        self.transform, self.state = transform, transform.init(self.p)

    def flat(self):
        return np.array(self.p)

    def step(self, grads, lr):
        g = jnp.concatenate([jnp.array(g).ravel() for g in grads.values()])
        direction, self.state = self.transform.update(g, self.state, self.p)
        self.p = self.p - lr * direction


def plain(family, **settings):
    return lambda parts, _: Torch(parts, lambda params: [family(params.values(), lr=1.0, **settings)])


def decayed(params, weight_decay):
    of = lambda vectors: [p for n, p in params.items() if (KINDS[n] == "vector") == vectors]
    return [{"params": of(False), "weight_decay": weight_decay}, {"params": of(True), "weight_decay": 0.0}]


def adamw(parts, weight_decay):
    choose = lambda params: [torch.optim.AdamW(decayed(params, weight_decay), lr=1.0, betas=(0.9, 0.95), eps=1e-8)]
    return Torch(parts, choose)


def muon(parts, weight_decay):
    def choose(params):
        matrices = [p for n, p in params.items() if KINDS[n] == "matrix"]
        rest = {n: p for n, p in params.items() if KINDS[n] != "matrix"}
        return [
            torch.optim.Muon(matrices, lr=1.0, weight_decay=weight_decay, momentum=0.95, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(decayed(rest, weight_decay), lr=1.0, betas=(0.9, 0.95), eps=1e-8),
        ]

    return Torch(parts, choose)


ADAM = {"beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8}
CASES = [
    case("sgd", {"sgd": {"momentum": 0.0, "nesterov": False}}, plain(torch.optim.SGD)),
    case("momentum", {"sgd": {"momentum": 0.9, "nesterov": False}}, plain(torch.optim.SGD, momentum=0.9)),
    case("nesterov", {"sgd": {"momentum": 0.9, "nesterov": True}}, plain(torch.optim.SGD, momentum=0.9, nesterov=True)),
    case("clipped", {"sgd": {"momentum": 0.9, "nesterov": False}}, plain(torch.optim.SGD, momentum=0.9), clip=2.0),
    case("adam", {"adam": ADAM}, adamw),
    case("adamw", {"adam": ADAM}, adamw, weight_decay=0.1, clip=5.0, decay="cosine"),
    case(
        "rmsprop",
        {"rmsprop": {"decay": 0.99, "epsilon": 1e-8, "momentum": 0.0}},
        plain(torch.optim.RMSprop, alpha=0.99, eps=1e-8),
        lr=0.01,
    ),
    case(
        "rmsprop with momentum",
        {"rmsprop": {"decay": 0.9, "epsilon": 1e-6, "momentum": 0.5}},
        plain(torch.optim.RMSprop, alpha=0.9, eps=1e-6, momentum=0.5),
        lr=0.01,
    ),
    case(
        "lbfgs",
        {"lbfgs": {"history": 3}},
        lambda parts, _: Optax(parts, optax.scale_by_lbfgs(memory_size=3)),
        lr=0.5,
        noise=0.0,
    ),
    case("muon", {"muon": {"momentum": 0.95, "iterations": 5, "adam": ADAM}}, muon, weight_decay=0.1),
]
header = {"steps": STEPS, "weights": [{"name": n, "shape": s, "kind": KINDS[n]} for n, s in SHAPES.items()]}
rounded = json.loads(json.dumps(header | {"cases": CASES}), parse_float=lambda x: float(f"{float(x):.9g}"))
print(json.dumps(rounded, separators=(",", ":")).replace('},{"name"', '},\n{"name"'))
