//! The lowered form as text for people: a line per operator. It is not read back.

use std::fmt::Write;

use super::form::*;
use crate::ir::*;

/// The program, a block per function; the last one is what a task calls.
pub fn print(program: &Lowered) -> String {
    let mut out = String::new();
    for (i, constant) in program.constants.iter().enumerate() {
        let id = constant.id().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        _ = writeln!(out, "%c{i} = blob:{id} : {}", constant.ty());
    }
    for (f, func) in program.funcs.iter().enumerate() {
        let params = func.params.iter().enumerate().map(|(i, ty)| format!("%a{i}: {ty}"));
        _ = writeln!(out, "function {f} ({})", join(params));
        for (at, op) in func.ops.iter().enumerate() {
            _ = writeln!(out, "{:>5}  {}", at, print_op(op));
        }
        _ = writeln!(out, "       return {}", join(func.results.iter().map(|x| source(&x.source))));
    }
    out
}

/// One operator: kind, indices, what it reads, types of the results.
///
/// Indices of the result are `i0`, `i1`, …, those of the chain `k0`, `k1`, …. An operand in brackets is read at these
/// positions, elements of its dimensions or of some of them taken together; `a | b` is `b` where `a` is a hole.
pub fn print_op(op: &LoweredOp) -> String {
    let operands = || join(op.operands.iter().map(|x| source(&x.source)));
    let text = match &op.kind {
        Kind::Map { space, function, reads } => {
            let names = Names { op, results: space.len() };
            let reads = join(reads.iter().map(|r| names.read(r)));
            format!("map {} {} {reads}", sizes("i", space), name(*function))
        }
        Kind::Fold(fold) => {
            let names = Names { op, results: fold.space.len() };
            let reads = join(fold.reads.iter().map(|r| names.read(r)));
            let inits = join(fold.inits.iter().map(|r| names.read(r)));
            let from = if fold.inits.is_empty() { String::new() } else { format!(" from {inits}") };
            let (space, over) = (sizes("i", &fold.space), sizes("k", &fold.over));
            format!("fold {space} over {over} {} {reads}{from}", combine(fold))
        }
        Kind::Merge(m) => {
            let by = body(&m.comparator, 2 * op.operands.len());
            format!(
                "merge runs of {} in {}x{}x{} by {by} {}",
                m.width,
                m.outer,
                m.length,
                m.inner,
                operands()
            )
        }
        Kind::Reinterpret => format!("reinterpret {}", operands()),
        Kind::While { cond, body } => format!("while function {cond} do function {body} {}", operands()),
        Kind::Case { branches } => {
            format!("case functions {} {}", join(branches.iter().map(ToString::to_string)), operands())
        }
    };
    format!("{text} : {}", join(op.results.iter().map(ToString::to_string)))
}

fn join(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

fn sizes(index: &str, sizes: &[u64]) -> String {
    format!("[{}]", join(sizes.iter().enumerate().map(|(d, n)| format!("{index}{d}<{n}"))))
}

fn source(source: &Source) -> String {
    match source {
        Source::Param(i) => format!("%a{i}"),
        Source::Op { op, result: 0 } => format!("%{op}"),
        Source::Op { op, result } => format!("%{op}#{result}"),
        Source::Constant(i) => format!("%c{i}"),
    }
}

/// The operation's name, without its dialect.
fn name(function: Scalar) -> String {
    let plain = |kind: &OpKind| kind.name().split('.').next_back().unwrap_or_default().to_owned();
    match function {
        Scalar::Copy => "copy".to_owned(),
        Scalar::Compare(dir) => format!("compare_{dir:?}").to_lowercase(),
        Scalar::CompareTotal(dir) => format!("compare_total_{dir:?}").to_lowercase(),
        Scalar::Convert(to) => format!("convert_{}", to.name()),
        Scalar::Bitcast(to) => format!("bitcast_{}", to.name()),
        Scalar::ReducePrecision { exponent_bits, mantissa_bits } => {
            format!("reduce_precision_e{exponent_bits}m{mantissa_bits}")
        }
        function => function.kind().as_ref().map(plain).unwrap_or_default(),
    }
}

fn combine(fold: &Fold) -> String {
    match &fold.combine {
        Combine::Contract => "contract".to_owned(),
        Combine::Sum { lanes } => format!("sum_{lanes}"),
        Combine::Chain(function) => name(Scalar::Binary(*function)),
        Combine::Body(function) => body(function, fold.inits.len() + fold.reads.len()),
    }
}

/// `{r2 = add r0 r1; r2}`; registers from `first` on are the steps'.
fn body(body: &Body, first: usize) -> String {
    let step = |(i, step): (usize, &Step)| match step {
        Step::Literal { dtype, bits } => format!("r{} = {bits:#x}:{}; ", first + i, dtype.name()),
        Step::Apply { function, args, .. } => {
            let args: Vec<String> = args.iter().map(|r| format!("r{r}")).collect();
            format!("r{} = {} {}; ", first + i, name(*function), args.join(" "))
        }
    };
    let steps: String = body.steps.iter().enumerate().map(step).collect();
    format!("{{{steps}{}}}", join(body.results.iter().map(|r| format!("r{r}"))))
}

/// What a read's operands and indices are called.
struct Names<'o> {
    op: &'o LoweredOp,
    /// Number of indices of the result.
    results: usize,
}

impl Names<'_> {
    fn read(&self, read: &Read) -> String {
        let places = read.places.iter().map(|place| match place {
            Place::Element { operand, axes } => self.element(*operand, axes),
            Place::Literal(bits) => format!("{bits:#x}:{}", read.dtype.name()),
            Place::Index(at) => format!("index({})", self.affine(at)),
        });
        places.collect::<Vec<_>>().join(" | ")
    }

    fn element(&self, operand: u32, axes: &[Axis]) -> String {
        let x = self.op.operands.get(operand as usize).map(|x| source(&x.source)).unwrap_or_default();
        let (guards, axes): (Vec<&Axis>, Vec<&Axis>) =
            axes.iter().partition(|a| a.size == 1 && a.stride == 0);
        let list = |axes: Vec<&Axis>| join(axes.into_iter().map(|axis| self.axis(axis)));
        let position = if axes.is_empty() { String::new() } else { format!("[{}]", list(axes)) };
        let condition =
            if guards.is_empty() { String::new() } else { format!(" where 0 = {}", list(guards)) };
        format!("{x}{position}{condition}")
    }

    fn axis(&self, axis: &Axis) -> String {
        let mut at = self.affine(&axis.at);
        if let Some(start) = &axis.start {
            let sign = if start.negative { '-' } else { '+' };
            let element = self.element(start.operand, &start.axes);
            at = match start.most {
                Some(most) => format!("{at} {sign} clamp({element}, {most})"),
                None => format!("{at} {sign} {element}"),
            };
        }
        if axis.divisor == 1 { at } else { format!("({at})/{}", axis.divisor) }
    }

    fn affine(&self, at: &Affine) -> String {
        let mut text = String::new();
        for &(index, coefficient) in &at.terms {
            let index = index as usize;
            let index = match index.checked_sub(self.results) {
                Some(k) => format!("k{k}"),
                None => format!("i{index}"),
            };
            let sign = match (coefficient < 0, text.is_empty()) {
                (true, true) => "-",
                (true, false) => " - ",
                (false, true) => "",
                (false, false) => " + ",
            };
            let times = coefficient.unsigned_abs();
            let times = if times == 1 { String::new() } else { format!("{times}*") };
            _ = write!(text, "{sign}{times}{index}");
        }
        match (at.offset, text.is_empty()) {
            (0, false) => text,
            (offset, true) => offset.to_string(),
            (offset, false) if offset < 0 => format!("{text} - {}", offset.unsigned_abs()),
            (offset, false) => format!("{text} + {offset}"),
        }
    }
}
