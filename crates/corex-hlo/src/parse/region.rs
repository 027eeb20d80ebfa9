//! The bodies of `reduce` and `scatter`, recognised as a [`Reducer`].

use super::cursor::Cursor;
use super::lexer::Token;
use crate::error::HloError;
use crate::ir::*;

/// The operation that applies a reducer, without its dialect.
pub(crate) fn reducer_op(reducer: Reducer) -> Option<&'static str> {
    Some(match reducer {
        Reducer::Add => "stablehlo.add",
        Reducer::Mul => "stablehlo.multiply",
        Reducer::Max => "stablehlo.maximum",
        Reducer::Min => "stablehlo.minimum",
        Reducer::And => "stablehlo.and",
        Reducer::Or => "stablehlo.or",
        Reducer::Assign => return None,
    })
}

const SUPPORTED: &str = "supported: one stablehlo.add, multiply, maximum, minimum, and, or of the two arguments (scatter also: returning the second)";

impl<'a> Cursor<'a> {
    /// The word after `applies`.
    pub(super) fn reducer_name(&mut self) -> Result<Reducer, HloError> {
        let at = self.start;
        let (Token::Word(name) | Token::Str(name)) = self.token else {
            return Err(self.expected("an operation"));
        };
        self.advance()?;
        [Reducer::Add, Reducer::Mul, Reducer::Max, Reducer::Min, Reducer::And, Reducer::Or]
            .into_iter()
            .find(|&r| reducer_op(r) == Some(name))
            .ok_or_else(|| self.error_at(at, format!("a body with {name} is not supported; {SUPPORTED}")))
    }

    /// `({ ^bb0(%a: type, %b: type): … })`.
    pub(super) fn region(&mut self) -> Result<Reducer, HloError> {
        self.expect(b'(')?;
        self.expect(b'{')?;
        if !matches!(self.token, Token::Block(_)) {
            return Err(self.expected("a block label, as in `^bb0`"));
        }
        self.advance()?;
        let args = self.region_args()?;
        self.expect(b':')?;
        let reducer = self.region_body(&args)?;
        self.expect(b'}')?;
        self.expect(b')')?;
        Ok(reducer)
    }

    /// `(%a: type, %b: type)`, the names.
    pub(super) fn region_args(&mut self) -> Result<[&'a str; 2], HloError> {
        let at = self.start;
        self.expect(b'(')?;
        let names = self.list(b')', |c| {
            let name = c.value_name()?;
            c.expect(b':')?;
            c.tensor_type()?;
            c.skip_loc()?;
            Ok(name)
        })?;
        <[&str; 2]>::try_from(names).map_err(|_| {
            self.error_at(
                at,
                "a body of other than two arguments is not supported: reduce and scatter work on one tensor",
            )
        })
    }

    /// `[%r = op %a, %b : type] stablehlo.return %r : type`, up to the closing brace.
    pub(super) fn region_body(&mut self, args: &[&'a str; 2]) -> Result<Reducer, HloError> {
        let mut combined = None;
        if let Token::Value(result) = self.token {
            self.advance()?;
            self.expect(b'=')?;
            let at = self.start;
            let reducer = self.reducer_name()?;
            let operands = self.region_operands()?;
            let both = operands == [args[0], args[1]] || operands == [args[1], args[0]];
            if !both || args.contains(&result) {
                return Err(self.error_at(at, format!("this body is not supported; {SUPPORTED}")));
            }
            combined = Some((result, reducer));
        }
        let at = self.start;
        if !matches!(self.token, Token::Word("stablehlo.return") | Token::Str("stablehlo.return")) {
            return Err(self.error(format!("this body is not supported; {SUPPORTED}")));
        }
        self.advance()?;
        let returned = self.region_operands()?;
        match combined {
            Some((result, reducer)) if returned == [result] => Ok(reducer),
            None if returned == [args[1]] => Ok(Reducer::Assign),
            _ => Err(self.error_at(at, format!("this body is not supported; {SUPPORTED}"))),
        }
    }

    /// Operands, attributes, types and location of an operation in a body; its operands' names.
    fn region_operands(&mut self) -> Result<Vec<&'a str>, HloError> {
        let names = if self.eat(b'(')? {
            self.list(b')', Self::value_name)?
        } else {
            let mut names = vec![self.value_name()?];
            while self.eat(b',')? {
                names.push(self.value_name()?);
            }
            names
        };
        let mut attrs = super::attrs::Attrs::default();
        self.properties(&mut attrs)?;
        self.attr_dict(&mut attrs)?;
        if let Some(name) = attrs.leftover() {
            return Err(self.error(format!("attribute `{name}` is not supported here")));
        }
        self.expect(b':')?;
        if self.at(b'(') {
            self.type_list()?;
            self.expect_arrow()?;
            self.result_types()?;
        } else {
            self.tensor_type()?;
        }
        self.skip_loc()?;
        Ok(names)
    }
}
