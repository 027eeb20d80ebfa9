//! Loops that count: how often a `while` runs, where the program's text says so.

use crate::ir::*;

impl Literal {
    /// The value of an integer scalar, if it fits.
    pub fn to_i64(&self) -> Option<i64> {
        let (LiteralData::Splat(bytes) | LiteralData::Dense(bytes)) = &self.data;
        if self.ty.rank() != 0 || !self.ty.dtype.is_int() || bytes.len() != self.ty.dtype.size() {
            return None;
        }
        let fill = if self.ty.dtype.is_signed_int() && bytes.last()? >> 7 == 1 { 0xFF } else { 0 };
        let mut wide = [fill; 8];
        wide[..bytes.len()].copy_from_slice(bytes);
        let value = i64::from_le_bytes(wide);
        (self.ty.dtype.is_signed_int() || value >= 0).then_some(value)
    }
}

/// How often the loop `op` of `caller` evaluates its body, if it is a loop that counts: the condition compares a
/// carried integer with a bound, the body adds a constant to that integer, and start and bound are constants of
/// the caller or of the functions themselves. This is what `lax.scan` and `lax.fori_loop` with static bounds
/// become.
///
/// All three functions must be flat (see [`crate::inline_calls`]), `cond` and `body` being the loop's own.
pub fn trip_count(caller: &Func, op: &Op, cond: &Func, body: &Func) -> Option<u64> {
    let test = produced_by(cond, *cond.results.first()?)?;
    let OpKind::Compare(dir) = test.kind else { return None };
    let [left, right] = test.operands[..] else { return None };
    let carried = op.results.len();
    // The counter may stand on either side.
    let counter = |v: ValueId| position(cond, v).filter(|&i| i < carried && counts(body, i).is_some());
    let (at, bound, dir) = match (counter(left), counter(right)) {
        (Some(at), _) => (at, right, dir),
        (None, Some(at)) => (at, left, mirrored(dir)),
        (None, None) => return None,
    };
    let dtype = cond.ty(left).dtype;
    let step = i128::from(counts(body, at)?);
    let start = i128::from(constant(caller, *op.operands.get(at)?)?);
    let bound = match position(cond, bound) {
        // A bound that is carried must stay what it was.
        Some(i) if i >= carried || body.results.get(i) == body.params.get(i) => {
            constant(caller, *op.operands.get(i)?)?
        }
        Some(_) => return None,
        None => constant(cond, bound)?,
    };
    let bound = i128::from(bound);
    let distance = match dir {
        CompareDir::Lt if step > 0 => bound - start,
        CompareDir::Le if step > 0 => bound - start + 1,
        CompareDir::Gt if step < 0 => start - bound,
        CompareDir::Ge if step < 0 => start - bound + 1,
        CompareDir::Ne if step != 0 && (bound - start) % step == 0 && (bound - start) / step >= 0 => {
            (bound - start) * step.signum()
        }
        _ => return None,
    };
    let trips = u64::try_from((distance.max(0) + step.abs() - 1) / step.abs()).ok()?;
    // The counter must reach the end without wrapping around.
    let bits = 8 * dtype.size() as u32 - u32::from(dtype.is_signed_int());
    let limits = if dtype.is_signed_int() { -(1 << bits)..1_i128 << bits } else { 0..1_i128 << bits };
    limits.contains(&(start + i128::from(trips) * step)).then_some(trips)
}

/// The operation that computes a value.
fn produced_by(func: &Func, v: ValueId) -> Option<&Op> {
    func.ops.iter().find(|op| op.results.contains(&v))
}

/// Which parameter a value is.
fn position(func: &Func, v: ValueId) -> Option<usize> {
    func.params.iter().position(|&p| p == v)
}

fn constant(func: &Func, v: ValueId) -> Option<i64> {
    match &produced_by(func, v)?.kind {
        OpKind::Constant(literal) => literal.to_i64(),
        _ => None,
    }
}

/// What the body adds to carried value `at`, if it is an integer and that is all it does to it.
fn counts(body: &Func, at: usize) -> Option<i64> {
    let (&result, &param) = (body.results.get(at)?, body.params.get(at)?);
    let op = produced_by(body, result)?;
    match (&op.kind, &op.operands[..]) {
        (OpKind::Binary(BinaryOp::Add), &[a, b]) if a == param => constant(body, b),
        (OpKind::Binary(BinaryOp::Add), &[a, b]) if b == param => constant(body, a),
        (OpKind::Binary(BinaryOp::Subtract), &[a, b]) if a == param => constant(body, b)?.checked_neg(),
        _ => None,
    }
}

/// The comparison with its sides exchanged.
fn mirrored(dir: CompareDir) -> CompareDir {
    match dir {
        CompareDir::Lt => CompareDir::Gt,
        CompareDir::Le => CompareDir::Ge,
        CompareDir::Gt => CompareDir::Lt,
        CompareDir::Ge => CompareDir::Le,
        CompareDir::Eq | CompareDir::Ne => dir,
    }
}
