"""Compares vectors/structured with two judges that JAX brings (`pip install jax`): StableHLO's interpreter, and XLA.

Usage: python vectors/gen/check_structured.py. Integers, and what moves, compares or selects elements, must agree to the
bit, NaN apart (the law has one, the judges several). Sums and products of floats, whose order StableHLO leaves open,
must agree within TOLERANCE of the square of the largest element that takes part. XLA is asked where the interpreter
has another answer or none: it reads unsigned indices as signed, and folds padding as further initial values.
"""

import json
import os
import pathlib
import sys

import jax
import numpy as np
from jax._src.lib import xla_client
from jax.interpreters import mlir
from jaxlib.mlir import ir
from jaxlib.mlir.dialects import stablehlo

jax.config.update("jax_enable_x64", True)
FOLDER = pathlib.Path(__file__).parents[1] / "structured"
TOLERANCE = {"f32": 1e-5, "bf16": 0.1, "f16": 0.02}
# Files whose float results depend on an order that StableHLO leaves open.
ORDERED = {"reduce", "dot_general", "convolution", "reduce_window", "select_and_scatter", "scatter"}
WIDTHS = {"i1": np.uint8, "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64, "ui8": np.uint8,
          "ui16": np.uint16, "ui32": np.uint32, "ui64": np.uint64, "f16": np.float16, "bf16": np.uint16,
          "f32": np.float32}


def parts(ty):
    *shape, element = ty[len("tensor<"):-1].split("x")
    return [int(n) for n in shape], element


def attribute(tensor):
    """A tensor of the files as an MLIR attribute."""
    shape, element = parts(tensor["type"])
    words = np.array([int(w, 16) for w in tensor["bits"]], np.uint64)
    size = np.dtype(WIDTHS[element]).itemsize
    ty = ir.Type.parse(tensor["type"])
    if element == "i1":
        return ir.DenseElementsAttr.get(words.astype(bool).reshape(shape), type=ty.element_type, shape=shape)
    raw = words.astype(f"uint{8 * size}")
    if raw.size == 0:
        return ir.Attribute.parse(f"dense<> : {tensor['type']}")
    hexadecimal = raw.tobytes().hex().upper()
    if raw.size == 1:
        # A string of one element is a splat.
        return ir.Attribute.parse(f'dense<"0x{hexadecimal}"> : {tensor["type"]}')
    return ir.Attribute.parse(f'dense<"0x{hexadecimal}"> : {tensor["type"]}')


def words(attr, element, count):
    """The bits of a result."""
    if count == 0:
        return np.zeros(0, np.uint64)
    if element == "i1":
        values = [bool(v) for v in attr] if not attr.is_splat else [bool(attr.get_splat_value().value)] * count
        return np.array(values, np.uint64)
    if element in ("bf16", "f16"):
        # Python has no bf16: the interpreter itself gives the bits.
        ty = str(attr.type)
        bits = ty.replace(element, "ui16")
        cast = f"%y = stablehlo.bitcast_convert %x : ({ty}) -> {bits}"
        module = ir.Module.parse(f"func.func @main(%x: {ty}) -> {bits} {{ {cast} return %y : {bits} }}")
        (attr,) = stablehlo.eval_module(module, [attr])
        element = "ui16"
    array = np.array(attr).ravel()
    if array.size == 1 and count > 1:
        array = np.repeat(array, count)
    size = np.dtype(WIDTHS[element]).itemsize
    return np.ascontiguousarray(array).view(f"uint{8 * size}").astype(np.uint64)


def floats(bits, element):
    if element == "f32":
        return bits.astype(np.uint32).view(np.float32).astype(np.float64)
    if element == "bf16":
        return (bits.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    return bits.astype(np.uint16).view(np.float16).astype(np.float64)


def agrees(ours, theirs, element, tolerance, scale):
    if element not in TOLERANCE:
        return np.array_equal(ours, theirs)
    a, b = floats(ours, element), floats(theirs, element)
    same = (ours == theirs) | (np.isnan(a) & np.isnan(b))
    if tolerance:
        # Sums that overflow on one side, or that meet both infinities, depend on the order.
        with np.errstate(all="ignore"):
            same |= np.abs(a - b) <= tolerance * scale
            same |= ~np.isfinite(a) | ~np.isfinite(b)
    return bool(same.all())


def interpreted(case):
    """The bits of all results, or why there are none. In a process of its own: the interpreter may abort."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        try:
            module = ir.Module.parse("\n".join(case["program"]))
            results = stablehlo.eval_module(module, [attribute(t) for t in case["inputs"]])
            shapes = [parts(t["type"]) for t in case["outputs"]]
            bits = [words(r, element, int(np.prod(shape))) for r, (shape, element) in zip(results, shapes)]
            answer = [[int(w) for w in b] for b in bits]
        except Exception as error:
            answer = " ".join(str(error).split())[:200]
        with os.fdopen(send, "w") as pipe:
            json.dump(answer, pipe)
        os._exit(0)
    os.close(send)
    with os.fdopen(receive) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else "the interpreter aborts"


def compiled(case):
    """The bits of all results as XLA computes them on this machine's CPU, or why there are none."""
    device = jax.devices("cpu")[0]
    try:
        text = "\n".join(case["program"]).encode()
        program = device.client.compile_and_load(text, xla_client.DeviceList((device,)), xla_client.CompileOptions())
        inputs = []
        for tensor in case["inputs"]:
            shape, element = parts(tensor["type"])
            ty = np.dtype({"i1": bool, "bf16": jax.numpy.bfloat16}.get(element, WIDTHS[element]))
            raw = np.array([int(w, 16) for w in tensor["bits"]], np.uint64).astype(f"uint{8 * ty.itemsize}")
            inputs.append(jax.device_put(raw.view(ty).reshape(shape), device))
        results = program.execute_sharded(inputs).disassemble_into_single_device_arrays()
    except Exception as error:
        return " ".join(str(error).split())[:200]
    arrays = [np.ascontiguousarray(np.asarray(r[0]).ravel()) for r in results]
    return [a.view(f"uint{8 * a.dtype.itemsize}").astype(np.uint64) for a in arrays]


def difference(name, case, results):
    """The first result that is another one, in words; None if all agree."""
    file = name.split(":")[0]
    scale = 1e-30
    for tensor in case["inputs"]:
        element = parts(tensor["type"])[1]
        if element in TOLERANCE:
            x = np.abs(floats(np.array([int(w, 16) for w in tensor["bits"]], np.uint64), element))
            scale = max([scale, *x[np.isfinite(x)]])
    for i, (ours, theirs) in enumerate(zip(case["outputs"], results, strict=True)):
        element = parts(ours["type"])[1]
        bits = np.array([int(w, 16) for w in ours["bits"]], np.uint64)
        tolerance = TOLERANCE.get(element) if file in ORDERED else None
        if not agrees(bits, np.array(theirs, np.uint64), element, tolerance, scale**2):
            return f"{name}, result {i}: {ours['bits']} but {[hex(int(w)) for w in theirs]}"
    return None


def main():
    agreed, others = 0, []
    with mlir.make_ir_context() as context, ir.Location.unknown():
        stablehlo.register_interpreter_dialect(context)
        for path in sorted(FOLDER.glob("*.json")):
            for case in json.loads(path.read_text()):
                name = f"{path.stem}: {case['name']}"
                results = interpreted(case)
                reason = results if isinstance(results, str) else difference(name, case, results)
                if reason is None:
                    agreed += 1
                else:
                    others.append((name, case, reason))
    print(f"{agreed} cases agree with StableHLO's interpreter")
    wrong = 0
    for name, case, reason in others:
        results = compiled(case)
        second = results if isinstance(results, str) else difference(name, case, results)
        if second is None:
            print(f"{name}: agrees with XLA only")
        else:
            wrong += 1
            print(f"{name}: DIFFERENT\n  interpreter: {reason}\n  XLA: {second}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
