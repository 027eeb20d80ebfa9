//! The result cache: durable, exclusive, bounded, and never wrong.

mod common;

use std::fs;
use std::path::Path;

use corex_store::{EventLog, ResultCache, StoreError};
use corex_work::{BlobId, TaskId};

fn task(n: u16) -> TaskId {
    let mut bytes = [0; 32];
    bytes[..2].copy_from_slice(&n.to_le_bytes());
    TaskId(bytes)
}

fn output(n: u16) -> Vec<BlobId> {
    vec![BlobId(task(n ^ 0x5555).0)]
}

fn open(path: &Path) -> ResultCache {
    let (cache, recovery) = ResultCache::open(path, 100).unwrap();
    assert!(recovery.torn.is_none() && recovery.set_aside.is_none(), "{recovery:?}");
    cache
}

#[test]
fn results_survive_reopening() {
    let dir = common::scratch();
    let path = dir.path().join("results.log");
    let mut cache = open(&path);
    assert_eq!((cache.get(&task(1)), cache.is_empty()), (None, true));
    cache.put(&task(1), &output(1)).unwrap();
    cache.put(&task(2), &[]).unwrap();
    cache.put(&task(1), &output(3)).unwrap();
    assert!(
        matches!(ResultCache::open(&path, 100), Err(StoreError::Locked { path: named, .. }) if named == path)
    );
    drop(cache);
    let cache = open(&path);
    assert_eq!(cache.get(&task(1)), Some(output(3).as_slice()));
    assert_eq!(cache.get(&task(2)), Some([].as_slice()));
    assert_eq!(cache.len(), 2);
}

#[test]
fn the_oldest_are_forgotten_and_the_file_does_not_grow_for_ever() {
    let dir = common::scratch();
    let path = dir.path().join("results.log");
    let many: Vec<Vec<u8>> =
        (0..5000u16).map(|n| [task(n).0.as_slice(), output(n)[0].as_bytes()].concat()).collect();
    EventLog::create(&path).unwrap().append(&many).unwrap();
    let before = fs::metadata(&path).unwrap().len();
    let mut cache = open(&path);
    assert!((100..=112).contains(&cache.len()), "{}", cache.len());
    assert!(
        (4900..5000).all(|n| cache.get(&task(n)) == Some(output(n).as_slice())),
        "a new result was forgotten"
    );
    assert_eq!(cache.get(&task(0)), None);
    assert!(fs::metadata(&path).unwrap().len() < before / 10);
    cache.put(&task(0), &output(0)).unwrap();
    drop(cache);
    assert_eq!(open(&path).get(&task(0)), Some(output(0).as_slice()));
}

/// Every flipped bit leaves right answers or none.
#[test]
fn a_damaged_file_is_set_aside_and_never_believed() {
    let dir = common::scratch();
    let path = dir.path().join("results.log");
    let mut cache = open(&path);
    for n in 0..3 {
        cache.put(&task(n), &output(n)).unwrap();
    }
    drop(cache);
    let whole = fs::read(&path).unwrap();
    let mut damaged = 0;
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &bytes).unwrap();
        let (cache, recovery) = ResultCache::open(&path, 100).unwrap();
        match recovery.set_aside {
            Some((_, aside)) => {
                assert_eq!(fs::read(aside).unwrap(), bytes);
                assert!(cache.is_empty());
                damaged += 1;
            }
            None => assert!((0..3).all(|n| cache.get(&task(n)) == Some(output(n).as_slice())), "bit {bit}"),
        }
    }
    // All but the three marks of the log.
    assert_eq!(damaged, (whole.len() - 3 * 8) * 8);
}

#[test]
fn a_file_of_something_else_is_set_aside() {
    let dir = common::scratch();
    let path = dir.path().join("results.log");
    EventLog::create(&path).unwrap().append(&["an event of another kind"]).unwrap();
    let (cache, recovery) = ResultCache::open(&path, 100).unwrap();
    let (error, aside) = recovery.set_aside.unwrap();
    assert!(cache.is_empty() && aside.exists());
    assert!(error.to_string().contains("something else"), "{error}");
}
