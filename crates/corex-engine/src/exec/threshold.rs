//! Indices compared with one number: which parameters of a flat model decay, which positions are padding. There are a few long
//! runs of the same answer, so neither the indices nor their comparison are computed one by one.

use corex_hlo::ir::{CompareDir, DType};

use super::kernel::{Kernel, MapOp, read_word};
use super::tile::{Instr, Place, Reg, Uses};
use crate::reference;

/// Indices below this are the same in every integer type of 32 bits or more.
const LARGEST: usize = 1 << 31;

/// `iota < limit` or another inequality, where element `i` of the iota is `i / inner % size`.
#[derive(Clone, Copy)]
pub(super) struct Threshold {
    size: usize,
    inner: usize,
    /// Of the limit.
    dtype: DType,
    /// The indices that are below the limit, or not above it if `inclusive`, have this as their answer, the others do not.
    below: bool,
    inclusive: bool,
}

impl Threshold {
    /// Elements `first..first + n`, a byte each.
    ///
    /// # Safety
    /// `limit` is an element of the type, `out` has room for `n` bytes.
    pub unsafe fn run(&self, limit: *const u8, out: *mut u8, n: usize, first: usize) {
        // SAFETY: the caller's promise.
        let limit = reference::decode_int(self.dtype, unsafe { read_word(self.dtype, limit, 0) });
        let limit = limit + i128::from(self.inclusive);
        // Indices below this one are on the limit's left.
        let split = usize::try_from(limit.max(0)).unwrap_or(usize::MAX).min(self.size);
        let mut done = 0;
        while done < n {
            let at = first + done;
            let index = at / self.inner % self.size;
            let is_below = index < split;
            let end = if is_below { split } else { self.size };
            let run = ((end - index) * self.inner - at % self.inner).min(n - done);
            // SAFETY: the caller's promise.
            unsafe { out.add(done).write_bytes(u8::from(is_below == self.below), run) }
            done += run;
        }
    }
}

/// Makes one instruction of an iota and its comparison with one number.
pub(super) fn find(regs: &[Place], code: &mut Vec<Instr>) {
    let uses = Uses::of(code);
    let found: Vec<(usize, usize, Instr)> =
        (0..code.len()).filter_map(|at| threshold(regs, code, &uses, at)).collect();
    let absorbed: Vec<usize> = found.iter().map(|(_, iota, _)| *iota).collect();
    for (at, _, instr) in found {
        code[at] = instr;
    }
    let mut position = 0..;
    code.retain(|_| !position.next().is_some_and(|at| absorbed.contains(&at)));
}

/// The comparison at a position as such, with the position of the iota.
fn threshold(regs: &[Place], code: &[Instr], uses: &Uses, at: usize) -> Option<(usize, usize, Instr)> {
    let Instr::Map {
        name: name @ MapOp::Compare(dir),
        from: dtype,
        any_nan,
        args: [x, y, _],
        out,
        level,
        ..
    } = code[at]
    else {
        return None;
    };
    let iota = |reg: Reg| {
        let writer = uses.hidden(regs, reg)?;
        match code[writer] {
            Instr::Map { name: MapOp::Iota { size, inner }, .. } => Some((writer, size, inner)),
            _ => None,
        }
    };
    let is_one_number = |reg: Reg| matches!(regs[reg], Place::Fixed { period: 1, .. });
    let ((writer, size, inner), limit, is_left) = match (iota(x), iota(y)) {
        (Some(found), _) if is_one_number(y) => (found, y, true),
        (_, Some(found)) if is_one_number(x) => (found, x, false),
        _ => return None,
    };
    // As if the iota were on the left.
    let (below, inclusive) = match (dir, is_left) {
        (CompareDir::Lt, true) | (CompareDir::Gt, false) => (true, false),
        (CompareDir::Le, true) | (CompareDir::Ge, false) => (true, true),
        (CompareDir::Ge, true) | (CompareDir::Le, false) => (false, false),
        (CompareDir::Gt, true) | (CompareDir::Lt, false) => (false, true),
        (CompareDir::Eq | CompareDir::Ne, _) => return None,
    };
    if !dtype.is_int() || dtype.size() < 4 || size > LARGEST || inner == 0 {
        return None;
    }
    let kernel = Kernel::Threshold(Threshold { size, inner, dtype, below, inclusive });
    let instr = Instr::Map { name, kernel, from: dtype, any_nan, args: [limit; 3], arity: 1, out, level };
    Some((at, writer, instr))
}
