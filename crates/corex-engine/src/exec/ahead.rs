//! The next tile's stretches of memory, fetched bit by bit while this tile is computed: otherwise every instruction that reads
//! memory would wait for it, and none of the others use the time.

use corex_num::accumulator::Slot;
use corex_num::prefetch;

use super::fuse::Level;
use super::memory::Memory;
use super::tile::{Instr, Place, TileProgram, operands};
use super::view::BufferId;

const LINE: usize = 64;
/// Bytes of all stretches of all tiles that the caches are taken to hold.
const CACHED: usize = 1 << 20;

/// What a tile program reads and writes whole stretches of. Whoever uses one first fetches it: a sequence block by block,
/// which it does itself, all other instructions together, each its share.
pub(super) struct Ahead {
    /// The operands that each sequence fetches.
    pub of_sequences: Vec<Vec<Slot>>,
    /// What the other instructions fetch, with the bytes of an element.
    streams: Vec<(BufferId, usize)>,
    /// Elements of the domain.
    elements: usize,
    /// Instructions to share the work.
    instructions: usize,
    /// First line of each stream's stretch, and its lines.
    stretches: Vec<(*const u8, usize)>,
    /// Lines per instruction.
    share: usize,
    /// The stretch and its line to fetch next.
    next: (usize, usize),
}

impl Ahead {
    pub fn of(program: &TileProgram, memory: &Memory) -> Self {
        let mut ahead = Self {
            of_sequences: Vec::new(),
            streams: Vec::new(),
            elements: program.elements,
            instructions: program.code.len(),
            stretches: Vec::new(),
            share: 0,
            next: (0, 0),
        };
        // By address: some buffers share their bytes.
        let (mut known, mut bytes) = (Vec::new(), 0);
        for instr in &program.code {
            let mut slots = Vec::new();
            for (at, reg) in operands(instr).into_iter().enumerate() {
                if let Place::Memory { buffer, size, level: Level::Full } = program.regs[reg]
                    && !known.contains(&memory.addresses[buffer])
                {
                    known.push(memory.addresses[buffer]);
                    bytes += size * program.elements;
                    match instr {
                        Instr::Sequence(_) => slots.extend(Slot::try_from(at)),
                        _ => ahead.streams.push((buffer, size)),
                    }
                }
            }
            if let Instr::Sequence(_) = instr {
                ahead.of_sequences.push(slots);
            }
        }
        if bytes <= CACHED {
            ahead.streams.clear();
            ahead.of_sequences.iter_mut().for_each(Vec::clear);
        }
        ahead
    }

    /// Begins with elements `first..first + n`, as far as there are so many.
    pub fn start(&mut self, memory: &Memory, first: usize, n: usize) {
        self.stretches.clear();
        self.next = (0, 0);
        let n = n.min(self.elements.saturating_sub(first));
        if n == 0 {
            return;
        }
        for (buffer, size) in &self.streams {
            let from = memory.addresses[*buffer].wrapping_add(first * size);
            self.stretches.push((from.cast_const(), (n * size).div_ceil(LINE)));
        }
        let lines: usize = self.stretches.iter().map(|(_, lines)| lines).sum();
        self.share = lines.div_ceil(self.instructions.max(1));
    }

    /// Fetches one instruction's share.
    pub fn fetch(&mut self) {
        let mut left = self.share;
        while let Some((from, lines)) = self.stretches.get(self.next.0).filter(|_| left > 0) {
            let end = lines.min(&(self.next.1 + left)).to_owned();
            for line in self.next.1..end {
                prefetch(from.wrapping_add(line * LINE));
            }
            left -= end - self.next.1;
            self.next = if end == *lines { (self.next.0 + 1, 0) } else { (self.next.0, end) };
        }
    }
}
