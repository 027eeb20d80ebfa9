"""A frozen Llama-like model (RMSNorm, rotary embedding, SwiGLU, grouped-query attention) adapted with LoRA.

The frozen weights are part of the state: every step hands them on as they are, and content addressing makes that free.
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax

import export

ROWS, CONTEXT, WIDTH, HEADS, GROUPS, LAYERS, RANK = 8, 24, 64, 4, 2, 2, 4
HEAD = WIDTH // HEADS
optimizer = optax.adam(1e-2)


def rms_norm(x, gain):
    return x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + 1e-6) * gain


def rotate(x):
    angle = np.arange(CONTEXT)[:, None] / 10000 ** (np.arange(0, HEAD, 2) / HEAD)
    cos, sin = jnp.cos(angle.astype(np.float32)), jnp.sin(angle.astype(np.float32))
    even, odd = x[..., ::2], x[..., 1::2]
    return jnp.stack([even * cos - odd * sin, even * sin + odd * cos], -1).reshape(x.shape)


def adapted(x, weight, lora):
    return x @ weight + (x @ lora["down"]) @ lora["up"]


def heads(x, count):
    return x.reshape(*x.shape[:2], count, HEAD).transpose(0, 2, 1, 3)


def attention(x, w, lora):
    q = rotate(heads(adapted(x, w["q"], lora["q"]), HEADS))
    k = jnp.repeat(rotate(heads(x @ w["k"], GROUPS)), HEADS // GROUPS, axis=1)
    v = jnp.repeat(heads(adapted(x, w["v"], lora["v"]), GROUPS), HEADS // GROUPS, axis=1)
    scores = jnp.einsum("bhqd,bhkd->bhqk", q, k) / np.sqrt(HEAD)
    scores = jnp.where(np.tril(np.ones((CONTEXT, CONTEXT), bool)), scores, -jnp.inf)
    mixed = jnp.einsum("bhqk,bhkd->bhqd", jax.nn.softmax(scores), v)
    return mixed.transpose(0, 2, 1, 3).reshape(x.shape) @ w["o"]


def loss_of(lora, frozen, tokens):
    inputs, targets = tokens[:, :-1], tokens[:, 1:]
    x = frozen["embed"][inputs]
    for w, l in zip(frozen["layers"], lora):
        x = x + attention(rms_norm(x, w["norm1"]), w, l)
        h = rms_norm(x, w["norm2"])
        x = x + (jax.nn.silu(h @ w["gate"]) * (h @ w["up"])) @ w["down"]
    logits = rms_norm(x, frozen["norm"]) @ frozen["embed"].T
    return optax.softmax_cross_entropy_with_integer_labels(logits, targets).mean()


def step(state, batch):
    lora, memory, frozen = state
    loss, grads = jax.value_and_grad(loss_of)(lora, frozen, *batch)
    updates, memory = optimizer.update(grads, memory)
    return (optax.apply_updates(lora, updates), memory, frozen), loss


def initial(key):
    keys = iter(jax.random.split(key, 100))
    normal = lambda *shape: jax.random.normal(next(keys), shape) / np.sqrt(shape[0])
    layer = lambda: {
        "q": normal(WIDTH, WIDTH),
        "k": normal(WIDTH, GROUPS * HEAD),
        "v": normal(WIDTH, GROUPS * HEAD),
        "o": normal(WIDTH, WIDTH),
        "gate": normal(WIDTH, 3 * WIDTH),
        "up": normal(WIDTH, 3 * WIDTH),
        "down": normal(3 * WIDTH, WIDTH),
        "norm1": jnp.ones(WIDTH),
        "norm2": jnp.ones(WIDTH),
    }
    adapter = lambda out: {"down": normal(WIDTH, RANK), "up": jnp.zeros((RANK, out))}
    frozen = {"embed": normal(128, WIDTH), "layers": [layer() for _ in range(LAYERS)], "norm": jnp.ones(WIDTH)}
    lora = [{"q": adapter(WIDTH), "v": adapter(GROUPS * HEAD)} for _ in range(LAYERS)]
    return lora, frozen


def main():
    args = export.arguments(__doc__)
    lora, frozen = initial(jax.random.key(0))
    # Sequences that count upwards with a stride of their own.
    starts, strides = np.divmod(np.arange(512), 8)
    data = (((starts[:, None] * 5 + strides[:, None] * np.arange(CONTEXT + 1)) % 128).astype(np.int32),)
    state = (lora, optimizer.init(lora), frozen)
    compiled, leaves = export.export(args.folder, step, state, data, ROWS)
    export.run(compiled, leaves, data, ROWS, args.steps)


if __name__ == "__main__":
    main()
