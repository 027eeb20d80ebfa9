//! Running a tile program: one thread's share of the tiles.

use std::ops::Range;

use corex_hlo::ir::{DType, Reducer};
use corex_num::accumulator::{Operand, accumulate};
use corex_num::{Isa, LaneSum, fold_max, fold_min, scalar, sum_lanes};

use super::ahead::Ahead;
use super::fuse::Level;
use super::kernel::{read_word, write_word};
use super::loops::BLOCK;
use super::memory::Memory;
use super::strided;
use super::tile::{Instr, Place, Reg, TileProgram};
use super::view::BufferId;
use crate::reference;

/// A fold that goes on over several tiles.
#[derive(Clone)]
enum Running {
    Sum(LaneSum),
    Word(u64),
}

/// Computes elements `range` of a group without long rows; `range` must begin and end with a row.
///
/// # Safety
/// As [`run`], for those elements.
pub(super) unsafe fn run_elements(
    program: &TileProgram,
    isa: Isa,
    memory: &Memory,
    scratch: *mut u8,
    range: Range<usize>,
) {
    let mut tiles = Tiles::new(program, isa, memory, scratch);
    // SAFETY: the caller's promise, for each call below.
    unsafe {
        tiles.fill_fixed();
        for start in range.clone().step_by(program.tile) {
            tiles.run(start, program.tile.min(range.end - start), None);
        }
    }
}

/// Computes the given pieces ([`TileProgram::pieces`]) of a group. `then` is told after each tile where it ends: everything
/// between the first piece and there is computed.
///
/// # Safety
/// `memory` holds an address for every buffer that the program names, complete where it reads, and no other thread
/// touches these pieces of what it writes. `scratch` is writable for `program.scratch` bytes and 64-aligned.
pub(super) unsafe fn run(
    program: &TileProgram,
    isa: Isa,
    memory: &Memory,
    scratch: *mut u8,
    pieces: Range<usize>,
    then: &mut dyn FnMut(usize),
) {
    if pieces.is_empty() {
        return;
    }
    let mut tiles = Tiles::new(program, isa, memory, scratch);
    // SAFETY: the caller's promise, for each call below.
    unsafe {
        tiles.fill_fixed();
        if !program.has_long_rows() {
            for piece in pieces {
                let start = piece * program.tile;
                let n = program.tile.min(program.elements - start);
                tiles.run(start, n, None);
                then(start + n);
            }
            return;
        }
        for row in pieces {
            let mut folds = tiles.start_folds();
            let mut done = 0;
            while done < program.cols {
                let n = program.tile.min(program.cols - done);
                tiles.run(row * program.cols + done, n, Some(&mut folds));
                done += n;
                then(row * program.cols + done);
            }
            tiles.end_folds(&folds);
        }
    }
}

struct Tiles<'a> {
    program: &'a TileProgram,
    isa: Isa,
    memory: &'a Memory,
    scratch: *mut u8,
    /// Where each register's elements are in this tile.
    at: Vec<*mut u8>,
    /// How far each register's elements move on per block ([`super::loops`]).
    step: Vec<usize>,
    /// Registers that are elsewhere in every tile.
    moving: Vec<(Reg, BufferId, usize, Level)>,
    /// The operands of each sequence of the code.
    sequences: Vec<Vec<Operand>>,
    ahead: Ahead,
}

impl<'a> Tiles<'a> {
    fn new(program: &'a TileProgram, isa: Isa, memory: &'a Memory, scratch: *mut u8) -> Self {
        let at = vec![std::ptr::null_mut(); program.regs.len()];
        let step = |place: &Place| if matches!(place, Place::Fixed { short: true, .. }) { 0 } else { BLOCK };
        let step: Vec<usize> = program.regs.iter().map(step).collect();
        let moving = program.regs.iter().enumerate().filter_map(|(reg, place)| match place {
            Place::Memory { buffer, size, level } => Some((reg, *buffer, *size, *level)),
            _ => None,
        });
        let moving = moving.collect();
        let operand = |(reg, size): &(Reg, usize)| Operand {
            at: std::ptr::null_mut(),
            step: step[*reg] * size,
            is_one: matches!(program.regs[*reg], Place::Fixed { period: 1, .. }),
        };
        let sequences = program.code.iter().filter_map(|instr| match instr {
            Instr::Sequence(sequence) => Some(sequence.slots.iter().map(operand).collect()),
            _ => None,
        });
        let sequences = sequences.collect();
        Self { program, isa, memory, scratch, at, step, moving, sequences, ahead: Ahead::of(program, memory) }
    }

    /// What is at the same place in every tile.
    unsafe fn fill_fixed(&mut self) {
        for (reg, place) in self.program.regs.iter().enumerate() {
            if let Place::Scratch(slot) = place {
                // SAFETY: slots lie within the scratch area.
                self.at[reg] = unsafe { self.scratch.add(*slot) };
            }
            let Place::Fixed { load, period, count, slot, .. } = place else { continue };
            // SAFETY: the slot lies within the scratch area and holds `count` elements; the load's first `period`
            // elements lie within its buffer.
            unsafe {
                let out = self.scratch.add(*slot);
                let from = self.memory.at(load.buffer, load.offset, load.size);
                let repeat = [(count / period, 0, *period as isize), (*period, 1, 1)];
                strided::copy(load.size, from, out, &repeat);
                self.at[reg] = out;
            }
        }
    }

    /// Computes elements `start..start + n` of the domain.
    unsafe fn run(&mut self, start: usize, n: usize, mut folds: Option<&mut Vec<Running>>) {
        let cols = self.program.cols;
        let (row, rows) = (start / cols, n / cols);
        let extent = |level: Level| if level == Level::Full { (start, n) } else { (row, rows) };
        for (reg, buffer, size, level) in &self.moving {
            // SAFETY: tiles lie within their buffers.
            self.at[*reg] = unsafe { self.memory.at(*buffer, extent(*level).0, *size) };
        }
        let mut at_sequence = 0;
        let mut fold = 0;
        self.ahead.start(self.memory, start + n, n);
        for instr in &self.program.code {
            self.ahead.fetch();
            match instr {
                Instr::Load(reg) => {
                    if let Place::Strided { level, .. } = &self.program.regs[*reg] {
                        let (first, count) = extent(*level);
                        // SAFETY: the tile lies within the domain.
                        self.at[*reg] = unsafe { self.load(*reg, first, count) };
                    }
                }
                Instr::Map { kernel, args, out, level, .. } => {
                    let (first, count) = extent(*level);
                    let (args, steps) = (args.map(|r| self.at[r].cast_const()), args.map(|r| self.step[r]));
                    // SAFETY: registers hold `count` elements at this level, or a block if they are short, which this kernel
                    // then takes; results have slots of their own.
                    unsafe { kernel.run_steps(args, steps, self.at[*out], count, first) }
                }
                Instr::Sequence(sequence) => {
                    let operands = &mut self.sequences[at_sequence];
                    let ahead = &self.ahead.of_sequences[at_sequence];
                    for (operand, (reg, _)) in operands.iter_mut().zip(&sequence.slots) {
                        operand.at = self.at[*reg];
                    }
                    // SAFETY: registers hold `n` elements or, if they do not move on, a block; results have slots of their own,
                    // or take the place of what is not read any more.
                    unsafe { accumulate(self.isa, &sequence.steps, operands, ahead, n) }
                    at_sequence += 1;
                }
                Instr::Expand { from, out, size } => {
                    let dims = [(rows, 1, cols as isize), (cols, 0, 1)];
                    // SAFETY: `from` holds a value per row, `out` has room for all elements.
                    unsafe { strided::copy(*size, self.at[*from], self.at[*out], &dims) }
                }
                Instr::Store { from, to, size } => {
                    // SAFETY: both hold the tile, one in the scratch area, one in memory.
                    unsafe { std::ptr::copy_nonoverlapping(self.at[*from], self.at[*to], n * size) }
                }
                Instr::Fold { reducer, dtype, x, init, out } => {
                    let x = self.at[*x].cast_const();
                    match folds.as_deref_mut() {
                        // SAFETY: `x` holds `n` elements.
                        Some(folds) => unsafe { extend(&mut folds[fold], self.isa, *reducer, *dtype, x, n) },
                        None => {
                            let (init, out) = (self.at[*init].cast_const(), self.at[*out]);
                            for r in 0..rows {
                                // SAFETY: rows of `cols` elements; one initial value and result per row.
                                unsafe {
                                    let x = x.add(r * cols * dtype.size());
                                    let init = read_word(*dtype, init, r);
                                    let word = fold_row(self.isa, *reducer, *dtype, x, cols, init);
                                    write_word(*dtype, out, r, word);
                                }
                            }
                        }
                    }
                    fold += 1;
                }
            }
        }
    }

    /// Address of `count` elements of a strided register: in place if they are contiguous, else copied.
    unsafe fn load(&self, reg: Reg, first: usize, count: usize) -> *mut u8 {
        let Place::Strided { load, slot, .. } = &self.program.regs[reg] else { return self.at[reg] };
        // SAFETY: the offset, and all that the dimensions reach from it, lie within the buffer.
        let base = unsafe { self.memory.at(load.buffer, load.offset, load.size) };
        if let Some(offset) = strided::contiguous(&load.dims, first, count) {
            // SAFETY: as above.
            return unsafe { base.offset(offset * load.size as isize) };
        }
        // SAFETY: the slot holds a tile at the register's level.
        unsafe {
            let out = self.scratch.add(*slot);
            strided::load(load.size, base, &load.dims, first, count, out);
            out
        }
    }

    fn folds(&self) -> impl Iterator<Item = (Reducer, DType, Reg, Reg)> {
        self.program.code.iter().filter_map(|instr| match instr {
            Instr::Fold { reducer, dtype, init, out, .. } => Some((*reducer, *dtype, *init, *out)),
            _ => None,
        })
    }

    unsafe fn start_folds(&self) -> Vec<Running> {
        self.folds()
            .map(|(reducer, dtype, init, _)| {
                if is_lane_sum(reducer, dtype) {
                    Running::Sum(LaneSum::new())
                } else {
                    // SAFETY: initial values are fixed registers, filled before the first tile.
                    Running::Word(unsafe { read_word(dtype, self.at[init], 0) })
                }
            })
            .collect()
    }

    /// Stores the folds of the row that the last tile belonged to.
    unsafe fn end_folds(&self, running: &[Running]) {
        for ((_, dtype, init, out), running) in self.folds().zip(running) {
            // SAFETY: `init` is fixed; `out` is the address of this row's result.
            unsafe {
                let word = match running {
                    Running::Sum(sum) => {
                        let init = f32::from_bits(read_word(dtype, self.at[init], 0) as u32);
                        u64::from(scalar::add(sum.clone().total(), init).to_bits())
                    }
                    Running::Word(word) => *word,
                };
                write_word(dtype, self.at[out], 0, word);
            }
        }
    }
}

fn is_lane_sum(reducer: Reducer, dtype: DType) -> bool {
    reducer == Reducer::Add && dtype == DType::F32
}

/// One row's fold.
unsafe fn fold_row(isa: Isa, reducer: Reducer, dtype: DType, x: *const u8, n: usize, init: u64) -> u64 {
    if dtype == DType::F32 && reducer != Reducer::Mul {
        // SAFETY: the caller's promise; f32 registers are 4-aligned.
        let x = unsafe { std::slice::from_raw_parts(x.cast::<f32>(), n) };
        let init = f32::from_bits(init as u32);
        let value = match reducer {
            Reducer::Add => scalar::add(sum_lanes(isa, x), init),
            Reducer::Max => fold_max(isa, init, x),
            _ => fold_min(isa, init, x),
        };
        return u64::from(value.to_bits());
    }
    // SAFETY: the caller's promise.
    unsafe { fold_words(reducer, dtype, x, n, init) }
}

/// The plain loop: integers, and float products.
unsafe fn fold_words(reducer: Reducer, dtype: DType, x: *const u8, n: usize, init: u64) -> u64 {
    let Some(op) = reference::reducer_op(reducer) else { return init };
    (0..n).fold(init, |acc, i| {
        // SAFETY: the caller's promise.
        let word = unsafe { read_word(dtype, x, i) };
        reference::binary(op, dtype, acc, word).unwrap_or(acc)
    })
}

/// Continues a fold with a piece of a row.
unsafe fn extend(running: &mut Running, isa: Isa, reducer: Reducer, dtype: DType, x: *const u8, n: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        match running {
            Running::Sum(sum) => sum.extend(isa, std::slice::from_raw_parts(x.cast(), n)),
            Running::Word(word) => *word = fold_row(isa, reducer, dtype, x, n, *word),
        }
    }
}
