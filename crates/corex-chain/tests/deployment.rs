//! Deployments: every profile, interrupted anywhere, and held against the chain by whoever trusts neither deployer nor address book.

mod common;

use common::{Backend, key, rpc};
use corex_chain::{Accounts, Contracts, Deployment, Members, Profile, Scope};
use corex_work::{Address, Hash32};
use serde_json::{Value, json};
use std::panic::resume_unwind;

const DEPLOYER: u8 = 1;
const OTHER: u8 = 2;

fn account(n: u8) -> Address {
    Address([n; 20])
}

/// As on a public network: everybody is somebody else.
fn strangers(profile: &Profile, token: Option<Address>) -> Accounts {
    let mut accounts = Accounts::all(account(40), profile);
    let seats = [&mut accounts.executive, &mut accounts.operations, &mut accounts.security];
    for (seat, first) in seats.into_iter().zip([10, 20, 30]) {
        let members = (first..first + 3).map(account).collect();
        *seat = seat.take().map(|_| Members { members, threshold: 2 });
    }
    for (named, n) in accounts.named.values_mut().zip(50..) {
        *named = account(n);
    }
    accounts.allow_list = accounts.allow_list.map(|_| Hash32([60; 32]));
    let has_own_token = profile.token.burnable || profile.treasury_bps > 0;
    Accounts { token: token.filter(|_| !has_own_token), ..accounts }
}

async fn broken(book: &Deployment, chain: &corex_chain::Chain) -> Vec<String> {
    let promises = book.check(chain).await.unwrap();
    assert!(promises.len() > 20, "{promises:#?}");
    promises.into_iter().filter_map(|promise| promise.broken).collect()
}

/// Every profile can be deployed, as it is and for development, and keeps what it promises.
#[tokio::test(flavor = "multi_thread")]
async fn every_profile_is_deployed_and_keeps_its_promises() {
    let backend = Backend::embedded(&[key(DEPLOYER).address()]).await;
    let chain = backend.connect(DEPLOYER).await;
    let mut token = None;
    for name in Profile::names() {
        for scope in [Scope::Local, Scope::Public] {
            let profile = Profile::builtin(name, scope).unwrap();
            let accounts = match scope {
                Scope::Local => Accounts::all(chain.address(), &profile),
                Scope::Public => strangers(&profile, token),
            };
            let network = Contracts::deploy(chain.clone(), profile.clone(), accounts).await.unwrap();
            assert_eq!(broken(network.book(), &chain).await, [""; 0], "{name} {scope:?}");
            assert_eq!(network.has_pool(), profile.mining.is_some());
            if network.book().accounts.token.is_none() {
                assert_eq!(network.supply().await.unwrap().initial, profile.token.supply);
                token = Some(network.book().contracts.token);
            }
        }
    }
}

/// Whoever deploys something else than the address book says is found out, whatever it is.
#[tokio::test(flavor = "multi_thread")]
async fn no_lie_of_an_address_book_stands() {
    // These name things for people or say where to look; they are no promises.
    const HARMLESS: [&str; 4] = ["/profile/name", "/first_block", "/planned_at", "/profile/treasury_bps"];
    let backend = Backend::embedded(&[key(DEPLOYER).address()]).await;
    let chain = backend.connect(DEPLOYER).await;
    for (name, within) in
        [("aic", ""), ("cxt", "/contracts"), ("cxt", "/accounts"), ("cxt", "/profile/governance")]
    {
        // Under a name of its own, so that no parameter is given away by the built-in profile's.
        let profile = Profile { name: "own".into(), ..Profile::builtin(name, Scope::Public).unwrap() };
        let accounts = strangers(&profile, None);
        let network = Contracts::deploy(chain.clone(), profile, accounts).await.unwrap();
        let honest = serde_json::to_value(network.book()).unwrap();
        let (mut lies, mut believed) = (0, Vec::new());
        // Of the many parameters every other one: the others are found by the same comparison.
        let every_other = |(index, place): &(usize, String)| index % 2 == 0 || !place.starts_with("/profile");
        let places = leaves("", &honest).into_iter().enumerate().filter(every_other);
        for place in places.map(|(_, place)| place).filter(|place| place.starts_with(within)) {
            let mut lie = honest.clone();
            let leaf = lie.pointer_mut(&place).unwrap();
            *leaf = other(leaf);
            // What is no address book at all is refused where it is read.
            let Ok(lie) = serde_json::from_value::<Deployment>(lie) else { continue };
            lies += 1;
            let is_found = match lie.check(&chain).await {
                Ok(promises) => promises.iter().any(|promise| promise.broken.is_some()),
                Err(_) => true,
            };
            if !is_found && !HARMLESS.contains(&place.as_str()) {
                believed.push(place);
            }
        }
        assert!(lies > if within.is_empty() { 80 } else { 5 }, "{name} {within}: {lies}");
        assert!(believed.is_empty(), "{name}: nobody notices {believed:#?}");
    }
}

/// Places of all values that are neither lists nor tables, as JSON pointers (RFC 6901).
fn leaves(at: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => map.iter().flat_map(|(key, v)| leaves(&format!("{at}/{key}"), v)).collect(),
        Value::Array(list) => {
            list.iter().enumerate().flat_map(|(i, v)| leaves(&format!("{at}/{i}"), v)).collect()
        }
        Value::Null => Vec::new(),
        _ => vec![at.to_owned()],
    }
}

/// Another value of the same form.
fn other(value: &Value) -> Value {
    match value {
        Value::Bool(yes) => json!(!yes),
        Value::Number(number) => json!(number.as_u64().unwrap_or_default() + 1),
        // In lower case an address has no checksum.
        Value::String(text) if text.starts_with("0x") => {
            let (rest, last) = text.split_at(text.len() - 1);
            json!(format!("{}{}", rest.to_lowercase(), if last == "1" { 2 } else { 1 }))
        }
        Value::String(text) => match text.strip_suffix(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) {
            Some(rest) => json!(format!("{rest}{}", if text.ends_with('1') { 2 } else { 1 })),
            None => json!(format!("{}1", &text[..text.len() - 1])),
        },
        other => other.clone(),
    }
}

/// A profile that calls itself like a built-in one is held against that.
#[tokio::test(flavor = "multi_thread")]
async fn a_borrowed_name_is_no_disguise() {
    let backend = Backend::embedded(&[key(DEPLOYER).address()]).await;
    let chain = backend.connect(DEPLOYER).await;
    let mut profile = Profile::builtin("cx", Scope::Public).unwrap();
    profile.governance.executive_delay = 0;
    let accounts = strangers(&profile, None);
    let network = Contracts::deploy(chain.clone(), profile, accounts).await.unwrap();
    let found = broken(network.book(), &chain).await;
    assert!(matches!(&found[..], [why] if why.starts_with("governance.executive_delay is 0")), "{found:?}");
}

/// A deployment is a plan that survives a crash at any transaction. Others use the chain in the meantime.
async fn interrupted(backend: Backend) {
    let chain = backend.connect(DEPLOYER).await;
    let profile = Profile::builtin("cx", Scope::Local).unwrap();
    let accounts = Accounts::all(chain.address(), &profile);
    let book = Deployment::plan(&chain, profile, accounts).await.unwrap();
    let missing = book.verify(&chain).await.unwrap_err().to_string();
    assert!(missing.starts_with("there is no ComputeToken at 0x"), "{missing}");
    let unfinished = book.check(&chain).await.unwrap();
    assert!(unfinished.iter().any(|promise| promise.broken.is_some()));

    let json = serde_json::to_string_pretty(&book).unwrap();
    let mut seen = 0;
    for end in [1, 9, usize::MAX] {
        let (book, chain) = (serde_json::from_str::<Deployment>(&json).unwrap(), chain.clone());
        let run = tokio::spawn(async move {
            let mut told = Vec::new();
            let crash = |part, index, _| match index == end {
                true => resume_unwind(Box::new("the process is killed")),
                false => told.push(part),
            };
            let sent = book.execute(&chain, crash).await.unwrap();
            assert_eq!(sent.iter().map(|(part, _)| *part).collect::<Vec<_>>(), told);
            (book.parts().count(), told.len())
        });
        match run.await {
            Ok((all, now)) => assert_eq!(all, seen + now, "nothing is created twice"),
            Err(killed) => assert!(killed.is_panic() && end < usize::MAX),
        }
        seen = end;
        let other = backend.connect(OTHER).await;
        for _ in 0..70 {
            other.send_gas(key(DEPLOYER).address(), 1).await.unwrap();
        }
    }
    assert!(book.execute(&chain, |_, _, _| {}).await.unwrap().is_empty(), "all there");
    assert_eq!(broken(&book, &chain).await, [""; 0]);
    Contracts::attach(chain.clone(), book.clone()).await.unwrap();

    // An account that did something else in between cannot finish an old plan.
    let other = backend.connect(OTHER).await;
    let plan = Deployment::plan(&other, book.profile.clone(), book.accounts.clone()).await.unwrap();
    other.send_gas(chain.address(), 1).await.unwrap();
    let stale = plan.execute(&other, |_, _, _| {}).await.unwrap_err().to_string();
    assert!(stale.contains("plan a new deployment"), "{stale}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deployments_survive_crashes_on_the_embedded_chain() {
    interrupted(Backend::embedded(&[key(DEPLOYER).address(), key(OTHER).address()]).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deployments_survive_crashes_on_anvil() {
    if let Some(backend) = Backend::anvil(&[key(DEPLOYER).address(), key(OTHER).address()]).await {
        interrupted(backend).await;
    }
}

/// A book is of one chain, and what is planned in vain is refused before anything is sent.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_network_is_refused() {
    let backend = Backend::embedded(&[key(DEPLOYER).address()]).await;
    let chain = backend.connect(DEPLOYER).await;
    let profile = Profile::builtin("cx", Scope::Local).unwrap();
    let nobody = Deployment::plan(&chain, profile.clone(), Accounts::default()).await.unwrap_err();
    assert!(nobody.to_string().contains("needs the account 'treasury'"), "{nobody}");

    let accounts = Accounts::all(chain.address(), &profile);
    let network = Contracts::deploy(chain.clone(), profile, accounts).await.unwrap();
    let book = network.book();
    let mut wrong = book.clone();
    wrong.chain_id += 1;
    let error = Contracts::attach(chain.clone(), wrong).await.unwrap_err().to_string();
    assert!(error.contains("is wanted"), "{error}");
    let mut wrong = book.clone();
    wrong.contracts.vault = book.contracts.token;
    assert!(Contracts::attach(chain.clone(), wrong).await.is_err());

    // A settlement token that is none: another contract, an account, nobody.
    let coai = Profile::builtin("coai", Scope::Public).unwrap();
    let before = rpc(&backend.url(), "eth_blockNumber", json!([])).await;
    for token in [book.contracts.registry, chain.address(), Address::default()] {
        let error = Deployment::plan(&chain, coai.clone(), strangers(&coai, Some(token))).await.unwrap_err();
        let said = error.to_string();
        let expected = match token == Address::default() {
            true => format!("the account 'token' is {token}, which is nobody"),
            false => format!("{token} cannot be the network's token: it does not answer as an ERC-20 token"),
        };
        assert!(said.starts_with(&expected), "{said}");
    }
    assert_eq!(rpc(&backend.url(), "eth_blockNumber", json!([])).await, before);
}
