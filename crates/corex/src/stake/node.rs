//! `corex stake node`: the node itself, its owner, what it offers.

use crate::args::{
    NodeDelegationsArgs, NodeRegisterArgs, NodeUpdateArgs, OneNodeArgs, Roles, StakeNodeCommand, Switch,
};
use crate::{Failure, runtime, sign};
use corex_chain::{Intents, NodeInfo, NodeProfile, PROVIDER, VERIFIER};
use corex_node::keys::{KeyError, Keys};
use corex_work::{Address, Hash32, OperatorKey};
use std::process::ExitCode;

/// How long the operator's consent to a registration is good for, in seconds: it is used at once.
const CONSENT_SECONDS: u64 = 3_600;

pub fn run(command: StakeNodeCommand) -> Result<ExitCode, Failure> {
    match command {
        StakeNodeCommand::Register(args) => register(&args),
        StakeNodeCommand::Update(args) => update(&args),
        StakeNodeCommand::Activate(args) => service(&args, true),
        StakeNodeCommand::Deactivate(args) => service(&args, false),
        StakeNodeCommand::Transfer(args) => sign::one(&args.sign, |i| i.offer_node(args.node, args.to)),
        StakeNodeCommand::Accept(args) => sign::one(&args.sign, |i| i.accept_node(args.node)),
        StakeNodeCommand::Delegations(args) => delegations(&args),
        StakeNodeCommand::Commission(args) => {
            sign::one(&args.sign, |i| i.set_commission(args.node, args.percent))
        }
    }
}

fn register(args: &NodeRegisterArgs) -> Result<ExitCode, Failure> {
    let path = &args.operator;
    let missing = || {
        format!("there is no {}\nhint: --operator is the keys.json in the folder of a node", path.display())
    };
    let keys = match Keys::load(path) {
        Ok(keys) => keys.ok_or_else(missing)?,
        // Whose key it is does not suffice: the registry also binds the node's peer-to-peer identity.
        Err(KeyError::Damaged { .. }) => {
            return Err(format!(
                "{} holds no keys of a node\n\
                 hint: --operator is the keys.json that `corex node` makes in its folder, not a wallet",
                path.display()
            )
            .into());
        }
        Err(error) => return Err(error.into()),
    };
    let operator = OperatorKey::from_bytes(keys.operator)?;
    let node = operator.address();
    let profile = NodeProfile {
        endpoint: Hash32(keys.endpoint_public()),
        hardware: args.hardware.unwrap_or(Hash32([0; 32])),
        capability: args.capability,
        roles: mask(args.roles),
    };
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let owner = intents.chain().address();
        if let Some(known) = intents.contracts().node(node).await? {
            if known.owner != owner {
                return Err(format!("node {node} is registered already, and {} owns it", known.owner).into());
            }
            return sign::perform(&intents, Vec::new(), &args.sign, "registered already, with this owner")
                .await;
        }
        let deadline = intents.chain().time().await?.saturating_add(CONSENT_SECONDS);
        let message = intents.registration(node, profile, deadline)?;
        // In a dry run nothing is signed, and a registration without consent cannot be tried.
        let Some(consent) = sign::sign_message_as(&intents, &operator, &message, &args.sign)? else {
            return Ok(sign::unsigned(&intents, &message, &args.sign));
        };
        let transaction = intents.register_for(node, profile, deadline, &consent)?;
        sign::perform(&intents, vec![transaction.into()], &args.sign, "").await
    })
}

fn update(args: &NodeUpdateArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let known = find(&intents, args.node).await?.profile;
        let profile = NodeProfile {
            endpoint: args.endpoint.unwrap_or(known.endpoint),
            hardware: args.hardware.unwrap_or(known.hardware),
            capability: args.capability.unwrap_or(known.capability),
            roles: args.roles.map_or(known.roles, mask),
        };
        let mut steps = Vec::new();
        if profile != known {
            steps.push(intents.update_node(args.node, profile)?.into());
        }
        // A change of roles does not reach the verifiers by itself.
        if profile.roles != known.roles {
            steps.push(intents.sync_verifier(args.node)?.into());
        }
        sign::perform(&intents, steps, &args.sign, "the node says so already").await
    })
}

/// Takes a node into service or out of it, unless it is there.
fn service(args: &OneNodeArgs, active: bool) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let steps = match find(&intents, args.node).await?.active == active {
            true => Vec::new(),
            false => vec![intents.set_node_active(args.node, active)?.into()],
        };
        let nothing = if active { "the node is in service" } else { "the node is out of service" };
        sign::perform(&intents, steps, &args.sign, nothing).await
    })
}

fn delegations(args: &NodeDelegationsArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let wanted = args.switch == Switch::On;
        find(&intents, args.node).await?;
        let steps = match intents.contracts().conditions_of(args.node).await?.accepting == wanted {
            true => Vec::new(),
            false => vec![intents.set_accepting(args.node, wanted)?.into()],
        };
        let nothing = if wanted { "the node takes delegations" } else { "the node takes no delegations" };
        sign::perform(&intents, steps, &args.sign, nothing).await
    })
}

async fn find(intents: &Intents, node: Address) -> Result<NodeInfo, Failure> {
    let unknown =
        || format!("there is no node {node}\nhint: `corex delegate list` shows all nodes of the network");
    Ok(intents.contracts().node(node).await?.ok_or_else(unknown)?)
}

fn mask(roles: Roles) -> u8 {
    match roles {
        Roles::Provider => PROVIDER,
        Roles::Verifier => VERIFIER,
        Roles::Both => PROVIDER | VERIFIER,
    }
}
