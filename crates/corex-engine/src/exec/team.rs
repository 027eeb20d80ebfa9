//! A team of threads that walk the same steps together.
//!
//! Every thread runs the same code with its own rank and takes its share of each step; between steps they meet at
//! a barrier. Which thread computes what depends only on rank and team size, and no result depends on it.

use std::ops::Range;
use std::sync::{Condvar, Mutex, PoisonError};

use corex_num::FpEnv;

use crate::error::EngineError;

/// One thread's place in the team.
#[derive(Clone, Copy)]
pub(super) struct Rank {
    pub rank: usize,
    pub team: usize,
}

impl Rank {
    /// This thread's part of `0..n`: contiguous, and together with the others' complete.
    pub fn share(self, n: usize) -> Range<usize> {
        let (each, more) = (n / self.team, n % self.team);
        let start = self.rank * each + self.rank.min(more);
        start..start + each + usize::from(self.rank < more)
    }

    /// [`Rank::share`] with bounds at multiples of `grain`.
    pub fn share_of(self, n: usize, grain: usize) -> Range<usize> {
        let blocks = self.share(n.div_ceil(grain));
        (blocks.start * grain).min(n)..(blocks.end * grain).min(n)
    }
}

/// Runs `work` on `team` threads, this one among them, in the arithmetic law's floating-point environment.
/// `work` gets its rank and a barrier to call between steps; it must stop when the barrier says so.
pub(super) fn run(team: usize, work: impl Fn(Rank, &Barrier) + Sync) -> Result<(), EngineError> {
    let barrier = Barrier::new(team);
    let body = |rank: usize| -> Result<(), EngineError> {
        // A thread that dies must not leave the others waiting.
        let guard = AbandonOnDrop(&barrier);
        let env = FpEnv::enter();
        work(Rank { rank, team }, &barrier);
        std::mem::forget(guard);
        env.check().map_err(|e| EngineError::Worker(e.to_string()))
    };
    if team == 1 {
        return body(0);
    }
    std::thread::scope(|scope| {
        let mut threads = Vec::new();
        for rank in 1..team {
            let body = &body;
            let spawned = std::thread::Builder::new().spawn_scoped(scope, move || body(rank));
            match spawned {
                Ok(thread) => threads.push(thread),
                Err(error) => {
                    barrier.abandon();
                    return Err(EngineError::Worker(error.to_string()));
                }
            }
        }
        let mut outcome = body(0);
        for thread in threads {
            let theirs =
                thread.join().unwrap_or_else(|_| Err(EngineError::Worker("a worker thread panicked".into())));
            outcome = outcome.and(theirs);
        }
        outcome
    })
}

/// Threads wait here until all have come.
pub(super) struct Barrier {
    team: usize,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    waiting: usize,
    generation: u64,
    abandoned: bool,
}

impl Barrier {
    fn new(team: usize) -> Self {
        let state = State { waiting: 0, generation: 0, abandoned: false };
        Self { team, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Waits for the team. False if a thread has died: stop.
    #[must_use]
    pub fn wait(&self) -> bool {
        if self.team == 1 {
            return true;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = state.generation;
        state.waiting += 1;
        if state.waiting == self.team {
            state.waiting = 0;
            state.generation += 1;
            self.changed.notify_all();
        }
        while state.generation == generation && !state.abandoned {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        !state.abandoned
    }

    fn abandon(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).abandoned = true;
        self.changed.notify_all();
    }
}

struct AbandonOnDrop<'a>(&'a Barrier);

impl Drop for AbandonOnDrop<'_> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_cover_everything_once() {
        for n in [0, 1, 5, 64, 100] {
            for team in 1..4 {
                let of = |rank| Rank { rank, team };
                let all: Vec<usize> = (0..team).flat_map(|r| of(r).share(n)).collect();
                assert_eq!(all, (0..n).collect::<Vec<_>>());
                let grained: Vec<usize> = (0..team).flat_map(|r| of(r).share_of(n, 16)).collect();
                assert_eq!(grained, all);
            }
        }
    }

    #[test]
    fn a_dying_worker_ends_the_run_with_an_error() {
        let outcome = run(3, |rank, barrier| {
            assert!(rank.rank != 2, "dies");
            while barrier.wait() {}
        });
        assert_eq!(outcome, Err(EngineError::Worker("a worker thread panicked".into())));
    }
}
