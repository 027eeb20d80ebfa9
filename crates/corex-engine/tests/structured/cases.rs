//! The cases of `vectors/structured`, one function per operator: attributes and types as StableHLO writes them, with
//! `T` for the element type.

/// A case: an operation in generic form, or the body of a function.
pub struct Case {
    /// File, without extension: the operator's name.
    pub file: &'static str,
    pub name: &'static str,
    /// Element types that `T` stands for, in turn.
    pub types: &'static str,
    /// Types of the function's parameters `%a0`, `%a1`, ….
    pub inputs: &'static str,
    /// Types of its results `%r#0`, `%r#1`, ….
    pub results: &'static str,
    pub program: String,
}

const ALL: &str = "i1 i8 i16 i32 i64 ui8 ui16 ui32 ui64 f16 bf16 f32";
const NUMBERS: &str = "i8 i32 i64 ui16 ui64 f16 bf16 f32";
const SOME: &str = "i1 ui8 i32 bf16 f32";
const FLOATS: &str = "f16 bf16 f32";
const F32: &str = "f32";

#[derive(Default)]
pub struct Cases(pub Vec<Case>);

impl Cases {
    /// The operation `stablehlo.FILE` of all inputs, with these attributes and regions.
    fn op(
        &mut self,
        file: &'static str,
        name: &'static str,
        types: &'static str,
        attributes: &str,
        inputs: &'static str,
        results: &'static str,
    ) {
        let count = inputs.matches("tensor").count();
        let operands: Vec<String> = (0..count).map(|i| format!("%a{i}")).collect();
        let program = format!(
            "%r:{} = \"stablehlo.{file}\"({}) {attributes} : ({inputs}) -> ({results})",
            results.matches("tensor").count(),
            operands.join(", ")
        );
        self.0.push(Case { file, name, types, inputs, results, program });
    }

    fn body(
        &mut self,
        file: &'static str,
        name: &'static str,
        types: &'static str,
        program: &str,
        inputs: &'static str,
        results: &'static str,
    ) {
        self.0.push(Case { file, name, types, inputs, results, program: program.to_owned() });
    }
}

/// A region of one operation on its two arguments.
fn region(op: &str) -> String {
    format!(
        "({{ ^bb0(%p: tensor<T>, %q: tensor<T>): %s = stablehlo.{op} %p, %q : tensor<T> \
         stablehlo.return %s : tensor<T> }})"
    )
}

/// A region that compares its two arguments.
fn comparison(dir: &str) -> String {
    format!(
        "({{ ^bb0(%p: tensor<T>, %q: tensor<T>): \
         %s = \"stablehlo.compare\"(%p, %q) <{{comparison_direction = #stablehlo<comparison_direction {dir}>}}> : \
         (tensor<T>, tensor<T>) -> tensor<i1> \"stablehlo.return\"(%s) : (tensor<i1>) -> () }})"
    )
}

pub fn all() -> Vec<Case> {
    let mut cases = Cases::default();
    movement(&mut cases);
    indexed(&mut cases);
    folds(&mut cases);
    contractions(&mut cases);
    windows(&mut cases);
    sorts(&mut cases);
    control(&mut cases);
    others(&mut cases);
    cases.0
}

fn movement(c: &mut Cases) {
    c.op("iota", "outer", NUMBERS, "{iota_dimension = 0 : i64}", "", "tensor<5x2xT>");
    c.op("iota", "inner", NUMBERS, "{iota_dimension = 1 : i64}", "", "tensor<2x300xT>");
    let dims = "{broadcast_dimensions = array<i64: 2, 0>}";
    c.op("broadcast_in_dim", "crossed", SOME, dims, "tensor<3x1xT>", "tensor<4x2x3xT>");
    c.op(
        "broadcast_in_dim",
        "scalar",
        ALL,
        "{broadcast_dimensions = array<i64>}",
        "tensor<T>",
        "tensor<2x2xT>",
    );
    c.op(
        "broadcast_in_dim",
        "to_nothing",
        F32,
        "{broadcast_dimensions = array<i64: 1>}",
        "tensor<1xT>",
        "tensor<3x0xT>",
    );
    c.op("reshape", "factors", SOME, "", "tensor<4x3xT>", "tensor<2x1x6xT>");
    c.op("reshape", "to_scalar", SOME, "", "tensor<1x1xT>", "tensor<T>");
    c.op(
        "transpose",
        "cycle",
        ALL,
        "{permutation = array<i64: 2, 0, 1>}",
        "tensor<2x3x4xT>",
        "tensor<4x2x3xT>",
    );
    c.op("transpose", "scalar", F32, "{permutation = array<i64>}", "tensor<T>", "tensor<T>");
    c.op(
        "slice",
        "strided",
        ALL,
        "{start_indices = array<i64: 1, 0>, limit_indices = array<i64: 5, 4>, strides = array<i64: 2, 3>}",
        "tensor<5x4xT>",
        "tensor<2x2xT>",
    );
    c.op(
        "slice",
        "empty",
        F32,
        "{start_indices = array<i64: 2, 1>, limit_indices = array<i64: 2, 4>, strides = array<i64: 1, 1>}",
        "tensor<5x4xT>",
        "tensor<0x3xT>",
    );
    c.op("reverse", "both", ALL, "{dimensions = array<i64: 0, 1>}", "tensor<3x4xT>", "tensor<3x4xT>");
    c.op("reverse", "none", F32, "{dimensions = array<i64>}", "tensor<3x4xT>", "tensor<3x4xT>");
    c.op(
        "concatenate",
        "three",
        ALL,
        "{dimension = 1 : i64}",
        "tensor<2x3xT>, tensor<2x0xT>, tensor<2x2xT>",
        "tensor<2x5xT>",
    );
    let pad = |low: &str, high: &str, interior: &str| {
        format!(
            "{{edge_padding_low = array<i64: {low}>, edge_padding_high = array<i64: {high}>, \
             interior_padding = array<i64: {interior}>}}"
        )
    };
    c.op("pad", "all_sides", ALL, &pad("1, 0", "0, 2", "0, 1"), "tensor<2x3xT>, tensor<T>", "tensor<3x7xT>");
    c.op("pad", "cropped", SOME, &pad("-1, 2", "1, -3", "1, 2"), "tensor<3x3xT>, tensor<T>", "tensor<5x6xT>");
    c.op(
        "pad",
        "nothing_left",
        F32,
        &pad("3, -9", "0, 4", "0, 0"),
        "tensor<2x5xT>, tensor<T>",
        "tensor<5x0xT>",
    );
    c.op("pad", "of_nothing", F32, &pad("2", "1", "3"), "tensor<0xT>, tensor<T>", "tensor<3xT>");
}

fn indexed(c: &mut Cases) {
    for (name, inputs) in [
        ("i32", "tensor<5x4xT>, tensor<i32>, tensor<i32>"),
        ("ui8", "tensor<5x4xT>, tensor<ui8>, tensor<ui8>"),
        ("i64", "tensor<5x4xT>, tensor<i64>, tensor<i64>"),
    ] {
        c.op("dynamic_slice", name, SOME, "{slice_sizes = array<i64: 2, 3>}", inputs, "tensor<2x3xT>");
    }
    c.op("dynamic_slice", "of_scalar", F32, "{slice_sizes = array<i64>}", "tensor<T>", "tensor<T>");
    c.op(
        "dynamic_update_slice",
        "i32",
        SOME,
        "",
        "tensor<5x4xT>, tensor<2x3xT>, tensor<i32>, tensor<i32>",
        "tensor<5x4xT>",
    );
    c.op(
        "dynamic_update_slice",
        "ui32",
        F32,
        "",
        "tensor<5x4xT>, tensor<5x1xT>, tensor<ui32>, tensor<ui32>",
        "tensor<5x4xT>",
    );
    let gather = |dims: &str, sizes: &str| {
        format!(
            "{{dimension_numbers = #stablehlo.gather<{dims}>, slice_sizes = array<i64: {sizes}>, indices_are_sorted = false}}"
        )
    };
    let rows = gather(
        "offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1",
        "1, 3",
    );
    c.op("gather", "rows", ALL, &rows, "tensor<5x3xT>, tensor<4x1xi32>", "tensor<4x3xT>");
    let pairs =
        gather("collapsed_slice_dims = [0, 1], start_index_map = [1, 0], index_vector_dim = 1", "1, 1");
    c.op("gather", "points", SOME, &pairs, "tensor<5x3xT>, tensor<6x2xi64>", "tensor<6xT>");
    let boxes = gather("offset_dims = [0, 2], start_index_map = [0], index_vector_dim = 1", "2, 3");
    c.op("gather", "boxes_in_front", SOME, &boxes, "tensor<5x3xT>, tensor<4x1xui8>", "tensor<2x4x3xT>");
    let batched = gather(
        "collapsed_slice_dims = [1], operand_batching_dims = [0], start_indices_batching_dims = [0], \
         start_index_map = [1], index_vector_dim = 2",
        "1, 1",
    );
    c.op("gather", "batched", SOME, &batched, "tensor<3x4xT>, tensor<3x5x1xi32>", "tensor<3x5xT>");
    let scatter = |dims: &str, op: &str| {
        format!(
            "<{{scatter_dimension_numbers = #stablehlo.scatter<{dims}>, indices_are_sorted = false, unique_indices = false}}> {}",
            region(op)
        )
    };
    let rows = "update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1";
    for (op, types) in [
        ("add", NUMBERS),
        ("multiply", NUMBERS),
        ("maximum", SOME),
        ("minimum", NUMBERS),
        ("and", "i1 i32"),
        ("or", "i1 ui8"),
    ] {
        c.op(
            "scatter",
            op,
            types,
            &scatter(rows, op),
            "tensor<4x3xT>, tensor<6x1xi32>, tensor<6x3xT>",
            "tensor<4x3xT>",
        );
    }
    let assign = format!(
        "<{{scatter_dimension_numbers = #stablehlo.scatter<{rows}>, indices_are_sorted = false, unique_indices = false}}> \
         ({{ ^bb0(%p: tensor<T>, %q: tensor<T>): \"stablehlo.return\"(%q) : (tensor<T>) -> () }})"
    );
    c.op("scatter", "assign", ALL, &assign, "tensor<4x3xT>, tensor<6x1xi64>, tensor<6x3xT>", "tensor<4x3xT>");
    let boxes = "update_window_dims = [0, 1], scatter_dims_to_operand_dims = [1, 0], index_vector_dim = 1";
    let inputs = "tensor<4x5xT>, tensor<3x2xi32>, tensor<2x2x3xT>";
    c.op("scatter", "boxes_that_overlap", "i32 f32", &scatter(boxes, "add"), inputs, "tensor<4x5xT>");
    let body = format!(
        "<{{scatter_dimension_numbers = #stablehlo.scatter<{rows}>, indices_are_sorted = false, unique_indices = false}}> \
         ({{ ^bb0(%p: tensor<T>, %q: tensor<T>): %s = stablehlo.subtract %q, %p : tensor<T> \
         %t = stablehlo.multiply %s, %p : tensor<T> stablehlo.return %t : tensor<T> }})"
    );
    c.op(
        "scatter",
        "body",
        "i32 bf16 f32",
        &body,
        "tensor<4x3xT>, tensor<6x1xi32>, tensor<6x3xT>",
        "tensor<4x3xT>",
    );
}

fn folds(c: &mut Cases) {
    let reduce = |dims: &str, op: &str| {
        format!("({}) {{dimensions = array<i64{dims}>}}", &region(op)[1..region(op).len() - 1])
    };
    for (op, types) in [
        ("add", ALL),
        ("multiply", NUMBERS),
        ("maximum", ALL),
        ("minimum", ALL),
        ("and", "i1 i8 ui64"),
        ("or", "i1 i8 ui64"),
    ] {
        c.op("reduce", op, types, &reduce(": 1", op), "tensor<3x7xT>, tensor<T>", "tensor<3xT>");
    }
    c.op("reduce", "lanes", FLOATS, &reduce(": 1", "add"), "tensor<2x71xT>, tensor<T>", "tensor<2xT>");
    c.op("reduce", "columns", FLOATS, &reduce(": 0", "add"), "tensor<9x4xT>, tensor<T>", "tensor<4xT>");
    c.op(
        "reduce",
        "outer_and_minor",
        F32,
        &reduce(": 0, 2", "add"),
        "tensor<3x2x5xT>, tensor<T>",
        "tensor<2xT>",
    );
    c.op("reduce", "everything", SOME, &reduce(": 0, 1", "maximum"), "tensor<3x4xT>, tensor<T>", "tensor<T>");
    c.op("reduce", "nothing_in_it", SOME, &reduce(": 0", "add"), "tensor<0x3xT>, tensor<T>", "tensor<3xT>");
    c.op("reduce", "no_dimension", F32, &reduce("", "add"), "tensor<4xT>, tensor<T>", "tensor<4xT>");
    let argmax = "({ ^bb0(%v: tensor<T>, %i: tensor<i32>, %w: tensor<T>, %j: tensor<i32>): \
         %g = stablehlo.compare GT, %v, %w : (tensor<T>, tensor<T>) -> tensor<i1> \
         %n = stablehlo.compare NE, %v, %v : (tensor<T>, tensor<T>) -> tensor<i1> \
         %o = stablehlo.or %g, %n : tensor<i1> \
         %e = stablehlo.compare EQ, %v, %w : (tensor<T>, tensor<T>) -> tensor<i1> \
         %l = stablehlo.compare LT, %i, %j : (tensor<i32>, tensor<i32>) -> tensor<i1> \
         %a = stablehlo.and %e, %l : tensor<i1> \
         %k = stablehlo.or %o, %a : tensor<i1> \
         %x = stablehlo.select %o, %v, %w : tensor<i1>, tensor<T> \
         %y = stablehlo.select %k, %i, %j : tensor<i1>, tensor<i32> \
         stablehlo.return %x, %y : tensor<T>, tensor<i32> }) {dimensions = array<i64: 1>}";
    let inputs = "tensor<3x6xT>, tensor<3x6xi32>, tensor<T>, tensor<i32>";
    c.op("reduce", "argmax", "i8 ui32 f32", argmax, inputs, "tensor<3xT>, tensor<3xi32>");
    let body = "({ ^bb0(%p: tensor<T>, %q: tensor<T>): %s = stablehlo.subtract %p, %q : tensor<T> \
         stablehlo.return %s : tensor<T> }) {dimensions = array<i64: 0>}";
    c.op("reduce", "body", "i32 f16 f32", body, "tensor<5x2xT>, tensor<T>", "tensor<2xT>");
}

fn contractions(c: &mut Cases) {
    let dims = |text: &str| format!("{{dot_dimension_numbers = #stablehlo.dot<{text}>}}");
    let matrix = dims("lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]");
    c.op("dot_general", "matrix", NUMBERS, &matrix, "tensor<3x5xT>, tensor<5x4xT>", "tensor<3x4xT>");
    c.op("dot_general", "long_chain", F32, &matrix, "tensor<2x70xT>, tensor<70x3xT>", "tensor<2x3xT>");
    c.op("dot_general", "empty_chain", "i32 f32", &matrix, "tensor<2x0xT>, tensor<0x3xT>", "tensor<2x3xT>");
    let outer = dims("");
    c.op("dot_general", "outer", "ui8 bf16 f32", &outer, "tensor<3xT>, tensor<4xT>", "tensor<3x4xT>");
    let batched = dims(
        "lhs_batching_dimensions = [0], rhs_batching_dimensions = [1], lhs_contracting_dimensions = [3, 1], \
         rhs_contracting_dimensions = [0, 2]",
    );
    let inputs = "tensor<2x3x2x4xT>, tensor<4x2x3x2xT>";
    c.op("dot_general", "batched_two_contracted", "i16 f32", &batched, inputs, "tensor<2x2x2xT>");
    c.op("dot_general", "to_f32", "f16 bf16", &matrix, "tensor<2x3xT>, tensor<3x2xT>", "tensor<2x2xf32>");
    c.op("dot_general", "to_i32", "i8", &matrix, "tensor<2x3xT>, tensor<3x2xT>", "tensor<2x2xi32>");
    let conv = |layout: &str, window: &str, groups: [usize; 2]| {
        format!(
            "{{dimension_numbers = #stablehlo.conv<{layout}>, {window}, feature_group_count = {} : i64, \
             batch_group_count = {} : i64}}",
            groups[0], groups[1]
        )
    };
    let nhwc = "[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]";
    let plain = "window_strides = array<i64: 1, 1>";
    let ty = "tensor<1x4x3x2xT>, tensor<2x2x2x3xT>";
    c.op("convolution", "plain", "i32 bf16 f32", &conv(nhwc, plain, [1, 1]), ty, "tensor<1x3x2x3xT>");
    let window = "window_strides = array<i64: 2, 1>, padding = dense<[[1, 2], [0, 1]]> : tensor<2x2xi64>";
    c.op("convolution", "padded", "i8 f32", &conv(nhwc, window, [1, 1]), ty, "tensor<1x3x3x3xT>");
    let window = "window_strides = array<i64: 1, 2>, padding = dense<[[-1, 2], [1, 0]]> : tensor<2x2xi64>, \
         lhs_dilation = array<i64: 2, 1>, rhs_dilation = array<i64: 1, 2>, window_reversal = array<i1: true, false>";
    c.op(
        "convolution",
        "dilated_and_reversed",
        "i16 f32",
        &conv(nhwc, window, [1, 1]),
        ty,
        "tensor<1x7x1x3xT>",
    );
    let ty = "tensor<1x4x3x4xT>, tensor<2x2x1x4xT>";
    c.op("convolution", "depthwise", F32, &conv(nhwc, plain, [4, 1]), ty, "tensor<1x3x2x4xT>");
    let ty = "tensor<1x3x3x4xT>, tensor<2x2x2x6xT>";
    let window = "window_strides = array<i64: 1, 1>, padding = dense<1> : tensor<2x2xi64>";
    c.op("convolution", "feature_groups", "i32 f32", &conv(nhwc, window, [2, 1]), ty, "tensor<1x4x4x6xT>");
    let ty = "tensor<4x3x3x2xT>, tensor<2x2x2x4xT>";
    c.op("convolution", "batch_groups", "i32 f32", &conv(nhwc, window, [1, 2]), ty, "tensor<2x4x4x4xT>");
    let nchw = "[b, f, 0, 1]x[o, i, 0, 1]->[b, f, 0, 1]";
    let ty = "tensor<1x2x4x3xT>, tensor<3x2x2x2xT>";
    c.op("convolution", "features_first", F32, &conv(nchw, plain, [1, 1]), ty, "tensor<1x3x3x2xT>");
    let flat = conv("[b, f]x[i, o]->[b, f]", "window_strides = array<i64>", [1, 1]);
    c.op("convolution", "no_space", F32, &flat, "tensor<2x3xT>, tensor<3x2xT>", "tensor<2x2xT>");
}

fn windows(c: &mut Cases) {
    let window = |text: &str, op: &str| format!("<{{{text}}}> {}", region(op));
    let same = "window_dimensions = array<i64: 2, 3>, window_strides = array<i64: 1, 2>, \
         padding = dense<[[1, 0], [1, 2]]> : tensor<2x2xi64>";
    for (op, types) in [
        ("add", NUMBERS),
        ("multiply", "i32 f32"),
        ("maximum", NUMBERS),
        ("minimum", "ui8 f32"),
        ("or", "i1"),
    ] {
        c.op("reduce_window", op, types, &window(same, op), "tensor<3x5xT>, tensor<T>", "tensor<3x3xT>");
    }
    let dilated = "window_dimensions = array<i64: 2, 2>, window_strides = array<i64: 2, 1>, base_dilations = array<i64: 2, 1>, \
         window_dilations = array<i64: 1, 3>, padding = dense<[[0, 3], [-1, 2]]> : tensor<2x2xi64>";
    c.op(
        "reduce_window",
        "dilated",
        "i32 f32",
        &window(dilated, "add"),
        "tensor<3x4xT>, tensor<T>",
        "tensor<4x2xT>",
    );
    let until = "window_dimensions = array<i64: 1, 6>, padding = dense<[[0, 0], [5, 0]]> : tensor<2x2xi64>";
    c.op(
        "reduce_window",
        "cumulative",
        "i8 bf16 f32",
        &window(until, "add"),
        "tensor<2x6xT>, tensor<T>",
        "tensor<2x6xT>",
    );
    let from = "window_dimensions = array<i64: 1, 6>, padding = dense<[[0, 0], [0, 5]]> : tensor<2x2xi64>";
    c.op(
        "reduce_window",
        "cumulative_from_behind",
        "i8 f32",
        &window(from, "add"),
        "tensor<2x6xT>, tensor<T>",
        "tensor<2x6xT>",
    );
    c.op(
        "reduce_window",
        "maxima_from_behind",
        "i8 f32",
        &window(from, "maximum"),
        "tensor<2x6xT>, tensor<T>",
        "tensor<2x6xT>",
    );
    c.op(
        "reduce_window",
        "body",
        "i32 f16 f32",
        &window(same, "subtract"),
        "tensor<3x5xT>, tensor<T>",
        "tensor<3x3xT>",
    );
    c.op(
        "reduce_window",
        "scalar",
        F32,
        &window("window_dimensions = array<i64>", "add"),
        "tensor<T>, tensor<T>",
        "tensor<T>",
    );
    let select = |attributes: &str, dir: &str, op: &str| {
        format!("<{{{attributes}}}> ({}, {})", inner(&comparison(dir)), inner(&region(op)))
    };
    let strided = "window_dimensions = array<i64: 2, 3>, window_strides = array<i64: 1, 2>, \
         padding = dense<[[0, 1], [1, 0]]> : tensor<2x2xi64>";
    let inputs = "tensor<3x4xT>, tensor<3x2xT>, tensor<T>";
    for (name, dir, op, types) in [
        ("ge_add", "GE", "add", NUMBERS),
        ("gt_add", "GT", "add", "i32 f32"),
        ("le_maximum", "LE", "maximum", "f32"),
    ] {
        c.op("select_and_scatter", name, types, &select(strided, dir, op), inputs, "tensor<3x4xT>");
    }
    let columns = "window_dimensions = array<i64: 2, 1>, window_strides = array<i64: 1, 1>";
    let inputs = "tensor<4x9xT>, tensor<3x9xT>, tensor<T>";
    c.op("select_and_scatter", "columns", "i16 f32", &select(columns, "GE", "add"), inputs, "tensor<4x9xT>");
}

/// A region without the parentheses around it.
fn inner(region: &str) -> &str {
    &region[1..region.len() - 1]
}

fn sorts(c: &mut Cases) {
    let sort = |dim: usize, dir: &str, of: &str| {
        let compare = comparison(dir)
            .replace("comparison_direction = #stablehlo", &format!("{of}comparison_direction = #stablehlo"));
        format!("<{{dimension = {dim} : i64, is_stable = true}}> {compare}")
    };
    c.op("sort", "ascending", ALL, &sort(0, "LT", ""), "tensor<9xT>", "tensor<9xT>");
    c.op("sort", "descending_columns", NUMBERS, &sort(0, "GT", ""), "tensor<6x2xT>", "tensor<6x2xT>");
    c.op("sort", "no_order", "i32 f32", &sort(0, "LE", ""), "tensor<7xT>", "tensor<7xT>");
    let total = "compare_type = #stablehlo<comparison_type TOTALORDER>, ";
    c.op("sort", "total_order", FLOATS, &sort(1, "LT", total), "tensor<2x9xT>", "tensor<2x9xT>");
    let pairs = "<{dimension = 0 : i64, is_stable = true}> \
         ({ ^bb0(%a: tensor<T>, %b: tensor<T>, %i: tensor<i32>, %j: tensor<i32>): \
         %l = stablehlo.compare LT, %a, %b : (tensor<T>, tensor<T>) -> tensor<i1> \
         %e = stablehlo.compare EQ, %a, %b : (tensor<T>, tensor<T>) -> tensor<i1> \
         %g = stablehlo.compare GT, %i, %j : (tensor<i32>, tensor<i32>) -> tensor<i1> \
         %t = stablehlo.and %e, %g : tensor<i1> %o = stablehlo.or %l, %t : tensor<i1> \
         stablehlo.return %o : tensor<i1> })";
    c.op("sort", "two_keys", "i8 f32", pairs, "tensor<9xT>, tensor<9xi32>", "tensor<9xT>, tensor<9xi32>");
    let top = "%v, %i = chlo.top_k(%a0, k = 3) : tensor<2x7xT> -> (tensor<2x3xT>, tensor<2x3xi32>) \
         %r:2 = stablehlo.optimization_barrier %v, %i : tensor<2x3xT>, tensor<2x3xi32>";
    c.body("sort", "top_k", "i32 bf16 f32", top, "tensor<2x7xT>", "tensor<2x3xT>, tensor<2x3xi32>");
}

fn control(c: &mut Cases) {
    let count = "%z = stablehlo.constant dense<0> : tensor<i32> \
         %r:2 = \"stablehlo.while\"(%z, %a0) ({ ^bb0(%i: tensor<i32>, %x: tensor<3xT>): \
         %n = stablehlo.constant dense<5> : tensor<i32> \
         %c = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1> stablehlo.return %c : tensor<i1> \
         }, { ^bb0(%i: tensor<i32>, %x: tensor<3xT>): %o = stablehlo.constant dense<1> : tensor<i32> \
         %j = stablehlo.add %i, %o : tensor<i32> %y = stablehlo.add %x, %a1 : tensor<3xT> \
         stablehlo.return %j, %y : tensor<i32>, tensor<3xT> }) : (tensor<i32>, tensor<3xT>) -> (tensor<i32>, tensor<3xT>)";
    c.body("while", "counted", "i8 f32", count, "tensor<3xT>, tensor<3xT>", "tensor<i32>, tensor<3xT>");
    let never = "%r:1 = \"stablehlo.while\"(%a0) ({ ^bb0(%x: tensor<2xT>): \
         %c = stablehlo.constant dense<false> : tensor<i1> stablehlo.return %c : tensor<i1> }, { \
         ^bb0(%x: tensor<2xT>): %y = stablehlo.negate %x : tensor<2xT> stablehlo.return %y : tensor<2xT> }) : \
         (tensor<2xT>) -> tensor<2xT>";
    c.body("while", "not_once", F32, never, "tensor<2xT>", "tensor<2xT>");
    let case = "%r:1 = \"stablehlo.case\"(%a0) ({ %x = stablehlo.negate %a1 : tensor<2xT> stablehlo.return %x : tensor<2xT> \
         }, { stablehlo.return %a1 : tensor<2xT> }, { %y = stablehlo.add %a1, %a1 : tensor<2xT> \
         stablehlo.return %y : tensor<2xT> }) : (tensor<i32>) -> tensor<2xT>";
    c.body("case", "computed_index", "i16 f32", case, "tensor<i32>, tensor<2xT>", "tensor<2xT>");
    let choices = "%i = stablehlo.constant dense<-1> : tensor<i32> \
         %r:1 = \"stablehlo.case\"(%i) ({ %x = stablehlo.negate %a0 : tensor<2xT> stablehlo.return %x : tensor<2xT> \
         }, { stablehlo.return %a0 : tensor<2xT> }) : (tensor<i32>) -> tensor<2xT>";
    c.body("case", "out_of_range", F32, choices, "tensor<2xT>", "tensor<2xT>");
    let branch = "%r:1 = \"stablehlo.if\"(%a0) ({ stablehlo.return %a1 : tensor<2xT> }, { \
         %y = stablehlo.multiply %a1, %a1 : tensor<2xT> stablehlo.return %y : tensor<2xT> }) : (tensor<i1>) -> tensor<2xT>";
    c.body("if", "computed", "i32 f32", branch, "tensor<i1>, tensor<2xT>", "tensor<2xT>");
}

fn others(c: &mut Cases) {
    c.op("bitcast_convert", "to_smaller", "f32 i32 ui32", "", "tensor<3xT>", "tensor<3x4xui8>");
    c.op("bitcast_convert", "to_larger", "f16 i16", "", "tensor<3x4xT>", "tensor<3xui64>");
    let random = |name: &str| format!("{{rng_algorithm = #stablehlo<rng_algorithm {name}>}}");
    for (name, results) in [
        ("bits_8", "tensor<2xui64>, tensor<5xui8>"),
        ("bits_16", "tensor<2xui64>, tensor<5xui16>"),
        ("bits_32", "tensor<2xui64>, tensor<3x3xui32>"),
        ("bits_64", "tensor<2xui64>, tensor<3xui64>"),
    ] {
        c.op("rng_bit_generator", name, F32, &random("THREE_FRY"), "tensor<2xui64>", results);
    }
    for (name, inputs, results) in [
        ("philox_32", "tensor<2xui64>", "tensor<2xui64>, tensor<5xui32>"),
        ("philox_64", "tensor<3xui64>", "tensor<3xui64>, tensor<3xui64>"),
    ] {
        c.op("rng_bit_generator", name, F32, &random("PHILOX"), inputs, results);
    }
    let values = "%r:5 = stablehlo.optimization_barrier %a0, %c, %d, %e, %f : \
         tensor<2xT>, tensor<2xf32>, tensor<3xbf16>, tensor<2x2xi8>, tensor<0x2xi32>";
    let constants = format!(
        "%c = stablehlo.constant dense<[0x7FC00001, -0.0]> : tensor<2xf32> \
         %d = stablehlo.constant dense<[1.0, 1.0e-40, 3.0e38]> : tensor<3xbf16> \
         %e = stablehlo.constant dense<\"0x80FF7F01\"> : tensor<2x2xi8> \
         %f = stablehlo.constant dense<> : tensor<0x2xi32> {values}"
    );
    let results = "tensor<2xT>, tensor<2xf32>, tensor<3xbf16>, tensor<2x2xi8>, tensor<0x2xi32>";
    c.body("constant", "forms", F32, &constants, "tensor<2xT>", results);
}
