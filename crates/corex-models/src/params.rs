//! Where each weight lies in the flat vector of parameters.

use std::collections::HashMap;

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

/// What a weight does, which is what optimizers tell weights apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Looked up or compared with, row by row: embeddings and output heads. Has weight decay.
    Embedding,
    /// Multiplies activations: a linear layer, or a convolution kernel `[…, in, out]`. Has weight decay.
    Matrix,
    /// Added to or multiplied into activations element by element: biases and gains. No weight decay.
    Vector,
}

/// A weight that has no place yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Weight {
    /// Its name, Hugging Face's where there is one, e.g. `transformer.h.0.attn.c_attn.weight`.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// What it does.
    pub kind: Kind,
    /// How it starts.
    pub init: Init,
}

impl Weight {
    /// A matrix with entries around 0.
    pub fn matrix(name: impl Into<String>, shape: &[usize], std: f32) -> Self {
        Self { name: name.into(), shape: shape.to_vec(), kind: Kind::Matrix, init: Init::Uniform { std } }
    }
    /// An embedding or output head `[rows, width]`.
    pub fn embedding(name: impl Into<String>, rows: usize, width: usize, std: f32) -> Self {
        Self {
            name: name.into(),
            shape: vec![rows, width],
            kind: Kind::Embedding,
            init: Init::Uniform { std },
        }
    }
    /// A gain, which starts at 1.
    pub fn gain(name: impl Into<String>, width: usize) -> Self {
        Self { name: name.into(), shape: vec![width], kind: Kind::Vector, init: Init::Ones }
    }
    /// A bias, which starts at 0.
    pub fn bias(name: impl Into<String>, width: usize) -> Self {
        Self { name: name.into(), shape: vec![width], kind: Kind::Vector, init: Init::Zeros }
    }
}

/// One weight in its place: elements `offset..offset + len()` of the flat vector, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// What it does.
    pub kind: Kind,
    /// How it starts.
    pub init: Init,
    /// Index of its first element.
    pub offset: usize,
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
    /// Lays out embeddings and matrices in the order given, then the vectors in the order given.
    pub fn new(weights: Vec<Weight>) -> Self {
        let (decayed, rest): (Vec<_>, Vec<_>) = weights.into_iter().partition(|w| w.kind != Kind::Vector);
        let mut table = Self::default();
        table.extend(decayed);
        table.decayed = table.total;
        table.extend(rest);
        table
    }

    fn extend(&mut self, weights: Vec<Weight>) {
        for Weight { name, shape, kind, init } in weights {
            let param = Param { name, shape, kind, init, offset: self.total };
            self.total += param.len();
            self.params.push(param);
        }
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
    pub(crate) fn unpack(&self, b: &mut FuncBuilder, params: ValueId) -> Weights {
        let mut weights = HashMap::with_capacity(self.params.len());
        for p in &self.params {
            let flat = b.slice(params, &[p.offset], &[p.offset + p.len()]);
            weights.insert(p.name.clone(), b.reshape(flat, &p.shape));
        }
        Weights(weights)
    }
}

/// The weights of a model inside a function under construction, by name.
pub(crate) struct Weights(HashMap<String, ValueId>);

impl Weights {
    pub(crate) fn get(&self, name: &str) -> ValueId {
        // Forward passes ask for the names of their own table; tests build every configuration's.
        self.0[name]
    }
}
