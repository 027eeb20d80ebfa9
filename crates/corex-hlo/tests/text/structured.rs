//! Regions: control flow, bodies, and what they become.

use corex_hlo::{
    CompareDir, Module, OpKind, Reducer, canonical_text, parse, print, work_units, work_units_assuming,
};

/// The module survives printing and its canonical form is a fixed point.
fn check(text: &str) -> Module {
    let module = parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let printed = print(&module);
    assert_eq!(parse(&printed).as_ref(), Ok(&module), "{printed}");
    let canonical = canonical_text(&module);
    assert_eq!(canonical_text(&parse(&canonical).unwrap()), canonical);
    module
}

fn refused(text: &str, message: &str) {
    let got = parse(text).unwrap_err().to_string();
    assert!(got.contains(message), "{text}\n  expected: {message}\n  got: {got}");
}

/// A function of `%p: i1`, `%n: i32`, `%s: f32` and `%x: 4xf32` around these operations.
fn with(ops: &str) -> String {
    format!(
        "func.func @main(%p: tensor<i1>, %n: tensor<i32>, %s: tensor<f32>, %x: tensor<4xf32>) {{\n{ops}\nreturn\n}}"
    )
}

const LOOP: &str = "%r:2 = stablehlo.while(%i = %n, %c = %x) : tensor<i32>, tensor<4xf32>
    cond {
      %t = stablehlo.constant dense<3> : tensor<i32>
      %b = stablehlo.compare LT, %i, %t, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %b : tensor<i1>
    } do {
      %t = stablehlo.constant dense<1> : tensor<i32>
      %j = stablehlo.add %i, %t : tensor<i32>
      %d = stablehlo.add %c, %x : tensor<4xf32>
      stablehlo.return %j, %d : tensor<i32>, tensor<4xf32>
    }";

#[test]
fn loops_share_what_their_regions_use_from_outside() {
    let module = check(&with(LOOP));
    let main = module.func("main").unwrap();
    let [op] = &main.ops[..] else { panic!("{main:?}") };
    let OpKind::While { cond, body } = &op.kind else { panic!("{op:?}") };
    assert_eq!((op.operands.len(), op.results.len()), (3, 2));
    for name in [cond, body] {
        let func = module.func(name).unwrap();
        assert!(!func.public);
        assert_eq!(func.params.len(), 3);
    }
    // Reading what was printed makes no new functions.
    assert_eq!(module.funcs.len(), 3);
}

#[test]
fn generic_and_short_loops_are_one_program() {
    let generic = "%r:2 = \"stablehlo.while\"(%n, %x) ({
    ^bb0(%i: tensor<i32>, %c: tensor<4xf32>):
      %t = \"stablehlo.constant\"() <{value = dense<3> : tensor<i32>}> : () -> tensor<i32>
      %b = \"stablehlo.compare\"(%i, %t) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
      \"stablehlo.return\"(%b) : (tensor<i1>) -> ()
    }, {
    ^bb0(%i: tensor<i32>, %c: tensor<4xf32>):
      %t = stablehlo.constant dense<1> : tensor<i32>
      %j = stablehlo.add %i, %t : tensor<i32>
      %d = stablehlo.add %c, %x : tensor<4xf32>
      stablehlo.return %j, %d : tensor<i32>, tensor<4xf32>
    }) : (tensor<i32>, tensor<4xf32>) -> (tensor<i32>, tensor<4xf32>)";
    assert_eq!(canonical_text(&check(&with(generic))), canonical_text(&check(&with(LOOP))));
}

#[test]
fn choices_nest_and_if_is_a_case() {
    let module = check(&with(
        "%r = \"stablehlo.if\"(%p) ({
          %a = \"stablehlo.case\"(%n) ({
            stablehlo.return %x : tensor<4xf32>
          }, {
            %b = stablehlo.add %x, %x : tensor<4xf32>
            stablehlo.return %b : tensor<4xf32>
          }) : (tensor<i32>) -> tensor<4xf32>
          stablehlo.return %a : tensor<4xf32>
        }, {
          %z = stablehlo.broadcast_in_dim %s, dims = [] : (tensor<f32>) -> tensor<4xf32>
          stablehlo.return %z : tensor<4xf32>
        }) : (tensor<i1>) -> tensor<4xf32>",
    ));
    let main = module.func("main").unwrap();
    let [convert, case] = &main.ops[..] else { panic!("{main:?}") };
    assert!(matches!(convert.kind, OpKind::Convert(_)));
    let OpKind::Case { branches } = &case.kind else { panic!("{case:?}") };
    // Branch 0 is the one for false.
    assert_eq!(module.func(&branches[0]).unwrap().ops[0].kind.name(), "stablehlo.broadcast_in_dim");
}

#[test]
fn bodies_are_reducers_where_they_can_be() {
    let reduce = |body: &str| {
        let module = check(&with(&format!(
            "%zero = stablehlo.constant dense<0.0> : tensor<f32>
             %r = \"stablehlo.reduce\"(%x, %s) <{{dimensions = array<i64: 0>}}> ({{
             ^bb0(%a: tensor<f32>, %b: tensor<f32>):
             {body}
             }}) : (tensor<4xf32>, tensor<f32>) -> tensor<f32>"
        )));
        module.func("main").unwrap().ops.last().unwrap().kind.clone()
    };
    let add = reduce("%c = stablehlo.add %b, %a : tensor<f32> stablehlo.return %c : tensor<f32>");
    assert_eq!(add, OpKind::Reduce { dims: vec![0], reducer: Reducer::Add });
    let other = reduce("%c = stablehlo.subtract %b, %a : tensor<f32> stablehlo.return %c : tensor<f32>");
    assert!(matches!(other, OpKind::ReduceWith { .. }));
    // A constant from outside is copied into the body.
    let constant = reduce("%c = stablehlo.add %a, %zero : tensor<f32> stablehlo.return %c : tensor<f32>");
    assert!(matches!(constant, OpKind::ReduceWith { .. }));
}

#[test]
fn windows_are_read_in_both_forms() {
    let text = "func.func @main(%x: tensor<1x8x8x3xf32>, %k: tensor<3x3x3x4xf32>, %s: tensor<f32>) {
      %0 = stablehlo.convolution(%x, %k) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [2, 1], pad = [[1, 1], [-1, 0]], lhs_dilate = [1, 2], rhs_dilate = [1, 1], reverse = [false, true]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<1x8x8x3xf32>, tensor<3x3x3x4xf32>) -> tensor<1x4x12x4xf32>
      %1 = \"stablehlo.reduce_window\"(%x, %s) <{window_dimensions = array<i64: 1, 2, 2, 1>, window_strides = array<i64: 1, 2, 2, 1>}> ({
      ^bb0(%a: tensor<f32>, %b: tensor<f32>):
        %m = stablehlo.maximum %a, %b : tensor<f32>
        stablehlo.return %m : tensor<f32>
      }) : (tensor<1x8x8x3xf32>, tensor<f32>) -> tensor<1x4x4x3xf32>
      %2 = \"stablehlo.select_and_scatter\"(%x, %1, %s) <{padding = dense<0> : tensor<4x2xi64>, window_dimensions = array<i64: 1, 2, 2, 1>, window_strides = array<i64: 1, 2, 2, 1>}> ({
      ^bb0(%a: tensor<f32>, %b: tensor<f32>):
        %m = stablehlo.compare GE, %a, %b, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
        stablehlo.return %m : tensor<i1>
      }, {
      ^bb0(%a: tensor<f32>, %b: tensor<f32>):
        %m = stablehlo.add %a, %b : tensor<f32>
        stablehlo.return %m : tensor<f32>
      }) : (tensor<1x8x8x3xf32>, tensor<1x4x4x3xf32>, tensor<f32>) -> tensor<1x8x8x3xf32>
      return
    }";
    let ops = &check(text).funcs[0].ops;
    let OpKind::Convolution(dims) = &ops[0].kind else { panic!("{:?}", ops[0]) };
    assert_eq!((dims.window[1].low, dims.window[1].base_dilation, dims.reversal[1]), (-1, 2, true));
    let OpKind::SelectAndScatter { select, scatter, .. } = &ops[2].kind else { panic!("{:?}", ops[2]) };
    assert_eq!((*select, *scatter), (CompareDir::Ge, Reducer::Add));
}

#[test]
fn mistakes_are_named() {
    refused(
        &with(
            "%r = \"stablehlo.while\"(%x) ({ stablehlo.return %p : tensor<i1> }) : (tensor<4xf32>) -> tensor<4xf32>",
        ),
        "stablehlo.while has 2 region(s), not 1",
    );
    refused(
        &with(
            "%r = stablehlo.while(%a = %x) : tensor<4xf32> cond { stablehlo.return %p : tensor<i1> }
             do { stablehlo.return %s : tensor<f32> }",
        ),
        "the body returns other types",
    );
    refused(
        &with(
            "%r = \"stablehlo.case\"(%n) ({ stablehlo.return %x : tensor<4xf32> }, { stablehlo.return %s : tensor<f32> }) : (tensor<i32>) -> tensor<4xf32>",
        ),
        "branch 1 returns other types",
    );
    refused(
        &with(
            "%r = \"stablehlo.sort\"(%x) <{dimension = 0 : i64}> ({ ^bb0(%a: tensor<f32>, %b: tensor<f32>): stablehlo.return %p : tensor<i1> }) : (tensor<4xf32>) -> tensor<4xf32>",
        ),
        "uses values from outside that are no constants",
    );
    refused(
        &with(
            "%r = \"stablehlo.sort\"(%x) <{dimension = 1 : i64}> ({ ^bb0(%a: tensor<f32>, %b: tensor<f32>): %c = stablehlo.compare LT, %a, %b : (tensor<f32>, tensor<f32>) -> tensor<i1> stablehlo.return %c : tensor<i1> }) : (tensor<4xf32>) -> tensor<4xf32>",
        ),
        "dimension 1 does not exist",
    );
    // A body is evaluated per element, so it holds nothing but scalars.
    refused(
        &with(
            "%r = \"stablehlo.reduce\"(%x, %s) <{dimensions = array<i64: 0>}> ({ ^bb0(%a: tensor<f32>, %b: tensor<f32>): %c = stablehlo.broadcast_in_dim %a, dims = [] : (tensor<f32>) -> tensor<2xf32> stablehlo.return %b : tensor<f32> }) : (tensor<4xf32>, tensor<f32>) -> tensor<f32>",
        ),
        "must hold elementwise operations on scalars only",
    );
    let region = "{ ^bb0(%a: tensor<f32>): %r = func.call @main(%a) : (tensor<f32>) -> tensor<f32> stablehlo.return %r : tensor<f32> }";
    refused(
        &format!(
            "func.func @main(%s: tensor<f32>) -> tensor<f32> {{
               %t = stablehlo.constant dense<true> : tensor<i1>
               %r = \"stablehlo.while\"(%s) ({{ ^bb0(%a: tensor<f32>): stablehlo.return %t : tensor<i1> }}, {region}) : (tensor<f32>) -> tensor<f32>
               return %r : tensor<f32>
             }}"
        ),
        "calls itself",
    );
}

#[test]
fn regions_do_not_nest_without_end() {
    let open = "%r = \"stablehlo.if\"(%p) ({ ".repeat(100_000);
    refused(&with(&open), "levels deep are not supported");
}

#[test]
fn counted_loops_have_a_price() {
    let text = |start: &str, bound: &str| {
        format!(
            "func.func @main(%n: tensor<i32>, %x: tensor<100x100xf32>) -> tensor<100x100xf32> {{
               %zero = stablehlo.constant dense<{start}> : tensor<i32>
               %r:2 = stablehlo.while(%i = %zero, %c = %x) : tensor<i32>, tensor<100x100xf32>
               cond {{
                 %t = stablehlo.constant dense<20> : tensor<i32>
                 %b = stablehlo.compare LT, %i, {bound}, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
                 stablehlo.return %b : tensor<i1>
               }} do {{
                 %t = stablehlo.constant dense<1> : tensor<i32>
                 %j = stablehlo.add %i, %t : tensor<i32>
                 %d = stablehlo.dot_general %c, %c, contracting_dims = [1] x [0] : (tensor<100x100xf32>, tensor<100x100xf32>) -> tensor<100x100xf32>
                 stablehlo.return %j, %d : tensor<i32>, tensor<100x100xf32>
               }}
               return %r#1 : tensor<100x100xf32>
             }}"
        )
    };
    // One product is a unit.
    assert_eq!(work_units(&parse(&text("0", "%t")).unwrap(), "main"), Ok(21));
    assert_eq!(work_units(&parse(&text("15", "%t")).unwrap(), "main"), Ok(6));
    let uncounted = parse(&text("0", "%n")).unwrap();
    let [ten, twenty] = [10, 20].map(|rounds| work_units_assuming(&uncounted, "main", rounds).unwrap());
    assert!(ten < twenty, "{ten} and {twenty} units");
    let error = work_units(&uncounted, "main").unwrap_err().to_string();
    assert!(error.contains("no price can be set"), "{error}");
}

/// What one region uses becomes a parameter of all, so a short text could ask for very many values.
#[test]
fn shared_values_are_limited() {
    let n = 3000;
    let values: String = (0..n).map(|i| format!("%v{i} = stablehlo.abs %s : tensor<f32>\n")).collect();
    let regions: Vec<_> = (0..n).map(|i| format!("{{ stablehlo.return %v{i} : tensor<f32> }}")).collect();
    let case = format!("%r = \"stablehlo.case\"(%n) ({}) : (tensor<i32>) -> tensor<f32>", regions.join(", "));
    refused(&with(&format!("{values}{case}")), "values in one module are not supported");
}
