//! A trained model on disk: `model.safetensors` with Hugging Face's GPT-2 names, and `config.json`.

use corex_models::{GptConfig, ParamTable};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::path::{Path, PathBuf};

use crate::verify::files;

/// Larger files are refused before they are read.
pub(crate) const MAX_MODEL_BYTES: u64 = 16 << 30;

/// Why a checkpoint was not written or read.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// A file cannot be read or written.
    #[error("cannot use {path}: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A file is damaged, or is of a model that corex does not know.
    #[error("{path} is not what corex can read: {why}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

pub(crate) fn io(path: &Path) -> impl Fn(std::io::Error) -> CheckpointError + '_ {
    move |error| CheckpointError::Io { path: path.to_path_buf(), error }
}

pub(crate) fn damaged(path: &Path, why: impl ToString) -> CheckpointError {
    CheckpointError::Damaged { path: path.to_path_buf(), why: why.to_string() }
}

/// Writes both files. `params` is the flat f32 vector of [`GptConfig::param_table`], little-endian.
pub fn save(dir: &Path, config: &GptConfig, params: &[u8]) -> Result<(), CheckpointError> {
    let path = dir.join(files::MODEL);
    let table = config.param_table();
    let mut tensors = Vec::new();
    for p in table.iter() {
        let bytes = params
            .get(4 * p.offset..4 * (p.offset + p.len()))
            .ok_or_else(|| too_short(&path, &table, params))?;
        let view = TensorView::new(Dtype::F32, p.shape.clone(), bytes).map_err(|e| damaged(&path, e))?;
        tensors.push((p.name.as_str(), view));
    }
    let bytes = safetensors::serialize(tensors, None).map_err(|e| damaged(&path, e))?;
    write_whole(&path, &bytes)?;
    let text = serde_json::to_string_pretty(config).map_err(|e| damaged(&dir.join(files::CONFIG), e))?;
    write_whole(&dir.join(files::CONFIG), text.as_bytes())
}

fn too_short(path: &Path, table: &ParamTable, params: &[u8]) -> CheckpointError {
    damaged(path, format!("{} bytes of parameters, expected {}", params.len(), 4 * table.total()))
}

/// Writes a file so that it is there whole or not at all.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), CheckpointError> {
    let temporary = path.with_extension("tmp");
    std::fs::write(&temporary, bytes).map_err(io(&temporary))?;
    std::fs::rename(&temporary, path).map_err(io(path))
}

/// Reads `config.json`.
pub fn config_of(dir: &Path) -> Result<GptConfig, CheckpointError> {
    let path = dir.join(files::CONFIG);
    let bytes = std::fs::read(&path).map_err(io(&path))?;
    serde_json::from_slice(&bytes).map_err(|e| damaged(&path, e))
}

/// Reads the flat parameter vector back: the blob that the lineage ends with.
pub fn params_of(dir: &Path) -> Result<Vec<u8>, CheckpointError> {
    let table = config_of(dir)?.param_table();
    let path = dir.join(files::MODEL);
    let length = std::fs::metadata(&path).map_err(io(&path))?.len();
    if length > MAX_MODEL_BYTES {
        return Err(damaged(&path, format!("{length} bytes long, the limit is {MAX_MODEL_BYTES}")));
    }
    let bytes = std::fs::read(&path).map_err(io(&path))?;
    let tensors = SafeTensors::deserialize(&bytes).map_err(|e| damaged(&path, e))?;
    let mut params = Vec::with_capacity(4 * table.total());
    for p in table.iter() {
        let tensor = tensors.tensor(&p.name).map_err(|e| damaged(&path, format!("{}: {e}", p.name)))?;
        if tensor.dtype() != Dtype::F32 || tensor.shape() != p.shape {
            let (found, shape) = (tensor.dtype(), tensor.shape());
            return Err(damaged(
                &path,
                format!("{} is {found:?} {shape:?}, expected F32 {:?}", p.name, p.shape),
            ));
        }
        params.extend_from_slice(tensor.data());
    }
    if tensors.len() != table.iter().count() {
        return Err(damaged(&path, "it holds weights that the configuration does not have"));
    }
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_survive_and_damage_is_named() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let config = GptConfig::tiny();
        let params: Vec<u8> = (0..4 * config.param_table().total()).map(|i| (i % 251) as u8).collect();
        save(dir.path(), &config, &params).expect("written");
        assert_eq!(params_of(dir.path()).expect("read"), params);
        assert_eq!(config_of(dir.path()).expect("read"), config);

        assert!(save(dir.path(), &config, &params[4..]).is_err());
        let path = dir.path().join(files::MODEL);
        let bytes = std::fs::read(&path).expect("there");
        std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("truncated");
        let error = params_of(dir.path()).expect_err("damaged").to_string();
        assert!(error.contains(files::MODEL), "{error}");
        std::fs::write(dir.path().join(files::CONFIG), b"{\"model_type\":\"bert\"}").expect("written");
        assert!(config_of(dir.path()).is_err());
    }
}
