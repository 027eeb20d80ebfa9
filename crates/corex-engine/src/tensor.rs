//! Tensors as they travel: a type and its canonical bytes.

use std::fmt;
use std::sync::Arc;

use corex_hlo::ir::{DType, TensorType};

use crate::buffer::Buffer;
use crate::digest::Digest;
use crate::error::EngineError;

/// A tensor value: a type and the bytes of its elements, little-endian, row-major. Cloning shares the bytes.
#[derive(Clone)]
pub struct Tensor {
    ty: TensorType,
    data: Arc<Buffer>,
    /// BLAKE3 of the bytes, where an evaluator has found it on the way.
    digest: Option<Digest>,
}

impl Tensor {
    /// Reads a blob: exactly the elements of `ty`, little-endian, row-major; an i1 is a byte 0 or 1.
    ///
    /// # Errors
    /// [`EngineError::Blob`] if the length is wrong or a byte of an i1 tensor is neither 0 nor 1.
    pub fn from_bytes(ty: TensorType, bytes: &[u8]) -> Result<Self, EngineError> {
        let blob_error = |message| EngineError::Blob { ty: ty.clone(), message };
        let expected = checked_bytes(&ty).ok_or_else(|| blob_error("its size overflows".into()))?;
        if bytes.len() != expected {
            return Err(blob_error(format!("expected {expected} bytes, got {}", bytes.len())));
        }
        if ty.dtype == DType::I1
            && let Some(at) = bytes.iter().position(|b| *b > 1)
        {
            return Err(blob_error(format!("byte {} at offset {at} is neither 0 nor 1", bytes[at])));
        }
        let data = Arc::new(Buffer::copy_of(bytes)?);
        Ok(Self { ty, data, digest: None })
    }

    /// An f32 tensor of the given shape.
    ///
    /// # Errors
    /// [`EngineError::Blob`] if `values` has another length than the shape says.
    pub fn from_f32(shape: &[usize], values: &[f32]) -> Result<Self, EngineError> {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Self::from_bytes(TensorType::f32(shape), &bytes)
    }

    /// A ui32 scalar, as seeds and step counters are passed.
    ///
    /// # Errors
    /// Only [`EngineError::OutOfMemory`].
    pub fn scalar_u32(value: u32) -> Result<Self, EngineError> {
        Self::from_bytes(TensorType::scalar(DType::U32), &value.to_le_bytes())
    }

    /// A ui8 vector, as token data is passed.
    ///
    /// # Errors
    /// Only [`EngineError::OutOfMemory`].
    pub fn from_u8(values: &[u8]) -> Result<Self, EngineError> {
        Self::from_bytes(TensorType::new(DType::U8, [values.len()]), values)
    }

    /// The type.
    pub fn ty(&self) -> &TensorType {
        &self.ty
    }

    /// The blob: elements little-endian, row-major.
    pub fn bytes(&self) -> &[u8] {
        self.data.bytes()
    }

    /// The blob's id: BLAKE3 of its bytes. Costs nothing for results of a program compiled with
    /// [`crate::Options::hash_results`].
    pub fn digest(&self) -> Digest {
        self.digest.unwrap_or_else(|| Digest::of_blob(self.bytes()))
    }

    /// The elements of an f32 tensor, or `None` for another element type.
    pub fn to_f32(&self) -> Option<Vec<f32>> {
        (self.ty.dtype == DType::F32).then(|| {
            self.bytes().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
        })
    }

    /// The same bytes as another type of the same size (a reshape).
    pub(crate) fn retyped(&self, ty: TensorType) -> Self {
        Self { digest: self.digest, ..Self::from_buffer(ty, self.data.clone()) }
    }

    /// The bytes, if nobody else holds them; the tensor is empty afterwards.
    pub(crate) fn take_buffer(&mut self) -> Option<Buffer> {
        Arc::get_mut(&mut self.data)?;
        let data = std::mem::replace(&mut self.data, Arc::new(Buffer::zeroed(0).ok()?));
        self.digest = None;
        Arc::into_inner(data)
    }

    /// Wraps bytes that an evaluator has produced.
    pub(crate) fn from_buffer(ty: TensorType, data: Arc<Buffer>) -> Self {
        debug_assert_eq!(checked_bytes(&ty), Some(data.len()));
        Self { ty, data, digest: None }
    }

    /// The same tensor, whose digest is known.
    pub(crate) fn with_digest(self, digest: Option<Digest>) -> Self {
        debug_assert!(digest.is_none_or(|digest| digest == Digest::of_blob(self.bytes())));
        Self { digest, ..self }
    }
}

impl AsRef<[u8]> for Tensor {
    /// As [`Tensor::bytes`].
    fn as_ref(&self) -> &[u8] {
        self.bytes()
    }
}

impl PartialEq for Tensor {
    /// Same type, same bits (so NaN equals itself and -0 differs from +0).
    fn eq(&self, other: &Self) -> bool {
        self.ty == other.ty && self.bytes() == other.bytes()
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_f32() {
            Some(values) => write!(f, "{} {values:?}", self.ty),
            None => write!(f, "{} {:?}", self.ty, self.bytes()),
        }
    }
}

/// Size of a tensor's blob, `None` if it overflows.
pub(crate) fn checked_bytes(ty: &TensorType) -> Option<usize> {
    // Zero-sized dimensions do not excuse an overflow of the others: strides are products, too.
    let strides = ty.shape.iter().try_fold(ty.dtype.size(), |n, d| n.checked_mul((*d).max(1)))?;
    Some(if ty.shape.contains(&0) { 0 } else { strides })
}
