//! Modules and functions, in the short and in the generic form.

use std::collections::BTreeMap;

use super::attrs::{Attr, Attrs};
use super::cursor::Cursor;
use super::lexer::Token;
use super::ops::same_type;
use crate::error::HloError;
use crate::infer::infer;
use crate::ir::*;
use crate::verify::MAX_VALUES;

/// The whole text: a module, or bare functions as an unnamed one.
pub(super) fn module(cursor: &mut Cursor<'_>) -> Result<Module, HloError> {
    skip_aliases(cursor)?;
    let mut module = Module { name: "module".to_owned(), funcs: Vec::new() };
    match cursor.token {
        Token::Word("module" | "builtin.module") => {
            cursor.advance()?;
            if matches!(cursor.token, Token::Symbol(_)) {
                module.name = cursor.symbol()?.to_owned();
            }
            if cursor.eat_word("attributes")? {
                cursor.attr_dict(&mut Attrs::default())?;
            }
            cursor.expect(b'{')?;
            module.funcs = functions(cursor)?;
            cursor.expect(b'}')?;
        }
        Token::Str("builtin.module") => {
            let mut attrs = generic_head(cursor)?;
            if let Some(Attr::Text(name)) = attrs.take(&["sym_name"]) {
                module.name = name.to_owned();
            }
            module.funcs = functions(cursor)?;
            generic_tail(cursor, &mut attrs)?;
        }
        _ => module.funcs = functions(cursor)?,
    }
    cursor.skip_loc()?;
    skip_aliases(cursor)?;
    if cursor.token != Token::End {
        return Err(cursor.expected("the end of the text"));
    }
    Ok(module)
}

/// `#loc3 = loc(…)`: locations that the rest of the text refers to.
fn skip_aliases(cursor: &mut Cursor<'_>) -> Result<(), HloError> {
    while let Token::Hash(_) = cursor.token {
        cursor.advance()?;
        cursor.expect(b'=')?;
        if !cursor.at_word("loc") {
            return Err(cursor.expected("`loc(…)`: no other attribute alias is supported"));
        }
        cursor.skip_loc()?;
    }
    Ok(())
}

fn functions(cursor: &mut Cursor<'_>) -> Result<Vec<Func>, HloError> {
    let mut funcs = Vec::new();
    let mut budget = MAX_VALUES;
    loop {
        match cursor.token {
            Token::Word("func.func") => funcs.push(short_func(cursor, &mut budget)?),
            Token::Str("func.func") => funcs.push(generic_func(cursor, &mut budget)?),
            // Shardy's device mesh: says where values live, not what they are.
            Token::Word("sdy.mesh") => {
                cursor.advance()?;
                cursor.symbol()?;
                cursor.expect(b'=')?;
                if !cursor.at(b'<') {
                    return Err(cursor.expected("`<`"));
                }
                cursor.skip_balanced()?;
                cursor.attr_dict(&mut Attrs::default())?;
            }
            Token::Str("sdy.mesh") => {
                cursor.advance()?;
                cursor.expect(b'(')?;
                cursor.expect(b')')?;
                cursor.properties(&mut Attrs::default())?;
                cursor.attr_dict(&mut Attrs::default())?;
                cursor.expect(b':')?;
                cursor.type_list()?;
                cursor.expect_arrow()?;
                cursor.type_list()?;
            }
            Token::End | Token::Punct(b'}') | Token::Hash(_) => return Ok(funcs),
            _ => return Err(cursor.expected("`func.func`")),
        }
        cursor.skip_loc()?;
    }
}

/// `func.func public @name(%a: type {…}, …) -> (type {…}, …) attributes {…} { … }`.
fn short_func(cursor: &mut Cursor<'_>, budget: &mut usize) -> Result<Func, HloError> {
    cursor.advance()?;
    let public = match cursor.token {
        Token::Word("private") => false,
        Token::Word("public") | Token::Symbol(_) | Token::Punct(b'@') => true,
        _ => return Err(cursor.expected("`public`, `private` or a function's name")),
    };
    if let Token::Word(_) = cursor.token {
        cursor.advance()?;
    }
    let mut body = Body::new(cursor.symbol()?, public, budget);
    body.params(cursor)?;
    let at = cursor.start;
    let mut results = Vec::new();
    if cursor.token == Token::Arrow {
        cursor.advance()?;
        if cursor.eat(b'(')? {
            results = cursor.list(b')', |c| {
                let ty = c.tensor_type()?;
                c.attr_dict(&mut Attrs::default())?;
                Ok(ty)
            })?;
        } else {
            results.push(cursor.tensor_type()?);
        }
    }
    if cursor.eat_word("attributes")? {
        cursor.attr_dict(&mut Attrs::default())?;
    }
    if !cursor.at(b'{') {
        return Err(cursor.expected("`{`: functions without a body are not supported"));
    }
    cursor.advance()?;
    let func = body.finish(cursor)?;
    cursor.expect(b'}')?;
    let returned = func.results.iter().map(|&v| func.ty(v));
    if !returned.eq(&results) {
        return Err(cursor.error_at(at, format!("@{} returns other types than it declares", func.name)));
    }
    Ok(func)
}

/// `"func.func"() <{sym_name = "name", …}> ({ ^bb0(%a: type, …): … }) : () -> ()`.
fn generic_func(cursor: &mut Cursor<'_>, budget: &mut usize) -> Result<Func, HloError> {
    let at = cursor.start;
    let mut attrs = generic_head(cursor)?;
    let Some(Attr::Text(name)) = attrs.take(&["sym_name"]) else {
        return Err(cursor.error_at(at, "func.func needs attribute `sym_name`"));
    };
    let public = !matches!(attrs.take(&["sym_visibility"]), Some(Attr::Text("private" | "nested")));
    let mut body = Body::new(name, public, budget);
    if let Token::Block(_) = cursor.token {
        cursor.advance()?;
        if cursor.at(b'(') {
            body.params(cursor)?;
        }
        cursor.expect(b':')?;
    }
    let func = body.finish(cursor)?;
    generic_tail(cursor, &mut attrs)?;
    Ok(func)
}

/// `"name"() <{…}> ({`.
fn generic_head<'a>(cursor: &mut Cursor<'a>) -> Result<Attrs<'a>, HloError> {
    let mut attrs = Attrs::default();
    cursor.advance()?;
    cursor.expect(b'(')?;
    cursor.expect(b')')?;
    cursor.properties(&mut attrs)?;
    cursor.expect(b'(')?;
    cursor.expect(b'{')?;
    Ok(attrs)
}

/// `}) {…} : () -> ()`.
fn generic_tail<'a>(cursor: &mut Cursor<'a>, attrs: &mut Attrs<'a>) -> Result<(), HloError> {
    cursor.expect(b'}')?;
    cursor.expect(b')')?;
    cursor.attr_dict(attrs)?;
    cursor.expect(b':')?;
    cursor.type_list()?;
    cursor.expect_arrow()?;
    cursor.result_types().map(drop)
}

/// A function while it is read.
pub(super) struct Body<'a, 'b> {
    func: Func,
    /// Values by name; a name that stands for several results has them all.
    names: BTreeMap<&'a str, Vec<ValueId>>,
    /// How many more values the module may have.
    budget: &'b mut usize,
}

impl<'a, 'b> Body<'a, 'b> {
    fn new(name: &str, public: bool, budget: &'b mut usize) -> Self {
        let func = Func {
            name: name.to_owned(),
            public,
            values: Vec::new(),
            params: Vec::new(),
            ops: Vec::new(),
            results: Vec::new(),
        };
        Self { func, names: BTreeMap::new(), budget }
    }

    /// `(%a: type {…} loc(…), …)`.
    fn params(&mut self, cursor: &mut Cursor<'a>) -> Result<(), HloError> {
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
                self.func.params.extend(values);
                Ok(())
            })
            .map(drop)
    }

    /// Operations up to and including `return`.
    fn finish(mut self, cursor: &mut Cursor<'a>) -> Result<Func, HloError> {
        loop {
            if let Token::Word("return" | "func.return") | Token::Str("func.return") = cursor.token {
                self.returned(cursor)?;
                return Ok(self.func);
            }
            self.operation(cursor)?;
        }
    }

    /// `%r = op …`, `%r:2 = call …`, or a call without results.
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
        let (mut op, operand_names) = cursor.operation()?;
        let operands = self.operands(cursor, &operand_names, &op.operands)?;
        let expanded = self.expand(&mut op, &operands).map_err(|m| cursor.error_at(at, m))?;
        if let Some(results) = expanded {
            self.bind(&names, &results).map_err(|m| cursor.error_at(at, m))?;
            return cursor.skip_loc();
        }
        let kind = op.kind().map_err(|message| cursor.error_at(at, message))?;
        if !matches!(kind, OpKind::Call { .. }) {
            let types: Vec<_> = operands.iter().map(|&v| self.func.ty(v)).collect();
            let inferred = infer(&kind, &types).map_err(|error| cursor.error_at(at, error.to_string()))?;
            let [stated] = &op.results[..] else {
                return Err(cursor.error_at(at, format!("{} has one result", op.name)));
            };
            same_type("the result", stated, &inferred)
                .map_err(|m| cursor.error_at(at, format!("{}: {m}", op.name)))?;
        }
        let results = self.define(&names, op.results).map_err(|m| cursor.error_at(at, m))?;
        self.func.ops.push(Op { kind, operands, results });
        cursor.skip_loc()
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
        self.func.results = self.operands(cursor, &names, &types)?;
        cursor.skip_loc()
    }

    /// Looks operands up and compares their types with those stated.
    fn operands(
        &self,
        cursor: &Cursor<'a>,
        names: &[(&'a str, usize)],
        stated: &[TensorType],
    ) -> Result<Vec<ValueId>, HloError> {
        let lookup = |(&(name, at), stated): (&(&str, usize), &TensorType)| {
            let value = self.lookup(name).map_err(|m| cursor.error_at(at, m))?;
            same_type(&format!("%{name}"), stated, self.func.ty(value))
                .map_err(|m| cursor.error_at(at, m))?;
            Ok(value)
        };
        names.iter().zip(stated).map(lookup).collect()
    }

    fn lookup(&self, name: &str) -> Result<ValueId, String> {
        let (base, index) = match name.split_once('#') {
            Some((base, index)) => (base, index.parse().unwrap_or(usize::MAX)),
            None => (name, 0),
        };
        let value = self.names.get(base).and_then(|values| values.get(index));
        value.copied().ok_or_else(|| format!("%{} is not defined here", super::cursor::shorten(name)))
    }

    /// Adds values of these types under these names, each with how many values it stands for.
    fn define(&mut self, names: &[(&'a str, usize)], types: Vec<TensorType>) -> Result<Vec<ValueId>, String> {
        let values = self.values(types)?;
        self.bind(names, &values)?;
        Ok(values)
    }

    /// Adds values without names.
    pub(super) fn values(&mut self, types: Vec<TensorType>) -> Result<Vec<ValueId>, String> {
        *self.budget = self
            .budget
            .checked_sub(types.len())
            .ok_or_else(|| format!("more than {MAX_VALUES} values in one module are not supported"))?;
        let first = self.func.values.len() as u32;
        self.func.values.extend(types);
        Ok((first..self.func.values.len() as u32).map(ValueId).collect())
    }

    /// Appends an operation on values that are there.
    pub(super) fn push(&mut self, kind: OpKind, operands: Vec<ValueId>, results: Vec<ValueId>) {
        self.func.ops.push(Op { kind, operands, results });
    }

    /// Type of a value.
    pub(super) fn ty(&self, v: ValueId) -> &TensorType {
        self.func.ty(v)
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
            if self.names.insert(name, these.to_vec()).is_some() {
                return Err(format!("%{} is defined twice", super::cursor::shorten(name)));
            }
        }
        Ok(())
    }
}
