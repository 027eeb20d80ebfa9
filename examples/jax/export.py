"""Writes a JAX training step as the three files that `corex train --program` takes.

A step is `step(state, batch) -> (state, loss)`: `state` is any pytree of arrays (parameters, optimizer state, counters, a random
key), `batch` a tuple of arrays with rows first. See docs/programs.md.
"""

import argparse
import pathlib

import jax
import numpy as np
from safetensors.numpy import save_file


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("folder", type=pathlib.Path, help="where to write the files")
    parser.add_argument("--steps", type=int, default=0, help="also run so many steps in JAX and print the losses")
    return parser.parse_args()


def export(folder, step, state, data, batch_rows):
    """Writes step.mlir, state.safetensors and data.safetensors; gives back the step on flat lists, compiled by JAX.

    The step is exported with its state flattened: parameters of `main` are the leaves of `state` in JAX's order, then the
    batch. Leaves are named by their place, so that the order of names is the order of leaves.
    """
    folder.mkdir(parents=True, exist_ok=True)
    leaves, tree = jax.tree.flatten(state)
    paths = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_flatten_with_path(state)[0]]

    def flat(*arguments):
        state = jax.tree.unflatten(tree, arguments[: len(leaves)])
        new, loss = step(state, arguments[len(leaves) :])
        return *jax.tree.leaves(new), loss

    batch = [jax.ShapeDtypeStruct((batch_rows, *d.shape[1:]), d.dtype) for d in data]
    compiled = jax.jit(flat, keep_unused=True)
    (folder / "step.mlir").write_text(compiled.lower(*leaves, *batch).as_text())
    names = [f"{i:04}{path}" for i, path in enumerate(paths)]
    save_file({n: np.asarray(leaf) for n, leaf in zip(names, leaves)}, folder / "state.safetensors")
    save_file({f"{i:04}": np.ascontiguousarray(d) for i, d in enumerate(data)}, folder / "data.safetensors")
    return compiled, leaves


def run(compiled, leaves, data, batch_rows, steps):
    """Runs steps in JAX on the same batches that corex draws with seed 0, and prints the losses."""
    for step in range(steps):
        rows = [place(0, step, 0, row) % len(data[0]) for row in range(batch_rows)]
        *leaves, loss = compiled(*leaves, *(d[rows] for d in data))
        print(step, float(loss))
    return leaves


def place(*words):
    """The hash of docs/spec/training-job.md."""
    h = 0
    for word in words:
        h = (h + word + 0x9E3779B9) % 2**32
        for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B), (16, 1)):
            h = (h ^ (h >> shift)) * factor % 2**32
    return h
