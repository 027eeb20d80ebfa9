//! `corex program lower`, and what `corex program run --trace` shows.

use crate::Failure;
use crate::args::LowerArgs;
use corex_engine::Tensor;
use corex_engine::trace::{Digest, Opening, Path, Proof, Trace, Tracer, function_tree, program_root};
use corex_hlo::lower::{self, Lowering};
use corex_node::program_job::module;
use corex_work::{BlobId, Hash32};
use serde_json::{Value, json};
use std::fmt::Write;
use std::process::ExitCode;

/// A hash that a contract knows.
fn root(digest: Digest) -> Hash32 {
    Hash32(digest.0)
}

pub fn lower(args: &LowerArgs) -> Result<ExitCode, Failure> {
    let module = module(&args.file)?;
    super::public(&module, &args.func, &args.file)?;
    let lowering = lower::lower(&module, &args.func)?;
    let id = root(program_root(&lowering.program));
    if args.json {
        println!("{}", json!({ "root": id.to_string(), "functions": functions(&lowering) }));
        return Ok(ExitCode::SUCCESS);
    }
    println!("program root {id}");
    print!("{}", lower::print(&lowering.program));
    Ok(ExitCode::SUCCESS)
}

/// Functions with their operators, what those were and how they are encoded.
fn functions(lowering: &Lowering) -> Vec<Value> {
    let program = &lowering.program;
    let one = |(position, (func, origin)): (usize, (&lower::LoweredFunc, &lower::Origin))| {
        let name = |at: usize| origin.func.ops.get(at).map_or("", |op| op.kind.name());
        let operators: Vec<Value> = func
            .ops
            .iter()
            .zip(&origin.ops)
            .map(|(op, &at)| {
                let bytes = lower::encode_op(program, op);
                let hex = bytes.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
                json!({ "text": lower::print_op(op), "from": name(at), "bytes": format!("0x{hex}") })
            })
            .collect();
        let types: Vec<String> = func.params.iter().map(ToString::to_string).collect();
        let root = root(function_tree(program, position).root());
        json!({ "name": origin.func.name, "params": types, "root": root.to_string(), "operators": operators })
    };
    program.funcs.iter().zip(&lowering.origins).enumerate().map(one).collect()
}

/// A trace, and the operator in it that was asked for.
pub struct Shown<'t> {
    pub trace: Trace,
    operator: Option<(Opening<'t>, Proof)>,
}

impl<'t> Shown<'t> {
    pub fn new(tracer: &'t Tracer, inputs: &[Tensor], path: Option<&Path>) -> Result<Self, Failure> {
        let trace = tracer.trace(inputs)?;
        let operator = path.map(|path| -> Result<_, Failure> {
            Ok((tracer.open(inputs, path)?, tracer.prove(inputs, path)?))
        });
        Ok(Self { trace, operator: operator.transpose()? })
    }

    pub fn json(&self, tracer: &Tracer) -> Value {
        let mut value = json!({
            "root": root(self.trace.root).to_string(),
            "program_root": root(tracer.program_root()).to_string(),
            "operators": self.trace.leaves.len(),
        });
        if let Some((opening, proof)) = &self.operator {
            let tensors = |tensors: &[Tensor]| -> Vec<Value> {
                let one = |t: &Tensor| json!({ "type": t.ty().to_string(), "blob": BlobId::of(t.bytes()).to_string() });
                tensors.iter().map(one).collect()
            };
            value["operator"] = json!({
                "place": proof.path().map(|path| path.to_string()),
                "text": lower::print_op(opening.op),
                "leaf": proof.leaf().map(|leaf| root(leaf.hash()).to_string()),
                "operands": tensors(&opening.operands),
                "results": tensors(&opening.results),
            });
        }
        value
    }

    pub fn text(&self, tracer: &Tracer) -> String {
        let mut text = String::new();
        let operators = self.trace.leaves.len();
        // Writing to a string cannot fail.
        _ = writeln!(text, "trace {}  {operators} operators", root(self.trace.root));
        _ = writeln!(text, "program root {}", root(tracer.program_root()));
        if let Some((opening, proof)) = &self.operator {
            let place = proof.path().map(|path| path.to_string()).unwrap_or_default();
            let leaf = proof.leaf().map(|leaf| root(leaf.hash()).to_string()).unwrap_or_default();
            _ = writeln!(text, "operator {place}  {}", lower::print_op(opening.op));
            _ = writeln!(text, "leaf {leaf}");
            for (what, tensors) in [("operand", &opening.operands), ("result", &opening.results)] {
                for (i, tensor) in tensors.iter().enumerate() {
                    let id = BlobId::of(tensor.bytes());
                    _ = writeln!(text, "{what} {i}  {}  {id}  {}", tensor.ty(), super::beginning(tensor));
                }
            }
        }
        text
    }
}
