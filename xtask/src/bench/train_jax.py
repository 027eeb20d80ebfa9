"""The training step of `cargo xtask bench train` and `bench engine` in JAX: same model, same optimizer, same sizes.

    train_jax.py LAYERS WIDTH HEADS CONTEXT BATCH DATA_FILE

Speaks the protocol of crates/corex-models/examples/train_speed.rs: a line when ready, then a line with a number of
steps comes in, a line with CPU seconds and the last loss goes out. Uses as many threads as it is given processors. With one more argument
PATH it writes PATH.mlir, the step as StableHLO, and PATH.bin, the bytes of the step's arguments, instead.
"""

import os
import sys
import time

os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np

LAYERS, WIDTH, HEADS, CONTEXT, BATCH = map(int, sys.argv[1:6])
VOCAB = 256
PEAK_LR, FINAL_LR, WARMUP, TOTAL = 3e-3, 3e-4, 20, 1000
BETA1, BETA2, EPSILON, DECAY, CLIP = 0.9, 0.95, 1e-8, 0.1, 1.0


def initial(key):
    keys = iter(jax.random.split(key, 4 * LAYERS + 2))
    std, d = 0.5 / np.sqrt(WIDTH), WIDTH

    def matrix(rows, columns, std):
        return jax.random.normal(next(keys), (rows, columns), jnp.float32) * std

    def norm():
        return {"gain": jnp.ones(d), "bias": jnp.zeros(d)}

    residual = std / np.sqrt(2 * LAYERS)
    blocks = [
        {
            "norm1": norm(),
            "qkv": {"w": matrix(d, 3 * d, std), "b": jnp.zeros(3 * d)},
            "out": {"w": matrix(d, d, residual), "b": jnp.zeros(d)},
            "norm2": norm(),
            "up": {"w": matrix(d, 4 * d, std), "b": jnp.zeros(4 * d)},
            "down": {"w": matrix(4 * d, d, residual), "b": jnp.zeros(d)},
        }
        for _ in range(LAYERS)
    ]
    return {"embed": matrix(VOCAB, d, 1 / np.sqrt(d)), "place": matrix(CONTEXT, d, 0.02), "blocks": blocks, "norm": norm()}


def layer_norm(p, x):
    centred = x - x.mean(-1, keepdims=True)
    return centred * jax.lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * p["gain"] + p["bias"]


def linear(p, x):
    return x @ p["w"] + p["b"]


def loss(params, windows):
    tokens, targets = windows[:, :-1], windows[:, 1:]
    x = params["embed"][tokens] + params["place"]
    mask = jnp.tril(jnp.ones((CONTEXT, CONTEXT), bool))
    for block in params["blocks"]:
        qkv = linear(block["qkv"], layer_norm(block["norm1"], x))
        q, k, v = jnp.split(qkv.reshape(BATCH, CONTEXT, 3 * HEADS, WIDTH // HEADS), 3, axis=2)
        scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) / np.sqrt(WIDTH // HEADS)
        weights = jax.nn.softmax(jnp.where(mask, scores, -1e30), axis=-1)
        mixed = jnp.einsum("bhqk,bkhd->bqhd", weights, v).reshape(BATCH, CONTEXT, WIDTH)
        x = x + linear(block["out"], mixed)
        x = x + linear(block["down"], jax.nn.gelu(linear(block["up"], layer_norm(block["norm2"], x))))
    logits = layer_norm(params["norm"], x) @ params["embed"].T
    chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), targets[..., None], axis=-1)
    return -chosen.mean()


def learning_rate(step):
    progress = jnp.clip((step - WARMUP) / (TOTAL - WARMUP), 0, 1)
    decayed = FINAL_LR + (PEAK_LR - FINAL_LR) * 0.5 * (1 + jnp.cos(jnp.pi * progress))
    return decayed * jnp.minimum(1, (step + 1) / WARMUP)


def train_step(state, data, step):
    params, m, v = state
    starts = jax.random.randint(jax.random.fold_in(jax.random.key(1), step), (BATCH,), 0, data.size - CONTEXT)
    windows = data[starts[:, None] + jnp.arange(CONTEXT + 1)].astype(jnp.int32)
    value, grads = jax.value_and_grad(loss)(params, windows)
    leaves = jax.tree.leaves(grads)
    norm = jnp.sqrt(sum((g * g).sum() for g in leaves))
    scale = CLIP / jnp.maximum(norm, CLIP)
    lr, count = learning_rate(step), step + 1.0

    def update(p, m, v, g):
        g = g * scale
        m, v = BETA1 * m + (1 - BETA1) * g, BETA2 * v + (1 - BETA2) * g * g
        direction = m / (1 - BETA1**count) / (jnp.sqrt(v / (1 - BETA2**count)) + EPSILON)
        return p - lr * (direction + (DECAY * p if p.ndim > 1 else 0)), m, v

    updated = jax.tree.map(update, params, m, v, grads)
    return jax.tree.transpose(jax.tree.structure(params), jax.tree.structure((0, 0, 0)), updated), value


def export(path, *arguments):
    """Writes the step as StableHLO, and its arguments one after the other."""
    with open(path + ".mlir", "w") as file:
        file.write(jax.jit(train_step, keep_unused=True).lower(*arguments).as_text())
    with open(path + ".bin", "wb") as file:
        for leaf in jax.tree.leaves(arguments):
            file.write(np.asarray(leaf).tobytes())


def main():
    data = jnp.asarray(np.fromfile(sys.argv[6], np.uint8))
    params = initial(jax.random.key(0))
    state = (params, jax.tree.map(jnp.zeros_like, params), jax.tree.map(jnp.zeros_like, params))
    if len(sys.argv) > 7:
        return export(sys.argv[7], state, data, jnp.int32(0))
    step_fn = jax.jit(train_step, donate_argnums=0)
    step = 0
    print(0, flush=True)
    for line in sys.stdin:
        value, start = None, time.process_time()
        for _ in range(int(line)):
            state, value = step_fn(state, data, step)
            step += 1
        jax.block_until_ready(state)
        print(time.process_time() - start, value, flush=True)


main()
