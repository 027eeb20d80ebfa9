"""A convolutional classifier of scikit-learn's digits, trained with momentum."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
from sklearn.datasets import load_digits

import export

ROWS = 32
optimizer = optax.sgd(0.05, momentum=0.9)


def convolve(x, w):
    return jax.lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))


def pool(x):
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def loss_of(params, images, labels):
    x = pool(jax.nn.relu(convolve(images, params["one"])))
    x = pool(jax.nn.relu(convolve(x, params["two"])))
    logits = x.reshape(x.shape[0], -1) @ params["out"]
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


def step(state, batch):
    params, memory = state
    loss, grads = jax.value_and_grad(loss_of)(params, *batch)
    updates, memory = optimizer.update(grads, memory)
    return (optax.apply_updates(params, updates), memory), loss


def main():
    args = export.arguments(__doc__)
    digits = load_digits()
    data = ((digits.images[..., None] / 16).astype(np.float32), digits.target.astype(np.int32))
    keys = jax.random.split(jax.random.key(0), 3)
    params = {
        "one": jax.random.normal(keys[0], (3, 3, 1, 16)) / 3,
        "two": jax.random.normal(keys[1], (3, 3, 16, 32)) / 12,
        "out": jax.random.normal(keys[2], (128, 10)) / 11,
    }
    compiled, leaves = export.export(args.folder, step, (params, optimizer.init(params)), data, ROWS)
    export.run(compiled, leaves, data, ROWS, args.steps)


if __name__ == "__main__":
    main()
