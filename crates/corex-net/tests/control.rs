//! Control connections between honest peers, and against peers that are not.

mod common;

use std::sync::mpsc;
use std::time::Duration;

use common::{CONTROL, PATIENCE, PREAMBLE, bare, bare_dial, close_reason, coordinator, impatient, node};
use corex_net::{Connection, Endpoint, Limits, NetConfig, NetError, PeerAddr, PeerKey};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Message {
    Hello { slots: u32 },
    Work(Vec<u8>),
}

async fn pair() -> (Endpoint, Endpoint, Connection, Connection) {
    let (server, client) = (coordinator(1).await, node(2, |_| {}).await);
    let (dialled, accepted) = meet(&client, &server).await;
    (server, client, dialled, accepted)
}

/// Both ends of a new connection.
async fn meet(client: &Endpoint, server: &Endpoint) -> (Connection, Connection) {
    let addr = server.addr();
    let (dialled, accepted) = tokio::join!(client.connect(&addr), server.accept());
    (dialled.unwrap(), accepted.unwrap())
}

#[tokio::test]
async fn messages_arrive_whole_and_in_order_in_both_directions() {
    let (server, client, mut near, mut far) = pair().await;
    assert_eq!((near.peer(), far.peer()), (server.key(), client.key()));
    assert_eq!(client.key(), PeerKey::of_secret(&[2; 32]));
    near.send(&Message::Hello { slots: 2 }).await.unwrap();
    assert_eq!(far.recv::<Message>().await.unwrap(), Message::Hello { slots: 2 });

    let (mut near_out, mut near_in) = near.split();
    let echo = tokio::spawn(async move {
        for _ in 0..200 {
            let message: Message = far.recv().await.unwrap();
            far.send(&message).await.unwrap();
        }
        far
    });
    let messages: Vec<_> = (0..200usize).map(|n| Message::Work(vec![n as u8; n * 50])).collect();
    let sent = messages.clone();
    let sending = tokio::spawn(async move {
        for message in &sent {
            near_out.send(message).await.unwrap();
        }
        near_out
    });
    for message in &messages {
        assert_eq!(near_in.recv::<Message>().await.unwrap(), *message);
    }
    let (_, far) = (sending.await.unwrap(), echo.await.unwrap());
    drop(far);
    let (sent, received) = (client.counters().control_bytes_sent, server.counters().control_bytes_received);
    assert_eq!(sent, received);
    assert!(sent > 200 * 199 * 25);
}

#[tokio::test]
async fn closing_delivers_what_was_sent_and_the_reason() {
    let (_server, _client, mut near, mut far) = pair().await;
    for n in 0..100u32 {
        near.send(&n).await.unwrap();
    }
    let closing = tokio::spawn(async move { near.close("job is done").await });
    for n in 0..100u32 {
        assert_eq!(far.recv::<u32>().await.unwrap(), n);
    }
    match far.recv::<u32>().await {
        Err(NetError::Closed { reason, .. }) => assert_eq!(reason, "job is done"),
        other => panic!("{other:?}"),
    }
    closing.await.unwrap();
}

/// Says `bytes` to a coordinator and checks what both sides make of it; then that the coordinator still works.
async fn check_breach(bytes: &[u8], end: bool, reason: &str) {
    let server = coordinator(1).await;
    let evil = bare(9, &[]).await;
    let (connection, mut send, _recv) = bare_dial(&evil, &server.addr(), CONTROL, bytes).await;
    if end {
        send.finish().unwrap();
    }
    if bytes.starts_with(PREAMBLE) {
        let mut accepted = server.accept().await.unwrap();
        let error = accepted.recv::<Message>().await.unwrap_err();
        assert!(error.is_misbehaviour() && error.to_string().contains(reason), "{error}");
        assert!(error.to_string().contains(&accepted.peer().to_string()), "the peer is not named: {error}");
    }
    let told = close_reason(&connection).await;
    assert!(told.contains(reason), "the peer was told: {told}");
    let honest = node(2, |_| {}).await;
    let (mut dialled, mut accepted) = meet(&honest, &server).await;
    dialled.send(&Message::Hello { slots: 1 }).await.unwrap();
    assert_eq!(accepted.recv::<Message>().await.unwrap(), Message::Hello { slots: 1 });
}

#[tokio::test]
async fn a_peer_of_another_version_is_told_so() {
    check_breach(b"corexctl\x02", false, "version 2").await;
}

#[tokio::test]
async fn a_stranger_is_told_so() {
    check_breach(b"GET / HTTP/1.1\r\n", false, "not a corex control stream").await;
}

#[tokio::test]
async fn a_frame_that_is_no_message_ends_the_connection() {
    check_breach(&[PREAMBLE, &[3, 0, 0, 0, 77, 1, 2]].concat(), false, "not a message").await;
}

#[tokio::test]
async fn a_frame_with_a_message_and_more_ends_the_connection() {
    check_breach(&[PREAMBLE, &[3, 0, 0, 0, 0, 2, 9]].concat(), false, "after its message").await;
}

#[tokio::test]
async fn an_oversized_frame_ends_the_connection_before_it_is_received() {
    check_breach(&[PREAMBLE, &u32::MAX.to_le_bytes()].concat(), false, "the limit is").await;
}

#[tokio::test]
async fn a_stream_that_ends_inside_a_frame_ends_the_connection() {
    check_breach(&[PREAMBLE, &[9, 0, 0, 0, 1]].concat(), true, "inside a frame").await;
}

#[tokio::test]
async fn a_dialler_learns_why_it_was_turned_away() {
    let other = bare(1, &[CONTROL]).await;
    let addr = common::bare_addr(&other);
    let turning_away = tokio::spawn(async move {
        let connection = other.accept().await.unwrap().await.unwrap();
        connection.close(1u32.into(), b"control version 1 is not spoken here");
        connection.closed().await;
        other
    });
    let client = node(2, |_| {}).await;
    let error = client.connect(&addr).await.unwrap_err().to_string();
    assert!(error.contains("is not spoken here") && error.contains(&addr.key.to_string()), "{error}");
    turning_away.await.unwrap();
}

#[tokio::test]
async fn receiving_can_be_interrupted_inside_a_frame() {
    let server = coordinator(1).await;
    let peer = bare(9, &[]).await;
    let bytes = [PREAMBLE, &[2, 0, 0, 0, 0]].concat();
    let (_connection, mut send, _recv) = bare_dial(&peer, &server.addr(), CONTROL, &bytes).await;
    let mut accepted = server.accept().await.unwrap();
    assert!(timeout(Duration::from_millis(50), accepted.recv::<Message>()).await.is_err());
    send.write_all(&[5]).await.unwrap();
    assert_eq!(accepted.recv::<Message>().await.unwrap(), Message::Hello { slots: 5 });
}

#[tokio::test]
async fn a_peer_that_does_not_read_holds_up_the_sender_and_is_dropped() {
    let server = coordinator(1).await;
    let client = node(2, |config| config.limits = impatient()).await;
    let (mut dialled, _unread) = meet(&client, &server).await;
    let message = Message::Work(vec![0; 1 << 20]);
    let mut taken = 0;
    let error = loop {
        match dialled.send(&message).await {
            Ok(()) => taken += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, NetError::TimedOut { .. }) && !error.is_misbehaviour(), "{error}");
    assert!(taken < 64, "{taken} MiB were buffered for a peer that reads nothing");
}

#[tokio::test]
async fn a_message_that_is_too_large_is_refused_here_and_the_connection_goes_on() {
    let (_server, _client, mut near, mut far) = pair().await;
    let limit = Limits::default().max_frame_bytes;
    let error = near.send(&Message::Work(vec![0; limit])).await.unwrap_err();
    assert!(matches!(error, NetError::MessageTooLarge { .. }), "{error}");
    near.send(&7u8).await.unwrap();
    assert_eq!(far.recv::<u8>().await.unwrap(), 7);
}

#[test]
fn a_peer_whose_process_is_gone_is_found_out() {
    let runtime =
        || tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (doomed, surviving) = (runtime(), runtime());
    let quick = |config: &mut NetConfig| {
        config.accept_control = true;
        config.limits.keep_alive = Duration::from_millis(100);
        config.limits.idle_timeout = Duration::from_millis(500);
    };
    let server = surviving.block_on(node(1, quick));
    let addr = server.addr();
    let (connected, wait) = mpsc::channel();
    doomed.spawn(async move {
        let client = node(2, quick).await;
        let _connection = client.connect(&addr).await.unwrap();
        connected.send(()).unwrap();
        std::future::pending::<()>().await;
    });
    let mut accepted = surviving.block_on(server.accept()).unwrap();
    wait.recv().unwrap();
    // As after kill -9: no farewell is sent.
    doomed.shutdown_background();
    let received = surviving.block_on(async { timeout(PATIENCE, accepted.recv::<Message>()).await });
    match received.expect("the loss was not noticed") {
        Err(NetError::Lost { peer, .. }) => assert_eq!(peer, PeerKey::of_secret(&[2; 32])),
        // The runtime's end may still let the connection say farewell.
        Err(NetError::Closed { .. }) => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_silent_newcomer_does_not_keep_others_waiting() {
    let server = node(1, |config| {
        config.accept_control = true;
        config.limits = impatient();
    })
    .await;
    let silent = bare(9, &[]).await;
    let (connection, _send, _recv) = bare_dial(&silent, &server.addr(), CONTROL, b"corex").await;
    let client = node(2, |_| {}).await;
    let (_dialled, accepted) = meet(&client, &server).await;
    assert_eq!(accepted.peer(), client.key());
    assert!(close_reason(&connection).await.contains("longer than"));
}

#[tokio::test]
async fn connections_beyond_the_limit_are_refused_until_one_ends() {
    let server = node(1, |config| {
        config.accept_control = true;
        config.limits.max_connections = 1;
    })
    .await;
    let (first, second) = (node(2, |_| {}).await, node(3, |_| {}).await);
    let kept = first.connect(&server.addr()).await.unwrap();
    let accepted = server.accept().await.unwrap();
    let error = second.connect(&server.addr()).await.unwrap_err();
    assert!(matches!(error, NetError::Unreachable { .. } | NetError::Closed { .. }), "{error}");
    kept.close("making room").await;
    drop(accepted);
    second.connect(&server.addr()).await.unwrap();
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let client = node(2, |config| config.limits = impatient()).await;
    assert!(matches!(client.accept().await, Err(NetError::NotAccepting)));

    let gone = coordinator(1).await;
    let addr = gone.addr();
    gone.close().await;
    assert!(matches!(gone.accept().await, Err(NetError::NotAccepting)));
    drop(gone);
    let error = client.connect(&addr).await.unwrap_err();
    assert!(matches!(error, NetError::Unreachable { .. }) && !error.is_misbehaviour(), "{error}");

    let deaf = node(3, |_| {}).await;
    let error = client.connect(&deaf.addr()).await.unwrap_err();
    assert!(matches!(error, NetError::Unreachable { .. }), "{error}");

    let error = client.connect(&PeerAddr { key: addr.key, sockets: vec![] }).await.unwrap_err();
    assert!(error.to_string().contains("no socket address"), "{error}");

    let taken = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let socket = std::net::UdpSocket::bind(taken).unwrap();
    let error = Endpoint::bind(NetConfig { bind: taken, ..NetConfig::loopback([4; 32]) }).await.unwrap_err();
    assert!(error.to_string().contains(&taken.to_string()) && error.to_string().contains("hint"), "{error}");
    drop(socket);
}

#[tokio::test]
async fn another_peer_at_the_address_is_not_taken_for_the_one_dialled() {
    let server = coordinator(1).await;
    let client = node(2, |config| config.limits = impatient()).await;
    let addr = PeerAddr { key: PeerKey::of_secret(&[5; 32]), ..server.addr() };
    let error = client.connect(&addr).await.unwrap_err();
    assert!(matches!(error, NetError::Unreachable { .. }), "{error}");
}
