// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPayments} from "./IPayments.sol";
import {IProtocolFee} from "./IProtocolFee.sol";
import {ISettled} from "./ISettled.sol";
import {Payout} from "./Types.sol";

/// @notice Holds what requesters pay for jobs.
/// @dev What a unit costs: `pricePerUnit`, always. It divides into the base fee of the round, the premium of an insured job, the
/// percentage fee and the referral share, both of what is then left, and the rest, which is the node's. The base fee is burned, or
/// goes with the percentage fee to the FeeSplitter where the token cannot burn; the premium goes to the InsurancePool. The referral share comes on top of the percentage fee, not out
/// of it: who names an address of its own gets back exactly what it pays, so there is no reason to.
///
/// The base fee is EIP-1559's, over windows of time (`BaseFee`). A unit counts as used when it is paid for, not when a round is
/// committed: so nobody can move the fee of others without paying for it. A round keeps the base fee that it was committed with.
///
/// Safety: money reserved for a committed round can only be paid for that round or return to the job; the free rest goes only
/// into new rounds, to audits of the job, or back to the requester. The terms of an open job never change, nor does its fee.
/// Liveness: `close` and `refund` need no coordinator and no node; reserved money becomes free or paid when anyone settles the
/// round. No receiver of tokens can hold up a payment to others (`IPayments`). Only `open` can be paused.
interface IJobEscrow is ISettled, IProtocolFee, IPayments {
    /// @param feeBps Percentage fee at the start; it may be tuned within the next two.
    /// @param referralBps Referral share of jobs with a referrer.
    /// @param premiumBps Part of the price that insured jobs pay to the InsurancePool. 1 to 5000.
    /// @param windowSeconds Length of a window of the base fee.
    /// @param targetUnits Units per window at which the base fee stays as it is.
    /// @param baseFeeFloor Lowest base fee per unit. Where work is mined for, this is what makes dealing with oneself lose.
    /// @param baseFeeCeiling Highest base fee, at most a million times the floor; both zero for none at all.
    /// @param burnsBaseFee Whether all of the base fee is burned, rather than sent to the FeeSplitter. Only for a token that has
    /// `burn(uint256)`.
    struct Params {
        uint16 feeBps;
        uint16 feeMinBps;
        uint16 feeMaxBps;
        uint16 referralBps;
        uint16 premiumBps;
        uint64 windowSeconds;
        uint64 targetUnits;
        uint128 baseFeeFloor;
        uint128 baseFeeCeiling;
        bool burnsBaseFee;
    }

    /// @param spec Hash of the job's description.
    /// @param coordinator Key that commits rounds.
    /// @param pricePerUnit Token base units per unit of work, everything included. Fixed for the life of the job.
    /// @param deadline Unix time after which no round can be committed and anyone may close the job.
    /// @param kind Kind of work (`Types.sol`), not audits.
    /// @param programs Root of the Merkle tree over the job's lowered programs (`Work.programLeaf`); zero for work that no
    /// contract can execute. Decides how disputes about the job are decided. Nodes do not work for a job whose root is not what
    /// they lower its programs to.
    /// @param referrer Who gets the referral share; zero for nobody, and then there is none.
    /// @param insured Whether the job pays the premium and is compensated for convicted work.
    struct Terms {
        bytes32 spec;
        address coordinator;
        uint128 pricePerUnit;
        uint64 deadline;
        uint8 kind;
        bytes32 programs;
        address referrer;
        bool insured;
    }

    /// @param feeBps Percentage fee when the job was opened.
    /// @param balance All tokens held for the job.
    /// @param reserved Part of `balance` that belongs to committed, unsettled rounds.
    struct Job {
        address requester;
        uint64 deadline;
        uint8 kind;
        bool closed;
        bool insured;
        address coordinator;
        uint16 feeBps;
        address referrer;
        uint128 pricePerUnit;
        uint128 balance;
        uint128 reserved;
        bytes32 spec;
        bytes32 programs;
    }

    event JobOpened(bytes32 indexed job, address indexed requester, Terms terms, uint16 feeBps, uint256 budget);
    event ToppedUp(bytes32 indexed job, address indexed from, uint256 amount);
    event CoordinatorChanged(bytes32 indexed job, address coordinator);
    /// @param baseFee Base fee per unit of the round that this was set aside for.
    event Reserved(bytes32 indexed job, uint256 amount, uint256 baseFee);
    /// @param kind The job's kind of work, or audits.
    /// @param amount Tokens of the node's owner.
    /// @param fee All that was taken off on the way.
    event Paid(
        bytes32 indexed job,
        address indexed node,
        address indexed owner,
        uint8 kind,
        uint64 units,
        uint256 amount,
        uint256 fee
    );
    /// @notice Where all that was taken off in one settlement went.
    event FeesPaid(bytes32 indexed job, uint256 burned, uint256 toSplitter, uint256 premium, uint256 toReferrer);
    event BaseFeeChanged(uint64 indexed window, uint256 baseFee);
    event Released(bytes32 indexed job, uint256 amount);
    event Credited(bytes32 indexed job, uint256 amount);
    event JobClosed(bytes32 indexed job);
    event Refunded(bytes32 indexed job, address indexed requester, uint256 amount);

    error InvalidParams(string what);
    error Miswired(address part);
    error Paused();
    error UnknownJob(bytes32 job);
    error PriceTooLow(uint256 price, uint256 lowest);
    /// @param left What the price leaves for the base fee.
    error PriceBelowBaseFee(bytes32 job, uint256 left, uint256 baseFee);
    error InvalidCoordinator(address coordinator);
    error DeadlinePassed(bytes32 job, uint64 deadline);
    error ZeroAmount();
    error JobIsClosed(bytes32 job);
    error JobNotClosed(bytes32 job);
    error NotRequester(address caller, bytes32 job);
    error NotCoordinator(address caller, bytes32 job);
    error InsufficientBudget(bytes32 job, uint256 free, uint256 needed);

    /// @notice Opens a job with `budget` of the caller's tokens. Not while the guard pauses jobs.
    /// @return job keccak256(abi.encode(chain id, this contract, requester, count of the requester's earlier jobs)).
    function open(Terms calldata terms, uint256 budget) external returns (bytes32 job);

    /// @notice Adds the caller's tokens to an open job. They are refunded to the requester.
    function topUp(bytes32 job, uint256 amount) external;

    /// @notice Hands the coordinator's role to another key. By the requester.
    function setCoordinator(bytes32 job, address coordinator) external;

    /// @notice Ends the job: no further rounds; what is free returns to the requester now, the rest by `refund` as rounds
    /// settle. By the requester at any time, by anyone after the deadline.
    function close(bytes32 job) external;

    /// @notice Sends what is free in a closed job to its requester. By anyone.
    function refund(bytes32 job) external returns (uint256 amount);

    /// @notice Sets money aside for a round of `units` that `coordinator` commits. Only the Settlement.
    /// @return roundBaseFee Base fee per unit of this round, to be handed to `pay`.
    function reserve(bytes32 job, address coordinator, uint256 units) external returns (uint128 roundBaseFee);

    /// @notice Pays `work` out of the reservation of a round of `reservedUnits`, the rest of which becomes free. Only the
    /// Settlement, which guarantees that the units of `work` sum to at most `reservedUnits`, and that `roundBaseFee` is what
    /// `reserve` gave for this round.
    /// @return kind Kind of the job's work.
    /// @return fees Base fee and percentage fee, in tokens.
    function pay(bytes32 job, uint128 roundBaseFee, Payout[] calldata work, uint256 reservedUnits)
        external
        returns (uint8 kind, uint256 fees);

    /// @notice Pays for audits of a round out of what is free, at the price of work. Only the Settlement.
    /// @return fees Base fee and percentage fee, in tokens.
    function payAudits(bytes32 job, uint128 roundBaseFee, Payout[] calldata audits) external returns (uint256 fees);

    /// @notice Books tokens that were just sent here for `job`. Only the Settlement.
    function credit(bytes32 job, uint256 amount) external;

    function jobOf(bytes32 job) external view returns (Job memory);

    /// @notice Root over the job's lowered programs; zero if it has none.
    function programsOf(bytes32 job) external view returns (bytes32);

    function coordinatorOf(bytes32 job) external view returns (address);

    function priceOf(bytes32 job) external view returns (uint128);

    function insured(bytes32 job) external view returns (bool);

    /// @notice Tokens of `job` that are not reserved.
    function freeBalance(bytes32 job) external view returns (uint256);

    /// @notice Base fee per unit of a round that is committed now.
    function baseFee() external view returns (uint128);

    /// @notice Lowest price that a job may offer: the base fee's floor, after the premium of an insured one, and at least 1.
    function lowestPrice(bool insured_) external view returns (uint256);

    /// @notice How one payment at `roundBaseFee` divides.
    /// @return net What reaches the node's owner.
    /// @return burned Base fee, where it is burned.
    /// @return toSplitter Percentage fee, and the base fee where it is not burned.
    /// @return premium What the InsurancePool gets.
    /// @return toReferrer What the referrer gets.
    function quote(bytes32 job, uint128 roundBaseFee, uint256 units)
        external
        view
        returns (uint256 net, uint256 burned, uint256 toSplitter, uint256 premium, uint256 toReferrer);

    /// @notice Id that the requester's next `open` will give.
    function nextJobId(address requester) external view returns (bytes32);

    /// @notice Sum of the balances of all jobs and of what is owed (`owedTo`).
    function totalHeld() external view returns (uint256);
}
