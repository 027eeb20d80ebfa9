//! What a scalar function computes, as text: to recognise the few bodies that have a loop of their own.

use corex_hlo::ir::{CompareDir, DType, Func, LiteralData, OpKind, ValueId};

/// Longer expressions are not recognised, so they need not be written out. (Shared values are written once per
/// use, so that length is not bounded by the number of operations.)
const LONGEST: usize = 2000;

/// The expression of every result, parameters called `p0`, `p1`, …; `None` if one is very long.
pub(super) fn expressions(func: &Func) -> Option<Vec<String>> {
    func.results
        .iter()
        .map(|v| {
            let mut text = String::new();
            write(func, *v, &mut text)?;
            Some(text)
        })
        .collect()
}

fn write(func: &Func, v: ValueId, out: &mut String) -> Option<()> {
    if out.len() > LONGEST {
        return None;
    }
    if let Some(i) = func.params.iter().position(|p| *p == v) {
        out.push_str(&format!("p{i}"));
        return Some(());
    }
    let op = func.ops.iter().find(|op| op.results.contains(&v))?;
    match &op.kind {
        OpKind::Constant(literal) => {
            let (LiteralData::Splat(bytes) | LiteralData::Dense(bytes)) = &literal.data;
            out.push('#');
            bytes.iter().rev().for_each(|byte| out.push_str(&format!("{byte:02x}")));
            return Some(());
        }
        OpKind::Compare(dir) => out.push_str(&format!("{dir:?}").to_lowercase()),
        OpKind::CompareTotal(dir) => out.push_str(&format!("total-{dir:?}").to_lowercase()),
        OpKind::ReducePrecision { exponent_bits, mantissa_bits } => {
            out.push_str(&format!("precision-{exponent_bits}-{mantissa_bits}"));
        }
        OpKind::Convert(to) => out.push_str(&format!("convert-{}", to.name())),
        OpKind::BitcastConvert(to) => out.push_str(&format!("bitcast-{}", to.name())),
        kind => out.push_str(kind.name().rsplit('.').next()?),
    }
    out.push('(');
    for (i, operand) in op.operands.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write(func, *operand, out)?;
    }
    out.push(')');
    Some(())
}

/// The comparison by which `jnp.argmax` (`Gt`) or `jnp.argmin` (`Lt`) folds an f32 or integer and its index.
pub(super) fn arg_extremum(func: &Func) -> Option<CompareDir> {
    let types: Vec<DType> = func.params.iter().map(|p| func.ty(*p).dtype).collect();
    let [value, index, ..] = types[..] else { return None };
    if types != [value, index, value, index] || !index.is_int() || (value.is_float() && value != DType::F32) {
        return None;
    }
    let expressions = expressions(func)?;
    let directions = [CompareDir::Gt, CompareDir::Lt];
    directions.into_iter().find(|dir| {
        let wins = format!("or({}(p0,p2),ne(p0,p0))", format!("{dir:?}").to_lowercase());
        let value = format!("select({wins},p0,p2)");
        let index = format!("select(or({wins},and(eq(p0,p2),lt(p1,p3))),p1,p3)");
        expressions == [value, index]
    })
}

/// A strict weak order of an operand's elements that has integer keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct KeyOrder {
    /// The operand of the sort.
    pub operand: usize,
    dtype: DType,
    descending: bool,
    floats: Floats,
}

/// How floats are ordered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Floats {
    /// IEEE 754's total order.
    Total,
    /// The same with equal zeros and equal NaN, as `jnp.sort` has it.
    Merged,
    /// By value: zeros are equal, and with NaN it is no order.
    Value,
}

/// The orders of which the comparator is the lexicographic one: each by `lt` or `gt` of integers, of floats in total
/// order or by value, or of floats as `jnp.sort` compares them.
pub(super) fn key_orders(func: &Func) -> Option<Vec<KeyOrder>> {
    let expressions = expressions(func)?;
    let [text] = &expressions[..] else { return None };
    let mut keys = Vec::new();
    let mut rest = &text[..];
    while let Some((key, then)) = first_key(func, rest) {
        keys.push(key);
        match then {
            Some(then) => rest = then,
            None => return Some(keys),
        }
    }
    None
}

/// The key that decides first, and the expression that decides where it is equal.
fn first_key<'t>(func: &Func, text: &'t str) -> Option<(KeyOrder, Option<&'t str>)> {
    for operand in 0..func.params.len() / 2 {
        let dtype = func.ty(func.params[2 * operand]).dtype;
        let (p, q) = (format!("p{}", 2 * operand), format!("p{}", 2 * operand + 1));
        let modes: &[Floats] =
            if dtype.is_float() { &[Floats::Total, Floats::Merged, Floats::Value] } else { &[Floats::Value] };
        for floats in modes.iter().copied() {
            let [a, b] = match floats {
                Floats::Merged => [merged(dtype, &p), merged(dtype, &q)],
                _ => [p.clone(), q.clone()],
            };
            let total = if floats == Floats::Value { "" } else { "total-" };
            for descending in [false, true] {
                let (up, down) = if descending { ("gt", "lt") } else { ("lt", "gt") };
                let key = KeyOrder { operand, dtype, descending, floats };
                for precedes in [format!("{total}{up}({a},{b})"), format!("{total}{down}({b},{a})")] {
                    if text == precedes {
                        return Some((key, None));
                    }
                    let then = text.strip_prefix(&format!("or({precedes},and({total}eq({a},{b}),"));
                    if let Some(then) = then.and_then(|text| text.strip_suffix("))")) {
                        return Some((key, Some(then)));
                    }
                }
            }
        }
    }
    None
}

/// What `jnp.sort` compares in the place of a float: one zero and one NaN.
fn merged(dtype: DType, p: &str) -> String {
    let (nan, zero) = match dtype {
        DType::F32 => ("7fc00000", "00000000"),
        DType::BF16 => ("7fc0", "0000"),
        _ => ("7e00", "0000"),
    };
    format!("select(ne({p},{p}),#{nan},select(eq({p},#{zero}),#{zero},{p}))")
}

impl KeyOrder {
    /// Whether keys have at most 32 bits.
    pub fn is_short(self) -> bool {
        self.dtype.size() <= 4
    }

    /// Whether the order holds for this element.
    pub fn holds(self, word: u64) -> bool {
        !self.dtype.is_float() || self.floats != Floats::Value || !self.is_nan(word)
    }

    fn is_nan(self, word: u64) -> bool {
        let (size, infinity) = match self.dtype {
            DType::F32 => (0x7FFF_FFFF, 0x7F80_0000),
            DType::BF16 => (0x7FFF, 0x7F80),
            _ => (0x7FFF, 0x7C00),
        };
        word & size > infinity
    }

    /// Keys of unsigned integers that sort as the elements do.
    pub fn key(self, mut word: u64) -> u64 {
        let bits = 8 * self.dtype.size() as u32;
        let (sign, all) = (1 << (bits - 1), u64::MAX >> (64 - bits));
        if self.dtype.is_float() && self.floats != Floats::Total {
            if self.is_nan(word) {
                // The largest key of all, whichever NaN it is.
                word = all ^ sign;
            } else if word & !sign == 0 {
                word = 0;
            }
        }
        let key = match self.dtype {
            dtype if dtype.is_float() && word & sign != 0 => all - word,
            dtype if dtype.is_float() || dtype.is_signed_int() => word ^ sign,
            _ => word,
        };
        if self.descending { all - key } else { key }
    }
}
