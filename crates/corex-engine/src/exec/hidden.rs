//! Products of which a `select` hides everything above a diagonal, as it does in causal attention: what nobody sees need not
//! be computed.
//!
//! The predicate must be an inequality between the row's and the column's index, from iotas, constants and sums. What is not
//! computed is whatever the buffer held before, so nothing but maps may read it on its way to the `select`.

use corex_hlo::ir::{BinaryOp, CompareDir, DType};

use super::kernel::MapOp;
use super::node::{Lowered, Node, NodeKind, Owner};
use super::view::{BufferId, View};
use crate::reference;

/// Maps between a product and the `select`, and operators of a predicate, at most.
const DEEPEST: usize = 8;
/// Who reads each of these values, at most: all paths are walked.
const MOST_READERS: usize = 3;
/// Indices and sums of them stay below this, so that no integer type of 32 bits wraps.
const LARGEST: i64 = 1 << 31;

/// Notes of products how much of them is seen.
pub(super) fn note(lowered: &mut Lowered) {
    let uses = Uses::of(lowered);
    for at in 0..lowered.nodes.len() {
        let node = &lowered.nodes[at];
        let NodeKind::Dot(dot) = &node.kind else { continue };
        let square = (dot.m, dot.n);
        let seen = if dot.is_dense() { uses.seen(lowered, node.out, square, DEEPEST) } else { None };
        if let NodeKind::Dot(dot) = &mut lowered.nodes[at].kind {
            dot.seen = seen;
        }
    }
}

/// Who writes and who reads each buffer.
struct Uses {
    producer: Vec<Option<usize>>,
    readers: Vec<Vec<usize>>,
}

impl Uses {
    fn of(lowered: &Lowered) -> Self {
        let mut uses = Self {
            producer: vec![None; lowered.buffers.len()],
            readers: vec![Vec::new(); lowered.buffers.len()],
        };
        for (at, node) in lowered.nodes.iter().enumerate() {
            node.outs().for_each(|b| uses.producer[b] = Some(at));
            node.kind.views().iter().for_each(|v| uses.readers[v.buffer].push(at));
        }
        uses
    }

    /// The largest `j - i` at which anybody sees element (i, j) of the matrices of `square` in the buffer; `None` if all
    /// may be seen.
    fn seen(&self, lowered: &Lowered, buffer: BufferId, square: (usize, usize), depth: usize) -> Option<i64> {
        let readers = &self.readers[buffer];
        let is_temporary = lowered.buffers[buffer].owner == Owner::Temporary;
        if depth == 0 || !is_temporary || readers.len() > MOST_READERS {
            return None;
        }
        let by_reader = |at: &usize| {
            let node = &lowered.nodes[*at];
            let NodeKind::Map { op, args, .. } = &node.kind else { return None };
            let is_read_here = |v: &View| {
                v.buffer == buffer && v.is_dense() && v.elements() == lowered.buffers[buffer].elements
            };
            if !args.iter().all(|v| v.buffer != buffer || is_read_here(v)) {
                return None;
            }
            match (op, &args[..]) {
                (MapOp::Select, [seen, _, other]) if other.buffer != buffer && seen.buffer != buffer => {
                    self.limit(lowered, seen, square, DEEPEST)
                }
                (MapOp::Select, _) => None,
                _ => self.seen(lowered, node.out, square, depth - 1),
            }
        };
        let limits: Option<Vec<i64>> = readers.iter().map(by_reader).collect();
        limits?.into_iter().max()
    }

    /// The largest `j - i` at which the predicate holds for any element (i, j) of matrices of `square`.
    fn limit(&self, lowered: &Lowered, seen: &View, square: (usize, usize), depth: usize) -> Option<i64> {
        let (node, at) = self.map(lowered, seen, square, depth)?;
        let NodeKind::Map { op, from, args } = &node.kind else { return None };
        let part = |arg: &View| self.limit(lowered, &at.of(arg)?, square, depth - 1);
        match (op, &args[..]) {
            (MapOp::Compare(dir), [x, y]) if from.is_int() && from.size() >= 4 => {
                let form = |v: &View| self.form(lowered, &at.of(v)?, square, *from, depth - 1);
                let (x, y) = (form(x)?, form(y)?);
                // What is not negative where the predicate holds.
                let positive = match dir {
                    CompareDir::Ge => x.minus(y),
                    CompareDir::Gt => x.minus(y).plus(-1),
                    CompareDir::Le => y.minus(x),
                    CompareDir::Lt => y.minus(x).plus(-1),
                    CompareDir::Eq | CompareDir::Ne => return None,
                };
                (positive.row == 1 && positive.column == -1).then_some(positive.constant)
            }
            // Both must hold.
            (MapOp::Binary(BinaryOp::And), [x, y]) => match (part(x), part(y)) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
            (MapOp::Copy, [x]) => part(x),
            (MapOp::Select, [x, on_true, on_false]) if *from == DType::I1 => {
                let is = |v: &View, value| Some(value) == constant(lowered, v, DType::I1);
                if is(on_true, 1) && is(on_false, 0) { part(x) } else { None }
            }
            _ => None,
        }
    }

    /// An integer as a function of row and column.
    fn form(
        &self,
        lowered: &Lowered,
        view: &View,
        square: (usize, usize),
        dtype: DType,
        depth: usize,
    ) -> Option<Form> {
        if let Some(constant) = constant(lowered, view, dtype) {
            return Form { row: 0, column: 0, constant }.within(square);
        }
        let (node, at) = self.map(lowered, view, square, depth)?;
        let NodeKind::Map { op, args, .. } = &node.kind else { return None };
        // A copy may have the bits of floats.
        if !lowered.buffers[node.out].dtype.is_int() {
            return None;
        }
        let part = |arg: &View| self.form(lowered, &at.of(arg)?, square, dtype, depth - 1);
        match (op, &args[..]) {
            (MapOp::Iota { size, inner }, _) => at.iota(*size, *inner, square)?.within(square),
            (MapOp::Binary(BinaryOp::Add), [x, y]) => {
                let (x, y) = (part(x)?, part(y)?);
                let sum = Form { row: x.row + y.row, column: x.column + y.column, constant: x.constant };
                sum.plus(y.constant).within(square)
            }
            (MapOp::Copy, [x]) => part(x),
            _ => None,
        }
    }

    /// The map that computes what the view reads, and where its elements are in the matrices of `square`, which must all be
    /// alike.
    fn map<'a>(
        &self,
        lowered: &'a Lowered,
        view: &View,
        (m, n): (usize, usize),
        depth: usize,
    ) -> Option<(&'a Node, Places)> {
        let matrices = view.elements().checked_div(m * n)?;
        let view = view.reshape(&[matrices, m, n]).filter(|_| view.elements() == matrices * m * n)?;
        let [apart, row, column] = view.strides[..] else { return None };
        if depth == 0 || (apart != 0 && matrices != 1) || row < 0 || column < 0 {
            return None;
        }
        let places =
            Places { start: view.offset, row: row as usize, column: column as usize, square: (m, n) };
        self.producer[view.buffer].map(|at| (&lowered.nodes[at], places))
    }
}

/// The integer that the view repeats, if it is a constant.
fn constant(lowered: &Lowered, view: &View, dtype: DType) -> Option<i64> {
    let Owner::Constant(at) = lowered.buffers[view.buffer].owner else { return None };
    if !matches!(view.collapsed()[..], [] | [(_, 0)]) {
        return None;
    }
    let size = dtype.size();
    let bytes = lowered.constants[at].get(view.offset * size..)?.get(..size)?;
    let word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    i64::try_from(reference::decode_int(dtype, word)).ok()
}

/// Where the elements of a matrix are in a buffer: (i, j) at `start + i row + j column`.
struct Places {
    start: usize,
    row: usize,
    column: usize,
    square: (usize, usize),
}

impl Places {
    /// What an operand of the map that computes the buffer contributes to the matrix.
    fn of(&self, operand: &View) -> Option<View> {
        let (m, n) = self.square;
        let shape = match (self.start, self.row, self.column) {
            (0, row, 1) if row == n => [m, n],
            (0, 0, 1) => [1, n],
            (0, 1, 0) => [m, 1],
            _ => return None,
        };
        let rows = operand.reshape(&shape).filter(|_| operand.elements() == shape[0] * shape[1])?;
        Some(rows.broadcast(&[m, n], &[0, 1]))
    }

    /// `place / inner % size`, if that is a multiple of the row's or the column's index.
    fn iota(&self, size: usize, inner: usize, (m, n): (usize, usize)) -> Option<Form> {
        let period = size.checked_mul(inner).filter(|period| *period > 0)?;
        let of = |stride: usize, count: usize| {
            // Places are whole periods apart, or steps within one.
            if stride.is_multiple_of(period) {
                Some((0, 0))
            } else if stride.is_multiple_of(inner) {
                Some((stride / inner, stride.checked_mul(count - 1)?))
            } else {
                None
            }
        };
        let within = self.start % period;
        // Columns may also move on within the `inner` places that are alike.
        let stays = within % inner + self.column.checked_mul(n - 1)? < inner;
        let (column, columns) = if stays { (0, 0) } else { of(self.column, n)? };
        let (row, rows) = of(self.row, m)?;
        let is_one_period = within.checked_add(rows)?.checked_add(columns)? < period;
        is_one_period.then_some(Form {
            row: i64::try_from(row).ok()?,
            column: i64::try_from(column).ok()?,
            constant: i64::try_from(within / inner).ok()?,
        })
    }
}

/// `row i + column j + constant`
#[derive(Clone, Copy)]
struct Form {
    row: i64,
    column: i64,
    constant: i64,
}

impl Form {
    fn minus(self, other: Self) -> Self {
        Self {
            row: self.row - other.row,
            column: self.column - other.column,
            constant: self.constant - other.constant,
        }
    }

    fn plus(self, constant: i64) -> Self {
        Self { constant: self.constant + constant, ..self }
    }

    /// The form, if no element of the matrix is negative or as large as [`LARGEST`].
    fn within(self, (m, n): (usize, usize)) -> Option<Self> {
        let last = |count: usize| i64::try_from(count.saturating_sub(1)).ok().filter(|last| *last < LARGEST);
        let (last_row, last_column) = (last(m)?, last(n)?);
        let corner = |i: i64, j: i64| {
            let value = self.row.checked_mul(i)?.checked_add(self.column.checked_mul(j)?)?;
            value.checked_add(self.constant).filter(|value| (0..LARGEST).contains(value))
        };
        corner(0, 0)
            .and(corner(last_row, 0))
            .and(corner(0, last_column))
            .and(corner(last_row, last_column))?;
        Some(self)
    }
}
