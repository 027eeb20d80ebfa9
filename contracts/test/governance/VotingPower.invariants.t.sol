// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Governance} from "../support/Governance.sol";

/// @dev People who buy, sell, stake, withdraw, work and delegate, to make as many votes of their tokens as they can.
contract Voters is Governance {
    uint256 public constant PEOPLE = 5;

    constructor() {
        vm.warp(GENESIS_TIME);
        deployPower();
        for (uint256 i; i < PEOPLE; ++i) {
            fundAccount(person(i), 1000e18 * (i + 1));
        }
        power.recordSupply();
        vm.warp(block.timestamp + 1);
    }

    function person(uint256 i) public pure returns (address) {
        return address(uint160(0x1000 + i % PEOPLE));
    }

    function transfer(uint256 from, uint256 to, uint256 amount) external {
        amount = bound(amount, 0, token.balanceOf(person(from)));
        vm.prank(person(from));
        token.transfer(person(to), amount);
    }

    function delegate(uint256 from, uint256 to) external {
        // Sometimes to nobody.
        address delegatee = to % (PEOPLE + 1) == PEOPLE ? address(0) : person(to % (PEOPLE + 1));
        vm.prank(person(from));
        token.delegate(delegatee);
    }

    function stake(uint256 who, uint256 amount) external {
        amount = bound(amount, 0, token.balanceOf(person(who)));
        stakeAs(person(who), amount);
    }

    function withdraw(uint256 who, uint256 amount) external {
        amount = bound(amount, 0, vault.amountOf(person(who)));
        vm.prank(person(who));
        vault.withdraw(amount);
    }

    function work(uint256 who, uint256 units) external {
        credentials.record(person(who), bound(units, 0, 1e30));
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 1 days));
    }

    /// @dev Whoever represents `owner` at `t`.
    function representative(address owner, uint256 t) internal view returns (address r) {
        r = token.getPastDelegate(owner, t);
        if (r == address(0)) r = owner;
    }

    /// @dev Everybody shows all that they represent: the most votes there can be.
    function allVotes(uint256 t) public view returns (uint256 sum) {
        for (uint256 i; i < PEOPLE; ++i) {
            sum += mostVotes(person(i), t);
        }
    }

    function mostVotes(address account, uint256 t) public view returns (uint256) {
        address[] memory shown = new address[](PEOPLE);
        uint256 count;
        for (uint256 k; k < PEOPLE; ++k) {
            if (person(k) != account && representative(person(k), t) == account) shown[count++] = person(k);
        }
        assembly ("memory-safe") {
            mstore(shown, count)
        }
        return power.getPastVotesFor(account, t, shown);
    }

    /// @dev What there is to vote with: tokens of people who named a delegate, all stake, all contribution.
    function allThereIs(uint256 t) public view returns (uint256) {
        uint256 tokens;
        for (uint256 i; i < PEOPLE; ++i) {
            tokens += token.getPastVotes(person(i), t);
        }
        return tokens + vault.pastTotalStake(t) + power.pastContributionVotes(t);
    }

    /// @dev Votes of a person who shows all whom he represents, from the books of those who keep tokens, stake and contribution.
    function expectedVotes(address account, uint256 t) public view returns (uint256 votes) {
        votes = token.getPastVotes(account, t);
        uint256 limit = vault.pastTotalStake(t) * CONTRIBUTION_BPS / (10_000 - CONTRIBUTION_BPS);
        for (uint256 k; k < PEOPLE; ++k) {
            if (representative(person(k), t) != account) continue;
            votes += vault.pastStake(person(k), t);
            uint256 units = credentials.pastContribution(person(k), t);
            if (units == 0) continue;
            uint256 byRate = units * VOTES_PER_UNIT / 1e18;
            uint256 byLimit = limit * units / credentials.pastTotalContribution(t);
            votes += byRate < byLimit ? byRate : byLimit;
        }
    }

    /// @dev Whether somebody may show himself, somebody twice or somebody who named another.
    function showsTooMuch(uint256 t) external view returns (bool) {
        for (uint256 i; i < PEOPLE; ++i) {
            address account = person(i);
            for (uint256 k; k < PEOPLE; ++k) {
                address[] memory shown = new address[](1);
                shown[0] = person(k);
                bool represented = k != i && token.getPastDelegate(person(k), t) == account;
                if (!represented && isCounted(account, t, shown)) return true;
                shown = new address[](2);
                (shown[0], shown[1]) = (person(k), person(k));
                if (isCounted(account, t, shown)) return true;
            }
        }
        return false;
    }

    function isCounted(address account, uint256 t, address[] memory shown) internal view returns (bool counted) {
        (counted,) = address(power).staticcall(abi.encodeCall(power.getPastVotesFor, (account, t, shown)));
    }

    function limits(uint256 t) external view returns (uint256 votable, uint256 contributed, uint256 staked) {
        return (power.getPastTotalSupply(t), power.pastContributionVotes(t), vault.pastTotalStake(t));
    }
}

contract VotingPowerInvariants is Governance {
    Voters internal voters;

    function setUp() public {
        voters = new Voters();
        bytes4[] memory actions = new bytes4[](6);
        actions[0] = Voters.transfer.selector;
        actions[1] = Voters.delegate.selector;
        actions[2] = Voters.stake.selector;
        actions[3] = Voters.withdraw.selector;
        actions[4] = Voters.work.selector;
        actions[5] = Voters.pass.selector;
        targetContract(address(voters));
        targetSelector(FuzzSelector(address(voters), actions));
    }

    /// @dev Of every second that is over: no token, no staked token and no unit counted twice.
    function invariant_nothingCountsTwice() public view {
        uint256 t = block.timestamp - 1;
        assertFalse(voters.showsTooMuch(t), "votes of somebody who is not represented, or twice");
        for (uint256 i; i < voters.PEOPLE(); ++i) {
            address person = voters.person(i);
            assertEq(voters.mostVotes(person, t), voters.expectedVotes(person, t), "votes of a person");
        }
        uint256 votes = voters.allVotes(t);
        (uint256 votable, uint256 contributed, uint256 staked) = voters.limits(t);
        assertLe(votes, votable, "more votes than tokens in circulation and contribution");
        uint256 there = voters.allThereIs(t);
        assertLe(votes, there, "votes appeared");
        // Every person's contribution is rounded down.
        assertGe(votes + voters.PEOPLE(), there, "votes vanished");
        assertLe(
            contributed * 10_000, uint256(CONTRIBUTION_BPS) * (contributed + staked), "contribution overruns stake"
        );
    }
}
