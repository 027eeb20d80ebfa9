//! `model.safetensors`.

use std::collections::BTreeMap;

use corex_num::convert::{bf16_to_f32, f16_to_f32, f32_to_bf16, f32_to_f16};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::error::{ModelError, require};
use crate::model::Model;
use crate::params::{Kind, Param};

/// Element types in which a checkpoint may lie on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Storage {
    /// Exact.
    #[default]
    F32,
    /// Rounded to nearest, ties to even; values beyond 65,504 become infinite.
    F16,
    /// Rounded to nearest, ties to even.
    Bf16,
}

impl Storage {
    fn dtype(self) -> Dtype {
        match self {
            Self::F32 => Dtype::F32,
            Self::F16 => Dtype::F16,
            Self::Bf16 => Dtype::BF16,
        }
    }

    fn encode(self, f32s: &[u8]) -> Vec<u8> {
        let round = |convert: fn(f32) -> u16| -> Vec<u8> {
            let (values, _) = f32s.as_chunks::<4>();
            values.iter().flat_map(|x| convert(f32::from_le_bytes(*x)).to_le_bytes()).collect()
        };
        match self {
            Self::F32 => f32s.to_vec(),
            Self::F16 => round(f32_to_f16),
            Self::Bf16 => round(f32_to_bf16),
        }
    }
}

/// The file for the flat vector `params` of [`Model::param_table`], f32 little-endian.
///
/// # Errors
/// Parameters that are not those of the model.
pub fn write_weights(model: &Model, params: &[u8], storage: Storage) -> Result<Vec<u8>, ModelError> {
    let table = model.param_table();
    require(params.len() == 4 * table.total(), || {
        format!("{} bytes of parameters, the model has {}", params.len(), 4 * table.total())
    })?;
    let encode = |p: &Param| storage.encode(&params[4 * p.offset..4 * (p.offset + p.len())]);
    let encoded: Vec<_> = table.iter().map(|p| (p, encode(p))).collect();
    let mut tensors = Vec::with_capacity(encoded.len());
    for (p, bytes) in &encoded {
        tensors
            .push((p.name.as_str(), TensorView::new(storage.dtype(), p.shape.clone(), bytes).map_err(file)?));
    }
    // What `transformers` asks for: the layout is PyTorch's, row-major.
    let metadata = [("format".to_owned(), "pt".to_owned())].into();
    safetensors::serialize(tensors, Some(metadata)).map_err(file)
}

/// The flat f32 vector of [`Model::param_table`], little-endian, from the files of a checkpoint (one, or several shards).
/// Weights may be f32, f16 or bf16, and lack the prefix of the model inside (`transformer.`, `model.`), as checkpoints
/// without a head do.
///
/// # Errors
/// A damaged file; a weight that is missing, twice there, of another shape or type; a tensor that the model does not
/// have; an output head that is not the embedding although the configuration says so.
pub fn read_weights(model: &Model, files: &[&[u8]]) -> Result<Vec<u8>, ModelError> {
    let files: Vec<SafeTensors> =
        files.iter().map(|bytes| SafeTensors::deserialize(bytes).map_err(file)).collect::<Result<_, _>>()?;
    let mut tensors = BTreeMap::new();
    for (name, tensor) in files.iter().flat_map(SafeTensors::iter) {
        require(tensors.insert(name, tensor).is_none(), || format!("{name} is there twice"))?;
    }
    let table = model.param_table();
    let mut params = vec![0; 4 * table.total()];
    for p in table.iter() {
        let (_, inner) = p.name.split_once('.').unwrap_or_default();
        let found = tensors.remove(p.name.as_str()).or_else(|| tensors.remove(inner));
        let found = found.ok_or_else(|| ModelError::Config(format!("there is no {}", p.name)))?;
        params[4 * p.offset..4 * (p.offset + p.len())].copy_from_slice(&decode(p, &found)?);
    }
    for (name, tensor) in tensors {
        if is_buffer(name) {
            continue;
        }
        let embedding = table.iter().find(|p| p.kind == Kind::Embedding);
        match embedding.filter(|_| name == HEAD) {
            Some(p) => {
                let same = params[4 * p.offset..4 * (p.offset + p.len())] == decode(p, &tensor)?;
                require(same, || {
                    format!("{HEAD} is not the embedding: tie_word_embeddings in the configuration is wrong")
                })?;
            }
            None => return Err(ModelError::Config(format!("{name} is no weight of this model"))),
        }
    }
    Ok(params)
}

/// The output head, in every family of language models.
const HEAD: &str = "lm_head.weight";

/// Tensors of old checkpoints that hold no weights, but what `transformers` computed once: causal masks and angles.
fn is_buffer(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    name.ends_with(".attn.bias") || matches!(last, "masked_bias" | "inv_freq")
}

/// The tensor's elements as f32, little-endian.
fn decode(p: &Param, tensor: &TensorView) -> Result<Vec<u8>, ModelError> {
    let (found, shape) = (tensor.dtype(), tensor.shape());
    let fits = matches!(found, Dtype::F32 | Dtype::F16 | Dtype::BF16) && shape == p.shape;
    require(fits, || format!("{} is {found:?} {shape:?}, expected F32, F16 or BF16 {:?}", p.name, p.shape))?;
    let widen = |convert: fn(u16) -> f32| {
        let (values, _) = tensor.data().as_chunks::<2>();
        values.iter().flat_map(|x| convert(u16::from_le_bytes(*x)).to_le_bytes()).collect()
    };
    Ok(match found {
        Dtype::F16 => widen(f16_to_f32),
        Dtype::BF16 => widen(bf16_to_f32),
        _ => tensor.data().to_vec(),
    })
}

fn file(error: safetensors::SafeTensorError) -> ModelError {
    ModelError::Config(error.to_string())
}
