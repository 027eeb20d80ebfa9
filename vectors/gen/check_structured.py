"""Compares vectors/structured with the StableHLO project's own interpreter, which comes with JAX (`pip install jax`).

Usage: python vectors/gen/check_structured.py. Integers, and what moves, compares or selects elements, must agree to the
bit, NaN apart (the law has one, the interpreter several). Sums and products of floats, whose order StableHLO leaves
open, must agree within TOLERANCE of the largest element that takes part. What the interpreter has no answer for is
listed with the reason.
"""

import json
import pathlib
import sys

import numpy as np
from jaxlib.mlir import ir
from jaxlib.mlir.dialects import chlo, func, stablehlo

FOLDER = pathlib.Path(__file__).parents[1] / "structured"
TOLERANCE = {"f32": 1e-5, "bf16": 0.1, "f16": 0.02}
# Files whose float results depend on an order that StableHLO leaves open.
ORDERED = {"reduce", "dot_general", "convolution", "reduce_window", "select_and_scatter", "scatter"}
WIDTHS = {"i1": np.uint8, "i8": np.int8, "i16": np.int16, "i32": np.int32, "i64": np.int64, "ui8": np.uint8,
          "ui16": np.uint16, "ui32": np.uint32, "ui64": np.uint64, "f16": np.float16, "bf16": np.uint16, "f32": np.float32}


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
    if element == "bf16" or element == "f16":
        if attr.is_splat:
            values = [ir.FloatAttr(attr.get_splat_value()).value] * count
        else:
            values = [float(v) for v in ir.DenseFPElementsAttr(attr)]
        values = np.array(values, np.float32)
        if element == "f16":
            return values.astype(np.float16).view(np.uint16).astype(np.uint64)
        return (values.view(np.uint32) >> 16).astype(np.uint64)
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


def main():
    checked, unknown, wrong = 0, [], []
    with ir.Context() as context, ir.Location.unknown():
        for dialect in (stablehlo, chlo):
            dialect.register_dialect(context)
        stablehlo.register_interpreter_dialect(context)
        for path in sorted(FOLDER.glob("*.json")):
            for case in json.loads(path.read_text()):
                name = f"{path.stem}: {case['name']}"
                try:
                    module = ir.Module.parse("\n".join(case["program"]))
                    results = stablehlo.eval_module(module, [attribute(t) for t in case["inputs"]])
                except Exception as error:
                    unknown.append(f"{name}: {str(error).splitlines()[0][:150]}")
                    continue
                taking_part = [1e-30]
                for tensor in case["inputs"]:
                    element = parts(tensor["type"])[1]
                    if element in TOLERANCE:
                        x = np.abs(floats(np.array([int(w, 16) for w in tensor["bits"]], np.uint64), element))
                        taking_part += list(x[np.isfinite(x)])
                for i, (ours, theirs) in enumerate(zip(case["outputs"], results)):
                    element = parts(ours["type"])[1]
                    bits = np.array([int(w, 16) for w in ours["bits"]], np.uint64)
                    tolerance = TOLERANCE.get(element) if path.stem in ORDERED else None
                    other = words(theirs, element, len(bits))
                    if agrees(bits, other, element, tolerance, max(taking_part) ** 2 if tolerance else 1):
                        checked += 1
                    else:
                        wrong.append(f"{name}, result {i}: {ours['bits']} but {[hex(w) for w in other]}")
    print(f"{checked} results agree")
    print("\n".join(["no answer:"] + unknown) if unknown else "")
    print("\n".join(["DIFFERENT:"] + wrong) if wrong else "")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
