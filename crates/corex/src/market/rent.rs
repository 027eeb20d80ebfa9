//! `corex rent`: leases, from the first token to the last.

use super::{bid, files, fit, list, make, offer, words};
use crate::args::{
    Earned, RentClaimArgs, RentCommand, RentExtendArgs, RentObjectArgs, RentRedeemArgs, RentShowArgs,
    RentTakeArgs, RentVoucherArgs, SignArgs,
};
use crate::sign::{self, Step};
use crate::{Failure, runtime};
use corex_chain::{
    ANY_TIER, Intent, Intents, LeaseInfo, MarketMessage, Meter, Offer, Order, SignedTerms, Tokens, Voucher,
    lease_id,
};
use corex_work::{Address, BlobId, Hash32};
use std::process::ExitCode;

/// An order that is taken in the same breath need not stand for long.
const ORDER_SECONDS: u64 = 3_600;
/// Ten-thousandths.
const BPS: u128 = 10_000;

pub fn run(command: RentCommand) -> Result<ExitCode, Failure> {
    match command {
        RentCommand::Take(args) => take(&args),
        RentCommand::Show(args) => show(&args),
        RentCommand::List(args) => list::run(&args),
        RentCommand::TopUp(a) => with_lease(a.lease, a.account, &a.sign, async |intents, lease| {
            let room = lease.most.saturating_sub(lease.deposit);
            if a.amount > room {
                return Err(format!(
                    "the lease cannot cost more than {} {symbol}: there is room for {room} {symbol} more\n\
                     hint: `corex rent extend` takes more of the offer, and pays it in",
                    lease.most,
                    symbol = intents.names().symbol()
                )
                .into());
            }
            let intent = intents.top_up_lease(a.account, a.lease, a.amount)?;
            paying(intents, a.account, a.amount, intent).await
        }),
        RentCommand::Extend(args) => extend(&args),
        RentCommand::Voucher(args) => voucher(&args),
        RentCommand::Pay(a) => with_lease(a.lease, None, &a.sign, async |intents, lease| {
            let voucher = Voucher { lease: a.lease, amount: earned(intents, lease, a.amount)? };
            if lease.settled >= voucher.amount {
                return Ok(Vec::new());
            }
            check_requester(lease, intents.chain().address())?;
            check_accrued(intents, lease, voucher.amount, a.ahead)?;
            let now = voucher.amount.saturating_sub(lease.settled);
            Ok(vec![intents.redeem(&voucher, &[], now)?.into()])
        }),
        RentCommand::Redeem(args) => redeem(&args),
        RentCommand::Claim(args) => claim(&args),
        RentCommand::WithdrawClaim(a) => {
            with_lease(a.lease, None, &a.sign, async |intents, lease| match lease.claim {
                Some(_) => Ok(vec![intents.withdraw_claim(a.lease)?.into()]),
                None => Ok(Vec::new()),
            })
        }
        RentCommand::Finalize(a) => {
            with_lease(a.lease, None, &a.sign, async |intents, lease| match lease.claim {
                Some(claim) => Ok(vec![intents.finalize_claim(a.lease, claim.amount)?.into()]),
                None => Ok(Vec::new()),
            })
        }
        RentCommand::Object(args) => object(&args),
        RentCommand::End(a) => with_lease(a.lease, a.account, &a.sign, async |intents, lease| {
            // Notice that was given before, by either side, is not given again.
            let notice = intents.contracts().book().profile.market.notice_seconds;
            match intents.chain().time().await?.saturating_add(notice) < lease.end {
                true => Ok(vec![intents.end_lease(a.account, a.lease)?.into()]),
                false => Ok(Vec::new()),
            }
        }),
        RentCommand::Close(a) => {
            with_lease(a.lease, None, &a.sign, async |intents, lease| match lease.closed {
                false => Ok(vec![intents.close_lease(a.lease, lease.left())?.into()]),
                true => Ok(Vec::new()),
            })
        }
    }
}

fn take(args: &RentTakeArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let contracts = intents.contracts();
        let signed: SignedTerms<Offer> = files::read(&intents, &args.offer)?;
        let standing = contracts.offer_standing(&signed.terms, signed.signature()).await?;
        offer::refuse_trouble(&args.offer, &standing)?;
        let (order, signature, quantity) = match (&args.order, args.quantity) {
            (Some(path), _) => {
                let order: SignedTerms<Order> = files::read(&intents, path)?;
                let other = contracts.order_standing(&order.terms, order.signature()).await?;
                offer::refuse_trouble(path, &other)?;
                (order.terms, order.signature().to_vec(), standing.left.min(other.left))
            }
            (None, Some(quantity)) => {
                let quantity = quantity.of(signed.terms.meter)?;
                (
                    own_order(&intents, args, &signed.terms, standing.left, quantity).await?,
                    Vec::new(),
                    quantity,
                )
            }
            (None, None) => return Err("say with --quantity how much, such as 2h".into()),
        };
        fit::check_terms(&intents, &signed.terms, &order)?;
        fit::check_quantity(&signed.terms, &order, quantity)?;
        let deposit = bid::deposit_of(&order, quantity, signed.terms.price)?;
        fit::check_deposit(&intents, &order, deposit).await?;
        let lease = lease_id(standing.hash, order.digest(&contracts.book().market_domain()));
        let open = intents.open_lease(
            (&signed.terms, signed.signature()),
            (&order, &signature),
            quantity,
            deposit,
        )?;
        let steps = match order.requester == intents.chain().address() {
            true => Step::taking(&intents, contracts.book().contracts.market, deposit, open).await?,
            // Another requester has seen to the deposit before.
            false => vec![open.into()],
        };
        let done = sign::perform(&intents, steps, &args.sign, "").await?;
        if done == ExitCode::SUCCESS && !args.sign.dry_run && !args.sign.json {
            println!("{lease}");
        }
        Ok(done)
    })
}

/// The order of this account that fits an offer of which `left` is left; it is taken in the same transaction, so it needs no signature.
async fn own_order(
    intents: &Intents,
    args: &RentTakeArgs,
    ask: &Offer,
    left: u64,
    quantity: u64,
) -> Result<Order, Failure> {
    if quantity > left || quantity < ask.min_quantity {
        return Err(format!(
            "{} of the offer are left, and a lease takes {} at least\nhint: change --quantity",
            words::quantity(ask.meter, left),
            words::quantity(ask.meter, ask.min_quantity)
        )
        .into());
    }
    if ask.meter == Meter::Seconds && (args.term.is_some() || args.rate.is_some()) {
        return Err(make::NO_RATE.into());
    }
    let rate = args.rate.unwrap_or(ask.max_rate);
    let term = args.term.map_or(ask.max_term, |term| term.0);
    if ask.meter == Meter::Units {
        fit::check_reach(quantity, rate, term)?;
    }
    let most = ask.price.checked_mul(quantity).ok_or("price times quantity is too much")?;
    let deposit = args.deposit.unwrap_or(most);
    if deposit > most || deposit < ask.min_deposit {
        return Err(format!(
            "a deposit of {deposit} does not fit: at least {}, at most {most}\nhint: change --deposit",
            ask.min_deposit
        )
        .into());
    }
    let requester = intents.chain().address();
    Ok(Order {
        requester,
        signer: args.signer.unwrap_or_default(),
        node: ask.node,
        tiers: ANY_TIER,
        kind: ask.kind,
        meter: ask.meter,
        max_price: ask.price,
        min_quantity: quantity,
        max_quantity: quantity,
        rate,
        term: if ask.meter == Meter::Seconds { 0 } else { term },
        deposit,
        expiry: intents.chain().time().await?.saturating_add(ORDER_SECONDS),
        nonce: intents.contracts().least_nonce(requester).await?,
    })
}

fn show(args: &RentShowArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::reader(&args.look).await?.intents();
        let lease = find(&intents, args.lease).await?;
        if args.look.json {
            println!("{}", serde_json::to_string(&lease)?);
            return Ok(ExitCode::SUCCESS);
        }
        let now = intents.chain().time().await?;
        let window = intents.contracts().book().profile.market.challenge_seconds;
        print!("{}", words::lease(&intents, &lease, now, window));
        Ok(ExitCode::SUCCESS)
    })
}

fn extend(args: &RentExtendArgs) -> Result<ExitCode, Failure> {
    with_lease(args.lease, args.account, &args.sign, async |intents, lease| {
        let signed: SignedTerms<Offer> = files::read(intents, &args.offer)?;
        let hash = signed.terms.digest(&intents.contracts().book().market_domain());
        if hash != lease.offer {
            return Err(
                format!("{} is not the offer that the lease was opened with", args.offer.display()).into()
            );
        }
        let (quantity, term) = match (lease.meter, args.quantity, args.term) {
            (Meter::Seconds, Some(quantity), None) => {
                let seconds = quantity.of(lease.meter)?;
                (seconds, seconds)
            }
            (Meter::Units, quantity, term) if quantity.is_some() || term.is_some() => {
                let quantity = quantity.map_or(Ok(0), |quantity| quantity.of(lease.meter))?;
                (quantity, term.map_or(0, |term| term.0))
            }
            (Meter::Seconds, ..) => return Err("say with --quantity how much longer, such as 12h".into()),
            (Meter::Units, ..) => return Err("say with --quantity or --term what to add".into()),
        };
        let cost = lease.price.checked_mul(quantity).ok_or("price times quantity is too much")?;
        let intent = intents.extend_lease(args.account, args.lease, &signed.terms, (quantity, term), cost)?;
        paying(intents, args.account, cost, intent).await
    })
}

fn voucher(args: &RentVoucherArgs) -> Result<ExitCode, Failure> {
    files::check_free(&args.out)?;
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let lease = find(&intents, args.lease).await?;
        let me = intents.chain().address();
        if lease.signer != me {
            return Err(format!(
                "vouchers of this lease are signed by {}, and this account is {me}",
                lease.signer
            )
            .into());
        }
        let voucher = Voucher { lease: args.lease, amount: earned(&intents, &lease, args.amount)? };
        if voucher.amount <= lease.settled {
            return Err(match voucher.amount {
                Tokens(0) => "nothing has accrued yet, so there is nothing to sign".into(),
                _ => format!(
                    "{} {} are settled already\nhint: amounts count from the lease's beginning",
                    lease.settled,
                    intents.names().symbol()
                )
                .into(),
            });
        }
        check_accrued(&intents, &lease, voucher.amount, args.ahead)?;
        let domain = intents.contracts().book().market_domain();
        let message = intents.voucher(&voucher)?;
        let write = |signature: &corex_work::Signature| {
            files::write(&args.out, &SignedTerms::new(voucher, &domain, signature.0.to_vec()))
        };
        sign::sign_into(&intents, &message, &args.sign, write, &args.out)
    })
}

fn redeem(args: &RentRedeemArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let signed: SignedTerms<Voucher> = files::read(&intents, &args.voucher)?;
        let voucher = signed.terms;
        let lease = find(&intents, voucher.lease).await?;
        let digest = voucher.digest(&intents.contracts().book().market_domain());
        if !intents.contracts().is_signed(lease.signer, digest, signed.signature()).await? {
            let why = format!("it is not signed by {}, who signs for this lease", lease.signer);
            return Err(files::named(&args.voucher, &why));
        }
        let steps = match voucher.amount <= lease.settled {
            true => Vec::new(),
            false => {
                let now = voucher.amount.saturating_sub(lease.settled);
                vec![intents.redeem(&voucher, signed.signature(), now)?.into()]
            }
        };
        sign::perform(&intents, steps, &args.sign, "all that the voucher is for is paid").await
    })
}

fn claim(args: &RentClaimArgs) -> Result<ExitCode, Failure> {
    let evidence = match &args.evidence {
        Some(path) => Hash32(BlobId::of(&std::fs::read(path).map_err(|e| files::named(path, &e))?).0),
        None => Hash32::default(),
    };
    with_lease(args.lease, None, &args.sign, async |intents, lease| {
        if lease.claim.is_some() {
            return Err("a claim is open on this lease\nhint: `corex rent show` shows until when it can be objected to".into());
        }
        let amount = earned(intents, lease, args.amount)?;
        let new = amount.saturating_sub(lease.settled);
        if new == Tokens(0) {
            return Ok(Vec::new());
        }
        let bps = u128::from(intents.contracts().book().profile.market.bond_bps);
        // Rounded up, as the contract does.
        let bond = Tokens((new.0 / BPS) * bps + (new.0 % BPS * bps).div_ceil(BPS));
        let intent = intents.claim_lease(args.lease, amount, evidence, bond)?;
        paying(intents, None, bond, intent).await
    })
}

fn object(args: &RentObjectArgs) -> Result<ExitCode, Failure> {
    with_lease(args.lease, None, &args.sign, async |intents, lease| {
        let claim = lease.claim.ok_or("no claim is open on this lease")?;
        check_requester(lease, intents.chain().address())?;
        if args.agreed < lease.settled || args.agreed >= claim.amount {
            return Err(format!(
                "--agreed must be at least {}, which is paid, and less than {}, which is claimed",
                lease.settled, claim.amount
            )
            .into());
        }
        let forfeited = claim.amount.saturating_sub(args.agreed);
        Ok(vec![intents.object_to_claim(args.lease, args.agreed, forfeited)?.into()])
    })
}

/// Finds a lease, of a spending account if one is named, plans with it, and carries the plan out.
fn with_lease(
    lease: Hash32,
    account: Option<Address>,
    args: &SignArgs,
    plan: impl AsyncFnOnce(&Intents, &LeaseInfo) -> Result<Vec<Step>, Failure>,
) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer_for(args, account).await?;
        let found = find(&intents, lease).await?;
        let steps = plan(&intents, &found).await?;
        sign::perform(&intents, steps, args, "there is nothing to do on this lease").await
    })
}

async fn find(intents: &Intents, lease: Hash32) -> Result<LeaseInfo, Failure> {
    let found = intents.contracts().lease(lease).await?;
    found.ok_or_else(|| {
        format!("there is no lease {lease}\nhint: `corex rent list` shows those of an account").into()
    })
}

/// `intent`, after the approval that the market needs to take `amount`; a spending account sees to that itself.
async fn paying(
    intents: &Intents,
    account: Option<Address>,
    amount: Tokens,
    intent: Intent,
) -> Result<Vec<Step>, Failure> {
    match account {
        Some(_) => Ok(vec![intent.into()]),
        None => Ok(Step::taking(intents, intents.contracts().book().contracts.market, amount, intent).await?),
    }
}

/// A cumulative amount that the lease can pay.
fn earned(intents: &Intents, lease: &LeaseInfo, amount: Earned) -> Result<Tokens, Failure> {
    let amount = match amount {
        Earned::Amount(amount) => amount,
        Earned::Accrued => lease.accrued,
    };
    match amount > lease.deposit {
        true => Err(format!(
            "the deposit of the lease is {} {}, not {amount}\nhint: amounts count from the lease's beginning",
            lease.deposit,
            intents.names().symbol()
        )
        .into()),
        false => Ok(amount),
    }
}

/// Says what has accrued, and refuses more: whoever is paid ahead of its work need not do it.
fn check_accrued(intents: &Intents, lease: &LeaseInfo, amount: Tokens, ahead: bool) -> Result<(), Failure> {
    let symbol = intents.names().symbol();
    eprintln!("accrued so far: {} {symbol}; settled: {} {symbol}", lease.accrued, lease.settled);
    match amount > lease.accrued && !ahead {
        true => Err(format!(
            "only {} {symbol} have accrued so far, and the provider could have all of {amount} {symbol} paid at once\n\
             hint: sign for `accrued`; --ahead pays for what is still to come",
            lease.accrued
        )
        .into()),
        false => Ok(()),
    }
}

/// Says who may, before the contract says who may not.
fn check_requester(lease: &LeaseInfo, me: Address) -> Result<(), Failure> {
    match me == lease.requester || me == lease.signer {
        true => Ok(()),
        false => {
            Err(format!("this account is {me}; the requester of the lease is {}", lease.requester).into())
        }
    }
}
