//! Every differentiation rule against finite differences, computed by the reference interpreter.

use corex_engine::{Tensor, reference::evaluate};
use corex_hlo::{
    CompareDir, ConvDims, ConvLayout, DType, Dot, DotDims, Func, FuncBuilder, GatherDims, HloError, Literal,
    Module, Reducer, ScatterDims, TensorType, ValueId, WindowDim, gradients,
};

const MEMORY: u64 = 1 << 26;
/// Step of the difference quotient: large enough that f32 rounding does not drown the difference.
const H: f32 = 1.0 / 128.0;
const TOLERANCE: f32 = 4e-3;

/// Deterministic values in [-1, 1), odd multiples of 1/64: further than H from 0 and from each other.
fn values(count: usize, salt: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * 37 + salt * 101 + 11) % 64) as f32 / 32.0 - 1.0 + 1.0 / 64.0).collect()
}

/// Appends a weighted sum of `y`, so that every element of the cotangent is different.
fn weighted_sum(b: &mut FuncBuilder, y: ValueId) -> ValueId {
    let ty = b.ty(y).clone();
    let weights = b.constant(Literal::dense(&values(ty.elements(), 9), ty.shape.clone()));
    let product = b.mul(y, weights);
    let every: Vec<_> = (0..ty.rank()).collect();
    b.reduce_sum(product, &every)
}

fn run(func: &Func, inputs: &[Tensor]) -> Vec<Vec<f32>> {
    let module = Module::single("test", func.clone());
    let outputs = evaluate(&module, "main", inputs, MEMORY).expect("the program runs");
    outputs.iter().map(|t| t.to_f32().expect("f32")).collect()
}

/// Compares the derivative of `f` at these inputs with central differences, in every element of every input.
fn check_at(inputs: &[(&[usize], Vec<f32>)], f: impl Fn(&mut FuncBuilder, &[ValueId]) -> ValueId) {
    let mut b = FuncBuilder::new("main");
    let params: Vec<_> = inputs.iter().map(|(shape, _)| b.param(TensorType::f32(*shape))).collect();
    let y = f(&mut b, &params);
    let loss = weighted_sum(&mut b, y);
    let value = b.clone().finish(&[loss]).expect("well-typed");
    let grads = gradients(&mut b, loss, &params);
    let both = b.finish(&grads).expect("differentiable");

    let tensors = |values: &[Vec<f32>]| -> Vec<Tensor> {
        inputs.iter().zip(values).map(|((shape, _), v)| Tensor::from_f32(shape, v).expect("fits")).collect()
    };
    let point: Vec<Vec<f32>> = inputs.iter().map(|(_, v)| v.clone()).collect();
    let exact = run(&both, &tensors(&point));
    for (input, grad) in exact.iter().enumerate() {
        assert_eq!(
            both.ty(both.results[input]),
            both.ty(both.params[input]),
            "a gradient has its input's type"
        );
        for at in 0..grad.len() {
            let moved = |by: f32| {
                let mut p = point.clone();
                p[input][at] += by;
                run(&value, &tensors(&p))[0][0]
            };
            let difference = (moved(H) - moved(-H)) / (2.0 * H);
            let error = (difference - grad[at]).abs();
            assert!(
                error <= TOLERANCE * (1.0 + difference.abs()),
                "input {input}, element {at}: rule says {}, difference quotient {difference}",
                grad[at]
            );
        }
    }
}

fn check(shapes: &[&[usize]], f: impl Fn(&mut FuncBuilder, &[ValueId]) -> ValueId) {
    let inputs: Vec<_> =
        shapes.iter().enumerate().map(|(i, s)| (*s, values(s.iter().product(), i))).collect();
    check_at(&inputs, f);
}

/// As [`check`] for one input of positive values in about [1/2, 5/2).
fn check_positive(f: impl Fn(&mut FuncBuilder, ValueId) -> ValueId) {
    let positive = values(12, 3).iter().map(|v| v + 1.5).collect();
    check_at(&[(&[3, 4], positive)], |b, p| f(b, p[0]));
}

#[test]
fn unary() {
    let each: [fn(&mut FuncBuilder, ValueId) -> ValueId; 11] = [
        FuncBuilder::neg,
        FuncBuilder::abs,
        FuncBuilder::exp,
        FuncBuilder::tanh,
        FuncBuilder::logistic,
        FuncBuilder::sin,
        FuncBuilder::cos,
        FuncBuilder::erf,
        // Constant almost everywhere: zeros, not errors.
        |b, x| {
            let sign = b.sign(x);
            b.add(sign, x)
        },
        |b, x| {
            let half = b.offset(x, 0.25);
            b.floor(half)
        },
        |b, x| {
            let half = b.offset(x, 0.25);
            b.ceil(half)
        },
    ];
    for f in each {
        check(&[&[3, 4]], |b, p| f(b, p[0]));
    }
    let more: [fn(&mut FuncBuilder, ValueId) -> ValueId; 10] = [
        FuncBuilder::erfc,
        FuncBuilder::expm1,
        FuncBuilder::sinh,
        FuncBuilder::cosh,
        FuncBuilder::asinh,
        FuncBuilder::atan,
        // As if rounding were exact.
        |b, x| b.reduce_precision(x, 8, 23),
        |b, x| {
            let half = b.offset(x, 0.25);
            b.round(half)
        },
        |b, x| {
            let half = b.offset(x, 0.25);
            b.round_away(half)
        },
        // Compared in the total order: constant almost everywhere.
        |b, x| {
            let zero = b.zeros_like(x);
            let above = b.compare_total(CompareDir::Gt, x, zero);
            b.select(above, x, zero)
        },
    ];
    for f in more {
        check(&[&[3, 4]], |b, p| f(b, p[0]));
    }
    // Steep near ±1.
    for f in
        [FuncBuilder::asin, FuncBuilder::acos, FuncBuilder::atanh, FuncBuilder::erf_inv, FuncBuilder::tan]
    {
        check(&[&[3, 4]], |b, p| {
            let inside = b.scale(p[0], 0.5);
            f(b, inside)
        });
    }
    check_positive(FuncBuilder::cbrt);
    check_positive(FuncBuilder::log1p);
    check_positive(|b, x| {
        let above = b.offset(x, 1.0);
        b.acosh(above)
    });
    check_positive(FuncBuilder::sqrt);
    check_positive(FuncBuilder::rsqrt);
    check_positive(FuncBuilder::log);
}

#[test]
fn binary() {
    check(&[&[6], &[6]], |b, p| b.add(p[0], p[1]));
    check(&[&[6], &[6]], |b, p| {
        // Away from the origin, where the angle turns quickly.
        let (y, x) = (b.offset(p[0], 2.0), b.offset(p[1], -2.0));
        b.atan2(y, x)
    });
    check(&[&[6], &[6]], |b, p| b.sub(p[0], p[1]));
    check(&[&[6], &[6]], |b, p| b.mul(p[0], p[1]));
    check(&[&[6]], |b, p| b.mul(p[0], p[0]));
    check(&[&[6], &[6]], |b, p| b.max(p[0], p[1]));
    check(&[&[6], &[6]], |b, p| b.min(p[0], p[1]));
    let base: Vec<f32> = values(6, 0).iter().map(|v| v + 2.0).collect();
    let other: Vec<f32> = values(6, 1).iter().map(|v| v + 2.5).collect();
    let both: [(&[usize], Vec<f32>); 2] = [(&[6], base), (&[6], other)];
    check_at(&both, |b, p| b.div(p[0], p[1]));
    check_at(&both, |b, p| b.pow(p[0], p[1]));
    check_at(&[(&[2], vec![5.3, -5.3]), (&[2], vec![2.0, 2.0])], |b, p| b.rem(p[0], p[1]));
}

#[test]
fn equal_arguments_share() {
    let mut b = FuncBuilder::new("main");
    let (x, y) = (b.param(TensorType::f32([])), b.param(TensorType::f32([])));
    let max = b.max(x, y);
    let grads = gradients(&mut b, max, &[x, y]);
    let func = b.finish(&grads).expect("differentiable");
    let one = Tensor::from_f32(&[], &[1.0]).expect("fits");
    assert_eq!(run(&func, &[one.clone(), one]), [[0.5], [0.5]]);
}

#[test]
fn select_and_clamp() {
    check(&[&[6], &[6]], |b, p| {
        let pred = b.lt(p[0], p[1]);
        let scaled = b.scale(p[0], 3.0);
        b.select(pred, scaled, p[1])
    });
    check(&[&[6], &[6]], |b, p| {
        let pred = b.scalar(true);
        b.select(pred, p[0], p[1])
    });
    let x = values(8, 5);
    check_at(&[(&[], vec![-0.375]), (&[8], x.clone()), (&[], vec![0.3125])], |b, p| {
        b.clamp(p[0], p[1], p[2])
    });
    check_at(&[(&[8], vec![-0.375; 8]), (&[8], x), (&[8], vec![0.3125; 8])], |b, p| {
        b.clamp(p[0], p[1], p[2])
    });
}

#[test]
fn movement() {
    check(&[&[2, 3]], |b, p| b.broadcast(p[0], &[3, 4, 2], &[2, 0]));
    check(&[&[2, 1]], |b, p| b.broadcast(p[0], &[2, 5], &[0, 1]));
    check(&[&[]], |b, p| b.fill(p[0], &[2, 2]));
    check(&[&[2, 6]], |b, p| b.reshape(p[0], &[3, 4]));
    check(&[&[2, 3, 2]], |b, p| b.transpose(p[0], &[2, 0, 1]));
    check(&[&[5, 7]], |b, p| b.slice_strided(p[0], &[1, 0], &[5, 7], &[3, 2]));
    check(&[&[2, 2], &[2, 3]], |b, p| b.concatenate(&[p[0], p[1], p[0]], 1));
    check(&[&[2, 3], &[]], |b, p| b.pad(p[0], p[1], &[1, 0], &[0, 2], &[2, 1]));
    check(&[&[2, 5], &[]], |b, p| b.pad(p[0], p[1], &[1, -2], &[0, -1], &[0, 0]));
    check(&[&[2, 3]], |b, p| b.reverse(p[0], &[1]));
}

#[test]
fn slices_of_one_vector() {
    // Tiling with a gap; overlapping; both with a direct use beside them.
    check(&[&[12]], |b, p| {
        let (head, tail) = (b.slice(p[0], &[0], &[4]), b.slice(p[0], &[6], &[10]));
        b.mul(head, tail)
    });
    check(&[&[4, 3]], |b, p| {
        let (head, tail) = (b.slice(p[0], &[0, 0], &[3, 3]), b.slice(p[0], &[1, 0], &[4, 3]));
        let product = b.mul(head, tail);
        let whole = b.reduce_sum(p[0], &[0, 1]);
        let whole = b.fill(whole, &[3, 3]);
        b.mul(product, whole)
    });
}

#[test]
fn tiling_slices_cost_one_concatenation() {
    let mut b = FuncBuilder::new("main");
    let x = b.param(TensorType::f32([6]));
    let (head, tail) = (b.slice(x, &[0], &[3]), b.slice(x, &[3], &[6]));
    let product = b.mul(head, tail);
    let loss = b.reduce_sum(product, &[0]);
    let grads = gradients(&mut b, loss, &[x]);
    let func = b.finish(&grads).expect("differentiable");
    let named = |name: &str| func.ops.iter().filter(|op| op.kind.name() == name).count();
    assert_eq!((named("stablehlo.concatenate"), named("stablehlo.pad")), (1, 0));
}

#[test]
fn reductions() {
    check(&[&[2, 3, 4]], |b, p| b.reduce_sum(p[0], &[0, 2]));
    check(&[&[3, 4]], |b, p| b.reduce_max(p[0], &[1]));
    check(&[&[3, 4]], |b, p| {
        let highest = b.scalar(f32::INFINITY);
        b.reduce(p[0], highest, &[0], Reducer::Min)
    });
    check(&[&[3, 4], &[]], |b, p| b.reduce(p[0], p[1], &[1], Reducer::Add));
    check(&[&[3, 4]], |b, p| b.reduce_mean(p[0], &[0]));
    check(&[&[3, 4]], |b, p| b.softmax(p[0], 1));
    check(&[&[3, 4]], |b, p| b.log_sum_exp(p[0], 1));
}

#[test]
fn products() {
    check(&[&[2, 3], &[3, 4]], |b, p| b.matmul(p[0], p[1]));
    check(&[&[3, 2], &[4, 3]], |b, p| b.dot_general(p[0], p[1], Dot::contract(&[0], &[1])));
    // Batches that are not leading dimensions, several contracted dimensions in different orders.
    let dims = DotDims {
        lhs_batch: vec![1],
        rhs_batch: vec![2],
        lhs_contract: vec![3, 0],
        rhs_contract: vec![1, 3],
    };
    check(&[&[2, 2, 3, 3], &[2, 3, 2, 2]], |b, p| b.dot_general(p[0], p[1], dims.clone()));
    check(&[&[3], &[3]], |b, p| b.dot_general(p[0], p[1], Dot::contract(&[0], &[0])));
    check(&[&[2], &[3]], |b, p| b.dot_general(p[0], p[1], Dot::contract(&[], &[])));
}

#[test]
fn a_weight_needs_no_transpose() {
    let mut b = FuncBuilder::new("main");
    let (x, w) = (b.param(TensorType::f32([5, 3])), b.param(TensorType::f32([3, 4])));
    let y = b.matmul(x, w);
    let loss = weighted_sum(&mut b, y);
    let grads = gradients(&mut b, loss, &[x, w]);
    let func = b.finish(&grads).expect("differentiable");
    assert!(func.ops.iter().all(|op| op.kind.name() != "stablehlo.transpose"));
}

#[test]
fn gather_clamps_and_scatter_drops() {
    let rows = |b: &mut FuncBuilder| b.constant(Literal::dense(&[2i32, -7, 0, 99, 2], [5]));
    check(&[&[3, 2]], |b, p| {
        let rows = rows(b);
        b.take_rows(p[0], rows)
    });
    // Two-component index vectors in the leading dimension, windows of several elements.
    let windows = GatherDims {
        offset_dims: vec![1, 2],
        start_index_map: vec![1, 0],
        index_vector_dim: 0,
        slice_sizes: vec![2, 1],
        ..GatherDims::default()
    };
    check(&[&[4, 3]], |b, p| {
        let at = b.constant(Literal::dense(&[0u8, 9, 1, 1, 2, 200], [2, 3]));
        b.gather(p[0], at, windows.clone())
    });
    let add_rows = ScatterDims {
        update_window_dims: vec![1],
        inserted_window_dims: vec![0],
        scatter_dims_to_operand_dims: vec![0],
        index_vector_dim: 1,
        ..ScatterDims::default()
    };
    check(&[&[3, 2], &[5, 2]], |b, p| {
        let rows = rows(b);
        b.scatter(p[0], rows, p[1], add_rows.clone(), Reducer::Add)
    });
}

#[test]
fn dynamic_slices() {
    let starts = |b: &mut FuncBuilder| [b.scalar(1i32), b.scalar(9i32)];
    check(&[&[4, 5]], |b, p| {
        let starts = starts(b);
        b.dynamic_slice(p[0], &starts, &[2, 3])
    });
    check(&[&[4, 5], &[2, 3]], |b, p| {
        let starts = starts(b);
        b.dynamic_update_slice(p[0], p[1], &starts)
    });
}

#[test]
fn through_storage_formats() {
    // bf16 rounds too coarsely for difference quotients; values that it holds exactly suffice for the chain.
    let mut b = FuncBuilder::new("main");
    let x = b.param(TensorType::f32([2]));
    let short = b.convert(x, DType::BF16);
    let squared = b.mul(short, short);
    let wide = b.convert(squared, DType::F32);
    let loss = b.reduce_sum(wide, &[0]);
    let grads = gradients(&mut b, loss, &[x]);
    let func = b.finish(&grads).expect("differentiable");
    let x = Tensor::from_f32(&[2], &[1.5, -3.0]).expect("fits");
    assert_eq!(run(&func, &[x]), [[3.0, -6.0]]);
}

#[test]
fn intermediate_values_and_unused_inputs() {
    let mut b = FuncBuilder::new("main");
    let (x, unused) = (b.param(TensorType::f32([])), b.param(TensorType::f32([2])));
    let y = b.exp(x);
    let loss = b.mul(y, y);
    let grads = gradients(&mut b, loss, &[x, y, unused, loss]);
    let func = b.finish(&grads).expect("differentiable");
    let inputs =
        [Tensor::from_f32(&[], &[0.0]).expect("fits"), Tensor::from_f32(&[2], &[5.0; 2]).expect("fits")];
    assert_eq!(run(&func, &inputs), [vec![2.0], vec![2.0], vec![0.0, 0.0], vec![1.0]]);
}

#[test]
fn held_constant_and_integers_stop_the_derivative() {
    let mut b = FuncBuilder::new("main");
    let x = b.param(TensorType::f32([]));
    let held = b.exp(x);
    b.hold_constant(held);
    let whole = b.convert(x, DType::I32);
    let whole = b.convert(whole, DType::F32);
    let sum = b.add(held, whole);
    let loss = b.mul(sum, x);
    let grads = gradients(&mut b, loss, &[x]);
    let func = b.finish(&grads).expect("differentiable");
    assert_eq!(run(&func, &[Tensor::from_f32(&[], &[0.0]).expect("fits")]), [[1.0]]);
}

#[test]
fn a_custom_gradient_takes_the_place_of_the_chain_rule() {
    let mut b = FuncBuilder::new("main");
    let (x, unused) = (b.param(TensorType::f32([])), b.param(TensorType::f32([])));
    let between = b.exp(x);
    let y = b.mul(between, unused);
    // Ten times the cotangent, whatever stands between; beside it x is used as ever.
    b.custom_gradient(y, x, |b, ct| b.scale(ct, 10.0));
    let loss = b.mul(y, x);
    let grads = gradients(&mut b, loss, &[x, unused]);
    let func = b.finish(&grads).expect("differentiable");
    let inputs = [3.0, 2.0].map(|v| Tensor::from_f32(&[], &[v]).expect("fits"));
    let y = 2.0 * run_exp(3.0);
    assert_eq!(run(&func, &inputs), [[y + 10.0 * 3.0], [0.0]]);

    let mut b = FuncBuilder::new("main");
    let x = b.param(TensorType::f32([]));
    let y = b.exp(x);
    b.custom_gradient(x, y, |_, ct| ct);
    assert_eq!(
        b.finish(&[y]).expect_err("the wrong way round"),
        HloError::Module("%0 is not computed from %1".into())
    );
}

/// e^x by the reference.
fn run_exp(x: f32) -> f32 {
    let mut b = FuncBuilder::new("main");
    let p = b.param(TensorType::f32([]));
    let y = b.exp(p);
    let func = b.finish(&[y]).expect("well-typed");
    run(&func, &[Tensor::from_f32(&[], &[x]).expect("fits")])[0][0]
}

fn error_of(f: impl Fn(&mut FuncBuilder, ValueId) -> ValueId) -> String {
    let mut b = FuncBuilder::new("main");
    let x = b.param(TensorType::f32([4]));
    let y = f(&mut b, x);
    let loss = b.reduce_sum(y, &[0]);
    let grads = gradients(&mut b, loss, &[x]);
    b.finish(&grads).expect_err("no derivative").to_string()
}

#[test]
fn what_has_no_derivative_is_named() {
    let call = error_of(|b, x| b.call("f", &[x], &[TensorType::f32([4])])[0]);
    assert_eq!(call, "cannot differentiate through func.call");
    let product = error_of(|b, x| {
        let one = b.scalar(1f32);
        let product = b.reduce(x, one, &[0], Reducer::Mul);
        b.fill(product, &[4])
    });
    assert_eq!(product, "cannot differentiate through stablehlo.reduce with a multiply body");
    let boolean = error_of(|b, x| b.compare(CompareDir::Lt, x, x));
    assert_eq!(boolean, "only a float scalar has a gradient, not tensor<i1>");

    let mut b = FuncBuilder::new("main");
    let x = b.param(TensorType::f32([4]));
    gradients(&mut b, x, &[x]);
    assert_eq!(
        b.finish(&[]).expect_err("not a scalar"),
        HloError::Module("only a float scalar has a gradient, not tensor<4xf32>".into())
    );
}

fn layout(batch: usize, feature: usize, spatial: &[usize]) -> ConvLayout {
    ConvLayout { batch, feature, spatial: spatial.to_vec() }
}

/// Batch and features first on the left, last in the result, and the kernel's in the middle.
fn conv(window: Vec<WindowDim>, reversal: Vec<bool>, feature_groups: usize, batch_groups: usize) -> ConvDims {
    ConvDims {
        lhs: layout(0, 1, &[2, 3]),
        rhs: layout(2, 1, &[3, 0]),
        result: layout(3, 2, &[0, 1]),
        window,
        reversal,
        feature_groups,
        batch_groups,
    }
}

#[test]
fn convolutions() {
    let dense = WindowDim::dense;
    let plain = vec![dense(2), dense(3)];
    check(&[&[2, 2, 4, 5], &[3, 2, 2, 2]], |b, x| {
        b.convolution(x[0], x[1], conv(plain.clone(), vec![false, false], 1, 1))
    });
    let moved = vec![
        WindowDim { stride: 2, low: 1, high: -1, base_dilation: 2, ..dense(2) },
        WindowDim { stride: 3, low: -1, high: 2, window_dilation: 2, ..dense(3) },
    ];
    check(&[&[2, 2, 4, 7], &[3, 2, 2, 2]], |b, x| {
        b.convolution(x[0], x[1], conv(moved.clone(), vec![true, false], 1, 1))
    });
    check(&[&[1, 4, 4, 4], &[3, 2, 6, 2]], |b, x| {
        b.convolution(x[0], x[1], conv(plain.clone(), vec![false, true], 2, 1))
    });
    check(&[&[4, 2, 3, 4], &[3, 2, 4, 2]], |b, x| {
        b.convolution(x[0], x[1], conv(plain.clone(), vec![false, false], 1, 2))
    });
}

#[test]
fn pooling() {
    let window = [
        WindowDim::UNIT,
        WindowDim { stride: 2, low: 1, high: 1, ..WindowDim::dense(3) },
        WindowDim { stride: 2, low: 0, high: -1, ..WindowDim::dense(2) },
    ];
    let zero = |b: &mut FuncBuilder| b.scalar(0.0_f32);
    check(&[&[2, 4, 5]], |b, x| {
        let init = zero(b);
        b.reduce_window(x[0], init, &window, Reducer::Add)
    });
    let dilated = window.map(|w| WindowDim { base_dilation: 2, window_dilation: 2, low: 2, ..w });
    check(&[&[2, 3, 4], &[]], |b, x| b.reduce_window(x[0], x[1], &dilated, Reducer::Add));
    for reducer in [Reducer::Max, Reducer::Min] {
        check(&[&[2, 4, 5]], |b, x| {
            let init = b.scalar(if reducer == Reducer::Max { f32::NEG_INFINITY } else { f32::INFINITY });
            b.reduce_window(x[0], init, &window, reducer)
        });
    }
}

#[test]
fn loops_have_no_derivative_here() {
    let scalar = TensorType::scalar(DType::F32);
    let private = |b: FuncBuilder, results: &[ValueId]| Func { public: false, ..b.finish(results).unwrap() };
    let mut cond = FuncBuilder::new("cond");
    let x = cond.param(scalar.clone());
    let big = cond.scalar(9.0_f32);
    let goes_on = cond.compare(CompareDir::Lt, x, big);
    let cond = private(cond, &[goes_on]);
    let mut body = FuncBuilder::new("body");
    let x = body.param(scalar.clone());
    let next = body.add(x, x);
    let body = private(body, &[next]);
    let mut b = FuncBuilder::new("main");
    let x = b.param(scalar);
    let last = b.while_loop(&cond, &body, &[x], &[]);
    let grads = gradients(&mut b, last[0], &[x]);
    let error = b.finish(&grads).unwrap_err().to_string();
    assert!(error.contains("stablehlo.while: differentiate before"), "{error}");
}
