//! Network profiles: one code base, several networks, each a file under `profiles/`, laid over what they have in common.

mod check;
mod difference;
mod params;

pub use params::*;

use crate::tokens::Tokens;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What every profile is laid over.
const COMMON: &str = include_str!("../../../../profiles/common.toml");
/// The profiles built into the binary.
const BUILTIN: [(&str, &str); 5] = [
    ("cai", include_str!("../../../../profiles/cai.toml")),
    ("cx", include_str!("../../../../profiles/cx.toml")),
    ("cxt", include_str!("../../../../profiles/cxt.toml")),
    ("aic", include_str!("../../../../profiles/aic.toml")),
    ("coai", include_str!("../../../../profiles/coai.toml")),
];

/// Where a network is meant to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// The profile as it stands.
    Public,
    /// With its `[local]` part laid over: short windows, and start tokens for a treasury account.
    Local,
}

/// The parameters of a network, fixed when its contracts are deployed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Short name, such as `cx`.
    pub name: String,
    /// The token.
    pub token: TokenParams,
    /// Who gets the supply; empty: the mining pool, all of it.
    #[serde(default)]
    pub allocation: Vec<GrantParams>,
    /// The mining pool, if work is mined for.
    pub mining: Option<MiningParams>,
    /// What work weighs in it.
    pub weights: WeightParams,
    /// Nodes and tiers.
    pub registry: RegistryParams,
    /// Stakes and slashes.
    pub stake: StakeParams,
    /// Stake of others.
    pub delegation: DelegationParams,
    /// Job payments.
    pub escrow: EscrowParams,
    /// Where fees go.
    pub fees: FeeParams,
    /// Insured jobs.
    pub insurance: InsuranceParams,
    /// Leases of nodes.
    pub market: MarketParams,
    /// Rounds and challenges.
    pub settlement: SettlementParams,
    /// The vote that decides disputes about work that no contract can execute.
    pub arbiter: ArbiterParams,
    /// The game that decides disputes about exact work.
    pub game: GameParams,
    /// Auctions of what the network receives, for tokens that are burned.
    pub burner: Option<BurnerParams>,
    /// Who may decide what.
    #[serde(default)]
    pub governance: GovernanceParams,
    /// The sale of tokens.
    pub sale: Option<SaleParams>,
    /// Share of the supply given to the treasury account at deployment; zero but on local networks.
    #[serde(default)]
    pub treasury_bps: u16,
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
    /// Names of the profiles built into the binary.
    pub fn names() -> [&'static str; 5] {
        BUILTIN.map(|(name, _)| name)
    }

    /// A profile built into the binary.
    pub fn builtin(name: &str, scope: Scope) -> Result<Self, ProfileError> {
        match BUILTIN.iter().find(|(known, _)| *known == name) {
            Some((_, text)) => Self::parse(name, text, scope),
            None => {
                let known = Self::names().join(", ");
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
        let own: toml::Table = text.parse().map_err(|e: toml::de::Error| wrong(e.to_string()))?;
        let mut table: toml::Table = COMMON.parse().expect("built into the binary, and parsed by a test");
        // Only the overlay may hand out tokens: a public network starts with all of them in the pool.
        if own.contains_key("treasury_bps") {
            return Err(wrong("treasury_bps belongs under [local]".into()));
        }
        lay_over(&mut table, own);
        match (scope, table.remove("local")) {
            (Scope::Local, Some(toml::Value::Table(overlay))) => lay_over(&mut table, overlay),
            (Scope::Public, Some(toml::Value::Table(_))) => {}
            _ => return Err(wrong("local is not a table".into())),
        }
        // What is left out stays out, whatever an overlay says of it.
        table.retain(|_, value| *value != toml::Value::Boolean(false));
        let profile: Self = table.try_into().map_err(|e: toml::de::Error| wrong(e.to_string()))?;
        profile.validate()?;
        Ok(profile)
    }

    /// Whether there is anybody who may decide anything.
    pub fn is_governed(&self) -> bool {
        !self.governance.seats.is_empty() || self.governance.vote.is_some()
    }

    /// The tokens that the treasury account gets at deployment.
    pub fn treasury(&self) -> Tokens {
        self.token.supply.share_down(self.treasury_bps)
    }
}

/// Replaces values of `base` by those of `overlay`, table by table. `false` for a table leaves it out for good.
fn lay_over(base: &mut toml::Table, overlay: toml::Table) {
    for (key, value) in overlay {
        match (base.get_mut(&key), value) {
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) => lay_over(below, above),
            (Some(toml::Value::Boolean(false)), toml::Value::Table(_)) => {}
            (_, value) => drop(base.insert(key, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(name: &str) -> Profile {
        Profile::builtin(name, Scope::Public).unwrap()
    }

    #[test]
    fn the_profiles_are_what_the_design_says() {
        let expected = [
            ("cai", "cAI", 80_000_000, true),
            ("cx", "cX", 200_000_000, true),
            ("cxt", "CXT", 100_000_000, true),
            ("aic", "AIC", 1_000_000_000, true),
        ];
        for (name, symbol, supply, mined) in expected {
            let profile = public(name);
            assert_eq!(profile.token.symbol, symbol);
            assert_eq!(profile.token.supply, Tokens::whole(supply));
            assert_eq!(profile.treasury(), Tokens::default(), "nobody gets tokens for nothing");
            assert_eq!(profile.mining.is_some(), mined);
        }
        assert!(public("coai").mining.is_none() && !public("coai").token.burnable);
        // What nobody can adjust: pool and rewards in cai and cxt, anything at all in cai.
        for name in ["cai", "cxt"] {
            assert!(!public(name).mining.unwrap().adjustable);
        }
        let cai = public("cai").governance;
        assert!(cai.seats.is_empty() && cai.pause.is_none());
        assert!(public("cxt").mining.unwrap().incentive_bps > 0);
        let aic = public("aic");
        let share = |bucket| -> u16 {
            aic.allocation.iter().filter(|grant| grant.bucket == bucket).map(|grant| grant.bps).sum()
        };
        let buckets = ["sale", "community", "ecosystem", "team", "reserve", "marketing"].map(share);
        assert_eq!(buckets, [4000, 2000, 1500, 1000, 1000, 500]);
        assert!(aic.market.upgradeable && !public("cx").market.upgradeable);
        assert!(
            Profile::builtin("btc", Scope::Public).unwrap_err().to_string().contains("there are: cai, cx")
        );
    }

    #[test]
    fn a_local_network_is_the_public_one_with_short_windows_and_a_treasury() {
        for (name, _) in BUILTIN {
            let (public, local) = (public(name), Profile::builtin(name, Scope::Local).unwrap());
            assert!(local.treasury() > Tokens::default());
            assert_eq!((local.settlement.challenge_seconds, local.game.clock_seconds), (15, 180));
            assert_eq!(local.stake.provider_min, public.stake.provider_min, "what no overlay names stays");
            assert_eq!(local.mining.is_some(), public.mining.is_some(), "and what is left out stays out");
            assert_eq!(local.governance, public.governance);
        }
    }

    #[test]
    fn a_deployment_record_keeps_the_profile() {
        for (name, _) in BUILTIN {
            let local = Profile::builtin(name, Scope::Local).unwrap();
            let json = serde_json::to_string(&local).unwrap();
            assert_eq!(serde_json::from_str::<Profile>(&json).unwrap(), local);
        }
    }

    #[test]
    fn wrong_profiles_are_refused_by_name() {
        let check = |overlay: &str, expected: &str| {
            let text = format!(
                "name = \"x\"\n[token]\nname = \"X\"\nsymbol = \"X\"\nsupply = \"1000000\"\n[fees]\nburn_bps = 9000\necosystem_bps = 0\n{overlay}"
            );
            let error = Profile::parse("x", &text, Scope::Public).err().map(|e| e.to_string());
            let error = error.unwrap_or_default();
            assert!(error.contains(expected), "{overlay}: {error}");
        };
        check("", "");
        check("[stake]\nburn_bps = 0", "stake.burn_bps must be 1 to 10000");
        check("[stake]\nburn_bps = 7001", "stake.finder_bps and burn_bps sum");
        check("[mining]\nreward_cap_per_unit = \"0.000000005\"", "mining.reward_cap_per_unit must be below");
        check("[mining]\npoc_bps = 1000", "mining.poc_bps is outside");
        check("[weights]\ntier_bps = [2, 1, 3, 4]", "weights.tier_bps must ascend");
        check("[escrow]\nfee_bps = 600", "escrow.fee_bps is outside");
        check("[insurance]\ncover_bps = 9000", "convicting oneself costs nothing");
        check("[arbiter]\ncommittee_size = 32", "arbiter.committee_size must be 1 to 31");
        check("[game]\nextension_seconds = 86401", "game.extension_seconds must be 1 to");
        check("[game]\nmove_bond = \"47\"", "could not play to the end");
        check("[game]\nclock_seconds = 500000", "a cheater could leave");
        check("[stake]\nunbonding_seconds = 5400", "a cheater could leave");
        check("[settlement]\nchallenge_bond = \"5001\"", "could not challenge");
        check("[settlement]\nslash_bsp = 1", "unknown field `slash_bsp`");
        check(
            "[governance.pause]\nscopes = [\"rewards\"]\nmax_seconds = 1\ncooldown_seconds = 1",
            "needs a security committee",
        );
        check("[governance.fund]\nperiod_seconds = 1\ncap_bps = 1", "needs governance.vote");
        check("[[allocation]]\nbucket = \"a\"\nbps = 9999\nto = \"pool\"", "allocation does not sum");
        check("[market]\nupgradeable = true", "needs governance.vote");
        let cx = |from: &str, to: &str, expected: &str| {
            let text = BUILTIN[1].1.replace(from, to);
            assert_ne!(text, BUILTIN[1].1, "{from}");
            let error = Profile::parse("cx", &text, Scope::Public).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        cx("threshold = \"20000\"", "threshold = \"2000001\"", "or nobody could propose");
        cx("timelock_seconds = 172800", "timelock_seconds = 0", "timelock_seconds must be positive");
        cx("executive_delay = 172800", "executive_delay = 4294967295", "must be at most a year");
        cx("symbol = \"cX\"", "symbol = \"c\\u001b[1AX\"", "token.symbol must be printable ASCII");
        cx("symbol = \"cX\"", "symbol = \"cXcXcXcXcXcX\"", "token.symbol must have at most 11");
        let parse = |text| Profile::parse("x", text, Scope::Public).unwrap_err().to_string();
        assert!(parse("treasury_bps = 1").contains("belongs under [local]"));
        assert!(parse("name = ").contains("x"));
        assert!(parse("local = 3").contains("local is not a table"));
        assert!(
            parse("name = \"x\"\ntoken = false").contains("token"),
            "what every network needs cannot be left out"
        );
        let many = BUILTIN[1].1.replace("200000000", "many");
        assert!(parse(&many).contains("'many' is not an amount of tokens"));
    }
}
