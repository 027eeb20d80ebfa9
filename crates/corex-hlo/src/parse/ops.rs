//! The syntax of operations: MLIR's generic form, and the short form each StableHLO operation has.

use super::attrs::Attr;
use super::cursor::Cursor;
use super::expand::{BARRIER, NEXT_AFTER, TOP_K};
use super::kind::{RawOp, supported};
use super::lexer::Token;
use super::region::{Region, RegionArgs, RegionReader};
use crate::error::HloError;
use crate::ir::*;

/// `chlo.square(x)` is read as `stablehlo.multiply(x, x)`.
pub(super) const SQUARE: &str = "chlo.square";

/// Operands, as names with the bytes at which they stand.
pub(super) type Names<'a> = Vec<(&'a str, usize)>;

impl<'a> Cursor<'a> {
    /// One operation, from its name to its types, and the names of its operands.
    pub(super) fn operation(
        &mut self,
        reader: &mut dyn RegionReader<'a>,
    ) -> Result<(RawOp<'a>, Names<'a>), HloError> {
        let at = self.start;
        let (name, generic) = match self.token {
            Token::Str(name) => (name, true),
            Token::Word(name) => (name, false),
            _ => return Err(self.expected("an operation")),
        };
        supported(name).map_err(|message| self.error_at(at, message))?;
        self.advance()?;
        let mut op = RawOp::new(name);
        let mut operands =
            if generic { self.generic(&mut op, reader)? } else { self.short(&mut op, reader)? };
        if op.operands.len() != operands.len() {
            return Err(self.error_at(
                at,
                format!("{name} has {} operand(s) but {} type(s)", operands.len(), op.operands.len()),
            ));
        }
        if name == SQUARE {
            op.name = "stablehlo.multiply";
            operands.extend_from_within(..);
            op.operands.extend_from_within(..);
        }
        Ok((op, operands))
    }

    fn operand(&mut self) -> Result<(&'a str, usize), HloError> {
        let at = self.start;
        Ok((self.value_name()?, at))
    }

    /// `"name"(%a, %b) <{properties}> ({ region }) {attributes} : (types) -> types`.
    fn generic(
        &mut self,
        op: &mut RawOp<'a>,
        reader: &mut dyn RegionReader<'a>,
    ) -> Result<Names<'a>, HloError> {
        self.expect(b'(')?;
        let operands = self.list(b')', Self::operand)?;
        self.properties(&mut op.attrs)?;
        if self.eat(b'(')? {
            op.regions = self.list(b')', |c| {
                c.expect(b'{')?;
                let region = reader.region(c, op.name, RegionArgs::Block)?;
                c.expect(b'}')?;
                Ok(region)
            })?;
        }
        self.attr_dict(&mut op.attrs)?;
        self.expect(b':')?;
        op.operands = self.type_list()?;
        self.expect_arrow()?;
        op.results = self.result_types()?;
        Ok(operands)
    }

    fn short(
        &mut self,
        op: &mut RawOp<'a>,
        reader: &mut dyn RegionReader<'a>,
    ) -> Result<Names<'a>, HloError> {
        let operands = match op.name.strip_prefix("stablehlo.").unwrap_or(op.name) {
            "constant" => {
                self.attr_dict(&mut op.attrs)?;
                let literal = self.dense()?;
                op.results = vec![literal.ty.clone()];
                op.attrs.push("value", Attr::Literal(literal));
                return Ok(Vec::new());
            }
            "compare" => self.compare(op)?,
            "slice" => self.slice(op)?,
            "reduce" => return self.reduce(op, reader),
            "while" => return self.while_loop(op, reader),
            "convolution" => self.convolution(op)?,
            TOP_K => {
                self.expect(b'(')?;
                let operands = self.operands_and_keywords(op)?;
                self.expect(b')')?;
                operands
            }
            "call" | "func.call" => {
                op.attrs.push("callee", Attr::Symbol(self.symbol()?));
                self.expect(b'(')?;
                self.list(b')', Self::operand)?
            }
            "custom_call" => {
                op.attrs.push("call_target_name", Attr::Symbol(self.symbol()?));
                self.expect(b'(')?;
                self.list(b')', Self::operand)?
            }
            "composite" => {
                let Token::Str(name) = self.token else { return Err(self.expected("a name in quotes")) };
                self.advance()?;
                op.attrs.push("name", Attr::Text(name));
                self.operands_and_keywords(op)?
            }
            "sdy.sharding_constraint" => {
                let operand = self.operand()?;
                if self.at(b'<') {
                    self.skip_balanced()?;
                }
                vec![operand]
            }
            _ => self.operands_and_keywords(op)?,
        };
        self.attr_dict(&mut op.attrs)?;
        self.short_types(op, operands.len())?;
        Ok(operands)
    }

    /// `%a, %b, key = value, key = value`.
    fn operands_and_keywords(&mut self, op: &mut RawOp<'a>) -> Result<Names<'a>, HloError> {
        let mut operands = Vec::new();
        if self.at(b':') || self.at(b'{') {
            return Ok(operands);
        }
        loop {
            match self.token {
                Token::Value(_) => operands.push(self.operand()?),
                Token::Word(key) => {
                    self.advance()?;
                    self.expect(b'=')?;
                    self.keyword(op, key)?;
                }
                _ => return Err(self.expected("an operand or an attribute")),
            }
            if !self.eat(b',')? {
                return Ok(operands);
            }
        }
    }

    /// The value after `key =`. It is not an [`Cursor::attr`], which would take the types that may follow.
    fn keyword(&mut self, op: &mut RawOp<'a>, key: &'a str) -> Result<(), HloError> {
        match key {
            "batching_dims" | "contracting_dims" => {
                let lhs = self.integers()?;
                self.expect_word("x")?;
                let rhs = self.integers()?;
                let sides = match key {
                    "batching_dims" => ["lhs_batching_dimensions", "rhs_batching_dimensions"],
                    _ => ["lhs_contracting_dimensions", "rhs_contracting_dimensions"],
                };
                let mut fields = match op.attrs.take(&["dot_dimension_numbers"]) {
                    Some(Attr::Dims(fields)) => fields,
                    _ => Vec::new(),
                };
                fields.extend(sides.into_iter().zip([lhs, rhs]));
                op.attrs.push("dot_dimension_numbers", Attr::Dims(fields));
            }
            "format" => {
                let [exponent, mantissa] = self.float_format()?;
                op.attrs.push("exponent_bits", Attr::Ints(vec![exponent]));
                op.attrs.push("mantissa_bits", Attr::Ints(vec![mantissa]));
            }
            // Hints without meaning here; see `Attrs::leftover`.
            "precision" | "algorithm" => {
                let start = self.start;
                while !matches!(self.token, Token::Punct(b',' | b':' | b'{' | b')' | b'}') | Token::End) {
                    if matches!(self.token, Token::Punct(b'[' | b'<')) {
                        self.skip_balanced()?;
                    } else {
                        self.advance()?;
                    }
                }
                op.attrs.push(key, Attr::Text(self.between(start)));
            }
            _ => {
                let values = if self.at(b'[') { self.integers()? } else { vec![self.integer()?] };
                op.attrs.push(key, Attr::Ints(values));
            }
        }
        Ok(())
    }

    /// `e5m10`: the exponent's and the mantissa's bits.
    fn float_format(&mut self) -> Result<[i64; 2], HloError> {
        let at = self.start;
        let word = self.word("a format, as in `e5m10`")?;
        let bits = word.strip_prefix('e').and_then(|rest| rest.split_once('m'));
        let read = |digits: &str| digits.parse::<u32>().ok().map(i64::from);
        bits.and_then(|(exponent, mantissa)| Some([read(exponent)?, read(mantissa)?])).ok_or_else(|| {
            self.error_at(at, format!("`{}` is no format, as in `e5m10`", super::cursor::shorten(word)))
        })
    }

    /// `LT, %a, %b, FLOAT`.
    fn compare(&mut self, op: &mut RawOp<'a>) -> Result<Names<'a>, HloError> {
        op.attrs.push("comparison_direction", Attr::Case(self.word("a comparison direction")?));
        self.expect(b',')?;
        let lhs = self.operand()?;
        self.expect(b',')?;
        let rhs = self.operand()?;
        if self.eat(b',')? {
            op.attrs.push("compare_type", Attr::Case(self.word("a comparison type")?));
        }
        Ok(vec![lhs, rhs])
    }

    /// `%a [0:4, 1:9:2]`.
    fn slice(&mut self, op: &mut RawOp<'a>) -> Result<Names<'a>, HloError> {
        let operand = self.operand()?;
        self.expect(b'[')?;
        let ranges = self.list(b']', |c| {
            let start = c.integer()?;
            c.expect(b':')?;
            let limit = c.integer()?;
            let stride = if c.eat(b':')? { c.integer()? } else { 1 };
            Ok([start, limit, stride])
        })?;
        for (i, name) in ["start_indices", "limit_indices", "strides"].into_iter().enumerate() {
            op.attrs.push(name, Attr::Ints(ranges.iter().map(|r| r[i]).collect()));
        }
        Ok(vec![operand])
    }

    /// `(%a init: %b) applies stablehlo.add across dimensions = [1] : types`, or without `applies`, with any number
    /// of `(%a init: %b)`, and with `reducer(%x: type, %y: type) … { … }` after the types.
    fn reduce(
        &mut self,
        op: &mut RawOp<'a>,
        reader: &mut dyn RegionReader<'a>,
    ) -> Result<Names<'a>, HloError> {
        let (mut operands, mut inits) = (Vec::new(), Vec::new());
        loop {
            self.expect(b'(')?;
            operands.push(self.operand()?);
            self.expect_word("init")?;
            self.expect(b':')?;
            inits.push(self.operand()?);
            self.expect(b')')?;
            if !self.eat(b',')? {
                break;
            }
        }
        let count = operands.len();
        operands.extend(inits);
        let at = self.start;
        let applied = if self.eat_word("applies")? { Some(self.applied()?) } else { None };
        self.expect_word("across")?;
        self.expect_word("dimensions")?;
        self.expect(b'=')?;
        op.attrs.push("dimensions", Attr::Ints(self.integers()?));
        self.attr_dict(&mut op.attrs)?;
        self.short_types(op, operands.len())?;
        if let Some(applied) = applied {
            let element = TensorType::scalar(op.operands.first().map_or(DType::F32, |ty| ty.dtype));
            let body = Region::of_binary(applied, element);
            op.regions.push(body.map_err(|error| self.error_at(at, error.to_string()))?);
        } else {
            self.skip_loc()?;
            self.expect_word("reducer")?;
            // A pair of arguments for every tensor; the region takes all left ones first.
            let (mut args, mut rights) = (Vec::new(), Vec::new());
            for _ in 0..count {
                self.expect(b'(')?;
                args.push(self.region_arg()?);
                self.expect(b',')?;
                rights.push(self.region_arg()?);
                self.expect(b')')?;
            }
            args.extend(rights);
            self.expect(b'{')?;
            op.regions.push(reader.region(self, op.name, RegionArgs::Given(args))?);
            self.expect(b'}')?;
        }
        Ok(operands)
    }

    /// The operation after `applies`.
    fn applied(&mut self) -> Result<BinaryOp, HloError> {
        let at = self.start;
        let (Token::Word(name) | Token::Str(name)) = self.token else {
            return Err(self.expected("an operation"));
        };
        self.advance()?;
        BinaryOp::ALL.into_iter().find(|&op| OpKind::Binary(op).name() == name).ok_or_else(|| {
            let names: Vec<_> = BinaryOp::ALL.into_iter().map(|op| OpKind::Binary(op).name()).collect();
            let name = super::cursor::shorten(name);
            self.error_at(at, format!("`applies {name}` is not supported; supported: {}", names.join(", ")))
        })
    }

    /// `%a: type`.
    pub(super) fn region_arg(&mut self) -> Result<(&'a str, TensorType), HloError> {
        let name = self.value_name()?;
        self.expect(b':')?;
        let ty = self.tensor_type()?;
        self.skip_loc()?;
        Ok((name, ty))
    }

    /// `(%a = %x, %b = %y) : types cond { … } do { … }`.
    fn while_loop(
        &mut self,
        op: &mut RawOp<'a>,
        reader: &mut dyn RegionReader<'a>,
    ) -> Result<Names<'a>, HloError> {
        let at = self.start;
        self.expect(b'(')?;
        let pairs = self.list(b')', |c| {
            let name = c.value_name()?;
            c.expect(b'=')?;
            Ok((name, c.operand()?))
        })?;
        self.expect(b':')?;
        op.operands.push(self.tensor_type()?);
        while self.eat(b',')? {
            op.operands.push(self.tensor_type()?);
        }
        op.results = op.operands.clone();
        if op.operands.len() != pairs.len() {
            return Err(self.error_at(
                at,
                format!("{} has {} operand(s) but {} type(s)", op.name, pairs.len(), op.operands.len()),
            ));
        }
        if self.eat_word("attributes")? {
            self.attr_dict(&mut op.attrs)?;
        }
        for part in ["cond", "do"] {
            self.expect_word(part)?;
            self.expect(b'{')?;
            let args = pairs.iter().map(|&(name, _)| name).zip(op.operands.iter().cloned()).collect();
            op.regions.push(reader.region(self, op.name, RegionArgs::Given(args))?);
            self.expect(b'}')?;
        }
        Ok(pairs.into_iter().map(|(_, operand)| operand).collect())
    }

    /// `: (types) -> type`, or shorter where the operation makes the rest plain: `: type`,
    /// `: type -> type`, `: pred_type, type`, and the barrier's `: type, type, …`.
    fn short_types(&mut self, op: &mut RawOp<'a>, operands: usize) -> Result<(), HloError> {
        self.expect(b':')?;
        if self.at(b'(') {
            op.operands = self.type_list()?;
            self.expect_arrow()?;
            op.results = self.result_types()?;
            return Ok(());
        }
        if op.name == BARRIER {
            op.operands.push(self.tensor_type()?);
            while self.eat(b',')? {
                op.operands.push(self.tensor_type()?);
            }
            op.results = op.operands.clone();
            return Ok(());
        }
        let first = self.tensor_type()?;
        if self.token == Token::Arrow {
            self.advance()?;
            op.operands = vec![first];
            op.results = self.result_types()?;
        } else if op.name == "stablehlo.select" && self.eat(b',')? {
            let ty = self.tensor_type()?;
            op.operands = vec![first, ty.clone(), ty.clone()];
            op.results = vec![ty];
        } else if op.name == NEXT_AFTER && self.eat(b',')? {
            op.operands = vec![first, self.tensor_type()?];
            self.expect_arrow()?;
            op.results = self.result_types()?;
        } else {
            op.operands = vec![first.clone(); operands];
            op.results = vec![first];
        }
        Ok(())
    }
}

/// A message if a stated type differs from the type known.
pub(super) fn same_type(what: &str, stated: &TensorType, known: &TensorType) -> Result<(), String> {
    if stated == known { Ok(()) } else { Err(format!("{what} is a {known}, but the text says {stated}")) }
}
