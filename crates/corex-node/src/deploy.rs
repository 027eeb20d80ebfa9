//! Bringing a network's contracts onto a chain, and holding them against what their profile promises.
//!
//! The folder's `deployment.json` is the address book. It is written before the first transaction, so that whatever stops
//! a deployment, the same command goes on with it.

use corex_chain::{
    Accounts, Chain, Contracts, DEFAULT_CHAIN_ID, Deployment, Mined, Part, Profile, Promise, Scope,
};
use corex_store::Lock;
use corex_work::OperatorKey;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use crate::checkpoint::write_whole;
use crate::error::NodeError;
use crate::keys::Keys;
use crate::network::{CHAIN, ChainChoice, open_chain};
use crate::report::{Report, Reporter};

/// Name of the address book in a network's folder.
pub const BOOK: &str = "deployment.json";
/// Chains that anybody starts for himself.
const ANVIL: u64 = 31_337;
const GETH_DEV: u64 = 1337;

/// What to deploy.
pub struct DeployOptions {
    /// The network's folder.
    pub dir: PathBuf,
    /// Name of a profile, or a file with one.
    pub profile: String,
    /// With the profile's `[local]` part laid over: for development chains.
    pub local: bool,
    /// TOML file with the accounts that the profile needs; none for a local network, whose owner is everybody.
    pub accounts: Option<PathBuf>,
    /// Where to.
    pub chain: ChainChoice,
    /// The account that pays, for a chain of somebody else's.
    pub key: Option<OperatorKey>,
    /// Plan only: nothing is sent.
    pub dry_run: bool,
}

/// A network's contracts as they were found or made.
#[derive(Debug, Serialize)]
pub struct Deployed {
    /// The address book.
    pub book: Deployment,
    /// The contracts created now, and what each cost.
    pub created: Vec<Created>,
    /// What the network promises, and whether it keeps that; empty for a plan.
    pub promises: Vec<Promise>,
}

/// A contract that was created.
#[derive(Debug, Serialize)]
pub struct Created {
    /// Its key in the address book.
    pub part: &'static str,
    /// Gas of its creation.
    pub gas: u64,
}

/// Deploys a network, or goes on with that, and checks the result.
pub async fn deploy(options: DeployOptions, reporter: &Reporter) -> Result<Deployed, NodeError> {
    let dir = &options.dir;
    let asked = Asked::of(&options)?;
    std::fs::create_dir_all(dir).map_err(NodeError::io(dir))?;
    let _alone = alone(dir)?;
    let own = OperatorKey::from_bytes(Keys::load_or_create(&dir.join("keys.json"))?.operator)?;
    let listen = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let (embedded, chain) =
        open_chain(dir, &options.chain, own, options.key.clone(), listen, reporter).await?;
    let result = deploy_on(&options, asked, &chain, reporter).await;
    if let Some(embedded) = embedded {
        embedded.shutdown().await;
    }
    result
}

/// The network that is asked for.
struct Asked {
    profile: Profile,
    accounts: Option<Accounts>,
}

impl Asked {
    fn of(options: &DeployOptions) -> Result<Asked, NodeError> {
        let profile = profile(&options.profile, options.local)?;
        let accounts = options.accounts.as_deref().map(read_accounts).transpose()?;
        Ok(Asked { profile, accounts })
    }

    /// What is asked for must be what an earlier command has begun.
    fn check(&self, path: &Path, book: &Deployment) -> Result<(), NodeError> {
        let refuse = |what: String| {
            let hint = "hint: ask for the same again, or choose another folder with --dir";
            Err(NodeError::Refused(format!("{} is a network {what}\n{hint}", path.display())))
        };
        if book.profile.name != self.profile.name {
            return refuse(format!("of profile {}, not {}", book.profile.name, self.profile.name));
        }
        if book.profile != self.profile {
            return refuse(format!(
                "of a profile {} with other parameters: {}",
                book.profile.name,
                book.profile.difference(&self.profile)
            ));
        }
        match &self.accounts {
            Some(accounts) if *accounts != book.accounts => refuse("with other accounts".into()),
            _ => Ok(()),
        }
    }
}

/// One at a time: two deployments by one account would take each other's addresses.
fn alone(dir: &Path) -> Result<Lock, NodeError> {
    Ok(Lock::take(&dir.join("deploy.lock"), dir)?)
}

async fn deploy_on(
    options: &DeployOptions,
    asked: Asked,
    chain: &Chain,
    reporter: &Reporter,
) -> Result<Deployed, NodeError> {
    let path = options.dir.join(BOOK);
    let book = match read(&path)? {
        Some(book) => {
            asked.check(&path, &book)?;
            book
        }
        None => {
            let Asked { profile, accounts } = asked;
            let accounts = match accounts {
                Some(accounts) => accounts,
                None if options.local => Accounts::all(chain.address(), &profile),
                None => Accounts::default(),
            };
            if options.local {
                check_is_for_development(chain)?;
            }
            let book = Deployment::plan(chain, profile, accounts).await?;
            if !options.dry_run {
                save(&path, &book)?;
            }
            book
        }
    };
    if options.dry_run {
        return Ok(Deployed { book, created: Vec::new(), promises: Vec::new() });
    }
    let created = execute(&book, chain, reporter).await?;
    let created = created.into_iter().map(|(part, mined)| Created { part: part.key(), gas: mined.gas_used });
    let created = created.collect();
    reporter(Report::Stage("checking every promise of the profile on the chain".into()));
    let promises = book.check(chain).await?;
    Ok(Deployed { book, created, promises })
}

/// Checks the network of a folder on its chain.
pub async fn check(
    dir: &Path,
    choice: &ChainChoice,
    key: Option<OperatorKey>,
    reporter: &Reporter,
) -> Result<Deployed, NodeError> {
    let path = dir.join(BOOK);
    let book = read(&path)?.ok_or_else(|| {
        NodeError::Refused(format!(
            "there is no address book {}\nhint: `corex deploy` makes one",
            path.display()
        ))
    })?;
    if *choice == (ChainChoice::Embedded { rpc_port: 0 }) && !dir.join(CHAIN).exists() {
        return Err(NodeError::Refused(format!(
            "{} holds no chain; its network is on chain {}\nhint: pass --rpc with an endpoint of that chain",
            dir.display(),
            book.chain_id
        )));
    }
    let keys = Keys::load_or_create(&dir.join("keys.json"))?;
    let own = OperatorKey::from_bytes(keys.operator)?;
    // Reading needs an account, but no particular one.
    let key = key.or_else(|| Some(own.clone()));
    let listen = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let (embedded, chain) = open_chain(dir, choice, own, key, listen, reporter).await?;
    let promises = book.check(&chain).await;
    if let Some(embedded) = embedded {
        embedded.shutdown().await;
    }
    Ok(Deployed { promises: promises?, book, created: Vec::new() })
}

/// The contracts of a network of one's own: deployed, or gone on with, or found to be there.
pub(crate) async fn for_development(
    dir: &Path,
    chain: Chain,
    name: Option<&str>,
    reporter: &Reporter,
) -> Result<Contracts, NodeError> {
    let _alone = alone(dir)?;
    let path = dir.join(BOOK);
    let book = match read(&path)? {
        Some(book) => match name {
            Some(name) if name != book.profile.name => {
                return Err(NodeError::Refused(format!(
                    "{} is a network of profile {}, not {name}\nhint: leave --profile out, or choose another folder with --dir",
                    path.display(),
                    book.profile.name
                )));
            }
            _ => book,
        },
        None => {
            check_is_for_development(&chain)?;
            let profile = Profile::builtin(name.unwrap_or("cx"), Scope::Local)?;
            let everybody = Accounts::all(chain.address(), &profile);
            let book = Deployment::plan(&chain, profile, everybody).await?;
            save(&path, &book)?;
            book
        }
    };
    execute(&book, &chain, reporter).await?;
    Ok(Contracts::attach(chain, book).await?)
}

async fn execute(
    book: &Deployment,
    chain: &Chain,
    reporter: &Reporter,
) -> Result<Vec<(Part, Mined)>, NodeError> {
    let (name, url) = (&book.profile.name, chain.url());
    reporter(Report::Stage(format!(
        "deploying the {} contracts of profile {name} ({url})",
        book.parts().count()
    )));
    Ok(book
        .execute(chain, |part, index, count| tracing::info!(part = part.key(), index, count, "deploying"))
        .await?)
}

/// A network of one's own has a treasury that its owner fills, and short windows. On a chain that strangers use, that
/// would be a currency printed for its owner: refused.
fn check_is_for_development(chain: &Chain) -> Result<(), NodeError> {
    match chain.chain_id() {
        DEFAULT_CHAIN_ID | ANVIL | GETH_DEV => Ok(()),
        id => Err(NodeError::Refused(format!(
            "chain {id} at {} is not a development chain, and a network with a treasury belongs on no other\n\
             hint: development chains have the id {ANVIL} (anvil, hardhat) or {GETH_DEV} (geth --dev)",
            chain.url()
        ))),
    }
}

fn profile(name: &str, local: bool) -> Result<Profile, NodeError> {
    let scope = if local { Scope::Local } else { Scope::Public };
    if !name.ends_with(".toml") {
        return Ok(Profile::builtin(name, scope)?);
    }
    let own = Profile::load(Path::new(name), scope)?;
    match Profile::builtin(&own.name, scope) {
        Ok(known) if known != own => Err(NodeError::Refused(format!(
            "{name} calls itself {}, but {}\nhint: give the profile a name of its own",
            own.name,
            own.difference(&known)
        ))),
        _ => Ok(own),
    }
}

/// The address book in a file; nothing if there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<Deployment>, NodeError> {
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|e| NodeError::Damaged { path: path.to_path_buf(), why: e.to_string() }),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(NodeError::Io { path: path.to_path_buf(), error }),
    }
}

fn save(path: &Path, book: &Deployment) -> Result<(), NodeError> {
    Ok(write_whole(path, &serde_json::to_vec_pretty(book).expect("strings and numbers"))?)
}

fn read_accounts(path: &Path) -> Result<Accounts, NodeError> {
    let text = std::fs::read_to_string(path).map_err(NodeError::io(path))?;
    Accounts::parse(&text)
        .map_err(|why| NodeError::Refused(format!("{}: {why}\nhint: README.md shows one", path.display())))
}
