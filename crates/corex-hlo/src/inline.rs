//! One flat function out of a function and everything it calls.

use std::collections::{BTreeMap, HashMap};

use crate::canonical::Renumbered;
use crate::error::HloError;
use crate::ir::*;
use crate::verify::{MAX_CALL_DEPTH, MAX_INLINED, own_size};

/// The functions of a module, to be made flat one by one.
pub struct Inlined<'m> {
    by_name: BTreeMap<&'m str, &'m Func>,
}

impl<'m> Inlined<'m> {
    /// The module must satisfy [`crate::verify`], which also bounds the size of what [`Inlined::func`] returns.
    pub fn new(module: &'m Module) -> Self {
        Self { by_name: module.funcs.iter().map(|f| (&f.name[..], f)).collect() }
    }

    /// The function of that name with every call replaced by the callee's operations, each constant written
    /// once, and operations without effect on the results removed. Parameters and results stay as they are;
    /// values are numbered in order. A `case` whose index is a constant becomes its branch; other loops, branches
    /// and bodies go on naming their functions.
    ///
    /// # Errors
    /// [`HloError::Module`] if there is no such function, or if the module was not verified and recurs or
    /// inlines to more than [`MAX_INLINED`] operations and values.
    pub fn func(&self, name: &str) -> Result<Func, HloError> {
        let root = find(&self.by_name, name)?;
        let params: Vec<_> = (0..root.params.len() as u32).map(ValueId).collect();
        let flat = Func {
            name: root.name.clone(),
            public: root.public,
            values: root.params.iter().map(|&v| root.ty(v).clone()).collect(),
            params: params.clone(),
            ops: Vec::new(),
            results: Vec::new(),
        };
        let mut inliner = Inliner {
            by_name: &self.by_name,
            flat,
            constants: HashMap::new(),
            indices: HashMap::new(),
            size: 0,
        };
        let results = inliner.expand(root, &params, 0)?;
        inliner.flat.results = results;
        Ok(remove_dead(&inliner.flat))
    }
}

/// [`Inlined::func`] of one function.
///
/// # Errors
/// As there.
pub fn inline_calls(module: &Module, func: &str) -> Result<Func, HloError> {
    Inlined::new(module).func(func)
}

/// The function without operations that its results do not depend on, values numbered in order. All
/// parameters are kept.
pub fn remove_dead(func: &Func) -> Func {
    let mut live = vec![false; func.values.len()];
    func.results.iter().for_each(|v| live[v.index()] = true);
    for op in func.ops.iter().rev() {
        if op.results.iter().any(|v| live[v.index()]) {
            op.operands.iter().for_each(|v| live[v.index()] = true);
        }
    }
    let mut kept = Renumbered::new(func, func.name.clone());
    for op in func.ops.iter().filter(|op| op.results.iter().any(|v| live[v.index()])) {
        kept.push(op.kind.clone(), op);
    }
    kept.finish()
}

fn find<'m>(by_name: &BTreeMap<&str, &'m Func>, name: &str) -> Result<&'m Func, HloError> {
    by_name.get(name).copied().ok_or_else(|| HloError::Module(format!("there is no function @{name}")))
}

struct Inliner<'i, 'm> {
    by_name: &'i BTreeMap<&'m str, &'m Func>,
    flat: Func,
    /// Constants written so far.
    constants: HashMap<&'m Literal, ValueId>,
    /// Which of them are i32 scalars, and their values.
    indices: HashMap<ValueId, i32>,
    /// Operations and values copied so far.
    size: usize,
}

impl<'m> Inliner<'_, 'm> {
    /// Appends the body of `func`, called with `args`; returns its results. Recursion is at most
    /// [`MAX_CALL_DEPTH`] deep.
    fn expand(&mut self, func: &'m Func, args: &[ValueId], depth: usize) -> Result<Vec<ValueId>, HloError> {
        self.size = self.size.saturating_add(own_size(func));
        if depth >= MAX_CALL_DEPTH || self.size > MAX_INLINED {
            return Err(HloError::Module(format!(
                "@{} calls more than {MAX_CALL_DEPTH} levels deep or inlines to more than {MAX_INLINED} operations",
                self.flat.name
            )));
        }
        let mut ids = vec![ValueId(u32::MAX); func.values.len()];
        for (param, &arg) in func.params.iter().zip(args) {
            ids[param.index()] = arg;
        }
        for op in &func.ops {
            let operands: Vec<_> = op.operands.iter().map(|v| ids[v.index()]).collect();
            let results = match &op.kind {
                OpKind::Call { callee } => {
                    let callee = find(self.by_name, callee)?;
                    self.expand(callee, &operands, depth + 1)?
                }
                OpKind::Case { branches } if self.indices.contains_key(&operands[0]) => {
                    let index = usize::try_from(self.indices[&operands[0]]).unwrap_or(usize::MAX);
                    let branch = branches.get(index).or(branches.last()).map_or("", |name| &name[..]);
                    self.expand(find(self.by_name, branch)?, &operands[1..], depth + 1)?
                }
                OpKind::Constant(literal) => match self.constants.get(literal) {
                    Some(&known) => vec![known],
                    None => {
                        let results = self.append(func, op, operands);
                        self.constants.extend(results.first().map(|&v| (literal, v)));
                        let index = literal.to_i64().and_then(|index| i32::try_from(index).ok());
                        self.indices.extend(results.first().copied().zip(index));
                        results
                    }
                },
                _ => self.append(func, op, operands),
            };
            for (old, new) in op.results.iter().zip(results) {
                ids[old.index()] = new;
            }
        }
        Ok(func.results.iter().map(|v| ids[v.index()]).collect())
    }

    fn append(&mut self, func: &Func, op: &Op, operands: Vec<ValueId>) -> Vec<ValueId> {
        let first = self.flat.values.len() as u32;
        self.flat.values.extend(op.results.iter().map(|&v| func.ty(v).clone()));
        let results: Vec<_> = (first..self.flat.values.len() as u32).map(ValueId).collect();
        self.flat.ops.push(Op { kind: op.kind.clone(), operands, results: results.clone() });
        results
    }
}
