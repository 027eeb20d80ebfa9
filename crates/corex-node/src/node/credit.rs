//! What a node lends: work that it has done and that no round holds yet. Such work is paid only if it is committed, out of what the
//! job's escrow has then, so a node looks at the escrow before it works.

use corex_chain::{JobInfo, Tokens};
use corex_work::JobId;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::Context;

/// How long a look at the escrow is good for.
const FRESH: Duration = Duration::from_secs(5);

/// What this node has lent to which job.
#[derive(Default)]
pub struct Credit(Mutex<HashMap<JobId, Account>>);

#[derive(Clone, Copy, Default)]
struct Account {
    /// Units done since a round of the job was last committed.
    waiting: u64,
    /// The job when it was last looked at.
    seen: Option<(Instant, JobInfo)>,
}

impl Credit {
    fn accounts(&self) -> MutexGuard<'_, HashMap<JobId, Account>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A receipt for so many units was signed.
    pub fn worked(&self, job: JobId, units: u64) {
        let mut accounts = self.accounts();
        let account = accounts.entry(job).or_default();
        account.waiting = account.waiting.saturating_add(units);
    }

    /// A round of the job was committed: what it holds is reserved.
    pub fn committed(&self, job: JobId) {
        if let Some(account) = self.accounts().get_mut(&job) {
            *account = Account::default();
        }
    }
}

impl Context {
    /// Whether the job could pay for so many units more. The answer may be a few seconds old, and as old as the chain has been
    /// silent.
    ///
    /// # Errors
    /// Why the node does not work for the job now, for people.
    pub async fn lends(&self, job: JobId, units: u64) -> Result<(), String> {
        let Account { waiting, seen } = self.credit.accounts().get(&job).copied().unwrap_or_default();
        let info = match seen {
            Some((at, info)) if at.elapsed() < FRESH => info,
            _ => match (self.contracts.job(job).await, seen) {
                (Ok(Some(info)), _) => {
                    self.credit.accounts().entry(job).or_default().seen = Some((Instant::now(), info));
                    info
                }
                (Ok(None), _) => return Err(format!("job {job} is not on chain")),
                (Err(_), Some((_, info))) => info,
                (Err(error), None) => return Err(format!("the job's escrow cannot be read: {error}")),
            },
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        objection(&info, now, waiting.saturating_add(units)).map_or(Ok(()), Err)
    }
}

/// Why so many units of work, done and to be done, would not be paid at Unix time `now`; nothing if they would.
fn objection(job: &JobInfo, now: u64, units: u64) -> Option<String> {
    if job.closed {
        return Some("the job is closed".into());
    }
    if now > job.deadline {
        return Some("the job's deadline has passed".into());
    }
    let free = job.balance.saturating_sub(job.reserved);
    let price = Tokens(job.price_per_unit.0.saturating_mul(u128::from(units)));
    (price > free).then(|| {
        format!(
            "the job's escrow has {free} tokens that no round has reserved, the work would cost {price}; the requester can top it up"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use corex_work::{Address, BlobId, Hash32};

    fn job(balance: u128, reserved: u128) -> JobInfo {
        JobInfo {
            requester: Address([1; 20]),
            closed: false,
            kind: None,
            deadline: 100,
            coordinator: Address([1; 20]),
            price_per_unit: Tokens(7),
            balance: Tokens(balance),
            reserved: Tokens(reserved),
            spec: BlobId([2; 32]),
            programs: Hash32([3; 32]),
            insured: false,
        }
    }

    #[test]
    fn work_is_lent_up_to_what_is_free() {
        assert_eq!(objection(&job(80, 10), 100, 10), None);
        let short = objection(&job(80, 11), 100, 10).unwrap();
        assert!(short.contains("top it up"), "{short}");
        // A price that does not fit is dear, not cheap.
        assert!(objection(&JobInfo { price_per_unit: Tokens(u128::MAX), ..job(80, 0) }, 0, 2).is_some());
        assert!(objection(&job(80, 90), 0, 1).is_some(), "a chain that says nonsense");
    }

    #[test]
    fn nothing_is_lent_to_a_job_that_is_over() {
        assert_eq!(objection(&job(80, 0), 101, 1).unwrap(), "the job's deadline has passed");
        assert_eq!(objection(&JobInfo { closed: true, ..job(80, 0) }, 0, 1).unwrap(), "the job is closed");
    }

    #[test]
    fn a_commitment_settles_the_account() {
        let (credit, job) = (Credit::default(), JobId([4; 32]));
        let waiting = || credit.accounts().get(&job).map(|account| account.waiting);
        credit.committed(job);
        assert_eq!(waiting(), None);
        credit.worked(job, 5);
        credit.worked(job, u64::MAX);
        assert_eq!(waiting(), Some(u64::MAX));
        credit.committed(job);
        assert_eq!(waiting(), Some(0));
    }
}
