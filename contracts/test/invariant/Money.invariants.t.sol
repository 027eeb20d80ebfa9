// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IJobEscrow} from "../../src/interfaces/IJobEscrow.sol";
import {IMarket} from "../../src/interfaces/IMarket.sol";
import {ISpendingAccount} from "../../src/interfaces/ISpendingAccount.sol";
import {Accounts} from "./Accounts.sol";
import {Jobs} from "./Jobs.sol";
import {Leases} from "./Leases.sol";
import {MoneyHandler} from "./MoneyHandler.sol";
import {MoneyOversteps} from "./MoneyOversteps.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Test} from "forge-std/Test.sol";

/// @dev What holds of the money of jobs and leases after any sequence of calls by anybody.
contract MoneyInvariants is Test {
    MoneyOversteps internal handler;
    IERC20 internal token;
    IJobEscrow internal escrow;
    IMarket internal market;
    address[3] internal sinks;

    function setUp() public {
        handler = new MoneyOversteps();
        (token, escrow, market, sinks[0], sinks[1], sinks[2]) = handler.parts();
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), actions()));
        bytes4[] memory seldom = new bytes4[](1);
        seldom[0] = MoneyHandler.refuse.selector;
        targetSelector(FuzzSelector(address(handler), seldom));
    }

    function actions() internal pure returns (bytes4[] memory all) {
        all = new bytes4[](39);
        (all[0], all[1], all[2]) = (Jobs.open.selector, Jobs.topUpJob.selector, Jobs.closeJob.selector);
        (all[3], all[4], all[5]) = (Jobs.refundJob.selector, Jobs.commit.selector, Jobs.settle.selector);
        (all[6], all[7]) = (Jobs.credit.selector, Jobs.flush.selector);
        all[8] = bytes4(keccak256("openLease(uint256,uint256,uint256)"));
        (all[9], all[10], all[11]) = (Leases.topUpLease.selector, Leases.extend.selector, Leases.redeem.selector);
        (all[12], all[13]) = (Leases.claim.selector, Leases.withdrawClaim.selector);
        (all[14], all[15]) = (Leases.object.selector, Leases.finalize.selector);
        (all[16], all[17]) = (Leases.end.selector, Leases.close.selector);
        (all[18], all[19]) = (MoneyHandler.payOwed.selector, MoneyHandler.pass.selector);
        (all[20], all[21]) = (MoneyHandler.pass.selector, MoneyHandler.tune.selector);
        (all[22], all[23], all[24]) = (Accounts.setLimit.selector, Accounts.revoke.selector, Accounts.putIn.selector);
        (all[25], all[26]) = (Accounts.takeOut.selector, Accounts.openByKey.selector);
        (all[27], all[28]) = (Accounts.topUpByKey.selector, Accounts.closeByKey.selector);
        (all[29], all[30]) = (Accounts.orderByKey.selector, Accounts.takeOrder.selector);
        (all[31], all[32]) = (Accounts.cancelByKey.selector, Accounts.extendByKey.selector);
        all[33] = Accounts.endByKey.selector;
        all[34] = MoneyOversteps.openAgain.selector;
        all[35] = MoneyOversteps.takeTooMuchOfALease.selector;
        all[36] = MoneyOversteps.decideClaimsWrongly.selector;
        all[37] = MoneyOversteps.takeTooMuchOfAJob.selector;
        all[38] = MoneyOversteps.spendWrongly.selector;
    }

    /// @dev One function, because forge replays the whole sequence for each. Most of what it says is checked by each call, too.
    /// forge-config: default.invariant.depth = 256
    /// forge-config: default.invariant.check-interval = 4
    function invariant_money() public view {
        tokensAreConserved();
        jobsAreSolvent();
        leasesAreSolvent();
        nobodyLosesMoreThanHeSignedFor();
        keysSpendWithinTheirLimits();
        assertEq(handler.wronglyPaid(), 0, "a payment was not what its terms say");
    }

    /// @dev After every sequence, everybody can leave with everything that is theirs.
    function afterInvariant() public {
        handler.windUp();
        tokensAreConserved();
        nobodyLosesMoreThanHeSignedFor();
        (ISpendingAccount account,) = handler.accountOf();
        assertEq(token.balanceOf(address(account)), 0, "left in an account");
        assertEq(token.balanceOf(address(escrow)), 0, "left in jobs");
        assertEq(token.balanceOf(address(market)), 0, "left in leases");
        assertEq(escrow.totalHeld(), 0);
        assertEq(market.totalHeld(), 0);
        assertEq(owed(false) + owed(true), 0, "owed what is not there");
    }

    function tokensAreConserved() internal view {
        address[] memory people = handler.people();
        uint256 sum = token.balanceOf(address(escrow)) + token.balanceOf(address(market));
        for (uint256 i; i < people.length; ++i) {
            sum += token.balanceOf(people[i]);
        }
        for (uint256 i; i < sinks.length; ++i) {
            sum += token.balanceOf(sinks[i]);
        }
        assertEq(sum, token.totalSupply(), "tokens appeared or vanished");
    }

    function owed(bool ofMarket) internal view returns (uint256 sum) {
        address[] memory people = handler.people();
        for (uint256 i; i < people.length; ++i) {
            sum += ofMarket ? market.owedTo(people[i]) : escrow.owedTo(people[i]);
        }
    }

    function jobsAreSolvent() internal view {
        (uint256 jobs,) = handler.counts();
        uint256 held = owed(false);
        for (uint256 i; i < jobs; ++i) {
            bytes32 job = handler.jobs(i);
            IJobEscrow.Job memory j = escrow.jobOf(job);
            assertEq(j.reserved, handler.reservedFor(job), "reserved is what unsettled rounds need");
            assertLe(j.reserved, j.balance, "every committed round can be paid");
            held += j.balance;
        }
        assertEq(held, escrow.totalHeld());
        assertEq(held, token.balanceOf(address(escrow)), "jobs are owed what is there");
    }

    function leasesAreSolvent() internal view {
        (, uint256 leases) = handler.counts();
        uint256 held = owed(true) + handler.bondsPosted();
        for (uint256 i; i < leases; ++i) {
            IMarket.Lease memory l = market.leaseOf(handler.leases(i));
            assertLe(l.settled, l.deposit, "nothing is spent that was not deposited");
            assertLe(l.deposit, l.most, "nor deposited that cannot be earned");
            if (!l.closed) held += l.deposit - l.settled;
        }
        assertEq(held, market.totalHeld());
        assertEq(held, token.balanceOf(address(market)), "leases are owed what is there");
    }

    function nobodyLosesMoreThanHeSignedFor() internal view {
        (, uint256 leases) = handler.counts();
        for (uint256 i; i < leases; ++i) {
            bytes32 lease = handler.leases(i);
            IMarket.Lease memory l = market.leaseOf(lease);
            assertEq(l.deposit, handler.deposited(lease), "the requester put in what it chose to");
            // Each token of a lease is spent once: paid to the provider, with its fee, or forfeited.
            assertLe(handler.agreed(lease), l.settled);
            uint256 gross = l.settled - handler.forfeited(lease);
            assertLe(handler.toProvider(lease), gross, "a provider is never paid twice");
            uint256 fee = gross * handler.feeBpsOf(lease) / 10_000;
            assertGe(handler.toProvider(lease) + fee + 100, gross, "and loses no more than the fee");
        }
    }

    /// @dev What keys did is counted call by call. Here: what they may do next, and that nobody else may take anything.
    function keysSpendWithinTheirLimits() internal view {
        (ISpendingAccount account, address[2] memory keys) = handler.accountOf();
        for (uint256 i; i < 2; ++i) {
            assertEq(account.spendable(keys[i]), handler.allowedTo(keys[i]), "what a key may spend");
            assertEq(token.balanceOf(keys[i]), 0, "a key has something");
            assertEq(token.allowance(address(account), keys[i]), 0, "a key may take something");
        }
        assertEq(token.allowance(address(account), address(escrow)), 0, "jobs may take more");
        assertEq(token.allowance(address(account), address(market)), handler.promised(), "leases may take more");
    }
}
