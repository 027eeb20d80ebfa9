//! Reading a log from its start, and judging what is found where a frame should be.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use crate::StoreError;
use crate::frame::{self, FILE_HEADER, FRAME_HEADER, FrameHeader, MARK, Salt};
use crate::log::MAX_BATCH_BYTES;

/// What stands where the next frame should start.
#[derive(Debug)]
pub(crate) enum Next {
    /// An intact frame.
    Frame { first: u64, records: Vec<Vec<u8>> },
    /// Nothing more. `end` is where the next frame goes.
    End,
    /// Bytes of a batch that was never acknowledged.
    Torn { bytes: u64 },
}

/// Walks over the frames of a log file.
#[derive(Debug)]
pub(crate) struct Scanner {
    path: PathBuf,
    file: BufReader<File>,
    pub(crate) salt: Salt,
    /// Length of the file when it was opened; what is appended later is not seen.
    size: u64,
    /// Where the next frame starts.
    pub(crate) offset: u64,
    /// Sequence number of its first record.
    pub(crate) next: u64,
}

impl Scanner {
    pub(crate) fn open(path: &Path) -> Result<Scanner, StoreError> {
        let file = File::open(path).map_err(StoreError::io("open", path))?;
        let size = file.metadata().map_err(StoreError::io("inspect", path))?.len();
        let mut file = BufReader::with_capacity(1 << 16, file);
        let mut header = [0; FILE_HEADER];
        match file.read_exact(&mut header) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                let reason = "it is shorter than a header";
                return Err(StoreError::NotALog { path: path.to_path_buf(), reason });
            }
            Err(error) => return Err(StoreError::io("read", path)(error)),
        }
        let salt = frame::decode_file_header(&header, path)?;
        Ok(Scanner { path: path.to_path_buf(), file, salt, size, offset: FILE_HEADER as u64, next: 0 })
    }

    /// Reads the next frame, or says what else is there.
    pub(crate) fn advance(&mut self) -> Result<Next, StoreError> {
        let left = self.size.saturating_sub(self.offset);
        if left == 0 {
            return Ok(Next::End);
        }
        let header = self.read(left.min(FRAME_HEADER as u64))?;
        let Some(header) = FrameHeader::decode(&header, self.salt, self.offset, &self.possible()) else {
            return self.judge("the frame's header fails its check");
        };
        if header.first != self.next {
            return Err(self.corrupt("records are missing before this frame"));
        }
        let end = self.offset + (FRAME_HEADER as u64) + u64::from(header.length);
        if u64::from(header.length) > MAX_BATCH_BYTES {
            return Err(self.corrupt("the frame is longer than any that was ever written"));
        }
        if end > self.size {
            return self.judge("the file ends inside the frame");
        }
        let payload = self.read(u64::from(header.length))?;
        if !header.fits(&payload) {
            return self.judge("the frame's events fail their check");
        }
        let Some(records) = frame::decode_payload(&payload, header.count) else {
            return Err(self.corrupt("the frame does not hold the number of events it says"));
        };
        // Whatever stands in the place of the mark, the next frame starts after it.
        self.read((self.size - end).min(MARK as u64))?;
        self.offset = end + MARK as u64;
        let first = self.next;
        self.next += u64::from(header.count);
        Ok(Next::Frame { first, records })
    }

    /// There is no intact frame at `offset`. If anything shows that one was acknowledged there, this is damage;
    /// otherwise it is what a crash during an append leaves.
    fn judge(&mut self, reason: &'static str) -> Result<Next, StoreError> {
        if self.ends_in_mark()? || self.frame_follows()? {
            return Err(self.corrupt(reason));
        }
        Ok(Next::Torn { bytes: self.size - self.offset })
    }

    fn ends_in_mark(&mut self) -> Result<bool, StoreError> {
        let Some(at) = self.size.checked_sub(MARK as u64).filter(|at| *at > self.offset) else {
            return Ok(false);
        };
        self.seek(at)?;
        Ok(self.read(MARK as u64)? == self.salt.mark(at))
    }

    fn frame_follows(&mut self) -> Result<bool, StoreError> {
        let possible = self.possible();
        let mut at = self.offset + 1;
        while at < self.size {
            self.seek(at)?;
            let window = self.read((self.size - at).min(1 << 20))?;
            for start in 0..=window.len().saturating_sub(FRAME_HEADER) {
                let offset = at + start as u64;
                if FrameHeader::decode(&window[start..], self.salt, offset, &possible).is_some() {
                    return Ok(true);
                }
            }
            // Overlap, so that a header on the border of two windows is seen whole.
            at += window.len().saturating_sub(FRAME_HEADER).max(1) as u64;
        }
        Ok(false)
    }

    /// Sequence numbers a frame from here on can start with: a record takes at least four bytes.
    fn possible(&self) -> RangeInclusive<u64> {
        self.next..=self.next.saturating_add(self.size / 4)
    }

    fn corrupt(&self, reason: &'static str) -> StoreError {
        StoreError::CorruptLog { path: self.path.clone(), offset: self.offset, reason }
    }

    fn seek(&mut self, at: u64) -> Result<(), StoreError> {
        self.file.seek(SeekFrom::Start(at)).map(drop).map_err(StoreError::io("read", &self.path))
    }

    /// Reads exactly `len` bytes, which the file was seen to have and which are at most a frame.
    fn read(&mut self, len: u64) -> Result<Vec<u8>, StoreError> {
        let mut bytes = vec![0; len as usize];
        self.file.read_exact(&mut bytes).map_err(StoreError::io("read", &self.path))?;
        Ok(bytes)
    }
}

/// The records of a log from the first one, each with its sequence number; verified as they are read.
///
/// Ends before a torn tail. After an error it yields nothing more.
#[derive(Debug)]
pub struct Records {
    /// `None` once the end or an error was reached.
    scanner: Option<Scanner>,
    ready: VecDeque<(u64, Vec<u8>)>,
}

impl Records {
    pub(crate) fn new(scanner: Scanner) -> Records {
        Records { scanner: Some(scanner), ready: VecDeque::new() }
    }
}

impl Iterator for Records {
    type Item = Result<(u64, Vec<u8>), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() {
            match self.scanner.as_mut()?.advance() {
                Ok(Next::Frame { first, records }) => self.ready.extend((first..).zip(records)),
                Ok(Next::End | Next::Torn { .. }) => self.scanner = None,
                Err(error) => {
                    self.scanner = None;
                    return Some(Err(error));
                }
            }
        }
        self.ready.pop_front().map(Ok)
    }
}
