//! Packing: operands flushed, copied into the order in which kernels read them.

use std::ops::Range;

use super::flush;
use super::kernel::Ahead;
use crate::Isa;

/// One operand of a block as seen by a panel: `lanes` run along the panel's width (rows of `a`, columns of `b`),
/// steps along the contracting index.
#[derive(Clone, Copy)]
pub(super) struct Source {
    pub data: *const f32,
    pub lane_stride: usize,
    pub step_stride: usize,
}

impl Source {
    /// The source from (lane, step) on.
    pub(super) fn at(self, lane: usize, step: usize) -> Self {
        let data = self.data.wrapping_add(lane * self.lane_stride + step * self.step_stride);
        Self { data, ..self }
    }

    /// The source with lanes and steps exchanged.
    pub(super) fn exchanged(self) -> Self {
        Self { lane_stride: self.step_stride, step_stride: self.lane_stride, ..self }
    }
}

/// Packs `lanes` lanes of `steps` steps into panels `width` wide, one after the other; the last is as wide as its lanes
/// need, rounded up to `quantum`. Lanes added so are +0 (what a kernel computes from them is dropped). Steps are never
/// padded. Only the steps in `range` are packed now.
///
/// # Safety
/// The source must hold those elements, `to` have room for the panels; `range` must lie within `steps`.
pub(super) unsafe fn pack(
    isa: Isa,
    source: Source,
    lanes: usize,
    width: usize,
    quantum: usize,
    steps: usize,
    range: Range<usize>,
    to: *mut f32,
) {
    let pack_panel = match isa.supported() {
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => super::pack_x86::avx512,
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => super::pack_x86::avx2,
        _ => portable,
    };
    #[cfg(target_arch = "x86_64")]
    if isa.supported() == Isa::Avx512 && source.lane_stride == 1 && (lanes, width) == (16, 8) {
        // SAFETY: the instruction set is there; two panels follow each other.
        return unsafe {
            let (first, second) = (to.add(range.start * 8), to.add((steps + range.start) * 8));
            super::pack_x86::avx512_pair(source.at(0, range.start), range.len(), first, second);
        };
    }
    // Where lanes are adjacent, walk few steps at a time across all panels: a source row is then read in one go.
    let strip = if source.lane_stride == 1 { 16 } else { steps };
    for step in range.clone().step_by(strip) {
        let count = strip.min(range.end - step);
        for lane in (0..lanes).step_by(width) {
            let here = width.min(lanes - lane);
            let padded = here.next_multiple_of(quantum);
            // SAFETY: `supported` finds the features on this machine. Panels before this one hold `lane` lanes of
            // `steps` steps, this one `step` steps so far.
            unsafe {
                let panel = to.add(lane * steps + step * padded);
                pack_panel(source.at(lane, step), here, padded, count, panel);
            }
        }
    }
}

/// Packs `lanes` lanes of `steps` steps into one panel, `[steps][width]`, the other lanes +0.
///
/// # Safety
/// The source must hold all those elements, `panel` have room for `steps * width`, `lanes <= width`.
unsafe fn portable(source: Source, lanes: usize, width: usize, steps: usize, panel: *mut f32) {
    // SAFETY: the caller's promise.
    unsafe {
        pack_lanes(source, 0..lanes, width, steps, panel);
        zero_lanes(lanes..width, width, steps, panel);
    }
}

/// Packs some lanes of a panel.
///
/// # Safety
/// The source must hold these lanes, the panel have room for `steps * width`.
#[inline(always)]
pub(super) unsafe fn pack_lanes(
    source: Source,
    lanes: Range<usize>,
    width: usize,
    steps: usize,
    panel: *mut f32,
) {
    for p in 0..steps {
        for i in lanes.clone() {
            // SAFETY: the caller's promise.
            unsafe { *panel.add(p * width + i) = flush(*source.at(i, p).data) };
        }
    }
}

/// Sets some lanes of a panel to +0.
///
/// # Safety
/// The panel must have room for `steps * width`.
#[inline(always)]
pub(super) unsafe fn zero_lanes(lanes: Range<usize>, width: usize, steps: usize, panel: *mut f32) {
    if lanes.is_empty() {
        return;
    }
    for p in 0..steps {
        for i in lanes.clone() {
            // SAFETY: the caller's promise.
            unsafe { *panel.add(p * width + i) = 0.0 };
        }
    }
}

/// A source that will be packed, as streams of lines to fetch.
pub(super) struct Upcoming {
    source: Source,
    lanes: usize,
    steps: usize,
    /// Steps that a kernel's call covers.
    reach: usize,
    /// Streams taken.
    taken: usize,
}

impl Upcoming {
    /// Lanes and steps to be packed, none if that is nothing; `reach` are the steps of a kernel's call.
    pub fn new(source: Source, lanes: usize, steps: usize, reach: usize) -> Self {
        Self { source, lanes, steps, reach, taken: 0 }
    }

    /// Lines that a call fetches per stream.
    fn lines(&self) -> usize {
        self.reach / Ahead::STEPS
    }

    /// Streams from first to last.
    pub fn streams(&self) -> usize {
        match (self.source.lane_stride, self.source.step_stride) {
            _ if self.lines() == 0 => 0,
            (1, _) => self.lanes.div_ceil(LINE) * self.steps.div_ceil(self.lines()),
            (_, 1) => self.lanes * self.steps.div_ceil(self.reach),
            _ => 0,
        }
    }

    /// The next stream: its first line, and the distance to the next.
    pub fn next(&mut self) -> Option<(*const f32, usize)> {
        if self.taken >= self.streams() {
            return None;
        }
        let at = self.taken;
        self.taken += 1;
        Some(if self.source.lane_stride == 1 {
            // A line of every step, then the neighbouring ones, then later steps.
            let across = self.lanes.div_ceil(LINE);
            (self.source.at(at % across * LINE, at / across * self.lines()).data, self.source.step_stride)
        } else {
            // The steps of a lane, the same line several times.
            (self.source.at(at % self.lanes, at / self.lanes * self.reach).data, Ahead::STEPS)
        })
    }
}

/// Elements of a cache line.
const LINE: usize = 16;
