//! Loops and branches: what they copy, what they are allowed, and where their values live.

mod common;

use common::check::check;
use common::programs::stacking;
use corex_engine::trace::{Path, Tracer};
use corex_engine::{EngineError, Options, Program, Tensor, reference};
use corex_hlo::ir::{DType, Module, TensorType};
use corex_hlo::parse;

fn module(text: &str) -> Module {
    parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

/// Fills a `rows x 1024` array row by row with multiples of a carried row, as `lax.scan` does.
fn scan(rows: usize) -> Module {
    let (all, stacking) = (format!("tensor<{rows}x1024xf32>"), stacking(rows));
    module(&format!(
        "func.func @main(%x: tensor<1024xf32>) -> ({all}, tensor<1024xf32>) {{
           {stacking}
           return %r#2, %r#1 : {all}, tensor<1024xf32>
         }}"
    ))
}

#[test]
fn a_scan_writes_its_results_where_they_stay() {
    let x: Vec<f32> = (0..1024).map(|i| i as f32).collect();
    let inputs = [Tensor::from_f32(&[1024], &x).unwrap()];
    check(&scan(5), &inputs, "scan");
    // The stacked results exist once: temporaries do not grow with them.
    let bytes = |rows| Program::compile(&scan(rows), "main", &Options::default()).unwrap().temporary_bytes();
    assert_eq!(bytes(1000), bytes(10));
}

#[test]
fn chains_of_updates_use_one_buffer() {
    let text = "func.func @main(%x: tensor<100000xf32>, %u: tensor<3xf32>, %i: tensor<i32>) -> (tensor<100000xf32>, tensor<100000xf32>) {
      %a = stablehlo.dynamic_update_slice %x, %u, %i : (tensor<100000xf32>, tensor<3xf32>, tensor<i32>) -> tensor<100000xf32>
      %b = stablehlo.dynamic_update_slice %a, %u, %i : (tensor<100000xf32>, tensor<3xf32>, tensor<i32>) -> tensor<100000xf32>
      %c = stablehlo.dynamic_update_slice %b, %u, %i : (tensor<100000xf32>, tensor<3xf32>, tensor<i32>) -> tensor<100000xf32>
      %d = stablehlo.dynamic_update_slice %a, %u, %i : (tensor<100000xf32>, tensor<3xf32>, tensor<i32>) -> tensor<100000xf32>
      return %c, %d : tensor<100000xf32>, tensor<100000xf32>
    }";
    let module = module(text);
    let x: Vec<f32> = (0..100_000).map(|i| i as f32).collect();
    let inputs = [
        Tensor::from_f32(&[100_000], &x).unwrap(),
        Tensor::from_f32(&[3], &[-1.0, -2.0, -3.0]).unwrap(),
        Tensor::from_bytes(TensorType::scalar(DType::I32), &7_i32.to_le_bytes()).unwrap(),
    ];
    check(&module, &inputs, "updates");
    let program = Program::compile(&module, "main", &Options::default()).unwrap();
    // %a is needed twice, so only one of %c (through %b) and %d can take its place.
    assert!(program.temporary_bytes() < 450_000, "{}", program.temporary_bytes());
}

/// A part of a concatenation is made where that part lies, unless it is read when the whole has been updated in place.
#[test]
fn parts_outlive_the_whole() {
    let text = "func.func @main(%x: tensor<4xf32>, %u: tensor<3xf32>, %i: tensor<i32>, %j: tensor<2x1xi32>) -> (tensor<8xf32>, tensor<2xf32>) {
      %p = stablehlo.exponential %x : tensor<4xf32>
      %q = stablehlo.negate %x : tensor<4xf32>
      %w = stablehlo.concatenate %p, %q, dim = 0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
      %v = stablehlo.dynamic_update_slice %w, %u, %i : (tensor<8xf32>, tensor<3xf32>, tensor<i32>) -> tensor<8xf32>
      %k = stablehlo.add %j, %j : tensor<2x1xi32>
      %g = \"stablehlo.gather\"(%p, %k) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1>}> : (tensor<4xf32>, tensor<2x1xi32>) -> tensor<2xf32>
      return %v, %g : tensor<8xf32>, tensor<2xf32>
    }";
    let words = |shape: &[usize], x: &[i32]| {
        let bytes: Vec<u8> = x.iter().flat_map(|x| x.to_le_bytes()).collect();
        Tensor::from_bytes(TensorType::new(DType::I32, shape.to_vec()), &bytes).unwrap()
    };
    let inputs = [
        Tensor::from_f32(&[4], &[0.5, 1.5, 2.5, 3.5]).unwrap(),
        Tensor::from_f32(&[3], &[-1.0, -2.0, -3.0]).unwrap(),
        words(&[], &[0]),
        words(&[2, 1], &[0, 1]),
    ];
    check(&module(text), &inputs, "parts");
}

/// `while true`, around these operations of the body.
fn endless(ops: &str) -> Module {
    module(&format!(
        "func.func @main(%x: tensor<f32>) -> tensor<f32> {{
           %r = stablehlo.while(%c = %x) : tensor<f32>
           cond {{
             %t = stablehlo.constant dense<true> : tensor<i1>
             stablehlo.return %t : tensor<i1>
           }} do {{
             {ops}
           }}
           return %r : tensor<f32>
         }}"
    ))
}

#[test]
fn a_loop_without_end_is_stopped() {
    let busy = "%d = stablehlo.add %c, %c : tensor<f32> stablehlo.return %d : tensor<f32>";
    for body in [busy, "stablehlo.return %c : tensor<f32>"] {
        let module = endless(body);
        let inputs = [Tensor::from_f32(&[], &[1.0]).unwrap()];
        let limit = 1000;
        let expected = Err(EngineError::Operations { limit });
        assert_eq!(reference::evaluate_limited(&module, "main", &inputs, 1 << 20, limit), expected);
        for threads in 1..=3 {
            let options = Options { threads, operation_limit: limit, ..Options::default() };
            let program = Program::compile(&module, "main", &options).unwrap();
            assert_eq!(program.run(&inputs), expected);
            // The program is as good as before.
            assert_eq!(program.run(&inputs), expected);
        }
    }
}

/// Both evaluators allow the same number of operations.
#[test]
fn the_limit_of_operations_is_exact() {
    let module = scan(4);
    let inputs = [Tensor::from_f32(&[1024], &[0.5; 1024]).unwrap()];
    let fits = |limit| reference::evaluate_limited(&module, "main", &inputs, 1 << 30, limit).is_ok();
    let least = (1..1000).find(|limit| fits(*limit)).unwrap();
    for limit in [least - 1, least] {
        let options = Options { operation_limit: limit, ..Options::default() };
        let ran = Program::compile(&module, "main", &options).unwrap().run(&inputs).is_ok();
        assert_eq!(ran, limit == least);
    }
}

#[test]
fn loops_count_their_memory() {
    let module = scan(1000);
    let options = Options { memory_limit: 3 << 20, ..Options::default() };
    assert!(matches!(Program::compile(&module, "main", &options), Err(EngineError::Memory { .. })));
    let inputs = [Tensor::from_f32(&[1024], &[0.5; 1024]).unwrap()];
    let error = reference::evaluate(&module, "main", &inputs, 3 << 20).unwrap_err();
    assert!(matches!(error, EngineError::Memory { .. }), "{error}");
}

/// Values that wander between places, stay, come from outside or are a constant.
#[test]
fn carried_values_of_all_kinds() {
    let text = "func.func @main(%x: tensor<3xf32>, %y: tensor<3xf32>, %n: tensor<i32>) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<i32>) {
      %zero = stablehlo.constant dense<0> : tensor<i32>
      %ones = stablehlo.constant dense<1.0> : tensor<3xf32>
      %r:6 = stablehlo.while(%a = %x, %b = %y, %c = %x, %d = %ones, %e = %ones, %i = %zero) : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<i32>
      cond {
        %t = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
        stablehlo.return %t : tensor<i1>
      } do {
        %one = stablehlo.constant dense<1> : tensor<i32>
        %twos = stablehlo.constant dense<2.0> : tensor<3xf32>
        %j = stablehlo.add %i, %one : tensor<i32>
        %f = stablehlo.add %b, %y : tensor<3xf32>
        stablehlo.return %b, %f, %c, %a, %twos, %j : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<i32>
      }
      return %r#0, %r#1, %r#2, %r#3, %r#4, %r#5 : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<i32>
    }";
    let module = module(text);
    for n in 0..5_i32 {
        let inputs = [
            Tensor::from_f32(&[3], &[1.0, 2.0, 3.0]).unwrap(),
            Tensor::from_f32(&[3], &[0.25, 0.5, -1.0]).unwrap(),
            Tensor::from_bytes(TensorType::scalar(DType::I32), &n.to_le_bytes()).unwrap(),
        ];
        check(&module, &inputs, &format!("{n} iterations"));
    }
}

/// A branch in a branch in a branch, as deep as is allowed: nobody's stack overflows.
#[test]
fn nesting_has_a_depth_that_all_stages_bear() {
    let text = |levels: usize| {
        let open = "%r = \"stablehlo.case\"(%n) ({ ".repeat(levels);
        let close = " stablehlo.return %r : tensor<f32> }) : (tensor<i32>) -> tensor<f32> ".repeat(levels);
        format!(
            "func.func @main(%n: tensor<i32>, %x: tensor<f32>) -> tensor<f32> {{
               {open} %r = stablehlo.add %x, %x : tensor<f32> {close}
               return %r : tensor<f32>
             }}"
        )
    };
    let levels = (1..100).take_while(|n| parse(&text(*n)).is_ok()).last().unwrap();
    assert!(levels > 50, "{levels}");
    let inputs = [
        Tensor::from_bytes(TensorType::scalar(DType::I32), &[0; 4]).unwrap(),
        Tensor::from_f32(&[], &[1.5]).unwrap(),
    ];
    let module = module(&text(levels));
    let program = Program::compile(&module, "main", &Options::default()).unwrap();
    let expected = reference::evaluate(&module, "main", &inputs, 1 << 20).unwrap();
    assert_eq!(program.run(&inputs).unwrap(), expected);
    assert_eq!(expected, [Tensor::from_f32(&[], &[3.0]).unwrap()]);
    let tracer = Tracer::new(&module, "main", &Options::default()).unwrap();
    assert_eq!(tracer.trace(&inputs).unwrap().results, expected);
    let innermost = Path { frames: vec![(0, 0); levels], op: 0 };
    assert_eq!(tracer.open(&inputs, &innermost).unwrap().results, expected);
}
