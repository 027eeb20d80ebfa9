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

/// The comparison by which `jnp.argmax` (`Gt`) or `jnp.argmin` (`Lt`) of f32 folds a value and its i32 index.
pub(super) fn arg_extremum(func: &Func) -> Option<CompareDir> {
    let types: Vec<DType> = func.params.iter().map(|p| func.ty(*p).dtype).collect();
    if types != [DType::F32, DType::I32, DType::F32, DType::I32] {
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

/// A strict weak order of single elements that has integer keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct KeyOrder {
    dtype: DType,
    descending: bool,
    /// Zeros are equal and NaN are equal, as `jnp.sort` has it; otherwise floats are in IEEE 754's total order.
    merges: bool,
}

/// The order if the comparator looks at the first operand only and is `lt` or `gt`: of integers, of floats in total
/// order, or of f32 as `jnp.sort` compares them.
pub(super) fn key_order(func: &Func) -> Option<KeyOrder> {
    let dtype = func.ty(*func.params.first()?).dtype;
    let expressions = expressions(func)?;
    let [text] = &expressions[..] else { return None };
    let lt = if dtype.is_float() { "total-lt" } else { "lt" };
    let gt = if dtype.is_float() { "total-gt" } else { "gt" };
    let merged = |p: &str| format!("select(ne({p},{p}),#7fc00000,select(eq({p},#00000000),#00000000,{p}))");
    for merges in [false, true] {
        let [a, b] = if merges { [merged("p0"), merged("p1")] } else { ["p0".into(), "p1".into()] };
        if merges && dtype != DType::F32 {
            return None;
        }
        if *text == format!("{lt}({a},{b})") || *text == format!("{gt}({b},{a})") {
            return Some(KeyOrder { dtype, descending: false, merges });
        }
        if *text == format!("{gt}({a},{b})") || *text == format!("{lt}({b},{a})") {
            return Some(KeyOrder { dtype, descending: true, merges });
        }
    }
    None
}

impl KeyOrder {
    /// Keys of unsigned integers that sort as the elements do.
    pub fn key(self, mut word: u64) -> u64 {
        let bits = 8 * self.dtype.size() as u32;
        let (sign, all) = (1 << (bits - 1), u64::MAX >> (64 - bits));
        if self.merges {
            let x = f32::from_bits(word as u32);
            word = if x.is_nan() {
                0x7FC0_0000
            } else if x == 0.0 {
                0
            } else {
                word
            };
        }
        let key = match self.dtype {
            dtype if dtype.is_float() && word & sign != 0 => all - word,
            dtype if dtype.is_float() || dtype.is_signed_int() => word ^ sign,
            _ => word,
        };
        if self.descending { all - key } else { key }
    }
}
