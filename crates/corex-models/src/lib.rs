//! Model families, optimizers and data sampling: they write programs.
//!
//! Nothing here computes with tensors. A model is a function that appends operations to a
//! [`FuncBuilder`](corex_hlo::FuncBuilder); the result is a set of StableHLO modules ([`ProgramSet`]) that any
//! node can execute, and a table of parameters ([`ParamTable`]) that says which element of the one flat vector
//! of parameters is which weight.
//!
//! | to | look at |
//! |---|---|
//! | choose a model | [`Model`]: [`GptConfig`], [`LlamaConfig`], [`MlpConfig`], [`CnnConfig`] |
//! | choose how it learns | [`Optimizer`]: a [`Rule`] and a [`Schedule`] |
//! | train it | [`TrainingJob`] |
//! | use it | [`next_token_program`], [`logits_program`], [`Sampler`] |
//! | read and write Hugging Face's files | [`hf`]; `config.json` is how a [`Model`] is serialised |
//! | train with a step of one's own | [`user_job_programs`] |
//!
//! ```
//! use corex_models::{BatchSizes, DataSizes, GptConfig, Model, Start, TrainingJob};
//! let model = Model::Gpt(GptConfig::tiny());
//! let job = TrainingJob {
//!     optimizer: model.optimizer(200),
//!     start: Start::Random,
//!     data: DataSizes { train: 100_000, heldout: 5_000 },
//!     batch: BatchSizes::new(8, 4),
//!     model,
//! };
//! assert_eq!(job.programs()?.grad.funcs[0].params.len(), 5);
//! # Ok::<(), corex_models::ModelError>(())
//! ```

mod classify;
pub mod data;
mod error;
mod gpt;
mod hash;
pub mod hf;
mod init;
mod job;
mod layers;
mod limits;
mod llama;
mod model;
mod optim;
mod params;
mod sample;
mod user;

pub use classify::{CnnConfig, MlpConfig};
pub use error::ModelError;
pub use gpt::GptConfig;
pub use job::{BatchSizes, DataSizes, ProgramSet, Start, TrainingJob, logits_program, next_token_program};
pub use llama::LlamaConfig;
pub use model::{BYTES, Input, Model};
pub use optim::{Adam, Decay, Lbfgs, Muon, Optimizer, RmsProp, Rule, Schedule, Sgd};
pub use params::{Init, Kind, Param, ParamTable, Weight};
pub use sample::Sampler;
pub use user::{UserModules, UserPrograms, UserTensors, user_job_programs};
