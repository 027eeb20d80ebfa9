//! Strided views: the data-movement operators that cost nothing.
//!
//! Broadcast, transpose, slice, reverse and most reshapes only say *where* the elements of a result are found in
//! another buffer. A [`View`] keeps that as an offset and one stride per dimension, all counted in elements.

/// Index of a buffer in the plan.
pub(super) type BufferId = usize;

/// Where the elements of a tensor lie in a buffer.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct View {
    pub buffer: BufferId,
    /// Position of the element with index vector 0.
    pub offset: usize,
    pub shape: Vec<usize>,
    /// Distance between neighbours of each dimension; 0 where elements repeat, negative where they are reversed.
    pub strides: Vec<isize>,
}

impl View {
    /// A whole buffer, row-major.
    pub fn dense(buffer: BufferId, shape: &[usize]) -> Self {
        Self { buffer, offset: 0, shape: shape.to_vec(), strides: dense_strides(shape) }
    }

    /// The first element of a buffer, repeated.
    pub fn splat(buffer: BufferId, shape: &[usize]) -> Self {
        Self { buffer, offset: 0, shape: shape.to_vec(), strides: vec![0; shape.len()] }
    }

    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    pub fn broadcast(&self, shape: &[usize], dims: &[usize]) -> Self {
        let mut strides = vec![0; shape.len()];
        for (i, d) in dims.iter().enumerate() {
            if self.shape[i] != 1 {
                strides[*d] = self.strides[i];
            }
        }
        Self { shape: shape.to_vec(), strides, ..*self }
    }

    pub fn transpose(&self, perm: &[usize]) -> Self {
        let shape = perm.iter().map(|d| self.shape[*d]).collect();
        let strides = perm.iter().map(|d| self.strides[*d]).collect();
        Self { shape, strides, ..*self }
    }

    pub fn slice(&self, start: &[usize], shape: &[usize], steps: &[usize]) -> Self {
        if shape.contains(&0) {
            return Self { shape: shape.to_vec(), strides: vec![0; shape.len()], ..*self };
        }
        let offset = self.at(start);
        let strides = self
            .strides
            .iter()
            .zip(steps)
            .zip(shape)
            // A step may be huge where only one element is taken.
            .map(|((stride, step), size)| if *size == 1 { 0 } else { stride * *step as isize })
            .collect();
        Self { buffer: self.buffer, offset, shape: shape.to_vec(), strides }
    }

    pub fn reverse(&self, dims: &[usize]) -> Self {
        let mut view = self.clone();
        if self.shape.contains(&0) {
            return view;
        }
        for d in dims {
            let last = (self.shape[*d] - 1) as isize * self.strides[*d];
            view.offset = view.offset.wrapping_add_signed(last);
            view.strides[*d] = -self.strides[*d];
        }
        view
    }

    /// The same elements in row-major order under another shape, if strides can say that.
    pub fn reshape(&self, shape: &[usize]) -> Option<Self> {
        let strides = if self.shape.contains(&0) {
            vec![0; shape.len()]
        } else {
            split_strides(&self.collapsed(), shape)?
        };
        Some(Self { shape: shape.to_vec(), strides, ..*self })
    }

    /// Position in the buffer of an index vector within the shape.
    pub fn at(&self, index: &[usize]) -> usize {
        let distance: isize = index.iter().zip(&self.strides).map(|(i, s)| *i as isize * s).sum();
        self.offset.wrapping_add_signed(distance)
    }

    /// (size, stride) of the fewest dimensions that visit the same elements in the same order; none for one
    /// element.
    pub fn collapsed(&self) -> Vec<(usize, isize)> {
        collapse(self.shape.iter().copied().zip(self.strides.iter().copied()))
    }

    /// True if the view's elements are the first ones of the buffer, in order, each once.
    pub fn is_dense(&self) -> bool {
        self.offset == 0 && matches!(self.collapsed()[..], [] | [(_, 1)])
    }
}

pub(super) fn dense_strides(shape: &[usize]) -> Vec<isize> {
    let mut strides = vec![0; shape.len()];
    let mut next = 1;
    for d in (0..shape.len()).rev() {
        strides[d] = next;
        next *= shape[d].max(1) as isize;
    }
    strides
}

/// Merges neighbours that one stride can walk, and drops dimensions of size 1.
pub(super) fn collapse(dims: impl Iterator<Item = (usize, isize)>) -> Vec<(usize, isize)> {
    let mut merged: Vec<(usize, isize)> = Vec::new();
    for (size, stride) in dims.filter(|(size, _)| *size != 1) {
        match merged.last_mut() {
            Some((outer, outer_stride)) if *outer_stride == stride * size as isize => {
                *outer *= size;
                *outer_stride = stride;
            }
            _ => merged.push((size, stride)),
        }
    }
    merged
}

/// Strides of `shape` over the elements that `dims` visit, if every new dimension lies within an old one.
fn split_strides(dims: &[(usize, isize)], shape: &[usize]) -> Option<Vec<isize>> {
    let mut strides = vec![0; shape.len()];
    let mut rest = dims.iter().rev();
    let (mut left, mut stride) = (1, 0);
    for d in (0..shape.len()).rev().filter(|d| shape[*d] != 1) {
        if left == 1 {
            (left, stride) = *rest.next()?;
        }
        if left % shape[d] != 0 {
            return None;
        }
        strides[d] = stride;
        stride *= shape[d] as isize;
        left /= shape[d];
    }
    Some(strides)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reshape_splits_and_merges_only_what_one_stride_walks() {
        let x = View::dense(0, &[4, 6]);
        assert_eq!(x.reshape(&[2, 2, 3, 2]).map(|v| v.strides), Some(vec![12, 6, 2, 1]));
        assert_eq!(x.transpose(&[1, 0]).reshape(&[24]), None);
        assert_eq!(x.transpose(&[1, 0]).reshape(&[3, 2, 4]).map(|v| v.strides), Some(vec![2, 1, 6]));
        let row = View::dense(0, &[6]).broadcast(&[4, 6], &[1]);
        assert_eq!(row.reshape(&[2, 2, 6]).map(|v| v.strides), Some(vec![0, 0, 1]));
        assert_eq!(row.reshape(&[24]), None);
    }

    #[test]
    fn dense_is_recognised() {
        assert!(View::dense(0, &[3, 1, 4]).is_dense());
        assert!(View::dense(0, &[]).is_dense());
        assert!(!View::dense(0, &[3, 4]).slice(&[0, 0], &[3, 2], &[1, 1]).is_dense());
        assert!(!View::dense(0, &[3]).reverse(&[0]).is_dense());
    }
}
