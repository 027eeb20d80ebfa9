//! A driver under a test's thumb: nodes and chain do nothing unless the test says so.

#![allow(dead_code)] // Each test file uses its part.

use corex_protocol::{
    Assignment, AuditOrder, Check, Config, DisputeOutcome, Effect, Event, Holder, JobDriver, NodeInfo, Roles,
    RoundCommitment, TaskKey, Warning,
};
use corex_work::{
    Address, Beacon, BlobId, Hash32, JobId, JobKind, JobSpec, Receipt, Signature, SignedReceipt,
    SignedVerdict, StepProgram, TaskId, TrainingSpec, Verdict, outputs_hash,
};

const JOB: JobId = JobId([9; 32]);

/// A job of `steps` steps with `shards` gradients each; a round after every step.
pub fn job(steps: u32, shards: u32) -> JobSpec {
    let program = |n: u8, output_bytes: &[u64]| StepProgram {
        program: BlobId([n; 32]),
        func: "main".into(),
        units: 10,
        output_bytes: output_bytes.to_vec(),
    };
    JobSpec {
        kind: JobKind::Training(TrainingSpec {
            init: program(1, &[4096; 3]),
            grad: Some(program(2, &[4096, 4])),
            update: program(3, &[4096, 4096, 4096, 12]),
            eval: Some(program(4, &[4])),
            initial: vec![],
            params: 1,
            train: vec![BlobId([5; 32])],
            heldout: vec![BlobId([6; 32])],
            seed: 7,
            steps,
            shards,
            eval_every: 100,
            checkpoint_every: 2,
            round_steps: 1,
        }),
    }
}

/// What honest evaluation gives.
pub fn right(assignment: &Assignment) -> Vec<BlobId> {
    let name = |n: usize| BlobId::of(&[&assignment.id.0[..], &n.to_le_bytes()].concat());
    (0..assignment.output_bytes.len()).map(name).collect()
}

/// Something else; `n` makes different lies.
pub fn wrong(assignment: &Assignment, n: u8) -> Vec<BlobId> {
    let name = |k: usize| BlobId::of(&[&[n][..], &assignment.id.0, &k.to_le_bytes()].concat());
    (0..assignment.output_bytes.len()).map(name).collect()
}

pub struct Bench {
    pub driver: JobDriver,
    pub now: u64,
    /// Effects of the last event.
    pub effects: Vec<Effect>,
    /// Every effect so far.
    pub all: Vec<Effect>,
    /// Assignments that are neither answered nor cancelled.
    pub assigned: Vec<Assignment>,
    log: Vec<(u64, Event)>,
    spec: JobSpec,
    config: Config,
}

pub fn node(n: u8) -> Address {
    Address([n; 20])
}

/// Whether an order names a task.
pub fn asks_for(order: &AuditOrder, task: TaskId) -> bool {
    order.checks.iter().any(|check| check.id == task)
}

impl Bench {
    pub fn new(spec: JobSpec) -> Bench {
        Bench::with(spec, Config::default())
    }

    pub fn with(spec: JobSpec, config: Config) -> Bench {
        let driver = JobDriver::new(JOB, &spec, config).unwrap();
        let (effects, all, assigned, log) = (vec![], vec![], vec![], vec![]);
        Bench { driver, now: 0, effects, all, assigned, log, spec, config }
    }

    /// Providers 1, 2, … and verifiers 101, 102, …, all connected.
    pub fn network(spec: JobSpec, providers: u8, verifiers: u8) -> Bench {
        Bench::new(spec).joined(providers, verifiers)
    }

    pub fn joined(self, providers: u8, verifiers: u8) -> Bench {
        let mut bench = self;
        (1..=providers).for_each(|n| bench.join(n));
        (101..101 + verifiers).for_each(|n| bench.join(n));
        bench
    }

    pub fn event(&mut self, event: Event) -> &mut Bench {
        self.log.push((self.now, event.clone()));
        self.effects = self.driver.handle(self.now, event);
        for effect in &self.effects {
            match effect {
                Effect::Assign(assignment) => self.assigned.push(assignment.clone()),
                Effect::Cancel { node, task } => self.assigned.retain(|a| (a.node, a.id) != (*node, *task)),
                _ => {}
            }
        }
        self.all.extend(self.effects.clone());
        self
    }

    pub fn join(&mut self, n: u8) {
        let verifier = n > 100;
        let roles = Roles { provider: !verifier, verifier };
        let stake = if verifier { 1_000 } else { 0 };
        self.event(Event::NodeJoined(NodeInfo { node: node(n), roles, units_per_s: 1_000, slots: 1, stake }));
    }

    pub fn wait(&mut self, ms: u64) -> &mut Bench {
        self.now += ms;
        self.event(Event::Tick)
    }

    /// The only assignment of a place, to anyone.
    pub fn assignment(&self, key: TaskKey) -> Assignment {
        let found: Vec<_> = self.assigned.iter().filter(|a| a.key == key).collect();
        assert_eq!(found.len(), 1, "{key:?} is assigned {} times", found.len());
        found[0].clone()
    }

    pub fn deliver(&mut self, assignment: &Assignment, outputs: Vec<BlobId>) -> &mut Bench {
        self.deliver_as(assignment.node, assignment, outputs)
    }

    pub fn deliver_as(&mut self, by: Address, assignment: &Assignment, outputs: Vec<BlobId>) -> &mut Bench {
        self.assigned.retain(|a| (a.node, a.id) != (by, assignment.id));
        let receipt = Receipt { job: JOB, task: assignment.id, outputs, node: by, units: assignment.units };
        let receipt = SignedReceipt { receipt, signature: Signature([0; 65]) };
        self.event(Event::TaskDone { node: by, receipt })
    }

    /// Does a place honestly.
    pub fn finish(&mut self, key: TaskKey) -> Assignment {
        let assignment = self.assignment(key);
        self.deliver(&assignment, right(&assignment));
        assignment
    }

    /// Does everything honestly until nothing is assigned.
    pub fn finish_all(&mut self) {
        while let Some(assignment) = self.assigned.first().cloned() {
            self.deliver(&assignment, right(&assignment));
            self.answer_reads();
        }
    }

    /// Reads metrics and fetches what the coordinator wants.
    pub fn answer_reads(&mut self) {
        for effect in self.effects.clone() {
            match effect {
                Effect::ReadMetrics { task, key, .. } => {
                    let values = if matches!(key, TaskKey::Eval { .. }) { vec![1.0] } else { vec![1.0; 3] };
                    self.event(Event::MetricsRead { task, values });
                }
                Effect::FetchToCoordinator { blobs } => {
                    for blob in blobs {
                        self.event(Event::BlobHeld { holder: Holder::Coordinator, blob: blob.blob });
                    }
                }
                _ => {}
            }
        }
    }

    /// Commits the round that was asked for last, and draws its beacon.
    pub fn commit(&mut self) -> RoundCommitment {
        let commitment = self.commitments().pop().expect("a round is sealed");
        let round = commitment.round;
        self.event(Event::RoundCommitted { round, block: 1 });
        self.event(Event::BeaconDrawn { round, beacon: Beacon([round as u8; 32]) });
        commitment
    }

    pub fn commitments(&self) -> Vec<RoundCommitment> {
        let commitments = self.all.iter().filter_map(|effect| match effect {
            Effect::CommitRound(commitment) => Some(commitment.clone()),
            _ => None,
        });
        commitments.collect()
    }

    /// Who is asked by the last effects to audit a task.
    pub fn auditors(&self, task: TaskId) -> Vec<Address> {
        let orders = self.effects.iter().filter_map(|effect| match effect {
            Effect::Audit(order) if asks_for(order, task) => Some(order.verifier),
            _ => None,
        });
        orders.collect()
    }

    /// What the last leaf of a task says.
    pub fn claimed(&self, task: TaskId) -> Hash32 {
        let rounds = self.commitments();
        let leaf = rounds.iter().rev().flat_map(|round| &round.leaves).find(|leaf| leaf.task == task);
        leaf.expect("the task is committed").outputs_hash
    }

    /// Everyone who is asked says what the leaf says, until nobody is asked any more. Gives what each was asked for.
    pub fn confirm_all(&mut self) -> Vec<(Address, Check)> {
        let mut answered = Vec::new();
        loop {
            let orders: Vec<_> = self
                .effects
                .drain(..)
                .filter_map(|effect| match effect {
                    Effect::Audit(order) => Some(order),
                    _ => None,
                })
                .collect();
            if orders.is_empty() {
                return answered;
            }
            let mut next = Vec::new();
            for order in orders {
                for check in order.checks {
                    let claimed = self.claimed(check.id);
                    self.verdict(order.verifier, order.round, check.id, claimed);
                    next.append(&mut self.effects);
                    answered.push((order.verifier, check));
                }
            }
            self.effects = next;
        }
    }

    pub fn verdict(&mut self, verifier: Address, round: u64, task: TaskId, hash: Hash32) -> &mut Bench {
        let verdict = Verdict { job: JOB, round, task, outputs_hash: hash };
        self.event(Event::Verdict(SignedVerdict { verdict, verifier, signature: Signature([0; 65]) }))
    }

    pub fn convict(&mut self, round: u64, assignment: &Assignment) -> &mut Bench {
        let outcome = DisputeOutcome::Guilty { outputs_hash: Some(outputs_hash(&right(assignment))) };
        self.event(Event::DisputeResolved { dispute: 1, round, task: assignment.id, outcome })
    }

    pub fn has(&self, wanted: impl Fn(&Effect) -> bool) -> bool {
        self.effects.iter().any(wanted)
    }

    pub fn warned(&self, wanted: impl Fn(&Warning) -> bool) -> bool {
        self.has(|effect| matches!(effect, Effect::Warn(warning) if wanted(warning)))
    }

    /// A driver that has seen the same events.
    pub fn replayed(&self) -> JobDriver {
        let mut driver = JobDriver::new(JOB, &self.spec, self.config).unwrap();
        for (now, event) in self.log.clone() {
            driver.handle(now, event);
        }
        driver
    }
}
