"""A small GPT on the bytes of this folder's scripts, trained with AdamW."""

import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import optax

import export

ROWS, CONTEXT, WIDTH, HEADS, LAYERS = 8, 32, 64, 4, 2
optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(3e-3, weight_decay=0.1))


def layer_norm(x, gain, bias):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * gain + bias


def attention(x, w):
    batch, length, _ = x.shape
    q, k, v = jnp.split(x @ w["qkv"], 3, axis=-1)
    q, k, v = (t.reshape(batch, length, HEADS, WIDTH // HEADS).transpose(0, 2, 1, 3) for t in (q, k, v))
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(WIDTH // HEADS)
    scores = jnp.where(jnp.tril(jnp.ones((length, length), bool)), scores, -1e9)
    mixed = jax.nn.softmax(scores) @ v
    return mixed.transpose(0, 2, 1, 3).reshape(batch, length, WIDTH) @ w["out"]


def loss_of(params, tokens):
    tokens = tokens.astype(jnp.int32)
    inputs, targets = tokens[:, :-1], tokens[:, 1:]
    x = params["embed"][inputs] + params["place"]
    for w in params["layers"]:
        x = x + attention(layer_norm(x, *w["norm1"]), w)
        x = x + jax.nn.gelu(layer_norm(x, *w["norm2"]) @ w["up"]) @ w["down"]
    logits = layer_norm(x, *params["norm"]) @ params["embed"].T
    return optax.softmax_cross_entropy_with_integer_labels(logits, targets).mean()


def step(state, batch):
    params, memory = state
    loss, grads = jax.value_and_grad(loss_of)(params, *batch)
    updates, memory = optimizer.update(grads, memory, params)
    return (optax.apply_updates(params, updates), memory), loss


def initial(key):
    keys = iter(jax.random.split(key, 2 + 4 * LAYERS))
    normal = lambda *shape: 0.02 * jax.random.normal(next(keys), shape)
    norm = lambda: (jnp.ones(WIDTH), jnp.zeros(WIDTH))
    layer = lambda: {
        "qkv": normal(WIDTH, 3 * WIDTH),
        "out": normal(WIDTH, WIDTH),
        "up": normal(WIDTH, 4 * WIDTH),
        "down": normal(4 * WIDTH, WIDTH),
        "norm1": norm(),
        "norm2": norm(),
    }
    return {
        "embed": normal(256, WIDTH),
        "place": normal(CONTEXT, WIDTH),
        "layers": [layer() for _ in range(LAYERS)],
        "norm": norm(),
    }


def main():
    args = export.arguments(__doc__)
    text = b"".join(p.read_bytes() for p in sorted(pathlib.Path(__file__).parent.glob("*.py")))
    windows = [list(text[at : at + CONTEXT + 1]) for at in range(0, len(text) - CONTEXT, 7)]
    data = (np.array(windows, np.uint8),)
    params = initial(jax.random.key(0))
    compiled, leaves = export.export(args.folder, step, (params, optimizer.init(params)), data, ROWS)
    export.run(compiled, leaves, data, ROWS, args.steps)


if __name__ == "__main__":
    main()
