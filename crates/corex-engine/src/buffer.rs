//! Raw element storage: zeroed bytes, aligned for every SIMD width.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ptr::NonNull;

use crate::error::EngineError;

/// Alignment of every buffer: a cache line, which is also the widest SIMD register.
pub(crate) const ALIGN: usize = 64;

/// A heap block of bytes that starts at a multiple of [`ALIGN`]; zeroed when created.
pub(crate) struct Buffer {
    ptr: NonNull<u8>,
    len: usize,
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
            return Ok(Self { ptr: NonNull::<Line>::dangling().cast(), len });
        }
        let layout = Layout::from_size_align(len, ALIGN).map_err(|_| EngineError::OutOfMemory(len))?;
        // SAFETY: the layout has a size greater than 0.
        let ptr = unsafe { alloc_zeroed(layout) };
        NonNull::new(ptr).map(|ptr| Self { ptr, len }).ok_or(EngineError::OutOfMemory(len))
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
        if self.len > 0
            && let Ok(layout) = Layout::from_size_align(self.len, ALIGN)
        {
            // SAFETY: allocated in `zeroed` with this very layout.
            unsafe { dealloc(self.ptr.as_ptr(), layout) }
        }
    }
}

#[repr(align(64))]
struct Line;
const _: () = assert!(std::mem::align_of::<Line>() == ALIGN);
