//! `corex model`: checkpoints on disk.

use crate::args::{ConvertArgs, LogitsArgs, ModelCommand, ShowArgs, StorageType};
use crate::{Failure, compute};
use corex_engine::Tensor;
use corex_hlo::TensorType;
use corex_models::Input;
use corex_models::hf::Storage;
use corex_node::{checkpoint, dataset, tensors};
use corex_work::BlobId;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

pub fn run(command: ModelCommand) -> Result<ExitCode, Failure> {
    match command {
        ModelCommand::Show(args) => show(&args),
        ModelCommand::Convert(args) => convert(&args),
        ModelCommand::Logits(args) => logits(&args),
    }
}

fn show(args: &ShowArgs) -> Result<ExitCode, Failure> {
    let model = checkpoint::model_of(&args.dir)?;
    let hash = BlobId::of(&checkpoint::params_of(&args.dir)?);
    let parameters = model.param_table().total();
    if args.json {
        let config = serde_json::to_value(&model)?;
        let card = json!({ "family": model.family(), "parameters": parameters, "model_hash": hash, "config": config });
        println!("{card}");
        return Ok(ExitCode::SUCCESS);
    }
    println!("family      {}", model.family());
    println!("parameters  {parameters}");
    println!("model       {hash}");
    match model.input() {
        Input::Tokens { vocab, context } => println!("reads       {context} tokens of {vocab}"),
        Input::Rows { features, classes } => println!("reads       rows {features:?} of {classes} classes"),
    }
    for p in model.param_table().iter() {
        println!("  {:<52} {:?}", p.name, p.shape);
    }
    Ok(ExitCode::SUCCESS)
}

fn convert(args: &ConvertArgs) -> Result<ExitCode, Failure> {
    let model = checkpoint::model_of(&args.dir)?;
    let params = checkpoint::params_of(&args.dir)?;
    let storage = match args.dtype {
        StorageType::F32 => Storage::F32,
        StorageType::F16 => Storage::F16,
        StorageType::Bf16 => Storage::Bf16,
    };
    require_new(&args.out)?;
    checkpoint::save(&args.out, &model, &params, storage)?;
    eprintln!("{}: {} parameters", args.out.display(), model.param_table().total());
    Ok(ExitCode::SUCCESS)
}

/// Makes a folder that is not there yet, or is empty.
fn require_new(dir: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| format!("cannot use {}: {error}", dir.display());
    std::fs::create_dir_all(dir).map_err(failed)?;
    match std::fs::read_dir(dir).map_err(failed)?.next() {
        Some(_) => Err(format!("{} is not empty\nhint: choose another --out", dir.display()).into()),
        None => Ok(()),
    }
}

fn logits(args: &LogitsArgs) -> Result<ExitCode, Failure> {
    let logits = match &args.data {
        None => corex_node::token_logits(&args.dir, &args.ids, compute(None)?)?,
        Some(path) => corex_node::row_logits(&args.dir, &features(path)?, compute(None)?)?,
    };
    let hash = BlobId::of(logits.bytes());
    if let Some(path) = &args.out {
        tensors::write(path, &[("logits".to_owned(), logits.clone())])?;
    }
    let best = best(&logits);
    if args.json {
        let ty = logits.ty().to_string();
        println!("{}", json!({ "type": ty, "blob": hash.to_string(), "best": best }));
        return Ok(ExitCode::SUCCESS);
    }
    println!("logits  {}  {hash}", logits.ty());
    println!("best    {}", best.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    Ok(ExitCode::SUCCESS)
}

/// The tensor `features` of a file, as f32.
fn features(path: &Path) -> Result<Tensor, Failure> {
    let found = tensors::read(path)?.remove("features");
    let tensor = found.ok_or_else(|| format!("{} has no tensor `features`", path.display()))?;
    let ty = TensorType::f32(tensor.ty().shape.clone());
    let floats = dataset::floats(&tensor)
        .ok_or_else(|| format!("{}: features are f32 or bytes, not a {}", path.display(), tensor.ty()))?;
    Ok(Tensor::from_f32(&ty.shape, &floats)?)
}

/// Index of the largest element of every row, the first of equals.
fn best(logits: &Tensor) -> Vec<usize> {
    let width = logits.ty().shape.last().copied().unwrap_or(1).max(1);
    let values = logits.to_f32().unwrap_or_default();
    let largest = |row: &[f32]| {
        let mut best = 0;
        for (i, x) in row.iter().enumerate() {
            if *x > row[best] {
                best = i;
            }
        }
        best
    };
    values.chunks_exact(width).map(largest).collect()
}
