//! A trained model on disk, in Hugging Face's format: `model.safetensors` and `config.json`.

use corex_models::Model;
use corex_models::hf::{Storage, read_weights, write_weights};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
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

/// Writes both files. `params` is the flat f32 vector of [`Model::param_table`], little-endian.
pub fn save(dir: &Path, model: &Model, params: &[u8], storage: Storage) -> Result<(), CheckpointError> {
    let path = dir.join(files::MODEL);
    let bytes = write_weights(model, params, storage).map_err(|e| damaged(&path, e))?;
    write_whole(&path, &bytes)?;
    let text = serde_json::to_string_pretty(model).map_err(|e| damaged(&dir.join(files::CONFIG), e))?;
    write_whole(&dir.join(files::CONFIG), text.as_bytes())
}

/// Writes a file so that it is there whole or not at all.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), CheckpointError> {
    let temporary = path.with_extension("tmp");
    std::fs::write(&temporary, bytes).map_err(io(&temporary))?;
    std::fs::rename(&temporary, path).map_err(io(path))
}

/// Reads `config.json`, of a checkpoint of ours or of Hugging Face's.
pub fn model_of(dir: &Path) -> Result<Model, CheckpointError> {
    config(&dir.join(files::CONFIG))
}

/// Reads a `config.json`.
pub fn config(path: &Path) -> Result<Model, CheckpointError> {
    serde_json::from_slice(&read(path)?).map_err(|e| damaged(path, e))
}

/// Reads the flat parameter vector: for a model of ours, the blob that the lineage ends with. Weights of Hugging Face's
/// may lie in several files, which `model.safetensors.index.json` names.
pub fn params_of(dir: &Path) -> Result<Vec<u8>, CheckpointError> {
    let model = model_of(dir)?;
    let (path, shards) = weight_files(dir)?;
    let contents = shards.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    let contents: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
    read_weights(&model, &contents).map_err(|e| damaged(&path, e))
}

/// The file that stands for the weights, and the files that they are in.
fn weight_files(dir: &Path) -> Result<(PathBuf, Vec<PathBuf>), CheckpointError> {
    #[derive(serde::Deserialize)]
    struct Index {
        weight_map: BTreeMap<String, String>,
    }
    let whole = dir.join(files::MODEL);
    let index = dir.join(format!("{}.index.json", files::MODEL));
    if whole.exists() || !index.exists() {
        return Ok((whole.clone(), vec![whole]));
    }
    let Index { weight_map } = serde_json::from_slice(&read(&index)?).map_err(|e| damaged(&index, e))?;
    let names: BTreeSet<String> = weight_map.into_values().collect();
    if let Some(name) = names.iter().find(|name| Path::new(name).file_name() != Some(OsStr::new(name))) {
        return Err(damaged(&index, format!("{name:?} is no name of a file beside it")));
    }
    Ok((index, names.iter().map(|name| dir.join(name)).collect()))
}

/// The bytes of a file that is not absurdly long.
fn read(path: &Path) -> Result<Vec<u8>, CheckpointError> {
    let length = std::fs::metadata(path).map_err(io(path))?.len();
    if length > MAX_MODEL_BYTES {
        return Err(damaged(path, format!("{length} bytes long, the limit is {MAX_MODEL_BYTES}")));
    }
    std::fs::read(path).map_err(io(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use corex_models::GptConfig;

    #[test]
    fn parameters_survive_and_damage_is_named() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let model = Model::Gpt(GptConfig::tiny());
        let params: Vec<u8> = (0..4 * model.param_table().total()).map(|i| (i % 251) as u8).collect();
        save(dir.path(), &model, &params, Storage::F32).expect("written");
        assert_eq!(params_of(dir.path()).expect("read"), params);
        assert_eq!(model_of(dir.path()).expect("read"), model);

        assert!(save(dir.path(), &model, &params[4..], Storage::F32).is_err());
        let path = dir.path().join(files::MODEL);
        let bytes = std::fs::read(&path).expect("there");
        std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("truncated");
        let error = params_of(dir.path()).expect_err("damaged").to_string();
        assert!(error.contains(files::MODEL), "{error}");
        std::fs::write(dir.path().join(files::CONFIG), b"{\"model_type\":\"bert\"}").expect("written");
        let error = model_of(dir.path()).expect_err("another family").to_string();
        assert!(error.contains("bert") && error.contains("gpt2, llama"), "{error}");
    }

    #[test]
    fn weights_in_several_files_are_put_together() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let model = Model::Gpt(GptConfig::tiny());
        let params: Vec<u8> =
            (0..model.param_table().total()).flat_map(|i| (i as f32).to_le_bytes()).collect();
        save(dir.path(), &model, &params, Storage::F32).expect("written");
        let whole = crate::tensors::read(&dir.path().join(files::MODEL)).expect("read");
        std::fs::remove_file(dir.path().join(files::MODEL)).expect("removed");
        let mut map = BTreeMap::new();
        for (i, (name, tensor)) in whole.into_iter().enumerate() {
            let file = format!("model-{i}.safetensors");
            crate::tensors::write(&dir.path().join(&file), &[(name.clone(), tensor)]).expect("written");
            map.insert(name, file);
        }
        let index = dir.path().join("model.safetensors.index.json");
        let write = |map: &BTreeMap<String, String>| {
            let text = serde_json::json!({ "weight_map": map }).to_string();
            std::fs::write(&index, text).expect("written");
        };
        write(&map);
        assert_eq!(params_of(dir.path()).expect("read"), params);
        map.insert("other".into(), "../outside.safetensors".into());
        write(&map);
        let error = params_of(dir.path()).expect_err("leaves the folder").to_string();
        assert!(error.contains("../outside.safetensors"), "{error}");
    }
}
