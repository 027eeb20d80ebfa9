//! The event log against crashes at every byte, flips of every bit, and second writers.

mod common;

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use corex_store::{EventLog, StoreError, TornTail};
use proptest::prelude::*;

fn all(path: &Path) -> Vec<Vec<u8>> {
    let records: Result<Vec<_>, _> = EventLog::read(path).unwrap().collect();
    let records = records.unwrap();
    assert!(records.iter().enumerate().all(|(n, (seq, _))| n as u64 == *seq), "sequence numbers have gaps");
    records.into_iter().map(|(_, record)| record).collect()
}

/// A log of three batches, and the length of the file after each (the first entry: the empty log).
fn sample(dir: &Path) -> (PathBuf, Vec<(u64, usize)>) {
    let path = dir.join("events.log");
    let mut log = EventLog::create(&path).unwrap();
    let mut ends = vec![(fs::metadata(&path).unwrap().len(), 0)];
    let batches: [&[&str]; 3] = [&["a"], &["bb", "", "cccc"], &["the last batch"]];
    for batch in batches {
        let before = log.next_seq();
        assert_eq!(log.append(batch).unwrap(), before..before + batch.len() as u64);
        ends.push((fs::metadata(&path).unwrap().len(), log.next_seq() as usize));
    }
    (path, ends)
}

const MARK: u64 = 8;

#[test]
fn appends_and_reads_in_order_across_openings() {
    let dir = common::scratch();
    let (path, _) = sample(dir.path());
    let (mut log, recovery) = EventLog::open(&path).unwrap();
    assert_eq!((recovery.records, recovery.torn), (5, None));
    assert_eq!(log.append(&[] as &[&str]).unwrap(), 5..5);
    log.append(&["after"]).unwrap();
    assert_eq!(all(&path), ["a", "bb", "", "cccc", "the last batch", "after"].map(|s| s.as_bytes().to_vec()));
}

#[test]
fn a_crash_at_any_byte_loses_only_what_was_not_acknowledged() {
    let dir = common::scratch();
    let (path, ends) = sample(dir.path());
    let whole = fs::read(&path).unwrap();
    let records = all(&path);
    for cut in ends[0].0..=whole.len() as u64 {
        fs::write(&path, &whole[..cut as usize]).unwrap();
        // A batch counts once its last payload byte is there; its mark comes later.
        let kept = ends.iter().rev().find(|(end, n)| *n == 0 || end - MARK <= cut).unwrap();
        assert_eq!(all(&path), records[..kept.1], "reading a log cut at {cut}");
        let (mut log, recovery) = EventLog::open(&path).unwrap();
        assert_eq!(recovery.records as usize, kept.1, "cut at {cut}");
        let torn = (cut > kept.0).then(|| TornTail { offset: kept.0, bytes: cut - kept.0 });
        assert_eq!(recovery.torn, torn, "cut at {cut}");
        log.append(&["goes on"]).unwrap();
        drop(log);
        let mut expected = records[..kept.1].to_vec();
        expected.push(b"goes on".to_vec());
        assert_eq!(all(&path), expected, "cut at {cut}");
    }
}

#[test]
fn a_log_shorter_than_its_header_is_refused() {
    let dir = common::scratch();
    let (path, ends) = sample(dir.path());
    let whole = fs::read(&path).unwrap();
    for cut in 0..ends[0].0 {
        fs::write(&path, &whole[..cut as usize]).unwrap();
        assert!(matches!(EventLog::open(&path), Err(StoreError::NotALog { .. })), "cut at {cut}");
        assert_eq!(fs::metadata(&path).unwrap().len(), cut, "the file was changed");
    }
}

#[test]
fn every_flipped_bit_of_acknowledged_events_is_named() {
    let dir = common::scratch();
    let (path, ends) = sample(dir.path());
    let whole = fs::read(&path).unwrap();
    let records = all(&path);
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &bytes).unwrap();
        let at = (bit / 8) as u64;
        let frame = ends.iter().rev().find(|(end, _)| *end <= at);
        match (EventLog::open(&path), frame) {
            (Err(StoreError::NotALog { .. }), None) => {}
            (Err(StoreError::CorruptLog { offset, .. }), Some((start, _))) => {
                assert_eq!(offset, *start, "bit {bit}")
            }
            // A mark is no event: it only helps to judge a bad frame.
            (Ok(_), Some(_)) => {
                assert!(ends.iter().any(|(end, _)| at < *end && at >= end - MARK), "bit {bit} was accepted");
                assert_eq!(all(&path), records, "bit {bit}");
                continue;
            }
            (other, _) => panic!("bit {bit}: {other:?}"),
        }
        assert_eq!(fs::read(&path).unwrap(), bytes, "a refused log was changed, bit {bit}");
    }
}

#[test]
fn an_unfinished_append_of_the_full_length_is_a_torn_tail() {
    let dir = common::scratch();
    let (path, ends) = sample(dir.path());
    let mut bytes = fs::read(&path).unwrap();
    // As after a power failure: the length reached the disk, a page of events and the mark did not.
    let last = ends[2].0 as usize;
    bytes[last + 45..].fill(0);
    fs::write(&path, &bytes).unwrap();
    let (_, recovery) = EventLog::open(&path).unwrap();
    assert_eq!(recovery.records, 4);
    assert_eq!(recovery.torn, Some(TornTail { offset: last as u64, bytes: (bytes.len() - last) as u64 }));
}

#[test]
fn frames_do_not_survive_being_moved_or_taken_from_another_log() {
    let dir = common::scratch();
    let (path, ends) = sample(dir.path());
    let other = dir.path().join("other");
    fs::create_dir(&other).unwrap();
    let (donor, _) = sample(&other);
    let mut bytes = fs::read(&path).unwrap();
    let taken = fs::read(&donor).unwrap();
    let (from, to) = (ends[0].0 as usize, ends[1].0 as usize);
    bytes[from..to].copy_from_slice(&taken[from..to]);
    fs::write(&path, &bytes).unwrap();
    assert!(
        matches!(EventLog::open(&path), Err(StoreError::CorruptLog { offset, .. }) if offset == from as u64)
    );
}

#[test]
fn another_version_or_another_file_is_named() {
    let dir = common::scratch();
    let path = dir.path().join("notes.txt");
    fs::write(&path, [b'x'; 100]).unwrap();
    let error = EventLog::open(&path).unwrap_err().to_string();
    assert!(error.contains("notes.txt") && error.contains("not a corex event log"), "{error}");
    let error = EventLog::open(dir.path().join("absent.log")).unwrap_err().to_string();
    assert!(error.contains("absent.log"), "{error}");
    assert!(!dir.path().join("absent.log.lock").exists());
}

#[test]
fn one_writer_at_a_time_many_readers() {
    let dir = common::scratch();
    let path = dir.path().join("events.log");
    let mut log = EventLog::create(&path).unwrap();
    log.append(&["one"]).unwrap();
    match EventLog::open(&path) {
        Err(StoreError::Locked { path: named, holder }) => {
            assert_eq!(named, path);
            assert_eq!(holder, format!("process {}", std::process::id()));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(all(&path).len(), 1);
    drop(log);
    assert!(EventLog::create(&path).is_err(), "an existing log was started anew");
    assert!(EventLog::open(&path).is_ok());
}

#[test]
fn a_batch_above_the_limit_is_refused_and_nothing_is_written() {
    let dir = common::scratch();
    let path = dir.path().join("events.log");
    let mut log = EventLog::create(&path).unwrap();
    let half = vec![0u8; (corex_store::MAX_BATCH_BYTES / 2) as usize];
    assert!(matches!(log.append(&[&half, &half]), Err(StoreError::BatchTooLarge { .. })));
    assert_eq!(log.append(&["fits"]).unwrap(), 0..1);
    assert_eq!(all(&path).len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever was appended, and whatever garbage a crash left after it, the acknowledged events come back.
    #[test]
    fn events_come_back(
        batches in prop::collection::vec(prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..4), 0..5),
        garbage in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let dir = common::scratch();
        let path = dir.path().join("events.log");
        let mut log = EventLog::create(&path).unwrap();
        for batch in &batches {
            log.append(batch).unwrap();
        }
        drop(log);
        File::options().append(true).open(&path).unwrap().write_all(&garbage).unwrap();
        let (log, recovery) = EventLog::open(&path).unwrap();
        prop_assert_eq!(recovery.torn.map_or(0, |torn| torn.bytes), garbage.len() as u64);
        let read: Vec<_> = log.records().unwrap().map(|record| record.unwrap().1).collect();
        prop_assert_eq!(read, batches.concat());
    }

    /// No file makes reading panic or loop.
    #[test]
    fn any_file_is_read_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..400), keep in 0usize..200) {
        let dir = common::scratch();
        let (path, _) = sample(dir.path());
        let mut start = fs::read(&path).unwrap();
        start.truncate(keep);
        start.append(&mut bytes);
        fs::write(&path, &start).unwrap();
        if let Ok((log, _)) = EventLog::open(&path) {
            let _ = log.records().unwrap().collect::<Result<Vec<_>, _>>().unwrap();
        }
    }
}
