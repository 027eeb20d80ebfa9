//! Network profiles: one code base, several networks, each a file under `profiles/`.

use crate::tokens::Tokens;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Basis points in a whole.
const BPS: u16 = 10_000;
/// Limits of the contracts, which the deployment would run into: better said before than reverted.
const MAX_COMMITTEE: u16 = 31;
/// Most moves of a challenger that do not end a game.
const MAX_MOVES: u64 = 96;
/// The profiles built into the binary.
const BUILTIN: [(&str, &str); 1] = [("cx", include_str!("../../../profiles/cx.toml"))];

/// Where a network is meant to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// The profile as it stands.
    Public,
    /// With its `[local]` part laid over: short windows, and start tokens for a treasury account.
    Local,
}

/// The parameters of a network, fixed when its contracts are deployed. Times are in seconds, `bps` in
/// ten-thousandths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Short name, such as `cx`.
    pub name: String,
    /// The token.
    pub token: TokenParams,
    /// The mining pool.
    pub mining: MiningParams,
    /// Stakes and slashes.
    pub stake: StakeParams,
    /// Job payments.
    pub escrow: EscrowParams,
    /// Rounds and challenges.
    pub settlement: SettlementParams,
    /// The vote that decides disputes about work that no contract can execute.
    pub arbiter: ArbiterParams,
    /// The game that decides disputes about exact work.
    pub game: GameParams,
    /// Share of the supply given to the treasury account at deployment; zero but on local networks.
    #[serde(default)]
    pub treasury_bps: u16,
}

/// `ComputeToken`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenParams {
    /// ERC-20 name.
    pub name: String,
    /// ERC-20 symbol.
    pub symbol: String,
    /// All tokens that will ever exist.
    pub supply: Tokens,
}

/// `MiningPool`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MiningParams {
    /// Length of an epoch.
    pub epoch_seconds: u64,
    /// Epochs between two halvings.
    pub epochs_per_era: u64,
    /// Share of Compute-PoC and Model-PoT in an epoch's emission.
    pub engine_bps: [u16; 2],
    /// Most that a unit of work can earn.
    pub reward_cap_per_unit: Tokens,
}

/// `StakeVault`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StakeParams {
    /// Stake from which a node may work.
    pub provider_min: Tokens,
    /// Stake from which a node may audit.
    pub verifier_min: Tokens,
    /// From the request to the withdrawal of stake.
    pub unbonding_seconds: u64,
    /// Part of a slash that is burned.
    pub burn_bps: u16,
    /// Part of a slash that the finder gets; the rest is the job's.
    pub finder_bps: u16,
}

impl StakeParams {
    /// Stake that a node with these roles needs.
    pub fn min_for(&self, roles: u8) -> Tokens {
        match roles & crate::contracts::VERIFIER {
            0 => self.provider_min,
            _ => self.verifier_min.max(self.provider_min),
        }
    }
}

/// `JobEscrow`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EscrowParams {
    /// Lowest price a job may offer for a unit.
    pub min_price_per_unit: Tokens,
    /// Part of every payment that is burned.
    pub fee_bps: u16,
}

/// `Settlement`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettlementParams {
    /// Time for challenges, from the beacon.
    pub challenge_seconds: u64,
    /// Stake that a challenger puts at risk.
    pub challenge_bond: Tokens,
    /// Part of its stake that a convicted node loses.
    pub slash_bps: u16,
}

/// `VoteArbiter`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArbiterParams {
    /// Verifiers drawn for a dispute.
    pub committee_size: u16,
    /// Time to vote.
    pub vote_seconds: u64,
}

/// `DisputeGame`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GameParams {
    /// Time that each side has in all.
    pub clock_seconds: u64,
    /// Time that each side has at least for its next move.
    pub extension_seconds: u64,
    /// What the challenger adds to its bond with every question that needs a new answer.
    pub move_bond: Tokens,
}

impl GameParams {
    /// Most that a challenger adds to its bond in one game.
    pub fn max_bond(&self) -> Tokens {
        self.move_bond.checked_mul(MAX_MOVES).unwrap_or(Tokens(u128::MAX))
    }

    /// Longest time from a challenge to the moment from which a ruling can be had: every move gives its side at most one
    /// extension, and the accused answers each question, and claims. What `DisputeGame.maxSeconds` computes.
    pub fn max_seconds(&self) -> u64 {
        let moves = 2 * MAX_MOVES + 2;
        self.clock_seconds.saturating_mul(2).saturating_add(self.extension_seconds.saturating_mul(moves))
    }
}

/// Why a profile is refused.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// No built-in profile has this name.
    #[error("no built-in profile '{name}'; there are: {known}")]
    Unknown {
        /// As given.
        name: String,
        /// Names that exist.
        known: String,
    },
    /// The file cannot be read.
    #[error("cannot read profile {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The text is not a profile.
    #[error("profile {name}: {reason}")]
    Parse {
        /// File or built-in name.
        name: String,
        /// What is wrong, and where.
        reason: String,
    },
    /// A value breaks a promise of the network.
    #[error("profile {name}: {field} {reason}")]
    Invalid {
        /// The profile.
        name: String,
        /// The offending field, such as `stake.burn_bps`.
        field: &'static str,
        /// What it must be.
        reason: String,
    },
}

impl Profile {
    /// A profile built into the binary.
    pub fn builtin(name: &str, scope: Scope) -> Result<Self, ProfileError> {
        match BUILTIN.iter().find(|(known, _)| *known == name) {
            Some((_, text)) => Self::parse(name, text, scope),
            None => {
                let known = BUILTIN.map(|(name, _)| name).join(", ");
                Err(ProfileError::Unknown { name: name.into(), known })
            }
        }
    }

    /// A profile from a file.
    pub fn load(path: &Path, scope: Scope) -> Result<Self, ProfileError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ProfileError::Read { path: path.to_path_buf(), source })?;
        Self::parse(&path.display().to_string(), &text, scope)
    }

    /// A profile from text; `name` is for messages.
    pub fn parse(name: &str, text: &str, scope: Scope) -> Result<Self, ProfileError> {
        let wrong = |reason: String| ProfileError::Parse { name: name.into(), reason };
        let mut table: toml::Table = text.parse().map_err(|e: toml::de::Error| wrong(e.to_string()))?;
        // Only the overlay may hand out tokens: a public network starts with all of them in the pool.
        if table.contains_key("treasury_bps") {
            return Err(wrong("treasury_bps belongs under [local]".into()));
        }
        let overlay = table.remove("local");
        match (scope, overlay) {
            (Scope::Local, Some(toml::Value::Table(overlay))) => lay_over(&mut table, overlay),
            (_, Some(toml::Value::Table(_))) | (Scope::Public, None) => {}
            (_, Some(_)) => return Err(wrong("local is not a table".into())),
            (Scope::Local, None) => return Err(wrong("it has no [local] part".into())),
        }
        let profile: Self = table.try_into().map_err(|e: toml::de::Error| wrong(e.to_string()))?;
        profile.validate()?;
        Ok(profile)
    }

    /// The tokens that the treasury account gets at deployment.
    pub fn treasury(&self) -> Tokens {
        self.token.supply.share_down(self.treasury_bps)
    }

    /// Checks what the contracts will insist on, and that faking demand does not pay.
    fn validate(&self) -> Result<(), ProfileError> {
        let check = |ok: bool, field, reason: &str| match ok {
            true => Ok(()),
            false => Err(ProfileError::Invalid { name: self.name.clone(), field, reason: reason.into() }),
        };
        let zero = Tokens::default();
        let share = |bps: u16| (1..=BPS).contains(&bps);
        check(!self.token.name.is_empty(), "token.name", "is empty")?;
        check(!self.token.symbol.is_empty(), "token.symbol", "is empty")?;
        // The token counts votes in 208 bits and stakes in 96.
        check(self.token.supply > zero, "token.supply", "must be positive")?;
        check(self.token.supply.0 < 1 << 96, "token.supply", "must be below 2^96 base units")?;
        check(self.treasury_bps < BPS, "local.treasury_bps", "must leave something to the pool")?;

        check(self.mining.epoch_seconds > 0, "mining.epoch_seconds", "must be positive")?;
        check(self.mining.epochs_per_era > 0, "mining.epochs_per_era", "must be positive")?;
        let engines: u32 = self.mining.engine_bps.iter().map(|b| u32::from(*b)).sum();
        check(engines <= BPS.into(), "mining.engine_bps", "sum to more than 10000")?;

        check(self.stake.verifier_min > zero, "stake.verifier_min", "must be positive")?;
        check(share(self.stake.burn_bps), "stake.burn_bps", "must be 1 to 10000")?;
        let split = u32::from(self.stake.burn_bps) + u32::from(self.stake.finder_bps);
        check(split <= BPS.into(), "stake.finder_bps", "and burn_bps sum to more than 10000")?;

        check(self.escrow.min_price_per_unit > zero, "escrow.min_price_per_unit", "must be positive")?;
        check(self.escrow.fee_bps <= BPS, "escrow.fee_bps", "must be at most 10000")?;
        let burned = self.escrow.min_price_per_unit.share_down(self.escrow.fee_bps);
        let self_dealing = "must be below escrow.min_price_per_unit * fee_bps, or faked demand pays";
        check(self.mining.reward_cap_per_unit < burned, "mining.reward_cap_per_unit", self_dealing)?;

        check(self.settlement.challenge_seconds > 0, "settlement.challenge_seconds", "must be positive")?;
        check(self.settlement.challenge_bond > zero, "settlement.challenge_bond", "must be positive")?;
        let bond = "must not exceed stake.verifier_min, or a verifier could not challenge";
        check(self.settlement.challenge_bond <= self.stake.verifier_min, "settlement.challenge_bond", bond)?;
        check(share(self.settlement.slash_bps), "settlement.slash_bps", "must be 1 to 10000")?;

        let committee = (1..=MAX_COMMITTEE).contains(&self.arbiter.committee_size);
        check(committee, "arbiter.committee_size", "must be 1 to 31")?;
        check(self.arbiter.vote_seconds > 0, "arbiter.vote_seconds", "must be positive")?;
        let game = &self.game;
        check(game.clock_seconds > 0, "game.clock_seconds", "must be positive")?;
        let extension = (1..=game.clock_seconds).contains(&game.extension_seconds);
        check(extension, "game.extension_seconds", "must be 1 to clock_seconds")?;
        let room = self.stake.verifier_min.saturating_sub(self.settlement.challenge_bond);
        let bond = "times 96 moves and settlement.challenge_bond exceed stake.verifier_min, or a verifier could not play to the end";
        check(game.max_bond() <= room, "game.move_bond", bond)?;

        let ruling = game.max_seconds().max(self.arbiter.vote_seconds);
        let dispute = self.settlement.challenge_seconds.saturating_add(ruling);
        let escape = &format!("must exceed {dispute}, the longest dispute, or a cheater could leave in time");
        check(self.stake.unbonding_seconds > dispute, "stake.unbonding_seconds", escape)
    }
}

/// Replaces values of `base` by those of `overlay`, table by table.
fn lay_over(base: &mut toml::Table, overlay: toml::Table) {
    for (key, value) in overlay {
        match (base.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => lay_over(below, above),
            (_, value) => drop(base.insert(key, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cx_is_what_the_design_says() {
        let cx = Profile::builtin("cx", Scope::Public).unwrap();
        assert_eq!((cx.token.name.as_str(), cx.token.symbol.as_str()), ("cXToken", "cX"));
        assert_eq!(cx.token.supply, Tokens::whole(200_000_000));
        assert_eq!(cx.treasury(), Tokens::default(), "all of it is in the pool");

        let local = Profile::builtin("cx", Scope::Local).unwrap();
        assert_eq!(local.treasury(), Tokens::whole(20_000_000));
        assert_eq!((local.settlement.challenge_seconds, local.mining.epoch_seconds), (15, 20));
        assert_eq!((cx.game.clock_seconds, local.game.clock_seconds), (86_400, 180));
        assert_eq!(local.stake.provider_min, cx.stake.provider_min, "what the overlay does not name stays");
        assert!(Profile::builtin("btc", Scope::Public).unwrap_err().to_string().contains("there are: cx"));
    }

    #[test]
    fn a_deployment_record_keeps_the_profile() {
        let local = Profile::builtin("cx", Scope::Local).unwrap();
        let json = serde_json::to_string(&local).unwrap();
        assert_eq!(serde_json::from_str::<Profile>(&json).unwrap(), local);
    }

    #[test]
    fn wrong_profiles_are_refused_by_name() {
        let cx = BUILTIN[0].1;
        let check = |from: &str, to: &str, expected: &str| {
            assert!(cx.contains(from), "{from}");
            let error =
                Profile::parse("x", &cx.replacen(from, to, 1), Scope::Public).unwrap_err().to_string();
            assert!(error.contains(expected), "{from} -> {to}: {error}");
        };
        check("burn_bps = 3000", "burn_bps = 0", "stake.burn_bps must be 1 to 10000");
        check("burn_bps = 3000", "burn_bps = 7001", "stake.finder_bps and burn_bps sum");
        check("\"0.000004\"", "\"0.000005\"", "mining.reward_cap_per_unit must be below");
        check("committee_size = 15", "committee_size = 32", "arbiter.committee_size must be 1 to 31");
        check("extension_seconds = 1800", "extension_seconds = 86401", "game.extension_seconds must be 1 to");
        check("move_bond = \"20\"", "move_bond = \"47\"", "could not play to the end");
        check("clock_seconds = 86400", "clock_seconds = 500000", "a cheater could leave");
        check("unbonding_seconds = 1209600", "unbonding_seconds = 5400", "a cheater could leave");
        check("challenge_bond = \"500\"", "challenge_bond = \"5001\"", "could not challenge");
        check("supply = \"200000000\"", "supply = \"many\"", "'many' is not an amount of tokens");
        check("slash_bps", "slash_bsp", "unknown field `slash_bsp`");
        check("name = \"cx\"", "treasury_bps = 1\nname = \"cx\"", "belongs under [local]");
        assert!(Profile::parse("x", "name = ", Scope::Public).is_err());
        assert!(Profile::parse("x", "local = 3", Scope::Local).is_err());
    }
}
