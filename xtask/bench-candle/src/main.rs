//! The training step of `cargo xtask bench engine` in candle: same model, optimizer and sizes as train_torch.py.
//!
//! Usage: `bench-candle LAYERS WIDTH HEADS CONTEXT BATCH DATA_FILE`
//!
//! Speaks the protocol of crates/corex-models/examples/train_speed.rs: a line when ready, then a line with a number of steps
//! comes in, a line with CPU seconds and the last loss goes out. The fused layer norm and softmax of candle have no gradients,
//! so those made of its operators are used, as in its own training examples.

mod gpt;

use std::error::Error;
use std::io::BufRead;

use candle_core::backprop::GradStore;
use candle_core::{Device, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW};
use gpt::{Gpt, Sizes};

const PEAK_LR: f64 = 3e-3;
const FINAL_LR: f64 = 3e-4;
const WARMUP: f64 = 20.0;
const TOTAL: f64 = 1000.0;

/// CPU seconds of this process so far.
fn cpu_seconds() -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is a valid timespec to write to.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut now) };
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

fn learning_rate(step: f64) -> f64 {
    let progress = ((step - WARMUP) / (TOTAL - WARMUP)).clamp(0.0, 1.0);
    let cosine = 0.5 * (1.0 + (std::f64::consts::PI * progress).cos());
    (FINAL_LR + (PEAK_LR - FINAL_LR) * cosine) * ((step + 1.0) / WARMUP).min(1.0)
}

/// Scales all gradients so that their common norm is at most 1.
fn clip(gradients: &mut GradStore, parameters: &[Var]) -> candle_core::Result<()> {
    let mut squares = 0.0;
    for p in parameters {
        if let Some(g) = gradients.get(p) {
            squares += f64::from(g.sqr()?.sum_all()?.to_scalar::<f32>()?);
        }
    }
    let scale = 1.0 / (squares.sqrt() + 1e-6);
    if scale < 1.0 {
        for p in parameters {
            if let Some(g) = gradients.remove(p) {
                gradients.insert(p, (g * scale)?);
            }
        }
    }
    Ok(())
}

/// Bytes of the data, windows of which are drawn at random.
struct Windows {
    data: Vec<u8>,
    random: u64,
}

impl Windows {
    /// Inputs and targets of a batch, each `[batch * context]`.
    fn next(&mut self, sizes: &Sizes) -> candle_core::Result<(Tensor, Tensor)> {
        let (mut inputs, mut targets) = (Vec::new(), Vec::new());
        for _ in 0..sizes.batch {
            // Knuth's linear congruential generator; its high bits are good enough here.
            self.random =
                self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let start = (self.random >> 33) as usize % (self.data.len() - sizes.context - 1);
            let window = &self.data[start..=start + sizes.context];
            inputs.extend(window[..sizes.context].iter().map(|b| u32::from(*b)));
            targets.extend(window[1..].iter().map(|b| u32::from(*b)));
        }
        let tokens = sizes.batch * sizes.context;
        Ok((
            Tensor::from_vec(inputs, tokens, &Device::Cpu)?,
            Tensor::from_vec(targets, tokens, &Device::Cpu)?,
        ))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [layers, width, heads, context, batch, path] = &args[..] else {
        return Err("usage: bench-candle LAYERS WIDTH HEADS CONTEXT BATCH DATA_FILE".into());
    };
    let sizes = Sizes {
        layers: layers.parse()?,
        width: width.parse()?,
        heads: heads.parse()?,
        context: context.parse()?,
        batch: batch.parse()?,
    };
    let mut windows = Windows { data: std::fs::read(path)?, random: 1 };
    let model = Gpt::new(sizes)?;
    let parameters = model.parameters();
    let (decayed, rest): (Vec<Var>, Vec<Var>) = parameters.iter().cloned().partition(|p| p.rank() > 1);
    let group = |vars: Vec<Var>, weight_decay: f64| {
        AdamW::new(vars, ParamsAdamW { lr: 0.0, beta1: 0.9, beta2: 0.95, eps: 1e-8, weight_decay })
    };
    let mut optimizers = [group(decayed, 0.1)?, group(rest, 0.0)?];
    let mut step = 0.0;
    println!("0");
    for line in std::io::stdin().lock().lines() {
        let start = cpu_seconds();
        let mut loss = f32::NAN;
        for _ in 0..line?.trim().parse::<usize>()? {
            let (inputs, targets) = windows.next(&sizes)?;
            let found = model.loss(&inputs, &targets)?;
            let mut gradients = found.backward()?;
            clip(&mut gradients, &parameters)?;
            for optimizer in &mut optimizers {
                optimizer.set_learning_rate(learning_rate(step));
                optimizer.step(&gradients)?;
            }
            loss = found.to_scalar()?;
            step += 1.0;
        }
        println!("{} {loss}", cpu_seconds() - start);
    }
    Ok(())
}
