//! What must hold at the end of every run.

use std::collections::BTreeMap;
use std::fmt;

use corex_protocol::{FinalState, LineageEntry, TaskKey};

use crate::honest;
use crate::scenario::Provider;
use crate::world::World;

/// A task may be handed out this often, and once more per [`MS_PER_ATTEMPT`] of the run: more is a driver that spins.
const ATTEMPTS: u64 = 20;
const MS_PER_ATTEMPT: u64 = 5_000;

/// A broken guarantee.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Seed of the run.
    pub seed: u64,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\nreplay with COREX_SIM_SEED={}", self.what, self.seed)
    }
}

impl std::error::Error for Violation {}

/// What happened in a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The job's result.
    pub done: Option<FinalState>,
    /// Virtual time.
    pub ms: u64,
    /// Tasks handed out.
    pub assignments: u64,
    /// Leaves that verifiers evaluated.
    pub checks: u64,
    /// Loss values shown.
    pub progress: u64,
    /// Times a wrong result was taken back.
    pub rollbacks: u64,
    /// Tasks done again because their outputs were lost.
    pub blobs_made_again: u64,
    /// Coordinator crashes survived.
    pub coordinator_crashes: u64,
    /// Warnings of any kind.
    pub warnings: u64,
    /// Wrong results that nodes delivered or tried to.
    pub cheats: u64,
    /// Wrong results that no audit caught, and that are in the final lineage.
    pub escaped: u64,
    /// Nodes that lost a dispute.
    pub slashed: u64,
    /// Disputes that nothing decided.
    pub expired: u64,
    /// Times a node could not get an input.
    pub missing_inputs: u64,
    /// Bytes that providers downloaded for their tasks.
    pub bytes_moved: u64,
    /// Most often that one task was handed out.
    pub attempts: u64,
    /// Units paid, per node.
    pub paid: Vec<u64>,
    /// Rounds committed.
    pub rounds: u64,
    pub(crate) lineage: BTreeMap<TaskKey, LineageEntry>,
}

impl Report {
    pub(crate) fn archive(&mut self, entries: Vec<LineageEntry>) {
        self.lineage.extend(entries.into_iter().map(|entry| (entry.key, entry)));
    }
}

/// Checks a finished world.
pub(crate) fn check(world: World) -> Result<Report, Violation> {
    let dag = corex_protocol::Dag::new(&world.spec).map_err(|error| world.violated(error.to_string()))?;
    let mut report = world.report.clone();
    report.ms = world.now;
    report.rounds = world.chain.committed() as u64;
    report.slashed = world.chain.slashed.len() as u64;
    report.expired = world.chain.expired;
    report.attempts = world.attempts.values().copied().max().unwrap_or(0);
    report.paid = world.chain.paid.values().copied().collect();
    report.cheats = world.nodes.values().map(|node| node.cheated.len() as u64).sum();

    // Nothing is tried again and again without a pause.
    let bound = ATTEMPTS + world.now / MS_PER_ATTEMPT;
    if report.attempts > bound {
        return Err(
            world.violated(format!("a task was handed out {} times in {} ms", report.attempts, world.now))
        );
    }

    // The lineage is complete and hangs together: every task's inputs are its producers' outputs.
    let mut results = BTreeMap::new();
    for key in dag.keys() {
        let Some(entry) = report.lineage.get(&key) else {
            return Err(world.violated(format!("{key:?} is not in the lineage")));
        };
        if honest::task_at(&dag, key, &results).as_ref() != Some(&entry.task) {
            return Err(
                world.violated(format!("{key:?} was computed from something else than the lineage says"))
            );
        }
        if entry.receipt.receipt.task != entry.task.id() {
            return Err(world.violated(format!("{key:?} has a receipt for another task")));
        }
        let Some(leaf) = world.chain.leaf(entry.round, entry.task.id()) else {
            return Err(world.violated(format!("{key:?} has no leaf in round {}", entry.round)));
        };
        let outputs = entry.receipt.receipt.outputs.clone();
        let is_right = outputs == honest::outputs(entry.task.id(), outputs.len());
        if world.chain.voided.contains(&(entry.round, leaf.task))
            && leaf.outputs_hash == entry.receipt.receipt.outputs_hash()
        {
            return Err(world.violated(format!("{key:?}: a convicted result is in the lineage")));
        }
        report.escaped += u64::from(!is_right);
        results.insert(key, outputs);
    }
    if report.lineage.len() != results.len() {
        return Err(world.violated("the lineage has entries that the job does not"));
    }

    // The state handed over is the lineage's, and the honest one unless a cheat escaped.
    let last = results.get(&dag.state(dag.spec().steps)).map(Vec::as_slice);
    let handed_over = report.done.as_ref().map(|state| &state.blobs[..]);
    if last.and_then(|outputs| outputs.get(..dag.state_blobs())) != handed_over {
        return Err(world.violated("the final state is not the lineage's"));
    }
    let certain = world.scenario.audit.floor_ppm >= corex_protocol::ONE_PPM;
    let trusted = world.scenario.verifiers.iter().all(|v| !matches!(v, crate::scenario::Verifier::Colluding));
    if report.escaped == 0 && report.done != honest::reference(&dag) {
        return Err(world.violated("the final state is not the honest one"));
    }
    if certain && trusted && report.escaped > 0 {
        return Err(world.violated(format!("{} wrong results escaped certain audits", report.escaped)));
    }

    // Money: the chain refuses a second leaf; here, that what was paid is what stands, and to whom.
    let mut owed = BTreeMap::new();
    for leaf in &world.chain.paid_leaves {
        *owed.entry(leaf.node).or_insert(0) += leaf.units;
    }
    if owed != world.chain.paid {
        return Err(world.violated("payments differ from the leaves that stand"));
    }
    for address in &world.chain.slashed {
        let cheated = world.nodes.get(address).is_some_and(|node| !node.cheated.is_empty());
        let guilty = cheated || world.chain.silent.contains(address);
        if !guilty {
            return Err(world.violated(format!("{address} was slashed and never cheated")));
        }
    }
    if certain && trusted {
        for leaf in &world.chain.paid_leaves {
            let count = world.output_counts.get(&leaf.task).copied().unwrap_or(0);
            // The chain voids only what a dispute decides: not a leaf whose dispute found no quorum, nor one that was
            // checked after the window, nor one whose wrong inputs vanished with the node that made them. None of them
            // is in the lineage: that was checked above.
            let chain = &world.chain;
            let undecided = chain.undecided.contains(&leaf.task)
                || chain.late.contains(&leaf.task)
                || world.waived.contains(&leaf.task);
            if !undecided && leaf.outputs_hash != corex_work::outputs_hash(&honest::outputs(leaf.task, count))
            {
                return Err(world.violated(format!("a wrong result for {} was paid", leaf.task)));
            }
        }
    }
    let honest_work = world.nodes.values().any(|node| node.provider == Provider::Honest);
    if honest_work && report.progress == 0 {
        return Err(world.violated("no loss was ever shown"));
    }
    Ok(report)
}
