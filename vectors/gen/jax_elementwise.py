"""Writes vectors/jax-elementwise: what JAX prints for elementwise operators, and what it computes.

Usage: pip install jax; python jax_elementwise.py

functions.mlir     one program with the operators, as `jax.jit(f).lower(…).as_text()` prints it
generic.mlir       the same program in MLIR's generic form
export.mlir        the same program as `jax.export` prints it: some operators decomposed, some as composites
functions.json     per parameter and per result the bits of the elements, as JAX on a CPU computes them
random_bits.json   rng_bit_generator: algorithm, state, type and shape of the result, next state, bits
"""

import json
import os
import pathlib

os.environ["JAX_ENABLE_X64"] = "1"  # for 64-bit random bits only

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.sharding import AxisType, NamedSharding, PartitionSpec

HERE = pathlib.Path(__file__).parent.parent / "jax-elementwise"
NUMBERS = np.float32([-3.7, -2.5, -1.0, -0.75, -0.5, -0.3, -1e-6, -0.0, 0.0, 1e-6, 0.2, 0.45, 0.5, 0.9, 1.0, 1.5, 2.5, 7.0])
mesh = jax.make_mesh((1,), ("x",), axis_types=(AxisType.Auto,))


def functions(x, y, n, u, h, k, state):
    """x, y: f32[18]; n: i32[18]; u: ui8[3,4]; h: bf16[3,4]; k: bf16[4,2]; state: ui64[2]. Floats first, then exact results."""
    unit = jnp.clip(x, -1, 1)
    out = [f(x) for f in (lax.tan, lax.atan, lax.sinh, lax.cosh, lax.asinh, lax.erf, lax.erfc, lax.cbrt, lax.expm1, lax.square)]
    out += [f(unit) for f in (lax.asin, lax.acos, lax.atanh, lax.erf_inv, lax.log1p)]
    out += [lax.acosh(jnp.abs(x) + 1.5), lax.atan2(x, y), lax.composite(lambda v: jnp.sin(v) * 2, name="my.twice_sine")(x)]
    out += [lax.dot(x, y, precision="highest")]
    exact = [lax.round(x, lax.RoundingMethod.AWAY_FROM_ZERO), lax.round(x, lax.RoundingMethod.TO_NEAREST_EVEN)]
    exact += [lax.reduce_precision(x, 5, 10), lax.reduce_precision(x, 8, 7), lax.reduce_precision(h, 4, 3)]
    exact += [lax.population_count(n), lax.clz(n), lax.population_count(u)]
    exact += [lax.bitcast_convert_type(x, jnp.uint8), lax.bitcast_convert_type(u, jnp.float32), lax.bitcast_convert_type(n, jnp.int16)]
    exact += [lax.dot_general(h, k, (((1,), (0,)), ((), ())), preferred_element_type=jnp.float32)]
    exact += [lax.dot_general(u, u, (((1,), (1,)), ((), ())), preferred_element_type=jnp.uint32)]
    exact += list(lax.optimization_barrier((n, u)))
    exact += [lax.with_sharding_constraint(n + 1, NamedSharding(mesh, PartitionSpec("x")))]
    exact += list(lax.rng_bit_generator(state, (4, 3), dtype=jnp.uint32, algorithm=lax.RandomAlgorithm.RNG_PHILOX))
    exact += list(lax.rng_bit_generator(state, (5,), dtype=jnp.uint8, algorithm=lax.RandomAlgorithm.RNG_THREE_FRY))
    return tuple(out), tuple(exact)


def bits(x):
    x = np.asarray(x)
    words = np.ascontiguousarray(x).view(f"u{x.dtype.itemsize}").ravel()
    return {"dtype": str(x.dtype), "shape": list(x.shape), "bits": [hex(int(w)) for w in words]}


def random_bits():
    rows = []
    shapes = [(), (1,), (5,), (8,), (0, 3), (3, 5), (4, 3), (4, 2, 3), (3, 5, 5)]
    states = [(0x0123456789ABCDEF, 0xFEDCBA9876543210), (7, 2**64 - 2)]
    for name in ("THREE_FRY", "PHILOX", "DEFAULT"):
        for i, (dtype, shape) in enumerate((d, s) for d in ("uint8", "uint16", "uint32", "uint64") for s in shapes):
            state = np.array(states[i % 2], np.uint64)
            generate = lambda s: lax.rng_bit_generator(s, shape, jnp.dtype(dtype), getattr(lax.RandomAlgorithm, "RNG_" + name))
            after, words = jax.jit(generate)(state)
            rows.append({"algorithm": name, "state": bits(state), "next": bits(after), "result": bits(words)})
    return rows


def main():
    y = NUMBERS[::-1].copy()
    n = np.int32([0, 1, -1, 2**31 - 1, -(2**31), 12345, -7, 255, 256, 3, 5, 9, 17, 33, 65, 129, 1 << 20, -256])
    u = np.arange(12, dtype=np.uint8).reshape(3, 4) * 21
    half = lambda *shape: jnp.asarray(np.linspace(-3, 3, int(np.prod(shape)), dtype=np.float32).reshape(shape), jnp.bfloat16)
    args = (NUMBERS, y, n, u, half(3, 4), half(4, 2), np.uint64([11, 22]))
    jitted = jax.jit(functions)
    lowered = jitted.lower(*args)
    (HERE / "functions.mlir").write_text(lowered.as_text())
    (HERE / "generic.mlir").write_text(lowered.compiler_ir("stablehlo").operation.get_asm(print_generic_op_form=True) + "\n")
    exported = jax.export.export(jitted)(*args).mlir_module()
    (HERE / "export.mlir").write_text(exported.replace(__file__, pathlib.Path(__file__).name))
    close, exact = jitted(*args)
    values = {"inputs": [bits(a) for a in args], "close": [bits(r) for r in close], "exact": [bits(r) for r in exact]}
    lines = lambda rows: "[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]"
    (HERE / "functions.json").write_text("{" + ",\n".join(f'"{k}": {lines(v)}' for k, v in values.items()) + "}\n")
    (HERE / "random_bits.json").write_text(lines(random_bits()) + "\n")


main()
