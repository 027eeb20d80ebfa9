//! Maps of a tile program that are computed together: block by block, by corex-num's [accumulator
//! machine](corex_num::accumulator). What only they read of each other takes no more memory than a block, mostly none.

use std::collections::{HashMap, HashSet};

use corex_hlo::ir::{BinaryOp, CompareDir, DType, UnaryOp};
use corex_num::accumulator::{Slot, Step};

use super::fuse::Level;
use super::kernel::MapOp;
use super::sequence_steps::sequence;
use super::tile::{Instr, Place, Reg, Uses, operands};

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
pub(super) enum Apply {
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

/// A map that the machine can compute.
pub(super) struct Operation {
    pub apply: Apply,
    /// For descriptions.
    pub name: MapOp,
    pub args: [Reg; 3],
    arity: usize,
    pub out: Reg,
    /// NaN must be made so.
    pub canonical: bool,
    /// The instruction that computes it alone, if there is one.
    alone: Option<Instr>,
}

impl Operation {
    pub fn args(&self) -> &[Reg] {
        &self.args[..self.arity]
    }

    /// Whether the accumulator can be the operand in this register.
    pub fn takes(&self, acc: Reg) -> bool {
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
    // Whether NaN leaves it as the processor gives it.
    let (apply, any_sign) = match name {
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
        Operation { apply, name, args, arity, out, canonical: any_sign && !any_nan, alone: Some(instr) };
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
