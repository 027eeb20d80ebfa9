//! Memory in large pages, where the system has them to give.

/// Below this a block is not worth a system call; also the size of a large page on x86-64 and most AArch64 systems.
const LARGE_PAGE: usize = 2 << 20;

/// Asks the system to back `bytes` bytes from `start` on with large pages. Matrices whose rows lie in pages of their own
/// overflow the processor's cache of page addresses, and fresh memory is handed out page by page: both cost a training
/// step more than its elementwise work. A hint, which changes no contents; small blocks are left alone, and so is
/// everything on systems other than Linux.
///
/// # Safety
/// The block must be mapped memory that the caller owns.
pub unsafe fn prefer_large_pages(start: *mut u8, bytes: usize) {
    #[cfg(target_os = "linux")]
    if bytes >= LARGE_PAGE {
        // The call takes whole small pages; the parts of the block's first and last one stay as they are.
        const SMALL_PAGE: usize = 4096;
        let skipped = start.align_offset(SMALL_PAGE);
        let whole = bytes.saturating_sub(skipped) / SMALL_PAGE * SMALL_PAGE;
        // SAFETY: the caller's promise; the advice changes no contents. A kernel without it says so, which is no matter.
        unsafe { libc::madvise(start.wrapping_add(skipped).cast(), whole, libc::MADV_HUGEPAGE) };
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (start, bytes);
}
