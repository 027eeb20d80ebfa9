//! Payments that a token refuses.

use super::*;
use corex_chain::Intent;

/// A token that refuses receivers, as those do that can block an account. Everybody may take everything from everybody; all of it is
/// its creator's to begin with. The bytecode is that of this Yul, by solc 0.8.37 with its optimizer:
///
/// ```text
/// object "RefusingToken" {
///     code {
///         sstore(caller(), shl(90, 1))
///         datacopy(0, dataoffset("runtime"), datasize("runtime"))
///         return(0, datasize("runtime"))
///     }
///     object "runtime" {
///         code {
///             function word(i) -> w { w := calldataload(add(4, mul(32, i))) }
///             function answer(w) { mstore(0, w) return(0, 32) }
///             function move(from, to, amount) {
///                 let has := sload(from)
///                 if or(sload(not(to)), lt(has, amount)) { revert(0, 0) }
///                 sstore(from, sub(has, amount))
///                 sstore(to, add(sload(to), amount))
///                 answer(1)
///             }
///             switch shr(224, calldataload(0))
///             case 0x70a08231 { answer(sload(word(0))) }              // balanceOf(address)
///             case 0xdd62ed3e { answer(not(0)) }                      // allowance(address,address)
///             case 0x313ce567 { answer(18) }                          // decimals()
///             case 0x18160ddd { answer(shl(90, 1)) }                  // totalSupply()
///             case 0x095ea7b3 { answer(1) }                           // approve(address,uint256)
///             case 0xa9059cbb { move(caller(), word(0), word(1)) }    // transfer(address,uint256)
///             case 0x23b872dd { move(word(0), word(1), word(2)) }     // transferFrom(address,address,uint256)
///             case 0x00000000 { sstore(not(word(0)), word(1)) }       // refuse(address,bool), of this token only
///             default { revert(0, 0) }
///         }
///     }
/// }
/// ```
const TOKEN: &str = "6b040000000000000000000000335560e88061001a5f395ff3fe5f3560e01c806370a08231146084578063dd62ed3e146080\
    578063313ce56714607c57806318160ddd146078578063095ea7b3146074578063a9059cbb14606957806323b872dd14605c\
    57156052575f80fd5b6024356004351955005b60443560243560043560c2565b6024356004353360c2565b60b2565b609e56\
    5b6095565b608c565b6004355460bb565b5f195f5260205ff35b60125f5260205ff35b6b0400000000000000000000005f52\
    60205ff35b60015f5260205ff35b5f5260205ff35b91909180548281108419541760e4578290039055815401905560015f52\
    60205ff35b5f80fd";

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect()
}

/// Has the network's token refuse a receiver, or no more.
fn refuse(net: &Net, who: u8, on: bool) {
    let (names, token) = (net.owner.intents().names().clone(), net.owner.book().contracts.token);
    let data = [&[0; 4 + 12][..], &address(who).0, &[0; 31], &[u8::from(on)]].concat();
    let call = Intent::decoded(&names, token, 0, data, "refuse");
    net.world.wait(call.send(net.owner.chain(), &names, &|_| ())).expect("sent");
}

/// What a token refuses to send is owed, nobody else's payment waits for it, and it is collected when the token does no more.
#[test]
fn what_a_token_refused_is_collected_later() {
    let world = World::new();
    let token = world.wait(async {
        let chain = Chain::connect(&world.url, key(OWNER), None).await.expect("the chain is there");
        chain.create("RefusingToken", &bytes(TOKEN), &[]).await.expect("created").0
    });
    let net = world.network("coai", "book.json", |profile, accounts| {
        profile.treasury_bps = 0;
        (accounts.treasury, accounts.token) = (None, Some(token));
    });
    net.provider(PROVIDER_KEY);
    net.give(REQUESTER, 500);
    let node = address(PROVIDER_KEY).to_string();

    let spec = "ab".repeat(32);
    let open = ["escrow", "open", "100", "--spec", &spec, "--price", "0.002", "--for", "1d"];
    let opened = net.sign(REQUESTER, &open);
    let job = event(&opened, "JobOpened", "job");
    let make =
        ["offer", "make", "--node", &node, "--price", "0.01", "--quantity", "1h", "--out", "offer.json"];
    net.sign(PROVIDER_KEY, &make);
    let taken = net.sign(REQUESTER, &["rent", "take", "offer.json", "--quantity", "1h"]);
    let lease = event(&taken, "LeaseOpened", "lease");
    net.wait_seconds(600);
    net.sign(REQUESTER, &["rent", "voucher", lease, "5"]);

    // Neither side's refund or payment reaches it, and both go on.
    let before = [PROVIDER_KEY, REQUESTER].map(|who| net.balance(who));
    refuse(&net, REQUESTER, true);
    refuse(&net, PROVIDER_KEY, true);
    net.sign(REQUESTER, &["escrow", "close", job]);
    net.sign(PROVIDER_KEY, &["rent", "redeem", "voucher.json"]);
    net.sign(PROVIDER_KEY, &["rent", "close", lease]);
    assert_eq!([PROVIDER_KEY, REQUESTER].map(|who| net.balance(who)), before);
    let owed = |who: u8| net.ok(who, &["wallet", "balance"])["owed"].clone();
    assert_eq!(
        (owed(REQUESTER), owed(PROVIDER_KEY)),
        ("131".into(), "4.85".into()),
        "100 and 31; 5 less the fee"
    );
    for who in [REQUESTER, PROVIDER_KEY] {
        net.refused(
            who,
            &["claim", "--yes"],
            1,
            &["the token still refuses to send them", "nothing is lost"],
        );
    }
    // It does not stop what else there is to do.
    let rest = net.sign(PROVIDER_KEY, &["claim", "--fees"]);
    assert_eq!(rest["steps"].as_array().expect("steps").len(), 1, "the fees are divided: {rest}");

    refuse(&net, REQUESTER, false);
    net.dry(REQUESTER, &["claim"]);
    let collected = net.sign(REQUESTER, &["claim"]);
    assert_eq!(collected["steps"].as_array().expect("steps").len(), 2, "of the escrow, and of the market");
    assert_eq!(net.balance(REQUESTER), before[1] + Tokens::whole(131));
    assert_eq!((owed(REQUESTER), owed(PROVIDER_KEY)), ("0".into(), "4.85".into()));
    net.idle(REQUESTER, &["claim"]);
    refuse(&net, PROVIDER_KEY, false);
    net.sign(PROVIDER_KEY, &["claim"]);
    assert_eq!(net.balance(PROVIDER_KEY), before[0] + tokens("4.85"));
}
