//! The order in which a sequence's maps are computed, and their steps.

use std::collections::{HashMap, HashSet};

use corex_num::accumulator::{BLOCK, Slot, Step};

use super::sequence::{Apply, Operation, Sequence};
use super::tile::{Place, Reg};

/// Orders the members so that each takes the accumulator from the one before where that is possible, and spells them out.
/// `touched` tells how often each register is touched, the members' own ones included.
pub(super) fn sequence(
    regs: &mut [Place],
    mut pending: Vec<Operation>,
    touched: &HashMap<Reg, usize>,
) -> Sequence {
    let mut unmade: HashSet<Reg> = pending.iter().map(|o| o.out).collect();
    let mut reads: HashMap<Reg, usize> = unmade.iter().map(|reg| (*reg, 0)).collect();
    for reg in pending.iter().flat_map(Operation::args) {
        *reads.entry(*reg).or_insert(0) += 1;
    }
    let is_seen = |reg: &Reg| !matches!(regs[*reg], Place::Scratch(_)) || touched[reg] > reads[reg] + 1;
    let seen: HashSet<Reg> = unmade.iter().copied().filter(is_seen).collect();
    // What nobody else sees: a block of it is enough, or nothing if it never leaves the accumulator.
    for reg in unmade.difference(&seen) {
        regs[*reg] = Place::Scratch(0);
    }
    let mut writer = Writer {
        regs,
        seen,
        slot_of: HashMap::new(),
        sequence: Sequence { names: Vec::new(), steps: Vec::new(), slots: Vec::new(), written: Vec::new() },
    };
    let mut acc: Option<Reg> = None;
    while !pending.is_empty() {
        let is_ready = |o: &Operation| o.args().iter().all(|reg| !unmade.contains(reg));
        let next = pending.iter().position(|o| acc.is_some_and(|acc| o.takes(acc)) && is_ready(o));
        let next = next.or_else(|| pending.iter().position(is_ready));
        let operation = pending.remove(next.expect("maps are in an order in which operands come first"));
        let taken = acc.filter(|acc| operation.takes(*acc));
        for reg in operation.args() {
            *reads.get_mut(reg).expect("counted above") -= 1;
        }
        if let Some(acc) = acc {
            // The operation itself may read it a second time, or where the accumulator cannot be.
            let from_memory =
                operation.args().iter().filter(|reg| **reg == acc).count() - usize::from(taken.is_some());
            writer.keep(acc, reads[&acc] + from_memory > 0);
        }
        unmade.remove(&operation.out);
        acc = Some(operation.out);
        writer.compute(&operation, taken);
    }
    if let Some(acc) = acc {
        writer.keep(acc, false);
    }
    writer.sequence
}

struct Writer<'a> {
    regs: &'a mut [Place],
    /// Results that others than the members see.
    seen: HashSet<Reg>,
    slot_of: HashMap<Reg, Slot>,
    sequence: Sequence,
}

impl Writer<'_> {
    /// Stores the accumulator in its register, if somebody reads it there.
    fn keep(&mut self, acc: Reg, is_read_later: bool) {
        if !is_read_later && !self.seen.contains(&acc) {
            return;
        }
        let size = if self.seen.contains(&acc) {
            size_of::<f32>()
        } else {
            self.regs[acc] = Place::Scratch(BLOCK * size_of::<f32>());
            0
        };
        let slot = self.slot(acc, size);
        self.sequence.written.push(acc);
        self.sequence.steps.push(Step::Store(slot));
    }

    fn slot(&mut self, reg: Reg, size: usize) -> Slot {
        let slots = &mut self.sequence.slots;
        *self.slot_of.entry(reg).or_insert_with(|| {
            slots.push((reg, size));
            Slot::try_from(slots.len() - 1).expect("a group has few nodes")
        })
    }

    /// Makes the accumulator what is in the register, unless it is that.
    fn load(&mut self, reg: Reg, acc: Option<Reg>) {
        if acc != Some(reg) {
            let step = Step::Load(self.number(reg));
            self.sequence.steps.push(step);
        }
    }

    fn number(&mut self, reg: Reg) -> Slot {
        self.slot(reg, size_of::<f32>())
    }

    /// The operation's steps. `acc` is the operand that is in the accumulator.
    fn compute(&mut self, operation: &Operation, acc: Option<Reg>) {
        let [a, b, c] = operation.args;
        let is_second = |first: Reg| acc.is_some_and(|acc| acc != first);
        let step = match operation.apply {
            Apply::Binary(_, reversed) if is_second(a) => reversed(self.number(a)),
            Apply::Binary(straight, _) => {
                self.load(a, acc);
                straight(self.number(b))
            }
            Apply::Unary(step) => {
                self.load(a, acc);
                step
            }
            Apply::Select if is_second(b) => Step::Replace { seen: self.slot(a, 1), other: self.number(b) },
            Apply::Select => {
                self.load(b, acc);
                Step::Keep { seen: self.slot(a, 1), other: self.number(c) }
            }
            Apply::Clamp => {
                self.load(b, acc);
                let low = Step::Max(self.number(a));
                self.sequence.steps.push(low);
                Step::Min(self.number(c))
            }
            Apply::Small => {
                self.load(a, acc);
                Step::Small { limit: self.number(b), other: self.number(c) }
            }
        };
        self.sequence.steps.push(step);
        self.sequence.steps.extend(operation.canonical.then_some(Step::Canonical));
        self.sequence.names.push(operation.name);
    }
}
