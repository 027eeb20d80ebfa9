//! Modules and functions, in the short and in the generic form.

use super::attrs::{Attr, Attrs};
use super::body::Body;
use super::cursor::Cursor;
use super::lexer::Token;
use super::region::name_outlined;
use crate::error::HloError;
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
    name_outlined(&mut module.funcs);
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
            Token::Word("func.func") => short_func(cursor, &mut budget, &mut funcs)?,
            Token::Str("func.func") => generic_func(cursor, &mut budget, &mut funcs)?,
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
fn short_func(cursor: &mut Cursor<'_>, budget: &mut usize, funcs: &mut Vec<Func>) -> Result<(), HloError> {
    cursor.advance()?;
    let public = match cursor.token {
        Token::Word("private") => false,
        Token::Word("public") | Token::Symbol(_) | Token::Punct(b'@') => true,
        _ => return Err(cursor.expected("`public`, `private` or a function's name")),
    };
    if let Token::Word(_) = cursor.token {
        cursor.advance()?;
    }
    // The function comes before those that its regions become.
    let place = funcs.len();
    let mut body = Body::new(cursor.symbol()?, public, budget, funcs);
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
    funcs.insert(place, func);
    Ok(())
}

/// `"func.func"() <{sym_name = "name", …}> ({ ^bb0(%a: type, …): … }) : () -> ()`.
fn generic_func(cursor: &mut Cursor<'_>, budget: &mut usize, funcs: &mut Vec<Func>) -> Result<(), HloError> {
    let at = cursor.start;
    let mut attrs = generic_head(cursor)?;
    let Some(Attr::Text(name)) = attrs.take(&["sym_name"]) else {
        return Err(cursor.error_at(at, "func.func needs attribute `sym_name`"));
    };
    let public = !matches!(attrs.take(&["sym_visibility"]), Some(Attr::Text("private" | "nested")));
    let place = funcs.len();
    let mut body = Body::new(name, public, budget, funcs);
    if let Token::Block(_) = cursor.token {
        cursor.advance()?;
        if cursor.at(b'(') {
            body.params(cursor)?;
        }
        cursor.expect(b':')?;
    }
    let func = body.finish(cursor)?;
    generic_tail(cursor, &mut attrs)?;
    funcs.insert(place, func);
    Ok(())
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
