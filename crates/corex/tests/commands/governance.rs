//! Votes, committees, emergencies.

use super::*;

/// A proposal changes a parameter; a committee pauses, for a while.
#[test]
fn a_vote_changes_a_parameter_and_a_committee_pauses() {
    let world = World::new();
    let net = world.network("aic", "book.json", |_, _| {});
    let call = ["propose", "new", "--contract", "market", "--function", "setFeeBps"];
    let new = [&call[..], &["--arg", "newFeeBps=250", "--title", "A lower fee"]].concat();

    // Tokens vote once somebody is named.
    net.refused(OWNER, &[&new[..], &["--yes"]].concat(), 1, &["this account has 0", "corex vote delegate"]);
    net.sign(OWNER, &["vote", "delegate"]);
    net.idle(OWNER, &["vote", "delegate"]);
    net.wait_seconds(10);
    let power = net.ok(OWNER, &["vote", "power"]);
    assert!(amount(&power["power"]["weight"]) >= Tokens::whole(1_000_000), "{power}");

    // What does not fit is named before anything is asked of the chain.
    for (arg, says) in [
        ("newFeeBps=99999", "it does not fit 16 bits"),
        ("newFeeBps=-1", "write digits"),
        ("fee=1", "setFeeBps(uint16 "),
    ] {
        net.refused(OWNER, &[&call[..], &["--arg", arg, "--yes"]].concat(), 1, &[says]);
    }
    net.refused(
        OWNER,
        &["propose", "new", "--contract", "bank", "--function", "f"],
        1,
        &["no contract 'bank'", "market"],
    );
    net.refused(STRANGER, &[&new[..], &["--yes"]].concat(), 1, &["a proposal needs 1000000 AIC"]);
    net.dry(OWNER, &new);
    let made = net.sign(OWNER, &new);
    assert!(
        made["steps"][0]["transaction"]["words"]
            .as_str()
            .unwrap()
            .contains("market.setFeeBps(newFeeBps = 2.5 %)"),
        "{made}"
    );
    net.idle(OWNER, &new);
    let listed = net.ok(STRANGER, &["vote", "list"]);
    let id = listed["proposals"][0]["proposal"].as_str().unwrap().to_owned();
    assert_eq!(listed["proposals"][0]["calls"][0], "market.setFeeBps(newFeeBps = 2.5 %)");

    // Too early, in time, once; queued, waited for, executed.
    let cast = ["vote", "cast", &id[..10], "for", "--reason", "cheaper"];
    net.refused(OWNER, &[&cast[..], &["--yes"]].concat(), 1, &["the vote begins after"]);
    net.wait_seconds(DAY + 1);
    net.refused(STRANGER, &[&cast[..], &["--yes"]].concat(), 1, &["this account had no votes"]);
    net.dry(OWNER, &cast);
    net.sign(OWNER, &cast);
    net.idle(OWNER, &cast);
    net.refused(OWNER, &["propose", "queue", &id, "--yes"], 1, &["it is voted on until"]);
    net.wait_seconds(7 * DAY);
    net.sign(STRANGER, &["propose", "queue", &id]);
    net.refused(STRANGER, &["propose", "execute", &id, "--yes"], 1, &["it can be executed from"]);
    net.wait_seconds(2 * DAY);
    let executed = net.sign(STRANGER, &["propose", "execute", &id]);
    assert_eq!(event(&executed, "FeeBpsChanged", "feeBps"), "250");
    net.idle(STRANGER, &["propose", "execute", &id]);

    pauses(&net);
}

fn pauses(net: &Net) {
    net.refused(
        STRANGER,
        &["committee", "pause", "market", "12h", "--yes"],
        1,
        &["is no member of the security committee"],
    );
    let pause = ["committee", "pause", "market", "12h"];
    let proposed = net.sign(OWNER, &pause);
    let words = proposed["steps"][0]["transaction"]["words"].as_str().unwrap();
    assert!(words.contains("guard.pause(scope = market (1), duration = 12h)"), "{words}");
    net.idle(OWNER, &pause);
    net.sign(OWNER, &["committee", "execute", "security", "0"]);
    net.idle(OWNER, &["committee", "execute", "security", "0"]);
    let shown = net.ok(STRANGER, &["committee", "show"]);
    let market = shown["pauses"].as_array().unwrap().iter().find(|p| p["scope"] == "market").unwrap();
    assert!(market["paused_until"].is_u64(), "{shown}");

    net.provider(PROVIDER_KEY);
    net.give(REQUESTER, 100);
    let node = address(PROVIDER_KEY).to_string();
    let make =
        ["offer", "make", "--node", &node, "--price", "0.01", "--quantity", "1h", "--out", "paused.json"];
    net.sign(PROVIDER_KEY, &make);
    // The approval comes first, so that only the second step is refused, when it is sent.
    net.refused(
        REQUESTER,
        &["rent", "take", "paused.json", "--quantity", "1h", "--yes"],
        1,
        &["leases are paused"],
    );
    net.wait_seconds(12 * 3_600);
    net.sign(REQUESTER, &["rent", "take", "paused.json", "--quantity", "1h"]);
}

/// Where a committee tunes, it announces first; and votes there are none.
#[test]
fn a_committee_announces_what_it_changes() {
    let world = World::new();
    let net = world.network("coai", "book.json", |_, accounts| {
        let members = vec![address(OWNER), address(STRANGER), address(REQUESTER)];
        accounts.executive = Some(corex_chain::Members { members, threshold: 2 });
    });
    net.refused(OWNER, &["vote", "list"], 1, &["networks of profile coai have no governor"]);
    net.refused(OWNER, &["sale", "show"], 1, &["networks of profile coai have no sale"]);
    net.refused(OWNER, &["vest", "show"], 1, &["networks of profile coai have no allocation"]);
    net.refused(OWNER, &["auction", "show"], 1, &["networks of profile coai have no burner"]);
    net.refused(
        OWNER,
        &["committee", "lift", "jobs", "--yes"],
        1,
        &["networks of profile coai have no guard"],
    );

    world.write(
        "fee.toml",
        "title = 'Fee'\n[[call]]\ncontract = 'market'\nfunction = 'setFeeBps'\narguments = [150]\n",
    );
    let propose = ["committee", "propose", "executive", "fee.toml"];
    let announced = net.sign(OWNER, &propose);
    let words = announced["steps"][0]["transaction"]["words"].as_str().unwrap();
    assert!(
        words.contains("manager.schedule(") && words.contains("market.setFeeBps(newFeeBps = 1.5 %)"),
        "{words}"
    );
    net.refused(
        OWNER,
        &["committee", "execute", "executive", "0", "--yes"],
        1,
        &["1 members agree, and 2 must"],
    );
    net.sign(STRANGER, &["committee", "confirm", "executive", "0"]);
    net.sign(STRANGER, &["committee", "revoke", "executive", "0"]);
    net.sign(STRANGER, &["committee", "confirm", "executive", "0"]);
    net.idle(STRANGER, &["committee", "confirm", "executive", "0"]);
    net.sign(OWNER, &["committee", "execute", "executive", "0"]);
    net.refused(OWNER, &[&propose[..], &["--yes"]].concat(), 1, &["was announced, and is possible from"]);
    net.wait_seconds(2 * DAY + 1);
    net.sign(OWNER, &propose);
    net.sign(REQUESTER, &["committee", "confirm", "executive", "1"]);
    let changed = net.sign(OWNER, &["committee", "execute", "executive", "1"]);
    assert_eq!(event(&changed, "FeeBpsChanged", "feeBps"), "150");
    net.refused(PROVIDER_KEY, &["committee", "confirm", "executive", "1", "--yes"], 1, &["is no member"]);

    // Other members end all that is open.
    let me = address(OWNER).to_string();
    net.sign(OWNER, &["committee", "seat", "executive", &me, "--threshold", "1"]);
    net.sign(STRANGER, &["committee", "confirm", "executive", "2"]);
    net.sign(OWNER, &["committee", "execute", "executive", "2"]);
    net.refused(STRANGER, &["committee", "confirm", "executive", "2", "--yes"], 1, &["is no member"]);
}
