//! `corex auction`: what the network received, for tokens that are burned.

use crate::args::{AuctionActArgs, AuctionBurnArgs, AuctionBuyArgs, AuctionCommand, AuctionShowArgs};
use crate::sign::{self, Step};
use crate::{Failure, runtime};
use corex_chain::{AuctionInfo, Intents, Moment, Span, Tokens};
use std::process::ExitCode;

pub fn run(command: AuctionCommand) -> Result<ExitCode, Failure> {
    match command {
        AuctionCommand::Show(args) => show(&args),
        AuctionCommand::Start(args) => start(&args),
        AuctionCommand::Buy(args) => buy(&args),
        AuctionCommand::Burn(args) => burn(&args),
    }
}

fn show(args: &AuctionShowArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::reader(&args.look).await?.intents();
        let auction = intents.contracts().auction(args.asset).await?;
        match args.look.json {
            true => println!("{}", serde_json::to_string(&auction)?),
            false => print!("{}", text(&intents, &auction)),
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn text(intents: &Intents, a: &AuctionInfo) -> String {
    let symbol = intents.names().symbol();
    let mut out = format!("held      {}\n", intents.asset(a.asset, a.held));
    match a.price {
        Some(price) => {
            out += &format!("for sale  {}\n", intents.asset(a.asset, a.lot));
            out += &format!("price     {price} {symbol}, {} at least\n", a.floor);
            let (start, span) = (Moment(a.started_at), Span(a.halving_seconds.into()));
            out += &format!("falling   from {} at {start}; it halves in {span}\n", a.start_price);
        }
        None => out += "for sale  nothing; `corex auction start` puts all that is held up for auction\n",
    }
    if a.last_lot > Tokens(0) {
        out += &format!("last      {} for {} {symbol}\n", intents.asset(a.asset, a.last_lot), a.last_price);
    }
    out
}

fn start(args: &AuctionActArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let auction = intents.contracts().auction(args.asset).await?;
        let steps = match auction.held > Tokens(0) && auction.held != auction.lot {
            true => vec![intents.start_auction(args.asset, auction.held)?.into()],
            false => Vec::new(),
        };
        sign::perform(&intents, steps, &args.sign, "all that the burner holds of it is up for auction").await
    })
}

fn buy(args: &AuctionBuyArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let auction = intents.contracts().auction(args.asset).await?;
        let price = auction.price.ok_or("no auction runs\nhint: `corex auction start` starts one")?;
        let most = args.max.unwrap_or(price);
        if price > most {
            return Err(
                format!("the lot costs {price} now, more than {most}\nhint: wait, or raise --max").into()
            );
        }
        let to = args.to.unwrap_or(intents.chain().address());
        let purchase = intents.buy_at_auction(args.asset, auction.lot, most, to)?;
        let burner = intents.contracts().book().contracts.burner;
        let steps = Step::taking(&intents, burner, most, purchase).await?;
        sign::perform(&intents, steps, &args.sign, "").await
    })
}

fn burn(args: &AuctionBurnArgs) -> Result<ExitCode, Failure> {
    runtime()?.block_on(async {
        let intents = sign::signer(&args.sign).await?;
        let contracts = intents.contracts();
        // Says first if there is no burner here.
        contracts.auction(None).await?;
        let steps = match contracts.balance(contracts.book().contracts.burner).await? {
            Tokens(0) => Vec::new(),
            held => vec![intents.burn_fees(held)?.into()],
        };
        sign::perform(&intents, steps, &args.sign, "the burner holds no tokens").await
    })
}
