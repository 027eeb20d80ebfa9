//! `corex stake node`: the node itself, its owner, what it offers.

use crate::args::{NodeRegisterArgs, NodeUpdateArgs, Roles, StakeNodeCommand, Switch};
use crate::{Failure, runtime, sign};
use corex_chain::{NodeProfile, PROVIDER, VERIFIER};
use corex_node::keys::Keys;
use corex_work::{Hash32, OperatorKey};
use std::process::ExitCode;

/// How long the operator's consent to a registration is good for, in seconds: it is used at once.
const CONSENT_SECONDS: u64 = 3_600;

pub fn run(command: StakeNodeCommand) -> Result<ExitCode, Failure> {
    match command {
        StakeNodeCommand::Register(args) => register(&args),
        StakeNodeCommand::Update(args) => update(&args),
        StakeNodeCommand::Activate(args) => sign::one(&args.sign, |i| i.set_node_active(args.node, true)),
        StakeNodeCommand::Deactivate(args) => sign::one(&args.sign, |i| i.set_node_active(args.node, false)),
        StakeNodeCommand::Transfer(args) => sign::one(&args.sign, |i| i.offer_node(args.node, args.to)),
        StakeNodeCommand::Accept(args) => sign::one(&args.sign, |i| i.accept_node(args.node)),
        StakeNodeCommand::Delegations(args) => {
            sign::one(&args.sign, |i| i.set_accepting(args.node, args.switch == Switch::On))
        }
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
    let keys = Keys::load(path)?.ok_or_else(missing)?;
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
        let unknown = || format!("there is no node {}", args.node);
        let known = intents.contracts().node(args.node).await?.ok_or_else(unknown)?.profile;
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

fn mask(roles: Roles) -> u8 {
    match roles {
        Roles::Provider => PROVIDER,
        Roles::Verifier => VERIFIER,
        Roles::Both => PROVIDER | VERIFIER,
    }
}
