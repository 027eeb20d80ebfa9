// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IJobEscrow} from "../src/interfaces/IJobEscrow.sol";
import {IMarket} from "../src/interfaces/IMarket.sol";
import {Payout, TRAINING} from "../src/interfaces/Types.sol";
import {Money} from "./support/Money.sol";

/// @dev What jobs, certificates and leases cost, kept in snapshots/. Every measured call starts with cold storage, as a
/// transaction does; the fixed cost of a transaction and its data is not included.
contract MoneyGasTest is Money {
    function cool() internal {
        address[7] memory parts = [
            address(token),
            address(registry),
            address(guard),
            address(splitter),
            address(escrow),
            address(credentials),
            address(market)
        ];
        for (uint256 i; i < parts.length; ++i) {
            vm.cool(parts[i]);
        }
    }

    function measured(string memory group, string memory what) internal {
        vm.snapshotGasLastCall(group, what);
    }

    function test_job() public {
        IJobEscrow.Terms memory t = terms();
        cool();
        bytes32 job = openJob(t, BUDGET);
        measured("job", "open");

        Payout[] memory work = new Payout[](16);
        for (uint160 i; i < 16; ++i) {
            work[i] = Payout(address(1000 + i), 10, 1);
            registry.set(address(1000 + i), address(2000 + i), 1);
        }
        string[2] memory which = [", first time", ", later"];
        for (uint256 i; i < 2; ++i) {
            cool();
            uint128 baseFee = reserve(job, 160);
            measured("job", string.concat("reserve", which[i]));
            skip(WINDOW);
            cool();
            vm.prank(settlement);
            escrow.pay(job, baseFee, work, 160);
            measured("job", string.concat("pay 16 nodes", which[i]));
            cool();
            vm.prank(settlement);
            credentials.record(job, TRAINING, work);
            measured("job", string.concat("certify 16 nodes", which[i]));
        }
    }

    function test_insuredJobWithReferrer() public {
        IJobEscrow.Terms memory t = terms();
        (t.insured, t.referrer) = (true, referrer);
        bytes32 job = openJob(t, BUDGET);
        uint128 baseFee = reserve(job, 10);
        cool();
        pay(job, baseFee, 10, 10);
        measured("job", "pay 1 node, insured, with referrer");
    }

    function test_lease() public {
        fund(node, 10 ether);
        allow(node);
        IMarket.Offer memory offer = offerOf(IMarket.Meter.Seconds);
        IMarket.Order memory order = orderOf(IMarket.Meter.Seconds);
        bytes memory offerSignature = signedBy(nodeKey, market.offerDigest(offer));
        bytes memory orderSignature = signedBy(requesterKey, market.orderDigest(order));
        cool();
        bytes32 lease = market.openLease(offer, offerSignature, order, orderSignature);
        measured("lease", "open");
        for (uint128 i = 1; i < 3; ++i) {
            bytes memory signature = voucher(lease, i * 1 ether);
            cool();
            market.redeem(lease, i * 1 ether, signature);
            measured("lease", i == 1 ? "redeem, first" : "redeem, later");
        }
        skip(5000);
        cool();
        vm.prank(node);
        market.claim(lease, 3 ether, "evidence");
        measured("lease", "claim");
        skip(CHALLENGE + 1);
        cool();
        market.finalize(lease);
        measured("lease", "finalize");
        vm.prank(node);
        market.claim(lease, 5 ether, "evidence");
        cool();
        vm.prank(requester);
        market.object(lease, 4 ether);
        measured("lease", "object");
        cool();
        vm.prank(node);
        market.close(lease);
        measured("lease", "close");
    }
}
