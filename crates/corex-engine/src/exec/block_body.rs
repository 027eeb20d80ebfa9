//! Scalar functions evaluated for a block of elements at once: a kernel per operation.
//!
//! The interpreter of [`Body`] spends most of its time on finding out what to do. Here every value of the function is a
//! block of lanes, and what to do is found out once per block.

use corex_hlo::ir::{DType, Func, LiteralData, Op, OpKind};
use corex_num::Isa;

use super::kernel::{Kernel, MapOp, write_word};
use crate::buffer::ALIGN;

/// Bytes of all blocks of a function, roughly, and the bounds of their lanes.
const BYTES: usize = 128 << 10;
const LANES: std::ops::RangeInclusive<usize> = 16..=256;

/// A function that folds: its first parameters are the results so far, as many as it returns, and the others the
/// elements folded in.
pub(super) struct BlockBody {
    steps: Vec<Step>,
    constants: Vec<(Block, DType, u64)>,
    params: Vec<Block>,
    /// Where each result is computed: never in a parameter's block.
    results: Vec<Block>,
    /// Elements of a block.
    pub lanes: usize,
    /// Bytes of all blocks.
    pub bytes: usize,
}

/// Where the lanes of a value lie: byte offset, and bytes per element.
#[derive(Clone, Copy)]
struct Block {
    offset: usize,
    size: usize,
}

struct Step {
    kernel: Kernel,
    args: [Block; 3],
    out: Block,
}

impl BlockBody {
    /// `None` if the function is not one of elementwise operations alone, as verified ones are.
    pub fn new(isa: Isa, func: &Func) -> Option<Self> {
        let values = func.values.iter().chain(func.results.iter().map(|v| func.ty(*v)));
        let sizes: Vec<usize> = values.map(|ty| ty.dtype.size()).collect();
        let per_lane: usize = sizes.iter().sum();
        let lanes =
            (BYTES / per_lane.max(1)).clamp(*LANES.start(), *LANES.end()) / LANES.start() * LANES.start();
        let mut bytes = 0;
        let blocks: Vec<Block> = sizes
            .into_iter()
            .map(|size| {
                let block = Block { offset: bytes, size };
                bytes += (size * lanes).next_multiple_of(ALIGN);
                block
            })
            .collect();
        let (mut steps, mut constants) = (Vec::new(), Vec::new());
        for op in &func.ops {
            let result = *op.results.first()?;
            let (out, to) = (blocks[result.index()], func.ty(result).dtype);
            if let OpKind::Constant(literal) = &op.kind {
                let (LiteralData::Splat(bytes) | LiteralData::Dense(bytes)) = &literal.data;
                let word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
                constants.push((out, to, word));
                continue;
            }
            let (map, typed) = map_op(op)?;
            let from = func.ty(*op.operands.get(typed)?).dtype;
            let arg = |i: usize| op.operands.get(i).map_or(out, |v| blocks[v.index()]);
            steps.push(Step { kernel: Kernel::new(isa, map, from, to), args: [arg(0), arg(1), arg(2)], out });
        }
        let mut results = Vec::new();
        for (v, spare) in func.results.iter().zip(&blocks[func.values.len()..]) {
            let computed = blocks[v.index()];
            if !func.params.contains(v) {
                results.push(computed);
                continue;
            }
            // A parameter returned as another one must not be overwritten before it is read.
            let dtype = func.ty(*v).dtype;
            let kernel = Kernel::new(isa, MapOp::Copy, dtype, dtype);
            steps.push(Step { kernel, args: [computed; 3], out: *spare });
            results.push(*spare);
        }
        let params = func.params.iter().map(|v| blocks[v.index()]).collect();
        Some(Self { steps, constants, params, results, lanes, bytes })
    }

    /// Writes the constants. Once per run and thread is enough, unless something else uses the scratch area.
    ///
    /// # Safety
    /// `scratch` has [`BlockBody::bytes`] bytes, 64-aligned; so for all functions here.
    pub unsafe fn prepare(&self, scratch: *mut u8) {
        for (block, dtype, word) in &self.constants {
            for lane in 0..self.lanes {
                // SAFETY: a lane of a block.
                unsafe { write_word(*dtype, scratch.add(block.offset), lane, *word) }
            }
        }
    }

    /// The lanes of parameter `i`.
    ///
    /// # Safety
    /// See [`BlockBody::prepare`].
    pub unsafe fn param(&self, scratch: *mut u8, i: usize) -> *mut u8 {
        // SAFETY: a block of the scratch area.
        unsafe { scratch.add(self.params[i].offset) }
    }

    /// Sets the first `lanes` lanes of parameter `i` to one value.
    ///
    /// # Safety
    /// See [`BlockBody::prepare`].
    pub unsafe fn fill(&self, scratch: *mut u8, i: usize, dtype: DType, lanes: usize, word: u64) {
        for lane in 0..lanes {
            // SAFETY: lanes of a block.
            unsafe { write_word(dtype, self.param(scratch, i), lane, word) }
        }
    }

    /// Evaluates the function for `count` lanes from lane `first` on; its results become the first parameters.
    ///
    /// # Safety
    /// See [`BlockBody::prepare`]; the lanes exist.
    pub unsafe fn fold(&self, scratch: *mut u8, first: usize, count: usize) {
        // SAFETY: the caller's promise, for each pointer and call.
        unsafe {
            let at = |block: Block| scratch.add(block.offset + first * block.size);
            for step in &self.steps {
                let args = step.args.map(|block| at(block).cast_const());
                step.kernel.run(args, at(step.out), count, 0);
            }
            for (result, param) in self.results.iter().zip(&self.params) {
                std::ptr::copy_nonoverlapping(at(*result), at(*param), count * result.size);
            }
        }
    }
}

/// The map that an operation is, and the operand whose type it works on.
fn map_op(op: &Op) -> Option<(MapOp, usize)> {
    Some(match &op.kind {
        OpKind::Unary(f) => (MapOp::Unary(*f), 0),
        OpKind::Binary(f) => (MapOp::Binary(*f), 0),
        OpKind::Compare(dir) => (MapOp::Compare(*dir), 0),
        OpKind::CompareTotal(dir) => (MapOp::CompareTotal(*dir), 0),
        OpKind::ReducePrecision { exponent_bits, mantissa_bits } => {
            let (exponent_bits, mantissa_bits) = (*exponent_bits, *mantissa_bits);
            (MapOp::ReducePrecision { exponent_bits, mantissa_bits }, 0)
        }
        OpKind::Select => (MapOp::Select, 1),
        OpKind::Clamp => (MapOp::Clamp, 1),
        OpKind::Convert(_) => (MapOp::Convert, 0),
        OpKind::BitcastConvert(_) => (MapOp::Copy, 0),
        _ => return None,
    })
}
