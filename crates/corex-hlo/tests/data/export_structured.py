"""Writes jax/*.mlir beside this file, and jax/cases.txt: what JAX computes with them. Usage: as export.py.

A case of cases.txt is `case name tolerance`, then `in` and `out` lines: a type and the elements' bytes in
hexadecimal, little-endian, row-major. The tolerance is relative to the largest element; 0 means the same bits.
"""

import pathlib

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

HERE = pathlib.Path(__file__).parent / "jax"
NAMES = {"float32": "f32", "int32": "i32", "uint32": "ui32", "bool": "i1", "uint8": "ui8", "int8": "i8"}
rng = np.random.default_rng(3)
CASES = {}


def case(name, f, *inputs, tolerance=0.0):
    CASES[name] = (f, [np.asarray(x) for x in inputs], tolerance)


def normal(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def tensor(x):
    x = np.asarray(x)
    shape = "".join(f"{n}x" for n in x.shape)
    return f"tensor<{shape}{NAMES[str(x.dtype)]}> {np.ascontiguousarray(x).tobytes().hex()}"


# Loops and branches.
matrix = normal(4, 4) / 3


def recurrence(h, xs):
    def cell(h, x):
        h = jnp.maximum(h @ matrix + x, 0)
        return h, (h * 2, x[:2])

    return lax.scan(cell, h, xs)


case("scan", recurrence, normal(4), normal(7, 4), tolerance=1e-6)
case("scan_reverse", lambda h, xs: lax.scan(lambda c, x: (c * 0.5 + x, c), h, xs, reverse=True), normal(3), normal(5, 3))
case("scan_grad", jax.grad(lambda h, xs: recurrence(h, xs)[1][0].sum(), argnums=(0, 1)), normal(4), normal(7, 4),
     tolerance=1e-5)
case("scan_nested", lambda x: lax.scan(lambda c, r: lax.scan(lambda c, y: (c + y, c * y), c, r), jnp.float32(0), x),
     normal(3, 4), tolerance=1e-6)
case("fori", lambda x: lax.fori_loop(2, 9, lambda i, c: c * 0.5 + i, x), normal(4, 6))
case("fori_dynamic", lambda x, n: lax.fori_loop(0, n, lambda i, c: (c[1], c[0] + i), (x, 2 * x)), normal(5), np.int32(6))
case("while_loop", lambda x: lax.while_loop(lambda c: c[1] * c[1] > 2, lambda c: (c[0] + 1, c[1] * 0.75), (0, x)),
     np.float32(40))
case("while_capture", lambda x, y: lax.while_loop(lambda c: jnp.sum(c) < y[0], lambda c: c + y, x), np.zeros(3, np.float32),
     np.float32([50, 1, 2]))
case("cond", lambda p, x: lax.cond(p, lambda y: y + 1, lambda y: y * x, x), np.bool_(True), normal(2, 3))
case("switch", lambda i, x: [lax.switch(j, [lambda y: (y + 1, y), lambda y: (y * x, y * 2), lambda y: (-y, x)], x)
                             for j in (i, i + 1, i - 9)], np.int32(1), normal(2, 3))
case("cond_in_scan", lambda x: lax.scan(lambda c, y: (lax.cond(y > 0, lambda: c + y, lambda: c - 2 * y), c), 0.0, x),
     normal(9))

# Reductions and sorts with bodies.
ints = rng.integers(-9, 9, (4, 7)).astype(np.int32)
nans = normal(5, 9)
nans[1, 3] = nans[3, 0] = nans[3, 1] = np.nan
case("argmax", lambda x: [jnp.argmax(x), jnp.argmax(x, axis=0), jnp.argmax(x, axis=1), jnp.argmin(x, axis=1)], nans)
case("argmax_int", lambda x: [jnp.argmax(x, axis=1), jnp.argmin(x, axis=0)], ints)
case("reduce_custom", lambda x, y: lax.reduce((x, y), (np.int32(3), np.int32(1)),
                                              lambda a, b: (a[0] * 2 + b[0], jnp.maximum(a[1], b[1] - a[0])), (1,)),
     ints, ints[::-1].copy())
case("reduce_xor", lambda x: lax.reduce(x, np.int32(5), lax.bitwise_xor, (0,)), ints)
case("sort_int", lambda x: [jnp.sort(x, axis=0), jnp.sort(x, axis=1), jnp.argsort(x, axis=1),
                            jnp.argsort(x, axis=1, descending=True)], ints)
case("sort_keys", lambda x, y, z: lax.sort((x, y, z), dimension=1, num_keys=2), ints // 3, ints[:, ::-1].copy(), normal(4, 7))
case("sort_unsigned", lambda x: lax.sort((x, x + 1), dimension=0, num_keys=1), ints.astype(np.uint32))
case("unique", lambda x: jnp.unique(x, size=8, fill_value=0), ints[0])

floats = np.float32([[3, -0.0, np.nan, 1, 0.0, -np.inf, -2, np.inf, 1, -0.0, 5], normal(11)])
case("sort_float", lambda x: [jnp.sort(x, axis=1), jnp.argsort(x, axis=1), jnp.argsort(x, axis=1, descending=True),
                              jnp.sort(x, axis=0), jnp.median(x, axis=1)], floats)
case("sort_float_keys", lambda x, y: lax.sort((x, y, x + y), dimension=1, num_keys=2), np.round(normal(3, 9)), normal(3, 9))
case("top_k", lambda x, i: [lax.top_k(x, 4), lax.top_k(i, 3)], normal(3, 9), ints)

# Convolutions.
def conv(numbers, **k):
    return lambda x, w: lax.conv_general_dilated(x, w, dimension_numbers=numbers, **k)


image, kernel = normal(2, 9, 8, 3), normal(3, 2, 3, 5)
case("conv_nhwc", conv(("NHWC", "HWIO", "NHWC"), window_strides=(1, 1), padding="SAME"), image, kernel, tolerance=1e-6)
case("conv_nchw", conv(("NCHW", "OIHW", "NCHW"), window_strides=(2, 1), padding=((1, 0), (2, 1))),
     image.transpose(0, 3, 1, 2).copy(), kernel.transpose(3, 2, 0, 1).copy(), tolerance=1e-6)
case("conv_dilated", conv(("NHWC", "HWIO", "NHWC"), window_strides=(2, 1), padding=((3, 4), (-1, 2)), lhs_dilation=(2, 3),
                          rhs_dilation=(3, 2)), image, kernel, tolerance=1e-6)
case("conv_groups", conv(("NHWC", "HWIO", "NHWC"), window_strides=(1, 2), padding="VALID", feature_group_count=3),
     image, normal(3, 2, 1, 6), tolerance=1e-6)
case("conv_batch_groups", conv(("NHWC", "HWIO", "NHWC"), window_strides=(1, 1), padding="VALID", batch_group_count=2),
     image, normal(3, 2, 3, 4), tolerance=1e-6)
case("conv_pointwise", conv(("NCHW", "OIHW", "NCHW"), window_strides=(1, 1), padding="VALID"),
     image.transpose(0, 3, 1, 2).copy(), normal(6, 3, 1, 1), tolerance=1e-6)
case("conv_transpose", lambda x, w: lax.conv_transpose(x, w, (2, 2), "SAME"), image, kernel, tolerance=1e-6)
case("conv_1d", lambda x, y: [jnp.convolve(x, y), jnp.correlate(x, y, "same")], normal(9), normal(4), tolerance=1e-6)
case("conv_3d", conv(("NCDHW", "OIDHW", "NCDHW"), window_strides=(1, 1, 1), padding="SAME"), normal(1, 2, 3, 4, 5),
     normal(3, 2, 2, 2, 2), tolerance=1e-6)
case("conv_int", conv(("NHWC", "HWIO", "NHWC"), window_strides=(1, 1), padding="SAME"),
     rng.integers(-9, 9, (1, 5, 4, 2)).astype(np.int32), rng.integers(-9, 9, (3, 3, 2, 3)).astype(np.int32))


def classifier(x, w1, w2):
    h = jnp.maximum(conv(("NHWC", "HWIO", "NHWC"), window_strides=(1, 1), padding="SAME")(x, w1), 0)
    h = lax.reduce_window(h, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    h = conv(("NHWC", "HWIO", "NHWC"), window_strides=(2, 2), padding="SAME")(h, w2)
    h = lax.reduce_window(h, 0.0, lax.add, (1, 2, 1, 1), (1, 1, 1, 1), "SAME") / 2
    return jnp.sum(jnp.tanh(h) ** 2)


case("conv_grad", jax.value_and_grad(classifier, argnums=(0, 1, 2)), normal(2, 8, 6, 3), normal(3, 3, 3, 4) / 3,
     normal(3, 2, 4, 5) / 3, tolerance=1e-5)

# Windows.
case("pool", lambda x: [lax.reduce_window(x, -jnp.inf, lax.max, (1, 3, 2, 1), (1, 2, 2, 1), "SAME"),
                        lax.reduce_window(x, jnp.inf, lax.min, (1, 2, 2, 2), (1, 1, 2, 1), "VALID")], image)
case("pool_sum", lambda x: [lax.reduce_window(x, 0.5, lax.add, (2, 3, 1, 2), (1, 2, 1, 1), ((1, 0), (1, 1), (0, 0), (0, 1))),
                            lax.reduce_window(x, 0.0, lax.add, (1, 2, 2, 2), (1, 1, 1, 1), ((0, 0), (2, 1), (0, 3), (1, 1)),
                                              base_dilation=(1, 2, 1, 3), window_dilation=(1, 2, 3, 1))],
     image, tolerance=1e-6)
case("pool_custom", lambda x: lax.reduce_window(x, np.int32(1), lambda a, b: a * 3 + b, (2, 3), (1, 2), "SAME"), ints)
case("cumulative", lambda x: [jnp.cumsum(x, axis=0), jnp.cumsum(x, axis=1), lax.cummax(x, axis=1), lax.cumprod(x, axis=0),
                              lax.cumsum(x, axis=1, reverse=True), lax.cummin(x, axis=0, reverse=True)], normal(5, 40),
     tolerance=1e-6)
case("cumsum_grad", jax.grad(lambda x: jnp.sum(jnp.cumsum(x, axis=1) ** 2)), normal(3, 20), tolerance=1e-6)
case("pool_grad", jax.grad(lambda x: jnp.sum(jnp.sin(lax.reduce_window(x, -jnp.inf, lax.max, (1, 3, 3, 1), (1, 2, 1, 1), "SAME")))),
     image, tolerance=1e-6)

# Scatters with bodies.
at = np.int32([[1], [3], [1], [9], [0], [1]])
numbers = lax.ScatterDimensionNumbers(update_window_dims=(1,), inserted_window_dims=(0,), scatter_dims_to_operand_dims=(0,))
case("scatter_kinds", lambda x, u: [f(x, at, u, numbers) for f in (lax.scatter_add, lax.scatter_mul, lax.scatter_min,
                                                                   lax.scatter_max, lax.scatter)], normal(4, 3), normal(6, 3))
case("scatter_apply", lambda x: lax.scatter_apply(x, at[:4], lambda v: v * 2 + 1, numbers, update_shape=(4, 3)), normal(4, 3))

for name, (f, inputs, tolerance) in CASES.items():
    (HERE / f"{name}.mlir").write_text(jax.jit(f).lower(*inputs).as_text())
lines = []
for name, (f, inputs, tolerance) in CASES.items():
    lines.append(f"case {name} {tolerance}")
    lines += [f"in {tensor(x)}" for x in inputs]
    lines += [f"out {tensor(x)}" for x in jax.tree.leaves(jax.jit(f)(*inputs))]
(HERE / "cases.txt").write_text("\n".join(lines) + "\n")
