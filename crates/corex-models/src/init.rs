//! The first value of the parameters.

use corex_hlo::{DType, FuncBuilder, TensorType, ValueId};

use crate::hash::hash_in_program;
use crate::params::{Init, ParamTable};

/// `seed: ui32` -> the flat vector of parameters. Element `i` is uniform by a hash of (seed, i), so its value
/// does not depend on how many parameters there are.
pub(crate) fn initial_params(b: &mut FuncBuilder, table: &ParamTable, seed: ValueId) -> ValueId {
    let index = b.iota(TensorType::new(DType::U32, [table.total()]), 0);
    let hash = hash_in_program(b, &[seed, index]);
    // The upper 24 bits are exact in f32: multiples of 2^-24 in [-1/2, 1/2).
    let drop = b.full(8u32, &[table.total()]);
    let bits = b.shr(hash, drop);
    let bits = b.convert(bits, DType::F32);
    let unit = b.scale(bits, 1.0 / (1 << 24) as f32);
    let centred = b.offset(unit, -0.5);
    let parts: Vec<_> = runs(table)
        .into_iter()
        .map(|(start, limit, init)| match init {
            Init::Zeros => b.full(0f32, &[limit - start]),
            Init::Ones => b.full(1f32, &[limit - start]),
            Init::Uniform { std } => {
                let part = b.slice(centred, &[start], &[limit]);
                // A uniform variable on an interval of width w has standard deviation w/√12.
                b.scale(part, std * 12f32.sqrt())
            }
        })
        .collect();
    b.concatenate(&parts, 0)
}

/// Neighbours that start alike, joined: (start, limit, init).
fn runs(table: &ParamTable) -> Vec<(usize, usize, Init)> {
    let mut runs: Vec<(usize, usize, Init)> = Vec::new();
    for p in table.iter() {
        match runs.last_mut() {
            Some((_, limit, init)) if *init == p.init => *limit += p.len(),
            _ => runs.push((p.offset, p.offset + p.len(), p.init)),
        }
    }
    runs
}
