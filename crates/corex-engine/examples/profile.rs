//! Where a program's time goes: `cargo run --release -p corex-engine --example profile FILE.mlir [THREADS [FILL]]`.
//!
//! Runs `main` of the file on made-up inputs and prints CPU seconds of the first thread in the fastest of some runs, in all
//! and per step, the slowest steps first. FILL says what floats the inputs hold: `normal` numbers, or `subnormal`, `nan`, `huge` ones.

use std::cell::RefCell;
use std::sync::Mutex;

use corex_engine::{Options, Program, Tensor};
use corex_hlo::{DType, TensorType, parse};

/// CPU seconds of this thread so far.
fn cpu_seconds() -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a valid clock and a place for its time.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut now) };
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

fn input(ty: &TensorType, fill: &str) -> Result<Tensor, String> {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut element = |i: usize| -> u64 {
        let x = (next() as f32 / (1_u64 << 30) as f32) - 1.0;
        let x = match fill {
            "subnormal" => f32::from_bits(next() as u32 & 0x007F_FFFF),
            "nan" if i.is_multiple_of(3) => f32::NAN,
            "huge" => x * 3e38,
            _ => x,
        };
        match ty.dtype {
            DType::F32 => u64::from(x.to_bits()),
            DType::BF16 => u64::from(x.to_bits() >> 16),
            DType::F16 => u64::from(corex_num::convert::f32_to_f16(x)),
            DType::I1 => next() & 1,
            // Small, to be indices.
            _ => next() % 128,
        }
    };
    let size = ty.dtype.size();
    let bytes: Vec<u8> = (0..ty.elements()).flat_map(|i| element(i).to_le_bytes()[..size].to_vec()).collect();
    Tensor::from_bytes(ty.clone(), &bytes).map_err(|e| e.to_string())
}

fn main() -> Result<(), String> {
    let mut args = std::env::args().skip(1);
    let file = args.next().ok_or("usage: profile FILE.mlir [THREADS [FILL]]")?;
    let threads = args.next().map_or(Ok(1), |n| n.parse::<usize>()).map_err(|e| e.to_string())?;
    let fill = args.next().unwrap_or_else(|| "normal".to_owned());
    let text = std::fs::read_to_string(&file).map_err(|e| format!("{file}: {e}"))?;
    let module = parse(&text).map_err(|e| format!("{file}: {e}"))?;
    let options = Options { threads, ..Options::default() };
    let program = Program::compile(&module, "main", &options).map_err(|e| e.to_string())?;
    let inputs = program.inputs().map(|ty| input(ty, &fill)).collect::<Result<Vec<_>, _>>()?;
    let names: Vec<String> = program.steps().collect();
    let mut best: Option<(f64, Vec<f64>)> = None;
    for _ in 0..5 {
        let start = cpu_seconds();
        let ends = Mutex::new(RefCell::new(Vec::with_capacity(names.len())));
        let observe = |_: usize| {
            if let Ok(ends) = ends.lock() {
                ends.borrow_mut().push(cpu_seconds() - start);
            }
        };
        program.run_observed(&inputs, Some(&observe)).map_err(|e| e.to_string())?;
        let total = cpu_seconds() - start;
        let ends = ends.into_inner().map_err(|e| e.to_string())?.into_inner();
        let starts = std::iter::once(&0.0).chain(&ends);
        let steps: Vec<f64> = starts.zip(&ends).map(|(start, end)| end - start).collect();
        if best.as_ref().is_none_or(|(least, _)| total < *least) {
            best = Some((total, steps));
        }
    }
    let (total, steps) = best.unwrap_or_default();
    println!("{total:10.6} s in all, {file}");
    let mut steps: Vec<(&f64, &String)> = steps.iter().zip(&names).collect();
    steps.sort_by(|a, b| b.0.total_cmp(a.0));
    for (seconds, name) in steps.iter().take(8) {
        println!("{seconds:10.6} s {}", name.chars().take(160).collect::<String>());
    }
    Ok(())
}
