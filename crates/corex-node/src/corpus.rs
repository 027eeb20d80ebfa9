//! The training text: which files, in which order, and which part of it is held out.
//!
//! The corpus is a pure function of the files' paths and bytes: files in path order, each followed by one newline,
//! cut into blocks of [`BLOCK`] bytes of which every [`HELDOUT_EVERY`]th is held out. The same files therefore give
//! the same two blobs, and so the same model, on every machine.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Bytes per block of the train/held-out split.
pub const BLOCK: usize = 4096;
/// One block in this many is held out (5 %).
pub const HELDOUT_EVERY: usize = 20;
/// Larger corpora are refused: the whole corpus travels to every provider as one blob.
pub const MAX_BYTES: u64 = 1 << 30;
/// In a git checkout, larger files are taken for generated ones and left out, as are data formats.
const MAX_TRACKED_FILE: u64 = 256 << 10;

/// Text to train on, and text to measure on.
#[derive(Debug, Clone)]
pub struct Corpus {
    /// Bytes to train on.
    pub train: Vec<u8>,
    /// Bytes never trained on.
    pub heldout: Vec<u8>,
    /// Files that are in it.
    pub files: usize,
    /// Files found but left out: binary, too large, or generated.
    pub skipped: usize,
    /// Where it came from, for people.
    pub source: String,
}

/// Why there is no corpus.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// Nothing was named and there is no checkout to fall back on.
    #[error("no --data was given and {0} is not inside a git checkout\nhint: pass --data FILE_OR_FOLDER…")]
    NoSource(PathBuf),
    /// A named path cannot be read.
    #[error("cannot read {path}: {error}")]
    Read {
        /// The path.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file named on the command line is not text.
    #[error(
        "{0} is not text (it is not valid UTF-8)\nhint: --data takes text files, or folders in which other files are skipped"
    )]
    Binary(PathBuf),
    /// Nothing usable was found.
    #[error("no text found in {0}\nhint: pass --data with at least one text file that is not empty")]
    Empty(String),
    /// There is too little of it.
    #[error(
        "{have} bytes of text in {source_name} are too few: this model needs at least {need}\nhint: pass more --data, or a smaller --preset"
    )]
    TooSmall {
        /// Where the text came from.
        source_name: String,
        /// How much there is.
        have: usize,
        /// How much is needed.
        need: usize,
    },
    /// There is too much of it.
    #[error("the text is larger than {} bytes, the limit\nhint: pass fewer files with --data", MAX_BYTES)]
    TooLarge,
}

impl Corpus {
    /// Reads `paths` (files, or folders walked recursively). With none, takes the text files that git tracks in the
    /// checkout around `cwd`.
    pub fn gather(paths: &[PathBuf], cwd: &Path) -> Result<Corpus, CorpusError> {
        let mut builder = Builder::default();
        let source = if paths.is_empty() {
            let root = checkout_root(cwd).ok_or_else(|| CorpusError::NoSource(cwd.to_path_buf()))?;
            for file in tracked_files(&root).ok_or_else(|| CorpusError::NoSource(cwd.to_path_buf()))? {
                builder.tracked(&root, &file)?;
            }
            format!("the text files that git tracks in {}", root.display())
        } else {
            for path in paths {
                let meta = std::fs::metadata(path).map_err(|error| read_error(path, error))?;
                if meta.is_dir() { builder.folder(path)? } else { builder.named(path)? }
            }
            paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ")
        };
        builder.finish(source)
    }

    /// Errors unless both parts hold at least one window of `context` tokens and its successor.
    pub fn require(&self, context: usize) -> Result<(), CorpusError> {
        let (have, window) = (self.train.len() + self.heldout.len(), context + 1);
        if self.train.len() >= window && self.heldout.len() >= window {
            return Ok(());
        }
        // Enough blocks for one held-out block, each part longer than a window.
        let need = (BLOCK * HELDOUT_EVERY).max(window.div_ceil(BLOCK) * BLOCK * HELDOUT_EVERY);
        Err(CorpusError::TooSmall { source_name: self.source.clone(), have, need })
    }
}

#[derive(Default)]
struct Builder {
    text: Vec<u8>,
    files: usize,
    skipped: usize,
}

impl Builder {
    /// A file that the user named: it must be text.
    fn named(&mut self, path: &Path) -> Result<(), CorpusError> {
        match self.push(path)? {
            true => Ok(()),
            false => Err(CorpusError::Binary(path.to_path_buf())),
        }
    }

    fn folder(&mut self, folder: &Path) -> Result<(), CorpusError> {
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(|error| read_error(folder, error))? {
            entries.push(entry.map_err(|error| read_error(folder, error))?.path());
        }
        entries.sort();
        for path in entries {
            let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
            // A link could lead outside the folder, or in a circle.
            let meta = std::fs::symlink_metadata(&path).map_err(|error| read_error(&path, error))?;
            if hidden || meta.is_symlink() {
                continue;
            }
            if meta.is_dir() {
                self.folder(&path)?;
            } else if meta.is_file() && !self.push(&path)? {
                self.skipped += 1;
            }
        }
        Ok(())
    }

    fn tracked(&mut self, root: &Path, file: &str) -> Result<(), CorpusError> {
        let path = root.join(file);
        // Tracked files may be deleted in the work tree, or be links.
        let Ok(meta) = std::fs::symlink_metadata(&path) else { return Ok(()) };
        if !meta.is_file() {
            return Ok(());
        }
        let data = [".json", ".lock", ".svg", ".csv", ".mlir"].iter().any(|ending| file.ends_with(ending));
        let generated = data || meta.len() > MAX_TRACKED_FILE;
        if generated || !self.push(&path)? {
            self.skipped += 1;
        }
        Ok(())
    }

    /// Appends the file; false if it is not text.
    fn push(&mut self, path: &Path) -> Result<bool, CorpusError> {
        let meta = std::fs::metadata(path).map_err(|error| read_error(path, error))?;
        if self.text.len() as u64 + meta.len() > MAX_BYTES {
            return Err(CorpusError::TooLarge);
        }
        let bytes = std::fs::read(path).map_err(|error| read_error(path, error))?;
        if bytes.contains(&0) || std::str::from_utf8(&bytes).is_err() {
            return Ok(false);
        }
        if !bytes.is_empty() {
            self.text.extend_from_slice(&bytes);
            self.text.push(b'\n');
            self.files += 1;
        }
        Ok(true)
    }

    fn finish(self, source: String) -> Result<Corpus, CorpusError> {
        if self.text.is_empty() {
            return Err(CorpusError::Empty(source));
        }
        let (mut train, mut heldout) = (Vec::new(), Vec::new());
        for (i, block) in self.text.chunks(BLOCK).enumerate() {
            let part = if i % HELDOUT_EVERY == HELDOUT_EVERY - 1 { &mut heldout } else { &mut train };
            part.extend_from_slice(block);
        }
        Ok(Corpus { train, heldout, files: self.files, skipped: self.skipped, source })
    }
}

fn read_error(path: &Path, error: std::io::Error) -> CorpusError {
    CorpusError::Read { path: path.to_path_buf(), error }
}

/// Root of the git checkout around `cwd`.
fn checkout_root(cwd: &Path) -> Option<PathBuf> {
    let out = Command::new("git").args(["rev-parse", "--show-toplevel"]).current_dir(cwd).output().ok()?;
    let root = String::from_utf8(out.stdout).ok()?;
    (out.status.success() && !root.trim().is_empty()).then(|| PathBuf::from(root.trim_end_matches('\n')))
}

/// Tracked files, in path order, relative to the root. Names that are not UTF-8 are left out.
fn tracked_files(root: &Path) -> Option<Vec<String>> {
    let out = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output().ok()?;
    if !out.status.success() {
        return None;
    }
    let mut files: Vec<String> = out
        .stdout
        .split(|b| *b == 0)
        .filter(|name| !name.is_empty())
        .filter_map(|name| String::from_utf8(name.to_vec()).ok())
        .collect();
    files.sort();
    Some(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a temporary folder");
        for (name, bytes) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().expect("inside the folder")).expect("mkdir");
            std::fs::write(path, bytes).expect("write");
        }
        dir
    }

    #[test]
    fn folders_are_read_in_path_order_and_binaries_are_skipped() {
        let dir =
            folder(&[("b.txt", b"two"), ("a/z.txt", b"one"), ("c.bin", b"\0\x01"), (".git/x", b"hidden")]);
        let c = Corpus::gather(&[dir.path().to_path_buf()], dir.path()).expect("text");
        assert_eq!((c.train.as_slice(), c.files, c.skipped), (b"one\ntwo\n".as_slice(), 2, 1));
    }

    #[test]
    fn every_twentieth_block_is_held_out() {
        let text: Vec<u8> = (0..BLOCK * HELDOUT_EVERY).map(|i| b'a' + (i / BLOCK) as u8).collect();
        let dir = folder(&[("t", &text)]);
        let c = Corpus::gather(&[dir.path().join("t")], dir.path()).expect("text");
        assert_eq!(c.heldout, vec![b't'; BLOCK]);
        // The newline that ends the file opens the next block.
        assert_eq!(c.train.len(), BLOCK * (HELDOUT_EVERY - 1) + 1);
        c.require(BLOCK - 1).expect("one window in each part");
        assert!(matches!(c.require(BLOCK), Err(CorpusError::TooSmall { .. })));
    }

    #[test]
    fn bad_sources_are_named() {
        let dir = folder(&[("bin", b"\xff\xfe"), ("empty", b"")]);
        let gather =
            |p: &str| Corpus::gather(&[dir.path().join(p)], dir.path()).expect_err("no corpus").to_string();
        assert!(gather("missing").contains("missing"));
        assert!(gather("bin").contains("not text"));
        assert!(gather("empty").contains("no text found"));
        let none = Corpus::gather(&[], dir.path()).expect_err("no checkout").to_string();
        assert!(none.contains("--data"), "{none}");
    }
}
