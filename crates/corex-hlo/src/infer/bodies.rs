//! Operations that name functions of the module: calls, control flow, and bodies that are no plain reducer.

use super::{Signature, ascending, distinct_below, ensure, indexed, remaining, window};
use crate::ir::*;

type Types = Result<Vec<TensorType>, String>;

/// Result types of an operation that names functions with these signatures.
pub(super) fn results(kind: &OpKind, operands: &[&TensorType], bodies: &[Signature]) -> Types {
    use OpKind as K;
    match (kind, bodies) {
        (K::Call { callee }, [body]) => {
            takes(&format!("@{callee}"), body, operands.iter().copied())?;
            Ok(body.results.clone())
        }
        (K::While { .. }, [cond, body]) => looped(operands, cond, body),
        (K::Case { .. }, branches) => case(operands, branches),
        (K::ReduceWith { dims, .. }, [body]) => reduce(operands, dims, body),
        (K::ScatterWith { dims, .. }, [body]) => scatter(operands, dims, body),
        (K::ReduceWindowWith { window, .. }, [body]) => {
            let (xs, inits) = halves(operands)?;
            folding(xs, body)?;
            same_shape(xs)?;
            xs.iter().zip(inits).map(|(x, init)| window::folded(x, init, window)).collect()
        }
        (K::Sort { dim, .. }, [comparator]) => sort(operands, *dim, comparator),
        _ => Err("names another number of functions than it has".to_owned()),
    }
}

/// The function takes exactly these types.
fn takes<'a>(
    what: &str,
    body: &Signature,
    types: impl Iterator<Item = &'a TensorType> + Clone,
) -> Result<(), String> {
    ensure(types.clone().eq(&body.params), || {
        let show = |types: Vec<String>| types.join(", ");
        format!(
            "{what} takes ({}), but gets ({})",
            show(body.params.iter().map(ToString::to_string).collect()),
            show(types.clone().map(ToString::to_string).collect())
        )
    })
}

fn returns(what: &str, body: &Signature, types: &[TensorType]) -> Result<(), String> {
    ensure(body.results == types, || format!("{what} returns other types than the operation needs"))
}

fn looped(operands: &[&TensorType], cond: &Signature, body: &Signature) -> Types {
    takes("the condition", cond, operands.iter().copied())?;
    takes("the body", body, operands.iter().copied())?;
    returns("the condition", cond, &[TensorType::scalar(DType::I1)])?;
    let carried = operands.get(..body.results.len()).unwrap_or_default();
    ensure(!carried.is_empty(), || "must carry at least one value".to_owned())?;
    let carried: Vec<_> = carried.iter().map(|&ty| ty.clone()).collect();
    returns("the body", body, &carried)?;
    Ok(carried)
}

fn case(operands: &[&TensorType], branches: &[Signature]) -> Types {
    let (index, shared) = operands.split_first().ok_or("takes an index")?;
    ensure(**index == TensorType::scalar(DType::I32), || "the index must be a tensor<i32>".to_owned())?;
    let first = branches.first().ok_or("needs at least one branch")?;
    for (i, branch) in branches.iter().enumerate() {
        takes(&format!("branch {i}"), branch, shared.iter().copied())?;
        returns(&format!("branch {i}"), branch, &first.results)?;
    }
    Ok(first.results.clone())
}

/// `n` tensors and as many initial values.
fn halves<'t, 'a>(
    operands: &'t [&'a TensorType],
) -> Result<(&'t [&'a TensorType], &'t [&'a TensorType]), String> {
    ensure(!operands.is_empty() && operands.len().is_multiple_of(2), || {
        format!("takes as many initial values as tensors, got {} operands", operands.len())
    })?;
    Ok(operands.split_at(operands.len() / 2))
}

fn scalars(types: &[&TensorType]) -> Vec<TensorType> {
    types.iter().map(|ty| TensorType::scalar(ty.dtype)).collect()
}

fn same_shape(xs: &[&TensorType]) -> Result<(), String> {
    ensure(xs.iter().all(|x| x.shape == xs[0].shape), || "operands differ in shape".to_owned())
}

/// The body combines elements of these tensors with results so far of the same types.
fn folding(xs: &[&TensorType], body: &Signature) -> Result<(), String> {
    let elements = scalars(xs);
    takes("the body", body, elements.iter().chain(&elements))?;
    returns("the body", body, &elements)
}

fn reduce(operands: &[&TensorType], dims: &[usize], body: &Signature) -> Types {
    let (xs, inits) = halves(operands)?;
    same_shape(xs)?;
    folding(xs, body)?;
    let agree = xs.iter().zip(inits).all(|(x, init)| init.rank() == 0 && init.dtype == x.dtype);
    ensure(agree, || "initial values must be scalars of the tensors' element types".to_owned())?;
    distinct_below("dimensions", dims, xs[0].rank())?;
    ascending("dimensions", dims)?;
    let shape: Vec<_> = remaining(xs[0].rank(), dims).into_iter().map(|d| xs[0].shape[d]).collect();
    Ok(xs.iter().map(|x| TensorType::new(x.dtype, shape.clone())).collect())
}

fn scatter(operands: &[&TensorType], dims: &ScatterDims, body: &Signature) -> Types {
    let n = operands.len() / 2;
    ensure(operands.len() % 2 == 1 && n > 0, || {
        format!("takes as many updates as tensors, and indices; got {} operands", operands.len())
    })?;
    let (xs, indices, updates) = (&operands[..n], operands[n], &operands[n + 1..]);
    same_shape(xs)?;
    folding(xs, body)?;
    let one = |(x, updates): (&&TensorType, &&TensorType)| {
        indexed::scatter(x, indices, updates, dims, Reducer::Assign)
    };
    xs.iter().zip(updates).map(one).collect()
}

fn sort(xs: &[&TensorType], dim: usize, comparator: &Signature) -> Types {
    let first = xs.first().ok_or("takes at least one operand")?;
    ensure(dim < first.rank(), || format!("dimension {dim} does not exist"))?;
    same_shape(xs)?;
    let pairs: Vec<_> = scalars(xs).into_iter().flat_map(|ty| [ty.clone(), ty]).collect();
    takes("the comparator", comparator, pairs.iter())?;
    returns("the comparator", comparator, &[TensorType::scalar(DType::I1)])?;
    Ok(xs.iter().map(|&ty| ty.clone()).collect())
}
