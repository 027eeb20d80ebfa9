//! Whether to challenge now.
//!
//! A challenger adds to its bond with its moves, and one whose stake is used up cannot move: it would lose all its games at
//! once, and a liar with many lies would get away with them. So a node opens no more games than its stake can carry to the end.
//! While somebody else plays about a leaf it waits, too, as long as there is time to challenge.

/// Somebody else's game is waited for until so much of the window is left, as a part of it.
const LAST_PART: u64 = 3;

/// What a challenger knows before it puts a bond on a leaf that is wrong. Amounts in base units, times in seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prospect {
    /// The chain's time.
    pub now: u64,
    /// Challenges are taken until then, inclusive.
    pub deadline: u64,
    /// From the beacon to the deadline.
    pub window: u64,
    /// Others have an open game about the leaf.
    pub is_disputed: bool,
    /// Stake that is not bonded.
    pub stake: u128,
    /// Bond of a challenge.
    pub bond: u128,
    /// Most that one game adds to it.
    pub most_added: u128,
    /// Open games of this challenger.
    pub games: u64,
}

/// What to do about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// Challenge.
    Now,
    /// Look again.
    Later,
    /// The window has closed.
    Never,
}

impl Prospect {
    /// What to do now.
    pub fn moment(&self) -> Moment {
        let Some(left) = self.deadline.checked_sub(self.now) else { return Moment::Never };
        let is_early = left.saturating_mul(LAST_PART) > self.window;
        let games = u128::from(self.games).saturating_add(1);
        let needed = self.bond.saturating_add(self.most_added.saturating_mul(games));
        if (is_early && self.is_disputed) || self.stake < needed { Moment::Later } else { Moment::Now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stake_carries_every_game_to_its_end_and_others_go_first() {
        let free = Prospect {
            now: 100,
            deadline: 115,
            window: 15,
            is_disputed: false,
            stake: 700,
            bond: 500,
            most_added: 100,
            games: 1,
        };
        assert_eq!(free.moment(), Moment::Now);
        assert_eq!(Prospect { stake: 699, ..free }.moment(), Moment::Later);
        assert_eq!(Prospect { games: 2, ..free }.moment(), Moment::Later);
        assert_eq!(Prospect { games: u64::MAX, most_added: u128::MAX, ..free }.moment(), Moment::Later);
        let disputed = Prospect { is_disputed: true, ..free };
        assert_eq!(disputed.moment(), Moment::Later);
        assert_eq!(Prospect { now: 110, ..disputed }.moment(), Moment::Now, "a third of the window is left");
        assert_eq!(Prospect { now: 115, ..free }.moment(), Moment::Now);
        assert_eq!(Prospect { now: 116, ..free }.moment(), Moment::Never);
    }
}
