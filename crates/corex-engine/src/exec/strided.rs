//! Copies between strided places.

/// Element types by size alone; copies do not care what the bits mean.
macro_rules! by_size {
    ($size:expr, $run:ident($($arg:expr),*)) => {
        match $size {
            1 => $run::<u8>($($arg),*),
            2 => $run::<u16>($($arg),*),
            4 => $run::<u32>($($arg),*),
            _ => $run::<u64>($($arg),*),
        }
    };
}

/// Copies elements `first..first + n`, in linear order of `dims`, to consecutive places at `out`.
///
/// # Safety
/// `base` plus every offset that `dims` reaches is readable, `out` is writable for `n` elements of `size` bytes,
/// both aligned for them, and they do not overlap. `first + n` does not exceed the product of the sizes.
pub(super) unsafe fn load(
    size: usize,
    base: *const u8,
    dims: &[(usize, isize)],
    first: usize,
    n: usize,
    out: *mut u8,
) {
    // SAFETY: the caller's promise.
    unsafe { by_size!(size, load_typed(base.cast(), dims, first, n, out.cast())) }
}

unsafe fn load_typed<T: Copy>(base: *const T, dims: &[(usize, isize)], first: usize, n: usize, out: *mut T) {
    let Some(((inner, stride), outer)) = dims.split_last() else {
        for i in 0..n {
            // SAFETY: the caller's promise; without dimensions there is one element.
            unsafe { *out.add(i) = *base }
        }
        return;
    };
    let mut at = first % inner;
    let mut row = first / inner;
    let mut done = 0;
    while done < n {
        // Start of the row, from its index on the outer dimensions.
        let (mut rest, mut offset) = (row, 0_isize);
        for (size, stride) in outer.iter().rev() {
            offset += (rest % size) as isize * stride;
            rest /= size;
        }
        let run = (inner - at).min(n - done);
        // SAFETY: the caller's promise.
        unsafe {
            let from = base.offset(offset + at as isize * stride);
            copy_run(from, *stride, out.add(done), 1, run);
        }
        done += run;
        at = 0;
        row += 1;
    }
}

/// Copies a matrix of `lanes` (how many, and their distance) times `steps` to rows of steps, `width` elements apart.
///
/// # Safety
/// `base` plus every offset is readable and `out` writable, as for [`load`].
pub(super) unsafe fn transpose(
    size: usize,
    base: *const u8,
    lanes: (usize, isize),
    steps: (usize, isize),
    out: *mut u8,
    width: usize,
) {
    // SAFETY: the caller's promise.
    unsafe { by_size!(size, transpose_typed(base.cast(), lanes, steps, out.cast(), width)) }
}

unsafe fn transpose_typed<T: Copy>(
    base: *const T,
    (lanes, lane_stride): (usize, isize),
    (steps, step_stride): (usize, isize),
    out: *mut T,
    width: usize,
) {
    for lane in 0..lanes {
        // SAFETY: the caller's promise.
        unsafe {
            let from = base.offset(lane as isize * lane_stride);
            for step in 0..steps {
                *out.add(step * width + lane) = *from.offset(step as isize * step_stride);
            }
        }
    }
}

/// Offset of element `at` in linear order.
pub(super) fn offset(dims: &[(usize, isize)], at: usize) -> isize {
    let (mut rest, mut offset) = (at, 0);
    for (size, stride) in dims.iter().rev() {
        offset += (rest % size) as isize * stride;
        rest /= size;
    }
    offset
}

/// Offset of element `first`, if the `count` elements from there lie side by side.
pub(super) fn contiguous(dims: &[(usize, isize)], first: usize, count: usize) -> Option<isize> {
    let ((inner, 1), outer) = dims.split_last()? else { return None };
    let (at, mut rest) = (first % inner, first / inner);
    if at + count > *inner {
        return None;
    }
    let mut offset = at as isize;
    for (size, stride) in outer.iter().rev() {
        offset += (rest % size) as isize * stride;
        rest /= size;
    }
    Some(offset)
}

/// # Safety
/// Both sides are valid for `n` elements at their strides.
unsafe fn copy_run<T: Copy>(from: *const T, from_stride: isize, to: *mut T, to_stride: isize, n: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        match (from_stride, to_stride) {
            (1, 1) => std::ptr::copy_nonoverlapping(from, to, n),
            (0, 1) => fill(to, n, *from),
            _ => {
                for i in 0..n as isize {
                    *to.offset(i * to_stride) = *from.offset(i * from_stride);
                }
            }
        }
    }
}

/// # Safety
/// `to` is valid for `n` elements.
unsafe fn fill<T: Copy>(to: *mut T, n: usize, value: T) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        /// Twice as much per store as every such machine can.
        #[target_feature(enable = "avx2")]
        unsafe fn wide<T: Copy>(to: *mut T, n: usize, value: T) {
            // SAFETY: the caller's promise.
            unsafe { std::slice::from_raw_parts_mut(to, n).fill(value) }
        }
        // SAFETY: the instructions are there; the caller's promise.
        return unsafe { wide(to, n, value) };
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts_mut(to, n).fill(value) }
}

/// One dimension of a copy: size, stride of the source, stride of the target.
pub(super) type CopyDim = (usize, isize, isize);

/// Copies every element of `dims`.
///
/// # Safety
/// `from` and `to` plus every offset that `dims` reaches are valid and aligned for elements of `size` bytes; the
/// two do not overlap.
pub(super) unsafe fn copy(size: usize, from: *const u8, to: *mut u8, dims: &[CopyDim]) {
    if dims.iter().all(|d| d.0 != 0) {
        // SAFETY: the caller's promise.
        unsafe { copy_merged(size, from, to, &merged(dims)) }
    }
}

/// The fewest dimensions that visit the same elements in the same order.
pub(super) fn merged(dims: &[CopyDim]) -> Vec<CopyDim> {
    let mut merged: Vec<CopyDim> = Vec::with_capacity(dims.len());
    for dim in dims.iter().filter(|d| d.0 != 1) {
        match merged.last_mut() {
            Some(outer) if outer.1 == dim.1 * dim.0 as isize && outer.2 == dim.2 * dim.0 as isize => {
                *outer = (outer.0 * dim.0, dim.1, dim.2);
            }
            _ => merged.push(*dim),
        }
    }
    merged
}

/// [`copy`] of [`merged`] dimensions, none of them empty: for copying many times alike.
///
/// # Safety
/// As [`copy`].
pub(super) unsafe fn copy_merged(size: usize, from: *const u8, to: *mut u8, dims: &[CopyDim]) {
    // SAFETY: the caller's promise.
    unsafe { by_size!(size, copy_typed(from.cast(), to.cast(), dims)) }
}

unsafe fn copy_typed<T: Copy>(from: *const T, to: *mut T, dims: &[CopyDim]) {
    // SAFETY: the caller's promise, and for each recursive call the same on fewer dimensions.
    unsafe {
        match dims {
            [] => *to = *from,
            [(n, from_stride, to_stride)] => copy_run(from, *from_stride, to, *to_stride, *n),
            [(n, from_stride, to_stride), inner @ ..] => {
                for i in 0..*n as isize {
                    copy_typed(from.offset(i * from_stride), to.offset(i * to_stride), inner);
                }
            }
        }
    }
}
