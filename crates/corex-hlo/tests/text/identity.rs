//! Canonical text and program ids, byte by byte: changing them changes the name of every program.

use corex_hlo::{
    BinaryOp, Dot, FuncBuilder, Module, OpKind, TensorType, canonical_text, inline_calls, multiply_adds,
    parse, program_id, work_units,
};

const TEXT: &str = "
    #loc = loc(unknown)
    module @jit_step attributes {mhlo.num_partitions = 1 : i32} {
      sdy.mesh @mesh = <[\"x\"=2]>
      func.func private @unused() { return }
      func.func private @scale(%arg0: tensor<2xf32>) -> tensor<2xf32> {
        %cst = stablehlo.constant dense<[0.5, 0.5]> : tensor<2xf32>
        %0 = stablehlo.multiply %arg0, %cst : tensor<2xf32> loc(#loc)
        return %0 : tensor<2xf32>
      }
      func.func @eval(%x: tensor<2xf32> {mhlo.sharding = \"{replicated}\"}) -> (tensor<2xf32> {jax.result_info = \"\"}) {
        %0 = call @both(%x) : (tensor<2xf32>) -> tensor<2xf32>
        return %0 : tensor<2xf32>
      }
      func.func private @both(%x: tensor<2xf32>) -> tensor<2xf32> {
        %a:2 = call @pair(%x) : (tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
        %c = stablehlo.add %a#0, %a#1 : tensor<2xf32>
        return %c : tensor<2xf32>
      }
      func.func private @pair(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
        return %x, %x : tensor<2xf32>, tensor<2xf32>
      }
      func.func public @main(%x: tensor<2xf32>) -> tensor<2xf32> {
        %0 = func.call @scale(%x) : (tensor<2xf32>) -> tensor<2xf32>
        %1 = func.call @scale(%0) : (tensor<2xf32>) -> tensor<2xf32>
        return %1 : tensor<2xf32>
      }
    }
    #loc1 = loc(\"a.py\":1:2)";

const CANONICAL: &str = "\
module @program {
  func.func public @main(%0: tensor<2xf32>) -> tensor<2xf32> {
    %1 = call @_0(%0) : (tensor<2xf32>) -> tensor<2xf32>
    %2 = call @_0(%1) : (tensor<2xf32>) -> tensor<2xf32>
    return %2 : tensor<2xf32>
  }
  func.func private @_0(%0: tensor<2xf32>) -> tensor<2xf32> {
    %1 = stablehlo.constant dense<5.000000e-01> : tensor<2xf32>
    %2 = stablehlo.multiply %0, %1 : tensor<2xf32>
    return %2 : tensor<2xf32>
  }
  func.func public @eval(%0: tensor<2xf32>) -> tensor<2xf32> {
    %1 = call @_1(%0) : (tensor<2xf32>) -> tensor<2xf32>
    return %1 : tensor<2xf32>
  }
  func.func private @_1(%0: tensor<2xf32>) -> tensor<2xf32> {
    %1:2 = call @_2(%0) : (tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>)
    %3 = stablehlo.add %1#0, %1#1 : tensor<2xf32>
    return %3 : tensor<2xf32>
  }
  func.func private @_2(%0: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
    return %0, %0 : tensor<2xf32>, tensor<2xf32>
  }
}
";

fn hex(id: [u8; 32]) -> String {
    id.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn canonical_text_is_fixed() {
    assert_eq!(canonical_text(&parse(TEXT).unwrap()), CANONICAL);
}

#[test]
fn program_ids_are_fixed() {
    let module = parse(TEXT).unwrap();
    assert_eq!(hex(program_id(&module)), "1615ffaad836d97de28919a0cf830f7e9423c4f86d19f0c69314a1f58a03d900");
    assert_eq!(program_id(&module), *blake3::hash(CANONICAL.as_bytes()).as_bytes());
    let gpt = parse(include_str!("../data/gpt_step.mlir")).unwrap();
    assert_eq!(hex(program_id(&gpt)), "1ae905e506b14a28792fa42b6c7e529e7d65b8034a8313c919e72a85ee51f527");
}

#[test]
fn inlining_flattens_and_drops_what_is_dead() {
    let module = parse(TEXT).unwrap();
    let main = inline_calls(&module, "main").unwrap();
    let kinds: Vec<_> = main.ops.iter().map(|op| op.kind.name()).collect();
    assert_eq!(kinds, ["stablehlo.constant", "stablehlo.multiply", "stablehlo.multiply"]);
    let eval = inline_calls(&module, "eval").unwrap();
    assert_eq!(eval.ops.len(), 1);
    assert_eq!(eval.ops[0].kind, OpKind::Binary(BinaryOp::Add));
    assert_eq!(eval.ops[0].operands, [eval.params[0], eval.params[0]]);
    let error = inline_calls(&module, "absent").unwrap_err();
    assert_eq!(error.to_string(), "there is no function @absent");
}

#[test]
fn work_is_mostly_multiply_adds() {
    let mut b = FuncBuilder::new("main");
    let x = b.param(TensorType::f32([8, 100, 200]));
    let y = b.param(TensorType::f32([8, 200, 300]));
    let product = b.dot_general(x, y, Dot::contract(&[2], &[1]).batch(&[0], &[0]));
    let exp = b.exp(product);
    let func = b.finish(&[exp]).unwrap();
    let dot = 8 * 100 * 200 * 300;
    assert_eq!(multiply_adds(&func), dot + 32 * 8 * 100 * 300);
    assert_eq!(work_units(&Module::single("m", func), "main").unwrap(), 56);
    let empty = parse("func.func @main() { return }").unwrap();
    assert_eq!(work_units(&empty, "main").unwrap(), 1);
}
