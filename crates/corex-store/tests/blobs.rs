//! The blob store against bit rot, second writers, full of threads, and directories that are not directories.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use corex_store::{BlobStore, BlobStoreOptions, StoreError, Usage};
use corex_work::BlobId;
use proptest::prelude::*;

fn open(root: &Path) -> BlobStore {
    BlobStore::open(root, BlobStoreOptions::default()).unwrap()
}

/// A store that keeps nothing in memory, so that every read is one from disk.
fn open_cold(root: &Path) -> BlobStore {
    BlobStore::open(root, BlobStoreOptions { recent_bytes: 0, ..BlobStoreOptions::default() }).unwrap()
}

fn file(store: &BlobStore, id: &BlobId) -> PathBuf {
    let name = id.to_string();
    store.root().join("blobs").join(&name[..2]).join(name)
}

fn is_empty(dir: &Path) -> bool {
    fs::read_dir(dir).unwrap().next().is_none()
}

#[test]
fn keeps_bytes_under_their_hash_across_openings() {
    let dir = common::scratch();
    let store = open(dir.path());
    let ids: Vec<_> =
        [0usize, 1, 65535, 65536, 65537].iter().map(|n| store.put(vec![7u8; *n]).unwrap()).collect();
    assert_eq!(store.put_synced(vec![7u8; 1]).unwrap(), BlobId::of(&[7]));
    drop(store);
    let store = open_cold(dir.path());
    for (id, n) in ids.iter().zip([0usize, 1, 65535, 65536, 65537]) {
        assert_eq!(store.get(id).unwrap(), vec![7u8; n]);
        assert_eq!(store.len(id).unwrap(), Some(n as u64));
        store.sync(id).unwrap();
    }
    let mut sorted = ids.clone();
    sorted.sort();
    assert_eq!(store.ids().unwrap(), sorted);
    assert_eq!(store.usage().unwrap(), Usage { blobs: 5, bytes: 1 + 3 * 65536 });
    assert!(store.remove(&ids[0]).unwrap() && !store.remove(&ids[0]).unwrap());
    assert!(!store.has(&ids[0]).unwrap());
    assert!(matches!(store.get(&ids[0]), Err(StoreError::Missing { id }) if id == ids[0]));
}

#[test]
fn what_is_hashed_already_is_kept_like_everything_else() {
    let dir = common::scratch();
    let bytes = vec![3u8; 70_000];
    let id = BlobId::of(&bytes);
    assert_eq!(open(dir.path()).put_named(id, bytes.clone()).unwrap(), id);
    // From disk, where a wrong name would show.
    assert_eq!(open(dir.path()).get(&id).unwrap(), bytes);
}

#[test]
fn every_flipped_bit_is_found_quarantined_and_healed_by_the_next_put() {
    let dir = common::scratch();
    let store = open_cold(dir.path());
    let good = b"weights".to_vec();
    let id = store.put(good.clone()).unwrap();
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        fs::write(file(&store, &id), &bad).unwrap();
        let error = store.get(&id).unwrap_err();
        let StoreError::CorruptBlob { id: named, found, quarantine } = &error else { panic!("{error}") };
        assert_eq!((*named, *found), (id, BlobId::of(&bad)));
        assert_eq!(fs::read(quarantine).unwrap(), bad);
        assert!(error.to_string().contains(&id.to_string()));
        assert!(matches!(store.get(&id), Err(StoreError::Missing { .. })));
        store.put(good.clone()).unwrap();
        assert_eq!(store.get(&id).unwrap(), good);
    }
    fs::write(file(&store, &id), b"weigh").unwrap();
    assert!(matches!(store.sync(&id), Err(StoreError::CorruptBlob { .. })), "a cut-off file passed");
}

#[test]
fn a_synced_put_replaces_a_corrupt_file_of_the_same_length() {
    let dir = common::scratch();
    let store = open_cold(dir.path());
    let id = store.put("checkpoint").unwrap();
    fs::write(file(&store, &id), "checkpoinT").unwrap();
    store.put_synced("checkpoint").unwrap();
    assert_eq!(store.get(&id).unwrap(), "checkpoint");
}

#[test]
fn recent_blobs_are_not_read_again() {
    let dir = common::scratch();
    let store = open(dir.path());
    let id = store.put("hot").unwrap();
    fs::write(file(&store, &id), "bad").unwrap();
    assert_eq!(store.get(&id).unwrap(), "hot");
    // But durability is a promise about the disk.
    assert!(matches!(store.sync(&id), Err(StoreError::CorruptBlob { .. })));
}

#[test]
fn a_received_blob_appears_only_when_whole_and_right() {
    let dir = common::scratch();
    let store = open(dir.path());
    let id = BlobId::of(b"hello world");
    let tmp = dir.path().join("tmp");

    let mut writer = store.writer(id, 11).unwrap();
    writer.write(b"hello ").unwrap();
    assert!(!store.has(&id).unwrap() && !is_empty(&tmp));
    drop(writer);
    assert!(is_empty(&tmp), "an abandoned transfer was left behind");

    let mut writer = store.writer(id, 11).unwrap();
    writer.write(b"hello w0rld").unwrap();
    assert!(matches!(writer.finish(), Err(StoreError::WrongBytes { id: named, .. }) if named == id));

    let mut writer = store.writer(id, 11).unwrap();
    assert!(matches!(writer.write(b"hello world!"), Err(StoreError::BlobTooLarge { limit: 11, .. })));
    drop(writer);
    assert!(is_empty(&tmp) && !store.has(&id).unwrap());

    let mut writer = store.writer(id, 11).unwrap();
    writer.write(b"hello ").unwrap();
    writer.write(b"world").unwrap();
    assert_eq!(writer.finish().unwrap(), 11);
    assert_eq!(store.get(&id).unwrap(), "hello world");
    assert!(is_empty(&tmp));
}

#[test]
fn limits_are_kept_in_both_directions() {
    let dir = common::scratch();
    let id = open(dir.path()).put("12345").unwrap();
    let options = BlobStoreOptions { max_blob_bytes: 4, ..BlobStoreOptions::default() };
    let store = BlobStore::open(dir.path(), options).unwrap();
    assert!(matches!(store.put("12345"), Err(StoreError::BlobTooLarge { limit: 4, .. })));
    assert!(matches!(store.get(&id), Err(StoreError::BlobTooLarge { limit: 4, .. })));
    assert!(matches!(store.writer(id, 5), Err(StoreError::BlobTooLarge { limit: 4, .. })));
    assert!(store.put("1234").is_ok());
}

#[test]
fn pins_outlast_removal() {
    let dir = common::scratch();
    let store = open(dir.path());
    let [a, b, c] = ["a", "b", "c"].map(|text| store.put(text).unwrap());
    let (first, second) = (store.pin(&a), store.pin(&a));
    drop(first);
    assert!(matches!(store.remove(&a), Err(StoreError::Pinned { id }) if id == a));
    assert_eq!(store.retain(|id| *id == b).unwrap(), Usage { blobs: 1, bytes: 1 });
    assert_eq!([a, b, c].map(|id| store.has(&id).unwrap()), [true, true, false]);
    drop(second);
    assert!(store.remove(&a).unwrap());
}

#[test]
fn one_process_at_a_time_and_leftovers_are_swept() {
    let dir = common::scratch();
    let store = open(dir.path());
    let error = BlobStore::open(dir.path(), BlobStoreOptions::default()).unwrap_err().to_string();
    assert!(error.contains(&dir.path().display().to_string()) && error.contains("process"), "{error}");
    drop(store);
    fs::write(dir.path().join("tmp/17"), "half a blob").unwrap();
    let _store = open(dir.path());
    assert!(is_empty(&dir.path().join("tmp")));
}

/// Checks that each of these damages to the directory gives an error that names the path.
#[test]
fn what_the_disk_refuses_is_named() {
    fn check(
        damage: impl FnOnce(&Path),
        act: impl FnOnce(&BlobStore) -> Result<(), StoreError>,
        names: &str,
    ) {
        let dir = common::scratch();
        let store = open_cold(dir.path());
        damage(dir.path());
        let error = act(&store).unwrap_err().to_string();
        assert!(error.contains(names), "'{names}' is not in: {error}");
    }
    let id = BlobId::of(b"x");
    let shard = format!("blobs/{}", &id.to_string()[..2]);
    let blob = format!("{shard}/{id}");
    check(|root| fs::write(root.join(&shard), "").unwrap(), |store| store.put("x").map(drop), &shard);
    check(
        |root| fs::create_dir_all(root.join(&blob)).unwrap(),
        |store| store.put_synced("x").map(drop),
        &blob,
    );
    check(|root| fs::create_dir_all(root.join(&blob)).unwrap(), |store| store.get(&id).map(drop), &blob);
    check(|root| fs::remove_dir(root.join("tmp")).unwrap(), |store| store.put("x").map(drop), "tmp");
    check(|root| fs::remove_dir(root.join("tmp")).unwrap(), |store| store.writer(id, 1).map(drop), "tmp");
    check(
        |root| {
            fs::create_dir_all(root.join(&shard)).unwrap();
            fs::write(root.join(&shard).join("notes.txt"), "").unwrap();
        },
        |store| store.ids().map(drop),
        "notes.txt",
    );
    let dir = common::scratch();
    let occupied = dir.path().join("occupied");
    fs::write(&occupied, "a file").unwrap();
    let error = BlobStore::open(&occupied, BlobStoreOptions::default()).unwrap_err().to_string();
    assert!(error.contains("occupied"), "{error}");
}

#[test]
#[cfg(unix)]
fn a_read_only_directory_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let dir = common::scratch();
    let store = open(dir.path());
    let tmp = dir.path().join("tmp");
    fs::set_permissions(&tmp, fs::Permissions::from_mode(0o500)).unwrap();
    // The superuser may write anyway; then there is nothing to see here.
    if fs::write(tmp.join("probe"), "").is_err() {
        let error = store.put("x").unwrap_err().to_string();
        assert!(error.contains("tmp") && error.contains("permissions"), "{error}");
    }
    fs::set_permissions(&tmp, fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn many_threads_put_get_and_remove_the_same_blobs() {
    let dir = common::scratch();
    let store = open_cold(dir.path());
    let contents: Vec<Vec<u8>> = (0..4u8).map(|n| vec![n; 1000]).collect();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (store, contents) = (&store, &contents);
            scope.spawn(move || {
                for round in 0..100 {
                    let bytes = &contents[(thread + round) % 4];
                    let id = store.put(bytes.clone()).unwrap();
                    match store.get(&id) {
                        Ok(read) => assert_eq!(read, *bytes),
                        Err(StoreError::Missing { .. }) => {}
                        Err(error) => panic!("{error}"),
                    }
                    if round % 3 == 0 {
                        store.remove(&id).unwrap();
                    }
                }
            });
        }
    });
    assert!(is_empty(&dir.path().join("tmp")) && is_empty(&dir.path().join("quarantine")));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any bytes in any pieces come back as they were, or, if one bit differs, not at all.
    #[test]
    fn pieces_make_the_blob(bytes in prop::collection::vec(any::<u8>(), 1..3000), piece in 1usize..700, flip in any::<Option<usize>>()) {
        let dir = common::scratch();
        let store = open_cold(dir.path());
        let id = BlobId::of(&bytes);
        let mut sent = bytes.clone();
        if let Some(bit) = flip {
            let bit = bit % (sent.len() * 8);
            sent[bit / 8] ^= 1 << (bit % 8);
        }
        let mut writer = store.writer(id, bytes.len() as u64).unwrap();
        for piece in sent.chunks(piece) {
            writer.write(piece).unwrap();
        }
        prop_assert_eq!(writer.finish().is_ok(), flip.is_none());
        prop_assert_eq!(store.get(&id).is_ok_and(|read| read == bytes), flip.is_none());
    }
}
