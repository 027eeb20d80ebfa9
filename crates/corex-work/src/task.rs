//! Tasks: pure functions applied to named bytes.

use serde::{Deserialize, Serialize};

use crate::abi::{Words, hash_words, keccak256};
use crate::ids::{BlobId, ProgramId, TaskId};

/// `func` of `program`, applied to `inputs`. Equal tasks have equal ids and, by the arithmetic law, equal
/// outputs: a task says everything there is to say about its result.
#[derive(Clone, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub struct Task {
    /// The program that holds the function.
    pub program: ProgramId,
    /// Name of the function inside the program.
    pub func: String,
    /// Argument blobs, in parameter order.
    pub inputs: Vec<BlobId>,
}

impl Task {
    /// EIP-712 type string.
    pub const TYPE: &'static str = "Task(bytes32 program,string func,bytes32[] inputs)";

    /// The EIP-712 struct hash (without a domain: a task is the same on every chain).
    pub fn id(&self) -> TaskId {
        let words = Words::new()
            .word(&keccak256(Self::TYPE.as_bytes()))
            .word(&self.program.0)
            .word(&keccak256(self.func.as_bytes()))
            .word(&hash_words(self.inputs.iter().map(BlobId::as_bytes)));
        TaskId(words.keccak())
    }
}

/// The blob of a rank-0 `ui32` tensor: four bytes, little endian. Steps, shards and seeds are such blobs.
pub const fn scalar_u32(value: u32) -> [u8; 4] {
    value.to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_matters() {
        let task = Task { program: BlobId([1; 32]), func: "main".into(), inputs: vec![BlobId([2; 32]); 2] };
        let mut others = vec![task.clone(); 4];
        others[0].program = BlobId([3; 32]);
        others[1].func = "maim".into();
        others[2].inputs.swap_remove(1);
        others[3].inputs.push(BlobId([2; 32]));
        for other in others {
            assert_ne!(other.id(), task.id(), "{other:?}");
        }
        assert_eq!(task.clone().id(), task.id());
    }
}
