// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMiningPool} from "../../src/interfaces/IMiningPool.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {BPS, ENGINES, Payout, Ruling} from "../../src/interfaces/Types.sol";
import {Network} from "../support/Network.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @dev What a payment and a ruling must move, worked out apart from the contracts from what was there before, and how often
/// they moved something else.
abstract contract Ledger is Network {
    uint256 internal constant NODES = 8;

    address[] public nodes;
    /// @dev At the beginning: nodes change hands.
    address[] public owners;

    uint256 public wronglyPaid;
    uint256 public wronglyShared;
    uint256 public wronglySlashed;

    /// @dev What the challenger of a dispute has at risk.
    mapping(uint256 dispute => uint256) public bondOf;
    /// @dev Whose bonds a slash has eaten into.
    mapping(address node => bool) public eaten;

    /// @dev Before a payment.
    struct Before {
        uint256[] balances;
        uint256 supply;
        uint256 splitter;
        uint256 insurance;
        IMiningPool.Account[] accounts;
    }

    /// @dev Before a dispute may be ruled on.
    struct Stakes {
        uint256[] own;
        uint256[] lent;
        uint256[] bonded;
        uint256 supply;
        uint256 challengersOwner;
        uint256 accusedsOwner;
        bool convicted;
    }

    // --- payments

    function beforePayment() internal view returns (Before memory b) {
        b.balances = new uint256[](NODES);
        b.accounts = new IMiningPool.Account[](NODES);
        for (uint256 i; i < NODES; ++i) {
            b.balances[i] = token.balanceOf(owners[i]);
            b.accounts[i] = pool.accountOf(nodes[i]);
        }
        b.supply = token.totalSupply();
        (b.splitter, b.insurance) = (token.balanceOf(address(splitter)), token.balanceOf(address(insurance)));
    }

    /// @dev What a payment must bring.
    struct Due {
        uint256[] owners;
        uint256 burned;
        uint256 fees;
        uint256 premiums;
    }

    /// @param units Units of work that each node is to be paid for, and of audits.
    function checkPayment(bytes32 job, uint128 baseFee, uint256[2][] memory units, Before memory b) internal {
        Due memory due;
        due.owners = new uint256[](NODES);
        bool insured = escrow.insured(job);
        for (uint256 n; n < NODES; ++n) {
            uint256 index = ownerIndex(registry.ownerOf(nodes[n]));
            addDue(due, index, units[n][0], baseFee, insured);
            addDue(due, index, units[n][1], baseFee, insured);
            checkSharing(nodes[n], b.accounts[n]);
        }
        for (uint256 i; i < NODES; ++i) {
            if (token.balanceOf(owners[i]) - b.balances[i] != due.owners[i]) ++wronglyPaid;
        }
        if (b.supply - token.totalSupply() != due.burned) ++wronglyPaid;
        if (token.balanceOf(address(splitter)) - b.splitter != due.fees) ++wronglyPaid;
        if (token.balanceOf(address(insurance)) - b.insurance != due.premiums) ++wronglyPaid;
    }

    function addDue(Due memory due, uint256 index, uint256 units, uint256 baseFee, bool insured) internal pure {
        (uint256 net, uint256 fee, uint256 premium) = divided(units, baseFee, insured);
        due.owners[index] += net;
        due.burned += units * baseFee;
        due.fees += fee;
        due.premiums += premium;
    }

    function divided(uint256 units, uint256 baseFee, bool insured)
        internal
        pure
        returns (uint256 net, uint256 fee, uint256 premium)
    {
        uint256 gross = units * PRICE;
        if (insured) premium = Math.ceilDiv(gross * escrowParams().premiumBps, BPS);
        uint256 rest = gross - units * baseFee - premium;
        uint256 percentage = Math.ceilDiv(rest * FEE_BPS, BPS);
        return (rest - percentage, percentage, premium);
    }

    /// @dev Of what a node just mined for, its delegators have the part that stakes and commission say, which a payment does not
    /// change.
    function checkSharing(address node, IMiningPool.Account memory b) internal {
        IMiningPool.Account memory a = pool.accountOf(node);
        uint256 own = vault.ownStakeOf(node);
        uint256 counted = Math.min(delegation.delegatedOf(node), own * DELEGATION_CAP_BPS / BPS);
        for (uint256 e; e < ENGINES; ++e) {
            // An account of an earlier epoch was folded first.
            bool same = a.epoch == b.epoch;
            uint256 mined = a.weighted[e] - (same ? b.weighted[e] : 0);
            uint256 lent = a.lentWeighted[e] - (same ? b.lentWeighted[e] : 0);
            uint256 part = counted == 0 ? 0 : mined * counted / (own + counted);
            if (lent != part * (BPS - delegation.commissionOf(node)) / BPS) ++wronglyShared;
        }
    }

    // --- rulings

    function beforeRuling(uint256 dispute) internal view returns (Stakes memory s) {
        (s.own, s.lent, s.bonded) = (new uint256[](NODES), new uint256[](NODES), new uint256[](NODES));
        for (uint256 i; i < NODES; ++i) {
            (s.own[i], s.lent[i]) = (ownStake(nodes[i]), lentStake(nodes[i]));
            s.bonded[i] = vault.accountOf(nodes[i]).bonded;
        }
        s.supply = token.totalSupply();
        ISettlement.Dispute memory d = settlement.disputeOf(dispute);
        s.challengersOwner = token.balanceOf(registry.ownerOf(d.challenger));
        s.accusedsOwner = token.balanceOf(registry.ownerOf(d.accused));
        s.convicted = settlement.isConvicted(dispute);
    }

    /// @dev A conviction takes the share of all stake, unbonding and lent included, the owner's first; it is burned, the finder's and
    /// the job's in the parts that are published. A failed challenge costs the bond, in the same parts, of which the finder's repays
    /// the accused. Nobody else loses anything.
    function checkRuling(uint256 dispute, Stakes memory s) internal {
        ISettlement.Dispute memory d = settlement.disputeOf(dispute);
        bool guilty = !d.open && d.ruling == Ruling.Guilty && !s.convicted;
        for (uint256 i; i < NODES; ++i) {
            uint256 own = s.own[i] - ownStake(nodes[i]);
            uint256 lent = s.lent[i] - lentStake(nodes[i]);
            if (guilty && nodes[i] == d.accused) {
                checkSlash(d, s, i, own, lent);
            } else if (!d.open && d.ruling == Ruling.Innocent && nodes[i] == d.challenger) {
                // A slash may have eaten into the bond.
                if (own != Math.min(bondOf[dispute], s.bonded[i]) || lent > 0) ++wronglySlashed;
                checkParts(own, 0, s.supply, registry.ownerOf(d.accused), s.accusedsOwner);
            } else if (own + lent > 0) {
                ++wronglySlashed;
            }
        }
    }

    function checkSlash(ISettlement.Dispute memory d, Stakes memory s, uint256 i, uint256 own, uint256 lent) internal {
        uint256 due = (s.own[i] + s.lent[i]) * SLASH_BPS / BPS;
        // A little more where hardly anything would be left (`SharePool`).
        if (own + lent < due || own + lent > due + 1e13) ++wronglySlashed;
        if (lent > 0 && own != s.own[i]) ++wronglySlashed;
        checkParts(own, lent, s.supply, registry.ownerOf(d.challenger), s.challengersOwner);
        IStakeVault.Account memory a = vault.accountOf(nodes[i]);
        if (a.bonded == s.bonded[i]) return;
        eaten[nodes[i]] = true;
        // Bonds are taken last.
        if (uint256(a.active) + a.unbonding > 0 || a.bonded > s.bonded[i]) ++wronglySlashed;
    }

    function checkParts(uint256 own, uint256 lent, uint256 supply, address winner, uint256 before) internal {
        if (supply - token.totalSupply() != Math.ceilDiv(own * BURN_BPS, BPS) + lent) ++wronglySlashed;
        if (token.balanceOf(winner) - before != own * FINDER_BPS / BPS) ++wronglySlashed;
    }

    // --- reading

    function ownStake(address node) internal view returns (uint256) {
        IStakeVault.Account memory a = vault.accountOf(node);
        return uint256(a.active) + a.bonded + a.unbonding;
    }

    function lentStake(address node) internal view returns (uint256) {
        return delegation.delegatedOf(node) + delegation.unbondingOf(node);
    }

    function ownerIndex(address owner_) internal view returns (uint256 i) {
        while (owners[i] != owner_) ++i;
    }
}
