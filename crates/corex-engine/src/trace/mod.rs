//! Traces: one hash over the results of every lowered operator that a task evaluates.
//!
//! A [`Tracer`] evaluates a lowered program operator by operator, each as a small program of the fast executor, names
//! every result by its blob id, and drops it behind its last use. What remains is a Merkle root
//! (`docs/spec/lowering.md`): two parties that disagree about a task's results can find the first operator on which
//! they do. Any operator's operands and results can be had again ([`Tracer::open`]), and shown to lie in the trace
//! ([`Tracer::prove`]), however deep in loops it is.
//!
//! ```
//! use corex_engine::trace::{Path, Tracer};
//! use corex_engine::{Options, Tensor};
//!
//! let module = corex_hlo::parse("func.func @main(%x: tensor<3xf32>) -> tensor<3xf32> {
//!     %y = stablehlo.add %x, %x : tensor<3xf32>
//!     %z = stablehlo.tanh %y : tensor<3xf32>
//!     return %z : tensor<3xf32>
//! }")?;
//! let tracer = Tracer::new(&module, "main", &Options::default())?;
//! let inputs = [Tensor::from_f32(&[3], &[1.0, 2.0, 3.0])?];
//! let trace = tracer.trace(&inputs)?;
//! let doubled = tracer.open(&inputs, &Path::of(0))?;
//! assert_eq!(doubled.results[0].to_f32(), Some(vec![2.0, 4.0, 6.0]));
//! let proof = tracer.prove(&inputs, &Path::of(0))?;
//! assert_eq!(proof.root(), Some(trace.root));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **Architecture Invariant:** a trace's results are those of [`crate::Program::run`], and its root depends on program
//! and inputs alone (`tests/trace.rs`).

pub mod blob;
mod commit;
mod path;
mod record;
mod run;
mod stage;
pub mod tree;
mod values;

use corex_hlo::ir::Module;
use corex_hlo::lower::{Lowered, LoweredOp, Lowering, lower};

use crate::error::EngineError;
use crate::exec::Options;
use crate::prepare;
use crate::tensor::Tensor;

pub use crate::digest::Digest;
pub use blob::{BlobTree, CHUNK};
pub use commit::{FrameProof, Leaf, Level, Proof, frame_root, function_tree, program_root, program_tree};
pub use path::Path;
pub use record::{Record, Recorded};
pub use tree::{Tree, root_of};

use run::{Follow, Run};
use stage::Stages;

/// A lowered program, ready to be traced.
pub struct Tracer {
    lowering: Lowering,
    root: Digest,
    options: Options,
    stages: Stages,
}

/// The trace of one evaluation.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The commitment.
    pub root: Digest,
    /// What the task returns.
    pub results: Vec<Tensor>,
    /// Blob ids of the inputs.
    pub inputs: Vec<Digest>,
    /// Blob ids of the results.
    pub outputs: Vec<Digest>,
    /// What each operator of the task's function gave.
    pub leaves: Vec<Leaf>,
}

/// One operator with its tensors.
#[derive(Clone, Debug)]
pub struct Opening<'t> {
    /// The operator.
    pub op: &'t LoweredOp,
    /// What it reads.
    pub operands: Vec<Tensor>,
    /// What it gives.
    pub results: Vec<Tensor>,
}

impl Tracer {
    /// Lowers the public function `func` of `module`. The memory limit of `options` bounds the tensors alive at once,
    /// its operation limit what loops evaluate.
    ///
    /// # Errors
    /// A module that does not verify, or a function that is not there.
    pub fn new(module: &Module, func: &str, options: &Options) -> Result<Self, EngineError> {
        if !module.func(func).is_some_and(|f| f.public) {
            return Err(EngineError::NoFunction(func.to_owned()));
        }
        let options = Options { threads: options.threads.max(1), ..*options };
        let lowering = lower(module, func)?;
        let root = program_root(&lowering.program);
        Ok(Self { lowering, root, options, stages: Stages::new(&options) })
    }

    /// The lowered program.
    pub fn program(&self) -> &Lowered {
        &self.lowering.program
    }

    /// The root that names the lowered program.
    pub fn program_root(&self) -> Digest {
        self.root
    }

    /// Where each operator comes from.
    pub fn lowering(&self) -> &Lowering {
        &self.lowering
    }

    /// Evaluates the program and hashes every result.
    ///
    /// # Errors
    /// Inputs that do not fit, the limits of memory and of operations in loops.
    pub fn trace(&self, inputs: &[Tensor]) -> Result<Trace, EngineError> {
        let mut run = Run::new(self);
        let frame = run.traced(self.main(), run.inputs(inputs)?, None)?;
        let results = frame.values.iter().map(|held| held.tensor.clone()).collect();
        Ok(Trace {
            root: frame.root(),
            results,
            inputs: frame.params,
            outputs: frame.results,
            leaves: frame.leaves,
        })
    }

    /// Evaluates the program and writes down what every operator gave, in frames of loops and branches, too: all that is
    /// needed to show any place of the trace but tensors. It counts against the memory limit.
    ///
    /// # Errors
    /// As [`Tracer::trace`].
    pub fn record(&self, inputs: &[Tensor]) -> Result<Record, EngineError> {
        let mut run = Run::recording(self);
        let frame = run.traced(self.main(), run.inputs(inputs)?, None)?;
        Ok(frame.record)
    }

    /// The operator at `path` with its operands and results. Evaluates what these depend on, and nothing else.
    ///
    /// # Errors
    /// As [`Tracer::trace`], and [`EngineError::NoOperator`].
    pub fn open(&self, inputs: &[Tensor], path: &Path) -> Result<Opening<'_>, EngineError> {
        let mut run = Run::new(self);
        let args = run.inputs(inputs)?;
        run.open(self.main(), args, Follow::new(path))
    }

    /// Shows that the leaf of the operator at `path` is in the trace.
    ///
    /// # Errors
    /// As [`Tracer::open`].
    pub fn prove(&self, inputs: &[Tensor], path: &Path) -> Result<Proof, EngineError> {
        let mut run = Run::new(self);
        let args = run.inputs(inputs)?;
        let frame = run.traced(self.main(), args, Some(Follow::new(path)))?;
        let mut levels = frame.levels;
        levels.reverse();
        Ok(Proof { levels })
    }

    fn main(&self) -> usize {
        self.lowering.program.funcs.len().saturating_sub(1)
    }

    fn check_inputs(&self, inputs: &[Tensor]) -> Result<(), EngineError> {
        let params = self.program().funcs.last().map_or(&[][..], |func| &func.params);
        let name = self.lowering.origins.last().map_or("main", |origin| &origin.func.name);
        prepare::check_types(name, params, inputs)
    }
}
