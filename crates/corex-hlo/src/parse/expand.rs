//! Operations that are read as several others, or as none. What they mean is in the operations they become, so that
//! no later stage knows them.

use super::attrs::Attr;
use super::body::Body;
use super::kind::RawOp;
use crate::builder::FuncBuilder;
use crate::infer::infer;
use crate::ir::*;
use crate::rng::{RngAlgorithm, rng_bit_generator};

/// A hint to compilers: its results are its operands.
pub(super) const BARRIER: &str = "stablehlo.optimization_barrier";
/// Says where a value lives, not what it is.
pub(super) const SHARDING: &str = "sdy.sharding_constraint";
/// A call of something outside the program.
pub(super) const CUSTOM_CALL: &str = "stablehlo.custom_call";
/// An operation with a name of its own, defined by another function of the module.
pub(super) const COMPOSITE: &str = "stablehlo.composite";
/// Random bits and the next state from a state.
pub(super) const RNG: &str = "stablehlo.rng_bit_generator";

/// The largest elements and their positions.
pub(super) const TOP_K: &str = "chlo.top_k";

/// The next number toward another one.
pub(super) const NEXT_AFTER: &str = "chlo.next_after";

/// Targets of `custom_call` that only say where or how a value is kept: their results are their operands.
const ANNOTATIONS: [&str; 9] = [
    "LayoutConstraint",
    "MoveToDevice",
    "MoveToHost",
    "SPMDFullToShardShape",
    "SPMDShardToFullShape",
    "Sharding",
    "annotate_device_placement",
    "xla.sdy.FuncResultSharding",
    "xla.sdy.PropagationBarrier",
];

impl Body<'_, '_> {
    /// The results of an operation that has no kind of its own, after appending what it stands for; `None` for any
    /// other operation.
    ///
    /// # Errors
    /// A message that names what is not supported.
    pub(super) fn expand(
        &mut self,
        op: &mut RawOp<'_>,
        operands: &[ValueId],
    ) -> Result<Option<Vec<ValueId>>, String> {
        match op.name {
            BARRIER | SHARDING => unchanged(op, operands).map(Some),
            CUSTOM_CALL => {
                annotation(op)?;
                unchanged(op, operands).map(Some)
            }
            COMPOSITE => self.composite(op, operands),
            RNG => self.random_bits(op, operands).map(Some),
            TOP_K => self.top_k(op, operands).map(Some),
            NEXT_AFTER => self.next_after(op, operands).map(Some),
            "stablehlo.dot_general" => self.widening_product(op, operands),
            _ => Ok(None),
        }
    }

    /// A composite of the name of one of our operations is that operation: `jax.export` writes `chlo.erf` so, with a
    /// decomposition of lower accuracy. Any other is a call of its decomposition, which [`RawOp::kind`] makes of it.
    fn composite(&mut self, op: &RawOp<'_>, operands: &[ValueId]) -> Result<Option<Vec<ValueId>>, String> {
        let Some(name) = op.attrs.text("name").filter(|name| name.starts_with("chlo.")) else {
            return Ok(None);
        };
        let Some(&known) = UnaryOp::ALL.iter().find(|&&u| OpKind::Unary(u).name() == name) else {
            return Ok(None);
        };
        let result = self.emit(OpKind::Unary(known), operands)?;
        self.agrees(op, &[result])?;
        Ok(Some(vec![result]))
    }

    fn random_bits(&mut self, op: &mut RawOp<'_>, operands: &[ValueId]) -> Result<Vec<ValueId>, String> {
        let algorithm = match op.attrs.take(&["rng_algorithm", "algorithm"]) {
            Some(Attr::Case("THREE_FRY") | Attr::Text("THREE_FRY")) => RngAlgorithm::ThreeFry,
            Some(Attr::Case("PHILOX" | "DEFAULT") | Attr::Text("PHILOX" | "DEFAULT")) => RngAlgorithm::Philox,
            _ => return Err(format!("{RNG} needs an algorithm: THREE_FRY, PHILOX or DEFAULT")),
        };
        op.no_more_attributes()?;
        let (&[state], [next, bits]) = (operands, &op.results[..]) else {
            return Err(format!("{RNG} takes one state and has two results: the next state, and bits"));
        };
        let func = rng_bit_generator(algorithm, self.ty(state), bits).map_err(|e| e.to_string())?;
        if next != self.ty(state) {
            return Err(format!("{RNG} returns a state of the type it takes, not {next}"));
        }
        self.splice(&func, operands)
    }

    /// A product whose result has a wider element type than an operand: the operand is converted first, which is
    /// exact, and what the law does with storage types anyway.
    fn widening_product(
        &mut self,
        op: &mut RawOp<'_>,
        operands: &[ValueId],
    ) -> Result<Option<Vec<ValueId>>, String> {
        let (&[lhs, rhs], [result]) = (operands, &op.results[..]) else { return Ok(None) };
        let to = result.dtype;
        let is_wider = |from: DType| match from {
            _ if from == to || from == DType::I1 || to == DType::I1 => false,
            _ if from.is_float() || to.is_float() => from.is_float() && to == DType::F32,
            _ if from.is_signed_int() => to.is_signed_int() && from.size() < to.size(),
            _ => from.size() < to.size(),
        };
        let sides = [lhs, rhs];
        let dtypes = sides.map(|v| self.ty(v).dtype);
        if !dtypes.iter().any(|d| is_wider(*d)) || !dtypes.iter().all(|d| *d == to || is_wider(*d)) {
            return Ok(None);
        }
        let kind = op.kind()?;
        let mut widened = Vec::new();
        for (v, dtype) in sides.into_iter().zip(dtypes) {
            widened.push(if dtype == to { v } else { self.emit(OpKind::Convert(to), &[v])? });
        }
        let product = self.emit(kind, &widened)?;
        self.agrees(op, &[product])?;
        Ok(Some(vec![product]))
    }

    /// `top_k` is a sort of values and positions, of which the first `k` along the last dimension are kept: floats in
    /// descending total order, equal ones by position.
    fn top_k(&mut self, op: &mut RawOp<'_>, operands: &[ValueId]) -> Result<Vec<ValueId>, String> {
        let &[x] = operands else { return Err(format!("{TOP_K} takes one operand")) };
        let k = op.index(&["k"])?;
        op.no_more_attributes()?;
        let ty = self.ty(x).clone();
        let Some(dim) = ty.rank().checked_sub(1) else { return Err(format!("{TOP_K} takes no scalar")) };
        if k > ty.shape[dim] || ty.dtype == DType::I1 {
            return Err(format!("{TOP_K} of {k} elements does not exist in a {ty}"));
        }
        let positions = TensorType::new(DType::I32, ty.shape.clone());
        let mut b = FuncBuilder::new("");
        let elements = [ty.dtype, ty.dtype, DType::I32, DType::I32];
        let args = elements.map(|dtype| b.param(TensorType::scalar(dtype)));
        let greater = match ty.dtype.is_float() {
            true => OpKind::CompareTotal(CompareDir::Gt),
            false => OpKind::Compare(CompareDir::Gt),
        };
        let greater = b.op(greater, &args[..2]);
        let comparator = self.outline(b.finish(&[greater]).map_err(|error| error.to_string())?);
        let at = self.emit(OpKind::Iota { ty: positions.clone(), dim }, &[])?;
        let sorted = self.values(vec![ty.clone(), positions])?;
        self.push(OpKind::Sort { dim, comparator }, vec![x, at], sorted.clone());
        let mut limit = ty.shape;
        limit[dim] = k;
        let first = OpKind::Slice { start: vec![0; dim + 1], strides: vec![1; dim + 1], limit };
        let kept = [self.emit(first.clone(), &sorted[..1])?, self.emit(first, &sorted[1..])?];
        self.agrees(op, &kept)?;
        Ok(kept.to_vec())
    }

    /// C's `nextafter`: on the bits as integers, a step away from zero is an addition of 1.
    fn next_after(&mut self, op: &mut RawOp<'_>, operands: &[ValueId]) -> Result<Vec<ValueId>, String> {
        op.no_more_attributes()?;
        let types: Vec<TensorType> = operands.iter().map(|&v| self.ty(v).clone()).collect();
        let (ty, word, sign) = match &types[..] {
            [x, y] if x == y && x.dtype == DType::F32 => (x, DType::U32, 1 << 31),
            [x, y] if x == y && x.dtype.is_float() => (x, DType::U16, 1 << 15),
            _ => return Err(format!("{NEXT_AFTER} takes two operands of one type of floats")),
        };
        let mut b = FuncBuilder::new("");
        let [x, y] = [b.param(ty.clone()), b.param(ty.clone())];
        let words = TensorType::new(word, ty.shape.clone());
        let fill = |b: &mut FuncBuilder, ty: &TensorType, bits: u32| {
            let data = LiteralData::Splat(bits.to_le_bytes()[..ty.dtype.size()].to_vec());
            b.constant(Literal { ty: ty.clone(), data })
        };
        let [one, sign, zero] = [1, sign, 0].map(|bits| fill(&mut b, &words, bits));
        let [x_bits, y_bits] = [x, y].map(|v| b.bitcast(v, word));
        let and = OpKind::Binary(BinaryOp::And);
        let rest = b.sub(sign, one);
        let [x_size, y_size] = [x_bits, y_bits].map(|v| b.op(and.clone(), &[v, rest]));
        // Away from zero if `y` has the sign of `x` and is larger.
        let differ = b.op(OpKind::Binary(BinaryOp::Xor), &[x_bits, y_bits]);
        let differ = b.op(and.clone(), &[differ, sign]);
        let agree = b.compare(CompareDir::Eq, differ, zero);
        let larger = b.compare(CompareDir::Lt, x_size, y_size);
        let grows = b.op(and.clone(), &[agree, larger]);
        let [up, down] = [b.add(x_bits, one), b.sub(x_bits, one)];
        let next = b.select(grows, up, down);
        // From a zero to the smallest number with the sign of `y`.
        let y_sign = b.op(and, &[y_bits, sign]);
        let smallest = b.op(OpKind::Binary(BinaryOp::Or), &[y_sign, one]);
        let is_zero = b.compare(CompareDir::Eq, x_size, zero);
        let next = b.select(is_zero, smallest, next);
        let next = b.bitcast(next, ty.dtype);
        let equal = b.compare(CompareDir::Eq, x, y);
        let next = b.select(equal, y, next);
        // A sum is NaN if an operand is, and so that the result's NaN is canonical.
        let sum = b.add(x, y);
        let [x_is_nan, y_is_nan] = [x, y].map(|v| b.compare(CompareDir::Ne, v, v));
        let is_nan = b.op(OpKind::Binary(BinaryOp::Or), &[x_is_nan, y_is_nan]);
        let next = b.select(is_nan, sum, next);
        let func = b.finish(&[next]).map_err(|error| error.to_string())?;
        let results = self.splice(&func, operands)?;
        self.agrees(op, &results)?;
        Ok(results)
    }

    /// The stated result types are those of these values.
    fn agrees(&self, op: &RawOp<'_>, values: &[ValueId]) -> Result<(), String> {
        if op.results.iter().eq(values.iter().map(|&v| self.ty(v))) {
            return Ok(());
        }
        let types: Vec<_> = values.iter().map(|&v| self.ty(v).to_string()).collect();
        Err(format!("{}: the result is a {}, but the text says another type", op.name, types.join(", ")))
    }

    /// Appends an operation that the text does not have.
    fn emit(&mut self, kind: OpKind, operands: &[ValueId]) -> Result<ValueId, String> {
        let types: Vec<_> = operands.iter().map(|&v| self.ty(v)).collect();
        let ty = infer(&kind, &types).map_err(|error| error.to_string())?;
        let result = self.values(vec![ty])?;
        self.push(kind, operands.to_vec(), result.clone());
        Ok(result[0])
    }

    /// Appends the operations of a function, called with `args`; returns its results.
    fn splice(&mut self, func: &Func, args: &[ValueId]) -> Result<Vec<ValueId>, String> {
        let mut ids = vec![ValueId(u32::MAX); func.values.len()];
        for (param, &arg) in func.params.iter().zip(args) {
            ids[param.index()] = arg;
        }
        for op in &func.ops {
            let operands = op.operands.iter().map(|v| ids[v.index()]).collect();
            let results = self.values(op.results.iter().map(|&v| func.ty(v).clone()).collect())?;
            for (old, new) in op.results.iter().zip(&results) {
                ids[old.index()] = *new;
            }
            self.push(op.kind.clone(), operands, results);
        }
        Ok(func.results.iter().map(|v| ids[v.index()]).collect())
    }
}

/// The operands as results, if the stated types are the same.
fn unchanged(op: &RawOp<'_>, operands: &[ValueId]) -> Result<Vec<ValueId>, String> {
    if op.results != op.operands {
        return Err(format!("{} must return the types it takes", op.name));
    }
    Ok(operands.to_vec())
}

/// A custom call of anything but an annotation is refused: what it computes is not in the program.
fn annotation(op: &RawOp<'_>) -> Result<(), String> {
    let target = op.attrs.text("call_target_name").unwrap_or_default();
    if ANNOTATIONS.contains(&target) {
        return Ok(());
    }
    Err(format!(
        "custom call of `{}` is not supported: what it computes is not in the program; supported: {}\nhint: write it with operations of jax.numpy or jax.lax",
        super::cursor::shorten(target),
        ANNOTATIONS.join(", ")
    ))
}
