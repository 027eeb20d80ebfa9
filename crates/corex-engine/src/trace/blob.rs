//! The BLAKE3 tree of a blob: hashes of parts of it, and what shows that a chunk is one of its chunks.

use blake3::hazmat::{HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root};

use super::{Digest, tree};

/// Bytes of a chunk, the smallest part that BLAKE3 hashes on its own.
pub const CHUNK: usize = 1024;

/// The hash tree of a blob. Level 0 are its chunks; node `i` of a level is the parent of nodes `2i` and `2i + 1`
/// below, or, where there is no second one, that node itself. Nothing is kept: every node is hashed when it is asked
/// for.
#[derive(Clone, Copy, Debug)]
pub struct BlobTree<'b> {
    bytes: &'b [u8],
}

impl<'b> BlobTree<'b> {
    /// The tree of these bytes.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { bytes }
    }

    /// Number of chunks; an empty blob has one.
    pub fn chunks(&self) -> u64 {
        self.bytes.len().div_ceil(CHUNK).max(1) as u64
    }

    /// Levels above the chunks.
    pub fn height(&self) -> u32 {
        tree::height(self.chunks())
    }

    /// The bytes of a chunk: [`CHUNK`], fewer at the end; `None` if there is no such chunk.
    pub fn chunk(&self, number: u64) -> Option<&'b [u8]> {
        self.part(0, number)
    }

    /// The chaining value of node `number` of `level`; of the topmost node, which has none, the blob's id. `None` if
    /// there is no such node.
    pub fn node(&self, level: u32, number: u64) -> Option<Digest> {
        let part = self.part(level, number)?;
        if part.len() == self.bytes.len() {
            return Some(Digest::of_blob(part));
        }
        let offset = (number << level) * CHUNK as u64;
        let mut hasher = blake3::Hasher::new();
        hasher.set_input_offset(offset).update(part);
        Some(Digest(hasher.finalize_non_root()))
    }

    /// What stands beside node `number` of `level` and the nodes above it, upwards, where there is anything; `None`
    /// if there is no such node.
    pub fn siblings(&self, level: u32, number: u64) -> Option<Vec<Digest>> {
        self.part(level, number)?;
        let levels = level..self.height();
        Some(levels.filter_map(|at| self.node(at, number >> (at - level) ^ 1)).collect())
    }

    /// The bytes under a node.
    fn part(&self, level: u32, number: u64) -> Option<&'b [u8]> {
        if level > self.height() || number > (self.chunks() - 1) >> level {
            return None;
        }
        let chunk = |number: u64| usize::try_from(number).ok()?.checked_mul(CHUNK);
        let first = chunk(number << level)?;
        let end = chunk((number + 1) << level).unwrap_or(usize::MAX).min(self.bytes.len());
        self.bytes.get(first..end)
    }
}

/// The id of a blob of `length` bytes whose chunk `number` is `chunk`, with these siblings; `None` if a blob of that
/// length has no such chunk, or another number of siblings.
pub fn id_of(length: u64, number: u64, chunk: &[u8], siblings: &[Digest]) -> Option<Digest> {
    let chunks = length.div_ceil(CHUNK as u64).max(1);
    let expected = length.checked_sub(number.checked_mul(CHUNK as u64)?)?.min(CHUNK as u64);
    if number >= chunks || chunk.len() as u64 != expected {
        return None;
    }
    if chunks == 1 {
        return siblings.is_empty().then(|| Digest::of_blob(chunk));
    }
    let mut hasher = blake3::Hasher::new();
    hasher.set_input_offset(number * CHUNK as u64).update(chunk);
    climb(chunks, 0, number, Digest(hasher.finalize_non_root()), siblings)
}

/// The id of a blob of so many chunks, more than one, in which `node` is node `number` of `level`, with these
/// siblings.
pub fn climb(chunks: u64, level: u32, number: u64, node: Digest, siblings: &[Digest]) -> Option<Digest> {
    let (mut node, mut siblings) = (node, siblings.iter());
    let last = |level: u32| (chunks.max(1) - 1) >> level;
    if number > last(level) {
        return None;
    }
    for at in level..tree::height(chunks) {
        let number = number >> (at - level);
        // The last node of an odd level moves up as it is.
        if number ^ 1 > last(at) {
            continue;
        }
        let sibling = *siblings.next()?;
        let (left, right) = if number & 1 == 0 { (node, sibling) } else { (sibling, node) };
        node = parent(left, right, at + 1 == tree::height(chunks));
    }
    siblings.next().is_none().then_some(node)
}

/// The node above two others; the topmost one is the blob's id.
pub fn parent(left: Digest, right: Digest, is_top: bool) -> Digest {
    match is_top {
        true => Digest(*merge_subtrees_root(&left.0, &right.0, Mode::Hash).as_bytes()),
        false => Digest(merge_subtrees_non_root(&left.0, &right.0, Mode::Hash)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(count: usize) -> Vec<u8> {
        (0..count).map(|i| (i * i + i / 251) as u8).collect()
    }

    #[test]
    fn every_node_leads_to_the_id() {
        for length in [0, 1, 1023, 1024, 1025, 2048, 3000, 5 * 1024, 7 * 1024 + 1, 16 * 1024, 17 * 1024 + 9] {
            let bytes = bytes(length);
            let (blob, id) = (BlobTree::new(&bytes), Digest::of_blob(&bytes));
            assert_eq!(blob.node(blob.height(), 0), Some(id), "{length}");
            for level in 0..=blob.height() {
                let width = ((blob.chunks() - 1) >> level) + 1;
                for number in 0..width {
                    let (node, siblings) =
                        (blob.node(level, number).unwrap(), blob.siblings(level, number).unwrap());
                    if blob.chunks() > 1 {
                        assert_eq!(
                            climb(blob.chunks(), level, number, node, &siblings),
                            Some(id),
                            "{length} {level}"
                        );
                    }
                }
                assert_eq!(blob.node(level, width), None);
            }
            assert_eq!(blob.node(blob.height() + 1, 0), None);
            for number in 0..blob.chunks() {
                let (chunk, siblings) = (blob.chunk(number).unwrap(), blob.siblings(0, number).unwrap());
                assert_eq!(id_of(length as u64, number, chunk, &siblings), Some(id), "{length} {number}");
                assert_ne!(id_of(length as u64, number ^ 1, chunk, &siblings), Some(id));
                assert_eq!(id_of(length as u64, number, chunk, &[&siblings[..], &[id]].concat()), None);
            }
        }
    }
}
