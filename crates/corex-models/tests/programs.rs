//! What the programs of a job compute, against the same mathematics in f64.

mod common;

use common::{bytes, f32s, run, scalar, u8s, u32};
use corex_models::{
    AdamW, DataSizes, Decay, GptConfig, Init, ProgramSet, gpt_job_programs, gpt_logits_program,
};

const SIZES: DataSizes = DataSizes { train_bytes: 90, heldout_bytes: 50 };

fn micro() -> GptConfig {
    GptConfig { layers: 1, width: 8, heads: 2, context: 8, tied: true }
}

fn programs(opt: &AdamW, shards: usize) -> ProgramSet {
    gpt_job_programs(&micro(), opt, SIZES, 2, shards).expect("valid")
}

#[test]
fn init_has_the_wanted_spread() {
    let set = programs(&AdamW::for_steps(10), 1);
    let [params, m, v] = &run(&set.init, &[u32(7)])[..] else { panic!("three results") };
    assert!(m.iter().chain(v).all(|&x| x == 0.0));
    for p in set.table.iter() {
        let values = &params[p.offset..][..p.len()];
        match p.init {
            Init::Zeros => assert!(values.iter().all(|&x| x == 0.0), "{}", p.name),
            Init::Ones => assert!(values.iter().all(|&x| x == 1.0), "{}", p.name),
            Init::Uniform { std } => {
                let n = values.len() as f32;
                let mean = values.iter().sum::<f32>() / n;
                let deviation = (values.iter().map(|x| x * x).sum::<f32>() / n).sqrt();
                assert!(mean.abs() < 4.0 * std / n.sqrt(), "{}: mean {mean}", p.name);
                assert!((0.7..1.3).contains(&(deviation / std)), "{}: {deviation} for {std}", p.name);
            }
        }
    }
    assert_ne!(run(&set.init, &[u32(8)])[0], *params);
}

/// AdamW in f64, with what the update program promises around it.
struct Reference {
    opt: AdamW,
    decayed: usize,
    params: Vec<f64>,
    m: Vec<f64>,
    v: Vec<f64>,
}

impl Reference {
    fn lr(&self, step: u32) -> f64 {
        let o = &self.opt;
        let (peak, last) = (f64::from(o.peak_lr), f64::from(o.final_lr));
        let warm = (f64::from(step + 1) / f64::from(o.warmup_steps)).min(1.0);
        let progress = ((f64::from(step) - f64::from(o.warmup_steps))
            / f64::from(o.total_steps - o.warmup_steps))
        .clamp(0.0, 1.0);
        let remaining = match o.decay {
            Decay::Linear => 1.0 - progress,
            Decay::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()),
        };
        warm * (last + (peak - last) * remaining)
    }

    fn step(&mut self, step: u32, grads: &[Vec<f32>]) -> [f64; 2] {
        let o = &self.opt;
        let n = self.params.len();
        let mean = |i: usize| grads.iter().map(|g| f64::from(g[i])).sum::<f64>() / grads.len() as f64;
        let norm = (0..n).map(|i| mean(i).powi(2)).sum::<f64>().sqrt();
        let scale = (f64::from(o.clip_norm) / norm).min(1.0);
        let (lr, t) = (self.lr(step), step as i32 + 1);
        let (b1, b2) = (f64::from(o.beta1), f64::from(o.beta2));
        for i in 0..n {
            let g = mean(i) * scale;
            self.m[i] = b1 * self.m[i] + (1.0 - b1) * g;
            self.v[i] = b2 * self.v[i] + (1.0 - b2) * g * g;
            let (m, v) = (self.m[i] / (1.0 - b1.powi(t)), self.v[i] / (1.0 - b2.powi(t)));
            let decay = if i < self.decayed { f64::from(o.weight_decay) } else { 0.0 };
            self.params[i] -= lr * (m / (v.sqrt() + f64::from(o.epsilon)) + decay * self.params[i]);
        }
        [norm, lr]
    }
}

fn close(ours: f32, exact: f64, tolerance: f64, what: &str) {
    assert!((f64::from(ours) - exact).abs() <= tolerance, "{what}: {ours} against {exact}");
}

fn check_updates(opt: AdamW) {
    let shards = 3;
    let set = programs(&opt, shards);
    let n = set.table.total();
    let start: Vec<f32> = (0..n).map(|i| ((i * 7919 % 1009) as f32 - 504.0) / 1024.0).collect();
    let wide = |x: &[f32]| x.iter().map(|&x| f64::from(x)).collect::<Vec<_>>();
    let mut exact = Reference {
        opt,
        decayed: set.table.decayed(),
        params: wide(&start),
        m: vec![0.0; n],
        v: vec![0.0; n],
    };
    let mut state = vec![start, vec![0.0; n], vec![0.0; n]];
    for step in 0..6u32 {
        // Norms on both sides of the clipping limit.
        let size = [0.002, 0.008, 0.032][step as usize % 3];
        let grad = |shard: usize| -> Vec<f32> {
            (0..n)
                .map(|i| size * (((i * 31 + shard * 17 + step as usize * 7) % 101) as f32 / 50.0 - 1.0))
                .collect()
        };
        let grads: Vec<_> = (0..shards).map(grad).collect();
        let mut inputs: Vec<_> = state.iter().map(|x| f32s(x)).collect();
        inputs.push(u32(step));
        inputs.extend(grads.iter().map(|g| f32s(g)));
        inputs.extend([3.0, 4.0, 8.0].map(scalar));
        let mut outputs = run(&set.update, &inputs);
        let metrics = outputs.pop().expect("metrics");
        let [norm, lr] = exact.step(step, &grads);
        close(metrics[0], 5.0, 1e-6, "mean loss");
        close(metrics[1], norm, 1e-5 * norm, "norm");
        close(metrics[2], lr, 1e-6 * lr + 1e-12, "learning rate");
        for (i, (&p, &exact)) in outputs[0].iter().zip(&exact.params).enumerate() {
            close(p, exact, 2e-6, &format!("step {step}, parameter {i}"));
        }
        state = outputs;
    }
}

#[test]
fn updates_are_adamw() {
    let cosine = AdamW { warmup_steps: 2, ..AdamW::for_steps(6) };
    check_updates(AdamW { decay: Decay::Linear, weight_decay: 0.0, ..cosine.clone() });
    check_updates(cosine);
}

#[test]
fn no_subnormal_state_appears() {
    let set = programs(&AdamW::for_steps(10), 1);
    let n = set.table.total();
    // Squares, products with 1 - β, and decayed moments of these would all be subnormal.
    let grads: Vec<f32> = (0..n).map(|i| 1e-19 * (i % 40) as f32).collect();
    let old: Vec<f32> = (0..n).map(|i| f32::MIN_POSITIVE * (1.0 + i as f32)).collect();
    let inputs = [f32s(&vec![0.5; n]), f32s(&old), f32s(&old), u32(3), f32s(&grads), scalar(1.0)];
    let outputs = run(&set.update, &inputs);
    assert!(outputs.iter().flatten().all(|x| x.is_finite() && !x.is_subnormal()));
}

#[test]
fn zero_gradients_change_nothing_but_decay() {
    let set = programs(&AdamW { weight_decay: 0.0, ..AdamW::for_steps(10) }, 1);
    let n = set.table.total();
    let zero = f32s(&vec![0.0; n]);
    let params = vec![0.25; n];
    let outputs = run(&set.update, &[f32s(&params), zero.clone(), zero.clone(), u32(0), zero, scalar(1.0)]);
    assert_eq!(outputs[0], params);
}

#[test]
fn evaluation_is_near_that_of_guessing_at_first() {
    let set = programs(&AdamW::for_steps(10), 1);
    let params = &run(&set.init, &[u32(1)])[0];
    let heldout = bytes(SIZES.heldout_bytes);
    let loss = run(&set.eval, &[f32s(params), u8s(&heldout)])[0][0];
    let guessing = 8.0 * std::f32::consts::LN_2;
    assert!((loss - guessing).abs() < 1.0, "{loss}");
}

#[test]
fn logits_look_back_only() {
    let gpt = micro();
    let program = gpt_logits_program(&gpt).expect("valid");
    let set = programs(&AdamW::for_steps(10), 1);
    let params = f32s(&run(&set.init, &[u32(1)])[0]);
    let logits = |text: &[u8; 8], position| {
        let mut all = run(&program, &[params.clone(), u8s(text), u32(position)]);
        all.pop().expect("one result")
    };
    let at_3 = logits(b"abcdefgh", 3);
    assert_eq!(at_3.len(), 256);
    assert_eq!(at_3, logits(b"abcdXYZ\0", 3), "later bytes have no influence");
    assert_ne!(at_3, logits(b"Xbcdefgh", 3), "earlier bytes have");
    assert_ne!(at_3, logits(b"abcdefgh", 4));
}

#[test]
fn shards_and_steps_draw_different_windows() {
    let start = |step, shard, row| corex_models::data::window_start(10_000, 9, 1, step, shard, row);
    let mut starts: Vec<_> =
        (0..10).flat_map(|s| (0..4).flat_map(move |h| (0..8).map(move |r| start(s, h, r)))).collect();
    assert!(starts.iter().all(|&s| s <= 10_000 - 9));
    starts.sort_unstable();
    starts.dedup();
    // 320 draws out of 9,992 places collide about five times.
    assert!(starts.len() > 300, "{}", starts.len());
}

#[test]
fn absurd_settings_are_refused_by_name() {
    let nano = GptConfig::nano();
    let opt = AdamW::for_steps(10);
    let refuse = |gpt: GptConfig, opt: &AdamW, sizes: DataSizes, batch, shards, expected: &str| {
        let error = gpt_job_programs(&gpt, opt, sizes, batch, shards).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}");
    };
    let data = DataSizes { train_bytes: 10_000, heldout_bytes: 1_000 };
    refuse(GptConfig { layers: 0, ..nano.clone() }, &opt, data, 1, 1, "layers must be 1 to 256, got 0");
    refuse(GptConfig { heads: 3, ..nano.clone() }, &opt, data, 1, 1, "heads (3) must divide width (128)");
    refuse(GptConfig { width: usize::MAX, ..nano.clone() }, &opt, data, 1, 1, "width must be");
    let giant = GptConfig { layers: 256, width: 1 << 15, heads: 1, ..nano.clone() };
    refuse(giant, &opt, data, 1, 1, "parameters; one job holds");
    refuse(nano.clone(), &opt, data, 0, 1, "batch must be 1 to 8192 rows for a context of 128, got 0");
    refuse(nano.clone(), &opt, data, 1 << 40, 1, "batch must be");
    refuse(nano.clone(), &opt, data, 1, 0, "shards must be");
    let long = GptConfig { context: 1 << 16, ..nano.clone() };
    let plenty = DataSizes { train_bytes: 1 << 20, heldout_bytes: 1 << 20 };
    refuse(long, &opt, plenty, 1, 1, "lower the batch");
    let short = DataSizes { train_bytes: 128, ..data };
    refuse(
        nano.clone(),
        &opt,
        short,
        1,
        1,
        "the training data has 128 bytes, less than one window of 129 bytes",
    );
    let short = DataSizes { heldout_bytes: 0, ..data };
    refuse(nano.clone(), &opt, short, 1, 1, "the held-out data has 0 bytes");
    refuse(nano.clone(), &AdamW { peak_lr: f32::NAN, ..opt.clone() }, data, 1, 1, "peak_lr must be positive");
    refuse(nano.clone(), &AdamW { beta2: 1.0, ..opt.clone() }, data, 1, 1, "beta2 must lie in [0, 1)");
    refuse(nano, &AdamW { total_steps: 1, ..opt }, data, 1, 1, "total_steps (1) must exceed");
    assert!(GptConfig::preset("huge").expect_err("unknown").to_string().contains("nano, tiny, small, gpt2"));
}

#[test]
fn presets_have_their_sizes() {
    let total = |name| GptConfig::preset(name).expect("known").param_table().total();
    assert_eq!(GptConfig::PRESETS.map(total), [842_496, 34_688, 10_844_160, 86_039_040]);
}

#[test]
fn config_json_is_that_of_hugging_face() {
    let nano = GptConfig::nano();
    let json = serde_json::to_value(&nano).expect("serialises");
    assert_eq!((&json["model_type"], &json["n_embd"]), (&"gpt2".into(), &128.into()));
    assert_eq!(serde_json::from_value::<GptConfig>(json.clone()).expect("reads back"), nano);
    let mut other = json.clone();
    other["vocab_size"] = 50257.into();
    let error = serde_json::from_value::<GptConfig>(other).expect_err("words, not bytes").to_string();
    assert!(error.contains("vocab_size is \"50257\""), "{error}");
    let mut other = json;
    other["n_head"] = 5.into();
    assert!(serde_json::from_value::<GptConfig>(other).is_err());
}
