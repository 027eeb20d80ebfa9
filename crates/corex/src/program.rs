//! `corex program`: look at a StableHLO program, check it, run it.

mod lowered;

use crate::args::{CheckArgs, Fill, PrintArgs, ProgramCommand, RunArgs};
use crate::{Failure, compute};
use corex_engine::trace::Tracer;
use corex_engine::{Options, Program, Tensor, reference};
use corex_hlo::{DType, Func, Module, TensorType};
use corex_node::program_job::module;
use corex_work::BlobId;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

pub fn run(command: ProgramCommand) -> Result<ExitCode, Failure> {
    match command {
        ProgramCommand::Check(args) => check(&args),
        ProgramCommand::Print(args) => print(&args),
        ProgramCommand::Lower(args) => lowered::lower(&args),
        ProgramCommand::Run(args) => execute(&args),
    }
}

/// What a person wants to know of a function.
struct Card {
    name: String,
    params: Vec<TensorType>,
    results: Vec<TensorType>,
    operations: usize,
    /// `None` if it depends on the inputs how often a loop runs.
    units: Option<u64>,
}

impl Card {
    fn of(module: &Module, func: &Func) -> Result<Card, Failure> {
        let flat = corex_hlo::inline_calls(module, &func.name)?;
        let types = |values: &[corex_hlo::ValueId]| values.iter().map(|v| func.ty(*v).clone()).collect();
        Ok(Card {
            name: func.name.clone(),
            params: types(&func.params),
            results: types(&func.results),
            operations: flat.ops.len(),
            units: corex_hlo::work_units(module, &func.name).ok(),
        })
    }
}

fn check(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let module = module(&args.file)?;
    corex_hlo::verify(&module)?;
    let cards: Vec<Card> =
        module.funcs.iter().filter(|f| f.public).map(|f| Card::of(&module, f)).collect::<Result<_, _>>()?;
    let id = BlobId(corex_hlo::program_id(&module));
    if args.json {
        let names = |types: &[TensorType]| types.iter().map(ToString::to_string).collect::<Vec<_>>();
        let functions: Vec<_> = cards
            .iter()
            .map(|c| {
                json!({ "name": c.name, "params": names(&c.params), "results": names(&c.results),
                        "operations": c.operations, "units": c.units })
            })
            .collect();
        println!("{}", json!({ "program": id.to_string(), "functions": functions }));
        return Ok(ExitCode::SUCCESS);
    }
    println!("program {id}");
    for card in &cards {
        let units = card
            .units
            .map_or("as many units of work as its loops take".into(), |n| format!("{n} units of work"));
        println!("@{}: {} operations, {units}", card.name, card.operations);
        card.params.iter().enumerate().for_each(|(i, ty)| println!("  arg{i}  {ty}"));
        card.results.iter().enumerate().for_each(|(i, ty)| println!("  out{i}  {ty}"));
    }
    Ok(ExitCode::SUCCESS)
}

fn print(args: &PrintArgs) -> Result<ExitCode, Failure> {
    let module = module(&args.file)?;
    let text = if args.canonical { corex_hlo::canonical_text(&module) } else { corex_hlo::print(&module) };
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}

/// The public function that was asked for.
fn public<'m>(module: &'m Module, name: &str, file: &Path) -> Result<&'m Func, Failure> {
    module.func(name).filter(|f| f.public).ok_or_else(|| {
        let names: Vec<&str> = module.funcs.iter().filter(|f| f.public).map(|f| f.name.as_str()).collect();
        let (file, names) = (file.display(), names.join(", "));
        format!("{file} has no public function @{name}\nhint: --func takes one of {names}").into()
    })
}

fn execute(args: &RunArgs) -> Result<ExitCode, Failure> {
    let module = module(&args.file)?;
    let func = public(&module, &args.func, &args.file)?;
    let given = args.inputs.as_deref().map(corex_node::tensors::read).transpose()?.unwrap_or_default();
    let inputs = inputs(func, given, args)?;
    let compute = compute(args.threads)?;
    let options = Options {
        isa: compute.isa,
        threads: compute.threads,
        memory_limit: compute.memory_limit,
        ..Options::default()
    };
    let begun = Instant::now();
    let mut traced = None;
    let (outputs, compiled) = if args.reference {
        (reference::evaluate(&module, &args.func, &inputs, compute.memory_limit)?, begun)
    } else if args.trace {
        let tracer = Tracer::new(&module, &args.func, &options)?;
        let compiled = Instant::now();
        let shown = lowered::Shown::new(&tracer, &inputs, args.operator.as_ref())?;
        let outputs = shown.trace.results.clone();
        traced = Some((shown.json(&tracer), shown.text(&tracer)));
        (outputs, compiled)
    } else {
        let program = Program::compile(&module, &args.func, &options)?;
        let compiled = Instant::now();
        (program.run(&inputs)?, compiled)
    };
    let ran = compiled.elapsed();
    let ids: Vec<BlobId> = outputs.iter().map(|t| BlobId::of(t.bytes())).collect();
    if let Some(path) = &args.out {
        let named: Vec<_> = outputs.iter().enumerate().map(|(i, t)| (format!("out{i}"), t.clone())).collect();
        corex_node::tensors::write(path, &named)?;
    }
    let compile_s = compiled.duration_since(begun).as_secs_f64();
    if args.json {
        let list: Vec<_> = outputs
            .iter()
            .zip(&ids)
            .map(|(t, id)| json!({ "type": t.ty().to_string(), "blob": id.to_string() }))
            .collect();
        let mut result = json!({ "outputs": list, "compile_s": compile_s, "run_s": ran.as_secs_f64() });
        if let Some((trace, _)) = traced {
            result["trace"] = trace;
        }
        println!("{result}");
        return Ok(ExitCode::SUCCESS);
    }
    for (i, (tensor, id)) in outputs.iter().zip(&ids).enumerate() {
        println!("out{i}  {}  {id}  {}", tensor.ty(), beginning(tensor));
    }
    if let Some((_, text)) = traced {
        print!("{text}");
    }
    eprintln!("compiled in {compile_s:.3} s, ran in {:.3} s", ran.as_secs_f64());
    Ok(ExitCode::SUCCESS)
}

/// One tensor per parameter: from the file, or filled.
fn inputs(func: &Func, mut given: BTreeMap<String, Tensor>, args: &RunArgs) -> Result<Vec<Tensor>, Failure> {
    let mut inputs = Vec::with_capacity(func.params.len());
    for (i, param) in func.params.iter().enumerate() {
        let (name, ty) = (format!("arg{i}"), func.ty(*param));
        inputs.push(match (given.remove(&name), args.fill) {
            (Some(tensor), _) => tensor,
            (None, Some(fill)) => filled(ty, fill, i as u64)?,
            (None, None) => {
                return Err(format!("parameter {name} of @{}, a {ty}, was not given\nhint: --inputs FILE.safetensors with tensors arg0, arg1, …; --fill random or zeros for the rest", func.name).into());
            }
        });
    }
    if let Some(name) = given.keys().next() {
        return Err(format!(
            "the inputs hold `{name}`, which is no parameter of @{}\nhint: they are named arg0, arg1, …",
            func.name
        )
        .into());
    }
    Ok(inputs)
}

/// Zeros, or numbers that look random and are the same on every machine: floats in [-1, 1), small integers.
fn filled(ty: &TensorType, fill: Fill, seed: u64) -> Result<Tensor, Failure> {
    let bytes = corex_hlo::checked_bytes(ty).ok_or("a parameter's size overflows")?;
    if bytes as u64 > crate::MEMORY_LIMIT {
        return Err(format!(
            "a parameter of {bytes} bytes is larger than the limit of {} bytes",
            crate::MEMORY_LIMIT
        )
        .into());
    }
    let mut state = seed;
    let mut next = || {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    };
    let mut data = Vec::with_capacity(bytes);
    while data.len() < bytes && fill == Fill::Random {
        let word = next();
        let unit = (word >> 40) as f32 / (1 << 23) as f32 - 1.0;
        match ty.dtype {
            DType::F32 => data.extend(unit.to_le_bytes()),
            // The upper half of an f32 is a bf16; 0x3XXX in f16 is below 1.
            DType::BF16 => data.extend(&unit.to_le_bytes()[2..]),
            DType::F16 => data.extend(((word >> 48) as u16 & 0xBBFF).to_le_bytes()),
            DType::I1 => data.push((word & 1) as u8),
            _ => data.extend(&(word & 7).to_le_bytes()[..ty.dtype.size()]),
        }
    }
    data.resize(bytes, 0);
    Ok(Tensor::from_bytes(ty.clone(), &data)?)
}

/// The first elements, for a person.
fn beginning(tensor: &Tensor) -> String {
    const SHOWN: usize = 4;
    let Some(values) = tensor.to_f32() else { return String::new() };
    let shown: Vec<String> = values.iter().take(SHOWN).map(|v| format!("{v:e}")).collect();
    format!("{}{}", shown.join(" "), if values.len() > SHOWN { " …" } else { "" })
}
