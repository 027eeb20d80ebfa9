//! `corex verify`.

use crate::args::VerifyArgs;
use crate::{EXIT_DISPROVED, Failure, compute};
use corex_node::verify::{Finding, Verification, VerifyOptions};
use indicatif::{ProgressBar, ProgressStyle};
use std::process::ExitCode;

pub fn run(args: VerifyArgs) -> Result<ExitCode, Failure> {
    if !(0.0..=1.0).contains(&args.sample) {
        return Err(
            format!("--sample {} is not a share\nhint: use a number between 0 and 1", args.sample).into()
        );
    }
    let seed = match args.seed {
        Some(seed) => seed,
        None => corex_node::random_u64()?,
    };
    let options = VerifyOptions { sample: args.sample, seed, compute: compute(args.threads)? };
    let bar = ProgressBar::new(0);
    let style = "{bar:24} {pos}/{len} tasks executed again  [{elapsed} < {eta}]";
    bar.set_style(ProgressStyle::with_template(style).expect("a constant template"));
    let result = corex_node::verify::verify(&args.dir, &options, &mut |done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let v = result?;
    if args.json {
        println!("{}", json(&v, seed));
    } else {
        println!("{}", text(&v));
    }
    Ok(match v.finding {
        Finding::Ok => ExitCode::SUCCESS,
        Finding::WrongTask { .. } => ExitCode::from(EXIT_DISPROVED),
    })
}

fn text(v: &Verification) -> String {
    match &v.finding {
        Finding::Ok => format!(
            "OK: executed {} of {} tasks again, every bit agrees; model {}",
            v.executed, v.tasks, v.model
        ),
        Finding::WrongTask { key, task, output, claimed, computed } => format!(
            "WRONG: task {task} ({key:?}), output {output}: the receipt says {claimed}, executing it gives {computed}"
        ),
    }
}

fn json(v: &Verification, seed: u64) -> serde_json::Value {
    let mut out = serde_json::json!({
        "ok": v.finding == Finding::Ok,
        "executed": v.executed,
        "tasks": v.tasks,
        "seed": seed,
        "model_hash": v.model,
    });
    if let Finding::WrongTask { key, task, output, claimed, computed } = &v.finding {
        out["wrong"] = serde_json::json!({
            "task": task, "place": key, "output": output, "claimed": claimed, "computed": computed,
        });
    }
    out
}
