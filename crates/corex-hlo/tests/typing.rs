//! Typing rules: for every operation what it accepts, and the error for what it does not.

use corex_hlo::{
    BinaryOp, CompareDir, DType, DotDims, FuncBuilder, GatherDims, HloError, Literal, LiteralData, OpKind,
    Reducer, ScatterDims, TensorType, UnaryOp, infer,
};

fn ty(text: &str) -> TensorType {
    let parts: Vec<_> = text.split('x').collect();
    let (dtype, shape) = parts.split_last().expect("a type");
    let all = [DType::I1, DType::I8, DType::I32, DType::U8, DType::U32, DType::U64, DType::BF16, DType::F32];
    let dtype = all.into_iter().find(|d| d.name() == *dtype).expect("a known element type");
    TensorType::new(dtype, shape.iter().map(|d| d.parse().expect("a size")).collect::<Vec<usize>>())
}

/// `operands` and the expected result are separated lists such as `2x3xf32 f32`; an expected result that starts
/// with `!` is a part of the error message.
fn check(kind: OpKind, operands: &str, expected: &str) {
    let operands: Vec<_> = operands.split_whitespace().map(ty).collect();
    let refs: Vec<_> = operands.iter().collect();
    match (infer(&kind, &refs), expected.strip_prefix('!')) {
        (Ok(found), None) => assert_eq!(found, ty(expected), "{kind:?}"),
        (Err(HloError::Type { op, message, operands: named }), Some(part)) => {
            assert_eq!((op.as_str(), &named), (kind.name(), &operands));
            assert!(message.contains(part), "{kind:?}: {message}");
        }
        (found, _) => panic!("{kind:?} of {operands:?}: expected {expected}, found {found:?}"),
    }
}

#[test]
fn elementwise() {
    check(OpKind::Unary(UnaryOp::Exp), "2x3xf32", "2x3xf32");
    check(OpKind::Unary(UnaryOp::Exp), "2xi32", "!takes floats");
    check(OpKind::Unary(UnaryOp::Abs), "2xui8", "!signed");
    check(OpKind::Unary(UnaryOp::Not), "2xi1", "2xi1");
    check(OpKind::Unary(UnaryOp::IsFinite), "2xbf16", "2xi1");
    check(OpKind::Unary(UnaryOp::Exp), "2xf32 2xf32", "!takes 1 operand");
    check(OpKind::Binary(BinaryOp::Add), "2xf32 2xf32", "2xf32");
    check(OpKind::Binary(BinaryOp::Add), "2xf32 3xf32", "!differ");
    check(OpKind::Binary(BinaryOp::Add), "2xi1 2xi1", "2xi1");
    check(OpKind::Binary(BinaryOp::Subtract), "2xi1 2xi1", "!integers or floats");
    check(OpKind::Binary(BinaryOp::Xor), "2xf32 2xf32", "!integers or i1");
    check(OpKind::Binary(BinaryOp::Power), "2xi32 2xi32", "2xi32");
    check(OpKind::Binary(BinaryOp::Atan2), "2xi32 2xi32", "!floats");
    check(OpKind::Unary(UnaryOp::Popcnt), "2xui8", "2xui8");
    check(OpKind::Unary(UnaryOp::Popcnt), "2xf32", "!integers");
    check(OpKind::CompareTotal(CompareDir::Lt), "2xbf16 2xbf16", "2xi1");
    check(OpKind::CompareTotal(CompareDir::Lt), "2xi32 2xi32", "!total order");
    let reduced = |exponent_bits, mantissa_bits| OpKind::ReducePrecision { exponent_bits, mantissa_bits };
    check(reduced(5, 10), "2xf32", "2xf32");
    check(reduced(5, 10), "2xi32", "!floats");
    check(reduced(0, 10), "2xf32", "!no format");
    check(OpKind::Binary(BinaryOp::ShiftLeft), "2xi1 2xi1", "!integers");
    check(OpKind::Compare(CompareDir::Lt), "2xui32 2xui32", "2xi1");
    check(OpKind::Select, "i1 2xf32 2xf32", "2xf32");
    check(OpKind::Select, "2xi1 2xf32 2xf32", "2xf32");
    check(OpKind::Select, "1xi1 2xf32 2xf32", "!neither a scalar");
    check(OpKind::Select, "2xui8 2xf32 2xf32", "!must be i1");
    check(OpKind::Clamp, "f32 2xf32 2xf32", "2xf32");
    check(OpKind::Clamp, "f32 2xi32 i32", "!element type");
    check(OpKind::Convert(DType::BF16), "2xi1", "2xbf16");
    check(OpKind::BitcastConvert(DType::U32), "2xf32", "2xui32");
    check(OpKind::BitcastConvert(DType::U8), "2xf32", "2x4xui8");
    check(OpKind::BitcastConvert(DType::F32), "2x4xui8", "2xf32");
    check(OpKind::BitcastConvert(DType::F32), "4x2xui8", "!must be 4");
    check(OpKind::BitcastConvert(DType::F32), "ui8", "!must be 4");
    check(OpKind::BitcastConvert(DType::I1), "2xui8", "!i1");
}

#[test]
fn constants() {
    let constant = |ty: &str, data| OpKind::Constant(Literal { ty: self::ty(ty), data });
    check(constant("2xi1", LiteralData::Dense(vec![0, 1])), "", "2xi1");
    check(constant("2xi1", LiteralData::Dense(vec![0, 2])), "", "!0 or 1");
    check(constant("2xf32", LiteralData::Dense(vec![0; 7])), "", "!7 bytes");
    check(constant("9xf32", LiteralData::Splat(vec![0; 4])), "", "9xf32");
    check(constant("9xf32", LiteralData::Splat(vec![0])), "", "!takes 4 bytes");
}

#[test]
fn movement() {
    let broadcast =
        |shape: &[usize], dims: &[usize]| OpKind::BroadcastInDim { shape: shape.into(), dims: dims.into() };
    check(broadcast(&[4, 3, 2], &[2, 1]), "2x1xf32", "4x3x2xf32");
    check(broadcast(&[4, 3], &[1]), "2xf32", "!size 2");
    check(broadcast(&[4, 4], &[1, 1]), "4x4xf32", "!twice");
    check(broadcast(&[4], &[1]), "4xf32", "!rank is 1");
    check(OpKind::Iota { ty: ty("3x2xui32"), dim: 1 }, "", "3x2xui32");
    check(OpKind::Iota { ty: ty("ui32"), dim: 0 }, "", "!does not exist");
    check(OpKind::Reshape { shape: vec![6] }, "2x3xi1", "6xi1");
    check(OpKind::Reshape { shape: vec![5] }, "2x3xi1", "!number of elements");
    check(OpKind::Reshape { shape: vec![usize::MAX, 2] }, "2x3xi1", "!number of elements");
    check(OpKind::Transpose { perm: vec![2, 0, 1] }, "2x3x4xf32", "4x2x3xf32");
    check(OpKind::Transpose { perm: vec![0, 0] }, "2x3xf32", "!twice");
    let slice = |start, limit, stride| OpKind::Slice {
        start: vec![start],
        limit: vec![limit],
        strides: vec![stride],
    };
    check(slice(1, 8, 3), "9xf32", "3xf32");
    check(slice(8, 8, 1), "9xf32", "0xf32");
    check(slice(0, 10, 1), "9xf32", "!no slice");
    check(slice(0, 9, 0), "9xf32", "!no slice");
    check(OpKind::Concatenate { dim: 1 }, "2x3xf32 2x0xf32 2x1xf32", "2x4xf32");
    check(OpKind::Concatenate { dim: 1 }, "2x3xf32 3x3xf32", "!more than dimension 1");
    check(OpKind::Concatenate { dim: 0 }, "", "!at least one");
    let pad =
        |low, high, interior| OpKind::Pad { low: vec![low], high: vec![high], interior: vec![interior] };
    check(pad(-1, 2, 3), "4xf32 f32", "14xf32");
    check(pad(1, 0, 5), "0xf32 f32", "1xf32");
    check(pad(-5, 0, 0), "4xf32 f32", "!-1 elements");
    check(pad(i64::MIN, i64::MAX, 0), "1xf32 f32", "!pads by more");
    check(pad(0, 0, usize::MAX), "1xf32 f32", "!pads by more");
    check(pad(1 << 48, 1 << 48, 0), "8192x8192xui64 ui64", "!entries for rank 2");
    check(pad(1 << 48, 1 << 48, 1 << 48), "8192xui64 ui64", "!addressed");
    check(OpKind::Reverse { dims: vec![1] }, "2x3xf32", "2x3xf32");
}

#[test]
fn contractions() {
    let reduce = |dims: &[usize], reducer| OpKind::Reduce { dims: dims.into(), reducer };
    check(reduce(&[0, 2], Reducer::Add), "2x3x4xf32 f32", "3xf32");
    check(reduce(&[2, 0], Reducer::Add), "2x3x4xf32 f32", "!ascend");
    check(reduce(&[0], Reducer::Add), "2xi1 i1", "i1");
    check(reduce(&[0], Reducer::And), "2xf32 f32", "!integers or i1");
    check(reduce(&[0], Reducer::Max), "2xf32 1xf32", "!initial value");
    check(reduce(&[0], Reducer::Assign), "2xf32 f32", "!combine");
    let dot = |lb: &[usize], rb: &[usize], lc: &[usize], rc: &[usize]| {
        OpKind::DotGeneral(DotDims {
            lhs_batch: lb.into(),
            rhs_batch: rb.into(),
            lhs_contract: lc.into(),
            rhs_contract: rc.into(),
        })
    };
    check(dot(&[0], &[2], &[2], &[0]), "5x2x3xf32 3x7x5xf32", "5x2x7xf32");
    check(dot(&[], &[], &[1], &[0]), "2x3xf32 4x5xf32", "!pair up");
    check(dot(&[1], &[0], &[1], &[0]), "2x3xf32 3x5xf32", "!twice");
    check(dot(&[], &[], &[1], &[0]), "2x3xf32 3x5xbf16", "!one type");
}

#[test]
fn indexed() {
    let rows = |slice_sizes: &[usize]| {
        OpKind::Gather(GatherDims {
            offset_dims: vec![2],
            collapsed_slice_dims: vec![0],
            start_index_map: vec![0],
            index_vector_dim: 2,
            slice_sizes: slice_sizes.into(),
            ..GatherDims::default()
        })
    };
    check(rows(&[1, 8]), "256x8xf32 4x5xui8", "4x5x8xf32");
    check(rows(&[1, 9]), "256x8xf32 4x5xui8", "!larger");
    check(rows(&[2, 8]), "256x8xf32 4x5xui8", "!slice size 1");
    check(rows(&[1, 8]), "256x8xf32 4x5xf32", "!integers");
    check(rows(&[1, 8]), "256x8xf32 4xui8", "!beyond the rank");
    let batched = OpKind::Gather(GatherDims {
        offset_dims: vec![1],
        operand_batching_dims: vec![0],
        start_indices_batching_dims: vec![0],
        start_index_map: vec![1],
        index_vector_dim: 1,
        slice_sizes: vec![1, 3],
        ..GatherDims::default()
    });
    check(batched.clone(), "4x9xf32 4x1xi32", "4x3xf32");
    check(batched, "4x9xf32 5x1xi32", "!pair up");
    let add = OpKind::Scatter(
        ScatterDims {
            update_window_dims: vec![1],
            inserted_window_dims: vec![0],
            scatter_dims_to_operand_dims: vec![0],
            index_vector_dim: 1,
            ..ScatterDims::default()
        },
        Reducer::Add,
    );
    check(add.clone(), "256x8xf32 5x1xi32 5x8xf32", "256x8xf32");
    check(add.clone(), "256x8xf32 5x1xi32 4x8xf32", "!must have the shape [5, 8]");
    check(add.clone(), "256x8xf32 5x1xi32 5x9xf32", "!larger");
    check(add, "256x8xi1 5x1xi32 5x8xi1", "256x8xi1");
    check(OpKind::DynamicSlice { sizes: vec![2, 3] }, "4x5xf32 i32 i32", "2x3xf32");
    check(OpKind::DynamicSlice { sizes: vec![2, 3] }, "4x5xf32 i32", "!for rank 2");
    check(OpKind::DynamicSlice { sizes: vec![2] }, "4xf32 f32", "!integer scalars");
    check(OpKind::DynamicUpdateSlice, "4x5xf32 2x3xf32 i32 i32", "4x5xf32");
    check(OpKind::DynamicUpdateSlice, "4x5xf32 2x6xf32 i32 i32", "!larger");
}

#[test]
fn the_builder_keeps_the_first_error() {
    let mut b = FuncBuilder::new("main");
    let x = b.param(ty("2xf32"));
    let y = b.param(ty("3xf32"));
    let sum = b.add(x, y);
    let more = b.exp(sum);
    assert_eq!(b.dim(more, 7), 0);
    let error = b.finish(&[more]).expect_err("ill-typed");
    assert_eq!(error.to_string(), "stablehlo.add of (tensor<2xf32>, tensor<3xf32>): operand types differ");
}

#[test]
fn equal_constants_are_written_once() {
    let mut b = FuncBuilder::new("main");
    assert_eq!(b.scalar(1f32), b.scalar(1f32));
    assert_ne!(b.scalar(0f32), b.scalar(-0f32));
    assert_eq!(b.ops().len(), 3);
}
