//! The parser's position in the text, and the small things read everywhere: punctuation, types, numbers.

use super::lexer::{Token, lex};
use crate::error::HloError;
use crate::infer::checked_bytes;
use crate::ir::*;

/// Every element type, for reading and for saying what is supported.
const DTYPES: [DType; 12] = [
    DType::I1,
    DType::I8,
    DType::I16,
    DType::I32,
    DType::I64,
    DType::U8,
    DType::U16,
    DType::U32,
    DType::U64,
    DType::F16,
    DType::BF16,
    DType::F32,
];

/// A position in the text, with one token of lookahead.
pub(super) struct Cursor<'a> {
    text: &'a str,
    /// The token that comes next.
    pub(super) token: Token<'a>,
    /// Byte at which it starts.
    pub(super) start: usize,
    /// One past its last byte.
    pub(super) end: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Result<Self, HloError> {
        let mut cursor = Self { text, token: Token::End, start: 0, end: 0 };
        cursor.advance()?;
        Ok(cursor)
    }

    /// An error at byte `at`. Line and column are only counted here.
    pub(super) fn error_at(&self, at: usize, message: impl Into<String>) -> HloError {
        let before = &self.text.as_bytes()[..at.min(self.text.len())];
        let line_start = before.iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
        let is_char_start = |b: &&u8| **b & 0xC0 != 0x80;
        HloError::Parse {
            line: 1 + before.iter().filter(|&&b| b == b'\n').count(),
            column: 1 + before[line_start..].iter().filter(is_char_start).count(),
            message: message.into(),
        }
    }

    /// An error at the token that comes next.
    pub(super) fn error(&self, message: impl Into<String>) -> HloError {
        self.error_at(self.start, message)
    }

    /// "expected …, found …" at the token that comes next.
    pub(super) fn expected(&self, what: &str) -> HloError {
        let found = match self.token {
            Token::End => "the end of the text".to_owned(),
            _ => {
                let token = &self.text[self.start..self.end];
                let short: String = token.chars().take(40).collect();
                format!("`{short}{}`", if short.len() < token.len() { "…" } else { "" })
            }
        };
        self.error(format!("expected {what}, found {found}"))
    }

    /// Moves on, returning the token passed.
    pub(super) fn advance(&mut self) -> Result<Token<'a>, HloError> {
        let passed = self.token;
        self.jump(self.end)?;
        Ok(passed)
    }

    /// Goes on at byte `at`, which must be a character boundary.
    pub(super) fn jump(&mut self, at: usize) -> Result<(), HloError> {
        (self.token, self.start, self.end) =
            lex(self.text, at).map_err(|(at, message)| self.error_at(at, message))?;
        Ok(())
    }

    /// The text from byte `from` on.
    pub(super) fn rest(&self, from: usize) -> &'a str {
        &self.text[from..]
    }

    /// The text from byte `from` up to the token that comes next.
    pub(super) fn between(&self, from: usize) -> &'a str {
        self.text[from..self.start].trim_end()
    }

    pub(super) fn at(&self, punct: u8) -> bool {
        self.token == Token::Punct(punct)
    }

    pub(super) fn at_word(&self, word: &str) -> bool {
        self.token == Token::Word(word)
    }

    /// Passes the punctuation if it is next.
    pub(super) fn eat(&mut self, punct: u8) -> Result<bool, HloError> {
        let found = self.at(punct);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    /// Passes the word if it is next.
    pub(super) fn eat_word(&mut self, word: &str) -> Result<bool, HloError> {
        let found = self.at_word(word);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn expect(&mut self, punct: u8) -> Result<(), HloError> {
        if self.eat(punct)? { Ok(()) } else { Err(self.expected(&format!("`{}`", char::from(punct)))) }
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Result<(), HloError> {
        if self.eat_word(word)? { Ok(()) } else { Err(self.expected(&format!("`{word}`"))) }
    }

    pub(super) fn expect_arrow(&mut self) -> Result<(), HloError> {
        if self.token != Token::Arrow {
            return Err(self.expected("`->`"));
        }
        self.advance().map(drop)
    }

    pub(super) fn word(&mut self, what: &str) -> Result<&'a str, HloError> {
        let Token::Word(word) = self.token else { return Err(self.expected(what)) };
        self.advance()?;
        Ok(word)
    }

    pub(super) fn symbol(&mut self) -> Result<&'a str, HloError> {
        let Token::Symbol(name) = self.token else {
            return Err(self.expected("a symbol of letters, digits, `_`, `$` and `.`, as in `@main`"));
        };
        self.advance()?;
        Ok(name)
    }

    /// A value's name, e.g. `0#1` for `%0#1`.
    pub(super) fn value_name(&mut self) -> Result<&'a str, HloError> {
        let Token::Value(name) = self.token else { return Err(self.expected("a value, as in `%0`")) };
        self.advance()?;
        Ok(name)
    }

    /// A decimal integer, possibly negative.
    pub(super) fn integer(&mut self) -> Result<i64, HloError> {
        let at = self.start;
        let negative = self.eat(b'-')?;
        let Token::Number(digits) = self.token else { return Err(self.expected("an integer")) };
        self.advance()?;
        let value: i128 =
            digits.parse().map_err(|_| self.error_at(at, format!("`{}` is no integer", shorten(digits))))?;
        i64::try_from(if negative { -value } else { value })
            .map_err(|_| self.error_at(at, format!("{} does not fit into 64 bits", shorten(digits))))
    }

    /// Items separated by commas up to `close`, which is passed; the opening mark has been passed already.
    pub(super) fn list<T>(
        &mut self,
        close: u8,
        mut item: impl FnMut(&mut Self) -> Result<T, HloError>,
    ) -> Result<Vec<T>, HloError> {
        let mut items = Vec::new();
        if self.eat(close)? {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            if !self.eat(b',')? {
                self.expect(close)?;
                return Ok(items);
            }
        }
    }

    /// `[1, -2]`.
    pub(super) fn integers(&mut self) -> Result<Vec<i64>, HloError> {
        self.expect(b'[')?;
        self.list(b']', Self::integer)
    }

    /// `tensor<4x8xf32>`.
    pub(super) fn tensor_type(&mut self) -> Result<TensorType, HloError> {
        if !self.at_word("tensor") {
            return Err(self.expected("a tensor type, as in `tensor<4x8xf32>`"));
        }
        let at = self.start;
        // Read byte by byte: as tokens, the start of `0x8xf32` would be a hexadecimal number.
        let inside = self.rest(self.end).strip_prefix('<');
        let Some((inside, _)) = inside.and_then(|rest| rest.split_once('>')) else {
            return Err(self.error_at(at, "expected a tensor type, as in `tensor<4x8xf32>`"));
        };
        let next = self.end + 1 + inside.len() + 1;
        let ty = parse_tensor(inside).map_err(|message| self.error_at(at, message))?;
        self.jump(next)?;
        Ok(ty)
    }

    /// `(type, type)`; the types of parameters or results.
    pub(super) fn type_list(&mut self) -> Result<Vec<TensorType>, HloError> {
        self.expect(b'(')?;
        self.list(b')', Self::tensor_type)
    }

    /// `type` or `(type, type)`: what follows an arrow.
    pub(super) fn result_types(&mut self) -> Result<Vec<TensorType>, HloError> {
        if self.at(b'(') { self.type_list() } else { Ok(vec![self.tensor_type()?]) }
    }

    /// Passes everything up to and including the mark that closes the one that is next.
    pub(super) fn skip_balanced(&mut self) -> Result<(), HloError> {
        let at = self.start;
        let mut depth = 0usize;
        loop {
            match self.token {
                Token::Punct(b'(' | b'[' | b'{' | b'<') => depth += 1,
                Token::Punct(b')' | b']' | b'}' | b'>') => depth = depth.saturating_sub(1),
                Token::End => return Err(self.error_at(at, "this bracket is never closed")),
                _ => {}
            }
            self.advance()?;
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// Passes everything up to the comma or closing mark that ends the current list item.
    pub(super) fn skip_item(&mut self) -> Result<(), HloError> {
        loop {
            match self.token {
                Token::Punct(b'(' | b'[' | b'{' | b'<') => self.skip_balanced()?,
                Token::Punct(b')' | b']' | b'}' | b'>' | b',') | Token::End => return Ok(()),
                _ => drop(self.advance()?),
            }
        }
    }

    /// Passes a source location, which carries no meaning: `loc("file.py":1:2)` or `loc(#loc7)`.
    pub(super) fn skip_loc(&mut self) -> Result<(), HloError> {
        if self.eat_word("loc")? {
            if !self.at(b'(') {
                return Err(self.expected("`(` after `loc`"));
            }
            self.skip_balanced()?;
        }
        Ok(())
    }
}

/// The inside of `tensor<…>`.
fn parse_tensor(inside: &str) -> Result<TensorType, String> {
    let mut shape = Vec::new();
    let mut rest = inside.trim();
    while rest.starts_with(|c: char| c.is_ascii_digit() || c == '?') {
        let Some((dim, after)) = rest.split_once('x') else {
            return Err(format!("`tensor<{}>` lacks an element type", shorten(inside)));
        };
        if dim == "?" {
            return Err(format!(
                "tensor<{}> has a dynamic dimension, which is not supported: export with static shapes",
                shorten(inside)
            ));
        }
        shape.push(dim.parse().map_err(|_| format!("`{}` is no dimension", shorten(dim)))?);
        if shape.len() > crate::verify::MAX_RANK {
            return Err(format!("more than {} dimensions are not supported", crate::verify::MAX_RANK));
        }
        rest = after;
    }
    let Some(&dtype) = DTYPES.iter().find(|d| d.name() == rest) else {
        let supported: Vec<_> = DTYPES.iter().map(|d| d.name()).collect();
        let hint = match rest {
            "f64" => "\nhint: export with jax_enable_x64 off; arithmetic is f32 here",
            _ if rest.starts_with("complex") => {
                "\nhint: compute with real and imaginary parts as two tensors"
            }
            _ if rest.starts_with("f8") || rest.starts_with("f4") || rest.starts_with("f6") => {
                "\nhint: store as bf16 or f16"
            }
            _ => "",
        };
        return Err(format!(
            "element type `{}` is not supported; supported: {}{hint}",
            shorten(rest),
            supported.join(", ")
        ));
    };
    let ty = TensorType { dtype, shape };
    match checked_bytes(&ty) {
        Some(_) => Ok(ty),
        None => Err(format!("{ty} has more bytes than can be addressed")),
    }
}

/// At most 40 characters of a piece of source, for error messages.
pub(super) fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
