//! One text per program, and from it the program's identity.
//!
//! Two modules that differ only in what carries no meaning have one canonical form: names of the module, of
//! private functions and of values, the order of functions, functions that nobody can call, the spelling of
//! constants, the order of dimensions that form a set. Operations are kept as they are, in their order.

use std::collections::BTreeMap;

use crate::ir::*;

impl Literal {
    /// The same constant in its one normal form: a splat if all elements are equal and there is at least one.
    pub fn normalised(self) -> Self {
        let size = self.ty.dtype.size();
        let data = match self.data {
            LiteralData::Splat(_) if self.ty.shape.contains(&0) => LiteralData::Dense(Vec::new()),
            LiteralData::Dense(bytes)
                if bytes.len() >= size && bytes.chunks(size).all(|element| element == &bytes[..size]) =>
            {
                LiteralData::Splat(bytes[..size].to_vec())
            }
            data => data,
        };
        Self { ty: self.ty, data }
    }
}

/// The canonical form of a module that [`crate::verify`] accepts. Applying it twice changes nothing.
///
/// Functions: `main`, the other public ones by name, each followed (breadth first) by what it is the first to
/// call; private functions are called `_0`, `_1`, … in that order, and dropped if nothing public calls them.
/// Values: parameters, then results of operations, numbered in order.
pub fn canonicalize(module: &Module) -> Module {
    let by_name: BTreeMap<&str, usize> =
        module.funcs.iter().enumerate().map(|(index, func)| (&func.name[..], index)).collect();
    let order = reachable(module, &by_name);
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    let mut free = (0..)
        .map(|i| format!("_{i}"))
        .filter(|name| by_name.get(&name[..]).is_none_or(|&index| !module.funcs[index].public));
    for &index in &order {
        let func = &module.funcs[index];
        let name = if func.public { Some(func.name.clone()) } else { free.next() };
        names.extend(name.map(|name| (&func.name[..], name)));
    }
    let funcs = order.iter().map(|&index| canonical_func(&module.funcs[index], &names)).collect();
    Module { name: "program".to_owned(), funcs }
}

/// The canonical form as text: what a program's blob contains.
pub fn canonical_text(module: &Module) -> String {
    crate::print::print(&canonicalize(module))
}

/// The program's identity: BLAKE3 of [`canonical_text`].
pub fn program_id(module: &Module) -> [u8; 32] {
    *blake3::hash(canonical_text(module).as_bytes()).as_bytes()
}

/// Functions that a task can reach, in canonical order.
fn reachable(module: &Module, by_name: &BTreeMap<&str, usize>) -> Vec<usize> {
    let mut roots: Vec<usize> = (0..module.funcs.len()).filter(|&i| module.funcs[i].public).collect();
    roots.sort_by_key(|&i| (module.funcs[i].name != "main", &module.funcs[i].name[..]));
    let mut seen = vec![false; module.funcs.len()];
    let mut order = Vec::new();
    for root in roots {
        let mut next = order.len();
        if !std::mem::replace(&mut seen[root], true) {
            order.push(root);
        }
        while let Some(&index) = order.get(next) {
            next += 1;
            for name in module.funcs[index].ops.iter().flat_map(|op| op.kind.callees()) {
                if let Some(&callee) = by_name.get(name)
                    && !std::mem::replace(&mut seen[callee], true)
                {
                    order.push(callee);
                }
            }
        }
    }
    order
}

fn canonical_func(func: &Func, names: &BTreeMap<&str, String>) -> Func {
    let rename = |name: &String| names.get(&name[..]).unwrap_or(name).clone();
    let mut out = Renumbered::new(func, rename(&func.name));
    for op in &func.ops {
        let mut kind = match op.kind.clone() {
            OpKind::Constant(literal) => OpKind::Constant(literal.normalised()),
            OpKind::Reduce { mut dims, reducer } => {
                dims.sort_unstable();
                OpKind::Reduce { dims, reducer }
            }
            OpKind::Reverse { mut dims } => {
                dims.sort_unstable();
                OpKind::Reverse { dims }
            }
            OpKind::ReduceWith { mut dims, body } => {
                dims.sort_unstable();
                OpKind::ReduceWith { dims, body }
            }
            kind => kind,
        };
        for callee in kind.callees_mut() {
            *callee = rename(callee);
        }
        out.push(kind, op);
    }
    out.finish()
}

/// A copy of a function's operations, or of some of them, whose values are numbered in order.
pub(crate) struct Renumbered<'a> {
    from: &'a Func,
    to: Func,
    /// New ids of old values.
    ids: Vec<ValueId>,
}

impl<'a> Renumbered<'a> {
    /// The parameters of `from`, all kept.
    pub(crate) fn new(from: &'a Func, name: String) -> Self {
        let to = Func {
            name,
            public: from.public,
            values: Vec::new(),
            params: Vec::new(),
            ops: Vec::new(),
            results: Vec::new(),
        };
        let mut copy = Self { from, to, ids: vec![ValueId(u32::MAX); from.values.len()] };
        copy.to.params = from.params.iter().map(|&v| copy.define(v)).collect();
        copy
    }

    fn define(&mut self, old: ValueId) -> ValueId {
        let new = ValueId(self.to.values.len() as u32);
        self.to.values.push(self.from.ty(old).clone());
        self.ids[old.index()] = new;
        new
    }

    /// Appends `op` with another kind. Its operands must have been appended.
    pub(crate) fn push(&mut self, kind: OpKind, op: &Op) {
        let operands = op.operands.iter().map(|v| self.ids[v.index()]).collect();
        let results = op.results.iter().map(|&v| self.define(v)).collect();
        self.to.ops.push(Op { kind, operands, results });
    }

    /// The copy, returning what the original returns.
    pub(crate) fn finish(mut self) -> Func {
        self.to.results = self.from.results.iter().map(|v| self.ids[v.index()]).collect();
        self.to
    }
}
