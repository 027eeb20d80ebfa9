//! What stands between the braces of a function or a region: operations, and the names of their values.

use std::collections::BTreeMap;

use super::attrs::Attrs;
use super::cursor::Cursor;
use super::kind::{IF, RawOp};
use super::lexer::Token;
use super::ops::same_type;
use super::region::{Region, RegionArgs, RegionReader, outline, outline_func};
use crate::error::HloError;
use crate::infer::{Signature, infer_results};
use crate::ir::*;
use crate::verify::{MAX_CALL_DEPTH, MAX_VALUES};

/// A function while it is read: the function itself, and inside it the regions that are open.
pub(super) struct Body<'a, 'b> {
    /// The function, then regions, each within the one before.
    frames: Vec<Frame<'a>>,
    /// Functions read before, and those that closed regions have become.
    funcs: &'b mut Vec<Func>,
    /// How many more values the module may have.
    budget: &'b mut usize,
}

/// A function or a region of it.
struct Frame<'a> {
    func: Func,
    /// Values by name; a name that stands for several results has them all.
    names: BTreeMap<&'a str, Vec<ValueId>>,
    /// Values of the frame around it that it uses, with their ids in this frame.
    captures: BTreeMap<ValueId, ValueId>,
    /// Those of them that are parameters here, in order of first use.
    captured: Vec<ValueId>,
    /// Scalar constants, by the operation that defines them.
    constants: BTreeMap<ValueId, usize>,
    /// Constants used from outside are copied: a scalar body has no other values from outside.
    copies_constants: bool,
}

impl Frame<'_> {
    fn new(name: &str, public: bool) -> Self {
        let func = Func {
            name: name.to_owned(),
            public,
            values: Vec::new(),
            params: Vec::new(),
            ops: Vec::new(),
            results: Vec::new(),
        };
        Self {
            func,
            names: BTreeMap::new(),
            captures: BTreeMap::new(),
            captured: Vec::new(),
            constants: BTreeMap::new(),
            copies_constants: false,
        }
    }
}

impl<'a, 'b> Body<'a, 'b> {
    pub(super) fn new(name: &str, public: bool, budget: &'b mut usize, funcs: &'b mut Vec<Func>) -> Self {
        Self { frames: vec![Frame::new(name, public)], funcs, budget }
    }

    /// The innermost frame.
    fn frame(&mut self) -> &mut Frame<'a> {
        self.frames.last_mut().expect("the function's own frame stays until it is finished")
    }

    /// `(%a: type {…} loc(…), …)`.
    pub(super) fn params(&mut self, cursor: &mut Cursor<'a>) -> Result<(), HloError> {
        cursor.expect(b'(')?;
        cursor
            .list(b')', |c| {
                let at = c.start;
                let name = c.value_name()?;
                c.expect(b':')?;
                let ty = c.tensor_type()?;
                c.attr_dict(&mut Attrs::default())?;
                c.skip_loc()?;
                let values = self.define(&[(name, 1)], vec![ty]).map_err(|m| c.error_at(at, m))?;
                self.frame().func.params.extend(values);
                Ok(())
            })
            .map(drop)
    }

    /// Operations up to and including `return`.
    pub(super) fn finish(mut self, cursor: &mut Cursor<'a>) -> Result<Func, HloError> {
        loop {
            if let Token::Word("return" | "func.return") | Token::Str("func.return") = cursor.token {
                self.returned(cursor)?;
                return Ok(self.frames.swap_remove(0).func);
            }
            self.operation(cursor)?;
        }
    }

    /// `%r = op …`, `%r:2 = call …`, or an operation without results.
    fn operation(&mut self, cursor: &mut Cursor<'a>) -> Result<(), HloError> {
        let mut names = Vec::new();
        if let Token::Value(_) = cursor.token {
            loop {
                let name = cursor.value_name()?;
                let count = if cursor.eat(b':')? { cursor.integer()? } else { 1 };
                names.push((name, usize::try_from(count).unwrap_or(usize::MAX)));
                if !cursor.eat(b',')? {
                    break;
                }
            }
            cursor.expect(b'=')?;
        }
        let at = cursor.start;
        let (mut op, operand_names) = cursor.operation(self)?;
        let mut operands = self.operands(cursor, &operand_names, &op.operands)?;
        let expanded = self.expand(&mut op, &operands).map_err(|m| cursor.error_at(at, m))?;
        if let Some(results) = expanded {
            self.bind(&names, &results).map_err(|m| cursor.error_at(at, m))?;
            return cursor.skip_loc();
        }
        let signatures = self.close_regions(&mut op, &mut operands).map_err(|m| cursor.error_at(at, m))?;
        let kind = op.kind().map_err(|message| cursor.error_at(at, message))?;
        // What a call returns stands in the callee, which may come later.
        if !matches!(kind, OpKind::Call { .. }) {
            let types: Vec<_> = operands.iter().map(|&v| self.ty(v)).collect();
            let inferred = infer_results(&kind, &types, &signatures)
                .map_err(|error| cursor.error_at(at, error.to_string()))?;
            if op.results.len() != inferred.len() {
                let count = inferred.len();
                return Err(cursor.error_at(at, format!("{} has {count} result(s) here", op.name)));
            }
            for (stated, inferred) in op.results.iter().zip(&inferred) {
                same_type("the result", stated, inferred)
                    .map_err(|m| cursor.error_at(at, format!("{}: {m}", op.name)))?;
            }
        }
        let results = self.define(&names, op.results).map_err(|m| cursor.error_at(at, m))?;
        self.push(kind, operands, results);
        cursor.skip_loc()
    }

    /// Appends an operation on values that are there.
    pub(super) fn push(&mut self, kind: OpKind, operands: Vec<ValueId>, results: Vec<ValueId>) {
        let frame = self.frame();
        if let (OpKind::Constant(literal), [result]) = (&kind, &results[..])
            && literal.ty.rank() == 0
        {
            frame.constants.insert(*result, frame.func.ops.len());
        }
        frame.func.ops.push(Op { kind, operands, results });
    }

    /// Turns the regions of an operation into a reducer or into functions; what the functions take from outside
    /// becomes operands.
    fn close_regions(
        &mut self,
        op: &mut RawOp<'a>,
        operands: &mut Vec<ValueId>,
    ) -> Result<Vec<Signature>, String> {
        let mut regions = std::mem::take(&mut op.regions);
        let expected = op.regions_expected(regions.len());
        if regions.is_empty() && expected > 0 {
            return Err(format!("{} needs a body", op.name));
        }
        if regions.len() != expected {
            return Err(format!("{} has {expected} region(s), not {}", op.name, regions.len()));
        }
        if op.name == IF {
            self.index_of_predicate(op, operands)?;
            regions.reverse();
        }
        let has_shared = matches!(op.name, "stablehlo.while" | "stablehlo.case");
        if !has_shared && regions.iter().any(|region| !region.captures.is_empty()) {
            return Err(format!("the body of {} uses values from outside that are no constants", op.name));
        }
        match &regions[..] {
            [select, scatter] if op.name == "stablehlo.select_and_scatter" => {
                (op.select, op.reducer) = (select.comparison(), scatter.reducer());
                return Ok(Vec::new());
            }
            [body] if op.takes_reducer() && operands.len() <= op.operands_for_one_tensor() => {
                op.reducer = body.reducer();
            }
            _ => {}
        }
        if op.reducer.is_some() || regions.is_empty() {
            return Ok(Vec::new());
        }
        let func = &self.frames[self.frames.len() - 1].func;
        let budget = &mut *self.budget;
        let outlined = outline(regions, self.funcs, |v| func.ty(v).clone(), |values| spend(budget, values))?;
        op.bodies = outlined.names;
        operands.extend(outlined.shared);
        Ok(outlined.signatures)
    }

    /// `if` is read as the `case` of its predicate as an integer.
    fn index_of_predicate(&mut self, op: &mut RawOp<'a>, operands: &mut [ValueId]) -> Result<(), String> {
        let [pred] = operands else { return Err(format!("{IF} takes one operand")) };
        if *self.ty(*pred) != TensorType::scalar(DType::I1) {
            return Err(format!("{IF} takes a tensor<i1>"));
        }
        let index = self.values(vec![TensorType::scalar(DType::I32)])?;
        self.push(OpKind::Convert(DType::I32), vec![*pred], index.clone());
        *pred = index[0];
        op.name = "stablehlo.case";
        Ok(())
    }

    /// `return %a, %b : types`, after which the function ends.
    fn returned(&mut self, cursor: &mut Cursor<'a>) -> Result<(), HloError> {
        let generic = matches!(cursor.advance()?, Token::Str(_));
        let named = |c: &mut Cursor<'a>| Ok((c.start, c.value_name()?)).map(|(at, name)| (name, at));
        let mut names = Vec::new();
        if generic {
            cursor.expect(b'(')?;
            names = cursor.list(b')', named)?;
        } else if let Token::Value(_) = cursor.token {
            names.push(named(cursor)?);
            while cursor.eat(b',')? {
                names.push(named(cursor)?);
            }
        }
        cursor.attr_dict(&mut Attrs::default())?;
        let mut types = Vec::new();
        if generic {
            cursor.expect(b':')?;
            types = cursor.type_list()?;
            cursor.expect_arrow()?;
            cursor.type_list()?;
        } else if !names.is_empty() {
            cursor.expect(b':')?;
            types.push(cursor.tensor_type()?);
            while cursor.eat(b',')? {
                types.push(cursor.tensor_type()?);
            }
        }
        if types.len() != names.len() {
            return Err(cursor.error(format!(
                "return of {} value(s) but {} type(s)",
                names.len(),
                types.len()
            )));
        }
        self.frame().func.results = self.operands(cursor, &names, &types)?;
        cursor.skip_loc()
    }

    /// Looks operands up and compares their types with those stated.
    fn operands(
        &mut self,
        cursor: &Cursor<'a>,
        names: &[(&'a str, usize)],
        stated: &[TensorType],
    ) -> Result<Vec<ValueId>, HloError> {
        let lookup = |(&(name, at), stated): (&(&'a str, usize), &TensorType)| {
            let value = self.lookup(name).map_err(|m| cursor.error_at(at, m))?;
            same_type(&format!("%{name}"), stated, self.ty(value)).map_err(|m| cursor.error_at(at, m))?;
            Ok(value)
        };
        names.iter().zip(stated).map(lookup).collect()
    }

    /// The value of that name, brought into the innermost frame if it is from further outside.
    fn lookup(&mut self, name: &str) -> Result<ValueId, String> {
        let (base, index) = match name.split_once('#') {
            Some((base, index)) => (base, index.parse().unwrap_or(usize::MAX)),
            None => (name, 0),
        };
        let found = self.frames.iter().enumerate().rev().find_map(|(depth, frame)| {
            frame.names.get(base).map(|values| (depth, values.get(index).copied()))
        });
        let Some((depth, Some(mut value))) = found else {
            return Err(format!("%{} is not defined here", super::cursor::shorten(name)));
        };
        for inner in depth + 1..self.frames.len() {
            value = self.capture(inner, value)?;
        }
        Ok(value)
    }

    /// The value `outer` of the frame around frame `at`, as a value of that frame.
    fn capture(&mut self, at: usize, outer: ValueId) -> Result<ValueId, String> {
        if let Some(&known) = self.frames[at].captures.get(&outer) {
            return Ok(known);
        }
        let around = &self.frames[at - 1];
        let ty = around.func.ty(outer).clone();
        let constant = around.constants.get(&outer).map(|&op| around.func.ops[op].kind.clone());
        spend(self.budget, 1)?;
        let frame = &mut self.frames[at];
        let value = ValueId(frame.func.values.len() as u32);
        frame.func.values.push(ty);
        match constant.filter(|_| frame.copies_constants) {
            Some(kind) => {
                frame.constants.insert(value, frame.func.ops.len());
                frame.func.ops.push(Op { kind, operands: Vec::new(), results: vec![value] });
            }
            None => {
                frame.func.params.push(value);
                frame.captured.push(outer);
            }
        }
        frame.captures.insert(outer, value);
        Ok(value)
    }

    /// Adds values of these types under these names, each with how many values it stands for.
    fn define(&mut self, names: &[(&'a str, usize)], types: Vec<TensorType>) -> Result<Vec<ValueId>, String> {
        let values = self.values(types)?;
        self.bind(names, &values)?;
        Ok(values)
    }

    /// Adds values without names.
    pub(super) fn values(&mut self, types: Vec<TensorType>) -> Result<Vec<ValueId>, String> {
        spend(self.budget, types.len())?;
        let func = &mut self.frame().func;
        let first = func.values.len() as u32;
        func.values.extend(types);
        Ok((first..func.values.len() as u32).map(ValueId).collect())
    }

    /// Type of a value of the innermost frame.
    pub(super) fn ty(&self, v: ValueId) -> &TensorType {
        self.frames[self.frames.len() - 1].func.ty(v)
    }

    /// A function of the module that an operation is to name.
    pub(super) fn outline(&mut self, func: Func) -> String {
        outline_func(func, self.funcs)
    }

    /// Gives names to values.
    fn bind(&mut self, names: &[(&'a str, usize)], values: &[ValueId]) -> Result<(), String> {
        let named = names.iter().fold(0usize, |sum, &(_, count)| sum.saturating_add(count));
        if named != values.len() {
            return Err(format!("{named} name(s) for {} result(s)", values.len()));
        }
        let mut rest = values;
        for &(name, count) in names {
            if name.contains('#') {
                return Err(format!("%{name} cannot be defined: it names one result of several"));
            }
            let (these, others) = rest.split_at(count);
            rest = others;
            if self.frame().names.insert(name, these.to_vec()).is_some() {
                return Err(format!("%{} is defined twice", super::cursor::shorten(name)));
            }
        }
        Ok(())
    }
}

/// Takes new values off the module's budget.
fn spend(budget: &mut usize, values: usize) -> Result<(), String> {
    let rest = budget.checked_sub(values);
    *budget = rest.ok_or_else(|| format!("more than {MAX_VALUES} values in one module are not supported"))?;
    Ok(())
}

impl<'a> RegionReader<'a> for Body<'a, '_> {
    fn region(
        &mut self,
        cursor: &mut Cursor<'a>,
        op: &'a str,
        args: RegionArgs<'a>,
    ) -> Result<Region, HloError> {
        let at = cursor.start;
        if self.frames.len() > MAX_CALL_DEPTH {
            let message = format!("regions more than {MAX_CALL_DEPTH} levels deep are not supported");
            return Err(cursor.error(message));
        }
        let mut frame = Frame::new("", false);
        frame.copies_constants = !matches!(op, "stablehlo.while" | "stablehlo.case" | IF);
        self.frames.push(frame);
        let args = match args {
            RegionArgs::Given(args) => args,
            RegionArgs::Block => {
                let mut args = Vec::new();
                if let Token::Block(_) = cursor.token {
                    cursor.advance()?;
                    if cursor.eat(b'(')? {
                        args = cursor.list(b')', Cursor::region_arg)?;
                    }
                    cursor.expect(b':')?;
                }
                args
            }
        };
        let count = args.len();
        for (name, ty) in args {
            let values = self.define(&[(name, 1)], vec![ty]).map_err(|m| cursor.error_at(at, m))?;
            self.frame().func.params.extend(values);
        }
        while !matches!(cursor.token, Token::Word("stablehlo.return") | Token::Str("stablehlo.return")) {
            self.operation(cursor)?;
        }
        self.returned(cursor)?;
        let frame = self.frames.pop().expect("the frame pushed above");
        Ok(Region { func: frame.func, args: count, captures: frame.captured })
    }
}
