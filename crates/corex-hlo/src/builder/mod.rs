//! Writes one function, operation by operation, every operation typed as it is added.
//!
//! ```
//! use corex_hlo::{FuncBuilder, Module, TensorType, gradients};
//! let mut b = FuncBuilder::new("main");
//! let x = b.param(TensorType::f32([2, 3]));
//! let y = b.param(TensorType::f32([3, 4]));
//! let product = b.matmul(x, y);
//! let loss = b.reduce_sum(product, &[0, 1]);
//! let grads = gradients(&mut b, loss, &[x, y]);
//! let func = b.finish(&[loss, grads[0], grads[1]])?;
//! assert_eq!(func.ty(grads[1]), &TensorType::f32([3, 4]));
//! let module = Module::single("sum_of_product", func);
//! # Ok::<(), corex_hlo::HloError>(())
//! ```
//!
//! A mistake does not panic and does not have to be handled at every call: the builder keeps the first error,
//! ignores what follows, and [`FuncBuilder::finish`] returns it.

mod compose;
mod custom;
mod literal;
mod ops;
mod structured;

use std::collections::{HashMap, HashSet};

use crate::error::HloError;
use crate::infer::infer;
use crate::ir::*;

pub use compose::SoftmaxParts;
pub(crate) use custom::CustomGradient;
pub use literal::Element;
pub use ops::Dot;

/// Builds one [`Func`]. See the module's documentation.
#[derive(Debug, Clone)]
pub struct FuncBuilder {
    func: Func,
    /// Constants written so far: each literal is written once.
    constants: HashMap<Literal, ValueId>,
    held_constant: HashSet<ValueId>,
    custom_gradients: HashMap<ValueId, CustomGradient>,
    error: Option<HloError>,
}

/// What [`FuncBuilder::ty`] answers for a value that does not exist.
static NO_TYPE: TensorType = TensorType { dtype: DType::F32, shape: Vec::new() };

impl FuncBuilder {
    /// An empty public function of that name.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            func: Func {
                name: name.into(),
                public: true,
                values: Vec::new(),
                params: Vec::new(),
                ops: Vec::new(),
                results: Vec::new(),
            },
            constants: HashMap::new(),
            held_constant: HashSet::new(),
            custom_gradients: HashMap::new(),
            error: None,
        }
    }

    /// Goes on where `func` ends: its results are dropped, its values keep their ids. Lets a parsed program
    /// be differentiated or extended.
    pub fn extend(func: Func) -> Self {
        let mut builder = Self { func, ..Self::new("") };
        builder.func.results.clear();
        for op in &builder.func.ops {
            if let (OpKind::Constant(literal), [result]) = (&op.kind, &op.results[..]) {
                builder.constants.insert(literal.clone(), *result);
            }
        }
        builder
    }

    /// Adds a parameter.
    pub fn param(&mut self, ty: TensorType) -> ValueId {
        let value = self.new_value(ty);
        self.func.params.push(value);
        value
    }

    /// Adds an operation with one result. The methods named after operations are all built on this one.
    pub fn op(&mut self, kind: OpKind, operands: &[ValueId]) -> ValueId {
        if self.error.is_some() {
            return ValueId(u32::MAX);
        }
        if let OpKind::Constant(literal) = &kind
            && let Some(&known) = self.constants.get(literal)
        {
            return known;
        }
        let types: Option<Vec<_>> = operands.iter().map(|v| self.func.values.get(v.index())).collect();
        let inferred = match types {
            Some(types) => infer(&kind, &types),
            None => Err(HloError::Module(format!(
                "an operand of {} is not a value of this function",
                kind.name()
            ))),
        };
        match inferred {
            Ok(ty) => {
                let result = self.new_value(ty);
                if let OpKind::Constant(literal) = &kind {
                    self.constants.insert(literal.clone(), result);
                }
                self.func.ops.push(Op { kind, operands: operands.to_vec(), results: vec![result] });
                result
            }
            Err(error) => self.fail(error),
        }
    }

    /// Calls another function of the module, whose result types the caller states ([`crate::verify`] checks
    /// them against the callee).
    pub fn call(&mut self, callee: &str, operands: &[ValueId], results: &[TensorType]) -> Vec<ValueId> {
        let known = operands.iter().all(|v| v.index() < self.func.values.len());
        if !known {
            self.fail(HloError::Module(format!("an argument of @{callee} is not a value of this function")));
        }
        if self.error.is_some() {
            return vec![ValueId(u32::MAX); results.len()];
        }
        let results: Vec<_> = results.iter().map(|ty| self.new_value(ty.clone())).collect();
        self.func.ops.push(Op {
            kind: OpKind::Call { callee: callee.to_owned() },
            operands: operands.to_vec(),
            results: results.clone(),
        });
        results
    }

    /// Keeps `error` if it is the first, and returns a value that stands for nothing.
    pub fn fail(&mut self, error: HloError) -> ValueId {
        self.error.get_or_insert(error);
        ValueId(u32::MAX)
    }

    /// From now on [`gradients`](crate::gradients) treats `v` as a constant: its uses do not contribute to
    /// what it was computed from. (What JAX writes `stop_gradient`.)
    pub fn hold_constant(&mut self, v: ValueId) {
        self.held_constant.insert(v);
    }

    /// See [`Self::hold_constant`].
    pub fn is_held_constant(&self, v: ValueId) -> bool {
        self.held_constant.contains(&v)
    }

    /// The first error so far.
    pub fn error(&self) -> Option<&HloError> {
        self.error.as_ref()
    }

    /// Type of a value; `tensor<f32>` for a value that an error left without meaning.
    pub fn ty(&self, v: ValueId) -> &TensorType {
        self.func.values.get(v.index()).unwrap_or(&NO_TYPE)
    }

    /// A copy of the value's shape.
    pub fn shape(&self, v: ValueId) -> Vec<usize> {
        self.ty(v).shape.clone()
    }

    /// Size of one dimension; 0, and an error, if there is no such dimension.
    pub fn dim(&mut self, v: ValueId, dim: usize) -> usize {
        match self.ty(v).shape.get(dim) {
            Some(&size) => size,
            None => {
                let ty = self.ty(v).clone();
                self.fail(HloError::Module(format!("{ty} has no dimension {dim}")));
                0
            }
        }
    }

    /// Number of values so far.
    pub fn values(&self) -> usize {
        self.func.values.len()
    }

    /// The operations so far, in order.
    pub fn ops(&self) -> &[Op] {
        &self.func.ops
    }

    /// The function, returning `results`.
    ///
    /// # Errors
    /// The first mistake made while building, or a result that is no value of this function.
    pub fn finish(mut self, results: &[ValueId]) -> Result<Func, HloError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if let Some(v) = results.iter().find(|v| v.index() >= self.func.values.len()) {
            return Err(HloError::Module(format!(
                "the result %{} is not a value of @{}",
                v.0, self.func.name
            )));
        }
        self.func.results = results.to_vec();
        Ok(self.func)
    }

    fn new_value(&mut self, ty: TensorType) -> ValueId {
        // u32::MAX marks a value that does not exist; a function of 2^32 values does not fit in memory.
        let id = ValueId(self.func.values.len() as u32);
        self.func.values.push(ty);
        id
    }
}

impl Module {
    /// A module of one function.
    pub fn single(name: impl Into<String>, func: Func) -> Self {
        Self { name: name.into(), funcs: vec![func] }
    }
}
