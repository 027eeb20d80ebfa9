//! Raw element storage: zeroed bytes, aligned for every SIMD width.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use corex_num::prefer_large_pages;

use crate::error::EngineError;

/// Alignment of every buffer: a cache line, which is also the widest SIMD register.
pub(crate) const ALIGN: usize = 64;

/// A heap block of bytes that starts at a multiple of [`ALIGN`]; zeroed when created.
pub(crate) struct Buffer {
    /// The first byte at a multiple of [`ALIGN`] within the block.
    ptr: NonNull<u8>,
    len: usize,
    /// What the allocator gave.
    block: NonNull<u8>,
    /// Takes the block back when the buffer is dropped.
    home: Weak<Pool>,
}

/// Blocks that were buffers and will be again: fresh pages from the system cost more than the elementwise pass that
/// fills them.
#[derive(Default)]
pub(crate) struct Pool {
    idle: Mutex<Vec<Buffer>>,
    /// Blocks kept at most.
    most: usize,
}

impl Pool {
    pub fn new(most: usize) -> Self {
        Self { idle: Mutex::default(), most }
    }

    /// A buffer with anything in it, which returns to `pool` when it is dropped.
    pub fn take(pool: &Arc<Self>, len: usize) -> Result<Buffer, EngineError> {
        let mut idle = pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let found = idle.iter().position(|b| b.len == len).map(|at| idle.swap_remove(at));
        drop(idle);
        let buffer = found.map_or_else(|| Buffer::zeroed(len), Ok)?;
        Ok(buffer.at_home(Arc::downgrade(pool)))
    }

    fn give(&self, buffer: Buffer) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() >= self.most && !idle.is_empty() {
            idle.remove(0);
        }
        if self.most > 0 {
            idle.push(buffer);
        }
    }
}

// SAFETY: the block is owned and plain bytes; shared access only reads.
unsafe impl Send for Buffer {}
// SAFETY: as above.
unsafe impl Sync for Buffer {}

impl Buffer {
    /// `len` zero bytes. An error, not an abort, if the system has none left.
    pub fn zeroed(len: usize) -> Result<Self, EngineError> {
        if len == 0 {
            // An aligned, never dereferenced address.
            let ptr = NonNull::<Line>::dangling().cast();
            return Ok(Self { ptr, len, block: ptr, home: Weak::new() });
        }
        let layout = layout(len).ok_or(EngineError::OutOfMemory(len))?;
        // SAFETY: the layout has a size greater than 0.
        let block = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or(EngineError::OutOfMemory(len))?;
        // SAFETY: the block was just allocated with that many bytes.
        unsafe { prefer_large_pages(block.as_ptr(), layout.size()) };
        let gap = block.as_ptr().align_offset(ALIGN);
        // SAFETY: the block is ALIGN bytes longer than `len`, and the gap is smaller than that.
        Ok(Self { ptr: unsafe { block.add(gap) }, len, block, home: Weak::new() })
    }

    fn at_home(mut self, home: Weak<Pool>) -> Self {
        self.home = home;
        self
    }

    pub fn copy_of(bytes: &[u8]) -> Result<Self, EngineError> {
        let mut buffer = Self::zeroed(bytes.len())?;
        buffer.bytes_mut().copy_from_slice(bytes);
        Ok(buffer)
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the block has `len` initialised bytes (zeroed at creation).
        unsafe { std::slice::from_raw_parts(self.ptr.as_ptr(), self.len) }
    }

    pub fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `bytes`, and `&mut self` is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.ptr.as_ptr(), self.len) }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.len == 0 {
            return;
        }
        if let Some(home) = std::mem::take(&mut self.home).upgrade() {
            let block = Self { ptr: self.ptr, len: self.len, block: self.block, home: Weak::new() };
            // The block now belongs to what is given back.
            self.len = 0;
            return home.give(block);
        }
        if let Some(layout) = layout(self.len) {
            // SAFETY: allocated in `zeroed` with this very layout.
            unsafe { dealloc(self.block.as_ptr(), layout) }
        }
    }
}

/// Room for `len` bytes from an aligned address on. Asking the allocator for the alignment itself would make it write
/// the zeros; this way large blocks come zeroed from the system, page by page as they are touched.
fn layout(len: usize) -> Option<Layout> {
    Layout::from_size_align(len.checked_add(ALIGN)?, size_of::<usize>()).ok()
}

#[repr(align(64))]
struct Line;
const _: () = assert!(std::mem::align_of::<Line>() == ALIGN);
