//! Evaluating tasks: from the names of blobs to the names of blobs.
//!
//! A worker never looks outside its own store. Whoever asks it brings the program and the inputs there first.

use corex_engine::{EngineError, Options, Program, Tensor};
use corex_hlo::TensorType;
use corex_num::Isa;
use corex_store::{BlobStore, ResultCache, StoreError};
use corex_work::{BlobId, Task, TaskId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Larger programs are refused before they are parsed.
pub(crate) const MAX_PROGRAM_BYTES: usize = 64 << 20;

/// How a worker computes. No choice here changes a bit of any result.
#[derive(Debug, Clone, Copy)]
pub struct Compute {
    /// Instruction set.
    pub isa: Isa,
    /// Threads of one evaluation.
    pub threads: usize,
    /// Tensor memory that one evaluation may use, in bytes.
    pub memory_limit: u64,
}

/// Why a task was not evaluated.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// A blob is not in the store.
    #[error("blob {0} is not here")]
    Missing(BlobId),
    /// The program's bytes are not a program.
    #[error("program {id}: {reason}")]
    BadProgram {
        /// Its name.
        id: BlobId,
        /// What is wrong.
        reason: String,
    },
    /// The engine refused or failed.
    #[error("program {id}: {error}")]
    Engine {
        /// The program's name.
        id: BlobId,
        /// What the engine said.
        error: Box<EngineError>,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A compiled function and the types of its parameters.
struct Compiled {
    program: Program,
    params: Vec<TensorType>,
}

/// Evaluates tasks against one store. Safe to share between threads.
pub struct Worker {
    store: BlobStore,
    cache: Option<Mutex<ResultCache>>,
    compute: Compute,
    compiled: Mutex<HashMap<(BlobId, String), Arc<Compiled>>>,
}

impl Worker {
    /// A worker; with a cache it never evaluates the same task twice.
    pub fn new(store: BlobStore, cache: Option<ResultCache>, compute: Compute) -> Worker {
        Worker { store, cache: cache.map(Mutex::new), compute, compiled: Mutex::default() }
    }

    /// The store that inputs are read from and outputs are written to.
    pub fn store(&self) -> &BlobStore {
        &self.store
    }

    /// The outputs of a task that was evaluated before, if all of them are still in the store.
    pub fn known(&self, task: TaskId) -> Result<Option<Vec<BlobId>>, StoreError> {
        let Some(cache) = &self.cache else { return Ok(None) };
        let found = lock(cache).get(&task).map(<[BlobId]>::to_vec);
        let Some(outputs) = found else { return Ok(None) };
        for id in &outputs {
            if !self.store.has(id)? {
                return Ok(None);
            }
        }
        Ok(Some(outputs))
    }

    /// Evaluates a task, or takes its outputs from the cache, and keeps them.
    pub fn run(&self, task: &Task) -> Result<Vec<BlobId>, WorkError> {
        let id = task.id();
        if let Some(outputs) = self.known(id)? {
            return Ok(outputs);
        }
        let outputs = self.evaluate(task)?;
        if let Some(cache) = &self.cache {
            lock(cache).put(&id, &outputs)?;
        }
        Ok(outputs)
    }

    /// Evaluates a task in any case, and keeps its outputs: what a verifier does.
    pub fn evaluate(&self, task: &Task) -> Result<Vec<BlobId>, WorkError> {
        let compiled = self.compile(task.program, &task.func)?;
        let engine = |error| WorkError::Engine { id: task.program, error: Box::new(error) };
        if task.inputs.len() != compiled.params.len() {
            let (expected, got) = (compiled.params.len(), task.inputs.len());
            return Err(engine(EngineError::InputCount { func: task.func.clone(), expected, got }));
        }
        let mut inputs = Vec::with_capacity(task.inputs.len());
        for (id, ty) in task.inputs.iter().zip(&compiled.params) {
            let bytes = self.read(*id)?;
            inputs.push(Tensor::from_bytes(ty.clone(), &bytes).map_err(engine)?);
        }
        let outputs = compiled.program.run_donated(inputs, None).map_err(engine)?;
        outputs.iter().map(|t| Ok(self.store.put(t.bytes().to_vec())?)).collect()
    }

    fn read(&self, id: BlobId) -> Result<bytes::Bytes, WorkError> {
        if !self.store.has(&id)? {
            return Err(WorkError::Missing(id));
        }
        Ok(self.store.get(&id)?)
    }

    fn compile(&self, id: BlobId, func: &str) -> Result<Arc<Compiled>, WorkError> {
        let key = (id, func.to_owned());
        if let Some(found) = lock(&self.compiled).get(&key) {
            return Ok(found.clone());
        }
        let bad = |reason: String| WorkError::BadProgram { id, reason };
        let bytes = self.read(id)?;
        if bytes.len() > MAX_PROGRAM_BYTES {
            return Err(bad(format!("{} bytes long, the limit is {MAX_PROGRAM_BYTES}", bytes.len())));
        }
        let text = std::str::from_utf8(&bytes).map_err(|e| bad(format!("not UTF-8: {e}")))?;
        let module = corex_hlo::parse(text).map_err(|e| bad(e.to_string()))?;
        let engine = |error| WorkError::Engine { id, error: Box::new(error) };
        let options = Options {
            isa: self.compute.isa,
            threads: self.compute.threads,
            memory_limit: self.compute.memory_limit,
            ..Options::default()
        };
        let program = Program::compile(&module, func, &options).map_err(engine)?;
        // Compiling proved that the function exists.
        let f = module.func(func).ok_or_else(|| bad(format!("no function @{func}")))?;
        let params = f.params.iter().map(|p| f.ty(*p).clone()).collect();
        let compiled = Arc::new(Compiled { program, params });
        lock(&self.compiled).insert(key, compiled.clone());
        Ok(compiled)
    }
}

/// A panic while the lock was held leaves plain maps behind, which are still consistent.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
