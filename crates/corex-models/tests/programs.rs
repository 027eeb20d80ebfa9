//! What the programs of a job compute, against the same mathematics in f64.

mod common;

use common::{bytes, f32s, job, run, scalar, u8s, u32};
use corex_models::{
    Adam, BYTES, BatchSizes, DataSizes, Decay, GptConfig, Init, LlamaConfig, Model, Optimizer, ProgramSet,
    Rule, Schedule, Start, TrainingJob, logits_program, next_token_program,
};

const SIZES: DataSizes = DataSizes { train: 90, heldout: 50 };

fn micro() -> Model {
    Model::Gpt(GptConfig { vocab: BYTES, layers: 1, width: 8, heads: 2, context: 8, tied: true })
}

fn adamw(steps: u32) -> Optimizer {
    Optimizer::adamw(1e-3, steps)
}

fn programs(opt: &Optimizer, shards: usize) -> ProgramSet {
    job(&micro(), opt, SIZES, BatchSizes::new(2, shards)).programs().expect("valid")
}

#[test]
fn init_has_the_wanted_spread() {
    let set = programs(&adamw(10), 1);
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
    opt: Optimizer,
    decayed: usize,
    params: Vec<f64>,
    m: Vec<f64>,
    v: Vec<f64>,
}

impl Reference {
    fn lr(&self, step: u32) -> f64 {
        let o = &self.opt.schedule;
        let (peak, last) = (f64::from(o.peak_lr), f64::from(o.final_lr));
        let warm = (f64::from(step + 1) / f64::from(o.warmup_steps)).min(1.0);
        let progress = ((f64::from(step) - f64::from(o.warmup_steps))
            / f64::from(o.total_steps - o.warmup_steps))
        .clamp(0.0, 1.0);
        let remaining = match o.decay {
            Decay::Linear => 1.0 - progress,
            Decay::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()),
            Decay::Constant => return warm * peak,
            Decay::Wsd { fraction } => ((1.0 - progress) / f64::from(fraction)).min(1.0),
            Decay::Step { every, factor } => {
                f64::from(factor).powi((step.saturating_sub(o.warmup_steps) / every) as i32)
            }
        };
        warm * (last + (peak - last) * remaining)
    }

    fn step(&mut self, step: u32, grads: &[Vec<f32>]) -> [f64; 2] {
        let o = &self.opt;
        let Rule::Adam(adam) = &o.rule else { panic!("the reference is AdamW") };
        let n = self.params.len();
        let mean = |i: usize| grads.iter().map(|g| f64::from(g[i])).sum::<f64>() / grads.len() as f64;
        let norm = (0..n).map(|i| mean(i).powi(2)).sum::<f64>().sqrt();
        let scale = (f64::from(o.clip_norm.expect("clipped")) / norm).min(1.0);
        let (lr, t) = (self.lr(step), step as i32 + 1);
        let (b1, b2) = (f64::from(adam.beta1), f64::from(adam.beta2));
        for i in 0..n {
            let g = mean(i) * scale;
            self.m[i] = b1 * self.m[i] + (1.0 - b1) * g;
            self.v[i] = b2 * self.v[i] + (1.0 - b2) * g * g;
            let (m, v) = (self.m[i] / (1.0 - b1.powi(t)), self.v[i] / (1.0 - b2.powi(t)));
            let decay = if i < self.decayed { f64::from(o.weight_decay) } else { 0.0 };
            self.params[i] -= lr * (m / (v.sqrt() + f64::from(adam.epsilon)) + decay * self.params[i]);
        }
        [norm, lr]
    }
}

fn close(ours: f32, exact: f64, tolerance: f64, what: &str) {
    assert!((f64::from(ours) - exact).abs() <= tolerance, "{what}: {ours} against {exact}");
}

fn check_updates(opt: Optimizer) {
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
fn updates_are_adamw_on_every_schedule() {
    let decays = [
        Decay::Constant,
        Decay::Cosine,
        Decay::Linear,
        Decay::Wsd { fraction: 0.5 },
        Decay::Step { every: 2, factor: 0.5 },
    ];
    for decay in decays {
        let schedule = Schedule { warmup_steps: 2, decay, ..Schedule::for_steps(1e-3, 6) };
        let weight_decay = if decay == Decay::Linear { 0.0 } else { 0.1 };
        check_updates(Optimizer { schedule, weight_decay, ..adamw(6) });
    }
}

#[test]
fn no_subnormal_state_appears() {
    let set = programs(&adamw(10), 1);
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
    let set = programs(&Optimizer { weight_decay: 0.0, ..adamw(10) }, 1);
    let n = set.table.total();
    let zero = f32s(&vec![0.0; n]);
    let params = vec![0.25; n];
    let outputs = run(&set.update, &[f32s(&params), zero.clone(), zero.clone(), u32(0), zero, scalar(1.0)]);
    assert_eq!(outputs[0], params);
}

#[test]
fn evaluation_is_near_that_of_guessing_at_first() {
    let set = programs(&adamw(10), 1);
    let params = &run(&set.init, &[u32(1)])[0];
    let heldout = bytes(SIZES.heldout);
    let loss = run(&set.eval, &[f32s(params), u8s(&heldout)])[0][0];
    let guessing = 8.0 * std::f32::consts::LN_2;
    assert!((loss - guessing).abs() < 1.0, "{loss}");
}

fn logits_look_back_only(model: &Model) {
    let program = next_token_program(model, 8).expect("valid");
    let set = job(model, &adamw(10), SIZES, BatchSizes::new(2, 1)).programs().expect("valid");
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
    // A shorter window gives the same bits, and so does asking for all positions at once.
    let shorter = next_token_program(model, 5).expect("valid");
    assert_eq!(at_3, run(&shorter, &[params.clone(), u8s(b"abcde"), u32(3)])[0]);
    let all = logits_program(model, 8).expect("valid");
    let all = &run(&all, &[params, u8s(b"abcdefgh")])[0];
    assert_eq!((at_3.as_slice(), all.len()), (&all[3 * 256..4 * 256], 8 * 256));
    assert!(next_token_program(model, 9).expect_err("too long").to_string().contains("1 to 8 tokens"));
}

#[test]
fn language_models_look_back_only() {
    logits_look_back_only(&micro());
    let llama = LlamaConfig { width: 8, head_width: 4, hidden: 24, context: 8, ..LlamaConfig::tiny() };
    logits_look_back_only(&Model::Llama(llama.clone()));
    logits_look_back_only(&Model::Llama(LlamaConfig { window: Some(4), layers: 1, ..llama }));
}

#[test]
fn a_sliding_window_forgets() {
    let llama =
        LlamaConfig { layers: 1, width: 8, head_width: 4, hidden: 24, context: 8, ..LlamaConfig::tiny() };
    let model = Model::Llama(LlamaConfig { window: Some(3), ..llama });
    let set = job(&model, &adamw(10), SIZES, BatchSizes::new(2, 1)).programs().expect("valid");
    let params = f32s(&run(&set.init, &[u32(1)])[0]);
    let program = next_token_program(&model, 8).expect("valid");
    let logits = |text: &[u8; 8]| run(&program, &[params.clone(), u8s(text), u32(5)]);
    assert_eq!(logits(b"abcdefgh"), logits(b"XYZdefgh"), "token 5 sees 3, 4 and itself");
    assert_ne!(logits(b"abcdefgh"), logits(b"abcXefgh"));
}

#[test]
fn accumulation_takes_the_rows_of_one_large_batch() {
    let grad = |batch| {
        let set = job(&micro(), &adamw(10), SIZES, batch).programs().expect("valid");
        assert_eq!(set.examples_per_grad, 48);
        let params = f32s(&run(&set.init, &[u32(1)])[0]);
        run(&set.grad, &[params, u8s(&bytes(SIZES.train)), u32(3), u32(4), u32(5)])
    };
    let at_once = grad(BatchSizes::new(6, 1));
    let in_turn = grad(BatchSizes { batch: 2, accumulate: 3, shards: 1 });
    for (a, b) in at_once.iter().zip(&in_turn) {
        assert_eq!(a.len(), b.len());
        a.iter().zip(b).for_each(|(a, b)| close(*a, f64::from(*b), 1e-6, "accumulated"));
    }
}

#[test]
fn fine_tuning_starts_from_the_given_weights() {
    let set = TrainingJob { start: Start::Given, ..job(&micro(), &adamw(10), SIZES, BatchSizes::new(2, 1)) };
    let set = set.programs().expect("valid");
    let given: Vec<f32> = (0..set.table.total()).map(|i| i as f32).collect();
    let state = run(&set.init, &[u32(7), f32s(&given)]);
    assert_eq!(state[0], given);
    assert!(state[1..].iter().flatten().all(|x| *x == 0.0));
}

#[test]
fn a_large_vocabulary_has_wider_tokens() {
    use corex_engine::Tensor;
    use corex_hlo::{DType, TensorType};
    let gpt = GptConfig { vocab: 50_257, layers: 1, width: 2, heads: 1, context: 4, tied: true };
    let model = Model::Gpt(gpt);
    assert_eq!(model.input().data(9), [TensorType::new(DType::U16, [9])]);
    let program = logits_program(&model, 4).expect("valid");
    let params: Vec<f32> = (0..model.param_table().total()).map(|i| (i % 97) as f32 / 97.0).collect();
    let ids: Vec<u8> = [50_256u16, 0, 300, 65].iter().flat_map(|id| id.to_le_bytes()).collect();
    let ids = Tensor::from_bytes(TensorType::new(DType::U16, [4]), &ids).expect("fits");
    assert_eq!(run(&program, &[f32s(&params), ids])[0].len(), 4 * 50_257);
    let wide = |vocab| Model::Gpt(GptConfig { vocab, layers: 1, width: 2, heads: 1, context: 4, tied: true });
    assert_eq!(wide(65_536).input().label_type(), DType::U16);
    assert_eq!(wide(65_537).input().label_type(), DType::U32);
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
    let data = DataSizes { train: 10_000, heldout: 1_000 };
    let usual = job(&Model::Gpt(nano.clone()), &adamw(10), data, BatchSizes::new(1, 1));
    let refuse = |job: TrainingJob, expected: &str| {
        let error = job.programs().expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}");
    };
    let sized = |gpt: GptConfig| TrainingJob { model: Model::Gpt(gpt), ..usual.clone() };
    refuse(sized(GptConfig { layers: 0, ..nano.clone() }), "layers must be 1 to 256, got 0");
    refuse(sized(GptConfig { heads: 3, ..nano.clone() }), "heads (3) must divide width (128)");
    refuse(sized(GptConfig { width: usize::MAX, ..nano.clone() }), "width must be");
    refuse(sized(GptConfig { vocab: 0, ..nano.clone() }), "vocab must be");
    refuse(
        sized(GptConfig { layers: 256, width: 1 << 15, heads: 1, ..nano.clone() }),
        "parameters; one job holds",
    );
    let batch = |batch, accumulate, shards| TrainingJob {
        batch: BatchSizes { batch, accumulate, shards },
        ..usual.clone()
    };
    refuse(batch(0, 1, 1), "batch must be 1 to 8192 rows for a context of 128, got 0");
    refuse(batch(1 << 40, 1, 1), "batch must be");
    refuse(batch(1, 0, 1), "accumulate must be 1 to 8192, got 0");
    refuse(batch(1, 1, 0), "shards must be");
    let plenty = DataSizes { train: 1 << 20, heldout: 1 << 20 };
    let long = TrainingJob { data: plenty, ..sized(GptConfig { context: 1 << 16, ..nano.clone() }) };
    refuse(long, "lower the batch");
    let short = |train, heldout| TrainingJob { data: DataSizes { train, heldout }, ..usual.clone() };
    refuse(short(128, 1_000), "the training data has 128 tokens, less than one window of 129");
    refuse(short(10_000, 0), "the held-out data has 0 tokens");

    let tuned = |optimizer: Optimizer| TrainingJob { optimizer, ..usual.clone() };
    let rate = |schedule: Schedule| tuned(Optimizer { schedule, ..adamw(10) });
    refuse(rate(Schedule { peak_lr: f32::NAN, ..Schedule::for_steps(1.0, 10) }), "peak_lr must be positive");
    refuse(rate(Schedule { total_steps: 1, ..Schedule::for_steps(1.0, 10) }), "total_steps (1) must exceed");
    let never = Decay::Step { every: 0, factor: 0.5 };
    refuse(rate(Schedule { decay: never, ..Schedule::for_steps(1.0, 10) }), "every >= 1");
    let rule = Rule::Adam(Adam { beta2: 1.0, ..Adam::default() });
    refuse(tuned(Optimizer { rule, ..adamw(10) }), "beta2 must lie in [0, 1)");
    refuse(tuned(Optimizer { clip_norm: Some(0.0), ..adamw(10) }), "clip_norm must be positive");
    let llama = |change: fn(&mut LlamaConfig)| {
        let mut config = LlamaConfig::nano();
        change(&mut config);
        TrainingJob { model: Model::Llama(config), ..usual.clone() }
    };
    refuse(llama(|c| c.kv_heads = 3), "kv_heads (3) must divide heads (4)");
    refuse(llama(|c| c.head_width = 31), "head_width must be even");
    refuse(llama(|c| c.window = Some(0)), "window");
    refuse(llama(|c| c.rope_theta = f32::NAN), "rope_theta");
}

#[test]
fn presets_have_their_sizes() {
    let total = |gpt: GptConfig| gpt.param_table().total();
    let gpts = [GptConfig::nano(), GptConfig::tiny(), GptConfig::small(), GptConfig::gpt2()];
    assert_eq!(gpts.map(total), [842_496, 34_688, 10_844_160, 86_039_040]);
    assert_eq!(total(GptConfig { vocab: 50_257, ..GptConfig::gpt2() }), 124_439_808);
    let llamas = [LlamaConfig::nano(), LlamaConfig::tiny(), LlamaConfig::small()];
    assert_eq!(llamas.map(|c| c.param_table().total()), [771_200, 31_392, 9_540_480]);
}
