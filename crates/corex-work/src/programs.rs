//! A job's lowered programs: what its task's functions are, in the form that a contract can execute.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::abi::{Words, keccak256};
use crate::ids::{Hash32, ProgramId};
use crate::merkle::MerkleTree;

/// Function `func` of `program` lowers to the program with root `lowered` (`docs/spec/lowering.md`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
pub struct LoweredProgram {
    /// The program.
    pub program: ProgramId,
    /// Name of its function.
    pub func: String,
    /// Root of the lowered program.
    pub lowered: Hash32,
}

impl LoweredProgram {
    /// `keccak256(keccak256(abi.encode(program, keccak256(func), lowered)))`; hashed twice, as a round's leaves.
    pub fn leaf(&self) -> Hash32 {
        let words =
            Words::new().word(&self.program.0).word(&keccak256(self.func.as_bytes())).word(&self.lowered.0);
        Hash32(keccak256(&words.keccak()))
    }
}

/// Why a list is none of a job's programs.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProgramsError {
    /// Nobody needs as many.
    #[error("a job names {0} programs; at most {max} are taken", max = JobPrograms::MOST)]
    TooMany(usize),
    /// Nobody needs a longer one.
    #[error("a program's function has a name of {0} bytes; at most {max} are taken", max = JobPrograms::LONGEST_NAME)]
    LongName(usize),
    /// One function would have two meanings.
    #[error("function @{func} of program {program} is named twice")]
    Twice {
        /// The program.
        program: ProgramId,
        /// The function.
        func: String,
    },
}

/// All programs of a job, in the order of their leaves.
#[derive(Clone, Debug, Default)]
pub struct JobPrograms {
    list: Vec<LoweredProgram>,
    tree: Option<MerkleTree>,
}

impl JobPrograms {
    /// Programs that a job may have.
    pub const MOST: usize = 1024;
    /// Bytes that the name of a function may have.
    pub const LONGEST_NAME: usize = 1024;

    /// Checks a list, which may be anybody's. Its order does not matter.
    ///
    /// # Errors
    /// A list that is too long, a name that is, and a function that is named twice.
    pub fn new(mut list: Vec<LoweredProgram>) -> Result<JobPrograms, ProgramsError> {
        if list.len() > Self::MOST {
            return Err(ProgramsError::TooMany(list.len()));
        }
        if let Some(long) = list.iter().find(|one| one.func.len() > Self::LONGEST_NAME) {
            return Err(ProgramsError::LongName(long.func.len()));
        }
        list.sort_unstable();
        let mut seen = BTreeSet::new();
        if let Some(one) = list.iter().find(|one| !seen.insert((one.program, one.func.as_str()))) {
            return Err(ProgramsError::Twice { program: one.program, func: one.func.clone() });
        }
        let tree = MerkleTree::new(list.iter().map(LoweredProgram::leaf).collect());
        Ok(JobPrograms { list, tree: Some(tree) })
    }

    /// What a job opens with: the Merkle root over the leaves; zero without programs.
    pub fn root(&self) -> Hash32 {
        self.tree.as_ref().map(MerkleTree::root).unwrap_or_default()
    }

    /// The programs, ascending.
    pub fn list(&self) -> &[LoweredProgram] {
        &self.list
    }

    /// What a function of a program lowers to.
    pub fn get(&self, program: ProgramId, func: &str) -> Option<&LoweredProgram> {
        self.position(program, func).and_then(|at| self.list.get(at))
    }

    /// Shows that a function is one of the job's: siblings up to [`JobPrograms::root`].
    pub fn proof(&self, program: ProgramId, func: &str) -> Option<Vec<Hash32>> {
        self.tree.as_ref()?.proof(self.position(program, func)?)
    }

    fn position(&self, program: ProgramId, func: &str) -> Option<usize> {
        self.list.binary_search_by(|one| (one.program, one.func.as_str()).cmp(&(program, func))).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::verify_proof;

    fn one(program: u8, func: &str, lowered: u8) -> LoweredProgram {
        LoweredProgram {
            program: crate::BlobId([program; 32]),
            func: func.into(),
            lowered: Hash32([lowered; 32]),
        }
    }

    #[test]
    fn every_program_is_proved_and_no_other() {
        let list = vec![one(2, "main", 1), one(1, "main", 2), one(1, "eval", 3)];
        let programs = JobPrograms::new(list.clone()).unwrap();
        let reversed = JobPrograms::new(list.iter().rev().cloned().collect()).unwrap();
        assert_eq!(programs.root(), reversed.root());
        for known in &list {
            assert_eq!(programs.get(known.program, &known.func), Some(known));
            let proof = programs.proof(known.program, &known.func).unwrap();
            assert!(verify_proof(&proof, programs.root(), known.leaf()));
            assert!(!verify_proof(&proof, programs.root(), one(9, "main", 9).leaf()));
        }
        assert_eq!(programs.proof(crate::BlobId([2; 32]), "eval"), None);
        assert_eq!(JobPrograms::new(Vec::new()).unwrap().root(), Hash32::default());
    }

    #[test]
    fn hostile_lists_are_refused() {
        let twice = JobPrograms::new(vec![one(1, "main", 1), one(1, "main", 2)]);
        assert!(matches!(twice, Err(ProgramsError::Twice { .. })));
        let many = (0..=JobPrograms::MOST).map(|n| one(1, &n.to_string(), 1)).collect();
        assert!(matches!(JobPrograms::new(many), Err(ProgramsError::TooMany(_))));
        let long = JobPrograms::new(vec![one(1, &"x".repeat(JobPrograms::LONGEST_NAME + 1), 1)]);
        assert!(matches!(long, Err(ProgramsError::LongName(_))));
    }
}
