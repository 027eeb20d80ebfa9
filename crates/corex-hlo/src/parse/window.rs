//! Windows and convolutions as text.

use super::attrs::Attr;
use super::cursor::{Cursor, shorten};
use super::kind::RawOp;
use super::lexer::Token;
use super::ops::Names;
use crate::error::HloError;
use crate::ir::*;

impl<'a> Cursor<'a> {
    /// `true`, `false`, 0 or 1.
    pub(super) fn boolean(&mut self) -> Result<i64, HloError> {
        match self.token {
            Token::Word(word @ ("true" | "false")) => {
                self.advance()?;
                Ok(i64::from(word == "true"))
            }
            _ => self.integer(),
        }
    }

    /// `[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]`.
    pub(super) fn conv_layouts(&mut self) -> Result<Box<[ConvLayout; 3]>, HloError> {
        let lhs = self.conv_layout(["b", "f"])?;
        self.expect_word("x")?;
        let rhs = self.conv_layout(["o", "i"])?;
        self.expect_arrow()?;
        Ok(Box::new([lhs, rhs, self.conv_layout(["b", "f"])?]))
    }

    /// `[b, 0, 1, f]`: what every dimension is, spatial ones by number.
    fn conv_layout(&mut self, names: [&str; 2]) -> Result<ConvLayout, HloError> {
        let at = self.start;
        self.expect(b'[')?;
        let dims = self.list(b']', |c| c.advance())?;
        let position = |token: Token<'_>| dims.iter().position(|&d| d == token);
        let [batch, feature] = names.map(|name| position(Token::Word(name)));
        let spatial = dims.len().saturating_sub(2);
        let spatial: Option<Vec<_>> = (0..spatial).map(|i| position(Token::Number(&i.to_string()))).collect();
        match (batch, feature, spatial) {
            (Some(batch), Some(feature), Some(spatial)) => Ok(ConvLayout { batch, feature, spatial }),
            _ => {
                let message = format!("expected `{}`, `{}` and 0, 1, … in some order", names[0], names[1]);
                Err(self.error_at(at, message))
            }
        }
    }

    /// `(%a, %b) dim_numbers = …, window = {stride = [1], pad = [[0, 0]], …}`.
    pub(super) fn convolution(&mut self, op: &mut RawOp<'a>) -> Result<Names<'a>, HloError> {
        self.expect(b'(')?;
        let operands = self.list(b')', |c| {
            let at = c.start;
            Ok((c.value_name()?, at))
        })?;
        self.expect_word("dim_numbers")?;
        self.expect(b'=')?;
        op.attrs.push("dimension_numbers", Attr::Conv(self.conv_layouts()?));
        self.expect(b',')?;
        self.expect_word("window")?;
        self.expect(b'=')?;
        self.expect(b'{')?;
        self.list(b'}', |c| {
            let at = c.start;
            let name = match c.word("`stride`, `pad`, `lhs_dilate`, `rhs_dilate` or `reverse`")? {
                "stride" => "window_strides",
                "pad" => "padding",
                "lhs_dilate" => "lhs_dilation",
                "rhs_dilate" => "rhs_dilation",
                "reverse" => "window_reversal",
                other => {
                    return Err(c.error_at(at, format!("a window has no `{}`", shorten(other))));
                }
            };
            c.expect(b'=')?;
            c.expect(b'[')?;
            let values = if name == "padding" {
                let pair = |c: &mut Self| c.integers();
                c.list(b']', pair)?.concat()
            } else {
                c.list(b']', Self::boolean)?
            };
            op.attrs.push(name, Attr::Ints(values));
            Ok(())
        })?;
        Ok(operands)
    }
}

impl RawOp<'_> {
    /// An attribute of one number per window dimension; `default` for all where it is absent.
    fn per_dim(&mut self, names: &[&str], rank: usize, default: i64) -> Result<Vec<i64>, String> {
        let values = match self.attrs.take(names) {
            None => vec![default; rank],
            Some(Attr::Ints(values)) => values,
            Some(Attr::Literal(literal)) => integers(&literal)
                .ok_or_else(|| format!("attribute `{}` of {} must be integers", names[0], self.name))?,
            Some(_) => return Err(format!("attribute `{}` of {} must be integers", names[0], self.name)),
        };
        if values.len() != rank {
            return Err(format!("attribute `{}` of {} must have {rank} entries", names[0], self.name));
        }
        Ok(values)
    }

    /// The windows over dimensions with these sizes of the window.
    fn window_of(&mut self, sizes: Vec<i64>) -> Result<Vec<WindowDim>, String> {
        let rank = sizes.len();
        let strides = self.per_dim(&["window_strides"], rank, 1)?;
        let padding = self.per_dim(&["padding"], 2 * rank, 0)?;
        let base = self.per_dim(&["base_dilations", "lhs_dilation"], rank, 1)?;
        let window = self.per_dim(&["window_dilations", "rhs_dilation"], rank, 1)?;
        let name = self.name;
        let positive = |n: i64| {
            usize::try_from(n).map_err(|_| format!("a window of {name} has the negative number {n}"))
        };
        let dim = |d: usize| {
            Ok(WindowDim {
                size: positive(sizes[d])?,
                stride: positive(strides[d])?,
                low: padding[2 * d],
                high: padding[2 * d + 1],
                base_dilation: positive(base[d])?,
                window_dilation: positive(window[d])?,
            })
        };
        (0..rank).map(dim).collect()
    }

    /// The window of `reduce_window` and `select_and_scatter`.
    pub(super) fn window(&mut self) -> Result<Vec<WindowDim>, String> {
        let sizes = match self.attrs.take(&["window_dimensions"]) {
            Some(Attr::Ints(sizes)) => sizes,
            // All dimensions of the operand, as a scalar has none.
            None if self.operands.first().is_some_and(|ty| ty.rank() == 0) => Vec::new(),
            _ => return Err(format!("{} needs attribute `window_dimensions`", self.name)),
        };
        self.window_of(sizes)
    }

    pub(super) fn select_and_scatter(&mut self) -> Result<OpKind, String> {
        let window = self.window()?;
        match (self.select, self.reducer) {
            (Some(select), Some(scatter)) => Ok(OpKind::SelectAndScatter { window, select, scatter }),
            (None, _) => Err(format!("the first body of {} must compare its two arguments", self.name)),
            (_, None) => {
                Err(format!("the second body of {} must be one add, multiply, maximum or minimum", self.name))
            }
        }
    }

    pub(super) fn convolution(&mut self) -> Result<ConvDims, String> {
        let Some(Attr::Conv(layouts)) = self.attrs.take(&["dimension_numbers"]) else {
            return Err(format!("{} needs attribute `dimension_numbers`", self.name));
        };
        let [lhs, rhs, result] = *layouts;
        let kernel = self.operands.get(1);
        let sizes = rhs.spatial.iter().map(|&d| kernel.and_then(|ty| ty.shape.get(d)).copied());
        let sizes: Option<Vec<i64>> = sizes.map(|n| i64::try_from(n?).ok()).collect();
        let sizes = sizes.ok_or_else(|| format!("the kernel of {} has too few dimensions", self.name))?;
        let reversal = self.per_dim(&["window_reversal"], sizes.len(), 0)?;
        let window = self.window_of(sizes)?;
        let mut groups = |name: &str| match self.attrs.take(&[name]) {
            None => Ok(1),
            Some(Attr::Ints(values)) if values.len() == 1 && values[0] > 0 => Ok(values[0] as usize),
            Some(_) => {
                Err(format!("attribute `{name}` of stablehlo.convolution must be one positive integer"))
            }
        };
        Ok(ConvDims {
            feature_groups: groups("feature_group_count")?,
            batch_groups: groups("batch_group_count")?,
            lhs,
            rhs,
            result,
            window,
            reversal: reversal.into_iter().map(|r| r != 0).collect(),
        })
    }
}

/// The elements of an i64 constant, row-major, if there are not too many.
fn integers(literal: &Literal) -> Option<Vec<i64>> {
    let n = literal.ty.elements();
    if literal.ty.dtype != DType::I64 || n > 2 * crate::verify::MAX_RANK {
        return None;
    }
    let value = |b: &[u8]| i64::from_le_bytes(b.try_into().expect("chunks of 8"));
    Some(match &literal.data {
        LiteralData::Splat(bytes) => vec![value(bytes.get(..8)?); n],
        LiteralData::Dense(bytes) => bytes.chunks_exact(8).map(value).collect(),
    })
}
