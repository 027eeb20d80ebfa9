"""An LSTM over the rows of scikit-learn's digits, unrolled by `lax.scan`, trained with Adam."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
from sklearn.datasets import load_digits

import export

ROWS, WIDTH = 32, 48
optimizer = optax.adam(3e-3)


def cell(params, carry, x):
    h, c = carry
    gates = x @ params["x"] + h @ params["h"] + params["b"]
    keep, put, show, new = jnp.split(gates, 4, axis=-1)
    c = jax.nn.sigmoid(keep + 1) * c + jax.nn.sigmoid(put) * jnp.tanh(new)
    h = jax.nn.sigmoid(show) * jnp.tanh(c)
    return (h, c), None


def loss_of(params, images, labels):
    start = (jnp.zeros((images.shape[0], WIDTH)), jnp.zeros((images.shape[0], WIDTH)))
    (h, _), _ = jax.lax.scan(lambda carry, x: cell(params, carry, x), start, images.swapaxes(0, 1))
    return optax.softmax_cross_entropy_with_integer_labels(h @ params["out"], labels).mean()


def step(state, batch):
    params, memory = state
    loss, grads = jax.value_and_grad(loss_of)(params, *batch)
    updates, memory = optimizer.update(grads, memory)
    return (optax.apply_updates(params, updates), memory), loss


def main():
    args = export.arguments(__doc__)
    digits = load_digits()
    data = ((digits.images / 16).astype(np.float32), digits.target.astype(np.int32))
    keys = jax.random.split(jax.random.key(0), 3)
    params = {
        "x": jax.random.normal(keys[0], (8, 4 * WIDTH)) / 3,
        "h": jax.random.normal(keys[1], (WIDTH, 4 * WIDTH)) / 7,
        "b": jnp.zeros(4 * WIDTH),
        "out": jax.random.normal(keys[2], (WIDTH, 10)) / 7,
    }
    compiled, leaves = export.export(args.folder, step, (params, optimizer.init(params)), data, ROWS)
    export.run(compiled, leaves, data, ROWS, args.steps)


if __name__ == "__main__":
    main()
