"""A perceptron with one hidden layer on scikit-learn's digits, trained with RMSprop."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
from sklearn.datasets import load_digits

import export

ROWS = 64
optimizer = optax.rmsprop(1e-3)


def loss_of(params, images, labels):
    hidden = jax.nn.relu(images @ params["w1"] + params["b1"])
    logits = hidden @ params["w2"] + params["b2"]
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()


def step(state, batch):
    params, memory = state
    loss, grads = jax.value_and_grad(loss_of)(params, *batch)
    updates, memory = optimizer.update(grads, memory)
    return (optax.apply_updates(params, updates), memory), loss


def main():
    args = export.arguments(__doc__)
    digits = load_digits()
    data = (digits.data.astype(np.float32) / 16, digits.target.astype(np.int32))
    one, two = jax.random.split(jax.random.key(0))
    params = {
        "w1": jax.random.normal(one, (64, 128)) / 8,
        "b1": jnp.zeros(128),
        "w2": jax.random.normal(two, (128, 10)) / 11,
        "b2": jnp.zeros(10),
    }
    compiled, leaves = export.export(args.folder, step, (params, optimizer.init(params)), data, ROWS)
    export.run(compiled, leaves, data, ROWS, args.steps)


if __name__ == "__main__":
    main()
