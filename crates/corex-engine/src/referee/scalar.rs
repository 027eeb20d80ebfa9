//! Scalar functions on bits.

use corex_hlo::ir::DType;
use corex_hlo::lower::{Body, Scalar, Step};

use super::RefereeError;
use crate::reference::{binary, clamp, compare, compare_total, convert, reduce_precision, unary};

/// A function of elements of `dtype`; the predicate of a selection is an i1.
pub(super) fn apply(function: Scalar, dtype: DType, args: &[u64]) -> Result<u64, RefereeError> {
    let result = match (function, args) {
        (Scalar::Copy | Scalar::Bitcast(_), &[x]) => Some(x),
        (Scalar::Unary(op), &[x]) => unary(op, dtype, x),
        (Scalar::Binary(op), &[x, y]) => binary(op, dtype, x, y),
        (Scalar::Compare(dir), &[x, y]) => Some(u64::from(compare(dir, dtype, x, y))),
        (Scalar::CompareTotal(dir), &[x, y]) => Some(u64::from(compare_total(dir, dtype, x, y))),
        (Scalar::Select, &[pred, x, y]) => Some(if pred == 1 { x } else { y }),
        (Scalar::Clamp, &[low, x, high]) => clamp(dtype, low, x, high),
        (Scalar::Convert(to), &[x]) => Some(convert(dtype, to, x)),
        (Scalar::ReducePrecision { exponent_bits, mantissa_bits }, &[x]) => {
            Some(reduce_precision(dtype, exponent_bits.into(), mantissa_bits.into(), x))
        }
        _ => None,
    };
    result.ok_or(RefereeError::Malformed)
}

/// The results of a body on these arguments.
pub(super) fn run(body: &Body, args: Vec<u64>) -> Result<Vec<u64>, RefereeError> {
    let mut registers = args;
    let get = |registers: &[u64], r: &u32| registers.get(*r as usize).copied().ok_or(RefereeError::Malformed);
    for step in &body.steps {
        let word = match step {
            Step::Literal { bits, .. } => *bits,
            Step::Apply { function, dtype, args } => {
                let args = args.iter().map(|r| get(&registers, r)).collect::<Result<Vec<_>, _>>()?;
                apply(*function, *dtype, &args)?
            }
        };
        registers.push(word);
    }
    body.results.iter().map(|r| get(&registers, r)).collect()
}
