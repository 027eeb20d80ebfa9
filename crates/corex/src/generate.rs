//! `corex generate`.

use crate::args::GenerateArgs;
use crate::{Failure, compute};
use corex_models::{BYTES, Input};
use std::io::Write;
use std::process::ExitCode;

/// Longer texts are refused: the model is evaluated once per token.
const MAX_LENGTH: usize = 1 << 20;

pub fn run(args: GenerateArgs) -> Result<ExitCode, Failure> {
    if args.length > MAX_LENGTH {
        return Err(format!("--length {} is too long\nhint: at most {MAX_LENGTH}", args.length).into());
    }
    let sampler = corex_models::Sampler::new(args.temperature, args.top_k, args.seed)?;
    let bytes = args.ids.is_empty();
    if bytes && args.prompt.is_empty() {
        return Err(corex_node::GenerateError::EmptyPrompt.into());
    }
    let compute = compute(None)?;
    let model = corex_node::checkpoint::model_of(&args.checkpoint)?;
    if bytes && !matches!(model.input(), Input::Tokens { vocab: BYTES, .. }) {
        let why = "the model's tokens are not bytes, and corex has no tokenizer for them";
        return Err(format!("{why}\nhint: pass token ids with --ids, and decode what comes out").into());
    }
    let prompt: Vec<u32> =
        if bytes { args.prompt.bytes().map(u32::from).collect() } else { args.ids.clone() };
    let mut stdout = std::io::stdout().lock();
    let mut broken = None;
    let mut tokens = Vec::new();
    let mut each = |token: u32| {
        tokens.push(token);
        if !args.json && broken.is_none() {
            let shown = if bytes { vec![token as u8] } else { format!("{token} ").into_bytes() };
            // A reader that has gone away ends the output, not the program.
            broken = stdout.write_all(&shown).and_then(|()| stdout.flush()).err();
        }
    };
    if !args.json {
        prompt.iter().for_each(|token| each(*token));
    }
    corex_node::generate(&args.checkpoint, &prompt, args.length, &sampler, compute, &mut each)?;
    match (args.json, bytes) {
        (false, _) => println!(),
        (true, true) => {
            let text: Vec<u8> = tokens.iter().map(|token| *token as u8).collect();
            let text = String::from_utf8_lossy(&text);
            println!("{}", serde_json::json!({ "prompt": args.prompt, "text": text }));
        }
        (true, false) => println!("{}", serde_json::json!({ "prompt": prompt, "ids": tokens })),
    }
    Ok(ExitCode::SUCCESS)
}
