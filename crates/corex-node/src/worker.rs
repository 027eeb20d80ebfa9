//! Evaluating tasks: from the names of blobs to the names of blobs.
//!
//! A worker never looks outside its own store. Whoever asks it brings the program and the inputs there first.

use corex_engine::trace::Tracer;
use corex_engine::{EngineError, Options, Program, Tensor};
use corex_hlo::{Module, TensorType};
use corex_num::Isa;
use corex_store::{BlobStore, ResultCache, StoreError};
use corex_work::{BlobId, Hash32, Task, TaskId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::lowered::lowered_program;

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
    lowered: Mutex<HashMap<(BlobId, String), Hash32>>,
}

/// Reads a program's text.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn parse_program(bytes: &[u8]) -> Result<Module, String> {
    if bytes.len() > MAX_PROGRAM_BYTES {
        return Err(format!("{} bytes long, the limit is {MAX_PROGRAM_BYTES}", bytes.len()));
    }
    let text = std::str::from_utf8(bytes).map_err(|e| format!("not UTF-8: {e}"))?;
    corex_hlo::parse(text).map_err(|e| e.to_string())
}

impl Worker {
    /// A worker; with a cache it never evaluates the same task twice.
    pub fn new(store: BlobStore, cache: Option<ResultCache>, compute: Compute) -> Worker {
        Worker {
            store,
            cache: cache.map(Mutex::new),
            compute,
            compiled: Mutex::default(),
            lowered: Mutex::default(),
        }
    }

    /// The store that inputs are read from and outputs are written to.
    pub fn store(&self) -> &BlobStore {
        &self.store
    }

    /// Bytes of tensors that one evaluation may use.
    pub fn memory_limit(&self) -> u64 {
        self.compute.memory_limit
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
        // The store keeps the tensors themselves, which know their hashes: state is large, and to read it again would
        // take longer than to hash it while it is computed.
        let keep = |tensor: Tensor| {
            let id = BlobId(tensor.digest().0);
            Ok(self.store.put_named(id, bytes::Bytes::from_owner(tensor))?)
        };
        outputs.into_iter().map(keep).collect()
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
        let module = self.module(id)?;
        let engine = |error| WorkError::Engine { id, error: Box::new(error) };
        let options = Options { hash_results: true, ..self.options() };
        let program = Program::compile(&module, func, &options).map_err(engine)?;
        // Compiling proved that the function exists.
        let missing = || WorkError::BadProgram { id, reason: format!("no function @{func}") };
        let f = module.func(func).ok_or_else(missing)?;
        let params = f.params.iter().map(|p| f.ty(*p).clone()).collect();
        let compiled = Arc::new(Compiled { program, params });
        lock(&self.compiled).insert(key, compiled.clone());
        Ok(compiled)
    }

    fn module(&self, id: BlobId) -> Result<Module, WorkError> {
        parse_program(&self.read(id)?).map_err(|reason| WorkError::BadProgram { id, reason })
    }

    fn options(&self) -> Options {
        Options {
            isa: self.compute.isa,
            threads: self.compute.threads,
            memory_limit: self.compute.memory_limit,
            ..Options::default()
        }
    }

    /// What a function of a program lowers to here. Found once for each.
    ///
    /// # Errors
    /// A program that is not here, is none, or has no lowered form.
    pub fn lowered(&self, id: BlobId, func: &str) -> Result<Hash32, WorkError> {
        let key = (id, func.to_owned());
        if let Some(known) = lock(&self.lowered).get(&key) {
            return Ok(*known);
        }
        let lowered = lowered_program(id, &self.module(id)?, func)
            .map_err(|e| WorkError::BadProgram { id, reason: e.to_string() })?
            .lowered;
        lock(&self.lowered).insert(key, lowered);
        Ok(lowered)
    }

    /// What a dispute about a task looks into: its lowered program, ready to be traced, and its inputs.
    ///
    /// # Errors
    /// Blobs that are not here, a program that is none, inputs that are not its.
    pub fn trace(&self, task: &Task) -> Result<(Tracer, Vec<Tensor>), WorkError> {
        let engine = |error| WorkError::Engine { id: task.program, error: Box::new(error) };
        let module = self.module(task.program)?;
        let tracer = Tracer::new(&module, &task.func, &self.options()).map_err(engine)?;
        let params = tracer.program().funcs.last().map_or(&[][..], |main| &main.params);
        if task.inputs.len() != params.len() {
            let (expected, got) = (params.len(), task.inputs.len());
            return Err(engine(EngineError::InputCount { func: task.func.clone(), expected, got }));
        }
        let mut inputs = Vec::with_capacity(params.len());
        for (id, ty) in task.inputs.iter().zip(params) {
            inputs.push(Tensor::from_bytes(ty.clone(), &self.read(*id)?).map_err(engine)?);
        }
        Ok((tracer, inputs))
    }

    /// The bytes of a blob, if it is here.
    ///
    /// # Errors
    /// What the store says.
    pub fn bytes_of(&self, id: BlobId) -> Result<Option<Vec<u8>>, WorkError> {
        Ok(if self.store.has(&id)? { Some(self.store.get(&id)?.to_vec()) } else { None })
    }
}

/// A panic while the lock was held leaves plain maps behind, which are still consistent.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
