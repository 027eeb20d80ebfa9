//! Fusion: which nodes are computed together, tile by tile, so that what flows between them stays in cache.
//!
//! A group is a set of map nodes and row folds over one *domain* of `elements`, seen as rows of `cols` once a row
//! fold has joined. Nodes are *full* (one value per element) or *per row* (one value per row). Within a group a
//! value may be read where it was computed: the same element, or by every element of the same row. Everything
//! else is read from memory, so it must be complete before the group starts: a node joins a group only if no
//! path leads from the group through the outside to the node.

use std::collections::BTreeSet;

use super::node::{Lowered, Node, NodeKind};
use super::view::{BufferId, View};

/// Rows longer than this are folded piece by piece, so their folds cannot be read within the group.
pub(super) const LONGEST_ROW: usize = 16 * 1024;
/// Nodes per group: bounds the tiles alive at once.
const LARGEST_GROUP: usize = 256;
/// Groups that are still open to new nodes; beyond that, all are closed.
const OPEN_GROUPS: usize = 512;
/// Elements that a group may have to be computed as soon as it can be.
const SMALL: usize = 64;

/// What is computed in one go.
#[derive(Debug)]
pub(super) struct Group {
    /// Positions in [`Lowered::nodes`], ascending. One node, unless all are maps and row folds.
    pub nodes: Vec<usize>,
    /// Elements of the domain; meaningless for other nodes.
    pub elements: usize,
    /// Row length, if the group folds rows.
    pub cols: Option<usize>,
}

/// How a node of a group relates to the domain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Level {
    Full,
    PerRow,
}

impl Group {
    /// The level of a value with so many elements; a row fold takes full values and gives one per row.
    pub fn level(&self, elements: usize) -> Option<Level> {
        if elements == self.elements {
            Some(Level::Full)
        } else if self.cols.is_some_and(|cols| cols <= LONGEST_ROW && elements * cols == self.elements) {
            Some(Level::PerRow)
        } else {
            None
        }
    }

    /// True if the view reads, at every element, the value of the same row.
    pub fn is_row_broadcast(&self, view: &View) -> bool {
        let Some(cols) = self.cols else { return false };
        view.offset == 0
            && match view.collapsed()[..] {
                [(n, 0)] => n == cols && self.elements == cols,
                [(rows, 1), (n, 0)] => n == cols && rows * cols == self.elements,
                _ => false,
            }
    }
}

/// The groups in an order in which every one finds its operands complete.
pub(super) fn fuse(lowered: &Lowered) -> Vec<Group> {
    let mut fusion = Fusion {
        lowered,
        groups: Vec::new(),
        group_of: vec![None; lowered.buffers.len()],
        first_open: 0,
        depends: Vec::new(),
    };
    for (at, node) in lowered.nodes.iter().enumerate() {
        fusion.add(at, node);
    }
    let Fusion { groups, group_of, .. } = fusion;
    order(lowered, groups, &group_of)
}

type Bits = [u64; OPEN_GROUPS / 64];

struct Fusion<'a> {
    lowered: &'a Lowered,
    groups: Vec<Group>,
    /// The group that computes a buffer.
    group_of: Vec<Option<usize>>,
    /// Groups before this one are closed: nothing is known about what depends on them.
    first_open: usize,
    /// For each open group, the open groups that must run before it. Transitively closed.
    depends: Vec<Bits>,
}

impl Fusion<'_> {
    fn add(&mut self, at: usize, node: &Node) {
        let views = node.kind.views();
        let mut producers: Vec<usize> = views.iter().filter_map(|v| self.group_of[v.buffer]).collect();
        producers.sort_unstable();
        producers.dedup();
        let candidates: Vec<usize> =
            producers.iter().rev().copied().filter(|g| *g >= self.first_open).collect();
        let home = candidates.into_iter().find(|g| self.fits(*g, node) && !self.would_cycle(*g, &producers));
        let home = home.unwrap_or_else(|| self.open(node));
        if let NodeKind::RowFold { cols, .. } = node.kind {
            self.groups[home].cols = Some(cols);
        }
        self.groups[home].nodes.push(at);
        node.outs().for_each(|b| self.group_of[b] = Some(home));
        self.record(home, &producers);
        let first_open = self.first_open;
        for other in producers.into_iter().filter(|g| *g != home && *g >= first_open) {
            self.merge(home, other);
        }
    }

    /// Makes `other` part of `home` if they can be computed together: what flows between them then stays in cache.
    fn merge(&mut self, home: usize, other: usize) {
        let (a, b) = (&self.groups[home], &self.groups[other]);
        let together = Group { nodes: Vec::new(), elements: a.elements, cols: a.cols.or(b.cols) };
        let same_domain = a.elements == b.elements
            && a.elements > 0
            && (b.cols.is_none() || b.cols == together.cols)
            && a.nodes.len() + b.nodes.len() <= LARGEST_GROUP;
        let is_between = |g: usize| {
            (self.runs_before(home, g) && self.runs_before(g, other))
                || (self.runs_before(other, g) && self.runs_before(g, home))
        };
        if !same_domain
            || (self.first_open..self.groups.len()).any(is_between)
            || !a.nodes.iter().chain(&b.nodes).all(|n| {
                let inside =
                    |buffer: BufferId| matches!(self.group_of[buffer], Some(g) if g == home || g == other);
                self.computable(&self.lowered.nodes[*n], &together, inside)
            })
        {
            return;
        }
        let moved = std::mem::take(&mut self.groups[other].nodes);
        self.groups[other].elements = 0;
        for n in &moved {
            self.group_of[self.lowered.nodes[*n].out] = Some(home);
        }
        let nodes = &mut self.groups[home].nodes;
        nodes.extend(moved);
        nodes.sort_unstable();
        self.groups[home].cols = together.cols;
        // Whoever waited for the one waits for both, and nobody for the group that is gone.
        let (to, from) = (home - self.first_open, other - self.first_open);
        let gone = std::mem::replace(&mut self.depends[from], [0; OPEN_GROUPS / 64]);
        for (to, from) in self.depends[to].iter_mut().zip(&gone) {
            *to |= from;
        }
        self.depends[to][to / 64] &= !(1 << (to % 64));
        self.depends[to][from / 64] &= !(1 << (from % 64));
        let before = self.depends[to];
        for at in (0..self.depends.len()).filter(|at| *at != to) {
            let bit = |b: usize| self.depends[at][b / 64] >> (b % 64) & 1 == 1;
            if bit(to) || bit(from) {
                for (to, from) in self.depends[at].iter_mut().zip(&before) {
                    *to |= from;
                }
                self.depends[at][to / 64] |= 1 << (to % 64);
                self.depends[at][from / 64] &= !(1 << (from % 64));
            }
        }
    }

    /// True if the node may join: it computes over the group's domain and reads the group's values only where they
    /// are.
    fn fits(&self, group: usize, node: &Node) -> bool {
        let g = &self.groups[group];
        if g.elements == 0 || g.nodes.len() >= LARGEST_GROUP {
            return false;
        }
        let cols = match &node.kind {
            NodeKind::RowFold { cols, .. } => Some(*cols),
            _ => g.cols,
        };
        let joined = Group { nodes: Vec::new(), elements: g.elements, cols };
        g.cols.is_none_or(|c| Some(c) == cols)
            && self.computable(node, &joined, |buffer| self.group_of[buffer] == Some(group))
    }

    /// True if the node can be computed within `group`, where `inside` tells which buffers are computed there, too.
    fn computable(&self, node: &Node, group: &Group, inside: impl Fn(BufferId) -> bool) -> bool {
        let reads_in_place = |view: &View, level: Level| {
            if !inside(view.buffer) {
                return true;
            }
            let produced = group.level(self.lowered.buffers[view.buffer].elements);
            match (produced, level) {
                (Some(Level::Full), Level::Full) | (Some(Level::PerRow), Level::PerRow) => view.is_dense(),
                (Some(Level::PerRow), Level::Full) => group.is_row_broadcast(view),
                _ => false,
            }
        };
        match &node.kind {
            NodeKind::Map { args, .. } => {
                let elements = self.lowered.buffers[node.out].elements;
                group.level(elements).is_some_and(|level| args.iter().all(|v| reads_in_place(v, level)))
            }
            NodeKind::RowFold { x, cols, init, .. } => {
                group.cols == Some(*cols)
                    && x.elements() == group.elements
                    && reads_in_place(x, Level::Full)
                    && !inside(init.buffer)
            }
            _ => false,
        }
    }

    /// True if some operand from outside depends on the group.
    fn would_cycle(&self, group: usize, producers: &[usize]) -> bool {
        producers.iter().any(|p| *p != group && *p >= self.first_open && self.runs_before(group, *p))
    }

    fn runs_before(&self, first: usize, second: usize) -> bool {
        let bit = first - self.first_open;
        self.depends[second - self.first_open][bit / 64] >> (bit % 64) & 1 == 1
    }

    fn open(&mut self, node: &Node) -> usize {
        if self.depends.len() == OPEN_GROUPS {
            self.first_open = self.groups.len();
            self.depends.clear();
        }
        let elements = match &node.kind {
            NodeKind::Map { .. } => self.lowered.buffers[node.out].elements,
            NodeKind::RowFold { x, .. } => x.elements(),
            _ => 0,
        };
        self.groups.push(Group { nodes: Vec::new(), elements, cols: None });
        self.depends.push([0; OPEN_GROUPS / 64]);
        self.groups.len() - 1
    }

    /// `home` now runs after all of `producers`, and so does everything that runs after `home`.
    fn record(&mut self, home: usize, producers: &[usize]) {
        let mut added: Bits = [0; OPEN_GROUPS / 64];
        for p in producers.iter().filter(|p| **p != home && **p >= self.first_open) {
            let bit = p - self.first_open;
            added[bit / 64] |= 1 << (bit % 64);
            for (to, from) in added.iter_mut().zip(&self.depends[bit]) {
                *to |= from;
            }
        }
        let home_at = home - self.first_open;
        for at in 0..self.depends.len() {
            if at == home_at || self.runs_before(home, at + self.first_open) {
                for (to, from) in self.depends[at].iter_mut().zip(&added) {
                    *to |= from;
                }
            }
        }
    }
}

/// Topological order; among groups that are ready, the one whose last node comes first in the program. Those of a few
/// elements come before all others: between a product and what it is part of, they would part them (see [`super::chain`]).
fn order(lowered: &Lowered, groups: Vec<Group>, group_of: &[Option<usize>]) -> Vec<Group> {
    let mut waits = vec![0_usize; groups.len()];
    let mut consumers: Vec<Vec<usize>> = vec![Vec::new(); groups.len()];
    for (at, group) in groups.iter().enumerate() {
        let producer = |buffer: BufferId| group_of[buffer].filter(|p| *p != at);
        let views = group.nodes.iter().flat_map(|n| lowered.nodes[*n].kind.views());
        let mut producers: Vec<usize> = views.filter_map(|v| producer(v.buffer)).collect();
        producers.sort_unstable();
        producers.dedup();
        waits[at] = producers.len();
        for p in producers {
            consumers[p].push(at);
        }
    }
    let rank = |g: usize| {
        let group = &groups[g];
        let elements =
            |n: &usize| lowered.nodes[*n].outs().map(|b| lowered.buffers[b].elements).sum::<usize>();
        let is_small = group.elements <= SMALL && group.nodes.iter().map(elements).sum::<usize>() <= SMALL;
        (!is_small, group.nodes.last().copied().unwrap_or(0))
    };
    let alive = |g: &usize| !groups[*g].nodes.is_empty();
    let mut ready: BTreeSet<((bool, usize), usize)> =
        (0..groups.len()).filter(alive).filter(|g| waits[*g] == 0).map(|g| (rank(g), g)).collect();
    let mut sequence = Vec::with_capacity(groups.len());
    while let Some((_, g)) = ready.pop_first() {
        sequence.push(g);
        for c in &consumers[g] {
            waits[*c] -= 1;
            if waits[*c] == 0 {
                ready.insert((rank(*c), *c));
            }
        }
    }
    debug_assert_eq!(sequence.len(), (0..groups.len()).filter(alive).count(), "fusion made a cycle");
    let mut groups: Vec<Option<Group>> = groups.into_iter().map(Some).collect();
    sequence.into_iter().filter_map(|g| groups[g].take()).collect()
}
