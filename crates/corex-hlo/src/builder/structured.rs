//! Control flow, bodies and windows.

use super::FuncBuilder;
use crate::error::HloError;
use crate::infer::{Signature, infer_results};
use crate::ir::*;

/// Operations that name other functions of the module, which must be added to it, and operations with windows.
impl FuncBuilder {
    /// Adds an operation that names functions; `bodies` are their signatures, in the order of
    /// [`OpKind::callees`]. The methods below are built on this one.
    pub fn op_with(&mut self, kind: OpKind, operands: &[ValueId], bodies: &[Signature]) -> Vec<ValueId> {
        let types: Option<Vec<_>> = operands.iter().map(|v| self.func.values.get(v.index())).collect();
        let inferred = match types {
            _ if self.error.is_some() => return Vec::new(),
            Some(types) => infer_results(&kind, &types, bodies),
            None => Err(HloError::Module(format!(
                "an operand of {} is not a value of this function",
                kind.name()
            ))),
        };
        match inferred {
            Ok(types) => {
                let results: Vec<_> = types.into_iter().map(|ty| self.new_value(ty)).collect();
                self.func.ops.push(Op { kind, operands: operands.to_vec(), results: results.clone() });
                results
            }
            Err(error) => {
                self.fail(error);
                Vec::new()
            }
        }
    }

    /// Evaluates `body` while `cond` is true; both take `carried` and then `shared`. Returns the last values of
    /// what is carried. After an error the result is empty.
    pub fn while_loop(
        &mut self,
        cond: &Func,
        body: &Func,
        carried: &[ValueId],
        shared: &[ValueId],
    ) -> Vec<ValueId> {
        let kind = OpKind::While { cond: cond.name.clone(), body: body.name.clone() };
        self.op_with(kind, &[carried, shared].concat(), &[cond.signature(), body.signature()])
    }

    /// The results of the branch that `index` counts out. After an error the result is empty.
    pub fn case(&mut self, index: ValueId, branches: &[&Func], args: &[ValueId]) -> Vec<ValueId> {
        let kind = OpKind::Case { branches: branches.iter().map(|f| f.name.clone()).collect() };
        let signatures: Vec<_> = branches.iter().map(|f| f.signature()).collect();
        self.op_with(kind, &[&[index], args].concat(), &signatures)
    }

    /// Folds several tensors of one shape at once: see [`OpKind::ReduceWith`]. After an error the result is empty.
    pub fn reduce_with(
        &mut self,
        xs: &[ValueId],
        inits: &[ValueId],
        dims: &[usize],
        body: &Func,
    ) -> Vec<ValueId> {
        let mut dims = dims.to_vec();
        dims.sort_unstable();
        let kind = OpKind::ReduceWith { dims, body: body.name.clone() };
        self.op_with(kind, &[xs, inits].concat(), &[body.signature()])
    }

    /// Puts all operands into the comparator's order along `dim`. After an error the result is empty.
    pub fn sort(&mut self, xs: &[ValueId], dim: usize, comparator: &Func) -> Vec<ValueId> {
        let kind = OpKind::Sort { dim, comparator: comparator.name.clone() };
        self.op_with(kind, xs, &[comparator.signature()])
    }

    /// See [`OpKind::Convolution`].
    pub fn convolution(&mut self, lhs: ValueId, rhs: ValueId, dims: ConvDims) -> ValueId {
        self.op(OpKind::Convolution(Box::new(dims)), &[lhs, rhs])
    }

    /// Folds what every window sees, from `init`.
    pub fn reduce_window(
        &mut self,
        x: ValueId,
        init: ValueId,
        window: &[WindowDim],
        reducer: Reducer,
    ) -> ValueId {
        self.op(OpKind::ReduceWindow { window: window.to_vec(), reducer }, &[x, init])
    }

    /// See [`OpKind::SelectAndScatter`].
    pub fn select_and_scatter(
        &mut self,
        x: ValueId,
        source: ValueId,
        init: ValueId,
        window: &[WindowDim],
        select: CompareDir,
        scatter: Reducer,
    ) -> ValueId {
        self.op(OpKind::SelectAndScatter { window: window.to_vec(), select, scatter }, &[x, source, init])
    }
}
