"""Logistic regression on scikit-learn's digits with L-BFGS and its zoom line search, both from optax.

Every step sees all rows of a batch as large as the data, drawn with replacement; the line search is a `lax.while_loop`.
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
from sklearn.datasets import load_digits

import export

ROWS = 256
optimizer = optax.lbfgs(memory_size=5, linesearch=optax.scale_by_zoom_linesearch(max_linesearch_steps=8))


def step(state, batch):
    params, memory = state
    images, labels = batch

    def loss_of(params):
        logits = images @ params["w"] + params["b"]
        fit = optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean()
        return fit + 1e-3 * (params["w"] ** 2).sum()

    loss, grads = jax.value_and_grad(loss_of)(params)
    updates, memory = optimizer.update(grads, memory, params, value=loss, grad=grads, value_fn=loss_of)
    return (optax.apply_updates(params, updates), memory), loss


def main():
    args = export.arguments(__doc__)
    digits = load_digits()
    data = ((digits.data / 16).astype(np.float32), digits.target.astype(np.int32))
    params = {"w": jnp.zeros((64, 10)), "b": jnp.zeros(10)}
    compiled, leaves = export.export(args.folder, step, (params, optimizer.init(params)), data, ROWS)
    export.run(compiled, leaves, data, ROWS, args.steps)


if __name__ == "__main__":
    main()
