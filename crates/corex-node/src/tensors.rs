//! Tensors of any element type in safetensors files, by name.

use corex_engine::Tensor;
use corex_hlo::{DType, TensorType};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use std::collections::BTreeMap;
use std::path::Path;

use crate::checkpoint::{CheckpointError, MAX_MODEL_BYTES, damaged, io, write_whole};

/// Reads every tensor of a file.
///
/// # Errors
/// An unreadable or oversized file; one that is not in the safetensors format, or holds an element type that programs
/// do not have (f64, f8).
pub fn read(path: &Path) -> Result<BTreeMap<String, Tensor>, CheckpointError> {
    let length = std::fs::metadata(path).map_err(io(path))?.len();
    if length > MAX_MODEL_BYTES {
        return Err(damaged(path, format!("{length} bytes long, the limit is {MAX_MODEL_BYTES}")));
    }
    let bytes = std::fs::read(path).map_err(io(path))?;
    let file = SafeTensors::deserialize(&bytes).map_err(|e| damaged(path, e))?;
    let mut tensors = BTreeMap::new();
    for (name, view) in file.iter() {
        let dtype = dtype_of(view.dtype())
            .ok_or_else(|| damaged(path, format!("{name} has elements of type {:?}", view.dtype())))?;
        let ty = TensorType::new(dtype, view.shape());
        let tensor =
            Tensor::from_bytes(ty, view.data()).map_err(|e| damaged(path, format!("{name}: {e}")))?;
        tensors.insert(name.to_owned(), tensor);
    }
    Ok(tensors)
}

/// Writes tensors to a file, which is there whole or not at all.
///
/// # Errors
/// A file that cannot be written.
pub fn write(path: &Path, tensors: &[(String, Tensor)]) -> Result<(), CheckpointError> {
    let views = tensors.iter().map(|(name, tensor)| {
        let ty = tensor.ty();
        let view = TensorView::new(storage_of(ty.dtype), ty.shape.clone(), tensor.bytes());
        view.map(|view| (name.as_str(), view)).map_err(|e| damaged(path, e))
    });
    let views = views.collect::<Result<Vec<_>, _>>()?;
    let bytes = safetensors::serialize(views, None).map_err(|e| damaged(path, e))?;
    write_whole(path, &bytes)
}

fn dtype_of(stored: Dtype) -> Option<DType> {
    DTYPES.iter().find(|(_, s)| *s == stored).map(|(d, _)| *d)
}

fn storage_of(dtype: DType) -> Dtype {
    let found = DTYPES.iter().find(|(d, _)| *d == dtype);
    found.expect("the table has every element type").1
}

const DTYPES: [(DType, Dtype); 12] = [
    (DType::I1, Dtype::BOOL),
    (DType::I8, Dtype::I8),
    (DType::I16, Dtype::I16),
    (DType::I32, Dtype::I32),
    (DType::I64, Dtype::I64),
    (DType::U8, Dtype::U8),
    (DType::U16, Dtype::U16),
    (DType::U32, Dtype::U32),
    (DType::U64, Dtype::U64),
    (DType::F16, Dtype::F16),
    (DType::BF16, Dtype::BF16),
    (DType::F32, Dtype::F32),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_type_survives_and_others_are_named() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("all.safetensors");
        let tensors: Vec<(String, Tensor)> = DTYPES
            .iter()
            .map(|(dtype, _)| {
                let bytes = vec![1; 6 * dtype.size()];
                let tensor =
                    Tensor::from_bytes(TensorType::new(*dtype, [2, 3]), &bytes).expect("six elements");
                (dtype.name().to_owned(), tensor)
            })
            .collect();
        write(&path, &tensors).expect("written");
        assert_eq!(read(&path).expect("read"), tensors.iter().cloned().collect());

        let view = TensorView::new(Dtype::F64, vec![1], &[0; 8]).expect("one element");
        std::fs::write(&path, safetensors::serialize([("w", view)], None).expect("bytes")).expect("written");
        let error = read(&path).expect_err("f64 is refused").to_string();
        assert!(error.contains("w has elements of type F64"), "{error}");
        std::fs::write(&path, b"garbage").expect("written");
        assert!(read(&path).expect_err("garbage is refused").to_string().contains("all.safetensors"));
    }
}
