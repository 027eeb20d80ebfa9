//! Patches: what every result element of a convolution sees of the left operand, as rows of a matrix.
//!
//! A row of a patch (the window's elements along its last dimension) is one copy where the operand's features and
//! neighbours lie side by side, else one per element.

use std::ops::Range;

use super::convolution::{ConvNode, decode};
use super::memory::Memory;
use crate::reference;

/// Makes patches of one group.
pub(super) struct Patches<'a> {
    node: &'a ConvNode,
    group: usize,
    /// For every spatial dimension and every element of the window along it, how far from the start of the image
    /// that is at the current place; `None` in padding and holes.
    distances: Vec<Vec<Option<isize>>>,
    /// The place that `distances` belong to.
    place: Vec<usize>,
    is_first: bool,
    /// Index of a window element; scratch.
    at: Vec<usize>,
    /// Sizes of the window.
    sizes: Vec<usize>,
    /// Whether neighbours along the window's last dimension follow each other without a gap in the operand.
    is_dense: bool,
}

impl<'a> Patches<'a> {
    pub fn new(node: &'a ConvNode, group: usize) -> Self {
        let sizes: Vec<usize> =
            if node.window_elements() == 0 { vec![] } else { node.window.iter().map(|w| w.size).collect() };
        let distances = sizes.iter().map(|size| vec![None; *size]).collect();
        let spatial = node.window.len();
        let is_dense = node.window.last().is_some_and(|w| {
            let step = w.window_dilation as isize * node.lhs.strides[spatial];
            w.base_dilation == 1 && step == node.features() as isize
        });
        let (place, at) = (vec![0; node.places.len()], vec![0; sizes.len()]);
        Self { node, group, distances, place, is_first: true, at, sizes, is_dense }
    }

    /// Moves to another place; neighbours share most coordinates.
    fn go_to(&mut self, place: usize) {
        let node = self.node;
        let mut rest = place;
        for (d, size) in node.places.iter().enumerate().rev() {
            let coordinate = rest % size;
            rest /= size;
            let moved = self.is_first || self.place[d] != coordinate;
            self.place[d] = coordinate;
            let Some(distances) = d.checked_sub(1).and_then(|d| self.distances.get_mut(d)).filter(|_| moved)
            else {
                continue;
            };
            let (w, size, stride) = (&node.window[d - 1], node.lhs.shape[d], node.lhs.strides[d]);
            for (at, distance) in distances.iter_mut().enumerate() {
                let source = reference::window_source(w, coordinate, at, size);
                *distance = source.map(|i| i as isize * stride);
            }
        }
        self.is_first = false;
    }

    /// Writes the elements `columns` of the window at `place`, with their features, to `out`.
    ///
    /// # Safety
    /// `out` has room for them; the operand is in memory.
    pub unsafe fn fill(&mut self, memory: &Memory, place: usize, columns: Range<usize>, out: *mut f32) {
        self.go_to(place);
        let (node, features) = (self.node, self.node.features());
        let strides = &node.lhs.strides;
        let feature_group = if node.feature_groups > 1 { self.group } else { 0 };
        let batch_group = if node.batch_groups > 1 { self.group } else { 0 };
        let batch = batch_group * node.places[0] + self.place[0];
        let image = node.lhs.offset as isize
            + batch as isize * strides[0]
            + (feature_group * features) as isize * strides[strides.len() - 1];
        // SAFETY: the start of the operand's buffer; what is read lies behind it.
        let start = unsafe { memory.at(node.lhs.buffer, 0, 4).cast::<f32>().cast_const() };
        let Some((row, outer)) = self.distances.split_last() else {
            // SAFETY: without spatial dimensions the window is one element; lowering made features lie side by side.
            unsafe { copy(start.offset(image), out, if columns.is_empty() { 0 } else { features }) }
            return;
        };
        let mut done = columns.start;
        decode(done, &self.sizes, &mut self.at);
        while done < columns.end {
            let (first, above) = self.at.split_last().map_or((0, &[][..]), |(first, above)| (*first, above));
            let run = (row.len() - first).min(columns.end - done);
            let base: Option<isize> = outer.iter().zip(above).map(|(distances, at)| distances[*at]).sum();
            // SAFETY: `out` has room for the columns; distances lie within the operand.
            unsafe {
                let to = out.add((done - columns.start) * features);
                match base {
                    None => std::slice::from_raw_parts_mut(to, run * features).fill(0.0),
                    Some(base) => {
                        let from = start.offset(image + base);
                        fill_row(&row[first..first + run], self.is_dense, from, features, to);
                    }
                }
            }
            done += run;
            // The next row of the window begins at its first element.
            if let Some((first, above)) = self.at.split_last_mut() {
                *first = 0;
                for (at, size) in above.iter_mut().zip(&self.sizes).rev() {
                    *at += 1;
                    if *at < *size {
                        break;
                    }
                    *at = 0;
                }
            }
        }
    }
}

/// Writes elements of the window along its last dimension.
unsafe fn fill_row(row: &[Option<isize>], is_dense: bool, from: *const f32, features: usize, to: *mut f32) {
    if !is_dense {
        for (column, distance) in row.iter().enumerate() {
            // SAFETY: the caller's promise.
            unsafe {
                let to = to.add(column * features);
                match distance {
                    Some(distance) => copy(from.offset(*distance), to, features),
                    None => std::slice::from_raw_parts_mut(to, features).fill(0.0),
                }
            }
        }
        return;
    }
    // Padding, the operand, padding.
    let low = row.iter().take_while(|distance| distance.is_none()).count();
    let seen = row[low..].iter().take_while(|distance| distance.is_some()).count();
    // SAFETY: the caller's promise; what is seen lies side by side.
    unsafe {
        std::slice::from_raw_parts_mut(to, low * features).fill(0.0);
        if let Some(Some(distance)) = row.get(low) {
            copy(from.offset(*distance), to.add(low * features), seen * features);
        }
        let rest = (row.len() - low - seen) * features;
        std::slice::from_raw_parts_mut(to.add((low + seen) * features), rest).fill(0.0);
    }
}

/// Copies few elements without a call.
unsafe fn copy(from: *const f32, to: *mut f32, n: usize) {
    // SAFETY: the caller's promise: both are valid for `n` elements.
    unsafe {
        if n > 32 {
            std::ptr::copy_nonoverlapping(from, to, n);
        } else {
            (0..n).for_each(|i| *to.add(i) = *from.add(i));
        }
    }
}
