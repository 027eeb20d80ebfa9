//! Offers, leases, vouchers, claims, objections.

use super::*;
use serde_json::json;

/// From a signed offer to the last token, and whatever may go wrong on the way.
#[test]
fn a_lease_from_offer_to_refund() {
    let world = World::new();
    let net = world.network("aic", "book.json", |_, _| {});
    net.provider(PROVIDER_KEY);
    net.give(REQUESTER, 1_000);
    let node = address(PROVIDER_KEY).to_string();

    // The provider signs; a stranger cannot offer that node; a dry run writes nothing; nothing is written over.
    let make =
        ["offer", "make", "--node", &node, "--price", "0.01", "--quantity", "10h", "--out", "offer.json"];
    net.refused(
        STRANGER,
        &[&make[..], &["--yes"]].concat(),
        1,
        &["hint: use the key of its owner or operator"],
    );
    let dry = net.dry(PROVIDER_KEY, &make);
    let fields: Vec<_> = dry["message"]["fields"].as_array().unwrap().iter().map(|f| &f["name"]).collect();
    assert_eq!(fields.len(), 12, "{dry}");
    assert_eq!(dry["message"]["fields"][4]["shown"], "0.01 AIC");
    assert!(!world.place.path("offer.json").exists());
    net.sign(PROVIDER_KEY, &make);
    net.refused(PROVIDER_KEY, &[&make[..], &["--yes"]].concat(), 1, &["there is a file offer.json already"]);
    let shown = net.ok(STRANGER, &["offer", "show", "offer.json"]);
    assert_eq!((&shown["standing"]["left"], &shown["standing"]["troubles"]), (&36_000.into(), &json!([])));

    // Whoever changes a digit has no signature for it.
    let mut forged = world.read("offer.json");
    forged["terms"]["price"] = "0.001".into();
    world.write("forged.json", forged.to_string());
    net.refused(STRANGER, &["offer", "show", "forged.json"], 3, &[]);
    let take = ["rent", "take", "offer.json", "--quantity", "2h"];
    net.refused(
        REQUESTER,
        &["rent", "take", "forged.json", "--quantity", "2h", "--yes"],
        1,
        &["forged.json cannot be taken: the signature is not that of the account it names"],
    );
    for (file, text) in [("empty.json", ""), ("array.json", "[1]"), ("deep.json", "{\"kind\":{}}")] {
        world.write(file, text);
        net.refused(STRANGER, &["offer", "show", file], 1, &["it is no signed offer"]);
    }

    // Taken: deposit, voucher, payment.
    net.refused(
        REQUESTER,
        &["rent", "take", "offer.json", "--quantity", "20h", "--yes"],
        1,
        &["10h of the offer are left"],
    );
    net.refused(REQUESTER, &take, 4, &["there is nobody to ask", "hint: pass --yes"]);
    net.dry(REQUESTER, &take);
    let taken = net.sign(REQUESTER, &take);
    let lease = event(&taken, "LeaseOpened", "lease").to_owned();
    assert_eq!(net.balance(REQUESTER), Tokens::whole(1_000 - 72), "7,200 seconds at 0.01");
    net.wait_seconds(1_000);
    net.refused(
        STRANGER,
        &["rent", "voucher", &lease, "5", "--yes"],
        1,
        &["vouchers of this lease are signed by"],
    );
    net.sign(REQUESTER, &["rent", "voucher", &lease, "5"]);
    let before = net.balance(PROVIDER_KEY);
    net.sign(PROVIDER_KEY, &["rent", "redeem", "voucher.json"]);
    assert_eq!(net.balance(PROVIDER_KEY), before + tokens("4.85"), "a fee of 3 %");
    net.idle(PROVIDER_KEY, &["rent", "redeem", "voucher.json"]);
    let mut forged = world.read("voucher.json");
    forged["terms"]["amount"] = "50".into();
    world.write("more.json", forged.to_string());
    net.refused(PROVIDER_KEY, &["rent", "redeem", "more.json", "--yes"], 1, &["it is not signed by"]);

    // Without the requester: a claim, its window, the end.
    let claim = ["rent", "claim", &lease, "accrued"];
    net.dry(PROVIDER_KEY, &claim);
    net.sign(PROVIDER_KEY, &claim);
    net.refused(STRANGER, &["rent", "finalize", &lease, "--yes"], 1, &["it can be objected to until"]);
    net.wait_seconds(31);
    let before = net.balance(PROVIDER_KEY);
    net.sign(STRANGER, &["rent", "finalize", &lease]);
    let settled = amount(&net.ok(STRANGER, &["rent", "show", &lease])["settled"]);
    assert!(settled >= Tokens::whole(10), "1,000 seconds at 0.01: {settled}");
    assert!(net.balance(PROVIDER_KEY) > before + tokens("4.85"), "what is new, less the fee, and the bond");
    net.idle(PROVIDER_KEY, &["rent", "finalize", &lease]);
    net.sign(REQUESTER, &["rent", "end", &lease]);
    net.wait_seconds(10);
    net.refused(
        STRANGER,
        &["rent", "close", &lease, "--yes"],
        1,
        &["can be closed by others than the provider after"],
    );
    net.wait_seconds(31);
    let before = net.balance(REQUESTER);
    net.sign(STRANGER, &["rent", "close", &lease]);
    assert_eq!(net.balance(REQUESTER), before + Tokens::whole(72).saturating_sub(settled));
    net.idle(STRANGER, &["rent", "close", &lease]);
    let listed = net.ok(PROVIDER_KEY, &["offer", "list", "--all"]);
    assert_eq!(listed["leases"][0]["lease"], lease.as_str());
    assert_eq!(net.ok(REQUESTER, &["rent", "list"])["leases"], json!([]), "it is closed");

    the_requester_objects(&net);
    bids_and_ends_of_offers(&net, &node);
}

/// Leases that count units of work; offers and orders that a third brings together; hot keys of a spending account.
#[test]
fn leases_of_units_of_strangers_and_of_hot_keys() {
    let world = World::new();
    let net = world.network("cxt", "book.json", |_, _| {});
    net.provider(PROVIDER_KEY);
    net.give(REQUESTER, 1_000);
    let node = address(PROVIDER_KEY).to_string();
    units(&net, &node);
    strangers(&net, &node);
    hot_keys(&net, &node);
}

fn units(net: &Net, node: &str) {
    // What is offered: so many units, so fast, for so long.
    let make = ["offer", "make", "--node", node, "--price", "0.002", "--meter", "units"];
    let make = |more: &[&'static str]| [&make[..], &["--out", "units.json"], more].concat();
    let refuse =
        |command: &[&str], says| net.refused(PROVIDER_KEY, &[command, &["--yes"]].concat(), 1, &[says]);
    refuse(&make(&["--quantity", "5000000"]), "hint: say it with --max-rate and --max-term");
    refuse(&make(&["--quantity", "12h", "--max-rate", "1", "--max-term", "1d"]), "units are counted here");
    net.sign(PROVIDER_KEY, &make(&["--quantity", "5000000", "--max-rate", "20000", "--max-term", "7d"]));

    // What does not fit is named before anything is tried.
    let take = |more: &[&'static str]| [&["rent", "take", "units.json"][..], more].concat();
    for (wrong, says) in [
        (&["--quantity", "1h"][..], "units are counted here"),
        (&["--quantity", "9", "--rate", "30000"], "offered is a rate of 20000 units per second at most"),
        (&["--quantity", "9", "--term", "8d"], "offered is a term of 1w at most, ordered is one of 1w 1d"),
        (&["--quantity", "9", "--rate", "1", "--term", "5s"], "not more than 5 units can accrue"),
    ] {
        net.refused(REQUESTER, &[&take(wrong)[..], &["--yes"]].concat(), 1, &[says]);
    }
    let before = net.balance(REQUESTER);
    let taken = net.sign(REQUESTER, &take(&["--quantity", "100000", "--rate", "100", "--term", "1h"]));
    let lease = event(&taken, "LeaseOpened", "lease").to_owned();
    assert_eq!(net.balance(REQUESTER), before.saturating_sub(Tokens::whole(200)), "100,000 units at 0.002");
    assert_eq!(net.ok(REQUESTER, &["wallet", "balance"])["in_leases"], "200");

    // What accrues is limited by the rate.
    let show = || net.ok(STRANGER, &["rent", "show", &lease]);
    let opened = show();
    assert_eq!((&opened["meter"], &opened["per_second"]), (&"units".into(), &"0.2".into()));
    let voucher = |amount: &'static str| ["rent", "voucher", &lease, amount, "--yes"];
    net.refused(REQUESTER, &voucher("accrued"), 1, &["nothing has accrued yet"]);
    // Whoever slips signs for more than there is: then it says so.
    for slip in [voucher("25"), ["rent", "pay", &lease, "25", "--yes"]] {
        net.refused(
            REQUESTER,
            &slip,
            1,
            &["CXT have accrued so far", "--ahead pays for what is still to come"],
        );
    }
    net.dry(REQUESTER, &["rent", "pay", &lease, "25", "--ahead"]);
    net.wait_seconds(100);
    net.sign(REQUESTER, &["rent", "voucher", &lease, "accrued", "--out", "units-voucher.json"]);
    let before = net.balance(PROVIDER_KEY);
    net.sign(PROVIDER_KEY, &["rent", "redeem", "units-voucher.json"]);
    let settled = amount(&show()["settled"]);
    assert!((Tokens::whole(20)..Tokens::whole(21)).contains(&settled), "100 seconds at 0.2: {settled}");
    assert_eq!(net.balance(PROVIDER_KEY), before + settled.saturating_sub(settled.share_down(300)));

    // More units, more time, or both.
    let extend = ["rent", "extend", &lease, "--offer", "units.json"];
    net.refused(REQUESTER, &[&extend[..], &["--yes"]].concat(), 1, &["say with --quantity or --term"]);
    net.sign(REQUESTER, &[&extend[..], &["--term", "1h"]].concat());
    net.sign(REQUESTER, &[&extend[..], &["--quantity", "500"]].concat());
    let longer = show();
    assert_eq!(longer["end"].as_u64(), opened["end"].as_u64().map(|end| end + 3_600));
    assert_eq!(longer["deposit"], "201");

    // The deposit bounds what accrues. The provider claims it; `corex claim` collects it when nobody objected.
    net.wait_seconds(7_000);
    assert_eq!(show()["accrued"], "201", "100 units a second would have been more");
    net.sign(PROVIDER_KEY, &["rent", "claim", &lease, "accrued"]);
    net.idle(PROVIDER_KEY, &["claim"]);
    assert!(
        amount(&net.ok(PROVIDER_KEY, &["wallet", "balance"])["in_leases"]) > Tokens::whole(18),
        "the bond"
    );
    net.wait_seconds(31);
    net.sign(PROVIDER_KEY, &["claim"]);
    assert_eq!((&show()["settled"], &show()["claim"]), (&"201".into(), &Value::Null));
    let owed = Tokens::whole(201);
    let fees = owed.share_down(300);
    assert_eq!(net.balance(PROVIDER_KEY), before + owed.saturating_sub(fees));

    // A lease that nothing was earned in: notice, once; then `corex claim` closes it.
    let before = net.balance(REQUESTER);
    let taken = net.sign(REQUESTER, &take(&["--quantity", "1000", "--rate", "1", "--term", "1h"]));
    let lease = event(&taken, "LeaseOpened", "lease").to_owned();
    net.sign(REQUESTER, &["rent", "end", &lease]);
    net.idle(REQUESTER, &["rent", "end", &lease]);
    net.wait_seconds(41);
    net.sign(REQUESTER, &["claim"]);
    assert_eq!(net.balance(REQUESTER), before);
    assert_eq!(net.ok(STRANGER, &["rent", "show", &lease])["closed"], true);
    net.idle(REQUESTER, &["claim"]);
}

/// Whoever has a signed offer and a signed order that go together can open the lease; it costs nobody else anything.
fn strangers(net: &Net, node: &str) {
    let bid = ["offer", "bid", "--meter", "units", "--quantity", "50000"];
    let bid = |more: &[&'static str]| [&bid[..], more].concat();
    net.refused(
        REQUESTER,
        &[&bid(&["--max-price", "0.003"])[..], &["--yes"]].concat(),
        1,
        &["hint: say it with --rate and --term"],
    );
    let fast = ["--rate", "10000", "--term", "1d"];
    net.sign(REQUESTER, &bid(&[&["--max-price", "0.003", "--out", "wanted.json"], &fast[..]].concat()));
    net.sign(REQUESTER, &bid(&[&["--max-price", "0.001", "--out", "cheap.json"], &fast[..]].concat()));
    let take = |offer: &'static str, order: &'static str| ["rent", "take", offer, "--order", order];
    let refuse = |offer, order, says| {
        net.refused(STRANGER, &[&take(offer, order)[..], &["--yes"]].concat(), 1, &[says])
    };
    refuse(
        "units.json",
        "cheap.json",
        "offered is a price of 0.002 CXT, ordered is one of 0.001 CXT at most",
    );
    refuse("wanted.json", "units.json", "it is a signed order, not a signed offer");

    let before = [REQUESTER, STRANGER].map(|who| net.balance(who));
    let taken = net.sign(STRANGER, &take("units.json", "wanted.json"));
    let lease = event(&taken, "LeaseOpened", "lease").to_owned();
    let found = net.ok(STRANGER, &["rent", "show", &lease]);
    assert_eq!((&found["requester"], &found["node"]), (&address(REQUESTER).to_string().into(), &node.into()));
    let deposit = Tokens::whole(100);
    assert_eq!(
        net.balance(REQUESTER),
        before[0].saturating_sub(deposit),
        "50,000 units at 0.002, as is offered"
    );
    assert_eq!(net.balance(STRANGER), before[1]);
    refuse("units.json", "wanted.json", "leases have taken all of it");

    // Of two orders with one allowance between them, one finds nothing left; --allow is for both.
    let make =
        ["offer", "make", "--node", node, "--price", "0.01", "--quantity", "10h", "--out", "hours.json"];
    net.sign(PROVIDER_KEY, &make);
    let bid = |out: &'static str, more: &[&'static str]| {
        let bid = ["offer", "bid", "--max-price", "0.01", "--quantity", "4000", "--out", out];
        net.sign(REQUESTER, &[&bid[..], more].concat());
    };
    bid("first.json", &[]);
    // In the same second, what does not differ at all is the same order.
    bid("second.json", &["--expires", "2w"]);
    net.sign(STRANGER, &take("hours.json", "first.json"));
    refuse(
        "hours.json",
        "second.json",
        "the deposit is 40 CXT, and the market can take 10 of the requester's",
    );
    refuse("units.json", "second.json", "offered are units, ordered are seconds");
    bid("third.json", &["--expires", "3w", "--allow", "80"]);
    for order in ["second.json", "third.json"] {
        net.sign(STRANGER, &take("hours.json", order));
    }
    assert_eq!(net.balance(REQUESTER), before[0].saturating_sub(deposit + Tokens::whole(3 * 40)));
}

/// Orders of a spending account, which has no key: it agrees in its own way (ERC-1271) to what one of its hot keys placed.
fn hot_keys(net: &Net, node: &str) {
    const HOT: u8 = STRANGER;
    let created = net.sign(REQUESTER, &["wallet", "account", "create"]);
    let account = created["steps"][0]["sent"]["created"].as_str().expect("an address").to_owned();
    let has = || amount(&net.ok(HOT, &["wallet", "account", "show", &account])["balance"]);
    net.sign(REQUESTER, &["wallet", "send", "100", &account]);
    let hot = address(HOT).to_string();
    let limit = ["wallet", "account", "limit", &account, &hot, "--per-period", "60", "--total", "100"];
    net.sign(REQUESTER, &[&limit[..], &["--for", "1w"]].concat());
    let left =
        || net.ok(HOT, &["wallet", "account", "show", &account, "--hot", &hot])["key"]["spendable"].clone();

    let bid = |account: &str, quantity: &str, out: &str| {
        let bid = [
            "offer",
            "bid",
            "--account",
            account,
            "--max-price",
            "0.01",
            "--quantity",
            quantity,
            "--out",
            out,
        ];
        bid.map(str::to_owned)
    };
    let refuse = |who, account: &str, quantity: &str, says| {
        let bid = bid(account, quantity, "refused.json");
        let mut bid: Vec<&str> = bid.iter().map(String::as_str).collect();
        bid.push("--yes");
        net.refused(who, &bid, 1, &[says]);
        assert!(!net.world.place.path("refused.json").exists(), "what was not placed is worth nothing");
    };
    refuse(HOT, &account, "2h", "can spend 60 CXT more in this period, not 72 CXT");
    refuse(HOT, &account, "3h", "the spending account has 100 CXT, and the deposit is 108");
    refuse(PROVIDER_KEY, &account, "1h", "is no key of this spending account");
    refuse(HOT, &address(REQUESTER).to_string(), "1h", "is no spending account of this network");

    let place = |quantity: &str, out: &str| {
        let bid = bid(&account, quantity, out);
        net.sign(HOT, &bid.iter().map(String::as_str).collect::<Vec<_>>());
    };
    place("1h", "hot.json");
    assert_eq!(left(), "24");
    let standing = |file: &str| net.ok(PROVIDER_KEY, &["offer", "show", file])["standing"].clone();
    assert_eq!(
        (&standing("hot.json")["troubles"], &standing("hot.json")["left"]),
        (&json!([]), &3_600.into())
    );
    let mut dearer = net.world.read("hot.json");
    dearer["terms"]["max_price"] = "0.02".into();
    net.world.write("dearer.json", dearer.to_string());
    net.refused(PROVIDER_KEY, &["offer", "show", "dearer.json"], 3, &[]);

    // The hot key itself takes an offer for the account, signs vouchers, extends, ends.
    let taken = net.sign(HOT, &["rent", "take", "hours.json", "--order", "hot.json"]);
    let lease = event(&taken, "LeaseOpened", "lease").to_owned();
    let show = || net.ok(HOT, &["rent", "show", &lease]);
    assert_eq!((&show()["requester"], &show()["signer"]), (&account.as_str().into(), &hot.as_str().into()));
    assert_eq!(has(), Tokens::whole(64));
    net.wait_seconds(600);
    net.sign(HOT, &["rent", "voucher", &lease, "5", "--out", "hot-voucher.json"]);
    net.sign(PROVIDER_KEY, &["rent", "redeem", "hot-voucher.json"]);
    assert_eq!(show()["settled"], "5");
    let extend =
        ["rent", "extend", &lease, "--offer", "hours.json", "--quantity", "10m", "--account", &account];
    net.refused(
        PROVIDER_KEY,
        &[&extend[..], &["--yes"]].concat(),
        1,
        &["is no key of this spending account"],
    );
    net.sign(HOT, &extend);
    assert_eq!((has(), left()), (Tokens::whole(58), json!("18")));
    net.sign(HOT, &["rent", "end", &lease, "--account", &account]);
    net.wait_seconds(41);
    // Whoever collects for the account, the account gets it.
    net.sign(REQUESTER, &["claim", "--account", &account]);
    assert_eq!(has(), Tokens::whole(58 + 42 - 5));
    assert_eq!(show()["closed"], true);

    // Its owner voids an order that a key placed; nobody else can.
    place("30m", "void.json");
    net.refused(
        PROVIDER_KEY,
        &["offer", "cancel", "void.json", "--yes"],
        1,
        &["is no key of this spending account"],
    );
    net.refused(
        PROVIDER_KEY,
        &["offer", "cancel", "cheap.json", "--yes"],
        1,
        &["the order is of", "hint: use its key"],
    );
    net.sign(REQUESTER, &["offer", "cancel", "void.json"]);
    assert_eq!(standing("void.json")["troubles"], json!(["cancelled"]));
    net.refused(
        PROVIDER_KEY,
        &["offer", "accept", "void.json", "--node", node, "--yes"],
        1,
        &["it was cancelled"],
    );
}

fn the_requester_objects(net: &Net) {
    let taken = net.sign(REQUESTER, &["rent", "take", "offer.json", "--quantity", "1h"]);
    let lease = event(&taken, "LeaseOpened", "lease").to_owned();
    net.refused(REQUESTER, &["rent", "top-up", &lease, "0.5", "--yes"], 1, &["there is room for 0 AIC more"]);
    net.sign(REQUESTER, &["rent", "extend", &lease, "--offer", "offer.json", "--quantity", "10m"]);
    net.wait_seconds(100);
    net.sign(REQUESTER, &["rent", "pay", &lease, "0.5"]);
    net.sign(PROVIDER_KEY, &["rent", "claim", &lease, "0.9"]);
    net.sign(PROVIDER_KEY, &["rent", "withdraw-claim", &lease]);
    net.sign(PROVIDER_KEY, &["rent", "claim", &lease, "accrued"]);
    net.refused(
        REQUESTER,
        &["rent", "object", &lease, "--agreed", "0.4", "--yes"],
        1,
        &["--agreed must be at least 0.5"],
    );
    net.refused(
        STRANGER,
        &["rent", "object", &lease, "--agreed", "0.6", "--yes"],
        1,
        &["the requester of the lease is"],
    );
    let before = net.balance(PROVIDER_KEY);
    net.sign(REQUESTER, &["rent", "object", &lease, "--agreed", "0.6"]);
    // 0.1 less the fee of 3 %, and what is left of the bond of a tenth.
    assert!(net.balance(PROVIDER_KEY) >= before + tokens("0.097"));
    assert!(net.ok(STRANGER, &["rent", "show", &lease])["claim"].is_null());
    net.sign(PROVIDER_KEY, &["rent", "close", &lease]);
}

fn bids_and_ends_of_offers(net: &Net, node: &str) {
    // A bid, taken by the provider.
    let bid = ["offer", "bid", "--max-price", "0.02", "--quantity", "1h", "--out", "order.json"];
    net.sign(REQUESTER, &bid);
    assert_eq!(net.ok(STRANGER, &["offer", "show", "order.json"])["standing"]["left"], 3_600);
    let accept = ["offer", "accept", "order.json", "--node", node];
    net.dry(PROVIDER_KEY, &accept);
    let before = net.balance(REQUESTER);
    let taken = net.sign(PROVIDER_KEY, &accept);
    assert_eq!(net.balance(REQUESTER), before.saturating_sub(Tokens::whole(72)));
    let lease = event(&taken, "LeaseOpened", "lease").to_owned();
    // The provider ends it at once: nothing was earned.
    net.sign(PROVIDER_KEY, &["rent", "close", &lease]);
    assert_eq!(net.balance(REQUESTER), before);
    net.refused(PROVIDER_KEY, &[&accept[..], &["--yes"]].concat(), 1, &["leases have taken all of it"]);

    // Cancelled, void, expired.
    let trouble = |file: &str| net.ok(STRANGER, &["offer", "show", file])["standing"]["troubles"].clone();
    net.sign(PROVIDER_KEY, &["offer", "cancel", "offer.json"]);
    assert_eq!(trouble("offer.json"), json!(["cancelled"]));
    net.idle(PROVIDER_KEY, &["offer", "cancel", "offer.json"]);
    let make = |out, expires| {
        let make = ["offer", "make", "--node", node, "--price", "0.01", "--quantity", "1h"];
        net.sign(PROVIDER_KEY, &[&make[..], &["--out", out, "--expires", expires]].concat());
    };
    make("void.json", "1d");
    net.sign(PROVIDER_KEY, &["offer", "cancel-all"]);
    assert_eq!(trouble("void.json"), json!(["void"]));
    make("brief.json", "1m");
    net.wait_seconds(61);
    assert_eq!(trouble("brief.json"), json!(["expired"]));
    net.refused(
        REQUESTER,
        &["rent", "take", "brief.json", "--quantity", "1h", "--yes"],
        1,
        &["it has expired"],
    );
}
