//! The formulas against the document and the golden vectors, and the study against what is published of it.

use std::path::{Path, PathBuf};

use corex_sim::Rng;
use corex_sim::economy::formulas as f;
use corex_sim::economy::{
    Conditions, Effort, PARAMETERS, Parameter, Plan, Settings, Strategy, profit, study, tables,
};
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(document: &str) -> String {
    std::fs::read_to_string(root().join(document)).unwrap_or_else(|e| panic!("{document}: {e}"))
}

/// Evaluates a formula by the name that the document calls it by.
fn evaluate(name: &str, a: &[u128]) -> Vec<u128> {
    match (name, a) {
        ("base_fee_after", &[fee, used, target, floor, ceiling]) => {
            vec![f::base_fee_after(fee, used, target, floor, ceiling)]
        }
        ("base_fee_idle", &[fee, windows, floor]) => vec![f::base_fee_idle(fee, windows as u64, floor)],
        ("fees", &[units, price, base_fee, fee_bps]) => {
            let (base, percentage) = f::fees(units, price, base_fee, fee_bps);
            vec![base, percentage]
        }
        ("fee_split", &[fees, burn, insurance]) => f::fee_split(fees, burn, insurance).to_vec(),
        ("slash_split", &[amount, burn, finder]) => f::slash_split(amount, burn, finder).to_vec(),
        ("compensation", &[value, burned, cover, pool, claim]) => {
            vec![f::compensation(value, burned, cover, pool, claim)]
        }
        ("boost_bps", &[own, left, full, stake]) => vec![f::boost_bps(own, left, full, stake)],
        ("quality_bps", &[verified, faults, weight]) => vec![f::quality_bps(verified, faults, weight)],
        ("weigh", &[units, kind, tier, quality, boost]) => {
            vec![f::weigh(units, [kind, tier, quality, boost])]
        }
        ("epoch_emission", &[unowed, epochs]) => vec![f::epoch_emission(unowed, epochs)],
        ("validate_share_bps", &[min, max, stake, target]) => {
            vec![f::validate_share_bps(min, max, stake, target)]
        }
        ("demand_share_bps", &[share, own, both, step, least, most]) => {
            vec![f::demand_share_bps(share, [own, both], step, [least, most])]
        }
        ("epoch_rate", &[emission, share, weighted, cap]) => {
            vec![f::epoch_rate(emission, share, weighted, cap)]
        }
        ("reward", &[weighted, rate]) => vec![f::reward(weighted, rate)],
        ("delegation_split", &[reward, own, delegated, cap, commission]) => {
            f::delegation_split(reward, own, delegated, cap, commission).to_vec()
        }
        ("contribution_votes", &[units, total, stake, per_unit, bps]) => {
            vec![f::contribution_votes(units, total, stake, per_unit, bps)]
        }
        _ => panic!("the document works an unknown example: {name} of {} arguments", a.len()),
    }
}

fn numbers(text: &str) -> Vec<u128> {
    text.split(',').map(|n| n.trim().replace('_', "").parse().expect("a number")).collect()
}

#[test]
fn the_document_works_its_examples_right() {
    let text = read("docs/economics.md");
    let blocks = text.split("```formulas\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    let mut names = std::collections::BTreeSet::new();
    for line in blocks.flat_map(str::lines) {
        let (call, expected) = line.split_once(") = ").unwrap_or_else(|| panic!("no example: {line}"));
        let (name, arguments) = call.split_once('(').expect("a call");
        assert_eq!(evaluate(name, &numbers(arguments)), numbers(expected), "{line}");
        names.insert(name.to_owned());
    }
    assert_eq!(names.len(), 16, "every formula has an example: {names:?}");
}

/// The gas that the document names is what Foundry has measured last.
#[test]
fn the_document_knows_what_settlement_costs() {
    let text = read("docs/economics.md");
    let block =
        text.split("```gas\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block of gas");
    let mut gas = std::collections::BTreeMap::new();
    for line in block.lines() {
        let (what, number) = line.split_once(" = ").unwrap_or_else(|| panic!("no cost: {line}"));
        let (file, what) = what.split_once(", ").expect("a snapshot's name");
        let path = root().join(format!("contracts/snapshots/{file}.json"));
        let snapshot = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let snapshot: Value = serde_json::from_str(&snapshot).expect("JSON");
        let measured = snapshot[what].as_str().unwrap_or_else(|| panic!("nobody measures {file}, {what}"));
        assert_eq!(numbers(number), numbers(measured), "{line}");
        gas.insert((file, what), numbers(number)[0]);
    }
    let three: u128 =
        gas.iter().filter(|((file, _), _)| *file == "round of 3 nodes").map(|(_, gas)| gas).sum();
    let settle = |file| gas[&(file, "settle with audits, later")];
    let further = (settle("round of 16 nodes") - settle("round of 1 node")) / 15;
    for derived in [three, three / 3, further] {
        let (thousands, rest) = (derived / 1000, derived % 1000);
        let shown = format!(" {thousands}_{rest:03} ");
        assert!(text.replace([',', '\n'], " ").contains(&shown), "the document does not say{shown}");
    }
}

/// Columns of decimal strings, one row per case.
fn vectors(name: &str, arguments: &[&str], results: &[&str], cases: &[Vec<u128>]) {
    let mut columns: Vec<Vec<String>> = vec![vec![]; arguments.len() + results.len()];
    for case in cases {
        let row = case.iter().copied().chain(evaluate(name, case));
        columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value.to_string()));
    }
    let mut file = json!({ "formula": name, "count": cases.len() });
    for (column, values) in arguments.iter().chain(results).zip(columns) {
        file[*column] = json!(values);
    }
    let path = root().join(format!("vectors/economy/{name}.json"));
    if std::env::var_os("COREX_BLESS").is_some() {
        let text = serde_json::to_string_pretty(&file).expect("strings");
        std::fs::write(&path, text + "\n").expect("vectors/economy can be written");
    }
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), file, "{name}: COREX_BLESS=1 writes it");
}

/// Cases of edges and chance: each argument below its bound, some of them 0, 1 or the bound.
fn cases(seed: u64, bounds: &[u128]) -> Vec<Vec<u128>> {
    let mut rng = Rng::new(seed);
    let mut value = |bound: u128| match rng.below(8) {
        0 => 0,
        1 => bound,
        2 => 1.min(bound),
        _ => {
            let wide = u128::from(rng.bits()) << 64 | u128::from(rng.bits());
            // Of all magnitudes.
            (wide >> rng.below(100)) % (bound + 1)
        }
    };
    (0..64).map(|_| bounds.iter().map(|bound| value(*bound)).collect()).collect()
}

const TOKENS: u128 = 1_000_000_000 * f::WAD;

#[test]
fn the_vectors_are_what_the_formulas_give() {
    let with = |cases: Vec<Vec<u128>>, change: fn(&mut Vec<u128>)| {
        cases.into_iter().map(|mut case| (change(&mut case), case).1).collect::<Vec<_>>()
    };
    let bounded = with(cases(1, &[f::WAD, 1 << 60, 1 << 60, f::WAD, f::WAD]), |c| {
        c[2] = c[2].max(1);
        // A valid state: floor <= fee <= ceiling.
        c[4] = c[4].max(c[3]);
        c[0] = c[0].clamp(c[3], c[4]);
    });
    let names = ["fee", "used", "target", "floor", "ceiling"];
    vectors("base_fee_after", &names, &["next"], &bounded);
    let boosts = with(cases(2, &[TOKENS, 1 << 30, 1 << 28, TOKENS]), |c| {
        (c[2], c[3]) = (c[2].max(1), c[3].max(1));
    });
    vectors("boost_bps", &["own", "lockLeft", "fullLock", "fullStake"], &["boostBps"], &boosts);
    let rates = cases(3, &[TOKENS, f::BPS, 1 << 116, f::WAD]);
    vectors("epoch_rate", &["emission", "shareBps", "weighted", "capPerUnit"], &["rate"], &rates);
    let shares = with(cases(4, &[f::BPS, TOKENS, TOKENS, 1_000, f::BPS, f::BPS]), |c| {
        (c[4], c[5]) = (c[4].min(c[5]), c[4].max(c[5]));
        c[0] = c[0].clamp(c[4], c[5]);
        c[2] += c[1];
    });
    let names = ["share", "feesCompute", "feesBoth", "step", "least", "most"];
    vectors("demand_share_bps", &names, &["next"], &shares);
    let shares = with(cases(5, &[f::BPS, f::BPS, TOKENS, TOKENS]), |c| {
        (c[0], c[1], c[3]) = (c[0].min(c[1]), c[0].max(c[1]), c[3].max(1));
    });
    vectors("validate_share_bps", &["min", "max", "stake", "target"], &["shareBps"], &shares);
    let splits = with(cases(6, &[TOKENS, TOKENS, TOKENS, 100_000, f::BPS]), |c| c[1] = c[1].max(1));
    let names = ["reward", "own", "delegated", "capBps", "commissionBps"];
    vectors("delegation_split", &names, &["owner", "delegators"], &splits);
    let idle = cases(7, &[f::WAD, 1 << 60, f::WAD]);
    // A valid state: floor <= fee.
    let idle = with(idle, |c| c[0] = c[0].max(c[2]));
    vectors("base_fee_idle", &["fee", "windows", "floor"], &["next"], &idle);
    let payments = with(cases(8, &[1 << 60, f::WAD, f::WAD, f::BPS]), |c| {
        (c[1], c[2]) = (c[1].max(c[2]).max(1), c[1].min(c[2]));
    });
    vectors("fees", &["units", "price", "baseFee", "feeBps"], &["base", "percentage"], &payments);
    let shares = |c: &mut Vec<u128>| c[2] = c[2].min(f::BPS - c[1]);
    let names = ["fees", "burnBps", "insuranceBps"];
    let results = ["burned", "insured", "ecosystem"];
    vectors("fee_split", &names, &results, &with(cases(9, &[TOKENS, f::BPS, f::BPS]), shares));
    let slashes = with(cases(10, &[TOKENS, f::BPS, f::BPS]), |c| {
        (c[0], c[1]) = (c[0].max(1), c[1].max(1));
        c[2] = c[2].min(f::BPS - c[1]);
    });
    let names = ["amount", "burnBps", "finderBps"];
    vectors("slash_split", &names, &["burned", "toFinder", "toJob"], &slashes);
    let losses = with(cases(11, &[TOKENS, TOKENS, f::BPS, TOKENS, f::BPS]), |c| {
        (c[2], c[4]) = (c[2].max(1), c[4].max(1));
    });
    let names = ["value", "burned", "coverBps", "pool", "poolBps"];
    vectors("compensation", &names, &["paid"], &losses);
    let histories = cases(12, &[u64::MAX.into(), 12, u64::MAX.into()]);
    vectors("quality_bps", &["verified", "faults", "faultUnits"], &["qualityBps"], &histories);
    let work = with(cases(13, &[u64::MAX.into(), f::BPS, f::BPS, f::BPS, f::BPS]), |c| {
        (c[1], c[2]) = (c[1].max(1), c[2].max(1));
    });
    let names = ["units", "kindBps", "tierBps", "qualityBps", "boostBps"];
    vectors("weigh", &names, &["weighted"], &work);
    let eras = with(cases(14, &[TOKENS, 1 << 40]), |c| (c[0], c[1]) = (c[0].max(1), c[1].max(1)));
    vectors("epoch_emission", &["unowed", "epochsPerEra"], &["emission"], &eras);
    let voters = with(cases(15, &[1 << 80, 1 << 80, TOKENS, 1000 * f::WAD, f::BPS - 1]), |c| {
        c[1] = (c[0] + c[1]).max(1);
    });
    let names = ["units", "totalUnits", "stake", "votesPerUnit", "contributionBps"];
    vectors("contribution_votes", &names, &["votes"], &voters);
    let read = std::fs::read_dir(root().join("vectors/economy")).expect("vectors/economy").count();
    assert_eq!(read, 15, "a file of vectors/economy is not read");
}

/// The tables of profits and edges are played again, whole.
#[test]
fn no_strategy_pays_each_rule_is_needed_and_the_document_has_the_figures() {
    let plan = Plan { effort: Effort::FULL, strategies: &Strategy::ALL, sweeps: false };
    let study = study(&plan, &|_, _| ());
    for (strategy, profits) in &study.strategies {
        for (profile, profit) in profits {
            assert!(!profit.is_profitable(), "{} on {profile}: {profit:?}", strategy.name());
        }
    }
    for (strategy, parameter) in [
        ("self_dealing", "reward cap"),
        ("rubber_stamp", "verdicts told"),
        ("insurance_fraud", "cover"),
        ("referral_farming", "referral taken"),
        ("delegation_timing", "rewards shared"),
        ("colluding_verifiers", "part of the verifiers"),
    ] {
        let mut edges = study.edges.iter().filter(|edge| edge.strategy.name() == strategy);
        let edge = edges.find(|edge| edge.parameter.starts_with(parameter)).expect("an axis");
        assert!(edge.pays_from().is_some(), "{strategy} never pays: {edge:?}");
    }
    let document = read("docs/economics.md");
    for (name, table) in tables::tables(&study) {
        let published = tables::published(&document, name).expect("the document has the table");
        // Line by line, for who reads the failure.
        for (published, played) in published.lines().zip(table.lines()) {
            assert_eq!(published, played, "{name}: `cargo xtask sim economy --write` writes it");
        }
        assert_eq!(published.lines().count(), table.lines().count(), "{name}");
    }
}

/// Of each setting on each profile one figure that it moves, another one on each profile: all of them take minutes.
#[test]
fn the_document_has_the_figures_of_moved_settings() {
    use Strategy::{
        ChallengeGriefing, Copying, InsuranceFraud, Lazy, ReferralFarming, RubberStamp, SelfDealing, Stalling,
    };
    let document = read("docs/economics-settings.md");
    let moved: [&[Strategy]; 5] = [
        &[RubberStamp, Lazy, ChallengeGriefing],
        &[InsuranceFraud, ChallengeGriefing, Copying],
        &[Stalling, RubberStamp, ReferralFarming],
        &[SelfDealing, Stalling],
        &[InsuranceFraud],
    ];
    assert_eq!(moved.len(), PARAMETERS.len());
    let mut samples = Vec::new();
    for (n, profile) in Settings::all().into_iter().enumerate() {
        for (m, (parameter, moved)) in PARAMETERS.iter().zip(moved).enumerate() {
            let value = parameter.values[(n + m) % parameter.values.len()];
            samples.push((profile.clone(), parameter, value, moved[n % moved.len()]));
        }
    }
    let check = |(profile, parameter, value, strategy): &(Settings, &Parameter, f64, Strategy)| {
        let settings = parameter.set(profile, *value);
        let played = profit(&settings, *strategy, Conditions::default(), Effort::FULL);
        let tables = tables::published(&document, profile.name).expect("the document has the profile");
        let published = tables::figure(tables, parameter.name, *value, strategy.name());
        let at = format!("{} on {}, {}: {value}", strategy.name(), profile.name, parameter.name);
        assert_eq!(published, Some(tables::cell(&played).as_str()), "{at}");
    };
    std::thread::scope(|scope| {
        for half in samples.chunks(samples.len().div_ceil(2)) {
            scope.spawn(|| half.iter().for_each(check));
        }
    });
}

/// What a table says of what is shipped, and of where something begins to pay, all the other tables say, too.
#[test]
fn the_published_tables_agree() {
    let (document, settings) = (read("docs/economics.md"), read("docs/economics-settings.md"));
    let row = |table, start: &str| -> Vec<String> {
        let table = tables::published(&document, table).expect("the document has the table");
        let line = table.lines().find(|line| line.starts_with(&format!("| {start} |")));
        let line = line.unwrap_or_else(|| panic!("no row {start}"));
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    for (n, profile) in Settings::all().iter().enumerate() {
        let swept = tables::published(&settings, profile.name).expect("the document has the profile");
        for parameter in PARAMETERS {
            let shipped = parameter.shipped(profile);
            let figure = |value, strategy: Strategy| {
                tables::figure(swept, parameter.name, value, strategy.name())
                    .unwrap_or_else(|| panic!("{}, {}: no {value}", profile.name, parameter.name))
            };
            for strategy in Strategy::ALL {
                let as_shipped = &row("strategies", &format!("`{}`", strategy.name()))[n + 1];
                let mean = as_shipped.split(" ± ").next().expect("a mean");
                assert_eq!(figure(shipped, strategy), mean, "{} on {}", strategy.name(), profile.name);
            }
            let pays = |value: &f64| Strategy::ALL.iter().any(|s| figure(*value, *s).starts_with("**"));
            let margin = &row("margins", parameter.name)[n + 2];
            let from = parameter.values.iter().copied().find(pays);
            let expected = from.map_or("never".to_owned(), |value| format!("from {value} "));
            assert!(margin.starts_with(&format!("{shipped}; {expected}")), "{}: {margin}", profile.name);
        }
    }
}

/// What the text says of the bound on guessing and of the reward cap follows from the settings.
#[test]
fn the_text_repeats_what_the_settings_say() {
    let document = read("docs/economics.md").replace('\n', " ");
    for settings in Settings::all() {
        let share = |bps: u128| bps as f64 / 10_000.0;
        let stake = settings.stake.provider_min as f64;
        let lost = share(settings.slash_bps) * (1.0 - share(settings.stake.finder_bps));
        let least = f64::from(settings.audit.floor_ppm) / 1e6;
        let leaf = 100.0 * least * lost / share(settings.market.cost_bps);
        let rate = 100.0 * settings.leaf_cost() as f64 / (lost * stake);
        let mut said =
            vec![format!("a leaf of {leaf:.1} % of the least stake"), format!("a rate of {rate:.2} %")];
        if let Some(mining) = &settings.mining {
            let cap = 100.0 * mining.cap_per_unit as f64 / settings.market.price as f64;
            said.push(format!("what a unit mines, {cap} % of the price"));
        }
        for said in said {
            assert!(document.contains(&said), "{}: the document does not say: {said}", settings.name);
        }
    }
}

/// The base fee is burned whole, so that this is all that whoever pays himself for made-up work loses.
#[test]
fn a_unit_mines_less_than_paying_oneself_for_it_costs() {
    for settings in Settings::all() {
        let Some(mining) = &settings.mining else { continue };
        assert!(mining.cap_per_unit < settings.fees.base_floor, "{}", settings.name);
    }
}
