//! Blobs from honest holders, from liars, and from peers that vanish.

mod common;

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use common::{
    BLOB, PATIENCE, bare, bare_addr, bare_dial, close_reason, holder, impatient, node, scratch, store,
};
use corex_net::{BlobSource, Endpoint, Fetched, NetConfig, NetError, PeerAddr, Want};
use corex_store::{BlobStore, StoreError};
use corex_work::BlobId;
use iroh::endpoint::{Connection, SendStream};

const LIMIT: u64 = 64 << 20;

fn want(id: BlobId, holders: &[PeerAddr]) -> Want {
    Want { id, max_len: LIMIT, holders: holders.to_vec() }
}

fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|n| (n as u32).wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect()
}

fn nothing_left_over(dir: &Path, name: &str) -> bool {
    std::fs::read_dir(dir.join(name).join("tmp")).unwrap().next().is_none()
}

#[tokio::test]
async fn blobs_of_every_size_arrive_in_one_request() {
    let dir = scratch();
    let (theirs, ours) = (store(dir.path(), "theirs"), store(dir.path(), "ours"));
    let sizes = [0, 1, 65535, 65536, 65537, 8 << 20];
    let ids: Vec<BlobId> = sizes.iter().map(|len| theirs.put(pattern(*len)).unwrap()).collect();
    let (server, client) = (holder(1, &theirs).await, node(2, |_| {}).await);
    let wants: Vec<Want> = ids.iter().map(|id| want(*id, &[server.addr()])).collect();
    for ((result, id), len) in client.fetch_many(&wants, &ours).await.into_iter().zip(&ids).zip(sizes) {
        let fetched = result.unwrap();
        assert_eq!((fetched.id, fetched.from, fetched.bytes), (*id, Some(server.key()), len as u64));
        assert_eq!(ours.get(id).unwrap(), pattern(len));
    }
    let total = sizes.iter().sum::<usize>() as u64;
    let (sent, received) = (server.counters(), client.counters());
    assert_eq!((sent.blob_bytes_sent, sent.blobs_sent), (total, 6));
    assert_eq!((received.blob_bytes_received, received.blobs_received), (total, 6));

    // Everything is here now: nothing moves, nobody is asked.
    let again = client.fetch(&want(ids[5], &[]), &ours).await.unwrap();
    assert_eq!((again.from, again.bytes), (None, 8 << 20));
    assert_eq!(client.counters(), received);
    client.close().await;
    server.close().await;
}

#[tokio::test]
async fn the_next_holder_is_tried_and_the_error_names_all() {
    let dir = scratch();
    let (empty, theirs, ours) = (store(dir.path(), "a"), store(dir.path(), "b"), store(dir.path(), "c"));
    let id = theirs.put("here").unwrap();
    let (first, second) = (holder(1, &empty).await, holder(2, &theirs).await);
    let client = node(3, |_| {}).await;
    // Its own name among the holders is passed over.
    let holders = [client.addr(), first.addr(), second.addr()];
    let fetched = client.fetch(&want(id, &holders), &ours).await.unwrap();
    assert_eq!(fetched.from, Some(second.key()));
    assert!(matches!(fetched.failed[..], [(key, NetError::NotHeld { .. })] if key == first.key()));

    let absent = BlobId::of(b"nowhere");
    let error = client.fetch(&want(absent, &holders), &ours).await.unwrap_err();
    assert_eq!(error.tried.len(), 2);
    let text = error.to_string();
    assert!([first.key(), second.key()].iter().all(|key| text.contains(&key.to_string())), "{text}");
    let error = client.fetch(&want(absent, &[]), &ours).await.unwrap_err().to_string();
    assert!(error.contains("no peer is known"), "{error}");
}

/// What a dishonest holder does with a request.
#[derive(Clone, Copy)]
enum Evil {
    WrongBytes,
    TooLong,
    HangUpHalfway,
    EndHalfway,
    Stall,
    NoAnswer,
}

async fn misbehave(evil: Evil, connection: &Connection, send: &mut SendStream, len: u64) -> Option<()> {
    let header = |len: u64| [&[1][..], &len.to_le_bytes()].concat();
    match evil {
        Evil::WrongBytes => {
            send.write_all(&header(len)).await.ok()?;
            send.write_all(&vec![0x66; len as usize]).await.ok()?;
        }
        Evil::TooLong => send.write_all(&header(LIMIT + 1)).await.ok()?,
        Evil::HangUpHalfway | Evil::EndHalfway | Evil::Stall => {
            send.write_all(&header(len)).await.ok()?;
            send.write_all(&pattern(len as usize)[..len as usize / 2]).await.ok()?;
        }
        Evil::NoAnswer => send.write_all(&[77]).await.ok()?,
    }
    match evil {
        Evil::Stall => drop(connection.closed().await),
        Evil::HangUpHalfway => connection.close(0u32.into(), b"good luck"),
        _ => send.finish().ok()?,
    }
    Some(())
}

async fn evil_holder(secret: u8, evil: Evil, len: u64) -> PeerAddr {
    let endpoint = bare(secret, &[BLOB]).await;
    let addr = bare_addr(&endpoint);
    tokio::spawn(async move {
        while let Some(incoming) = endpoint.accept().await {
            let connection = incoming.await.unwrap();
            while let Ok((mut send, mut recv)) = connection.accept_bi().await {
                recv.read_to_end(1 << 20).await.unwrap();
                misbehave(evil, &connection, &mut send, len).await;
            }
        }
    });
    addr
}

/// Fetches a blob from an evil holder and then an honest one; returns what became of the evil one.
async fn check_evil(evil: Evil) -> NetError {
    let dir = scratch();
    let (theirs, ours) = (store(dir.path(), "theirs"), store(dir.path(), "ours"));
    let bytes = pattern(3 << 20);
    let id = theirs.put(bytes.clone()).unwrap();
    let honest = holder(1, &theirs).await;
    let liar = evil_holder(9, evil, bytes.len() as u64).await;
    let client = node(2, |config| config.limits = impatient()).await;

    let alone = client.fetch(&want(id, std::slice::from_ref(&liar)), &ours).await.unwrap_err();
    assert!(alone.to_string().contains(&liar.key.to_string()), "{alone}");
    assert!(!ours.has(&id).unwrap() && nothing_left_over(dir.path(), "ours"));

    let fetched = client.fetch(&want(id, &[liar.clone(), honest.addr()]), &ours).await.unwrap();
    assert_eq!(fetched.from, Some(honest.key()));
    assert_eq!(ours.get(&id).unwrap(), bytes);
    assert!(nothing_left_over(dir.path(), "ours"));
    let [(key, error)] = &fetched.failed[..] else { panic!("{:?}", fetched.failed) };
    assert_eq!(*key, liar.key);
    error.clone()
}

#[tokio::test]
async fn wrong_bytes_are_refused_and_their_sender_named() {
    let error = check_evil(Evil::WrongBytes).await;
    assert!(matches!(error, NetError::WrongBlob { .. }) && error.is_misbehaviour(), "{error}");
}

#[tokio::test]
async fn more_bytes_than_can_be_right_are_refused_before_they_come() {
    let error = check_evil(Evil::TooLong).await;
    assert!(error.is_misbehaviour() && error.to_string().contains("at most"), "{error}");
}

#[tokio::test]
async fn a_connection_cut_inside_a_blob_is_no_blob() {
    let error = check_evil(Evil::HangUpHalfway).await;
    assert!(matches!(error, NetError::Closed { .. }) && !error.is_misbehaviour(), "{error}");
}

#[tokio::test]
async fn a_response_that_ends_inside_a_blob_is_a_breach() {
    let error = check_evil(Evil::EndHalfway).await;
    assert!(error.is_misbehaviour() && error.to_string().contains("ended before"), "{error}");
}

#[tokio::test]
async fn a_holder_that_stalls_is_left() {
    let error = check_evil(Evil::Stall).await;
    assert!(matches!(error, NetError::TimedOut { .. }) && !error.is_misbehaviour(), "{error}");
}

#[tokio::test]
async fn an_answer_that_is_none_is_a_breach() {
    let error = check_evil(Evil::NoAnswer).await;
    assert!(error.is_misbehaviour() && error.to_string().contains("77"), "{error}");
}

#[tokio::test]
async fn one_wrong_blob_does_not_spoil_the_others_of_its_request() {
    /// Holds the blobs it is told to, whatever they are called.
    struct Liar(BlobId);
    impl BlobSource for Liar {
        fn blob(&self, id: &BlobId) -> Result<Option<Bytes>, Box<dyn Error + Send + Sync>> {
            match *id == self.0 {
                true => Ok(Some(Bytes::from_static(b"something else"))),
                false => Ok(Some(Bytes::from_static(b"right"))),
            }
        }
    }
    let dir = scratch();
    let ours = store(dir.path(), "ours");
    let (wrong, right) = (BlobId([0; 32]), BlobId::of(b"right"));
    let server = node(1, |config| config.blobs = Some(Arc::new(Liar(wrong)))).await;
    let client = node(2, |_| {}).await;
    let wants = [want(wrong, &[server.addr()]), want(right, &[server.addr()])];
    let results = client.fetch_many(&wants, &ours).await;
    assert!(matches!(&results[0], Err(error) if error.tried[0].1.is_misbehaviour()));
    assert!(results[1].is_ok());
}

#[tokio::test]
async fn a_holder_whose_disk_is_damaged_says_so_and_goes_on() {
    let dir = scratch();
    let (theirs, ours) = (store(dir.path(), "theirs"), store(dir.path(), "ours"));
    let [bad, good] = ["bad", "good"].map(|text| theirs.put(text).unwrap());
    drop(theirs);
    let name = bad.to_string();
    std::fs::write(dir.path().join("theirs/blobs").join(&name[..2]).join(&name), "BAD").unwrap();
    let theirs = store(dir.path(), "theirs");
    let (server, client) = (holder(1, &theirs).await, node(2, |_| {}).await);
    let wants = [bad, good].map(|id| want(id, &[server.addr()]));
    let results = client.fetch_many(&wants, &ours).await;
    assert!(
        matches!(&results[0], Err(error) if matches!(error.tried[..], [(_, NetError::PeerFailed { .. })]))
    );
    assert!(results[1].is_ok());
}

/// Sends `request` to a holder and checks what it is told; then that the holder still serves.
async fn check_request(request: &[u8], reason: &str) {
    let dir = scratch();
    let (theirs, ours) = (store(dir.path(), "theirs"), store(dir.path(), "ours"));
    let id = theirs.put("still here").unwrap();
    let server = holder(1, &theirs).await;
    let evil = bare(9, &[]).await;
    let (connection, mut send, _recv) = bare_dial(&evil, &server.addr(), BLOB, &[]).await;
    // Fails when it is dropped before it has said everything.
    if send.write_all(request).await.is_ok() {
        let _ = send.finish();
    }
    let told = close_reason(&connection).await;
    assert!(told.contains(reason), "{told}");
    let client = node(2, |_| {}).await;
    assert!(client.fetch(&want(id, &[server.addr()]), &ours).await.is_ok());
}

#[tokio::test]
async fn bad_requests_are_answered_with_what_is_wrong() {
    check_request(&[2, 0, 0], "version 2").await;
    check_request(&[1, 1], "ends before").await;
    check_request(&[1, 255, 255, 7], "65535 blobs that holds 0").await;
    check_request(&vec![1; 100_000], "longer than").await;
}

#[tokio::test]
async fn our_own_failing_disk_is_not_blamed_on_a_peer() {
    let dir = scratch();
    let (theirs, ours) = (store(dir.path(), "theirs"), store(dir.path(), "ours"));
    let id = theirs.put("bytes").unwrap();
    let (server, other) = (holder(1, &theirs).await, holder(3, &theirs).await);
    let client = node(2, |_| {}).await;
    std::fs::remove_dir(dir.path().join("ours/tmp")).unwrap();
    let error = client.fetch(&want(id, &[server.addr(), other.addr()]), &ours).await.unwrap_err();
    match &error.tried[..] {
        [(_, error @ NetError::Store(source))] => {
            assert!(matches!(**source, StoreError::Io { .. }) && !error.is_misbehaviour(), "{error}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_carry_each_blob_once() {
    let dir = scratch();
    let theirs = store(dir.path(), "theirs");
    let ids: Arc<Vec<BlobId>> =
        Arc::new((0..40usize).map(|n| theirs.put(pattern(n * 3001)).unwrap()).collect());
    let server = holder(1, &theirs).await;
    let mut clients = Vec::new();
    for secret in 2..5u8 {
        let client = Arc::new(node(secret, |_| {}).await);
        clients.push((client, store(dir.path(), &secret.to_string())));
    }
    let mut tasks = tokio::task::JoinSet::new();
    for (client, ours) in &clients {
        for shift in 0..6 {
            let (client, ours, ids, addr) =
                (Arc::clone(client), ours.clone(), Arc::clone(&ids), server.addr());
            tasks.spawn(async move {
                let wants: Vec<Want> =
                    (0..30).map(|n| want(ids[(n + shift * 7) % 40], std::slice::from_ref(&addr))).collect();
                client
                    .fetch_many(&wants, &ours)
                    .await
                    .into_iter()
                    .collect::<Result<Vec<Fetched>, _>>()
                    .unwrap()
            });
        }
    }
    while let Some(results) = tasks.join_next().await {
        assert_eq!(results.unwrap().len(), 30);
    }
    for (client, ours) in &clients {
        assert_eq!(ours.ids().unwrap().len(), 40);
        assert_eq!(client.counters().blobs_received, 40, "a blob was carried twice");
    }
}

/// Waits for the port, which a closed endpoint gives back a moment after it is dropped.
async fn serve_at(bind: SocketAddr, store: &BlobStore) -> Endpoint {
    let serve = async {
        loop {
            let blobs: Option<Arc<dyn BlobSource>> = Some(Arc::new(store.clone()));
            match Endpoint::bind(NetConfig { bind, blobs, ..NetConfig::loopback([1; 32]) }).await {
                Ok(endpoint) => break endpoint,
                Err(NetError::Bind { .. }) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
    };
    tokio::time::timeout(PATIENCE, serve).await.expect("the port was not given back")
}

#[tokio::test]
async fn a_restarted_holder_is_dialled_again() {
    let dir = scratch();
    let (theirs, ours) = (store(dir.path(), "theirs"), store(dir.path(), "ours"));
    let [first, second] = ["first", "second"].map(|text| theirs.put(text).unwrap());
    let client = node(2, |_| {}).await;
    let server = serve_at("127.0.0.1:0".parse().unwrap(), &theirs).await;
    let addr = server.addr();
    client.fetch(&want(first, std::slice::from_ref(&addr)), &ours).await.unwrap();
    server.close().await;
    drop(server);
    let _server = serve_at(addr.sockets[0], &theirs).await;
    client.fetch(&want(second, &[addr]), &ours).await.unwrap();
}

/// The old life ends like a killed process, without a word. The new one, at another port, has dialled us before we
/// dial it, so that a connection with it is open all the time.
#[tokio::test]
async fn a_holder_that_was_killed_and_came_back_elsewhere_is_reached() {
    let dir = scratch();
    let (theirs, ours) = (store(dir.path(), "theirs"), store(dir.path(), "ours"));
    let [first, second] = ["first", "second"].map(|text| theirs.put(text).unwrap());
    let back = ours.put("back").unwrap();
    let client = holder(2, &ours).await;

    let life = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let before = {
        let theirs = theirs.clone();
        life.spawn(async move { holder(1, &theirs).await })
    }
    .await
    .unwrap();
    client.fetch(&want(first, &[before.addr()]), &ours).await.unwrap();
    life.shutdown_background();

    let after = holder(1, &theirs).await;
    after.fetch(&want(back, &[client.addr()]), &theirs).await.unwrap();
    let fetched = client.fetch(&want(second, &[after.addr()]), &ours).await.unwrap();
    assert_eq!(fetched.from, Some(after.key()));
    std::mem::forget(before); // Its runtime is gone, which its destructor would miss.
}
