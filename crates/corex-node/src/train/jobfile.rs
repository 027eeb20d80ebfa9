//! `job.json`: what a job's folder is about, so that any process can go on with it.

use corex_work::{JobId, JobKind, JobPrograms, JobSpec, LoweredProgram, ProgramsError};
use serde::{Deserialize, Serialize};
use std::path::Path;

use super::NetworkChoice;
use crate::checkpoint::write_whole;
use crate::error::NodeError;
use crate::lineage::ModelForm;

/// Format of the file.
pub const VERSION: u32 = 4;

const FILE: &str = "job.json";

/// See the module.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobFile {
    /// [`VERSION`].
    pub version: u32,
    /// Name of the preset, or of the user's program.
    pub name: String,
    /// Where the data came from, for people.
    pub source: String,
    /// What the model is, and in which files.
    pub form: ModelForm,
    /// What is asked for.
    pub spec: JobSpec,
    /// What the job's functions lower to: their root is on chain.
    pub programs: Vec<LoweredProgram>,
    /// Tokens of one optimizer step.
    pub tokens_per_step: u64,
    /// Work units of the whole job.
    pub units: u64,
    /// Whose nodes do the work.
    pub network: NetworkChoice,
    /// The job's id on chain, once it is open.
    pub id: Option<JobId>,
    /// Block in which it was opened.
    pub opened_at: Option<u64>,
    /// True once the result is written.
    pub finished: bool,
}

impl JobFile {
    /// Makes sure that `dir` can hold a new job.
    pub fn claim(dir: &Path) -> Result<(), NodeError> {
        std::fs::create_dir_all(dir).map_err(NodeError::io(dir))?;
        if dir.join(FILE).exists() {
            return Err(NodeError::Refused(format!(
                "{} holds another job\nhint: go on with it by `corex train --resume {0}`, or choose another --out",
                dir.display()
            )));
        }
        let mut entries = std::fs::read_dir(dir).map_err(NodeError::io(dir))?;
        if entries.next().is_some() {
            return Err(NodeError::Refused(format!(
                "{} is not empty\nhint: choose another --out",
                dir.display()
            )));
        }
        Ok(())
    }

    /// Reads it.
    pub fn read(dir: &Path) -> Result<JobFile, NodeError> {
        let path = dir.join(FILE);
        let bytes = std::fs::read(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => NodeError::Refused(format!(
                "{} holds no job\nhint: --resume takes the --out folder of an interrupted `corex train`",
                dir.display()
            )),
            _ => NodeError::io(path.clone())(error),
        })?;
        let damaged = |why: String| NodeError::Damaged { path: path.clone(), why };
        let job: JobFile = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
        if job.version != VERSION {
            return Err(damaged(format!("version {}, expected {VERSION}", job.version)));
        }
        job.spec.check()?;
        job.programs()?;
        Ok(job)
    }

    /// Writes it, whole or not at all.
    pub fn write(&self, dir: &Path) -> Result<(), NodeError> {
        let bytes = serde_json::to_vec_pretty(self).expect("every key is a string");
        Ok(write_whole(&dir.join(FILE), &bytes)?)
    }

    /// The job's programs with their root.
    ///
    /// # Errors
    /// A list that is none.
    pub fn programs(&self) -> Result<JobPrograms, ProgramsError> {
        JobPrograms::new(self.programs.clone())
    }

    /// Optimizer steps.
    pub fn steps(&self) -> u32 {
        let JobKind::Training(training) = &self.spec.kind;
        training.steps
    }
}
