//! Training data as the blobs of a job: text, token ids, or rows of features with their classes.
//!
//! All three are split by position, so that the same files give the same blobs on every machine.

use corex_engine::Tensor;
use corex_hlo::{DType, TensorType};
use corex_models::{DataSizes, Input};
use std::path::Path;

use crate::corpus::{BLOCK, Corpus, HELDOUT_EVERY};
use crate::error::NodeError;
use crate::tensors;

/// Blobs to train on and to measure on, in the order of [`Input::data`].
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Blobs to train on.
    pub train: Vec<Vec<u8>>,
    /// Blobs never trained on.
    pub heldout: Vec<Vec<u8>>,
    /// How many tokens or rows each of them has.
    pub sizes: DataSizes,
    /// Where it came from, for people.
    pub source: String,
}

impl From<Corpus> for Dataset {
    /// A token is a byte.
    fn from(corpus: Corpus) -> Dataset {
        let sizes = DataSizes { train: corpus.train.len(), heldout: corpus.heldout.len() };
        Dataset { train: vec![corpus.train], heldout: vec![corpus.heldout], sizes, source: corpus.source }
    }
}

impl Dataset {
    /// Token ids from a safetensors file with one vector of integers. Every twentieth block of 4096 is held out.
    ///
    /// # Errors
    /// A file that is not that, or holds an id beyond the vocabulary.
    pub fn tokens(path: &Path, input: &Input) -> Result<Dataset, NodeError> {
        let Input::Tokens { vocab, .. } = *input else {
            return Err(NodeError::Refused("a classifier is not trained on tokens".into()));
        };
        let mut all = tensors::read(path)?.into_values();
        let (Some(tensor), None) = (all.next(), all.next()) else {
            return Err(unusable(path, "it has to hold one tensor, the token ids"));
        };
        let ids = classes(path, "token ids", &tensor, vocab)?;
        let size = input.label_type().size();
        let (mut train, mut heldout) = (Vec::new(), Vec::new());
        for (i, block) in ids.chunks(BLOCK).enumerate() {
            let part = if i % HELDOUT_EVERY == HELDOUT_EVERY - 1 { &mut heldout } else { &mut train };
            part.extend(block.iter().flat_map(|id| id.to_le_bytes().into_iter().take(size)));
        }
        let sizes = DataSizes { train: train.len() / size, heldout: heldout.len() / size };
        Ok(Dataset { train: vec![train], heldout: vec![heldout], sizes, source: path.display().to_string() })
    }

    /// `rows` as blobs: every twentieth row is held out.
    fn of_rows(rows: &Rows, path: &Path) -> Dataset {
        let width = 4 * rows.shape.iter().product::<usize>();
        let (mut train, mut heldout) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
        for (i, class) in rows.classes.iter().enumerate() {
            let part = if i % HELDOUT_EVERY == HELDOUT_EVERY - 1 { &mut heldout } else { &mut train };
            part[0].extend_from_slice(&rows.features[i * width..(i + 1) * width]);
            part[1].extend(class.to_le_bytes());
        }
        let sizes = DataSizes { train: train[1].len() / 4, heldout: heldout[1].len() / 4 };
        let source = path.display().to_string();
        Dataset { train: train.into(), heldout: heldout.into(), sizes, source }
    }
}

/// Examples of a classifier.
#[derive(Debug, Clone)]
pub struct Rows {
    /// f32 of all rows, little-endian.
    features: Vec<u8>,
    classes: Vec<u32>,
    /// Shape of one row.
    shape: Vec<usize>,
}

/// Most classes that labels may name.
const MAX_CLASSES: usize = 1 << 16;

impl Rows {
    /// From a safetensors file with a vector of integers, the classes, and a tensor of features `[rows, …]`: f32, or
    /// bytes, which are divided by 255.
    ///
    /// # Errors
    /// A file that is not that.
    pub fn read(path: &Path) -> Result<Rows, NodeError> {
        let wanted = "it has to hold two tensors: features [rows, …] and classes [rows]";
        let all: Vec<Tensor> = tensors::read(path)?.into_values().collect();
        let [a, b] = <[Tensor; 2]>::try_from(all).map_err(|_| unusable(path, wanted))?;
        let (labels, features) = if a.ty().rank() == 1 { (a, b) } else { (b, a) };
        if labels.ty().rank() != 1 || features.ty().shape.first() != labels.ty().shape.first() {
            let why = format!("{wanted}, not a {} and a {}", features.ty(), labels.ty());
            return Err(unusable(path, &why));
        }
        let classes = classes(path, "classes", &labels, MAX_CLASSES)?;
        let shape = features.ty().shape[1..].to_vec();
        let features = floats(&features)
            .ok_or_else(|| unusable(path, &format!("features are f32 or bytes, not a {}", features.ty())))?;
        if classes.len() < HELDOUT_EVERY {
            let why = format!("{} rows are too few: every {HELDOUT_EVERY}th is held out", classes.len());
            return Err(unusable(path, &why));
        }
        Ok(Rows { features: features.iter().flat_map(|x| x.to_le_bytes()).collect(), classes, shape })
    }

    /// Shape of one row's features.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Classes: one more than the largest label.
    pub fn classes(&self) -> usize {
        self.classes.iter().max().map_or(0, |most| *most as usize + 1)
    }

    /// The blobs.
    pub fn dataset(&self, path: &Path) -> Dataset {
        Dataset::of_rows(self, path)
    }
}

/// Features as numbers; bytes count 255 as 1.
pub fn floats(tensor: &Tensor) -> Option<Vec<f32>> {
    match tensor.ty().dtype {
        DType::U8 => Some(tensor.bytes().iter().map(|x| f32::from(*x) / 255.0).collect()),
        _ => tensor.to_f32(),
    }
}

/// Elements of a vector of integers, each below `limit`.
fn classes(path: &Path, what: &str, tensor: &Tensor, limit: usize) -> Result<Vec<u32>, NodeError> {
    let TensorType { dtype, shape } = tensor.ty();
    if shape.len() != 1 || !dtype.is_int() {
        return Err(unusable(path, &format!("{what} are a vector of integers, not a {}", tensor.ty())));
    }
    let size = dtype.size();
    let signed = dtype.is_signed_int();
    let value = |bytes: &[u8]| {
        // Negative numbers become huge ones, which are beyond every limit.
        let fill = if signed && bytes.last().is_some_and(|b| b >> 7 == 1) { 0xFF } else { 0 };
        let mut wide = [fill; 8];
        wide[..size].copy_from_slice(bytes);
        u64::from_le_bytes(wide)
    };
    let values = tensor.bytes().chunks_exact(size).enumerate().map(|(i, bytes)| match value(bytes) {
        id if id < limit as u64 => Ok(id as u32),
        id => {
            let shown = if signed { (id as i64).to_string() } else { id.to_string() };
            Err(unusable(
                path,
                &format!("element {i} of the {what} is {shown}, they have to be 0 to {}", limit - 1),
            ))
        }
    });
    values.collect()
}

fn unusable(path: &Path, why: &str) -> NodeError {
    NodeError::Refused(format!("{}: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(tensors: &[(&str, TensorType, Vec<u8>)]) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("data.safetensors");
        let tensors: Vec<_> = tensors
            .iter()
            .map(|(name, ty, bytes)| {
                ((*name).to_owned(), Tensor::from_bytes(ty.clone(), bytes).expect("fits"))
            })
            .collect();
        tensors::write(&path, &tensors).expect("written");
        (dir, path)
    }

    #[test]
    fn rows_are_split_and_labels_counted() {
        let pixels: Vec<u8> = (0..40 * 6).map(|i| i as u8).collect();
        let labels: Vec<u8> = (0..40i64).flat_map(|i| (i % 3).to_le_bytes()).collect();
        let (_dir, path) = file(&[
            ("x", TensorType::new(DType::U8, [40, 2, 3]), pixels),
            ("y", TensorType::new(DType::I64, [40]), labels),
        ]);
        let rows = Rows::read(&path).expect("rows");
        assert_eq!((rows.shape(), rows.classes()), (&[2, 3][..], 3));
        let data = rows.dataset(&path);
        assert_eq!(data.sizes, DataSizes { train: 38, heldout: 2 });
        assert_eq!((data.train[0].len(), data.heldout[1].len()), (38 * 6 * 4, 8));
        // Rows 19 and 39 are held out.
        assert_eq!(data.heldout[1], [1, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(data.heldout[0][..4], (114.0f32 / 255.0).to_le_bytes());
    }

    #[test]
    fn tokens_are_checked_against_the_vocabulary() {
        let ids: Vec<u8> = (0..100_000i32).flat_map(|i| (i % 300).to_le_bytes()).collect();
        let (_dir, path) = file(&[("ids", TensorType::new(DType::I32, [100_000]), ids)]);
        let input = |vocab| Input::Tokens { vocab, context: 8 };
        let data = Dataset::tokens(&path, &input(300)).expect("tokens");
        assert_eq!(data.sizes, DataSizes { train: 100_000 - BLOCK, heldout: BLOCK });
        assert_eq!(data.train[0].len(), 2 * (100_000 - BLOCK));
        let error = Dataset::tokens(&path, &input(299)).expect_err("one too many").to_string();
        assert!(error.contains("element 299") && error.contains("0 to 298"), "{error}");
        let error = Rows::read(&path).expect_err("one tensor").to_string();
        assert!(error.contains("two tensors"), "{error}");
        let (_dir, path) = file(&[("ids", TensorType::new(DType::I8, [2]), vec![3, 0xFF])]);
        let error = Dataset::tokens(&path, &input(300)).expect_err("negative").to_string();
        assert!(error.contains("is -1"), "{error}");
    }
}
