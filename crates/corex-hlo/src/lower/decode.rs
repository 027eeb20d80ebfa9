//! Reads what [`super::encode`] writes, from anybody.

use super::check::check;
use super::encode::{
    BINARY, BITCAST, CLAMP, COMPARE, COMPARE_TOTAL, CONVERT, FORMAT, REDUCE_PRECISION, SELECT,
};
use super::form::*;
use crate::error::HloError;
use crate::infer::checked_bytes;
use crate::ir::*;

/// Why bytes are no lowered program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes are not the encoding of anything.
    #[error("lowered program, byte {at}: {message}")]
    Bytes {
        /// Position of the byte, from 0.
        at: usize,
        /// What is wrong there.
        message: String,
    },
    /// They encode something that is no program.
    #[error(transparent)]
    Program(#[from] HloError),
}

/// The program that the bytes encode, checked.
///
/// # Errors
/// Bytes that [`super::encode`] does not write, and programs that [`super::check`] refuses.
pub fn decode(bytes: &[u8]) -> Result<Lowered, DecodeError> {
    let mut from = Cursor { bytes, at: 0, constants: Vec::new() };
    let program = from.program().and_then(|program| from.end().map(|()| program));
    let program = program.map_err(|message| DecodeError::Bytes { at: from.at, message })?;
    check(&program)?;
    let right = |(position, id): &(u32, [u8; 32])| {
        program.constants.get(*position as usize).is_some_and(|constant| constant.id() == *id)
    };
    match from.constants.iter().all(right) {
        true => Ok(program),
        false => {
            Err(HloError::Module("lowered program: a constant is no blob of the id named".to_owned()).into())
        }
    }
}

/// One operator, alone, with the ids of the constants that it reads. What depends on the program around it is not
/// checked; its own evaluation is safe.
///
/// # Errors
/// As [`decode`].
pub fn decode_op(bytes: &[u8]) -> Result<(LoweredOp, Vec<[u8; 32]>), DecodeError> {
    let mut from = Cursor { bytes, at: 0, constants: Vec::new() };
    let op = from.op().and_then(|op| from.end().map(|()| op));
    let op = op.map_err(|message| DecodeError::Bytes { at: from.at, message })?;
    super::check::operator(&op)
        .map_err(|message| HloError::Module(format!("lowered operator: {message}")))?;
    Ok((op, from.constants.into_iter().map(|(_, id)| id).collect()))
}

type Decoded<T> = Result<T, String>;

struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
    /// Positions and ids of the constants met.
    constants: Vec<(u32, [u8; 32])>,
}

impl Cursor<'_> {
    fn take<const N: usize>(&mut self) -> Decoded<[u8; N]> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (&head, _) = rest.split_first_chunk::<N>().ok_or("the bytes end here")?;
        self.at += N;
        Ok(head)
    }

    fn u8(&mut self) -> Decoded<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Decoded<u32> {
        self.take().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Decoded<u64> {
        self.take().map(u64::from_be_bytes)
    }

    fn end(&self) -> Decoded<()> {
        if self.at == self.bytes.len() { Ok(()) } else { Err("there is more behind the end".to_owned()) }
    }

    /// A list; its items take at least one byte each, so that a count cannot ask for more memory than there are bytes.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Decoded<T>) -> Decoded<Vec<T>> {
        let count = self.u32()? as usize;
        if count > self.bytes.len() - self.at {
            return Err(format!("a list of {count} items does not fit into what is left"));
        }
        (0..count).map(|_| item(self)).collect()
    }

    fn sizes(&mut self) -> Decoded<Vec<u64>> {
        self.list(Self::u64)
    }

    fn dtype(&mut self) -> Decoded<DType> {
        const ALL: [DType; 12] = [
            DType::I1,
            DType::I8,
            DType::I16,
            DType::I32,
            DType::I64,
            DType::U8,
            DType::U16,
            DType::U32,
            DType::U64,
            DType::F16,
            DType::BF16,
            DType::F32,
        ];
        let code = self.u8()?;
        ALL.into_iter().find(|dtype| dtype.code() == code).ok_or_else(|| format!("{code} is no element type"))
    }

    fn ty(&mut self) -> Decoded<TensorType> {
        let dtype = self.dtype()?;
        let size = |from: &mut Self| {
            let size = from.u64()?;
            usize::try_from(size).map_err(|_| format!("{size} is no size of a dimension"))
        };
        Ok(TensorType::new(dtype, self.list(size)?))
    }

    fn program(&mut self) -> Decoded<Lowered> {
        let format = self.u8()?;
        if format != FORMAT {
            return Err(format!("format {format} is not known; this program reads format {FORMAT}"));
        }
        let funcs = self.list(|from| {
            let params = from.list(Self::ty)?;
            let results = from.list(Self::operand)?;
            Ok(LoweredFunc { params, results, ops: from.list(Self::op)? })
        })?;
        let constants = self.list(|from| {
            let ty = from.ty()?;
            let bytes = checked_bytes(&ty)
                .and_then(|size| from.bytes.get(from.at..from.at.checked_add(size)?))
                .ok_or("the bytes of a constant end here")?
                .to_vec();
            from.at += bytes.len();
            Ok(Constant::new(ty, bytes))
        })?;
        Ok(Lowered { funcs, constants })
    }

    fn operand(&mut self) -> Decoded<Operand> {
        let source = match self.u8()? {
            0 => Source::Param(self.u32()?),
            1 => Source::Op { op: self.u32()?, result: self.u32()? },
            2 => {
                let (position, id) = (self.u32()?, self.take()?);
                self.constants.push((position, id));
                Source::Constant(position)
            }
            code => return Err(format!("{code} is no source of an operand")),
        };
        Ok(Operand { source, ty: self.ty()? })
    }

    fn op(&mut self) -> Decoded<LoweredOp> {
        let operands = self.list(Self::operand)?;
        let results = self.list(Self::ty)?;
        let kind = match self.u8()? {
            0 => {
                let (space, function) = (self.sizes()?, self.scalar()?);
                Kind::Map { space, function, reads: self.list(Self::read)? }
            }
            1 => {
                let (space, over) = (self.sizes()?, self.sizes()?);
                let (reads, inits) = (self.list(Self::read)?, self.list(Self::read)?);
                Kind::Fold(Fold { space, over, reads, inits, combine: self.combine()? })
            }
            2 => {
                let [outer, length, inner, width] = [self.u64()?, self.u64()?, self.u64()?, self.u64()?];
                Kind::Merge(Merge { outer, length, inner, width, comparator: self.body()? })
            }
            3 => Kind::Reinterpret,
            4 => Kind::While { cond: self.u32()?, body: self.u32()? },
            5 => Kind::Case { branches: self.list(Self::u32)? },
            code => return Err(format!("{code} is no kind of operator")),
        };
        Ok(LoweredOp { kind, operands, results })
    }

    fn combine(&mut self) -> Decoded<Combine> {
        Ok(match self.u8()? {
            0 => Combine::Contract,
            1 => Combine::Sum { lanes: self.u8()? },
            2 => match self.scalar()? {
                Scalar::Binary(function) => Combine::Chain(function),
                function => return Err(format!("{function:?} is no function of two numbers")),
            },
            3 => Combine::Body(self.body()?),
            code => return Err(format!("{code} is no way to combine")),
        })
    }

    fn scalar(&mut self) -> Decoded<Scalar> {
        const DIRECTIONS: [CompareDir; 6] =
            [CompareDir::Eq, CompareDir::Ne, CompareDir::Lt, CompareDir::Le, CompareDir::Gt, CompareDir::Ge];
        let code = self.u8()?;
        let position = |first: u8| usize::from(code.wrapping_sub(first));
        let unary = || UnaryOp::ALL.get(position(1)).copied().map(Scalar::Unary);
        let binary = || BinaryOp::ALL.get(position(BINARY)).copied().map(Scalar::Binary);
        let direction = |first: u8| DIRECTIONS.get(position(first)).copied();
        let found = match code {
            0 => Some(Scalar::Copy),
            SELECT => Some(Scalar::Select),
            CLAMP => Some(Scalar::Clamp),
            CONVERT => Some(Scalar::Convert(self.dtype()?)),
            BITCAST => Some(Scalar::Bitcast(self.dtype()?)),
            REDUCE_PRECISION => {
                Some(Scalar::ReducePrecision { exponent_bits: self.u8()?, mantissa_bits: self.u8()? })
            }
            _ => unary()
                .or_else(binary)
                .or_else(|| direction(COMPARE).map(Scalar::Compare))
                .or_else(|| direction(COMPARE_TOTAL).map(Scalar::CompareTotal)),
        };
        found.ok_or_else(|| format!("{code} is no scalar function"))
    }

    fn read(&mut self) -> Decoded<Read> {
        let dtype = self.dtype()?;
        let places = self.list(|from| match from.u8()? {
            0 => {
                let operand = from.u32()?;
                let axes = from.list(|from| from.axis(true))?;
                Ok(Place::Element { operand, axes })
            }
            1 => from.u64().map(Place::Literal),
            2 => from.affine().map(Place::Index),
            code => Err(format!("{code} is no place to read from")),
        })?;
        Ok(Read { dtype, places })
    }

    /// An axis; within a start there are no further ones.
    fn axis(&mut self, starts: bool) -> Decoded<Axis> {
        let [size, stride, divisor] = [self.u64()?, self.u64()?, self.u64()?];
        let at = self.affine()?;
        let start = match self.u8()? {
            0 => None,
            flags if flags & 1 == 1 && flags < 8 && starts => {
                let operand = self.u32()?;
                let most = (flags & 4 != 0).then(|| self.u64()).transpose()?;
                let axes = self.list(|from| from.axis(false))?;
                Some(Start { operand, axes, most, negative: flags & 2 != 0 })
            }
            flags => return Err(format!("{flags} says nothing of a start")),
        };
        Ok(Axis { size, stride, at, divisor, start })
    }

    fn affine(&mut self) -> Decoded<Affine> {
        let offset = self.u64()? as i64;
        let terms = self.list(|from| Ok((from.u32()?, from.u64()? as i64)))?;
        Ok(Affine { offset, terms })
    }

    fn body(&mut self) -> Decoded<Body> {
        let steps = self.list(|from| match from.u8()? {
            0 => Ok(Step::Literal { dtype: from.dtype()?, bits: from.u64()? }),
            1 => {
                let function = from.scalar()?;
                let dtype = from.dtype()?;
                Ok(Step::Apply { function, dtype, args: from.list(Self::u32)? })
            }
            code => Err(format!("{code} is no step of a body")),
        })?;
        Ok(Body { steps, results: self.list(Self::u32)? })
    }
}
