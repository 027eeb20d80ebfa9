//! Shared by the tests of this crate.

use std::path::Path;

/// A directory for one test; in memory where the system has such a place, since a thousand flushes of a real
/// disk take longer than everything else together and nothing here can tell the difference.
pub fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}
