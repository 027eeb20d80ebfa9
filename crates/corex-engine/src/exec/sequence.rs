//! Maps of a tile program that are computed together: block by block, by corex-num's [accumulator
//! machine](corex_num::accumulator). What only they read of each other takes no more memory than a block, mostly none.

use std::collections::{HashMap, HashSet};

use corex_hlo::ir::{BinaryOp, CompareDir, DType, UnaryOp};
use corex_num::accumulator::{BLOCK, Slot, Step};

use super::fuse::Level;
use super::kernel::MapOp;
use super::tile::{Instr, Place, Reg, Uses, operands};
use super::view::BufferId;

/// Maps of a sequence, at least. Where other instructions part them the processor has to learn anew what follows what, which
/// takes as long as a map or two.
const SHORTEST: usize = 2;
const SHORTEST_BETWEEN_FOLDS: usize = 4;

/// Maps as steps of the accumulator machine.
pub(super) struct Sequence {
    /// What is computed, for descriptions.
    pub names: Vec<MapOp>,
    pub steps: Vec<Step>,
    /// Per slot its register, and the bytes of an element; 0 where every block uses the same ones.
    pub slots: Vec<(Reg, usize)>,
    /// The registers that it writes.
    pub written: Vec<Reg>,
}

/// Makes sequences of maps that the machine can compute and that follow each other, or can be made to.
pub(super) fn combine(regs: &mut [Place], code: Vec<Instr>) -> Vec<Instr> {
    let has_folds = code.iter().any(|instr| matches!(instr, Instr::Fold { .. }));
    let shortest = if has_folds { SHORTEST_BETWEEN_FOLDS } else { SHORTEST };
    let items = items(regs, code);
    let mut touched: HashMap<Reg, usize> = HashMap::new();
    for reg in items.iter().flat_map(Item::operands) {
        *touched.entry(reg).or_insert(0) += 1;
    }
    let (mut code, mut items) = (Vec::new(), items.into_iter().peekable());
    while let Some(item) = items.next() {
        let first = match item {
            Item::Other(instr) => {
                code.push(instr);
                continue;
            }
            Item::Operation(operation) => operation,
        };
        let (mut written, mut members) = (HashSet::from([first.out]), vec![first]);
        // Others go before the sequence, up to the first that needs something of it.
        while let Some(item) = items.next_if(|item| match item {
            Item::Operation(_) => true,
            // A store may take the place of what members read.
            Item::Other(Instr::Store { .. }) => false,
            Item::Other(instr) => operands(instr).iter().all(|reg| !written.contains(reg)),
        }) {
            match item {
                Item::Other(instr) => code.push(instr),
                Item::Operation(operation) => {
                    written.insert(operation.out);
                    members.push(operation);
                }
            }
        }
        if members.len() < shortest && members.iter().all(|member| member.alone.is_some()) {
            code.extend(members.into_iter().filter_map(|member| member.alone));
        } else {
            code.push(Instr::Sequence(sequence(regs, members, &touched)));
        }
    }
    code
}

/// An instruction that may become part of a sequence, or another one.
enum Item {
    Operation(Operation),
    Other(Instr),
}

impl Item {
    fn operands(&self) -> Vec<Reg> {
        match self {
            Self::Operation(operation) => operation.args().iter().copied().chain([operation.out]).collect(),
            Self::Other(instr) => operands(instr),
        }
    }
}

/// What the machine can do for a map.
#[derive(Clone, Copy)]
enum Apply {
    /// With the accumulator as the left operand, and as the right one.
    Binary(fn(Slot) -> Step, fn(Slot) -> Step),
    Unary(Step),
    /// Operands: predicate, on true, on false.
    Select,
    /// Operands: low, x, high.
    Clamp,
    /// Operands: x, limit, other. `select(|x| < limit, other, x)`: how programs keep numbers away from the subnormal ones.
    Small,
}

struct Operation {
    apply: Apply,
    /// For descriptions.
    name: MapOp,
    args: [Reg; 3],
    arity: usize,
    out: Reg,
    /// NaN must be made so.
    canonical: bool,
    /// The instruction that computes it alone, if there is one.
    alone: Option<Instr>,
}

impl Operation {
    fn args(&self) -> &[Reg] {
        &self.args[..self.arity]
    }

    /// Whether the accumulator can be the operand in this register.
    fn takes(&self, acc: Reg) -> bool {
        let [a, b, c] = self.args;
        match self.apply {
            Apply::Binary(..) => a == acc || b == acc,
            Apply::Unary(_) | Apply::Small => a == acc,
            Apply::Select => b == acc || c == acc,
            Apply::Clamp => b == acc,
        }
    }
}

/// The code with what the machine can compute marked.
fn items(regs: &[Place], code: Vec<Instr>) -> Vec<Item> {
    let uses = Uses::of(&code);
    let small: HashMap<usize, Small> =
        (0..code.len()).filter_map(|at| Some((at, small(regs, &code, &uses, at)?))).collect();
    let absorbed: HashSet<usize> = small.values().flat_map(|small| small.absorbed).collect();
    let rest = code.into_iter().enumerate().filter(|(at, _)| !absorbed.contains(at));
    rest.map(|(at, instr)| item(instr, small.get(&at))).collect()
}

fn item(instr: Instr, small: Option<&Small>) -> Item {
    let Instr::Map { name, from: DType::F32, any_nan, args, arity, out, level: Level::Full, .. } = instr
    else {
        return Item::Other(instr);
    };
    use {BinaryOp as B, UnaryOp as U};
    let (apply, keeps_nan) = match name {
        MapOp::Binary(B::Add) => (Apply::Binary(Step::Add, Step::Add), true),
        MapOp::Binary(B::Subtract) => (Apply::Binary(Step::Subtract, Step::SubtractFrom), true),
        MapOp::Binary(B::Multiply) => (Apply::Binary(Step::Multiply, Step::Multiply), true),
        MapOp::Binary(B::Divide) => (Apply::Binary(Step::Divide, Step::DivideInto), true),
        MapOp::Binary(B::Maximum) => (Apply::Binary(Step::Max, Step::Max), false),
        MapOp::Binary(B::Minimum) => (Apply::Binary(Step::Min, Step::Min), false),
        MapOp::Unary(U::Negate) => (Apply::Unary(Step::Negate), true),
        MapOp::Unary(U::Abs) => (Apply::Unary(Step::Abs), true),
        MapOp::Unary(U::Sqrt) => (Apply::Unary(Step::Sqrt), true),
        MapOp::Unary(U::Rsqrt) => (Apply::Unary(Step::Rsqrt), true),
        MapOp::Select => (Apply::Select, false),
        MapOp::Clamp => (Apply::Clamp, false),
        _ => return Item::Other(instr),
    };
    let operation =
        Operation { apply, name, args, arity, out, canonical: keeps_nan && !any_nan, alone: Some(instr) };
    Item::Operation(match small {
        Some(small) => Operation { apply: Apply::Small, args: small.args, alone: None, ..operation },
        None => operation,
    })
}

/// See [`Apply::Small`].
struct Small {
    args: [Reg; 3],
    /// The magnitude and the comparison.
    absorbed: [usize; 2],
}

/// The `select` at a position as such, if that is what it is.
fn small(regs: &[Place], code: &[Instr], uses: &Uses, at: usize) -> Option<Small> {
    let Instr::Map { name: MapOp::Select, from: DType::F32, args: [seen, other, x], .. } = code[at] else {
        return None;
    };
    let compare_at = uses.hidden(regs, seen)?;
    let Instr::Map { name: MapOp::Compare(CompareDir::Lt), from: DType::F32, args: [size, limit, _], .. } =
        code[compare_at]
    else {
        return None;
    };
    let abs_at = uses.hidden(regs, size)?;
    let Instr::Map { name: MapOp::Unary(UnaryOp::Abs), args: [of, ..], .. } = code[abs_at] else {
        return None;
    };
    (of == x).then_some(Small { args: [x, limit, other], absorbed: [abs_at, compare_at] })
}

/// Orders the members so that each takes the accumulator from the one before where that is possible, and spells them out.
/// `touched` tells how often each register is touched, the members' own ones included.
fn sequence(regs: &mut [Place], mut pending: Vec<Operation>, touched: &HashMap<Reg, usize>) -> Sequence {
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
        match operation.apply {
            Apply::Binary(_, reversed) if is_second(a) => {
                let step = reversed(self.number(a));
                self.sequence.steps.push(step);
            }
            Apply::Binary(straight, _) => {
                self.load(a, acc);
                let step = straight(self.number(b));
                self.sequence.steps.push(step);
            }
            Apply::Unary(step) => {
                self.load(a, acc);
                self.sequence.steps.push(step);
            }
            Apply::Select if is_second(b) => {
                let step = Step::Replace { seen: self.slot(a, 1), other: self.number(b) };
                self.sequence.steps.push(step);
            }
            Apply::Select => {
                self.load(b, acc);
                let step = Step::Keep { seen: self.slot(a, 1), other: self.number(c) };
                self.sequence.steps.push(step);
            }
            Apply::Clamp => {
                self.load(b, acc);
                let steps = [Step::Max(self.number(a)), Step::Min(self.number(c))];
                self.sequence.steps.extend(steps);
            }
            Apply::Small => {
                self.load(a, acc);
                let step = Step::Small { limit: self.number(b), other: self.number(c) };
                self.sequence.steps.push(step);
            }
        }
        self.sequence.steps.extend(operation.canonical.then_some(Step::Canonical));
        self.sequence.names.push(operation.name);
    }
}

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
