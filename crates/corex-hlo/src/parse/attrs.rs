//! Attributes: `{name = value, …}` and `<{name = value, …}>`.

use super::cursor::Cursor;
use super::lexer::Token;
use crate::error::HloError;
use crate::ir::*;

/// An attribute's value, as far as a supported operation has a use for it.
#[derive(Clone, Debug)]
pub(super) enum Attr<'a> {
    /// `3 : i64`, `[0, 1]`, `array<i64: 0, 1>`, `dense<[0, 1]> : tensor<2xi64>`.
    Ints(Vec<i64>),
    /// `#stablehlo<comparison_direction LT>` or the bare word `LT`.
    Case(&'a str),
    /// `#stablehlo.gather<offset_dims = [1], index_vector_dim = 1, …>`.
    Dims(Vec<(&'a str, Vec<i64>)>),
    /// `dense<…>` with anything but a list of integers.
    Literal(Literal),
    /// `#stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>`.
    Conv(Box<[ConvLayout; 3]>),
    /// `@name`.
    Symbol(&'a str),
    /// `"text"`.
    Text(&'a str),
    /// Anything else: an error only if the operation needs it.
    Other,
}

/// The attributes of one operation, in the order written.
#[derive(Default)]
pub(super) struct Attrs<'a>(Vec<(&'a str, Attr<'a>)>);

impl<'a> Attrs<'a> {
    pub(super) fn push(&mut self, name: &'a str, value: Attr<'a>) {
        self.0.push((name, value));
    }

    /// Takes out the attribute of the first of these names that is there.
    pub(super) fn take(&mut self, names: &[&str]) -> Option<Attr<'a>> {
        let at = self.0.iter().position(|(name, _)| names.contains(name))?;
        Some(self.0.swap_remove(at).1)
    }

    /// The text of an attribute, or the name of a symbol, left where it is.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(n, _)| *n == name).and_then(|(_, value)| match value {
            Attr::Text(text) | Attr::Symbol(text) => Some(*text),
            _ => None,
        })
    }

    /// Some attribute that nobody took and that would change what the operation means.
    pub(super) fn leftover(&self) -> Option<&'a str> {
        self.0.iter().map(|(name, _)| *name).find(|name| !is_without_meaning(name))
    }
}

/// Hints to compilers, and attributes of dialects that annotate (`mhlo.sharding`, `jax.result_info`).
///
/// corex computes every operation at least as precisely as these may ask for.
fn is_without_meaning(name: &str) -> bool {
    name.contains('.')
        || matches!(
            name,
            "precision"
                | "precision_config"
                | "algorithm"
                | "result_accuracy"
                | "indices_are_sorted"
                | "unique_indices"
                | "no_inline"
                | "operandSegmentSizes"
        )
}

impl<'a> Cursor<'a> {
    /// `{…}` if it is next.
    pub(super) fn attr_dict(&mut self, attrs: &mut Attrs<'a>) -> Result<(), HloError> {
        if !self.eat(b'{')? {
            return Ok(());
        }
        self.list(b'}', |c| {
            let (Token::Word(name) | Token::Str(name)) = c.token else {
                return Err(c.expected("an attribute's name"));
            };
            c.advance()?;
            // An attribute without a value is a flag.
            let value = match c.eat(b'=')? {
                true if name == "value" && c.at_word("dense") => Attr::Literal(c.dense()?),
                true => c.attr()?,
                false => Attr::Other,
            };
            attrs.push(name, value);
            Ok(())
        })
        .map(drop)
    }

    /// `<{…}>` if it is next.
    pub(super) fn properties(&mut self, attrs: &mut Attrs<'a>) -> Result<(), HloError> {
        if self.eat(b'<')? {
            if !self.at(b'{') {
                return Err(self.expected("`{`"));
            }
            self.attr_dict(attrs)?;
            self.expect(b'>')?;
        }
        Ok(())
    }

    /// One attribute's value, its type included.
    pub(super) fn attr(&mut self) -> Result<Attr<'a>, HloError> {
        let attr = match self.token {
            Token::Number(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                Attr::Ints(vec![self.integer()?])
            }
            Token::Punct(b'-') => Attr::Ints(vec![self.integer()?]),
            Token::Punct(b'[') => {
                let start = self.start;
                self.advance()?;
                let integers = matches!(self.token, Token::Number(_) | Token::Punct(b'-' | b']'));
                self.jump(start)?;
                if integers {
                    Attr::Ints(self.integers()?)
                } else {
                    self.skip_balanced()?;
                    Attr::Other
                }
            }
            Token::Word("array") => self.array()?,
            Token::Word("dense") => integers_of(self.dense()?),
            Token::Word(word) if word != "tensor" => {
                self.advance()?;
                Attr::Case(word)
            }
            Token::Symbol(name) => {
                self.advance()?;
                Attr::Symbol(name)
            }
            Token::Str(text) => {
                self.advance()?;
                Attr::Text(text)
            }
            Token::Hash("stablehlo") => self.case()?,
            Token::Hash("stablehlo.dot_algorithm") => {
                let start = self.start;
                self.skip_item()?;
                Attr::Text(self.between(start))
            }
            Token::Hash("stablehlo.conv") => {
                self.advance()?;
                self.expect(b'<')?;
                let layouts = self.conv_layouts()?;
                self.expect(b'>')?;
                Attr::Conv(layouts)
            }
            Token::Hash("stablehlo.dot" | "stablehlo.gather" | "stablehlo.scatter") => self.dims()?,
            _ => Attr::Other,
        };
        // What is left of it: `: i64`, `<…>` of an unknown attribute, the arrow of a function type.
        self.skip_item()?;
        Ok(attr)
    }

    /// `array<i64: 0, 1>`, `array<i64>`.
    fn array(&mut self) -> Result<Attr<'a>, HloError> {
        self.advance()?;
        self.expect(b'<')?;
        let element = self.word("an element type")?;
        if !self.eat(b':')? {
            self.expect(b'>')?;
            return Ok(Attr::Ints(Vec::new()));
        }
        if element == "i64" || element == "i32" {
            return self.list(b'>', Self::integer).map(Attr::Ints);
        }
        if element == "i1" {
            return self.list(b'>', Self::boolean).map(Attr::Ints);
        }
        self.list(b'>', |c| c.advance())?;
        Ok(Attr::Other)
    }

    /// `#stablehlo<comparison_direction LT>`.
    fn case(&mut self) -> Result<Attr<'a>, HloError> {
        self.advance()?;
        self.expect(b'<')?;
        self.word("an attribute's kind")?;
        let case = self.word("an attribute's value")?;
        self.expect(b'>')?;
        Ok(Attr::Case(case))
    }

    /// `#stablehlo.dot<lhs_batching_dimensions = [0], …>`.
    fn dims(&mut self) -> Result<Attr<'a>, HloError> {
        self.advance()?;
        self.expect(b'<')?;
        let fields = self.list(b'>', |c| {
            let name = c.word("a name")?;
            c.expect(b'=')?;
            let values = if c.at(b'[') { c.integers()? } else { vec![c.integer()?] };
            Ok((name, values))
        })?;
        Ok(Attr::Dims(fields))
    }
}

/// Integers as such; MLIR before 2024 wrote lists of them as dense constants.
fn integers_of(literal: Literal) -> Attr<'static> {
    let (LiteralData::Splat(bytes) | LiteralData::Dense(bytes)) = &literal.data;
    if literal.ty.dtype != DType::I64 || literal.ty.rank() > 1 || literal.ty.elements() > 4096 {
        return Attr::Literal(literal);
    }
    let values = bytes.chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().expect("chunks of 8")));
    let values: Vec<_> = match literal.data {
        LiteralData::Splat(_) => values.cycle().take(literal.ty.elements()).collect(),
        LiteralData::Dense(_) => values.collect(),
    };
    Attr::Ints(values)
}
