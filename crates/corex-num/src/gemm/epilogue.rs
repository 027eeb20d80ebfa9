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
        let strides = (self.operand.row_stride, self.operand.col_stride);
        combine(isa, self.op, self.at(i, j), strides, (rows, cols), c, ldc);
    }
}

per_isa! {
    /// See [`Epilogue::apply`], which alone may call it.
    fn combine(
        op: EpilogueOp,
        x: *const f32,
        strides: (usize, usize),
        shape: (usize, usize),
        c: *mut f32,
        ldc: usize,
    ) = combine_generic;
}

#[inline(always)]
fn combine_generic<F: Fma>(
    op: EpilogueOp,
    x: *const f32,
    strides: (usize, usize),
    shape: (usize, usize),
    c: *mut f32,
    ldc: usize,
) {
    match op {
        EpilogueOp::Add => by_rows(x, strides, shape, c, ldc, scalar::add),
        EpilogueOp::Multiply => by_rows(x, strides, shape, c, ldc, scalar::multiply),
    }
}

#[inline(always)]
fn by_rows(
    x: *const f32,
    (row_stride, col_stride): (usize, usize),
    (rows, cols): (usize, usize),
    c: *mut f32,
    ldc: usize,
    f: impl Fn(f32, f32) -> f32,
) {
    for i in 0..rows {
        let x = x.wrapping_add(i * row_stride);
        // SAFETY: the promise of `Epilogue::apply`'s caller, for this row.
        let c = unsafe { std::slice::from_raw_parts_mut(c.add(i * ldc), cols) };
        if col_stride == 1 {
            // SAFETY: as above.
            let x = unsafe { std::slice::from_raw_parts(x, cols) };
            c.iter_mut().zip(x).for_each(|(c, x)| *c = f(*c, *x));
        } else {
            for (j, c) in c.iter_mut().enumerate() {
                // SAFETY: as above.
                *c = f(*c, unsafe { *x.wrapping_add(j * col_stride) });
            }
        }
    }
}
