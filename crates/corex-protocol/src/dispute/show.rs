//! What is shown of programs, tensors and frames.

use corex_engine::Tensor;
use corex_engine::trace::{BlobTree, CHUNK, Digest, Record, Recorded, function_tree, program_tree};
use corex_hlo::lower::{Lowered, Operand, Source as From, encode_header};

use super::PlayError;
use super::types::{Chunk, Code, Inner, Source};

/// Function `func` of the program.
pub(super) fn code(program: &Lowered, func: usize) -> Result<Code, PlayError> {
    let (functions, operators) = (program_tree(program), function_tree(program, func));
    let header = program.funcs.get(func).map(|f| encode_header(program, f));
    let siblings = functions.proof(func as u64);
    let (header, siblings) = header.zip(siblings).ok_or(PlayError::Evidence("a function is missing"))?;
    Ok(Code {
        functions: functions.count(),
        siblings,
        header,
        count: operators.count(),
        top: operators.top(),
    })
}

/// A frame of a loop or branch with its place among them.
pub(super) fn inner(record: &Record, siblings: Vec<Digest>) -> Inner {
    Inner {
        parameters: record.params.clone(),
        results: record.results.clone(),
        operators: record.tree().root(),
        siblings,
    }
}

/// What the leaf of an operator hashes.
pub(super) fn leaf_words(recorded: &Recorded) -> Vec<Digest> {
    recorded.leaf.results.iter().copied().chain(recorded.leaf.frames).collect()
}

/// Which blob an operand is, in a frame that has these operators up to there; `siblings` gives what stands beside an
/// operator's leaf.
pub(super) fn source(
    frame: &Record,
    operand: &Operand,
    siblings: impl Fn(u64) -> Option<Vec<Digest>>,
) -> Result<Source, PlayError> {
    Ok(match operand.source {
        From::Param(_) => Source { words: frame.params.clone(), siblings: Vec::new() },
        From::Constant(_) => Source::default(),
        From::Op { op, .. } => {
            let recorded = frame.operators.get(op as usize).zip(siblings(op.into()));
            let (recorded, siblings) =
                recorded.ok_or(PlayError::Evidence("an operand's operator is missing"))?;
            Source { words: leaf_words(recorded), siblings }
        }
    })
}

/// The chunks in which elements lie, ascending.
pub(super) fn chunks(tensor: &Tensor, elements: impl Iterator<Item = u64>) -> Result<Vec<Chunk>, PlayError> {
    let blob = BlobTree::new(tensor.bytes());
    let size = tensor.ty().dtype.size() as u64;
    // Elements are of 1, 2, 4 or 8 bytes, so none lies in two chunks.
    let mut numbers: Vec<u64> = elements.map(|element| element * size / CHUNK as u64).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let one = |index| {
        let parts = blob.chunk(index).zip(blob.siblings(0, index));
        let (data, siblings) = parts.ok_or(PlayError::Evidence("a tensor is too short"))?;
        Ok(Chunk { index, data: data.to_vec(), siblings })
    };
    numbers.into_iter().map(one).collect()
}
