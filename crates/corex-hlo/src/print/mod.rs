//! Writes StableHLO text that MLIR and [`crate::parse`] read.
//!
//! Values are called by their number. Floats are written as `1.500000e+00` if that denotes exactly their
//! bits, else as the bits in hexadecimal, so that reading the text gives back the very same module (values
//! numbered in order, constants normalised).

mod number;
mod region;

use std::fmt::{Display, Write};

use crate::ir::*;
use crate::parse::kind::{COMPARE, TOTAL_ORDER, compare_type};
use crate::parse::region::reducer_op;
use region::Site;

/// The module as StableHLO text.
///
/// # Panics
/// If an operation names a value that its function does not have; [`crate::verify`] excludes that.
pub fn print(module: &Module) -> String {
    let mut out = String::new();
    line(&mut out, 0, format_args!("module @{} {{", module.name));
    for func in &module.funcs {
        print_func(&mut out, func);
    }
    out.push_str("}\n");
    out
}

/// Appends a line. Writing to a string cannot fail.
fn line(out: &mut String, indent: usize, text: impl Display) {
    let _ = writeln!(out, "{:indent$}{text}", "");
}

fn print_func(out: &mut String, func: &Func) {
    let names = names(func);
    let visibility = if func.public { "public" } else { "private" };
    let params = func.params.iter().map(|v| format!("{}: {}", names[v.index()], func.ty(*v)));
    let mut head = format!("func.func {visibility} @{}({})", func.name, comma(params));
    match &func.results[..] {
        [] => {}
        [one] => head += &format!(" -> {}", func.ty(*one)),
        many => head += &format!(" -> ({})", comma(many.iter().map(|&v| func.ty(v)))),
    }
    line(out, 2, format_args!("{head} {{"));
    for op in &func.ops {
        print_op(out, func, op, &names);
    }
    let results = &func.results;
    if results.is_empty() {
        line(out, 4, "return");
    } else {
        let (values, types) =
            (comma(results.iter().map(|v| &names[v.index()])), comma(results.iter().map(|&v| func.ty(v))));
        line(out, 4, format_args!("return {values} : {types}"));
    }
    line(out, 2, "}");
}

/// `%7`, or `%7#1` for the second result of an operation with several.
fn names(func: &Func) -> Vec<String> {
    let mut names: Vec<_> = (0..func.values.len()).map(|i| format!("%{i}")).collect();
    for op in func.ops.iter().filter(|op| op.results.len() > 1) {
        for (i, v) in op.results.iter().enumerate() {
            names[v.index()] = format!("%{}#{i}", op.results[0].0);
        }
    }
    names
}

fn print_op(out: &mut String, func: &Func, op: &Op, names: &[String]) {
    let name = |v: &ValueId| &names[v.index()][..];
    let bind = match &op.results[..] {
        [] => String::new(),
        [one] => format!("{} = ", name(one)),
        [first, ..] => format!("%{}:{} = ", first.0, op.results.len()),
    };
    let operands = comma(op.operands.iter().map(name));
    let operand_types = || op.operands.iter().map(|&v| func.ty(v));
    let result_types = comma(op.results.iter().map(|&v| func.ty(v)));
    // `: type` where all types are the same and MLIR's own form says so, else `: (types) -> type`.
    let full = format!("({}) -> {result_types}", comma(operand_types()));
    let same = if operand_types().all(|ty| op.results.first().is_some_and(|&v| func.ty(v) == ty)) {
        result_types.clone()
    } else {
        full.clone()
    };
    let mnemonic = op.kind.name();
    let site = Site { func, op, names };
    let plain = |attributes: String| format!("{mnemonic} {operands}{attributes} : {full}");
    let text = match &op.kind {
        OpKind::Constant(literal) => {
            let mut text = format!("{mnemonic} ");
            number::literal(&mut text, literal);
            text
        }
        OpKind::Iota { dim, .. } => format!("{mnemonic} dim = {dim} : {result_types}"),
        OpKind::Unary(_) if mnemonic.starts_with("chlo.") => {
            format!("{mnemonic} {operands} : {result_types} -> {result_types}")
        }
        OpKind::Unary(_) | OpKind::Binary(_) | OpKind::Clamp => format!("{mnemonic} {operands} : {same}"),
        OpKind::Compare(direction) | OpKind::CompareTotal(direction) => {
            let direction = COMPARE.iter().find(|(d, _)| d == direction).map_or("", |(_, name)| name);
            let order = match op.kind {
                OpKind::CompareTotal(_) => TOTAL_ORDER,
                _ => op.operands.first().map_or("", |&v| compare_type(func.ty(v).dtype)),
            };
            format!("{mnemonic} {direction}, {operands}, {order} : {full}")
        }
        OpKind::Select => {
            let pred = op.operands.first().map(|&v| func.ty(v).to_string()).unwrap_or_default();
            format!("{mnemonic} {operands} : {pred}, {result_types}")
        }
        OpKind::Convert(_)
        | OpKind::BitcastConvert(_)
        | OpKind::Reshape { .. }
        | OpKind::DynamicUpdateSlice => plain(String::new()),
        OpKind::ReducePrecision { exponent_bits, mantissa_bits } => {
            format!("{mnemonic} {operands}, format = e{exponent_bits}m{mantissa_bits} : {result_types}")
        }
        OpKind::BroadcastInDim { dims, .. } => plain(format!(", dims = {dims:?}")),
        OpKind::Transpose { perm } => plain(format!(", dims = {perm:?}")),
        OpKind::Reverse { dims } => format!("{mnemonic} {operands}, dims = {dims:?} : {same}"),
        OpKind::Slice { start, limit, strides } => {
            let ranges = (0..start.len()).map(|d| match strides[d] {
                1 => format!("{}:{}", start[d], limit[d]),
                step => format!("{}:{}:{step}", start[d], limit[d]),
            });
            plain(format!(" [{}]", comma(ranges)))
        }
        OpKind::DynamicSlice { sizes } => plain(format!(", sizes = {sizes:?}")),
        OpKind::Concatenate { dim } => plain(format!(", dim = {dim}")),
        OpKind::Pad { low, high, interior } => {
            plain(format!(", low = {low:?}, high = {high:?}, interior = {interior:?}"))
        }
        OpKind::Reduce { dims, reducer } => {
            let init = op.operands.get(1).map_or("", name);
            let operand = op.operands.first().map_or("", name);
            let combine = reducer_op(*reducer).unwrap_or("");
            format!(
                "{mnemonic}({operand} init: {init}) applies {combine} across dimensions = {dims:?} : {full}"
            )
        }
        OpKind::DotGeneral(dims) => {
            let mut text = String::new();
            if !dims.lhs_batch.is_empty() {
                text += &format!(", batching_dims = {:?} x {:?}", dims.lhs_batch, dims.rhs_batch);
            }
            text += &format!(", contracting_dims = {:?} x {:?}", dims.lhs_contract, dims.rhs_contract);
            plain(text)
        }
        OpKind::While { cond, body } => site.while_loop(cond, body),
        OpKind::Case { branches } => site.case(branches),
        OpKind::ReduceWith { dims, body } => site.reduce(dims, body),
        OpKind::ScatterWith { dims, body } => site.scatter(scatter(dims), body),
        OpKind::Sort { dim, comparator } => site.sort(*dim, comparator),
        OpKind::Convolution(dims) => site.convolution(dims),
        OpKind::ReduceWindow { window, reducer } => site.reduce_window(window, *reducer),
        OpKind::ReduceWindowWith { window, body } => site.reduce_window_with(window, body),
        OpKind::SelectAndScatter { window, select, scatter } => {
            site.select_and_scatter(window, *select, *scatter)
        }
        OpKind::Gather(dims) => format!("\"{mnemonic}\"({operands}) {} : {full}", gather(dims)),
        OpKind::Scatter(dims, reducer) => {
            let body = site.reducer_region(*reducer);
            format!("\"{mnemonic}\"({operands}) <{{{}}}> ({{\n{body}    }}) : {full}", scatter(dims))
        }
        OpKind::Call { callee } => match op.results.len() {
            1 => format!("call @{callee}({operands}) : {full}"),
            _ => format!("call @{callee}({operands}) : ({}) -> ({result_types})", comma(operand_types())),
        },
    };
    line(out, 4, format_args!("{bind}{text}"));
}

fn comma(items: impl Iterator<Item = impl Display>) -> String {
    let mut text = String::new();
    for item in items {
        if !text.is_empty() {
            text.push_str(", ");
        }
        let _ = write!(text, "{item}");
    }
    text
}

/// `name = [1, 2]` of those that are not empty: MLIR leaves out the others.
fn dimension_numbers(lists: &[(&str, &[usize])], index_vector_dim: usize) -> String {
    let lists =
        lists.iter().filter(|(_, dims)| !dims.is_empty()).map(|(name, dims)| format!("{name} = {dims:?}"));
    let index = (index_vector_dim != 0).then(|| format!("index_vector_dim = {index_vector_dim}"));
    comma(lists.chain(index))
}

fn gather(dims: &GatherDims) -> String {
    let numbers = dimension_numbers(
        &[
            ("offset_dims", &dims.offset_dims),
            ("collapsed_slice_dims", &dims.collapsed_slice_dims),
            ("operand_batching_dims", &dims.operand_batching_dims),
            ("start_indices_batching_dims", &dims.start_indices_batching_dims),
            ("start_index_map", &dims.start_index_map),
        ],
        dims.index_vector_dim,
    );
    let sizes = region::array(&dims.slice_sizes);
    format!(
        "<{{dimension_numbers = #stablehlo.gather<{numbers}>, indices_are_sorted = false, slice_sizes = {sizes}}}>"
    )
}

/// The inside of the properties.
fn scatter(dims: &ScatterDims) -> String {
    let numbers = dimension_numbers(
        &[
            ("update_window_dims", &dims.update_window_dims),
            ("inserted_window_dims", &dims.inserted_window_dims),
            ("input_batching_dims", &dims.input_batching_dims),
            ("scatter_indices_batching_dims", &dims.scatter_indices_batching_dims),
            ("scatter_dims_to_operand_dims", &dims.scatter_dims_to_operand_dims),
        ],
        dims.index_vector_dim,
    );
    format!(
        "indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<{numbers}>, unique_indices = false"
    )
}
