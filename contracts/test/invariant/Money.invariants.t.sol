// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IJobEscrow} from "../../src/interfaces/IJobEscrow.sol";
import {IMarket} from "../../src/interfaces/IMarket.sol";
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
        bytes4[] memory actions = new bytes4[](25);
        actions[0] = MoneyHandler.open.selector;
        actions[1] = MoneyHandler.topUpJob.selector;
        actions[2] = MoneyHandler.closeJob.selector;
        actions[3] = MoneyHandler.refundJob.selector;
        actions[4] = MoneyHandler.commit.selector;
        actions[5] = MoneyHandler.settle.selector;
        actions[6] = MoneyHandler.credit.selector;
        actions[7] = MoneyHandler.flush.selector;
        actions[8] = bytes4(keccak256("openLease(uint256,uint256,uint256)"));
        actions[9] = MoneyHandler.topUpLease.selector;
        actions[10] = MoneyHandler.extend.selector;
        actions[11] = MoneyHandler.redeem.selector;
        actions[12] = MoneyHandler.claim.selector;
        actions[13] = MoneyHandler.withdrawClaim.selector;
        actions[14] = MoneyHandler.object.selector;
        actions[15] = MoneyHandler.finalize.selector;
        actions[16] = MoneyHandler.end.selector;
        actions[17] = MoneyHandler.close.selector;
        actions[18] = MoneyHandler.payOwed.selector;
        actions[19] = MoneyHandler.pass.selector;
        actions[20] = MoneyOversteps.openAgain.selector;
        actions[21] = MoneyOversteps.takeTooMuchOfALease.selector;
        actions[22] = MoneyOversteps.decideClaimsWrongly.selector;
        actions[23] = MoneyOversteps.takeTooMuchOfAJob.selector;
        actions[24] = MoneyHandler.tune.selector;
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), actions));
        bytes4[] memory seldom = new bytes4[](1);
        seldom[0] = MoneyHandler.refuse.selector;
        targetSelector(FuzzSelector(address(handler), seldom));
    }

    /// @dev One function, because forge replays the whole sequence for each.
    function invariant_money() public view {
        tokensAreConserved();
        jobsAreSolvent();
        leasesAreSolvent();
        nobodyLosesMoreThanHeSignedFor();
        assertEq(handler.wronglyPaid(), 0, "a payment was not what its terms say");
        string[] memory allowed = handler.allowed();
        if (allowed.length > 0) revert(string.concat("not refused: ", allowed[0]));
    }

    /// @dev After every sequence, everybody can leave with everything that is theirs.
    function afterInvariant() public {
        handler.windUp();
        tokensAreConserved();
        nobodyLosesMoreThanHeSignedFor();
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
}
