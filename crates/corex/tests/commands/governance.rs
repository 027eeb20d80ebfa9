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
    net.refused(OWNER, &[&new[..], &["--yes"]].concat(), 1, &["votes from the next second on: try again"]);
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
    let other = ["vote", "cast", &id[..10], "against", "--yes"];
    net.refused(
        OWNER,
        &other,
        1,
        &["this account has voted 'for' already", "hint: a vote cannot be changed"],
    );
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

/// Committees first, then votes with committees, then votes alone; a proposal that is taken back, and one whose votes are voided.
#[test]
fn stages_lead_from_committees_to_votes() {
    let world = World::new();
    let net = world.network("cxt", "book.json", |profile, _| {
        profile.governance.stages.as_mut().expect("cxt has stages").dao_min_proposals = 1;
    });
    emergencies_while_committees_decide(&net);

    // The vote begins when its time has come and enough is at stake, whoever says so.
    let advance = ["propose", "advance", "--yes"];
    net.sign(OWNER, &["vote", "delegate"]);
    let call =
        ["propose", "new", "--contract", "market", "--function", "setFeeBps", "--arg", "newFeeBps=250"];
    let new = |title: &'static str| [&call[..], &["--title", title]].concat();
    net.wait_seconds(10);
    net.refused(
        OWNER,
        &[&new("Early")[..], &["--yes"]].concat(),
        1,
        &["not possible in this stage of governance"],
    );
    net.refused(STRANGER, &advance, 1, &["the next stage does not begin before"]);
    net.wait_seconds(180 * DAY);
    net.refused(STRANGER, &advance, 1, &["0 CXT are staked, and the next stage needs 500000 CXT"]);
    net.provider(PROVIDER_KEY);
    net.give(PROVIDER_KEY, 500_000);
    net.sign(PROVIDER_KEY, &["stake", "add", &address(PROVIDER_KEY).to_string(), "500000"]);
    net.wait_seconds(10);
    let stage = || net.ok(STRANGER, &["propose", "stage"]);
    assert_eq!((&stage()["stage"], &stage()["next"]["stage"]), (&"committees".into(), &"vote".into()));
    net.dry(STRANGER, &["propose", "advance"]);
    net.sign(STRANGER, &["propose", "advance"]);
    assert_eq!((&stage()["stage"], &stage()["next"]["decisive_needed"]), (&"vote".into(), &1.into()));
    net.refused(STRANGER, &advance, 1, &["the next stage does not begin before"]);

    let id = taken_back(&net, &new("A lower fee"), &new("A lower fee, again"));
    voided_and_voted_again(&net, &id);

    net.refused(OWNER, &["propose", "cancel", &id, "--yes"], 1, &["not voted on yet"]);
    net.wait_seconds(2 * 365 * DAY);
    net.sign(STRANGER, &["propose", "advance"]);
    assert_eq!((&stage()["stage"], &stage()["next"]), (&"dao".into(), &Value::Null));
    net.idle(STRANGER, &["propose", "advance"]);
}

/// One committee pauses, another lifts.
fn emergencies_while_committees_decide(net: &Net) {
    let refuse = |command: &[&str], says| net.refused(OWNER, &[command, &["--yes"]].concat(), 1, &[says]);
    let state = |scope: &str| {
        let shown = net.ok(STRANGER, &["committee", "show"]);
        let pauses = shown["pauses"].as_array().expect("a list");
        pauses.iter().find(|pause| pause["scope"] == scope).expect("it can be paused").clone()
    };
    refuse(&["committee", "lift", "jobs"], "jobs is not paused");
    refuse(&["committee", "pause", "jobs", "100d"], "a pause of 14w 2d is too long: 3d is the longest");
    refuse(&["committee", "pause", "jobs", "0s"], "a pause of no time pauses nothing");
    refuse(
        &["committee", "pause", "rewards", "1h"],
        "rewards cannot be paused in this network\nhint: jobs and market can",
    );
    net.sign(OWNER, &["committee", "pause", "jobs", "2d"]);
    net.sign(OWNER, &["committee", "execute", "security", "0"]);
    assert!(state("jobs")["paused_until"].is_u64());
    refuse(&["committee", "pause", "jobs", "1h"], "jobs is paused until");

    let lift = ["committee", "lift", "jobs"];
    net.refused(STRANGER, &[&lift[..], &["--yes"]].concat(), 1, &["is no member of the executive committee"]);
    net.dry(OWNER, &lift);
    let proposed = net.sign(OWNER, &lift);
    assert_eq!(event(&proposed, "Proposed", "id"), "0");
    let words = proposed["steps"][0]["transaction"]["words"].as_str().expect("text");
    assert!(
        words.contains("executive committee") && words.contains("guard.lift(scope = jobs (0))"),
        "{words}"
    );
    net.idle(OWNER, &lift);
    assert!(state("jobs")["paused_until"].is_u64(), "what is agreed to is not done yet");
    net.sign(OWNER, &["committee", "execute", "executive", "0"]);
    assert!(state("jobs")["paused_until"].is_null());
    refuse(&lift, "jobs is not paused");
    refuse(&["committee", "pause", "jobs", "1h"], "jobs was paused, and cannot be paused again before");
}

/// Proposes twice: the first is taken back by who made it. The number of the second.
fn taken_back(net: &Net, first: &[&str], second: &[&str]) -> String {
    net.sign(OWNER, first);
    let proposals = || net.ok(STRANGER, &["vote", "list"])["proposals"].clone();
    let id = proposals()[0]["proposal"].as_str().expect("text").to_owned();
    let cancel = ["propose", "cancel", &id[..10]];
    net.refused(
        STRANGER,
        &[&cancel[..], &["--yes"]].concat(),
        1,
        &["this proposal is of", "who alone can take it back"],
    );
    net.dry(OWNER, &cancel);
    net.sign(OWNER, &cancel);
    net.idle(OWNER, &cancel);
    assert_eq!(proposals()[0]["tally"]["state"], "canceled");
    net.refused(OWNER, &["vote", "cast", &id, "for", "--yes"], 1, &["the proposal is canceled"]);
    net.refused(OWNER, &[first, &["--yes"]].concat(), 1, &["the same was proposed before and is canceled"]);
    net.sign(OWNER, second);
    proposals()[1]["proposal"].as_str().expect("text").to_owned()
}

/// The security committee voids the votes on a proposal, once; it is voted on anew, and does what it says.
fn voided_and_voted_again(net: &Net, id: &str) {
    let tally = || net.ok(STRANGER, &["vote", "show", id])["tally"].clone();
    let (cast, reset) = (["vote", "cast", id, "for"], ["committee", "reset-vote", id]);
    let refuse = |says| net.refused(OWNER, &[&reset[..], &["--yes"]].concat(), 1, &[says]);
    refuse("only votes that go on can be voided: the proposal is pending");
    net.wait_seconds(DAY + 1);
    net.sign(OWNER, &cast);
    let voted = tally();
    assert!(amount(&voted["votes_for"]) > Tokens::default(), "{voted}");
    net.wait_seconds(3 * DAY);
    let proposed = net.sign(OWNER, &reset);
    assert_eq!(event(&proposed, "Proposed", "id"), "1", "the pause was the committee's first");
    net.idle(OWNER, &reset);
    assert_eq!(tally()["votes_for"], voted["votes_for"]);
    net.sign(OWNER, &["committee", "execute", "security", "1"]);
    let voided = tally();
    assert_eq!((&voided["votes_for"], &voided["is_reset"]), (&"0".into(), &true.into()));
    assert!(voided["deadline"].as_u64() >= voted["deadline"].as_u64().map(|end| end + 3 * DAY), "{voided}");
    refuse("the votes on it were voided once already");

    net.sign(OWNER, &cast);
    assert_eq!(tally()["votes_for"], voted["votes_for"], "the same votes, counted at the same moment");
    net.wait_seconds(7 * DAY + 1);
    net.sign(STRANGER, &["propose", "queue", id]);
    net.wait_seconds(2 * DAY);
    let executed = net.sign(STRANGER, &["propose", "execute", id]);
    assert_eq!(event(&executed, "FeeBpsChanged", "feeBps"), "250");
    refuse("the votes on it were voided once already");
}
