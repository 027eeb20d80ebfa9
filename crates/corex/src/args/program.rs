//! Arguments of `corex program`.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What `corex program` can do.
#[derive(Subcommand, Debug)]
pub enum ProgramCommand {
    /// Read and check a program; show its functions and what they cost.
    Check(CheckArgs),
    /// Print a program the way corex writes it.
    Print(PrintArgs),
    /// Show the form that traces and disputes speak of: operators, how they read their operands, the root of it all.
    Lower(LowerArgs),
    /// Run a function of a program; the results are the same bits on every machine.
    Run(RunArgs),
}

/// `corex program check`.
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// StableHLO text.
    pub file: PathBuf,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}

/// `corex program print`.
#[derive(Args, Debug)]
pub struct PrintArgs {
    /// StableHLO text.
    pub file: PathBuf,
    /// Print the form whose hash is the program's id.
    #[arg(long)]
    pub canonical: bool,
}

/// `corex program lower`.
#[derive(Args, Debug)]
pub struct LowerArgs {
    /// StableHLO text.
    pub file: PathBuf,
    /// The function to lower.
    #[arg(long, default_value = "main")]
    pub func: String,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}

/// What parameters hold that no file gives.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Zeros.
    Zeros,
    /// Numbers that look random and are the same on every machine.
    Random,
}

/// `corex program run`.
#[derive(Args, Debug)]
pub struct RunArgs {
    /// StableHLO text.
    pub file: PathBuf,
    /// The function to run.
    #[arg(long, default_value = "main")]
    pub func: String,
    /// Parameters: tensors named arg0, arg1, … in a safetensors file.
    #[arg(long, value_name = "FILE")]
    pub inputs: Option<PathBuf>,
    /// Fill the parameters that are not in --inputs.
    #[arg(long, value_enum)]
    pub fill: Option<Fill>,
    /// Write the results to this safetensors file, named out0, out1, …
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Use the slow interpreter that defines what every operator means.
    #[arg(long, conflicts_with = "trace")]
    pub reference: bool,
    /// Hash the result of every lowered operator; show the root over all of them.
    #[arg(long)]
    pub trace: bool,
    /// Show one operator of the trace: its number, or 12.3.7 for operator 7 in frame 3 of the loop 12.
    #[arg(long, value_name = "PLACE", requires = "trace")]
    pub operator: Option<corex_engine::trace::Path>,
    /// Threads [default: all cores].
    #[arg(long)]
    pub threads: Option<usize>,
    /// End with one JSON object on stdout.
    #[arg(long)]
    pub json: bool,
}
