//! Model families, optimizers and data sampling: they write programs.
//!
//! Nothing here computes with tensors. A model is a function that appends operations to a
//! [`FuncBuilder`](corex_hlo::FuncBuilder); the result is a set of StableHLO modules ([`ProgramSet`]) that any
//! node can execute, and a table of parameters ([`ParamTable`]) that says which element of the one flat vector
//! of parameters is which weight.
//!
//! ```
//! use corex_models::{DataSizes, GptConfig, gpt_job_programs};
//! let gpt = GptConfig::tiny();
//! let sizes = DataSizes { train_bytes: 100_000, heldout_bytes: 5_000 };
//! let programs = gpt_job_programs(&gpt, &gpt.optimizer(200), sizes, 8, 4)?;
//! assert_eq!(programs.grad.funcs[0].params.len(), 5);
//! # Ok::<(), corex_models::ModelError>(())
//! ```

mod adamw;
pub mod data;
mod error;
pub mod gpt;
mod hash;
mod init;
mod job;
mod params;
mod sample;
mod user;

pub use adamw::{AdamW, Decay};
pub use error::ModelError;
pub use gpt::{GptConfig, VOCAB};
pub use job::{DataSizes, ProgramSet, gpt_job_programs, gpt_logits_program};
pub use params::{Init, Param, ParamTable};
pub use sample::Sampler;
pub use user::{UserModules, UserPrograms, UserTensors, user_job_programs};
