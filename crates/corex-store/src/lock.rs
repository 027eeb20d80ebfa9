//! One writer at a time: an advisory file lock that ends with the process, however it ends.

use std::fs::{File, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

use crate::StoreError;

/// Holds a lock file until dropped. The file itself stays: deleting it would let two processes lock two files.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock at `file`, on behalf of `what` (named in the error).
    ///
    /// # Errors
    /// [`StoreError::Locked`] with the holder, or the file cannot be opened.
    pub fn take(file: &Path, what: &Path) -> Result<Lock, StoreError> {
        let mut handle = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(file)
            .map_err(StoreError::io("open", file))?;
        match handle.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                // The holder's id only helps the message: if it cannot be read there is a vaguer message.
                let holder = match (&handle).take(20).read_to_string(&mut pid) {
                    Ok(_) if !pid.trim().is_empty() => format!("process {}", pid.trim()),
                    _ => "another process".to_string(),
                };
                return Err(StoreError::Locked { path: what.to_path_buf(), holder });
            }
            Err(TryLockError::Error(source)) => {
                return Err(StoreError::Io { doing: "lock", path: file.to_path_buf(), source });
            }
        }
        handle
            .set_len(0)
            .and_then(|()| handle.write_all(std::process::id().to_string().as_bytes()))
            .map_err(StoreError::io("write", file))?;
        Ok(Lock { _file: handle })
    }
}
