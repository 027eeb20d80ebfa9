//! `corex train`.

use crate::args::{
    Cheat as CheatArg, Family as FamilyArg, OptimizerName, Preset as PresetArg, ScheduleName, TrainArgs,
};
use crate::ui::Ui;
use crate::{EXIT_INTERRUPTED, Failure, network, runtime, stop_signal};
use corex_models::{BYTES, Decay, Input, Lbfgs, Muon, RmsProp, Rule, Sgd};
use corex_node::NodeError;
use corex_node::cheat::Cheat;
use corex_node::checkpoint;
use corex_node::dispute::Ruling;
use corex_node::family_job::ModelWork;
use corex_node::lineage::ModelForm;
use corex_node::preset::{Preset, Size, Tuning};
use corex_node::program_job::ProgramFiles;
use corex_node::train::{NetworkChoice, NewJob, Summary, TrainOptions, Work};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Steps of a user's program, if it is not said.
const PROGRAM_STEPS: u32 = 100;

/// The core's word for a way to cheat.
pub fn cheat(arg: CheatArg) -> Cheat {
    match arg {
        CheatArg::Lazy => Cheat::Lazy,
        CheatArg::Corrupt => Cheat::Corrupt,
        CheatArg::Copy => Cheat::Copy,
    }
}

/// A job of a built-in family, and its steps.
fn model_work(args: &TrainArgs) -> Result<(ModelWork, u32), Failure> {
    let (name, mut preset) = preset(args)?;
    preset.batch = args.batch.unwrap_or(preset.batch);
    preset.accumulate = args.accumulate;
    let steps = args.steps.map(u32::try_from).transpose()?.unwrap_or(preset.steps);
    let tuning = tuning(args, steps);
    let work = ModelWork { data: args.data.clone(), name, preset, tuning, from: args.from.clone() };
    Ok((work, steps))
}

fn preset(args: &TrainArgs) -> Result<(String, Preset), Failure> {
    if let Some(dir) = &args.from {
        return Ok(("tuned".into(), Preset::around(checkpoint::model_of(dir)?)));
    }
    if let Some(path) = &args.config {
        let model = checkpoint::config(path)?;
        return Ok((model.family().into(), Preset::around(model)));
    }
    let (name, size) = match args.preset {
        PresetArg::Tiny => ("tiny", Size::Tiny),
        PresetArg::Nano => ("nano", Size::Nano),
        PresetArg::Small => ("small", Size::Small),
        PresetArg::Gpt2 => ("gpt2", Size::Gpt2),
    };
    let (family, found) = match args.model {
        FamilyArg::Gpt => return Ok((name.into(), Preset::gpt(size))),
        FamilyArg::Llama => ("llama", Preset::llama(size)),
        FamilyArg::Mlp => ("mlp", Preset::mlp(size)),
        FamilyArg::Cnn => ("cnn", Preset::cnn(size)),
    };
    let preset = found
        .ok_or_else(|| format!("--model {family} has no preset {name}\nhint: use tiny, nano or small"))?;
    Ok((format!("{family}-{name}"), preset))
}

fn tuning(args: &TrainArgs, steps: u32) -> Tuning {
    const MOMENTUM: f32 = 0.9;
    let rule = match args.optimizer {
        OptimizerName::Adamw | OptimizerName::Adam => None,
        OptimizerName::Sgd => Some(Rule::sgd(0.0)),
        OptimizerName::Momentum => Some(Rule::sgd(MOMENTUM)),
        OptimizerName::Nesterov => Some(Rule::Sgd(Sgd { momentum: MOMENTUM, nesterov: true })),
        OptimizerName::Rmsprop => Some(Rule::RmsProp(RmsProp::default())),
        OptimizerName::Lbfgs => Some(Rule::Lbfgs(Lbfgs::default())),
        OptimizerName::Muon => Some(Rule::Muon(Muon::default())),
    };
    let decay = args.schedule.map(|name| match name {
        ScheduleName::Cosine => Decay::Cosine,
        ScheduleName::Linear => Decay::Linear,
        ScheduleName::Constant => Decay::Constant,
        ScheduleName::Wsd => Decay::Wsd { fraction: 0.2 },
        ScheduleName::Step => Decay::Step { every: (steps / 10).max(1), factor: 0.5 },
    });
    let no_decay = (args.optimizer == OptimizerName::Adam).then_some(0.0);
    Tuning {
        rule,
        decay,
        lr: args.lr,
        warmup: args.warmup,
        weight_decay: args.weight_decay.or(no_decay),
        clip_norm: args.clip_norm,
    }
}

pub fn run(args: TrainArgs) -> Result<ExitCode, Failure> {
    check(&args)?;
    let json = args.json;
    let options = options(args)?;
    let (ui, reporter) = Ui::new();
    let result = runtime()?.block_on(corex_node::train::train(options, reporter, stop_signal()));
    ui.finish();
    match result {
        Ok(summary) => {
            if json {
                println!("{}", serde_json::to_string(&summary)?);
            } else {
                println!("{}", table(&summary));
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(error @ NodeError::Interrupted(_)) => {
            eprintln!("{error}");
            Ok(ExitCode::from(EXIT_INTERRUPTED))
        }
        Err(error) => Err(error.into()),
    }
}

fn check(args: &TrainArgs) -> Result<(), Failure> {
    let refuse = |why: String| Err(why.into());
    if args.network.is_some() && args.cheat.is_some() {
        return refuse("--cheat needs a network of its own\nhint: leave out --network".into());
    }
    if args.network.is_none() && (args.nodes == 0 || args.verifiers == 0) {
        return refuse(format!(
            "{} providers and {} verifiers cannot train\nhint: --nodes and --verifiers must be at least 1",
            args.nodes, args.verifiers
        ));
    }
    if args.cheat.is_some() && args.nodes < 2 {
        return refuse("--cheat needs an honest provider too\nhint: use --nodes 2 or more".into());
    }
    if args.threads.is_some_and(|t| t == 0 || t > 1024) {
        return refuse("--threads is out of range\nhint: use 1 to 1024".into());
    }
    match args.steps {
        Some(0) => refuse("--steps 0 trains nothing\nhint: use at least 1".into()),
        Some(n) if n > u64::from(corex_work::TrainingSpec::MAX_STEPS) => {
            refuse(format!("--steps {n} is absurd\nhint: at most {}", corex_work::TrainingSpec::MAX_STEPS))
        }
        _ => Ok(()),
    }
}

fn options(args: TrainArgs) -> Result<TrainOptions, Failure> {
    let key = network::account(args.key.as_deref())?;
    let (dir, new) = match args.resume.clone() {
        Some(dir) => (dir, None),
        None => {
            let network = match args.network.clone() {
                Some(path) => NetworkChoice::Join { path: std::path::absolute(path)? },
                None => NetworkChoice::Own {
                    chain: network::chain_choice(args.rpc.clone(), args.rpc_port),
                    profile: args.profile.clone(),
                    providers: args.nodes,
                    verifiers: args.verifiers,
                },
            };
            let (name, steps, work) = match (args.program.clone(), args.state.clone()) {
                (Some(step), Some(state)) => {
                    let [data] = <[PathBuf; 1]>::try_from(args.data)
                        .map_err(|_| "--program needs one --data file\nhint: a safetensors file with tensors [rows, …]")?;
                    let shards = if args.update.is_some() { args.shards } else { 0 };
                    let files = ProgramFiles {
                        step,
                        update: args.update,
                        eval: args.eval,
                        state,
                        data,
                        shards,
                        loop_rounds: args.loop_rounds,
                    };
                    let steps = args.steps.map(u32::try_from).transpose()?.unwrap_or(PROGRAM_STEPS);
                    ("program".to_owned(), steps, Work::Program(files))
                }
                _ => {
                    let (work, steps) = model_work(&args)?;
                    (work.name.clone(), steps, Work::Model(work))
                }
            };
            let new = NewJob { work, steps, seed: args.seed, network };
            (args.out.unwrap_or_else(|| free_folder(Path::new("out"), &name)), Some(new))
        }
    };
    Ok(TrainOptions {
        dir,
        new,
        cheat: args.cheat.map(cheat),
        key,
        threads: args.threads,
        listen: args.listen,
        program: std::env::current_exe()?,
    })
}

/// `out/nano-1`, `out/nano-2`, …: the first that does not exist.
fn free_folder(parent: &Path, name: &str) -> PathBuf {
    let mut n = 1u64;
    loop {
        let candidate = parent.join(format!("{name}-{n}"));
        if !candidate.exists() {
            return candidate;
        }
        n += 1;
    }
}

/// What was played on chain, a paragraph for each dispute.
fn disputes(s: &Summary) -> String {
    let name = |node: corex_work::Address| {
        let known = s.nodes.iter().find(|n| n.address == node);
        known.map_or_else(|| node.short(), |n| n.name.clone())
    };
    let mut out = String::new();
    for d in &s.disputes {
        let ruling = match d.ruling {
            Some(Ruling::Guilty) => "convicted",
            Some(Ruling::Innocent) => "acquitted",
            Some(Ruling::Dismissed) => "dismissed: another one convicted the result",
            None => "open",
        };
        out += &format!(
            "\ndispute {}: {} against {}, {ruling} after {} moves ({} gas, accused {} gas)\n  the last one {}\n",
            d.dispute,
            name(d.challenger),
            name(d.accused),
            d.moves,
            d.gas_challenger,
            d.gas_accused,
            d.ended
        );
    }
    out
}

fn table(s: &Summary) -> String {
    let dir = s.dir.display();
    let money = |amount: f64| format!("{amount:.3} {}", s.symbol);
    let (loss, files) = match &s.form {
        ModelForm::Tensors(_) => ("training loss", "state.safetensors"),
        ModelForm::Model(model) => {
            let loss = match model.input() {
                Input::Tokens { vocab: BYTES, .. } => "training loss, nats per byte",
                Input::Tokens { .. } => "training loss, nats per token",
                Input::Rows { .. } => "training loss, nats per row",
            };
            (loss, "model.safetensors, config.json")
        }
    };
    let change = |first: f32, last: f32| {
        // A job without an evaluation has no held-out loss.
        if last.is_nan() { "none".to_owned() } else { format!("{first:.4} -> {last:.4}") }
    };
    let rows = [
        (loss, change(s.loss_first, s.loss_last)),
        ("held-out loss", change(s.heldout_first, s.heldout_last)),
        ("model", s.model_hash.to_string()),
        ("speed", format!("{:.0} {}/s, {:.1} s in all", s.tokens_per_s, s.form.unit(), s.seconds)),
        ("audits", format!("{} answered, {} found a wrong result", s.audits, s.audits_failed)),
        ("rounds on chain", format!("{}, {} gas each", s.rounds, s.gas_per_round)),
        ("paid to providers", money(s.paid_from_escrow)),
        ("paid to verifiers", money(s.paid_for_audits)),
        ("fees, of which burned", format!("{}, {}", money(s.fees), money(s.burned))),
        ("refunded", money(s.refunded)),
        ("mined", money(s.mined)),
        ("slashed", money(s.slashed)),
    ];
    let mut out = String::new();
    for (name, value) in rows {
        out += &format!("{name:<29} {value}\n");
    }
    out += &disputes(s);
    out += "\nNODE                 ROLE      SHARE  TRUST  STATE\n";
    let total: u64 = s.nodes.iter().map(|n| n.units).sum();
    for n in &s.nodes {
        let role = if n.verifier { "verifier" } else { "provider" };
        let share = if total == 0 { 0.0 } else { 100.0 * n.units as f64 / total as f64 };
        let state = if n.banned { "convicted" } else { "" };
        out += format!("{:<20} {role:<8} {share:>5.1} %  {:>5.2}  {state}", n.name, n.trust).trim_end();
        out.push('\n');
    }
    out += &format!("\nresult in {dir}: {files}, lineage.json, loss.csv, loss.svg\n");
    if let ModelForm::Model(model) = &s.form
        && matches!(model.input(), Input::Tokens { vocab: BYTES, .. })
    {
        out += &format!("try:  corex generate --checkpoint {dir} --prompt 'fn main'\n");
    }
    out += &format!("check: corex verify {dir}");
    out
}
