//! Instructions of a tile program that one loop can do together: fewer passes over the tile.
//!
//! An operator whose result only one other reads needs no stretch of its own. Each operation still rounds by itself.

use std::collections::HashMap;

use corex_hlo::ir::{CompareDir, DType, UnaryOp};
use corex_num::Isa;

use super::kernel::{Kernel, MapOp};
use super::tile::{Instr, Place, Reg, operands};

/// Combines instructions wherever that is possible.
pub(super) fn combine(isa: Isa, regs: &[Place], code: &mut Vec<Instr>) {
    for find in [small as Find, pair as Find] {
        let (mut at, mut uses) = (0, Uses::of(code));
        while at < code.len() {
            match find(isa, regs, code, &uses, at) {
                Some((instr, gone)) => {
                    code[at] = instr;
                    let mut position = 0..;
                    code.retain(|_| !position.next().is_some_and(|p| gone.contains(&p)));
                    at -= gone.len();
                    uses = Uses::of(code);
                }
                None => at += 1,
            }
        }
    }
}

/// What the instruction at a position becomes, and the earlier ones that it then includes.
type Find = fn(Isa, &[Place], &[Instr], &Uses, usize) -> Option<(Instr, Vec<usize>)>;

/// Who writes and how many instructions touch each register.
struct Uses {
    writer: HashMap<Reg, usize>,
    touched: HashMap<Reg, usize>,
}

impl Uses {
    fn of(code: &[Instr]) -> Self {
        let (mut writer, mut touched) = (HashMap::new(), HashMap::new());
        for (at, instr) in code.iter().enumerate() {
            for reg in operands(instr) {
                *touched.entry(reg).or_insert(0) += 1;
            }
            if let Instr::Map { out, .. } = instr {
                writer.insert(*out, at);
            }
        }
        Self { writer, touched }
    }

    /// The instruction that writes the register, if it is read `reads` times and does not exist outside the program.
    fn hidden(&self, regs: &[Place], reg: Reg, reads: usize) -> Option<usize> {
        let is_hidden =
            matches!(regs[reg], Place::Scratch(_)) && self.touched.get(&reg) == Some(&(reads + 1));
        self.writer.get(&reg).copied().filter(|_| is_hidden)
    }
}

/// `select(|x| < limit, other, x)`: how programs keep numbers away from the subnormal ones.
fn small(isa: Isa, regs: &[Place], code: &[Instr], uses: &Uses, at: usize) -> Option<(Instr, Vec<usize>)> {
    let Instr::Map { name: MapOp::Select, from: DType::F32, args: [seen, other, x], out, level, .. } =
        code[at]
    else {
        return None;
    };
    let compare_at = uses.hidden(regs, seen, 1)?;
    let Instr::Map { name: MapOp::Compare(CompareDir::Lt), from: DType::F32, args: [size, limit, _], .. } =
        code[compare_at]
    else {
        return None;
    };
    let abs_at = uses.hidden(regs, size, 1)?;
    let Instr::Map { name: MapOp::Unary(UnaryOp::Abs), args: [of, ..], .. } = code[abs_at] else {
        return None;
    };
    if of != x {
        return None;
    }
    let (name, kernel) = (MapOp::Select, Kernel::small(isa));
    let args = [x, limit, other];
    let instr = Instr::Map { name, kernel, from: DType::F32, any_nan: true, args, arity: 3, out, level };
    Some((instr, vec![compare_at, abs_at]))
}

/// Two sums, differences or products, one of the other.
fn pair(isa: Isa, regs: &[Place], code: &[Instr], uses: &Uses, at: usize) -> Option<(Instr, Vec<usize>)> {
    let binary = |at: usize| match code[at] {
        Instr::Map {
            name: MapOp::Binary(op), from: DType::F32, any_nan, args, arity: 2, out, level, ..
        } => Some((op, any_nan, args, out, level)),
        _ => None,
    };
    let (second, any_nan, [x, y, _], out, level) = binary(at)?;
    for (inner, other, is_left) in [(x, y, true), (y, x, false)] {
        let found = uses.hidden(regs, inner, 1).and_then(|at| Some((at, binary(at)?)));
        let Some((first_at, (first, _, [a, b, _], _, first_level))) = found else { continue };
        let Some(kernel) =
            Kernel::pair(isa, first, second, is_left, any_nan).filter(|_| first_level == level)
        else {
            continue;
        };
        let (name, args) = (MapOp::Binary(second), [a, b, other]);
        let instr = Instr::Map { name, kernel, from: DType::F32, any_nan, args, arity: 3, out, level };
        return Some((instr, vec![first_at]));
    }
    None
}
