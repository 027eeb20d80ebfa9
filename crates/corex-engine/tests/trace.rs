//! Traces: the executor's results operator by operator are the referee's, and one root stands for all of them.

mod common;

use corex_engine::trace::{Digest, Leaf, Path, Trace, Tracer};
use corex_engine::{DEFAULT_OPERATION_LIMIT, EngineError, Options, Tensor, referee, reference};
use corex_hlo::ir::{DType, Module, TensorType};
use corex_hlo::lower::Kind;
use corex_hlo::parse;
use corex_num::Isa;

const LIMIT: u64 = 1 << 30;

fn module(text: &str) -> Module {
    parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

fn tracer(module: &Module, options: Options) -> Tracer {
    Tracer::new(module, "main", &options).unwrap_or_else(|e| panic!("{e}"))
}

fn ids(tensors: &[Tensor]) -> Vec<Digest> {
    tensors.iter().map(|t| Digest::of_blob(t.bytes())).collect()
}

/// The ids of the results of every operator of the main function, as the referee evaluates them element by element;
/// nothing for loops and branches.
fn refereed(tracer: &Tracer, inputs: &[Tensor]) -> Vec<Option<Vec<Digest>>> {
    let main = tracer.program().funcs.len() - 1;
    let mut leaves = vec![None; tracer.program().funcs[main].ops.len()];
    referee::evaluate(tracer.program(), inputs, DEFAULT_OPERATION_LIMIT, &mut |seen| {
        if seen.func == main {
            let id = |(bits, ty): (&&[u64], &TensorType)| {
                let size = ty.dtype.size();
                let bytes: Vec<u8> =
                    bits.iter().flat_map(|word| word.to_le_bytes()[..size].to_vec()).collect();
                Digest::of_blob(&bytes)
            };
            leaves[seen.op] = Some(seen.results.iter().zip(&seen.lowered.results).map(id).collect());
        }
    })
    .unwrap();
    leaves
}

/// Every leaf is right, whatever the machine; operators within loops can be opened and shown to be there.
fn check(module: &Module, inputs: &[Tensor], name: &str) {
    let best = tracer(module, Options { memory_limit: LIMIT, ..Options::default() });
    let trace = best.trace(inputs).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(trace.results, reference::evaluate(module, "main", inputs, LIMIT).unwrap(), "{name}");
    assert_eq!((&trace.inputs, &trace.outputs), (&ids(inputs), &ids(&trace.results)), "{name}");
    let record = best.record(inputs).unwrap();
    assert_eq!(record.root(), trace.root, "{name}");
    assert!(record.operators.iter().map(|operator| &operator.leaf).eq(&trace.leaves), "{name}");
    for (at, expected) in refereed(&best, inputs).into_iter().enumerate() {
        if let Some(expected) = expected {
            assert_eq!(trace.leaves[at].results, expected, "{name}: operator {at}");
        }
    }
    for isa in Isa::available() {
        for threads in 1..=3 {
            let options = Options { isa, threads, memory_limit: LIMIT, ..Options::default() };
            assert_eq!(
                tracer(module, options).trace(inputs).unwrap().root,
                trace.root,
                "{name} {isa} {threads}"
            );
        }
    }
    let main = &best.program().funcs[best.program().funcs.len() - 1];
    for (at, op) in main.ops.iter().enumerate() {
        match &op.kind {
            Kind::While { .. } => {
                // The last frame is a condition; the body before it, if any iteration took place.
                for frame in 0.. {
                    let inner = Path { frames: vec![(at, frame)], op: 0 };
                    match best.open(inputs, &inner) {
                        Ok(_) => shown(&best, inputs, &trace, &inner),
                        Err(EngineError::NoOperator(_)) => break,
                        Err(e) => panic!("{name}: {e}"),
                    }
                }
            }
            Kind::Case { .. } => {
                let inner = Path { frames: vec![(at, 0)], op: 0 };
                if best.open(inputs, &inner).is_ok() {
                    shown(&best, inputs, &trace, &inner);
                }
            }
            _ if at % 7 == 0 => shown(&best, inputs, &trace, &Path::of(at)),
            _ => {}
        }
    }
}

/// The operator at `path` has the results that the trace commits to.
fn shown(tracer: &Tracer, inputs: &[Tensor], trace: &Trace, path: &Path) {
    let opening = tracer.open(inputs, path).unwrap();
    let proof = tracer.prove(inputs, path).unwrap();
    assert_eq!(proof.root(), Some(trace.root), "{path}");
    assert_eq!(proof.path().as_ref(), Some(path));
    assert_eq!(proof.leaf().unwrap().results, ids(&opening.results), "{path}");
    assert!(opening.op.operands.iter().map(|x| &x.ty).eq(opening.operands.iter().map(Tensor::ty)));
    // Nothing else passes for it.
    let mut wrong = proof.clone();
    let last = wrong.levels.len() - 1;
    wrong.levels[last].leaf.results[0].0[31] ^= 1;
    assert_ne!(wrong.root(), Some(trace.root), "{path}");
    let level = &proof.levels[0];
    if trace.leaves.get(level.op as usize ^ 1) != Some(&level.leaf) {
        let mut moved = proof.clone();
        moved.levels[0].op ^= 1;
        assert_ne!(moved.root(), Some(trace.root), "{path}");
    }
}

#[test]
fn random_programs() {
    for seed in 0..30 {
        let (module, inputs) = common::program(seed);
        check(&module, &inputs, &format!("seed {seed}"));
    }
}

/// `COREX_SEED=n cargo test -p corex-engine --release --test trace one_seed` replays one.
#[test]
fn one_seed() {
    if let Some(seed) = std::env::var("COREX_SEED").ok().and_then(|s| s.parse().ok()) {
        let (module, inputs) = common::program(seed);
        check(&module, &inputs, &format!("seed {seed}"));
    }
}

/// A constant that differs in its last bit changes its own leaf and those that depend on it.
#[test]
fn one_bit_changes_what_follows_and_nothing_else() {
    let leaves = |bits: &str| -> Vec<Leaf> {
        let module = module(&format!(
            "func.func @main(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {{
               %a = stablehlo.exponential %x : tensor<8xf32>
               %c = stablehlo.constant dense<{bits}> : tensor<8xf32>
               %b = stablehlo.add %a, %c : tensor<8xf32>
               %d = stablehlo.tanh %a : tensor<8xf32>
               %e = stablehlo.multiply %b, %d : tensor<8xf32>
               return %d, %e : tensor<8xf32>, tensor<8xf32>
             }}"
        ));
        let inputs = [Tensor::from_f32(&[8], &[0.5, 1.0, -1.0, 0.0, 2.0, 0.25, -3.0, 0.125]).unwrap()];
        tracer(&module, Options::default()).trace(&inputs).unwrap().leaves
    };
    let (one, other) = (leaves("0x3F800000"), leaves("0x3F800001"));
    let differs: Vec<bool> = one.iter().zip(&other).map(|(a, b)| a != b).collect();
    assert_eq!(differs, [false, true, true, false, true]);
}

/// A loop of 50 iterations over a megabyte, which leaves nothing behind.
fn long_loop() -> (Module, [Tensor; 1]) {
    let module = module(
        "func.func @main(%x: tensor<262144xf32>) -> tensor<262144xf32> {
           %zero = stablehlo.constant dense<0> : tensor<i32>
           %r:2 = stablehlo.while(%i = %zero, %c = %x) : tensor<i32>, tensor<262144xf32>
           cond {
             %n = stablehlo.constant dense<50> : tensor<i32>
             %b = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
             stablehlo.return %b : tensor<i1>
           } do {
             %one = stablehlo.constant dense<1> : tensor<i32>
             %j = stablehlo.add %i, %one : tensor<i32>
             %a = stablehlo.add %c, %c : tensor<262144xf32>
             %b = stablehlo.negate %a : tensor<262144xf32>
             %m = stablehlo.abs %b : tensor<262144xf32>
             stablehlo.return %j, %m : tensor<i32>, tensor<262144xf32>
           }
           return %r#1 : tensor<262144xf32>
         }",
    );
    (module, [Tensor::from_f32(&[262_144], &[1e-5; 262_144]).unwrap()])
}

#[test]
fn memory_is_that_of_what_lives() {
    let (module, inputs) = long_loop();
    let with = |memory_limit| tracer(&module, Options { memory_limit, ..Options::default() });
    // The input, what the body reads, its operand and its result.
    let tracer = with(5 << 20);
    let trace = tracer.trace(&inputs).unwrap();
    let path: Path = "1.99.4".parse().unwrap();
    let opening = tracer.open(&inputs, &path).unwrap();
    assert_eq!(opening.results, trace.results);
    assert!(matches!(with(2 << 20).trace(&inputs), Err(EngineError::Memory { .. })));
}

#[test]
fn what_is_not_there_is_named() {
    let (module, inputs) = long_loop();
    let tracer = tracer(&module, Options { operation_limit: 1000, ..Options::default() });
    for path in ["2", "0.0.0", "1.101.0", "1.0.9", "1.99.4.0.0", "1.100.2"] {
        let path: Path = path.parse().unwrap();
        let missing = |result: Result<(), EngineError>| matches!(result, Err(EngineError::NoOperator(p)) if p == path.to_string());
        assert!(missing(tracer.open(&inputs, &path).map(|_| ())), "{path}");
        assert!(missing(tracer.prove(&inputs, &path).map(|_| ())), "{path}");
    }
    assert!(tracer.open(&inputs, &"1.100.1".parse().unwrap()).is_ok());
    let options = Options { operation_limit: 100, ..Options::default() };
    let stopped = Tracer::new(&module, "main", &options).unwrap().trace(&inputs).map(|trace| trace.root);
    assert_eq!(stopped, Err(EngineError::Operations { limit: 100 }));
    let wrong = [Tensor::from_f32(&[3], &[0.0; 3]).unwrap()];
    assert!(matches!(tracer.trace(&wrong), Err(EngineError::InputType { .. })));
    assert!(matches!(Tracer::new(&module, "f", &Options::default()), Err(EngineError::NoFunction(_))));
}

/// Sorting, windows and what else becomes several operators, on sizes where the passes' ends do not fit.
#[test]
fn operators_that_become_several() {
    let module = module(
        "func.func @main(%x: tensor<3x11xf32>, %n: tensor<3x11xi32>) -> (tensor<3x11xf32>, tensor<3x11xi32>, tensor<3x11xf32>) {
           %s:2 = \"stablehlo.sort\"(%x, %n) <{dimension = 1 : i64, is_stable = true}> ({
           ^bb0(%a: tensor<f32>, %b: tensor<f32>, %c: tensor<i32>, %d: tensor<i32>):
             %l = stablehlo.compare LT, %a, %b : (tensor<f32>, tensor<f32>) -> tensor<i1>
             stablehlo.return %l : tensor<i1>
           }) : (tensor<3x11xf32>, tensor<3x11xi32>) -> (tensor<3x11xf32>, tensor<3x11xi32>)
           %src = stablehlo.slice %x [0:1, 0:5] : (tensor<3x11xf32>) -> tensor<1x5xf32>
           %zero = stablehlo.constant dense<0.0> : tensor<f32>
           %w = \"stablehlo.select_and_scatter\"(%x, %src, %zero) <{window_dimensions = array<i64: 3, 2>, window_strides = array<i64: 3, 2>}> ({
           ^bb0(%a: tensor<f32>, %b: tensor<f32>):
             %g = stablehlo.compare GE, %a, %b : (tensor<f32>, tensor<f32>) -> tensor<i1>
             stablehlo.return %g : tensor<i1>
           }, {
           ^bb0(%a: tensor<f32>, %b: tensor<f32>):
             %g = stablehlo.add %a, %b : tensor<f32>
             stablehlo.return %g : tensor<f32>
           }) : (tensor<3x11xf32>, tensor<1x5xf32>, tensor<f32>) -> tensor<3x11xf32>
           return %s#0, %s#1, %w : tensor<3x11xf32>, tensor<3x11xi32>, tensor<3x11xf32>
         }",
    );
    let mut rng = common::Rng(11);
    let types = [DType::F32, DType::I32].map(|dtype| TensorType::new(dtype, [3, 11]));
    let inputs = types.map(|ty| common::data::tensor(&mut rng, &ty));
    check(&module, &inputs, "several");
    let kinds: Vec<bool> = tracer(&module, Options::default()).program().funcs[0]
        .ops
        .iter()
        .map(|op| matches!(op.kind, Kind::Merge(_)))
        .collect();
    // Runs of 1, 2, 4 and 8, then the slice, the initial value, the selection and the scatter.
    assert_eq!(kinds, [true, true, true, true, false, false, false, false]);
}
