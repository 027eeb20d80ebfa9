//! Every function of one f32 on all 2^32 inputs: the largest error in ulp, and one hash of all results, which must be
//! the same on every instruction-set path. Run by `cargo xtask bench scalars`.
//!
//! Arguments: `--json` for one JSON object on stdout, `--stride N` for every N-th input only, `--others-every N` for
//! the slower paths on every N-th block of 2^16 inputs only, and names of functions.

#[path = "../tests/common/truth.rs"]
mod truth;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use corex_num::{FpEnv, Isa, UnaryFn, unary};

const CHUNK: usize = 1 << 16;

/// What is known of one function so far.
#[derive(Clone, Copy)]
struct Found {
    worst: f64,
    at: f32,
    hash: u64,
}

fn main() -> Result<(), String> {
    let mut json = false;
    let (mut stride, mut others_every) = (1u64, 1u64);
    let mut names = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match &arg[..] {
            "--json" => json = true,
            "--stride" | "--others-every" => {
                let value = args.next().unwrap_or_default();
                let number = value.parse().ok().filter(|n| *n > 0);
                let number = number.ok_or(format!("{arg} {value}: not a number above 0"))?;
                *(if arg == "--stride" { &mut stride } else { &mut others_every }) = number;
            }
            _ => names.push(arg.to_lowercase()),
        }
    }
    let chosen: Vec<UnaryFn> = UnaryFn::ALL
        .into_iter()
        .filter(|f| names.is_empty() || names.contains(&format!("{f:?}").to_lowercase()))
        .collect();
    let paths = Isa::available();
    eprintln!("{:18} {:>8}  {:10}  {:16}  paths {paths:?}", "function", "max ulp", "at", "hash");
    let mut rows = Vec::new();
    let mut worst = 0f64;
    for f in chosen {
        let found = measure(f, &paths, stride, others_every)?;
        let (name, at) = (format!("{f:?}").to_lowercase(), found.at.to_bits());
        eprintln!("{name:18} {:8.4}  0x{at:08x}  {:016x}", found.worst, found.hash);
        rows.push(format!(
            "{{\"function\":\"{name}\",\"max_ulp\":{:.4},\"at\":\"0x{at:08x}\",\"hash\":\"{:016x}\"}}",
            found.worst, found.hash
        ));
        worst = worst.max(found.worst);
    }
    if json {
        println!(
            "{{\"inputs\":{},\"paths\":{},\"max_ulp\":{worst:.4},\"functions\":[{}]}}",
            (1u64 << 32).div_ceil(stride),
            paths.len(),
            rows.join(",")
        );
    }
    if worst > 2.0 { Err(format!("a function is off by {worst} ulp; the law allows 2")) } else { Ok(()) }
}

/// All inputs, shared out to threads by chunks.
fn measure(f: UnaryFn, paths: &[Isa], stride: u64, others_every: u64) -> Result<Found, String> {
    let total = (1u64 << 32).div_ceil(stride);
    let next = AtomicU64::new(0);
    let result = Mutex::new(Ok(Found { worst: 0.0, at: 0.0, hash: 0 }));
    let fastest = paths.last().copied().unwrap_or(Isa::Portable);
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let _env = FpEnv::enter();
                let mut mine = Ok(Found { worst: 0.0, at: 0.0, hash: 0 });
                loop {
                    let first = next.fetch_add(CHUNK as u64, Ordering::Relaxed);
                    if first >= total || mine.is_err() {
                        break;
                    }
                    let inputs: Vec<f32> = (first..total.min(first + CHUNK as u64))
                        .map(|i| f32::from_bits((i * stride) as u32))
                        .collect();
                    let with_others = (first / CHUNK as u64).is_multiple_of(others_every);
                    let others = if with_others { &paths[..paths.len() - 1] } else { &[] };
                    mine = mine.and_then(|found| chunk(f, fastest, others, &inputs, found));
                }
                let mut all = result.lock().unwrap_or_else(|e| e.into_inner());
                *all = match (std::mem::replace(&mut *all, Err(String::new())), mine) {
                    (Ok(a), Ok(b)) => {
                        let worst = if b.worst > a.worst { b } else { a };
                        Ok(Found { hash: a.hash.wrapping_add(b.hash), ..worst })
                    }
                    (Err(e), _) | (_, Err(e)) => Err(e),
                };
            });
        }
    });
    result.into_inner().unwrap_or_else(|e| e.into_inner())
}

fn chunk(f: UnaryFn, fastest: Isa, others: &[Isa], x: &[f32], mut found: Found) -> Result<Found, String> {
    let (mut y, mut other) = (vec![0.0; x.len()], vec![0.0; x.len()]);
    unary(fastest, f, x, &mut y);
    for isa in others {
        unary(*isa, f, x, &mut other);
        if let Some(i) = (0..x.len()).find(|i| y[*i].to_bits() != other[*i].to_bits()) {
            return Err(format!("{f:?}(0x{:08x}) on {isa} differs from {fastest}", x[i].to_bits()));
        }
    }
    // Negative operands of odd and even functions need no truth of their own.
    let parity = truth::parity(f);
    if parity != 0 {
        let positive: Vec<f32> = x.iter().map(|x| x.abs()).collect();
        unary(fastest, f, &positive, &mut other);
    }
    let truth = truth::truth(f);
    for (i, (&x, &y)) in x.iter().zip(&y).enumerate() {
        // A sum of mixed (input, result) pairs: it does not depend on the order of the chunks.
        let word = u64::from(x.to_bits()) << 32 | u64::from(y.to_bits());
        let mixed = (word ^ word >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        found.hash = found.hash.wrapping_add(mixed ^ mixed >> 32);
        if parity != 0 && x.is_sign_negative() {
            let mirrored = if parity < 0 && !other[i].is_nan() { -other[i] } else { other[i] };
            if y.to_bits() != mirrored.to_bits() {
                return Err(format!("{f:?}(0x{:08x}) is not the mirror of its opposite", x.to_bits()));
            }
        } else if truth::promised(f, x) {
            let error = truth::ulps(y, truth(f64::from(x)));
            if error > found.worst {
                (found.worst, found.at) = (error, x);
            }
        }
    }
    Ok(found)
}
