"""Gradient of a small GPT by JAX: an implementation that shares nothing with ours but the mathematics.

    pip install jax && python vectors/gen/gpt_gradient.py > vectors/grad/gpt.json

Parameters and data follow formulas that are exact in f32, so only the results are stored. Windows are
sampled by the hash of crates/corex-models/src/hash.rs.
"""

import json

import jax
import jax.numpy as jnp
import numpy as np

LAYERS, WIDTH, HEADS, CONTEXT, VOCAB = 2, 8, 2, 8, 256
BATCH, DATA, SEED, STEP, SHARD = 3, 40, 5, 2, 1

jax.config.update("jax_enable_x64", True)


def mix(x):
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & 0xFFFFFFFF
    x = ((x ^ (x >> 15)) * 0x846CA68B) & 0xFFFFFFFF
    return x ^ (x >> 16)


def start(row):
    h = 0
    for word in (SEED, STEP, SHARD, row):
        h = mix((h + word + 0x9E3779B9) & 0xFFFFFFFF)
    return h % (DATA - CONTEXT)


def shapes(tied):
    d = WIDTH
    matrices = {"transformer.wte.weight": (VOCAB, d), "transformer.wpe.weight": (CONTEXT, d)}
    rest = {}
    for i in range(LAYERS):
        h = f"transformer.h.{i}."
        matrices |= {
            h + "attn.c_attn.weight": (d, 3 * d),
            h + "attn.c_proj.weight": (d, d),
            h + "mlp.c_fc.weight": (d, 4 * d),
            h + "mlp.c_proj.weight": (4 * d, d),
        }
        rest |= {
            h + "ln_1.weight": (d,),
            h + "ln_1.bias": (d,),
            h + "attn.c_attn.bias": (3 * d,),
            h + "attn.c_proj.bias": (d,),
            h + "ln_2.weight": (d,),
            h + "ln_2.bias": (d,),
            h + "mlp.c_fc.bias": (4 * d,),
            h + "mlp.c_proj.bias": (d,),
        }
    if not tied:
        matrices["lm_head.weight"] = (VOCAB, d)
    rest |= {"transformer.ln_f.weight": (d,), "transformer.ln_f.bias": (d,)}
    return matrices | rest


def unpack(flat, tied):
    weights, at = {}, 0
    for name, shape in shapes(tied).items():
        size = int(np.prod(shape))
        weights[name] = flat[at : at + size].reshape(shape)
        at += size
    assert at == flat.size
    return weights


def layer_norm(w, name, x):
    x = (x - x.mean(-1, keepdims=True)) / jnp.sqrt(x.var(-1, keepdims=True) + 1e-5)
    return x * w[name + ".weight"] + w[name + ".bias"]


def linear(w, name, x):
    return x @ w[name + ".weight"] + w[name + ".bias"]


def loss(flat, windows, tied):
    w = unpack(flat, tied)
    tokens, targets = windows[:, :-1], windows[:, 1:]
    x = w["transformer.wte.weight"][tokens] + w["transformer.wpe.weight"]
    mask = np.tril(np.ones((CONTEXT, CONTEXT), bool))
    for i in range(LAYERS):
        h = f"transformer.h.{i}."
        qkv = linear(w, h + "attn.c_attn", layer_norm(w, h + "ln_1", x))
        q, k, v = (
            part.reshape(BATCH, CONTEXT, HEADS, WIDTH // HEADS).transpose(0, 2, 1, 3)
            for part in jnp.split(qkv, 3, axis=-1)
        )
        scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(WIDTH // HEADS)
        mixed = jax.nn.softmax(jnp.where(mask, scores, -jnp.inf), axis=-1) @ v
        mixed = mixed.transpose(0, 2, 1, 3).reshape(BATCH, CONTEXT, WIDTH)
        x = x + linear(w, h + "attn.c_proj", mixed)
        hidden = linear(w, h + "mlp.c_fc", layer_norm(w, h + "ln_2", x))
        x = x + linear(w, h + "mlp.c_proj", jax.nn.gelu(hidden, approximate=True))
    x = layer_norm(w, "transformer.ln_f", x)
    logits = x @ w["transformer.wte.weight" if tied else "lm_head.weight"].T
    log_probs = jax.nn.log_softmax(logits)
    return -jnp.take_along_axis(log_probs, targets[..., None], axis=-1).mean()


def case(tied):
    count = sum(int(np.prod(s)) for s in shapes(tied).values())
    flat = jnp.array((np.arange(count) * 7919 % 1009 - 504) / 1024)
    data = np.arange(DATA) * 31 % VOCAB
    windows = np.stack([data[start(r) : start(r) + CONTEXT + 1] for r in range(BATCH)])
    value, grad = jax.value_and_grad(loss)(flat, windows, tied)
    return {
        "config": {
            "model_type": "gpt2",
            "vocab_size": VOCAB,
            "n_layer": LAYERS,
            "n_embd": WIDTH,
            "n_head": HEADS,
            "n_positions": CONTEXT,
            "tie_word_embeddings": tied,
        },
        "batch": BATCH,
        "data": DATA,
        "seed": SEED,
        "step": STEP,
        "shard": SHARD,
        "loss": float(value),
        "grad": [float(f"{g:.6g}") for g in grad],
    }


print(json.dumps([case(True), case(False)], separators=(",", ":")).replace("},{", "},\n{"))
