//! A fused group as a little program over tiles.
//!
//! The domain is cut into tiles of about [`TILE`] elements (whole rows, where the group folds rows). For each tile
//! the instructions run one after the other over registers: stretches of memory, or slots of a scratch area that
//! stays in the L1 and L2 caches. Registers that hold the same values in every tile are filled once per thread.

use std::collections::{HashMap, HashSet};

use corex_hlo::ir::{DType, Reducer};
use corex_num::Isa;

use super::fuse::{Group, LONGEST_ROW, Level};
use super::kernel::{Kernel, MapOp, takes_any_nan};
use super::node::{Lowered, NodeKind, Owner};
use super::replace::store_at_once;
use super::sequence::{Sequence, combine};
use super::slots::{assign_slots, shorten};
use super::threshold;
use super::view::{BufferId, View};

/// Elements per tile, roughly: a few f32 tiles fit into the L1 cache, and an instruction's overhead is small
/// against its loop.
pub(super) const TILE: usize = 1024;

pub(super) type Reg = usize;

/// Where a register's elements are.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// A slot of the scratch area at that byte.
    Scratch(usize),
    /// The tile's stretch of a whole buffer.
    Memory { buffer: BufferId, size: usize, level: Level },
    /// Elements gathered by strides; `slot` takes them where they are not contiguous in memory.
    Strided { load: Strided, level: Level, slot: usize },
    /// The same in every tile: gathered once, `period` elements of the load, repeated up to `count`. One value of which
    /// kernels need no more than a block is `short`.
    Fixed { load: Strided, period: usize, count: usize, slot: usize, short: bool },
}

/// A view in the form that tiles read.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Strided {
    pub buffer: BufferId,
    pub offset: usize,
    pub dims: Vec<(usize, isize)>,
    pub size: usize,
}

pub(super) enum Instr {
    /// Makes a strided register valid for this tile.
    Load(Reg),
    Map {
        /// For descriptions.
        name: MapOp,
        kernel: Kernel,
        /// Element type of the operands.
        from: DType,
        /// NaN need not be canonical.
        any_nan: bool,
        args: [Reg; 3],
        arity: usize,
        out: Reg,
        level: Level,
    },
    /// Maps computed together, at the full level.
    Sequence(Sequence),
    /// Repeats each row's value along the row.
    Expand {
        from: Reg,
        out: Reg,
        size: usize,
    },
    Fold {
        reducer: Reducer,
        dtype: DType,
        x: Reg,
        init: Reg,
        out: Reg,
    },
    /// Copies the tile to memory, once everything else is done with it.
    Store {
        from: Reg,
        to: Reg,
        size: usize,
    },
}

/// A compiled group.
pub(super) struct TileProgram {
    pub elements: usize,
    /// Row length, 1 if there are no rows.
    pub cols: usize,
    /// Elements per tile; a multiple of `cols`, or a piece of one row if rows are long.
    pub tile: usize,
    pub regs: Vec<Place>,
    pub code: Vec<Instr>,
    /// Scratch bytes per thread.
    pub scratch: usize,
}

impl TileProgram {
    /// Rows are cut into several tiles.
    pub fn has_long_rows(&self) -> bool {
        self.cols > LONGEST_ROW
    }

    /// The group in words: its size, what it reads and writes in memory and its instructions.
    pub fn describe(&self) -> String {
        let in_memory = |r: &Reg| {
            let full = Level::Full;
            matches!(&self.regs[*r], Place::Memory { level, .. } | Place::Strided { level, .. } if *level == full)
        };
        let count = |of: fn(&Instr) -> Vec<Reg>| {
            self.code.iter().flat_map(of).filter(in_memory).collect::<HashSet<_>>().len()
        };
        let (all, stores) = (count(operands), count(written));
        let mut text = format!(
            "tiles of {} elements, rows of {}, {} reads, {stores} writes:",
            self.elements,
            self.cols,
            all - stores
        );
        for instr in &self.code {
            text += &match instr {
                Instr::Load(_) => " load".to_owned(),
                Instr::Map { name, level: Level::Full, .. } => format!(" {name:?}"),
                Instr::Map { name, .. } => format!(" row:{name:?}"),
                Instr::Sequence(sequence) => {
                    let names: Vec<String> = sequence.names.iter().map(|name| format!("{name:?}")).collect();
                    format!(" [{}]", names.join(" "))
                }
                Instr::Expand { .. } => " expand".to_owned(),
                Instr::Fold { reducer, .. } => format!(" fold:{reducer:?}"),
                Instr::Store { .. } => " store".to_owned(),
            };
        }
        text
    }

    /// Tiles (or long rows) that can be computed independently.
    pub fn pieces(&self) -> usize {
        self.elements.div_ceil(self.piece())
    }

    /// Elements of a piece; the last may have fewer.
    pub fn piece(&self) -> usize {
        if self.has_long_rows() { self.cols } else { self.tile }
    }
}

/// Compiles a group of maps and row folds. `stored` tells which buffers must be in memory afterwards, `replaces` which
/// of them may have the bytes of an operand, and of which: a tile of these is written when nothing reads the operand's any
/// more.
pub(super) fn compile(
    lowered: &Lowered,
    group: &Group,
    isa: Isa,
    stored: &dyn Fn(BufferId) -> bool,
    replaces: &dyn Fn(BufferId) -> Option<BufferId>,
) -> TileProgram {
    let cols = group.cols.unwrap_or(1);
    let tile = tile_size(lowered, group, cols);
    let rows = if cols > LONGEST_ROW { 1 } else { tile / cols };
    let mut compiler = Compiler {
        lowered,
        group,
        tile,
        rows,
        regs: Vec::new(),
        code: Vec::new(),
        known: HashMap::new(),
        computed: HashMap::new(),
        expanded: HashMap::new(),
    };
    let overwrites = |buffer: BufferId| replaces(buffer).is_some();
    let is_stored = |buffer: BufferId| stored(buffer) || lowered.buffers[buffer].owner != Owner::Temporary;
    let needs_canonical = needs_canonical(lowered, group, &is_stored);
    let mut stores = Vec::new();
    for at in &group.nodes {
        let node = &lowered.nodes[*at];
        let info = &lowered.buffers[node.out];
        let size = info.dtype.size();
        let new_register = |c: &mut Compiler<'_>, level| {
            c.register(if is_stored(node.out) && !overwrites(node.out) {
                Place::Memory { buffer: node.out, size, level }
            } else {
                Place::Scratch(c.slot_bytes(level, size))
            })
        };
        let out = match &node.kind {
            NodeKind::Map { op, from, args } => {
                let level = group.level(info.elements).unwrap_or(Level::Full);
                let mut regs = [0; 3];
                for (reg, view) in regs.iter_mut().zip(args) {
                    *reg = compiler.read(view, level);
                }
                let out = new_register(&mut compiler, level);
                let any_nan = !needs_canonical.contains(&node.out);
                let kernel = if any_nan {
                    Kernel::any_nan(isa, *op, *from, info.dtype)
                } else {
                    Kernel::new(isa, *op, *from, info.dtype)
                };
                compiler.code.push(Instr::Map {
                    name: *op,
                    kernel,
                    from: *from,
                    any_nan,
                    args: regs,
                    arity: args.len(),
                    out,
                    level,
                });
                debug_assert!(args.len() <= 3 && (!args.is_empty() || matches!(op, MapOp::Iota { .. })));
                out
            }
            NodeKind::RowFold { reducer, x, init, .. } => {
                let x = compiler.read(x, Level::Full);
                let init = compiler.read(init, Level::PerRow);
                let out = new_register(&mut compiler, Level::PerRow);
                compiler.code.push(Instr::Fold { reducer: *reducer, dtype: info.dtype, x, init, out });
                out
            }
            _ => unreachable!("fusion groups only maps and row folds"),
        };
        if overwrites(node.out) {
            stores.push((out, node.out, size));
        }
        compiler.computed.insert(node.out, out);
    }
    for (from, buffer, size) in stores {
        let to = compiler.register(Place::Memory { buffer, size, level: Level::Full });
        compiler.code.push(Instr::Store { from, to, size });
    }
    let Compiler { mut regs, mut code, .. } = compiler;
    threshold::find(&regs, &mut code);
    let mut code = combine(&mut regs, code);
    store_at_once(&mut regs, &mut code, replaces);
    shorten(&mut regs, &code);
    let scratch = assign_slots(&mut regs, &code);
    TileProgram { elements: group.elements, cols, tile, regs, code, scratch }
}

/// Values whose bits somebody sees: they leave their operator with the canonical NaN, as the law says. Where nobody tells one
/// NaN from another, making them canonical is left to whoever reads the value.
fn needs_canonical(
    lowered: &Lowered,
    group: &Group,
    is_stored: &dyn Fn(BufferId) -> bool,
) -> HashSet<BufferId> {
    let mut needs = HashSet::new();
    for node in group.nodes.iter().rev().map(|at| &lowered.nodes[*at]) {
        needs.extend(is_stored(node.out).then_some(node.out));
        match &node.kind {
            // It shows what it chooses from to nobody but its own readers.
            NodeKind::Map { op: MapOp::Select, from: DType::F32, .. } if !needs.contains(&node.out) => {}
            NodeKind::Map { op, from, args } if !takes_any_nan(*op, *from) => {
                needs.extend(args.iter().map(|view| view.buffer));
            }
            NodeKind::RowFold { init, .. } => {
                needs.insert(init.buffer);
            }
            _ => {}
        }
    }
    needs
}

/// Whole rows, and whole periods of operands that repeat (a bias added to every row).
fn tile_size(lowered: &Lowered, group: &Group, cols: usize) -> usize {
    if cols > LONGEST_ROW {
        return TILE;
    }
    if cols > 1 {
        return cols * (TILE / cols).max(1);
    }
    let views = group.nodes.iter().flat_map(|n| lowered.nodes[*n].kind.views());
    let period = views
        .filter_map(|v| match v.collapsed()[..] {
            [(_, 0), (period, 1)] if period <= 2 * TILE => Some(period),
            _ => None,
        })
        .max()
        .unwrap_or(1);
    period * (TILE / period).max(1)
}

struct Compiler<'a> {
    lowered: &'a Lowered,
    group: &'a Group,
    tile: usize,
    rows: usize,
    regs: Vec<Place>,
    code: Vec<Instr>,
    /// Registers of values read from memory.
    known: HashMap<(Strided, bool), Reg>,
    /// Registers of values computed in this group.
    computed: HashMap<BufferId, Reg>,
    /// Per-row registers repeated along rows.
    expanded: HashMap<Reg, Reg>,
}

impl Compiler<'_> {
    fn register(&mut self, place: Place) -> Reg {
        self.regs.push(place);
        self.regs.len() - 1
    }

    /// Bytes of a slot; a [`Place::Scratch`] holds its size until slots are assigned.
    fn slot_bytes(&self, level: Level, size: usize) -> usize {
        let elements = if level == Level::Full { self.tile } else { self.rows };
        (elements * size).next_multiple_of(64)
    }

    /// The register with the values of a view at a level.
    fn read(&mut self, view: &View, level: Level) -> Reg {
        let size = self.lowered.buffers[view.buffer].dtype.size();
        if let Some(reg) = self.computed.get(&view.buffer).copied() {
            let elements = self.lowered.buffers[view.buffer].elements;
            let produced = self.group.level(elements).unwrap_or(Level::Full);
            if produced == level {
                return reg;
            }
            if let Some(out) = self.expanded.get(&reg) {
                return *out;
            }
            let slot = self.slot_bytes(Level::Full, size);
            let out = self.register(Place::Scratch(slot));
            self.code.push(Instr::Expand { from: reg, out, size });
            self.expanded.insert(reg, out);
            return out;
        }
        let load = Strided { buffer: view.buffer, offset: view.offset, dims: view.collapsed(), size };
        let key = (load.clone(), level == Level::Full);
        if let Some(reg) = self.known.get(&key) {
            return *reg;
        }
        let slot = self.slot_bytes(level, size);
        let per_tile = if level == Level::Full { self.tile } else { self.rows };
        let reg = match load.dims[..] {
            [] | [(_, 0)] => {
                self.register(Place::Fixed { load, period: 1, count: per_tile, slot, short: false })
            }
            [(_, 1)] if load.offset == 0 => self.register(Place::Memory { buffer: view.buffer, size, level }),
            [(_, 0), (period, 1)] if per_tile % period == 0 => {
                self.register(Place::Fixed { load, period, count: per_tile, slot, short: false })
            }
            _ => {
                let reg = self.register(Place::Strided { load, level, slot });
                self.code.push(Instr::Load(reg));
                reg
            }
        };
        self.known.insert(key, reg);
        reg
    }
}

/// Every register that an instruction touches.
pub(super) fn operands(instr: &Instr) -> Vec<Reg> {
    match instr {
        Instr::Load(reg) => vec![*reg],
        Instr::Map { args, arity, out, .. } => args[..*arity].iter().copied().chain([*out]).collect(),
        Instr::Sequence(sequence) => sequence.slots.iter().map(|(reg, _)| *reg).collect(),
        Instr::Expand { from, out, .. } => vec![*from, *out],
        Instr::Fold { x, init, out, .. } => vec![*x, *init, *out],
        Instr::Store { from, to, .. } => vec![*from, *to],
    }
}

/// Every register that an instruction writes.
pub(super) fn written(instr: &Instr) -> Vec<Reg> {
    match instr {
        Instr::Load(reg) => vec![*reg],
        Instr::Map { out, .. } | Instr::Expand { out, .. } | Instr::Fold { out, .. } => vec![*out],
        Instr::Sequence(sequence) => sequence.written.clone(),
        Instr::Store { to, .. } => vec![*to],
    }
}

/// Who writes and how many instructions touch each register.
pub(super) struct Uses {
    writer: HashMap<Reg, usize>,
    touched: HashMap<Reg, usize>,
}

impl Uses {
    pub fn of(code: &[Instr]) -> Self {
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

    /// The instruction that writes the register, if one other reads it and it does not exist outside the program.
    pub fn hidden(&self, regs: &[Place], reg: Reg) -> Option<usize> {
        let is_hidden = matches!(regs[reg], Place::Scratch(_)) && self.touched.get(&reg) == Some(&2);
        self.writer.get(&reg).copied().filter(|_| is_hidden)
    }
}
