//! Who may schedule, cancel and execute what was voted, and how long it waits.

use super::{BLOCKS_PER_QUERY, Deployment, Findings};
use crate::{
    client::{Chain, ChainError},
    convert::{from_sol, to_sol},
};
use alloy::{
    primitives::{B256, U256, keccak256},
    rpc::types::Filter,
    sol,
    sol_types::SolEvent,
};
use corex_work::Address;
use std::collections::BTreeSet;

sol! {
    /// OpenZeppelin's TimelockController, as far as it is asked.
    interface TimelockController {
        event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender);
        function getMinDelay() external view returns (uint256);
        function hasRole(bytes32 role, address account) external view returns (bool);
    }
}

impl Deployment {
    /// The delay, and for each role that exactly the right ones have it. AccessControl keeps no list, so suspects are asked about: all
    /// to whom its constructor gave a role, all parts of the network, and the deployer. Others can have got one only from an admin,
    /// which the timelock alone is: by a vote.
    pub(super) async fn check_timelock(
        &self,
        chain: &Chain,
        findings: &mut Findings,
    ) -> Result<(), ChainError> {
        let Some(vote) = &self.profile.governance.vote else { return Ok(()) };
        let timelock = self.contracts.timelock;
        let delay: U256 = chain.read(timelock, &TimelockController::getMinDelayCall {}).await?;
        let promised = U256::from(vote.timelock_seconds);
        findings.equal("the timelock waits as many seconds as the profile says", delay, promised);

        let mut suspects = self.first_granted(chain).await?;
        suspects.extend(self.parts().map(|part| self.contracts.at(part)));
        // Zero stands for everybody.
        suspects.extend([self.deployer, self.manager(), Address::default()]);
        let governor = self.contracts.governor;
        let roles = [
            ("administer the timelock", B256::ZERO, timelock, "itself"),
            ("schedule calls", keccak256("PROPOSER_ROLE"), governor, "the governor"),
            ("cancel calls", keccak256("CANCELLER_ROLE"), governor, "the governor"),
            ("execute scheduled calls", keccak256("EXECUTOR_ROLE"), Address::default(), "everybody"),
        ];
        for (may, role, right, name) in roles {
            let mut holders = Vec::new();
            for suspect in &suspects {
                let call = TimelockController::hasRoleCall { role, account: to_sol(*suspect) };
                if chain.read(timelock, &call).await? {
                    holders.push(*suspect);
                }
            }
            let broken = (holders != [right]).then(|| {
                let name = |who| self.name_of(who).unwrap_or_else(|| "a stranger".into());
                let names: Vec<_> = holders.iter().map(|h| format!("{} ({h})", name(*h))).collect();
                match names.is_empty() {
                    true => "nobody may".to_owned(),
                    false => format!("{} may", names.join(", ")),
                }
            });
            findings.note(format!("only {name} may {may}"), broken);
        }
        Ok(())
    }

    /// Whom the timelock's constructor gave roles: its first events.
    async fn first_granted(&self, chain: &Chain) -> Result<BTreeSet<Address>, ChainError> {
        let filter = Filter::new()
            .address(to_sol(self.contracts.timelock))
            .event_signature(TimelockController::RoleGranted::SIGNATURE_HASH);
        let head = chain.block_number().await?;
        let mut start = self.first_block;
        while start <= head {
            let end = head.min(start.saturating_add(BLOCKS_PER_QUERY - 1));
            let logs = chain.logs(&filter.clone().from_block(start).to_block(end)).await?;
            if let Some(first) = logs.first().map(|log| log.block_number) {
                let logs = logs.iter().filter(|log| log.block_number == first);
                let granted =
                    logs.filter_map(|log| TimelockController::RoleGranted::decode_log(&log.inner).ok());
                return Ok(granted.map(|event| from_sol(event.account)).collect());
            }
            start = end + 1;
        }
        Ok(BTreeSet::new())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Accounts, code};
    use super::*;
    use crate::{
        EmbeddedChain, EmbeddedConfig, Profile, contracts::bindings::governance::Timelock, profile::Scope,
    };
    use alloy::primitives::Address as SolAddress;
    use corex_work::OperatorKey;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_timelock_that_others_have_a_hand_in_is_found_out() {
        let key = OperatorKey::from_bytes([7; 32]).unwrap();
        let me = key.address();
        let dir = tempfile::tempdir().unwrap();
        let config = EmbeddedConfig::new(dir.path().join("chain.redb"), vec![(me, 10u128.pow(21))]);
        let node = EmbeddedChain::start(config).await.unwrap();
        let chain = Chain::connect(&node.url(), key, None).await.unwrap();
        let profile = Profile::builtin("cx", Scope::Local).unwrap();
        let accounts = Accounts::all(me, &profile);
        let book = Deployment::plan(&chain, profile, accounts).await.unwrap();
        book.execute(&chain, |_, _, _| ()).await.unwrap();
        let mut findings = Findings::default();
        book.check_timelock(&chain, &mut findings).await.unwrap();
        assert_eq!(findings.broken(), Vec::<String>::new());

        let governor = to_sol(book.contracts.governor);
        let other = SolAddress::repeat_byte(0x0e);
        let named = format!("a stranger ({})", from_sol(other));
        let all = [SolAddress::ZERO];
        let check =
            async |delay: u64, proposers: &[SolAddress], executors: &[SolAddress], admin: SolAddress| {
                let arguments = Timelock::constructorCall {
                    minDelay: U256::from(delay),
                    proposers: proposers.to_vec(),
                    executors: executors.to_vec(),
                    admin,
                };
                let arguments = alloy::sol_types::SolConstructor::abi_encode(&arguments);
                let mut lie = book.clone();
                let created = chain.create("Timelock", code("Timelock").unwrap(), &arguments).await.unwrap();
                lie.contracts.timelock = created.0;
                let mut findings = Findings::default();
                lie.check_timelock(&chain, &mut findings).await.unwrap();
                findings.broken()
            };
        let seconds = book.profile.governance.vote.as_ref().unwrap().timelock_seconds;
        let good = check(seconds, &[governor], &all, SolAddress::ZERO).await;
        assert_eq!(good, Vec::<String>::new());
        let short = check(seconds - 1, &[governor], &all, SolAddress::ZERO).await;
        assert_eq!(short, [format!("it is {}, not {seconds}", seconds - 1)]);
        let proposer = check(seconds, &[governor, other], &all, SolAddress::ZERO).await;
        assert_eq!(proposer.len(), 2, "it may schedule and cancel: {proposer:?}");
        assert!(proposer.iter().all(|why| why.contains(&named) && why.contains("governor")));
        let executor = check(seconds, &[governor], &[other], SolAddress::ZERO).await;
        assert!(executor.len() == 1 && executor[0].contains(&named), "{executor:?}");
        let admin = check(seconds, &[governor], &all, to_sol(me)).await;
        assert!(admin.len() == 1 && admin[0].contains(&me.to_string()), "{admin:?}");
    }
}
