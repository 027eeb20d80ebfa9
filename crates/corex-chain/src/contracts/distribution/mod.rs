//! How tokens come to people, and back: vesting, the sale, the auctions of what is burned for.

mod auction;
mod sale;
mod vesting;

pub use auction::AuctionInfo;
pub use sale::{AllowList, Outcome, SaleInfo, SaleStageInfo};
pub use vesting::VestingInfo;
