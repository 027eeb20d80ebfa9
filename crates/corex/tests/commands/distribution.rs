//! Vesting, the sale, auctions.

use super::*;

const BUYER: u8 = 3;
const TEAM: u8 = 5;

/// Tokens vest over time; a sale fails and another succeeds; what the network received is sold for tokens that burn.
#[test]
fn tokens_come_to_people_and_back() {
    let world = World::new();
    let list: String = [OWNER, BUYER].map(|n| format!("{}  # {n}\n", address(n))).concat();
    world.write("buyers.txt", list);
    let made =
        world.place.corex(&["sale", "allow-list", "buyers.txt", "--json"]).output().expect("it starts");
    let root: Hash32 = common::parse(&made)["root"].as_str().unwrap().parse().unwrap();
    let network = |file, soft_cap: &str| {
        world.network("aic", file, |profile, accounts| {
            profile.sale.as_mut().unwrap().soft_cap = tokens(soft_cap);
            accounts.allow_list = Some(root);
            accounts.named.insert("team".into(), address(TEAM));
        })
    };
    let (missed, reached) = (network("missed.json", "500"), network("reached.json", "0.0001"));

    sale(&missed, &reached);
    vesting(&reached);
    auction(&reached);
}

fn sale(missed: &Net, reached: &Net) {
    let buy = ["sale", "buy", "100", "--proof", "allow-list.json"];
    reached.refused(BUYER, &[&buy[..], &["--yes"]].concat(), 1, &["the next stage begins at"]);
    reached.wait_seconds(8 * DAY);
    let ask =
        |net: &Net, command: &[&str], says| net.refused(BUYER, &[command, &["--yes"]].concat(), 1, &[says]);
    ask(reached, &["sale", "buy", "100"], "hint: pass the list's file with --proof");
    reached.refused(STRANGER, &[&buy[..], &["--yes"]].concat(), 1, &["is not on it"]);
    let mut forged = reached.world.read("allow-list.json");
    forged["proofs"][address(STRANGER).to_string()] = forged["proofs"][address(BUYER).to_string()].clone();
    reached.world.write("forged.json", forged.to_string());
    let stolen = ["sale", "buy", "100", "--proof", "forged.json", "--yes"];
    reached.refused(STRANGER, &stolen, 1, &["the proof of"]);
    ask(reached, &["sale", "buy", "2000001", "--proof", "allow-list.json"], "can buy 2000000 AIC more");
    reached.dry(BUYER, &buy);
    for net in [missed, reached] {
        let bought = net.sign(BUYER, &buy);
        assert_eq!(bought["steps"][0]["transaction"]["value"], "400000000000000", "100 at 0.000004 ETH");
    }
    ask(reached, &["sale", "claim"], "the sale is not over yet");
    ask(reached, &["sale", "finalize"], "the sale goes on until");
    reached.wait_seconds(51 * DAY);

    ask(missed, &["sale", "claim"], "hint: `corex sale refund`");
    missed.sign(BUYER, &["sale", "refund"]);
    missed.idle(BUYER, &["sale", "refund"]);
    ask(reached, &["sale", "refund"], "hint: `corex sale claim`");
    let before = reached.balance(BUYER);
    reached.sign(BUYER, &["sale", "claim"]);
    assert_eq!(reached.balance(BUYER), before + Tokens::whole(100));
    reached.idle(BUYER, &["sale", "claim"]);
    let done = reached.sign(STRANGER, &["sale", "finalize"]);
    assert_eq!(done["steps"].as_array().unwrap().len(), 2, "what was raised, and what was not sold");
    reached.idle(STRANGER, &["sale", "finalize"]);
    assert_eq!(reached.ok(BUYER, &["sale", "show"])["sale"]["outcome"], "succeeded");
}

fn vesting(net: &Net) {
    net.idle(TEAM, &["vest", "release"]);
    net.refused(STRANGER, &["vest", "release", "--yes"], 1, &["nothing vests for"]);
    // 59 days are over, the cliff is at 180 of 720.
    net.wait_seconds(122 * DAY);
    let wallet = net.ok(TEAM, &["vest", "show"])["wallets"][0].clone();
    let quarter = amount(&wallet["granted"]).share_down(2_500);
    net.dry(TEAM, &["vest", "release"]);
    net.sign(TEAM, &["vest", "release"]);
    let first = net.balance(TEAM);
    assert!(first >= quarter && first < amount(&wallet["granted"]).share_down(2_600), "{first}");
    net.wait_seconds(90 * DAY);
    // Whoever gets the wallet gets the rest.
    let at = wallet["wallet"].as_str().unwrap();
    let heir = address(STRANGER).to_string();
    net.refused(STRANGER, &["vest", "take", at, "--yes"], 1, &["was not offered"]);
    net.sign(TEAM, &["vest", "offer", at, &heir]);
    net.sign(STRANGER, &["vest", "take", at]);
    net.sign(BUYER, &["vest", "release", at]);
    assert_eq!(net.balance(TEAM), first);
    assert!(net.balance(STRANGER) > Tokens::default());
}

fn auction(net: &Net) {
    net.refused(OWNER, &["auction", "buy", "--yes"], 1, &["no auction runs"]);
    net.idle(OWNER, &["auction", "start"]);
    let burner = net.owner.book().contracts.burner;
    net.world.wait(net.owner.chain().send_gas(burner, 10u128.pow(18))).expect("sent");
    net.sign(STRANGER, &["auction", "start"]);
    net.refused(OWNER, &["auction", "buy", "--max", "1000", "--yes"], 1, &["the lot costs"]);
    net.wait_seconds(20 * 3_600);
    let price = amount(&net.ok(OWNER, &["auction", "show"])["price"]);
    let before = net.balance(OWNER);
    net.dry(OWNER, &["auction", "buy"]);
    net.sign(OWNER, &["auction", "buy"]);
    assert_eq!(net.balance(OWNER), before.saturating_sub(price));
    let to_burn = Tokens::whole(7);
    net.world.wait(net.owner.transfer(burner, to_burn)).expect("sent");
    let burned = net.sign(STRANGER, &["auction", "burn"]);
    assert_eq!(event(&burned, "Burned", "amount"), to_burn.0.to_string());
    net.idle(STRANGER, &["auction", "burn"]);
}
