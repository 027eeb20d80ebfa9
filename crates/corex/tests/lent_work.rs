//! A node works before it is paid. Whom it works for, and up to which amount, is its own decision.

mod common;

use common::{Place, Running};
use corex_chain::{Contracts, JobTerms, Tokens, WorkKind};
use corex_net::{Connection, Endpoint, NetConfig};
use corex_node::keys::Keys;
use corex_node::network::NetworkFile;
use corex_node::wire::{ToNode, ToServer, VERSION};
use corex_protocol::{Assignment, Failure, TaskKey};
use corex_work::{Address, BlobId, Hash32, JobId, Mandate, OperatorKey, Task};
use std::time::{Duration, SystemTime};

const PRICE: Tokens = Tokens(10u128.pow(13));

/// A coordinator made by hand: what a node thinks of it is all that happens.
struct Coordinator {
    endpoint: Endpoint,
    /// The announcement lasts as long as this connection.
    _host: Connection,
}

impl Coordinator {
    async fn announce(network: &NetworkFile) -> Coordinator {
        let keys = Keys::generate().unwrap();
        let config = NetConfig { accept_control: true, ..NetConfig::loopback(keys.endpoint) };
        let endpoint = Endpoint::bind(config).await.unwrap();
        let mut host = endpoint.connect(&network.host().unwrap()).await.unwrap();
        host.send(&ToServer::Join { version: VERSION }).await.unwrap();
        host.send(&ToServer::Announce { coordinator: endpoint.addr() }).await.unwrap();
        Coordinator { endpoint, _host: host }
    }

    /// Accepts the next node for a job, as whoever signs. The node, and its session.
    async fn accept(&self, job: JobId, signer: &Contracts) -> (Address, Connection) {
        let mut connection = self.endpoint.accept().await.unwrap();
        let ToServer::Hello(hello) = connection.recv().await.unwrap() else { panic!("a node says hello") };
        let mandate = Mandate { job, endpoint: Hash32(self.endpoint.key().0) };
        let mandate = signer.chain().sign(&mandate.digest(&signer.domain()));
        connection.send(&ToNode::Accepted { job, mandate, programs: Vec::new() }).await.unwrap();
        (hello.node, connection)
    }
}

/// An account of the network with tokens and gas.
async fn funded(network: &NetworkFile) -> Contracts {
    account(network).await.0
}

/// The same, with its key.
async fn account(network: &NetworkFile) -> (Contracts, OperatorKey) {
    let keys = Keys::generate().unwrap();
    let key = OperatorKey::from_bytes(keys.operator).unwrap();
    let account = key.address();
    let endpoint = Endpoint::bind(NetConfig::loopback(keys.endpoint)).await.unwrap();
    let mut host = endpoint.connect(&network.host().unwrap()).await.unwrap();
    host.send(&ToServer::Join { version: VERSION }).await.unwrap();
    host.send(&ToServer::Fund { account }).await.unwrap();
    while !matches!(host.recv().await.unwrap(), ToNode::Funded) {}
    (network.contracts(Some(key.clone())).await.unwrap(), key)
}

/// A job that can pay for so many units.
async fn open_job(requester: &Contracts, units: u128) -> JobId {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let terms = JobTerms {
        spec: BlobId([5; 32]),
        coordinator: requester.chain().address(),
        price_per_unit: PRICE,
        deadline: (now + Duration::from_secs(3600)).as_secs(),
        kind: WorkKind::Training,
        programs: Hash32([0; 32]),
        referrer: None,
        insured: false,
    };
    requester.open_job(terms, Tokens(PRICE.0 * units)).await.unwrap().0
}

/// Orders a task of so many units, whose program nobody has. Why the node gives it back.
async fn order(session: &mut Connection, node: Address, units: u64) -> Failure {
    let task = Task { program: BlobId([6; 32]), func: "main".into(), inputs: Vec::new() };
    let order = Assignment {
        node,
        id: task.id(),
        task,
        key: TaskKey::Init,
        attempt: 1,
        lease_ms: 60_000,
        units,
        output_bytes: Vec::new(),
        blobs: Vec::new(),
    };
    session.send(&ToNode::Assign { order: Box::new(order), peers: Vec::new() }).await.unwrap();
    loop {
        if let ToServer::Failed { reason, .. } = session.recv().await.unwrap() {
            return reason;
        }
    }
}

#[tokio::test]
async fn a_node_works_for_the_jobs_own_coordinator_and_for_what_the_escrow_can_pay() {
    let place = Place::new();
    let mut up = Running::start(place.corex(&["up", "--dir", "net", "--nodes", "1", "--verifiers", "0"]));
    up.wait_for("running; Ctrl-C stops it");
    let network = NetworkFile::read(&place.path("net")).unwrap();
    let (requester, stranger) = (funded(&network).await, funded(&network).await);
    let job = open_job(&requester, 100).await;

    // Whoever has no mandate gets no work done, whatever the job has in escrow.
    let impostor = Coordinator::announce(&network).await;
    let (_, mut session) = impostor.accept(job, &stranger).await;
    let ToServer::Refused { why } = session.recv().await.unwrap() else { panic!("it works for a stranger") };
    assert!(why.contains(&format!("does not speak for job {job}")), "{why}");
    let inventor = Coordinator::announce(&network).await;
    let (_, mut session) = inventor.accept(JobId([7; 32]), &stranger).await;
    let ToServer::Refused { why } = session.recv().await.unwrap() else { panic!("it works for no job") };
    assert!(why.contains("is not on chain"), "{why}");
    drop((impostor, inventor));

    let coordinator = Coordinator::announce(&network).await;
    let (node, mut session) = coordinator.accept(job, &requester).await;
    let refused = order(&mut session, node, 101).await;
    assert!(matches!(&refused, Failure::Refused(why) if why.contains("top it up")), "{refused:?}");
    // It tries: the program cannot be had.
    let tried = order(&mut session, node, 100).await;
    assert!(!matches!(tried, Failure::Refused(_)), "{tried:?}");
    // Once there is enough, it goes on by itself.
    requester.top_up(job, PRICE).await.unwrap();
    let mut tries = 0;
    while matches!(order(&mut session, node, 101).await, Failure::Refused(_)) {
        tries += 1;
        assert!(tries < 60, "it does not look again");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    requester.close_job(job).await.unwrap();
    tokio::time::sleep(Duration::from_secs(6)).await;
    let refused = order(&mut session, node, 1).await;
    assert!(matches!(&refused, Failure::Refused(why) if why.contains("is closed")), "{refused:?}");
    stop(up);
}

/// Ends a network as Ctrl-C does.
fn stop(up: Running) {
    let stopped = std::process::Command::new("kill").arg(up.child.id().to_string()).status();
    assert!(stopped.expect("kill exists").success());
    up.finish();
}

/// The key that earns and the key that works are two: the node goes on when another account has taken it over.
#[tokio::test]
async fn a_node_works_for_an_owner_of_another_account() {
    let place = Place::new();
    let mut up = Running::start(place.corex(&["up", "--dir", "net", "--nodes", "1", "--verifiers", "0"]));
    up.wait_for("running; Ctrl-C stops it");
    let network = NetworkFile::read(&place.path("net")).unwrap();
    let (owner, key) = account(&network).await;
    std::fs::write(place.path("owner.key"), Hash32(key.to_bytes()).to_string()).unwrap();
    let coordinator = Coordinator::announce(&network).await;
    let job = open_job(&owner, 100).await;
    let (node, _session) = coordinator.accept(job, &owner).await;

    let keys = "net/nodes/provider-1/keys.json";
    let account = owner.chain().address().to_string();
    let give = ["stake", "node", "transfer", &node.to_string(), &account, "--key", keys, "--yes", "--json"];
    common::json(&mut place.corex(&give));
    let take = ["stake", "node", "accept", &node.to_string(), "--key", "owner.key", "--yes", "--json"];
    common::json(&mut place.corex(&take));
    assert_eq!(owner.node(node).await.unwrap().unwrap().owner, owner.chain().address());

    // Killed, and started again by its supervisor.
    let [process] = place.processes(&["provider-1"])[..] else { panic!("one node runs") };
    common::kill(process);
    let (again, mut session) = coordinator.accept(job, &owner).await;
    assert_eq!(again, node);
    let tried = order(&mut session, node, 100).await;
    assert!(!matches!(tried, Failure::Refused(_)), "{tried:?}");
    stop(up);
}
