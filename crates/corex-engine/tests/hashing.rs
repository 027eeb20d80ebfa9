//! Results that are hashed while they are written have the digests of their bytes, however they come about: every
//! program here has results longer than what is hashed at once, and few of their parts begin or end where that does.

mod common;

use common::programs::stacking;
use common::{Rng, data};
use corex_engine::trace::Digest;
use corex_engine::{Options, Program, Tensor};
use corex_hlo::parse;
use corex_num::Isa;

/// Compares digests and bytes with those of the same program that hashes nothing. `tiles` tells whether some are hashed
/// behind the tiles that write them.
fn check(name: &str, text: &str, tiles: bool) {
    let module = parse(text).unwrap_or_else(|e| panic!("{name}: {e}\n{text}"));
    let compile = |hash_results, threads| {
        let options = Options { hash_results, threads, ..Options::default() };
        Program::compile(&module, "main", &options).unwrap_or_else(|e| panic!("{name}: {e}"))
    };
    let plain = compile(false, 1);
    assert!(plain.steps().all(|step| !step.ends_with(", hashed") && !step.starts_with("hash ")));
    let mut rng = Rng(3);
    let inputs: Vec<Tensor> = plain.inputs().map(|ty| data::tensor(&mut rng, ty)).collect();
    let expected = plain.run(&inputs).unwrap();
    for threads in 1..=3 {
        let program = compile(true, threads);
        assert_eq!(program.steps().any(|step| step.ends_with(", hashed")), tiles, "{name}");
        // Twice, and then where the inputs are.
        let own = || inputs.iter().map(|x| Tensor::from_bytes(x.ty().clone(), x.bytes()).unwrap()).collect();
        let runs = [program.run(&inputs), program.run(&inputs), program.run_donated(own(), None)];
        for results in runs.map(|results| results.unwrap_or_else(|e| panic!("{name}: {e}"))) {
            assert_eq!(results.len(), expected.len());
            for (i, (result, expected)) in results.iter().zip(&expected).enumerate() {
                assert!(result == expected, "{name}, {threads} thread(s): result {i} has other bytes");
                let digest = Digest::of_blob(expected.bytes());
                assert_eq!(result.digest(), digest, "{name}, {threads} thread(s): result {i}");
            }
        }
    }
}

/// As AdamW: three results, of which two may have the bytes of inputs, and a number.
#[test]
fn elementwise_passes() {
    for n in [1, 32_767, 32_768, 32_769, 65_536, 100_003, 262_144, 1_000_001] {
        let (x, s) = (format!("tensor<{n}xf32>"), "tensor<f32>");
        let text = format!(
            "func.func @main(%p: {x}, %m: {x}, %g: {x}) -> ({x}, {x}, {s}, {x}, {x}) {{
               %zero = stablehlo.constant dense<0.0> : {s}
               %n = stablehlo.add %m, %g : {x}
               %d = stablehlo.multiply %n, %g : {x}
               %q = stablehlo.subtract %p, %d : {x}
               %sum = stablehlo.reduce(%q init: %zero) applies stablehlo.add across dimensions = [0] : ({x}, {s}) -> {s}
               return %q, %n, %sum, %q, %g : {x}, {x}, {s}, {x}, {x}
             }}"
        );
        check(&format!("{n} elements"), &text, true);
    }
}

#[test]
fn elements_of_other_sizes() {
    for (ty, size) in [("i8", 1), ("bf16", 2), ("i64", 8), ("i1", 1)] {
        let n = 300_000 / size + 17;
        let x = format!("tensor<{n}x{ty}>");
        let text = format!(
            "func.func @main(%a: {x}, %b: {x}) -> ({x}, {x}, tensor<{n}xf32>) {{
               %c = stablehlo.maximum %a, %b : {x}
               %d = stablehlo.add %a, %b : {x}
               %e = stablehlo.convert %d : ({x}) -> tensor<{n}xf32>
               return %c, %d, %e : {x}, {x}, tensor<{n}xf32>
             }}"
        );
        check(ty, &text, true);
    }
}

/// Rows of a length that is no power of two, and rows that are folded piece by piece.
#[test]
fn passes_over_rows() {
    for (rows, cols) in [(701, 300), (3, 50_001), (40, 16_385)] {
        let (x, r, s) = (format!("tensor<{rows}x{cols}xf32>"), format!("tensor<{rows}xf32>"), "tensor<f32>");
        let text = format!(
            "func.func @main(%a: {x}, %b: {x}) -> ({x}, {r}, {x}) {{
               %zero = stablehlo.constant dense<0.0> : {s}
               %c = stablehlo.multiply %a, %b : {x}
               %sum = stablehlo.reduce(%c init: %zero) applies stablehlo.add across dimensions = [1] : ({x}, {s}) -> {r}
               %wide = stablehlo.broadcast_in_dim %sum, dims = [0] : ({r}) -> {x}
               %d = stablehlo.divide %c, %wide : {x}
               return %d, %sum, %c : {x}, {r}, {x}
             }}"
        );
        check(&format!("{rows} rows of {cols}"), &text, true);
    }
}

/// As the gradient of a model: parts from products, passes, folds and scatters are made where they lie; a part that comes
/// twice, and an input, are copied.
#[test]
fn concatenations() {
    let text = "func.func @main(%x: tensor<500x300xf32>, %y: tensor<500x211xf32>, %e: tensor<61x1000xf32>, %i: tensor<7x1xi32>)
        -> (tensor<441900xf32>, tensor<300x211xf32>) {
      %zero = stablehlo.constant dense<0.0> : tensor<f32>
      %w = stablehlo.dot_general %x, %y, contracting_dims = [0] x [0] : (tensor<500x300xf32>, tensor<500x211xf32>) -> tensor<300x211xf32>
      %w1 = stablehlo.reshape %w : (tensor<300x211xf32>) -> tensor<63300xf32>
      %p = stablehlo.multiply %x, %x : tensor<500x300xf32>
      %p1 = stablehlo.reshape %p : (tensor<500x300xf32>) -> tensor<150000xf32>
      %f = stablehlo.reduce(%x init: %zero) applies stablehlo.add across dimensions = [0] : (tensor<500x300xf32>, tensor<f32>) -> tensor<300xf32>
      %u = stablehlo.dot_general %y, %y, contracting_dims = [0] x [0] : (tensor<500x211xf32>, tensor<500x211xf32>) -> tensor<211x211xf32>
      %u1 = stablehlo.reshape %u : (tensor<211x211xf32>) -> tensor<44521xf32>
      %u2 = stablehlo.slice %u1 [0:12479] : (tensor<44521xf32>) -> tensor<12479xf32>
      %e1 = stablehlo.reshape %e : (tensor<61x1000xf32>) -> tensor<61000xf32>
      %q = stablehlo.negate %e : tensor<61x1000xf32>
      %q1 = stablehlo.reshape %q : (tensor<61x1000xf32>) -> tensor<61000xf32>
      %all = stablehlo.concatenate %p1, %f, %w1, %u1, %e1, %q1, %f, %w1, %u2, dim = 0 : (tensor<150000xf32>, tensor<300xf32>, tensor<63300xf32>, tensor<44521xf32>, tensor<61000xf32>, tensor<61000xf32>, tensor<300xf32>, tensor<63300xf32>, tensor<12479xf32>) -> tensor<456200xf32>
      %some = stablehlo.slice %all [14300:456200] : (tensor<456200xf32>) -> tensor<441900xf32>
      return %some, %w : tensor<441900xf32>, tensor<300x211xf32>
    }";
    check("a slice of a concatenation", text, true);
    let whole = text
        .replace("return %some, %w", "return %all, %w")
        .replace("-> (tensor<441900xf32>", "-> (tensor<456200xf32>")
        .replace("return %all, %w : tensor<441900xf32>", "return %all, %w : tensor<456200xf32>");
    check("a concatenation", &whole, true);
    // The last part is the largest, and computed before the one that lies before it.
    let text = "func.func @main(%x: tensor<500x300xf32>, %y: tensor<500x250xf32>, %e: tensor<200000xf32>) -> tensor<365000xf32> {
      %a = stablehlo.dot_general %x, %y, contracting_dims = [0] x [0] : (tensor<500x300xf32>, tensor<500x250xf32>) -> tensor<300x250xf32>
      %a1 = stablehlo.reshape %a : (tensor<300x250xf32>) -> tensor<75000xf32>
      %c = stablehlo.multiply %e, %e : tensor<200000xf32>
      %b = stablehlo.dot_general %a, %x, contracting_dims = [0] x [1] : (tensor<300x250xf32>, tensor<500x300xf32>) -> tensor<250x500xf32>
      %b1 = stablehlo.reshape %b : (tensor<250x500xf32>) -> tensor<125000xf32>
      %b2 = stablehlo.slice %b1 [0:90000] : (tensor<125000xf32>) -> tensor<90000xf32>
      %b3 = stablehlo.negate %b2 : tensor<90000xf32>
      %all = stablehlo.concatenate %a1, %b3, %c, dim = 0 : (tensor<75000xf32>, tensor<90000xf32>, tensor<200000xf32>) -> tensor<365000xf32>
      return %all : tensor<365000xf32>
    }";
    check("parts from last to first", text, true);
    // Side by side.
    let text = "func.func @main(%x: tensor<500x300xf32>, %y: tensor<500x211xf32>) -> tensor<500x511xf32> {
      %p = stablehlo.multiply %x, %x : tensor<500x300xf32>
      %all = stablehlo.concatenate %p, %y, dim = 1 : (tensor<500x300xf32>, tensor<500x211xf32>) -> tensor<500x511xf32>
      return %all : tensor<500x511xf32>
    }";
    check("parts side by side", text, false);
}

/// Loops stack rows; updates write into what is there; branches choose between buffers.
#[test]
fn results_that_are_written_more_than_once() {
    let (all, stacking) = ("tensor<100x1024xf32>", stacking(100));
    let text = format!(
        "func.func @main(%x: tensor<1024xf32>, %at: tensor<i32>, %pick: tensor<i1>) -> ({all}, tensor<1024xf32>, {all}, {all}) {{
           {stacking}
           %row = stablehlo.reshape %x : (tensor<1024xf32>) -> tensor<1x1024xf32>
           %twice = stablehlo.add %r#2, %r#2 : {all}
           %once = stablehlo.dynamic_update_slice %twice, %row, %at, %zero : ({all}, tensor<1x1024xf32>, tensor<i32>, tensor<i32>) -> {all}
           %again = stablehlo.dynamic_update_slice %once, %row, %zero, %at : ({all}, tensor<1x1024xf32>, tensor<i32>, tensor<i32>) -> {all}
           %chosen = \"stablehlo.if\"(%pick) ({{
             stablehlo.return %r#2 : {all}
           }}, {{
             %neg = stablehlo.negate %again : {all}
             stablehlo.return %neg : {all}
           }}) : (tensor<i1>) -> {all}
           return %r#2, %r#1, %again, %chosen : {all}, tensor<1024xf32>, {all}, {all}
         }}"
    );
    check("loops, updates, branches", &text, false);
}

/// Attention's products and softmax, computed block by block.
#[test]
fn chains() {
    let (q, s, m) = ("tensor<24x64x32xf32>", "tensor<24x64x64xf32>", "tensor<24x64xf32>");
    let text = format!(
        "func.func @main(%q: {q}, %k: {q}, %v: {q}) -> ({q}, {s}) {{
           %zero = stablehlo.constant dense<0.0> : tensor<f32>
           %s = stablehlo.dot_general %q, %k, batching_dims = [0] x [0], contracting_dims = [2] x [2] : ({q}, {q}) -> {s}
           %e = stablehlo.tanh %s : {s}
           %sum = stablehlo.reduce(%e init: %zero) applies stablehlo.add across dimensions = [2] : ({s}, tensor<f32>) -> {m}
           %wide = stablehlo.broadcast_in_dim %sum, dims = [0, 1] : ({m}) -> {s}
           %p = stablehlo.divide %e, %wide : {s}
           %o = stablehlo.dot_general %p, %v, batching_dims = [0] x [0], contracting_dims = [2] x [1] : ({s}, {q}) -> {q}
           return %o, %p : {q}, {s}
         }}"
    );
    check("attention", &text, false);
}

/// Results that no step writes, or nobody else has.
#[test]
fn results_without_a_step() {
    let text = "func.func @main(%x: tensor<70000xf32>, %none: tensor<0x3xf32>) -> (tensor<70000xf32>, tensor<50000xi32>, tensor<0x3xf32>, tensor<7x10000xf32>, tensor<f32>) {
      %c = stablehlo.iota dim = 0 : tensor<50000xi32>
      %z = stablehlo.negate %none : tensor<0x3xf32>
      %one = stablehlo.constant dense<1.0> : tensor<f32>
      %r = stablehlo.reshape %x : (tensor<70000xf32>) -> tensor<7x10000xf32>
      return %x, %c, %z, %r, %one : tensor<70000xf32>, tensor<50000xi32>, tensor<0x3xf32>, tensor<7x10000xf32>, tensor<f32>
    }";
    check("inputs and constants", text, true);
}

/// The instruction sets cut tiles alike, but nothing says that they must.
#[test]
fn on_every_instruction_set() {
    let text = "func.func @main(%x: tensor<123457xf32>) -> (tensor<123457xf32>, tensor<123457xf32>) {
      %y = stablehlo.exponential %x : tensor<123457xf32>
      %z = stablehlo.reverse %y, dims = [0] : tensor<123457xf32>
      return %y, %z : tensor<123457xf32>, tensor<123457xf32>
    }";
    let module = parse(text).unwrap();
    for isa in Isa::available() {
        let options = Options { isa, hash_results: true, ..Options::default() };
        let program = Program::compile(&module, "main", &options).unwrap();
        let inputs: Vec<Tensor> = program.inputs().map(|ty| data::tensor(&mut Rng(5), ty)).collect();
        for result in program.run(&inputs).unwrap() {
            assert_eq!(result.digest(), Digest::of_blob(result.bytes()), "{isa}");
        }
    }
}
