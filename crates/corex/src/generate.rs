//! `corex generate`.

use crate::args::GenerateArgs;
use crate::{Failure, compute};
use std::io::Write;
use std::process::ExitCode;

/// Longer texts are refused: the model is evaluated once per byte.
const MAX_LENGTH: usize = 1 << 20;

pub fn run(args: GenerateArgs) -> Result<ExitCode, Failure> {
    if args.length > MAX_LENGTH {
        return Err(format!("--length {} is too long\nhint: at most {MAX_LENGTH}", args.length).into());
    }
    let sampler = corex_models::Sampler::new(args.temperature, args.top_k, args.seed)?;
    let mut stdout = std::io::stdout().lock();
    let mut broken = None;
    let mut text = Vec::new();
    let mut each = |byte: u8| {
        text.push(byte);
        if !args.json && broken.is_none() {
            // A reader that has gone away ends the output, not the program.
            broken = stdout.write_all(&[byte]).and_then(|()| stdout.flush()).err();
        }
    };
    if !args.json {
        each_byte(args.prompt.as_bytes(), &mut each);
    }
    corex_node::generate(
        &args.checkpoint,
        args.prompt.as_bytes(),
        args.length,
        &sampler,
        compute(None)?,
        &mut each,
    )?;
    if args.json {
        let text = String::from_utf8_lossy(&text);
        println!("{}", serde_json::json!({ "prompt": args.prompt, "text": text }));
    } else {
        println!();
    }
    Ok(ExitCode::SUCCESS)
}

fn each_byte(bytes: &[u8], each: &mut dyn FnMut(u8)) {
    bytes.iter().for_each(|b| each(*b));
}
