"""Loss and gradient of small classifiers by PyTorch, in double precision.

    pip install torch && python vectors/gen/classifiers.py > vectors/grad/classifiers.json

Parameter i is ((7919 i mod 1009) - 504)/1024, feature i is (31 i mod 64)/64, the class of row i is 5 i mod CLASSES. Rows
are sampled by the hash of crates/corex-models/src/hash.rs.
"""

import json

import torch
import torch.nn.functional as F

ROWS, BATCH, SEED, STEP, SHARD, CLASSES = 11, 6, 5, 2, 1, 3


def mix(x):
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & 0xFFFFFFFF
    x = ((x ^ (x >> 15)) * 0x846CA68B) & 0xFFFFFFFF
    return x ^ (x >> 16)


def row(number):
    h = 0
    for word in (SEED, STEP, SHARD, number):
        h = mix((h + word + 0x9E3779B9) & 0xFFFFFFFF)
    return h % ROWS


def mlp(w, x):
    x = x.flatten(1)
    x = F.relu(x @ w["layers.0.weight"] + w["layers.0.bias"])
    x = F.relu(x @ w["layers.1.weight"] + w["layers.1.bias"])
    return x @ w["head.weight"] + w["head.bias"]


def cnn(w, x):
    x = x.permute(0, 3, 1, 2)
    for i in range(2):
        kernel = w[f"stages.{i}.weight"].permute(3, 2, 0, 1)
        x = F.max_pool2d(F.relu(F.conv2d(x, kernel, w[f"stages.{i}.bias"], padding=1)), 2)
    return x.permute(0, 2, 3, 1).flatten(1) @ w["head.weight"] + w["head.bias"]


CASES = [
    (
        {"model_type": "corex_mlp", "inputs": 10, "hidden": [7, 5], "classes": CLASSES},
        [10],
        mlp,
        {
            "layers.0.weight": (10, 7),
            "layers.1.weight": (7, 5),
            "head.weight": (5, CLASSES),
            "layers.0.bias": (7,),
            "layers.1.bias": (5,),
            "head.bias": (CLASSES,),
        },
    ),
    (
        # 7 pixels are halved to 3 and 1: the last column is dropped.
        {"model_type": "corex_cnn", "height": 8, "width": 7, "channels": 2, "features": [3, 4], "classes": CLASSES},
        [8, 7, 2],
        cnn,
        {
            "stages.0.weight": (3, 3, 2, 3),
            "stages.1.weight": (3, 3, 3, 4),
            "head.weight": (2 * 1 * 4, CLASSES),
            "stages.0.bias": (3,),
            "stages.1.bias": (4,),
            "head.bias": (CLASSES,),
        },
    ),
]


def case(config, shape, model, shapes):
    count = sum(torch.Size(s).numel() for s in shapes.values())
    flat = ((torch.arange(count) * 7919 % 1009 - 504) / 1024).double().requires_grad_()
    weights, at = {}, 0
    for name, size in shapes.items():
        weights[name] = flat[at : at + torch.Size(size).numel()].reshape(size)
        at += weights[name].numel()
    features = (torch.arange(ROWS * torch.Size(shape).numel()) * 31 % 64).double().reshape(ROWS, *shape) / 64
    labels = torch.arange(ROWS) * 5 % CLASSES
    rows = [row(i) for i in range(BATCH)]
    loss = F.cross_entropy(model(weights, features[rows]), labels[rows])
    loss.backward()
    return {
        "config": config,
        "data": ROWS,
        "batch": BATCH,
        "seed": SEED,
        "step": STEP,
        "shard": SHARD,
        "loss": loss.item(),
        "grad": [float(f"{g:.7g}") for g in flat.grad],
    }


print(json.dumps([case(*c) for c in CASES], separators=(",", ":")).replace("},{", "},\n{"))
