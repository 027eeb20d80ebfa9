//! Where each weight lies in the flat vector of parameters.

use corex_hlo::{FuncBuilder, ValueId};

/// How a parameter starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Init {
    /// All zeros.
    Zeros,
    /// All ones.
    Ones,
    /// Uniform around 0 with this standard deviation.
    Uniform {
        /// Standard deviation.
        std: f32,
    },
}

/// One weight: elements `offset..offset + len()` of the flat vector, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Hugging Face's name, e.g. `transformer.h.0.attn.c_attn.weight`.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Index of its first element.
    pub offset: usize,
    /// How it starts.
    pub init: Init,
}

impl Param {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }
    /// True if it has no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// All weights of a model, in the order in which they lie: those with weight decay first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ParamTable {
    params: Vec<Param>,
    total: usize,
    decayed: usize,
}

impl ParamTable {
    /// Lays out matrices (decayed), then the rest.
    pub(crate) fn new(
        decayed: Vec<(String, Vec<usize>, Init)>,
        rest: Vec<(String, Vec<usize>, Init)>,
    ) -> Self {
        let mut table = Self::default();
        let matrices = decayed.len();
        for (i, (name, shape, init)) in decayed.into_iter().chain(rest).enumerate() {
            let param = Param { name, shape, offset: table.total, init };
            table.total += param.len();
            if i < matrices {
                table.decayed = table.total;
            }
            table.params.push(param);
        }
        table
    }

    /// The weights, by ascending offset.
    pub fn iter(&self) -> impl Iterator<Item = &Param> {
        self.params.iter()
    }
    /// Number of elements of the flat vector.
    pub fn total(&self) -> usize {
        self.total
    }
    /// Elements below this index have weight decay.
    pub fn decayed(&self) -> usize {
        self.decayed
    }
    /// The weight of that name.
    pub fn get(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|p| p.name == name)
    }

    /// Appends operations that cut each weight out of the flat vector `params: tensor<Nxf32>`.
    pub(crate) fn unpack(&self, b: &mut FuncBuilder, params: ValueId) -> Vec<(String, ValueId)> {
        let mut weights = Vec::with_capacity(self.params.len());
        for p in &self.params {
            let flat = b.slice(params, &[p.offset], &[p.offset + p.len()]);
            weights.push((p.name.clone(), b.reshape(flat, &p.shape)));
        }
        weights
    }
}
