"""Writes the JAX exports beside this file. Usage: pip install jax; python export.py

gpt_step.mlir      one AdamW training step of a two-layer GPT
ops_pretty.mlir    one function per operator corex reads, as JAX prints it
ops_generic.mlir   the same module in MLIR's generic form
"""

import pathlib

import jax
import jax.numpy as jnp
from jax import lax

HERE = pathlib.Path(__file__).parent
VOCAB, WIDTH, HEADS, LAYERS, TOKENS, BATCH = 64, 32, 4, 2, 16, 4


def init(key):
    keys = iter(jax.random.split(key, 4 * LAYERS + 2))
    normal = lambda *shape: 0.02 * jax.random.normal(next(keys), shape, jnp.float32)
    block = lambda: {
        "ln1": (jnp.ones(WIDTH), jnp.zeros(WIDTH)),
        "qkv": normal(WIDTH, 3 * WIDTH),
        "out": normal(WIDTH, WIDTH),
        "ln2": (jnp.ones(WIDTH), jnp.zeros(WIDTH)),
        "up": normal(WIDTH, 4 * WIDTH),
        "down": normal(4 * WIDTH, WIDTH),
    }
    return {"embed": normal(VOCAB, WIDTH), "pos": normal(TOKENS, WIDTH), "blocks": [block() for _ in range(LAYERS)]}


def norm(x, gain_bias):
    centred = x - x.mean(-1, keepdims=True)
    return centred * lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * gain_bias[0] + gain_bias[1]


def forward(params, tokens):
    x = params["embed"][tokens] + params["pos"]
    mask = jnp.tril(jnp.ones((TOKENS, TOKENS), bool))
    for b in params["blocks"]:
        q, k, v = jnp.split((norm(x, b["ln1"]) @ b["qkv"]).reshape(BATCH, TOKENS, 3 * HEADS, -1), 3, axis=2)
        scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) / jnp.sqrt(jnp.float32(WIDTH // HEADS))
        probs = jax.nn.softmax(jnp.where(mask, scores, -1e30), axis=-1)
        x = x + jnp.einsum("bhqk,bkhd->bqhd", probs, v).reshape(x.shape) @ b["out"]
        x = x + jax.nn.gelu(norm(x, b["ln2"]) @ b["up"]) @ b["down"]
    return x @ params["embed"].T


def loss(params, tokens, targets):
    logp = jax.nn.log_softmax(forward(params, tokens))
    return -jnp.take_along_axis(logp, targets[..., None], axis=-1).mean()


def step(params, m, v, t, tokens, targets):
    value, grads = jax.value_and_grad(loss)(params, tokens, targets)
    clip = jnp.minimum(1.0, 1.0 / jnp.sqrt(sum(jnp.vdot(g, g) for g in jax.tree.leaves(grads))))
    lr = 1e-3 * jnp.minimum(1.0, t / 100)

    def adamw(p, m, v, g):
        g = g * clip
        m = 0.9 * m + 0.1 * g
        v = 0.95 * v + 0.05 * g * g
        hat = (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.95**t)) + 1e-8)
        return p - lr * (hat + 0.1 * p), m, v

    leaves, tree = jax.tree.flatten(params)
    rows = [adamw(*row) for row in zip(leaves, *map(jax.tree.leaves, (m, v, grads)))]
    return value, *(tree.unflatten(column) for column in zip(*rows))


def operators(x, i, u, b, h, bf, idx):
    """x: f32[4,6], i: i32[4,6], u: ui32[4], b: i1[4,6], h: f16[4], bf: bf16[4], idx: i32[3]."""
    out = [f(x) for f in (jnp.negative, jnp.abs, jnp.sign, jnp.sqrt, lax.rsqrt, jnp.exp, jnp.log, jnp.tanh,
                          lax.logistic, jnp.sin, jnp.cos, lax.erf, jnp.floor, jnp.ceil, jnp.isfinite)]
    out += [f(x, x + 1) for f in (lax.sub, lax.mul, lax.div, lax.rem, lax.max, lax.min, lax.pow)]
    out += [f(i, i) for f in (lax.bitwise_and, lax.bitwise_or, lax.bitwise_xor, lax.shift_left,
                              lax.shift_right_logical, lax.shift_right_arithmetic)]
    out += [f(x, 2 * x) for f in (lax.eq, lax.ne, lax.lt, lax.le, lax.gt, lax.ge)]
    out += [lax.lt(i, i), lax.lt(u, u), ~b, b & b]
    out += [lax.select(b, x, -x), lax.clamp(0.5, x, 1.5), lax.clamp(x, x, x), jnp.where(b, x, 0)]
    out += [h.astype(jnp.float32), bf.astype(jnp.float32), x.astype(jnp.int8), i.astype(jnp.uint8), u.astype(bool)]
    out += [lax.bitcast_convert_type(x, jnp.int32), lax.bitcast_convert_type(u, jnp.float32)]
    out += [h * jnp.float16(0.1), bf * jnp.bfloat16(0.1), u + jnp.uint32(4000000000), i + jnp.int32(-7)]
    out += [lax.iota(jnp.uint8, 5), lax.broadcasted_iota(jnp.float32, (2, 3), 1)]
    out += [lax.broadcast_in_dim(x, (4, 2, 6), (0, 2)), x.reshape(2, 12), x.T]
    out += [x[1:3, ::2], x[::-1], lax.concatenate([x, x], 1)]
    out += [lax.dynamic_slice(x, (idx[0], idx[1]), (2, 3)), lax.dynamic_update_slice(x, x[:2, :2], (idx[0], 1))]
    out += [lax.pad(x, 0.0, ((1, -1, 0), (0, 2, 1)))]
    out += [x.sum(), x.sum(0), x.max(1), x.min(1), x.prod(), b.any(), b.all(0), i.sum(), i.max()]
    out += [lax.reduce(i, jnp.int32(0), lax.bitwise_or, (0,))]
    out += [x @ x.T, jnp.einsum("bij,bkj->bik", x.reshape(2, 2, 6), x.reshape(2, 2, 6))]
    out += [x[idx], jnp.take_along_axis(x, i, axis=1), x.at[idx].add(1.0), x.at[idx, 0].set(2.0)]
    out += [x.at[idx].max(x[:3]), x.at[idx].min(x[:3]), x.at[idx].mul(x[:3])]
    out += [jnp.asarray([True, False, True]), jnp.asarray([1.0, jnp.inf, -jnp.inf, jnp.nan, 1e-42, 0.1, 16777216.0])]
    out += [jnp.arange(128, dtype=jnp.float32) * 0.7, jnp.asarray([[1, -2], [3, 4]], jnp.int8)]
    import numpy as np
    out += [jnp.asarray(np.sin(np.arange(150)).astype(np.float32)), jnp.asarray(np.arange(130) % 3 == 0)]
    out += [jnp.asarray((np.arange(120) % 7).astype(np.uint16)), jnp.asarray(np.zeros((0, 3), np.float32))]
    return out


params = init(jax.random.key(0))
zeros = jax.tree.map(jnp.zeros_like, params)
tokens = jnp.zeros((BATCH, TOKENS), jnp.int32)
lowered = jax.jit(step).lower(params, zeros, zeros, jnp.float32(1), tokens, tokens)
(HERE / "gpt_step.mlir").write_text(lowered.as_text())

shape = lambda dtype, *dims: jax.ShapeDtypeStruct(dims, dtype)
lowered = jax.jit(operators).lower(
    shape(jnp.float32, 4, 6), shape(jnp.int32, 4, 6), shape(jnp.uint32, 4), shape(jnp.bool_, 4, 6),
    shape(jnp.float16, 4), shape(jnp.bfloat16, 4), shape(jnp.int32, 3))
(HERE / "ops_pretty.mlir").write_text(lowered.as_text())
asm = lowered.compiler_ir("stablehlo").operation.get_asm(print_generic_op_form=True)
(HERE / "ops_generic.mlir").write_text(asm + "\n")
