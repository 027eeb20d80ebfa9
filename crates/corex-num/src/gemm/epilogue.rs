//! What follows a product, done tile by tile while these are in the nearest cache.

use super::MatRef;
use crate::dispatch::per_isa;
use crate::fma::Fma;
use crate::{Isa, scalar};

/// The operator that an [`Epilogue`] applies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EpilogueOp {
    /// A bias or a residual.
    Add,
    /// A scale, a gate or the derivative of an activation.
    Multiply,
}

/// Combines a finished product with another matrix, element by element: `c = op(c, operand)`, with the bits of
/// [`scalar::add`] and [`scalar::multiply`]. Strides of 0 repeat a row (a bias) or one number.
#[derive(Clone, Copy, Debug)]
pub struct Epilogue<'a> {
    /// What it does.
    pub op: EpilogueOp,
    /// Of the product's shape.
    pub operand: MatRef<'a>,
}

impl Epilogue<'_> {
    /// Whether the operand has `m` x `n` elements.
    pub(super) fn holds(&self, m: usize, n: usize) -> bool {
        self.operand.holds(m, n)
    }

    /// The same for the transposed product.
    pub(super) fn transposed(self) -> Self {
        Self { operand: self.operand.transposed(), ..self }
    }

    /// The operand's element (i, j).
    pub(super) fn at(&self, i: usize, j: usize) -> *const f32 {
        let MatRef { data, row_stride, col_stride } = self.operand;
        data.as_ptr().wrapping_add(i * row_stride + j * col_stride)
    }

    /// Applies it to `rows` rows of `cols` elements at `c`, `ldc` apart, which begin with element (i, j).
    ///
    /// # Safety
    /// `c` must hold them, as the operand must, and nobody else access them.
    pub(super) unsafe fn apply(
        &self,
        isa: Isa,
        (i, j): (usize, usize),
        (rows, cols): (usize, usize),
        c: *mut f32,
        ldc: usize,
    ) {
        let MatRef { row_stride, col_stride, .. } = self.operand;
        combine(isa, self.op, Part { x: self.at(i, j), row_stride, col_stride, rows, cols, c, ldc });
    }
}

/// Some of a product's elements, and where their operands are.
#[derive(Clone, Copy)]
struct Part {
    x: *const f32,
    row_stride: usize,
    col_stride: usize,
    rows: usize,
    cols: usize,
    c: *mut f32,
    ldc: usize,
}

per_isa! {
    /// See [`Epilogue::apply`], which alone may call it.
    fn combine(op: EpilogueOp, part: Part) = combine_generic;
}

#[inline(always)]
fn combine_generic<F: Fma>(op: EpilogueOp, part: Part) {
    match op {
        EpilogueOp::Add => by_rows(part, scalar::add),
        EpilogueOp::Multiply => by_rows(part, scalar::multiply),
    }
}

#[inline(always)]
fn by_rows(part: Part, f: impl Fn(f32, f32) -> f32) {
    for i in 0..part.rows {
        let x = part.x.wrapping_add(i * part.row_stride);
        // SAFETY: the promise of `Epilogue::apply`'s caller, for this row; so for what is read below.
        let c = unsafe { std::slice::from_raw_parts_mut(part.c.add(i * part.ldc), part.cols) };
        match part.col_stride {
            0 => {
                // SAFETY: see above. Read once, so that the loop has one operand less.
                let x = unsafe { *x };
                c.iter_mut().for_each(|c| *c = f(*c, x));
            }
            1 => {
                // SAFETY: see above.
                let x = unsafe { std::slice::from_raw_parts(x, part.cols) };
                c.iter_mut().zip(x).for_each(|(c, x)| *c = f(*c, *x));
            }
            stride => {
                for (j, c) in c.iter_mut().enumerate() {
                    // SAFETY: see above.
                    *c = f(*c, unsafe { *x.wrapping_add(j * stride) });
                }
            }
        }
    }
}
