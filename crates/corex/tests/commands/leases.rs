//! Offers, leases, vouchers, claims, objections.

use super::*;

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
    assert_eq!(
        (&shown["standing"]["left"], &shown["standing"]["troubles"]),
        (&36_000.into(), &serde_json::json!([]))
    );

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
    assert_eq!(net.ok(REQUESTER, &["rent", "list"])["leases"], serde_json::json!([]), "it is closed");

    the_requester_objects(&net);
    bids_and_ends_of_offers(&net, &node);
}

fn the_requester_objects(net: &Net) {
    let taken = net.sign(REQUESTER, &["rent", "take", "offer.json", "--quantity", "1h"]);
    let lease = event(&taken, "LeaseOpened", "lease").to_owned();
    net.refused(REQUESTER, &["rent", "top-up", &lease, "0.5", "--yes"], 1, &["there is room for 0 more"]);
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
    assert_eq!(trouble("offer.json"), serde_json::json!(["cancelled"]));
    net.idle(PROVIDER_KEY, &["offer", "cancel", "offer.json"]);
    let make = |out, expires| {
        let make = ["offer", "make", "--node", node, "--price", "0.01", "--quantity", "1h"];
        net.sign(PROVIDER_KEY, &[&make[..], &["--out", out, "--expires", expires]].concat());
    };
    make("void.json", "1d");
    net.sign(PROVIDER_KEY, &["offer", "cancel-all"]);
    assert_eq!(trouble("void.json"), serde_json::json!(["void"]));
    make("brief.json", "1m");
    net.wait_seconds(61);
    assert_eq!(trouble("brief.json"), serde_json::json!(["expired"]));
    net.refused(
        REQUESTER,
        &["rent", "take", "brief.json", "--quantity", "1h", "--yes"],
        1,
        &["it has expired"],
    );
}
