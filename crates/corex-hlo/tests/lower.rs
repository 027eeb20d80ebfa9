//! Lowering and its bytes. That lowered programs compute the right thing is tested where they are evaluated
//! (`tests/lowered.rs` of corex-engine); here it is what they look like, and what bytes from strangers do.

use corex_hlo::ir::*;
use corex_hlo::lower::*;
use corex_hlo::{lower, parse};

const SEEDS: [&str; 8] = [
    include_str!("data/ops_pretty.mlir"),
    include_str!("data/gpt_step.mlir"),
    include_str!("data/jax/scan.mlir"),
    include_str!("data/jax/switch.mlir"),
    include_str!("data/jax/sort_float_keys.mlir"),
    include_str!("data/jax/conv_grad.mlir"),
    include_str!("data/jax/pool_grad.mlir"),
    include_str!("data/jax/scatter_apply.mlir"),
];

fn lowered(text: &str) -> Lowering {
    lower(&parse(text).unwrap(), "main").unwrap()
}

/// The one operator that an operation becomes, printed.
fn line(params: &str, op: &str, ty: &str) -> String {
    let lowering = lowered(&format!("func.func @main({params}) -> {ty} {{ %r = {op} return %r : {ty} }}"));
    let ops = &lowering.program.funcs[0].ops;
    assert_eq!(ops.len(), 1, "{}", print(&lowering.program));
    print_op(&ops[0])
}

#[test]
fn layout_is_access() {
    let x = "%x: tensor<4x6xf32>";
    let check = |op: &str, from: &str, ty: &str, expected: &str| {
        let op = format!("stablehlo.{op} : ({from}) -> {ty}");
        let params =
            if from.matches("tensor").count() > 1 { format!("{x}, %v: tensor<f32>") } else { x.to_owned() };
        assert_eq!(line(&params, &op, ty), expected);
    };
    let from = "tensor<4x6xf32>";
    check(
        "transpose %x, dims = [1, 0]",
        from,
        "tensor<6x4xf32>",
        "map [i0<6, i1<4] copy %a0[i1, i0] : tensor<6x4xf32>",
    );
    check(
        "slice %x [1:4:2, 0:5]",
        from,
        "tensor<2x5xf32>",
        "map [i0<2, i1<5] copy %a0[2*i0 + 1, i1] : tensor<2x5xf32>",
    );
    check(
        "broadcast_in_dim %x, dims = [0, 2]",
        from,
        "tensor<4x9x6xf32>",
        "map [i0<4, i1<9, i2<6] copy %a0[i0, i2] : tensor<4x9x6xf32>",
    );
    check(
        "pad %x, %v, low = [1, -2], high = [0, 0], interior = [0, 2]",
        "tensor<4x6xf32>, tensor<f32>",
        "tensor<5x14xf32>",
        "map [i0<5, i1<14] copy %a0[i0 - 1, (i1 + 2)/3] | %a1 : tensor<5x14xf32>",
    );
    check("reshape %x", from, "tensor<3x8xf32>", "reinterpret %a0 : tensor<3x8xf32>");
    assert_eq!(
        line(x, "stablehlo.reverse %x, dims = [1] : tensor<4x6xf32>", from),
        "map [i0<4, i1<6] copy %a0[i0, -i1 + 5] : tensor<4x6xf32>"
    );
    assert_eq!(
        line(
            x,
            "stablehlo.concatenate %x, %x, dim = 0 : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<8x6xf32>",
            "tensor<8x6xf32>"
        ),
        "map [i0<8, i1<6] copy %a0[i0, i1] | %a0[i0 - 4, i1] : tensor<8x6xf32>"
    );
}

/// Names, order of functions and spelling of constants have no influence; anything that has meaning does.
#[test]
fn what_means_the_same_is_lowered_to_the_same() {
    let text = |name: &str, value: &str| {
        format!(
            "func.func private @{name}(%x: tensor<3xf32>) -> tensor<3xf32> {{
               %c = stablehlo.constant dense<{value}> : tensor<3xf32>
               %y = stablehlo.add %x, %c : tensor<3xf32>
               return %y : tensor<3xf32>
             }}
             func.func @main(%x: tensor<3xf32>) -> tensor<3xf32> {{
               %y = call @{name}(%x) : (tensor<3xf32>) -> tensor<3xf32>
               return %y : tensor<3xf32>
             }}"
        )
    };
    let bytes = |text: &str| encode(&lowered(text).program);
    assert_eq!(bytes(&text("f", "1.0")), bytes(&text("g", "[1.0, 1.0, 1.0]")));
    assert_ne!(bytes(&text("f", "1.0")), bytes(&text("f", "[1.0, 1.0, 2.0]")));
    assert!(lower(&parse(&text("f", "1.0")).unwrap(), "f").is_err());
}

#[test]
fn bytes_and_programs_are_one() {
    for text in SEEDS {
        let program = lowered(text).program;
        let bytes = encode(&program);
        assert_eq!(decode(&bytes).unwrap(), program);
        for cut in (0..bytes.len()).step_by(1 + bytes.len() / 100) {
            assert!(decode(&bytes[..cut]).is_err(), "{cut}");
        }
        assert!(decode(&[&bytes[..], &[0]].concat()).is_err());
    }
}

/// SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Whatever the bytes: an error, or a program whose bytes they are.
#[test]
fn changed_bytes_are_refused_or_mean_something_else() {
    let (mut state, mut accepted) = (1, 0);
    for text in SEEDS.iter().filter(|text| text.len() < 20_000) {
        let program = lowered(text).program;
        let bytes = encode(&program);
        for _ in 0..1000 {
            let mut changed = bytes.clone();
            for _ in 0..1 + next(&mut state) % 3 {
                let at = (next(&mut state) % changed.len() as u64) as usize;
                match next(&mut state) % 4 {
                    0 => changed[at] ^= 1 << (next(&mut state) % 8),
                    1 => changed[at] = next(&mut state) as u8,
                    2 => changed[at] = *[0, 1, 2, 3, 255].get((next(&mut state) % 5) as usize).unwrap(),
                    _ => drop(changed.drain(at..(at + 4).min(changed.len()))),
                }
            }
            if let Ok(other) = decode(&changed) {
                assert_eq!(encode(&other), changed);
                accepted += usize::from(other != program);
            }
        }
    }
    // Some changes are programs: an offset, a function, a literal.
    assert!(accepted > 100, "{accepted}");
}

/// What is refused, one rule at a time.
#[test]
fn broken_programs_are_named() {
    let scan = lowered(include_str!("data/jax/scan.mlir")).program;
    let refused = |change: &dyn Fn(&mut Lowered), says: &str| {
        let mut program = scan.clone();
        change(&mut program);
        let message = check(&program).expect_err(says).to_string();
        assert!(message.contains(says), "{message} does not say {says}");
    };
    let map = TensorType::f32([4]);
    let x = || Operand { source: Source::Param(0), ty: TensorType::f32([4]) };
    let op = |read: Read| LoweredOp {
        kind: Kind::Map { space: vec![4], function: Scalar::Copy, reads: vec![read] },
        operands: vec![x()],
        results: vec![map.clone()],
    };
    let element =
        |axes: Vec<Axis>| Read { dtype: DType::F32, places: vec![Place::Element { operand: 0, axes }] };
    let axis = Axis { size: 4, stride: 1, at: Affine::index(0), divisor: 1, start: None };
    let alone = |op: LoweredOp| Lowered {
        funcs: vec![LoweredFunc { params: vec![map.clone()], ops: vec![op], results: vec![] }],
        constants: vec![],
    };
    check(&alone(op(element(vec![axis.clone()])))).unwrap();
    let beyond = |program: Lowered, says: &str| {
        let message = check(&program).expect_err(says).to_string();
        assert!(message.contains(says), "{message} does not say {says}");
    };
    beyond(alone(op(element(vec![Axis { size: 5, ..axis.clone() }]))), "reaches beyond a tensor<4xf32>");
    beyond(alone(op(element(vec![Axis { stride: 2, ..axis.clone() }]))), "reaches beyond");
    beyond(alone(op(element(vec![axis.clone(), axis.clone()]))), "reaches beyond");
    beyond(alone(op(element(vec![Axis { divisor: 0, ..axis.clone() }]))), "divides by 0");
    beyond(
        alone(op(element(vec![Axis { at: Affine::index(1), ..axis.clone() }]))),
        "no affine map of 1 indices",
    );
    let start = Start { operand: 0, axes: vec![], most: None, negative: false };
    beyond(alone(op(element(vec![Axis { start: Some(start), ..axis }]))), "holds no indices");
    beyond(alone(op(Read { dtype: DType::F32, places: vec![] })), "has no places");
    beyond(alone(op(Read { dtype: DType::U64, places: vec![Place::Literal(0)] })), "computes ui64, not f32");
    beyond(alone(op(Read { dtype: DType::I8, places: vec![Place::Literal(256)] })), "is no i8");
    beyond(Lowered::default(), "has no function");
    let last = scan.funcs.len() - 1;
    let is_loop = |op: &&mut LoweredOp| matches!(op.kind, Kind::While { .. });
    refused(
        &|p| {
            let op = p.funcs[last].ops.iter_mut().find(is_loop).unwrap();
            op.kind = Kind::While { cond: last as u32, body: last as u32 };
        },
        "does not stand before its own",
    );
    refused(
        &|p| {
            let op = p.funcs[last].ops.iter_mut().find(is_loop).unwrap();
            let Kind::While { cond, body } = op.kind else { return };
            op.kind = Kind::While { cond: body, body: cond };
        },
        "returns other types",
    );
    refused(&|p| p.funcs[last].results[0].source = Source::Param(99), "is no tensor");
    refused(&|p| p.funcs[0].params.push(TensorType::f32([1 << 40])), "larger than");
}

/// Found by the fuzz target `lowered`: outside of a program nothing but the operator says what its operands are.
#[test]
fn an_operand_that_no_memory_holds_is_refused() {
    let program = lowered("func.func @main(%x: tensor<3xf32>) -> tensor<3xf32> { %r = stablehlo.reverse %x, dims = [0] : tensor<3xf32> return %r : tensor<3xf32> }").program;
    let mut op = program.funcs[0].ops[0].clone();
    decode_op(&encode_op(&program, &op)).unwrap();
    // Its product is 3 modulo 2^64.
    op.operands[0].ty.shape = vec![0x6666_6666_6666_6667, 5];
    let message = decode_op(&encode_op(&program, &op)).unwrap_err().to_string();
    assert!(message.contains("is larger than"), "{message}");
}
