//! What this machine is, and how fast it really is.

use corex_num::Isa;
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// A node's hardware as it reports it. The claim is checked by what its work shows, not by trust.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hardware {
    /// Processor model, as the system names it.
    pub cpu: String,
    /// Logical cores this process may use.
    pub cores: u32,
    /// Physical memory in MiB, 0 if unknown.
    pub memory_mib: u64,
    /// Instruction set that the arithmetic uses.
    pub isa: String,
    /// Operating system and architecture.
    pub platform: String,
}

impl Hardware {
    /// Looks at the machine.
    pub fn detect(isa: Isa) -> Hardware {
        let field = |file: &str, key: &str| {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            let line = text.lines().find(|l| l.starts_with(key))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        };
        let memory_kib = field("/proc/meminfo", "MemTotal")
            .and_then(|v| v.split_whitespace().next()?.parse::<u64>().ok())
            .unwrap_or(0);
        Hardware {
            cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".into()),
            cores: std::thread::available_parallelism().map_or(1, |n| n.get() as u32),
            memory_mib: memory_kib / 1024,
            isa: isa.name().to_owned(),
            platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }
}

/// Measured speed of one thread, in work units (millions of multiply-adds) per second: the best of several matrix
/// products within `budget`, so that a busy machine is not taken for a slow one.
pub fn measure_units_per_second(isa: Isa, budget: Duration) -> u64 {
    const N: usize = 192;
    let a: Vec<f32> = (0..N * N).map(|i| (i % 13) as f32 - 6.0).collect();
    let mut c = vec![0.0; N * N];
    let start = Instant::now();
    let mut best = Duration::MAX;
    while start.elapsed() < budget {
        let t = Instant::now();
        let m = corex_num::MatRef::row_major(&a, N);
        corex_num::gemm(isa, N, N, N, m, m, &mut c, N);
        best = best.min(t.elapsed());
    }
    ((N * N * N) as f64 / 1e6 / best.as_secs_f64()).max(1.0) as u64
}
