//! Results that may have the bytes of an operand ([`super::in_place::donatable`]): when they are written.

use corex_num::accumulator::Step;

use super::tile::{Instr, Place, Reg, operands};
use super::view::BufferId;

/// Has sequences write what takes the place of an operand at once, where nothing reads that afterwards: `replaces` tells
/// which buffer's bytes a result may have.
pub(super) fn store_at_once(
    regs: &mut [Place],
    code: &mut Vec<Instr>,
    replaces: &dyn Fn(BufferId) -> Option<BufferId>,
) {
    let mut at = 0;
    while at < code.len() {
        let found = match &code[at] {
            Instr::Store { from, to, .. } => Some((*from, *to)).filter(|(from, to)| {
                let Place::Memory { buffer, .. } = regs[*to] else { return false };
                replaces(buffer).is_some_and(|replaced| is_last_to_use(regs, code, *from, replaced))
            }),
            _ => None,
        };
        match found {
            Some((from, to)) => {
                regs[from] = regs[to].clone();
                code.remove(at);
            }
            None => at += 1,
        }
    }
}

/// Whether a sequence writes the register, and all that reads the buffer is before that.
fn is_last_to_use(regs: &[Place], code: &[Instr], from: Reg, replaced: BufferId) -> bool {
    let is_of_buffer = |reg: &Reg| match &regs[*reg] {
        Place::Memory { buffer, .. } => *buffer == replaced,
        Place::Strided { load, .. } | Place::Fixed { load, .. } => load.buffer == replaced,
        Place::Scratch(_) => false,
    };
    let written = code.iter().enumerate().find_map(|(at, instr)| match instr {
        Instr::Sequence(sequence) if sequence.written.contains(&from) => Some((at, sequence)),
        _ => None,
    });
    let Some((at, sequence)) = written else { return false };
    let touches = |step: &Step, wanted: &dyn Fn(&Reg) -> bool| {
        step.slots().into_iter().flatten().any(|slot| wanted(&sequence.slots[usize::from(slot)].0))
    };
    let stored = sequence
        .steps
        .iter()
        .rposition(|step| touches(step, &|reg| *reg == from) && matches!(step, Step::Store(_)));
    let read = sequence.steps.iter().rposition(|step| touches(step, &is_of_buffer));
    // Each block of the replaced buffer is read before it is written; the others are as they were.
    read.is_none_or(|read| stored.is_some_and(|stored| read < stored))
        && code[at + 1..].iter().all(|instr| !operands(instr).iter().any(is_of_buffer))
}
