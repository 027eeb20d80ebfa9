//! The executor's bits are the reference's, for random programs, every instruction set and several thread counts.
//!
//! A failure names the seed; `COREX_SEED=n cargo test -p corex-engine --release one_seed -- --nocapture` replays it.
//! `COREX_SEEDS=from..to` runs others than the usual ones.

mod common;

use common::check::check;

fn check_seeds(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let (module, inputs) = common::program(seed);
        check(&module, &inputs, &format!("seed {seed}"));
    }
}

#[test]
fn random_programs_a() {
    check_seeds(0..150);
}

#[test]
fn random_programs_b() {
    check_seeds(1000..1150);
}

/// The comparison above is worth something only if the programs contain everything, live, on real elements.
#[test]
fn random_programs_use_every_operator() {
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    for seed in 0..300 {
        let (module, _) = common::program(seed);
        let func = corex_hlo::inline_calls(&module, "main").unwrap();
        for op in func.ops.iter().filter(|op| op.results.iter().any(|v| func.ty(*v).elements() > 0)) {
            *seen.entry(op.kind.name().to_owned()).or_default() += 1;
        }
    }
    println!("{seen:#?}");
    for name in [
        "abs",
        "acos",
        "acosh",
        "add",
        "and",
        "asin",
        "asinh",
        "atan",
        "atan2",
        "atanh",
        "bitcast_convert",
        "broadcast_in_dim",
        "cbrt",
        "case",
        "ceil",
        "clamp",
        "compare",
        "concatenate",
        "constant",
        "convert",
        "cosh",
        "convolution",
        "cosine",
        "count_leading_zeros",
        "divide",
        "dot_general",
        "dynamic_slice",
        "dynamic_update_slice",
        "erf",
        "erf_inv",
        "erfc",
        "exponential",
        "exponential_minus_one",
        "floor",
        "gather",
        "iota",
        "is_finite",
        "log",
        "log_plus_one",
        "logistic",
        "maximum",
        "minimum",
        "multiply",
        "negate",
        "not",
        "or",
        "pad",
        "popcnt",
        "power",
        "reduce",
        "reduce_precision",
        "reduce_window",
        "remainder",
        "reshape",
        "reverse",
        "round_nearest_afz",
        "round_nearest_even",
        "rsqrt",
        "scatter",
        "select",
        "select_and_scatter",
        "shift_left",
        "shift_right_arithmetic",
        "shift_right_logical",
        "sign",
        "sine",
        "sinh",
        "slice",
        "sort",
        "sqrt",
        "subtract",
        "tan",
        "tanh",
        "transpose",
        "while",
        "xor",
    ] {
        assert!(
            seen.iter().any(|(k, n)| k.ends_with(&format!(".{name}")) && *n >= 3),
            "{name} hardly occurs"
        );
    }
}

/// Others than the usual seeds: `COREX_SEEDS=from..to`.
#[test]
fn these_seeds() {
    let Some(range) = std::env::var("COREX_SEEDS").ok() else { return };
    let (from, to) = range.split_once("..").expect("from..to");
    let bound = |text: &str| text.parse::<u64>().expect("a number");
    check_seeds(bound(from)..bound(to));
}

#[test]
fn one_seed() {
    if let Some(seed) = std::env::var("COREX_SEED").ok().and_then(|s| s.parse().ok()) {
        let (module, inputs) = common::program(seed);
        println!("{}", corex_hlo::canonical_text(&module));
        check(&module, &inputs, &format!("seed {seed}"));
    }
}
