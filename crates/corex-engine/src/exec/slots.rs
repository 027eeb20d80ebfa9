//! Where the registers of a tile program are in its scratch area.

use std::collections::HashMap;

use super::loops::BLOCK;
use super::tile::{Instr, Place, Reg, operands, written};

/// Leaves a block of every repeated value that only kernels read: the first-level cache is for other things.
pub(super) fn shorten(regs: &mut [Place], code: &[Instr]) {
    let mut is_read_whole = vec![false; regs.len()];
    for instr in code {
        let takes_repeated = match instr {
            Instr::Map { kernel, .. } => kernel.takes_repeated(),
            Instr::Sequence(_) => true,
            _ => false,
        };
        if !takes_repeated {
            operands(instr).into_iter().for_each(|reg| is_read_whole[reg] = true);
        }
    }
    for (place, is_read_whole) in regs.iter_mut().zip(is_read_whole) {
        if let Place::Fixed { period: 1, count, slot, short, load } = place
            && !is_read_whole
        {
            (*count, *slot, *short) = (BLOCK, (BLOCK * load.size).next_multiple_of(64), true);
        }
    }
}

/// Gives every register that needs one a slot; slots are reused after a register's last use. Returns the bytes.
pub(super) fn assign_slots(regs: &mut [Place], code: &[Instr]) -> usize {
    let mut last = vec![0; regs.len()];
    for (at, instr) in code.iter().enumerate() {
        for reg in operands(instr) {
            last[reg] = at;
        }
    }
    let mut end = 0;
    let mut free: HashMap<usize, Vec<usize>> = HashMap::new();
    for place in regs.iter_mut() {
        if let Place::Fixed { slot, .. } = place {
            end += std::mem::replace(slot, end);
        }
    }
    let mut sizes: HashMap<Reg, usize> = HashMap::new();
    for (at, instr) in code.iter().enumerate() {
        for written in written(instr) {
            if let Place::Scratch(slot) | Place::Strided { slot, .. } = &mut regs[written] {
                let bytes = *slot;
                sizes.insert(written, bytes);
                *slot = free.get_mut(&bytes).and_then(Vec::pop).unwrap_or_else(|| {
                    end += bytes;
                    end - bytes
                });
            }
        }
        let mut dead: Vec<Reg> = operands(instr).into_iter().filter(|r| last[*r] == at).collect();
        dead.sort_unstable();
        dead.dedup();
        for reg in dead {
            if let (Some(bytes), Place::Scratch(slot) | Place::Strided { slot, .. }) =
                (sizes.remove(&reg), &regs[reg])
            {
                free.entry(bytes).or_default().push(*slot);
            }
        }
    }
    end
}
