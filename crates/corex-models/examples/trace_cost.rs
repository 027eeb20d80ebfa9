//! What a trace costs: the gradient task of a GPT, run plainly and traced, on one thread.
//!
//! `trace_cost LAYERS WIDTH HEADS CONTEXT BATCH` prints CPU seconds and the process's largest memory so far, plain run
//! first, then how much is hashed and by which kinds of operators.

use std::collections::BTreeMap;

use corex_engine::trace::Tracer;
use corex_engine::{Options, Program, Tensor};
use corex_models::{BYTES, BatchSizes, DataSizes, GptConfig, Model, Start, TrainingJob};

type Failure = Box<dyn std::error::Error>;

/// CPU seconds and largest resident memory in MiB of this process so far.
fn used() -> (f64, i64) {
    // SAFETY: an all-zero rusage is valid, and valid to write to.
    let usage = unsafe {
        let mut usage = std::mem::zeroed::<libc::rusage>();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    let seconds = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 * 1e-6;
    (seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss / 1024)
}

fn main() -> Result<(), Failure> {
    let args: Vec<usize> = std::env::args().skip(1).map(|arg| arg.parse()).collect::<Result<_, _>>()?;
    let &[layers, width, heads, context, batch] = &args[..] else {
        return Err("usage: trace_cost LAYERS WIDTH HEADS CONTEXT BATCH".into());
    };
    let model = Model::Gpt(GptConfig { vocab: BYTES, layers, width, heads, context, tied: true });
    let data: Vec<u8> = (0..200_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let optimizer = model.optimizer(1000);
    let sizes = DataSizes { train: data.len(), heldout: data.len() };
    let job =
        TrainingJob { model, optimizer, start: Start::Random, data: sizes, batch: BatchSizes::new(batch, 1) };
    let programs = job.programs()?;
    let options = Options { memory_limit: 16 << 30, ..Options::default() };
    let [seed, step, shard] = [1, 0, 0].map(Tensor::scalar_u32);
    let seed = seed?;
    let state = Program::compile(&programs.init, "main", &options)?.run(std::slice::from_ref(&seed))?;
    let inputs = [state[0].clone(), Tensor::from_u8(&data)?, seed, step?, shard?];

    let program = Program::compile(&programs.grad, "main", &options)?;
    program.run(&inputs)?;
    let (start, _) = used();
    let results = program.run(&inputs)?;
    let (end, plain_memory) = used();
    let plain = end - start;
    println!("plain {plain:.3} s, {plain_memory} MiB");
    drop(program);

    let tracer = Tracer::new(&programs.grad, "main", &options)?;
    let (start, _) = used();
    let trace = tracer.trace(&inputs)?;
    let (end, traced_memory) = used();
    let traced = end - start;
    println!("traced {traced:.3} s, {traced_memory} MiB, ratio {:.2}", traced / plain);
    assert_eq!(trace.results, results);
    println!("root {}", trace.root);

    let main = tracer.program().funcs.last().ok_or("a function")?;
    let mut kinds = BTreeMap::<String, (usize, usize)>::new();
    let origin = tracer.lowering().origins.last().ok_or("an origin")?;
    for (op, &at) in main.ops.iter().zip(&origin.ops) {
        let entry = kinds.entry(origin.func.ops[at].kind.name().to_owned()).or_default();
        entry.0 += 1;
        entry.1 += op.results.iter().map(|ty| ty.bytes()).sum::<usize>();
    }
    println!("{} operators, {} MiB", main.ops.len(), kinds.values().map(|k| k.1 >> 20).sum::<usize>());
    for (name, (count, bytes)) in kinds {
        println!("{:>6} MiB {count:>5} {name}", bytes >> 20);
    }
    Ok(())
}
