//! Operations with regions and windows, in MLIR's generic form. A region does nothing but call its function.

use std::fmt::Display;

use super::{comma, line};
use crate::ir::*;
use crate::parse::kind::{COMPARE, compare_type};
use crate::parse::region::reducer_op;

/// An operation being printed.
pub(super) struct Site<'a> {
    pub(super) func: &'a Func,
    pub(super) op: &'a Op,
    /// Names of the function's values.
    pub(super) names: &'a [String],
}

impl Site<'_> {
    fn types(&self, values: &[ValueId]) -> Vec<TensorType> {
        values.iter().map(|&v| self.func.ty(v).clone()).collect()
    }

    /// `"name"(%a, %b) properties ({…}) : (types) -> (types)`, with the properties' inside and the regions' given.
    fn generic(&self, operands: &[ValueId], properties: &[String], regions: &[String]) -> String {
        let name = |v: &ValueId| &self.names[v.index()];
        let properties = match properties {
            [] => String::new(),
            some => format!(" <{{{}}}>", some.join(", ")),
        };
        let regions = match regions {
            [] => String::new(),
            some => format!(" ({{\n{}    }})", some.join("    }, {\n")),
        };
        let results = match &self.types(&self.op.results)[..] {
            [one] => one.to_string(),
            many => format!("({})", comma(many.iter())),
        };
        format!(
            "\"{}\"({}){properties}{regions} : ({}) -> {results}",
            self.op.kind.name(),
            comma(operands.iter().map(name)),
            comma(self.types(operands).iter()),
        )
    }

    /// A region that calls `callee` with its arguments and then with `shared`, and returns what that returns.
    fn region(
        &self,
        callee: &str,
        args: &[TensorType],
        shared: &[ValueId],
        results: &[TensorType],
    ) -> String {
        let mut text = String::new();
        if !args.is_empty() {
            let args = args.iter().enumerate().map(|(i, ty)| format!("%a{i}: {ty}"));
            line(&mut text, 4, format_args!("^bb0({}):", comma(args)));
        }
        let own = (0..args.len()).map(|i| format!("%a{i}"));
        let operands = comma(own.chain(shared.iter().map(|v| self.names[v.index()].clone())));
        let types = comma(args.iter().chain(&self.types(shared)));
        let (bind, returned, result_types) = match results {
            [] => (String::new(), String::new(), "()".to_owned()),
            [one] => ("%r = ".to_owned(), format!(" %r : {one}"), one.to_string()),
            many => {
                let all = comma((0..many.len()).map(|i| format!("%r#{i}")));
                let types = comma(many.iter());
                (format!("%r:{} = ", many.len()), format!(" {all} : {types}"), format!("({types})"))
            }
        };
        line(
            &mut text,
            6,
            format_args!("{bind}func.call @{callee}({operands}) : ({types}) -> {result_types}"),
        );
        line(&mut text, 6, format_args!("stablehlo.return{returned}"));
        text
    }

    /// A region over scalars of these types.
    fn scalar_region(&self, callee: &str, args: &[TensorType], results: &[TensorType]) -> String {
        self.region(callee, args, &[], results)
    }

    pub(super) fn while_loop(&self, cond: &str, body: &str) -> String {
        let (carried, shared) = self.op.operands.split_at(self.op.results.len().min(self.op.operands.len()));
        let types = self.types(carried);
        let test = self.region(cond, &types, shared, &[TensorType::scalar(DType::I1)]);
        self.generic(carried, &[], &[test, self.region(body, &types, shared, &types)])
    }

    pub(super) fn case(&self, branches: &[String]) -> String {
        let (index, shared) = self.op.operands.split_at(1.min(self.op.operands.len()));
        let results = self.types(&self.op.results);
        let regions: Vec<_> = branches.iter().map(|name| self.region(name, &[], shared, &results)).collect();
        self.generic(index, &[], &regions)
    }

    /// The region of an operation that folds the first half of these operands.
    fn fold_region(&self, tensors: &[ValueId], body: &str) -> String {
        let elements: Vec<_> = tensors.iter().map(|&v| TensorType::scalar(self.func.ty(v).dtype)).collect();
        self.scalar_region(body, &[&elements[..], &elements].concat(), &elements)
    }

    /// The tensors among the operands `n` tensors, maybe indices, `n` others.
    fn tensors(&self) -> &[ValueId] {
        &self.op.operands[..self.op.operands.len() / 2]
    }

    pub(super) fn reduce(&self, dims: &[usize], body: &str) -> String {
        let region = self.fold_region(self.tensors(), body);
        self.generic(&self.op.operands, &[format!("dimensions = {}", array(dims))], &[region])
    }

    pub(super) fn scatter(&self, properties: String, body: &str) -> String {
        let region = self.fold_region(self.tensors(), body);
        self.generic(&self.op.operands, &[properties], &[region])
    }

    pub(super) fn sort(&self, dim: usize, comparator: &str) -> String {
        let elements = self.op.operands.iter().map(|&v| TensorType::scalar(self.func.ty(v).dtype));
        let pairs: Vec<_> = elements.flat_map(|ty| [ty.clone(), ty]).collect();
        let region = self.scalar_region(comparator, &pairs, &[TensorType::scalar(DType::I1)]);
        let properties = [format!("dimension = {dim} : i64"), "is_stable = true".to_owned()];
        self.generic(&self.op.operands, &properties, &[region])
    }

    pub(super) fn reduce_window(&self, window: &[WindowDim], reducer: Reducer) -> String {
        self.generic(&self.op.operands, &window_properties(window), &[self.reducer_region(reducer)])
    }

    pub(super) fn reduce_window_with(&self, window: &[WindowDim], body: &str) -> String {
        let region = self.fold_region(self.tensors(), body);
        self.generic(&self.op.operands, &window_properties(window), &[region])
    }

    pub(super) fn select_and_scatter(
        &self,
        window: &[WindowDim],
        select: CompareDir,
        scatter: Reducer,
    ) -> String {
        let element = self.element();
        let mut compare = String::new();
        let direction = COMPARE.iter().find(|(d, _)| *d == select).map_or("", |(_, name)| name);
        let order = compare_type(element.dtype);
        line(&mut compare, 4, format_args!("^bb0(%a0: {element}, %a1: {element}):"));
        line(
            &mut compare,
            6,
            format_args!(
                "%r = stablehlo.compare {direction}, %a0, %a1, {order} : ({element}, {element}) -> tensor<i1>"
            ),
        );
        line(&mut compare, 6, "stablehlo.return %r : tensor<i1>");
        let properties: Vec<_> =
            window_properties(window).into_iter().filter(|p| !p.contains("dilations")).collect();
        self.generic(&self.op.operands, &properties, &[compare, self.reducer_region(scatter)])
    }

    /// Type of an element of the first operand.
    fn element(&self) -> TensorType {
        TensorType::scalar(self.op.operands.first().map_or(DType::F32, |&v| self.func.ty(v).dtype))
    }

    /// The region as MLIR prints it; its names are local to it, but must differ from those outside.
    pub(super) fn reducer_region(&self, reducer: Reducer) -> String {
        let ty = self.element();
        let mut body = String::new();
        line(&mut body, 4, format_args!("^bb0(%old: {ty}, %update: {ty}):"));
        let returned = match reducer_op(reducer) {
            Some(combine) => {
                line(&mut body, 6, format_args!("%new = {combine} %old, %update : {ty}"));
                "%new"
            }
            None => "%update",
        };
        line(&mut body, 6, format_args!("stablehlo.return {returned} : {ty}"));
        body
    }

    pub(super) fn convolution(&self, dims: &ConvDims) -> String {
        let layout = |of: &ConvLayout, names: [&str; 2]| {
            let mut parts = vec![String::new(); of.spatial.len() + 2];
            parts[of.batch] = names[0].to_owned();
            parts[of.feature] = names[1].to_owned();
            of.spatial.iter().enumerate().for_each(|(i, &d)| parts[d] = i.to_string());
            format!("[{}]", parts.join(", "))
        };
        let numbers = format!(
            "#stablehlo.conv<{}x{}->{}>",
            layout(&dims.lhs, ["b", "f"]),
            layout(&dims.rhs, ["o", "i"]),
            layout(&dims.result, ["b", "f"])
        );
        let window = &dims.window;
        let reversal = match &dims.reversal[..] {
            [] => "array<i1>".to_owned(),
            some => format!("array<i1: {}>", comma(some.iter())),
        };
        let properties = [
            format!("batch_group_count = {} : i64", dims.batch_groups),
            format!("dimension_numbers = {numbers}"),
            format!("feature_group_count = {} : i64", dims.feature_groups),
            format!("lhs_dilation = {}", array(&per_dim(window, |w| w.base_dilation))),
            format!("padding = {}", padding(window)),
            format!("rhs_dilation = {}", array(&per_dim(window, |w| w.window_dilation))),
            format!("window_reversal = {reversal}"),
            format!("window_strides = {}", array(&per_dim(window, |w| w.stride))),
        ];
        self.generic(&self.op.operands, &properties, &[])
    }
}

fn per_dim(window: &[WindowDim], of: impl Fn(&WindowDim) -> usize) -> Vec<usize> {
    window.iter().map(of).collect()
}

fn window_properties(window: &[WindowDim]) -> Vec<String> {
    vec![
        format!("base_dilations = {}", array(&per_dim(window, |w| w.base_dilation))),
        format!("padding = {}", padding(window)),
        format!("window_dilations = {}", array(&per_dim(window, |w| w.window_dilation))),
        format!("window_dimensions = {}", array(&per_dim(window, |w| w.size))),
        format!("window_strides = {}", array(&per_dim(window, |w| w.stride))),
    ]
}

/// `array<i64: 1, 2>`.
pub(super) fn array(values: &[impl Display]) -> String {
    match values {
        [] => "array<i64>".to_owned(),
        some => format!("array<i64: {}>", comma(some.iter())),
    }
}

/// `dense<[[0, 1], [2, 3]]> : tensor<2x2xi64>`.
fn padding(window: &[WindowDim]) -> String {
    let pairs = window.iter().map(|w| format!("[{}, {}]", w.low, w.high));
    match window.len() {
        0 => "dense<> : tensor<0x2xi64>".to_owned(),
        n => format!("dense<[{}]> : tensor<{n}x2xi64>", comma(pairs)),
    }
}
