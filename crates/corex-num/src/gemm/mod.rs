//! The matrix product. Every output element is one chain over the contracting index.
//!
//! `c[i][j]` starts from +0.0 and takes `acc = fma(a[i][k], b[k][j], acc)` for `k` ascending; at the end +0.0 is
//! added, so that -0 becomes +0, and NaN is made canonical. An operand with `|x| < 2^-60` counts as +0: products
//! are then normal numbers, so that hostile inputs full of subnormals do not run slowly.
//!
//! Tiles, panels and blocks cut the *outputs* into pieces and the chain into stretches that continue in memory.
//! They never change which operations an output element sees, nor their order. A caller may cut rows and columns
//! among threads in the same way.

mod blocked;
mod driver;
mod epilogue;
mod in_place;
mod kernel;
#[cfg(target_arch = "x86_64")]
mod kernel_x86;
mod pack;
#[cfg(target_arch = "x86_64")]
mod pack_x86;
mod scan;
#[cfg(target_arch = "x86_64")]
mod scan_ahead_x86;
#[cfg(target_arch = "x86_64")]
mod thin_x86;

pub use epilogue::{Epilogue, EpilogueOp};

use crate::Isa;

/// Operands smaller than this in magnitude count as +0: 2^-60.
pub const FLUSH_BELOW: f32 = f32::from_bits(FLUSH_BITS);
/// The bits of [`FLUSH_BELOW`].
pub(crate) const FLUSH_BITS: u32 = 0x2180_0000;

/// `x`, or +0 where `|x|` is below [`FLUSH_BELOW`]. NaN and infinities are untouched.
#[inline(always)]
pub fn flush(x: f32) -> f32 {
    if x.to_bits() & 0x7FFF_FFFF < FLUSH_BITS { 0.0 } else { x }
}

/// A strided view of a matrix: element (i, j) is `data[i * row_stride + j * col_stride]`. Strides may be 0
/// (broadcast) or describe a transpose.
#[derive(Clone, Copy, Debug)]
pub struct MatRef<'a> {
    /// The elements, from (0, 0) on.
    pub data: &'a [f32],
    /// Distance between rows, in elements.
    pub row_stride: usize,
    /// Distance between columns, in elements.
    pub col_stride: usize,
}

impl<'a> MatRef<'a> {
    /// A view of `data` with these strides.
    pub fn new(data: &'a [f32], row_stride: usize, col_stride: usize) -> Self {
        Self { data, row_stride, col_stride }
    }

    /// A row-major matrix whose rows are `ld` elements apart.
    pub fn row_major(data: &'a [f32], ld: usize) -> Self {
        Self::new(data, ld, 1)
    }

    /// The transposed view.
    pub fn transposed(self) -> Self {
        Self { row_stride: self.col_stride, col_stride: self.row_stride, ..self }
    }

    /// The view that starts at (i, j).
    ///
    /// # Panics
    /// If that element lies beyond the data by more than one.
    pub fn at(self, i: usize, j: usize) -> Self {
        Self { data: &self.data[i * self.row_stride + j * self.col_stride..], ..self }
    }

    /// Whether a matrix of `rows` x `cols` lies within the data.
    fn holds(&self, rows: usize, cols: usize) -> bool {
        if rows == 0 || cols == 0 {
            return true;
        }
        let last_row = (rows - 1).checked_mul(self.row_stride);
        let last_col = (cols - 1).checked_mul(self.col_stride);
        let last = last_row.zip(last_col).and_then(|(r, c)| r.checked_add(c));
        last.is_some_and(|last| last < self.data.len())
    }
}

/// Which stretch of the chains a call computes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stretch {
    /// Chains start from +0.0; otherwise they continue from what is in `c`.
    pub first: bool,
    /// Chains end: +0.0 is added and NaN made canonical.
    pub last: bool,
}

impl Stretch {
    /// The chain from start to end.
    pub const WHOLE: Self = Self { first: true, last: true };

    /// The part of it that steps `p0..p0 + steps` of `k` are.
    fn part(self, p0: usize, steps: usize, k: usize) -> Self {
        Self { first: self.first && p0 == 0, last: self.last && p0 + steps == k }
    }
}

/// How much of a product is computed, and what follows.
#[derive(Clone, Copy, Debug)]
pub struct GemmOptions<'a> {
    /// The stretch of the chains.
    pub stretch: Stretch,
    /// Elements (i, j) with `j - i` above this are not needed: what they are afterwards, if they are computed at all, is left
    /// open. Causal attention needs no scores above the diagonal.
    pub seen: isize,
    /// Follows the end of the chains.
    pub epilogue: Option<Epilogue<'a>>,
}

impl Default for GemmOptions<'_> {
    /// The product as it is.
    fn default() -> Self {
        Self { stretch: Stretch::WHOLE, seen: isize::MAX, epilogue: None }
    }
}

/// `c = a b`, with `a` of `m` x `k`, `b` of `k` x `n`, and `c` of `m` x `n`, row-major, rows `ldc` apart; what
/// lies between the rows of `c` is untouched. For `k` = 0 the result is all +0.
///
/// # Panics
/// If a matrix does not lie within its slice, or `ldc < n`.
pub fn gemm(isa: Isa, m: usize, n: usize, k: usize, a: MatRef<'_>, b: MatRef<'_>, c: &mut [f32], ldc: usize) {
    gemm_stretch(isa, m, n, k, a, b, c, ldc, Stretch::WHOLE);
}

/// [`gemm`] over one stretch of the contracting index: for contractions over several dimensions that no single
/// stride describes. Call it with ascending stretches, `first` on the first and `last` on the last.
///
/// # Panics
/// As [`gemm`].
pub fn gemm_stretch(
    isa: Isa,
    m: usize,
    n: usize,
    k: usize,
    a: MatRef<'_>,
    b: MatRef<'_>,
    c: &mut [f32],
    ldc: usize,
    stretch: Stretch,
) {
    assert!(a.holds(m, k), "gemm: the left operand's slice is too short for {m}x{k}");
    assert!(b.holds(k, n), "gemm: the right operand's slice is too short for {k}x{n}");
    assert!(ldc >= n || m <= 1, "gemm: rows of the result overlap");
    assert!(MatRef::row_major(c, ldc).holds(m, n), "gemm: the result's slice is too short for {m}x{n}");
    let options = GemmOptions { stretch, ..GemmOptions::default() };
    // SAFETY: the three matrices were just checked to lie within their slices; `c` is borrowed exclusively; the kernels are those
    // of this machine.
    unsafe { driver::run(driver::kernels(isa), m, n, k, a, b, c.as_mut_ptr(), ldc, options) }
}

/// `batch` products of equal shape; those of index `i` start `i` batch strides into their slices.
///
/// # Panics
/// As [`gemm`], for each of them.
pub fn gemm_batch(
    isa: Isa,
    batch: usize,
    [m, n, k]: [usize; 3],
    (a, a_stride): (MatRef<'_>, usize),
    (b, b_stride): (MatRef<'_>, usize),
    (c, c_stride): (&mut [f32], usize),
    ldc: usize,
) {
    if m == 0 || n == 0 {
        return;
    }
    for i in 0..batch {
        // Without elements to read, the start of an operand may lie beyond its slice.
        let at = |m: MatRef<'_>, stride: usize| if k == 0 { 0 } else { (i * stride).min(m.data.len()) };
        let a = MatRef { data: &a.data[at(a, a_stride)..], ..a };
        let b = MatRef { data: &b.data[at(b, b_stride)..], ..b };
        gemm(isa, m, n, k, a, b, &mut c[i * c_stride..], ldc);
    }
}

/// [`gemm`] with options, into a result that other threads write other parts of: for splitting columns.
///
/// # Safety
/// `c` must be valid for writes (and reads, unless the stretch is the first) of `n` elements at each of the `m` multiples of
/// `ldc`, and no other thread may touch those elements meanwhile.
///
/// # Panics
/// If an operand does not lie within its slice, that of the epilogue included.
pub unsafe fn gemm_raw(
    isa: Isa,
    m: usize,
    n: usize,
    k: usize,
    a: MatRef<'_>,
    b: MatRef<'_>,
    c: *mut f32,
    ldc: usize,
    options: GemmOptions<'_>,
) {
    assert!(a.holds(m, k), "gemm: the left operand's slice is too short for {m}x{k}");
    assert!(b.holds(k, n), "gemm: the right operand's slice is too short for {k}x{n}");
    let fits = options.epilogue.is_none_or(|epilogue| epilogue.holds(m, n));
    assert!(fits, "gemm: the epilogue's operand is too short for {m}x{n}");
    // SAFETY: operands were just checked; the caller answers for `c`; the kernels are those of this machine.
    unsafe { driver::run(driver::kernels(isa), m, n, k, a, b, c, ldc, options) }
}
