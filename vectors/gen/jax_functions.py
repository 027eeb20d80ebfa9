"""Writes vectors/jax-functions: functions of jax.numpy, jax.lax and jax.nn as JAX prints them, with JAX's results.

Needs nothing but JAX (`pip install jax`). A file per group; per case the program, its inputs and what JAX computes on a
CPU. `tolerance` is relative to the largest element of a result; 0 means the same bits. Cases of `refused.json` have no
results: corex refuses them, and says why.
"""

import json
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax, nn
from jax.scipy import special

FOLDER = pathlib.Path(__file__).parents[1] / "jax-functions"
NAMES = {"float32": "f32", "bfloat16": "bf16", "float16": "f16", "bool": "i1"} | {
    f"{sign}int{bits}": f"{short}i{bits}" for sign, short in (("", ""), ("u", "u")) for bits in (8, 16, 32, 64)
}
CLOSE = 2e-6

random = np.random.default_rng(11)
x = random.standard_normal((3, 5)).astype(np.float32)
y = random.standard_normal((3, 5)).astype(np.float32)
u = random.uniform(0.05, 0.95, (3, 5)).astype(np.float32)
v = random.standard_normal(7).astype(np.float32)
m = random.standard_normal((4, 4)).astype(np.float32)
t = random.standard_normal((2, 3, 4)).astype(np.float32)
i = random.integers(-9, 9, (3, 5)).astype(np.int32)
j = random.integers(1, 9, (3, 5)).astype(np.int32)
k = np.int32([2, 0, 4, 2])
w = random.integers(0, 2**32, (3, 5), dtype=np.uint32)
b = random.integers(0, 2, (3, 5)).astype(bool)
h = x.astype(jnp.bfloat16)
image = random.standard_normal((1, 6, 6, 2)).astype(np.float32)
key = np.uint32([3, 9])

# From every edge toward every other.
edge = np.float32([0, -0.0, 1, -1, 1e-45, -1e-45, np.inf, -np.inf, 3.4028235e38, 1.1754944e-38, np.nan])
edges = [np.ascontiguousarray(e) for e in np.meshgrid(edge, edge)]

GROUPS = {}


def group(name, tolerance, **cases):
    GROUPS[name] = [(case, f, [np.asarray(a) for a in inputs], tolerance) for case, (f, *inputs) in cases.items()]


group(
    "elementwise", CLOSE,
    abs=(jnp.abs, x), negative=(jnp.negative, x), sign=(jnp.sign, x), square=(jnp.square, x), sqrt=(jnp.sqrt, u),
    rsqrt=(lax.rsqrt, u), cbrt=(jnp.cbrt, x), reciprocal=(jnp.reciprocal, u), exp=(jnp.exp, x), exp2=(jnp.exp2, x),
    expm1=(jnp.expm1, x), log=(jnp.log, u), log2=(jnp.log2, u), log10=(jnp.log10, u), log1p=(jnp.log1p, u),
    sin=(jnp.sin, x), cos=(jnp.cos, x), tan=(jnp.tan, x), arcsin=(jnp.arcsin, u), arccos=(jnp.arccos, u),
    arctan=(jnp.arctan, x), arctan2=(jnp.arctan2, x, y), sinh=(jnp.sinh, x), cosh=(jnp.cosh, x), tanh=(jnp.tanh, x),
    arcsinh=(jnp.arcsinh, x), arccosh=(lambda a: jnp.arccosh(a + 1), u), arctanh=(jnp.arctanh, u),
    hypot=(jnp.hypot, x, y), power=(jnp.power, u, y), float_power_int=(lambda a: a**3, x),
    integer_pow_negative=(lambda a: a**-2, u), add=(jnp.add, x, y), subtract=(jnp.subtract, x, y),
    multiply=(jnp.multiply, x, y), divide=(jnp.divide, x, y), floor_divide=(jnp.floor_divide, x, y),
    mod=(jnp.mod, x, y), fmod=(jnp.fmod, x, y), divmod=(jnp.divmod, x, y), maximum=(jnp.maximum, x, y),
    minimum=(jnp.minimum, x, y), fmax=(jnp.fmax, x, y), fmin=(jnp.fmin, x, y),
    clip=(lambda a: jnp.clip(a, -0.5, 0.5), x), floor=(jnp.floor, x), ceil=(jnp.ceil, x), round=(jnp.round, x),
    trunc=(jnp.trunc, x), rint=(jnp.rint, x), copysign=(jnp.copysign, x, y), nextafter=(jnp.nextafter, *edges),
    ldexp=(jnp.ldexp, x, i), frexp=(jnp.frexp, x), isnan=(jnp.isnan, x), isinf=(jnp.isinf, x),
    isfinite=(jnp.isfinite, x), nan_to_num=(jnp.nan_to_num, x), where=(jnp.where, b, x, y),
    logaddexp=(jnp.logaddexp, x, y), logaddexp2=(jnp.logaddexp2, x, y), sinc=(jnp.sinc, x),
    heaviside=(jnp.heaviside, x, y), signbit=(jnp.signbit, x), deg2rad=(jnp.deg2rad, x),
    logical_and=(jnp.logical_and, b, ~b), logical_or=(jnp.logical_or, b, b[::-1]),
    logical_xor=(jnp.logical_xor, b, b[::-1]), logical_not=(jnp.logical_not, b), equal=(jnp.equal, i, j),
    less=(jnp.less, x, y), greater_equal=(jnp.greater_equal, x, y), isclose=(jnp.isclose, x, y),
    convert=(lambda a: [a.astype(d) for d in (jnp.int8, jnp.uint8, jnp.int32, jnp.bfloat16, jnp.float16, bool)], j),
    bfloat16=(lambda a: a * 2 + a, h), reduce_precision=(lambda a: lax.reduce_precision(a, 5, 10), x),
    bitcast=(lambda a: lax.bitcast_convert_type(a, jnp.uint32), x), erf=(special.erf, x), erfc=(special.erfc, x),
    erfinv=(special.erfinv, u), expit=(special.expit, x), logit=(special.logit, u), xlogy=(special.xlogy, u, y),
    entr=(special.entr, u), ndtri=(special.ndtri, u), ndtr=(special.ndtr, x), log_ndtr=(special.log_ndtr, x),
    i0e=(special.i0e, x),
)
group(
    "integers", 0,
    add=(jnp.add, i, j), multiply=(jnp.multiply, i, j), floor_divide=(jnp.floor_divide, i, j), mod=(jnp.mod, i, j),
    remainder=(lax.rem, i, j), power=(lambda a: a**3, i), gcd=(jnp.gcd, i, j), lcm=(jnp.lcm, i, j),
    bitwise_and=(jnp.bitwise_and, i, j), bitwise_or=(jnp.bitwise_or, i, j), bitwise_xor=(jnp.bitwise_xor, i, j),
    invert=(jnp.invert, i), left_shift=(jnp.left_shift, i, j), right_shift=(jnp.right_shift, i, j),
    shift_logical=(lax.shift_right_logical, i, j), popcount=(jnp.bitwise_count, w), clz=(lax.clz, w),
    abs=(jnp.abs, i), sign=(jnp.sign, i), clip=(lambda a: jnp.clip(a, -3, 3), i), maximum=(jnp.maximum, i, j),
    cumsum=(jnp.cumsum, i), cummax=(lambda a: lax.cummax(a, axis=1), i), sum=(jnp.sum, i),
    prod=(lambda a: jnp.prod(a, axis=0), i), max=(jnp.max, i), max_of_booleans=(lambda a: jnp.max(a, axis=1), b),
    min_of_booleans=(jnp.min, b), at_max_of_booleans=(lambda a, n: a.at[:, n].max(True), b, k), all=(jnp.all, b),
    any=(lambda a: jnp.any(a, axis=1), b), bincount=(lambda a: jnp.bincount(a.ravel(), length=10), j),
    matmul=(lambda a, c: a @ c.T, i, j), packbits=(jnp.packbits, b), unpackbits=(jnp.unpackbits, w.astype(np.uint8)),
    digitize=(lambda a: jnp.digitize(a, np.int32([-5, 0, 5])), i), count_nonzero=(jnp.count_nonzero, i),
    bits=(lambda a: jax.random.bits(jax.random.wrap_key_data(a), (5,)), key),
    randint=(lambda a: jax.random.randint(jax.random.wrap_key_data(a), (7,), 0, 100), key),
    split=(lambda a: jax.random.key_data(jax.random.split(jax.random.wrap_key_data(a))), key),
    permutation=(lambda a: jax.random.permutation(jax.random.wrap_key_data(a), 9), key),
)
group(
    "random", 1e-5,
    uniform=(lambda a: jax.random.uniform(jax.random.wrap_key_data(a), (9,)), key),
    normal=(lambda a: jax.random.normal(jax.random.wrap_key_data(a), (9,)), key),
    bernoulli=(lambda a: jax.random.bernoulli(jax.random.wrap_key_data(a), 0.3, (9,)), key),
    categorical=(lambda a, c: jax.random.categorical(jax.random.wrap_key_data(a), c), key, x),
    gumbel=(lambda a: jax.random.gumbel(jax.random.wrap_key_data(a), (9,)), key),
    exponential=(lambda a: jax.random.exponential(jax.random.wrap_key_data(a), (9,)), key),
    laplace=(lambda a: jax.random.laplace(jax.random.wrap_key_data(a), (9,)), key),
    truncated_normal=(lambda a: jax.random.truncated_normal(jax.random.wrap_key_data(a), -1, 1, (9,)), key),
    choice=(lambda a, c: jax.random.choice(jax.random.wrap_key_data(a), c, (4,)), key, v),
    shuffle=(lambda a, c: jax.random.permutation(jax.random.wrap_key_data(a), c), key, x),
    orthogonal_free=(lambda a: jax.random.rademacher(jax.random.wrap_key_data(a), (9,)), key),
)
group(
    "shapes", 0,
    reshape=(lambda a: a.reshape(5, 3), x), ravel=(jnp.ravel, x), transpose=(jnp.transpose, t),
    swapaxes=(lambda a: jnp.swapaxes(a, 0, 2), t), moveaxis=(lambda a: jnp.moveaxis(a, 0, -1), t),
    expand_dims=(lambda a: a[:, None], x), squeeze=(lambda a: jnp.squeeze(a[:1]), x),
    stack=(lambda a, c: jnp.stack([a, c], 1), x, y), concatenate=(lambda a, c: jnp.concatenate([a, c], 1), x, y),
    split=(lambda a: jnp.split(a, 3), x), tile=(lambda a: jnp.tile(a, (2, 1)), x),
    repeat=(lambda a: jnp.repeat(a, 2, axis=1), x), flip=(jnp.flip, x), roll=(lambda a: jnp.roll(a, 2, axis=1), x),
    dynamic_roll=(lambda a, n: jnp.roll(a, n), x, np.int32(4)), rot90=(jnp.rot90, x),
    pad=(lambda a: jnp.pad(a, 1), x), pad_edge=(lambda a: jnp.pad(a, 2, mode="edge"), x),
    pad_reflect=(lambda a: jnp.pad(a, 2, mode="reflect"), x),
    pad_interior=(lambda a: lax.pad(a, np.float32(1), ((1, -1, 1), (0, 2, 0))), x),
    broadcast_to=(lambda a: jnp.broadcast_to(a, (2, 7)), v), tril=(jnp.tril, m), triu=(jnp.triu, m),
    diag=(jnp.diag, m), diagonal=(jnp.diagonal, m), diag_of=(jnp.diag, v), eye=(lambda a: jnp.eye(5) + a[0, 0], x),
    trace_int=(jnp.trace, i[:, :3]), arange=(lambda a: jnp.arange(2, 17, 3) + a[0], k),
    meshgrid=(lambda a: jnp.meshgrid(a, a[:2]), v), slice_strided=(lambda a: a[::2, 1:5:3], x),
    negative_step=(lambda a: a[:, ::-2], x), ellipsis=(lambda a: a[..., 1], t),
    boolean_mask_where=(lambda a: jnp.where(a > 0, a, 0), x), one_hot=(lambda a: nn.one_hot(a, 5), k),
    take=(lambda a, n: jnp.take(a, n, axis=1), x, k),
    take_clip=(lambda a, n: jnp.take(a, n * 3, axis=1, mode="clip"), x, k),
    take_fill=(lambda a, n: jnp.take(a, n * 3, axis=1, mode="fill"), x, k),
    take_wrap=(lambda a, n: jnp.take(a, n * 3, axis=1, mode="wrap"), x, k),
    index_array=(lambda a, n: a[n % 3, n], x, k), index_negative=(lambda a, n: a[:, n - 4], x, k),
    take_along_axis=(lambda a, n: jnp.take_along_axis(a, n % 5, axis=1), x, j),
    dynamic_slice=(lambda a, n: lax.dynamic_slice(a, (n, n), (2, 2)), x, np.int32(9)),
    dynamic_index=(lambda a, n: a[n], x, np.int32(-1)),
    dynamic_update=(lambda a, n: lax.dynamic_update_slice(a, a[:1] * 2, (n, 0)), x, np.int32(2)),
    at_set=(lambda a, n: a.at[n, 0].set(7), x.T, k), at_max=(lambda a, n: a.at[n].max(0), x.T, k),
    at_min=(lambda a, n: a.at[n].min(0.25), x.T, k),
    at_get=(lambda a, n: a.at[n * 9].get(mode="fill", fill_value=3), v, k),
    at_slice=(lambda a: a.at[1:, ::2].set(0), x), at_add_int=(lambda a, n: a.at[:, n].add(5), i, k),
    select=(lambda a, c: jnp.select([a > 1, a > 0], [a, c], -1), x, y),
    choose=(lambda n, a, c: jnp.choose(n % 2, [a, c], mode="clip"), j, x, y),
    searchsorted=(lambda a, c: jnp.searchsorted(a, c), np.sort(v), x[0]),
    nonzero=(lambda a: jnp.nonzero(a, size=6, fill_value=-1), b), argwhere=(lambda a: jnp.argwhere(a, size=4), b),
    unique=(lambda a: jnp.unique(a, size=9, return_counts=True), j), sort=(jnp.sort, x),
    sort_axis=(lambda a: jnp.sort(a, axis=0, descending=True), x), argsort=(jnp.argsort, x),
    lexsort=(lambda a, c: jnp.lexsort((a[0], c[0])), x, j), sort_key_val=(lambda a, c: lax.sort_key_val(a, c), i, x),
    top_k=(lambda a: lax.top_k(a, 2), x), argmax=(lambda a: jnp.argmax(a, axis=1), x), argmin=(jnp.argmin, x),
    median=(jnp.median, x), max=(lambda a: jnp.max(a, axis=(0, 1)), x),
    min=(lambda a: jnp.min(a, axis=1, keepdims=True), x), nanmax=(jnp.nanmax, x), ptp=(jnp.ptp, x),
    cummax=(lambda a: lax.cummax(a, axis=0), x), cummin_reverse=(lambda a: lax.cummin(a, axis=1, reverse=True), x),
    isin=(lambda a, c: jnp.isin(a, c[0]), i, j), array_equal=(jnp.array_equal, x, x),
    vmap_index=(jax.vmap(lambda a, n: a[n]), x, k[:3]),
    scan_counter=(lambda a: lax.scan(lambda c, e: (c + 1, e), 0, a), x),
    cond=(lambda a: lax.cond(a[0, 0] > 0, lambda: a, lambda: -a), x),
    switch=(lambda n, a: lax.switch(n, [lambda c: c, lambda c: -c], a), np.int32(1), x),
    fori=(lambda a: lax.fori_loop(0, 3, lambda n, c: c.at[n].set(n), a), v),
    while_loop=(lambda a: lax.while_loop(lambda c: c[0] < 4, lambda c: (c[0] + 1, -c[1]), (0, a)), v),
    associative_scan_max=(lambda a: lax.associative_scan(jnp.maximum, a), v),
    map=(lambda a: lax.map(lambda e: e * 2, a), x), checkpoint=(jax.checkpoint(lambda a: -a), x),
    optimization_barrier=(lax.optimization_barrier, x),
    iota=(lambda a: lax.broadcasted_iota(jnp.int32, (2, 3), 1) + a[0], k), stop_gradient=(lax.stop_gradient, x),
)
group(
    "sums", CLOSE,
    sum=(jnp.sum, x), sum_axis=(lambda a: jnp.sum(a, axis=0), x), mean=(lambda a: jnp.mean(a, axis=1), x),
    prod=(lambda a: jnp.prod(a, axis=1), x), var=(jnp.var, x), std=(lambda a: jnp.std(a, axis=0), x),
    average=(lambda a, c: jnp.average(a, weights=c), x, u), nansum=(jnp.nansum, x), nanmean=(jnp.nanmean, x),
    cumsum=(lambda a: jnp.cumsum(a, axis=1), x), cumsum_reverse=(lambda a: lax.cumsum(a, axis=1, reverse=True), x),
    cumprod=(lambda a: jnp.cumprod(a, axis=0), x), cumlogsumexp=(lambda a: lax.cumlogsumexp(a, axis=1), x),
    logsumexp=(lambda a: nn.logsumexp(a, axis=1), x), norm=(jnp.linalg.norm, x),
    norm_axis=(lambda a: jnp.linalg.norm(a, axis=1), x), dot=(jnp.dot, v, v), vdot=(jnp.vdot, x, y),
    matmul=(lambda a, c: a @ c, x, y.T), matmul_batched=(lambda a: a @ jnp.swapaxes(a, 1, 2), t),
    einsum=(lambda a, c: jnp.einsum("ij,kj->ki", a, c), x, y), einsum_diagonal=(lambda a: jnp.einsum("ii->i", a), m),
    tensordot=(lambda a: jnp.tensordot(a, a, ((0, 2), (0, 2))), t), outer=(jnp.outer, v, v), inner=(jnp.inner, x, y),
    kron=(lambda a, c: jnp.kron(a, c[:2, :2]), x, m), cross=(lambda a, c: jnp.cross(a[:, :3], c[:, :3]), x, y),
    trace=(jnp.trace, m), matrix_power=(lambda a: jnp.linalg.matrix_power(a, 3), m),
    dot_bf16=(lambda a: jnp.dot(a, a.T), h),
    dot_preferred=(lambda a: lax.dot_general(a, a, (((1,), (1,)),
        ((), ())), preferred_element_type=jnp.float32), h),
    convolve=(lambda a: jnp.convolve(a, a[:3]), v), correlate=(lambda a: jnp.correlate(a, a[:3], "same"), v),
    conv=(lambda a: lax.conv_general_dilated(a, a[:, :3, :3, :].transpose(1,
        2, 3, 0), (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO",
        "NHWC")), image),
    conv_depthwise=(lambda a: lax.conv_general_dilated(a, a[0, :3,
        :3, None, :], (2, 2), "SAME", dimension_numbers=("NHWC", "HWIO",
        "NHWC"), feature_group_count=2), image),
    avg_pool=(lambda a: lax.reduce_window(a, 0.0, lax.add, (1, 2, 2, 1), (1, 2, 2, 1), "VALID") / 4, image),
    max_pool=(lambda a: lax.reduce_window(a, -jnp.inf, lax.max, (1, 3, 3, 1), (1, 2, 2, 1), "SAME"), image),
    at_add=(lambda a, n: a.at[n].add(1.5), x.T, k), at_multiply=(lambda a, n: a.at[n].multiply(1.5), x.T, k),
    segment_sum=(lambda a, n: jax.ops.segment_sum(a.T, n % 3, 3), x[:, :4], k),
    segment_max=(lambda a, n: jax.ops.segment_max(a, n, 5), v[:4], k), histogram=(lambda a: jnp.histogram(a, 4), v),
    interp=(lambda a: jnp.interp(a, np.arange(4.0), np.arange(4.0) ** 2), v),
    polyval=(lambda a: jnp.polyval(np.float32([1, -2, 3]), a), v), quantile=(lambda a: jnp.quantile(a, 0.3), v),
    percentile=(lambda a: jnp.percentile(a, 70.0), v), cov=(jnp.cov, x), corrcoef=(jnp.corrcoef, x),
    gradient=(jnp.gradient, v), diff=(jnp.diff, v), trapezoid=(jnp.trapezoid, v), ediff1d=(jnp.ediff1d, v),
    linspace=(lambda a: jnp.linspace(a[0], a[1], 5), v), vander=(lambda a: jnp.vander(a, 4), v),
    cumulative_trapezoid=(lambda a: jnp.cumsum((a[1:] + a[:-1]) / 2), v),
    associative_scan=(lambda a: lax.associative_scan(jnp.add, a), v),
    scan=(lambda a: lax.scan(lambda c, e: (c * 0.5 + e, c), a[0], a), x),
    custom_reduce=(lambda a: lax.reduce(a, np.float32(1), lambda p, q: p * 0.5 + q, (1,)), x),
    image_resize=(lambda a: jax.image.resize(a, (1, 3, 3, 2), "bilinear"), image),
)
group(
    "networks", 1e-5,
    relu=(nn.relu, x), relu6=(nn.relu6, x), gelu=(nn.gelu, x),
    gelu_exact=(lambda a: nn.gelu(a, approximate=False), x), silu=(nn.silu, x), sigmoid=(nn.sigmoid, x),
    softplus=(nn.softplus, x), softmax=(nn.softmax, x), log_softmax=(nn.log_softmax, x),
    log_sigmoid=(nn.log_sigmoid, x), elu=(nn.elu, x), selu=(nn.selu, x), celu=(nn.celu, x),
    leaky_relu=(nn.leaky_relu, x), hard_tanh=(nn.hard_tanh, x), hard_sigmoid=(nn.hard_sigmoid, x),
    hard_silu=(nn.hard_silu, x), mish=(nn.mish, x), squareplus=(nn.squareplus, x), soft_sign=(nn.soft_sign, x),
    glu=(lambda a: nn.glu(a[:, :4]), x), standardize=(nn.standardize, x), sparse_plus=(nn.sparse_plus, x),
    attention=(lambda a: nn.dot_product_attention(a[None], a[None], a[None], is_causal=True), t),
    cross_entropy=(lambda a, n: -jnp.take_along_axis(nn.log_softmax(a), n[:3, None], 1).mean(), x, k),
    layer_norm=(lambda a: (a - a.mean(-1, keepdims=True)) * lax.rsqrt(a.var(-1, keepdims=True) + 1e-5), x),
    dropout=(lambda a, c: jnp.where(jax.random.bernoulli(jax.random.wrap_key_data(a),
        0.8, c.shape), c / 0.8, 0), key, x),
)
gradients = {
    name: (jax.grad(lambda *a, f=f: jnp.sum(jnp.sin(f(*a)))), *inputs)
    for of in ("networks", "sums")
    for name, f, inputs, _ in GROUPS[of]
    # Not functions of floats alone, or with several results.
    if name not in ("dropout", "at_multiply", "histogram", "dot_bf16", "dot_preferred", "gradient", "scan")
}
group("gradients", 2e-5, **gradients)
group(
    "refused", 0,
    lgamma=(special.gammaln, u), digamma=(special.digamma, u), cholesky=(lambda a: jnp.linalg.cholesky(a @ a.T), m),
    qr=(jnp.linalg.qr, m), eigh=(jnp.linalg.eigh, m), svd=(jnp.linalg.svd, m),
    solve=(lambda a: jnp.linalg.solve(a, a), m),
    triangular_solve=(lambda a: jax.scipy.linalg.solve_triangular(a, a), m),
    fft=(lambda a: jnp.abs(jnp.fft.fft(a)), v), complex=(lambda a: jnp.abs(a + 1j), v),
    callback=(lambda a: jax.pure_callback(lambda c: c, a, a), v), polygamma=(lambda a: special.polygamma(1, a), u),
    zeta=(lambda a: special.zeta(a + 1, a), u), float8=(lambda a: a.astype(jnp.float8_e4m3fn).astype(jnp.float32), x),
)


def bits(a):
    a = np.asarray(a)
    shape = "".join(f"{n}x" for n in a.shape)
    return {"type": f"tensor<{shape}{NAMES[str(a.dtype)]}>", "bytes": np.ascontiguousarray(a).tobytes().hex()}


def main():
    FOLDER.mkdir(exist_ok=True)
    for name, cases in GROUPS.items():
        written = []
        for case, f, inputs, tolerance in cases:
            lowered = jax.jit(f).lower(*inputs)
            entry = {"name": case, "tolerance": tolerance, "program": lowered.as_text()}
            entry["inputs"] = [bits(a) for a in inputs]
            if name != "refused":
                entry["outputs"] = [bits(a) for a in jax.tree.leaves(lowered.compile()(*inputs))]
            written.append(json.dumps(entry))
        (FOLDER / f"{name}.json").write_text("[\n" + ",\n".join(written) + "\n]\n")
        print(f"{name}: {len(cases)} programs")


if __name__ == "__main__":
    main()
