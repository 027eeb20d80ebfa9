// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettled} from "./ISettled.sol";
import {Payout} from "./Types.sol";

/// @notice Holds what requesters pay for jobs.
/// @dev Safety: money reserved for a committed round can only be paid for that round or return to the job; the free rest
/// goes only into new rounds or back to the requester. Liveness: `close` and `refund` need no coordinator and no node;
/// reserved money becomes free or paid when anyone settles the round.
interface IJobEscrow is ISettled {
    /// @param minPricePerUnit Lowest price a job may offer, so that the burned fee per unit has a floor. At least 1.
    /// @param feeBps Part of every payment that is burned.
    struct Params {
        uint128 minPricePerUnit;
        uint16 feeBps;
    }

    /// @param spec Hash of the job's description.
    /// @param coordinator Key that commits rounds.
    /// @param pricePerUnit Token base units per unit of work, before the fee. Fixed for the life of the job.
    /// @param deadline Unix time after which no round can be committed and anyone may close the job.
    /// @param kind Kind of work, 0 training to 4 challenge (`Types.sol`).
    /// @param programs Root of the Merkle tree over the job's lowered programs (`Work.programLeaf`); zero for work that no
    /// contract can execute. Decides how disputes about the job are decided. Nodes do not work for a job whose root is not what
    /// they lower its programs to.
    /// @param referrer Who brought the requester; zero for nobody.
    /// @param insured Whether failed work is compensated from the insurance pool.
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

    /// @param balance All tokens held for the job.
    /// @param reserved Part of `balance` that belongs to committed, unsettled rounds.
    struct Job {
        address requester;
        bool closed;
        bool insured;
        uint8 kind;
        uint64 deadline;
        address coordinator;
        uint128 pricePerUnit;
        uint128 balance;
        uint128 reserved;
        bytes32 spec;
        bytes32 programs;
    }

    event JobOpened(bytes32 indexed job, address indexed requester, Terms terms, uint256 budget);
    event ToppedUp(bytes32 indexed job, address indexed from, uint256 amount);
    event CoordinatorChanged(bytes32 indexed job, address coordinator);
    event Reserved(bytes32 indexed job, uint256 amount);
    /// @param amount Tokens that reached the owner.
    /// @param fee Tokens burned on top.
    event Paid(
        bytes32 indexed job, address indexed node, address indexed owner, uint64 units, uint256 amount, uint256 fee
    );
    event Released(bytes32 indexed job, uint256 amount);
    event Credited(bytes32 indexed job, uint256 amount);
    event JobClosed(bytes32 indexed job);
    event Refunded(bytes32 indexed job, address indexed requester, uint256 amount);

    error InvalidParams(string what);
    error UnknownJob(bytes32 job);
    error PriceTooLow(uint256 price, uint256 lowest);
    error InvalidCoordinator(address coordinator);
    error NoJobKind(uint8 kind);
    error DeadlinePassed(bytes32 job, uint64 deadline);
    error ZeroAmount();
    error JobIsClosed(bytes32 job);
    error JobNotClosed(bytes32 job);
    error NotRequester(address caller, bytes32 job);
    error NotCoordinator(address caller, bytes32 job);
    error InsufficientBudget(bytes32 job, uint256 free, uint256 needed);

    /// @notice Opens a job with `budget` of the caller's tokens.
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
    /// @return baseFee Base fee per unit now, which the round's payments pay.
    function reserve(bytes32 job, address coordinator, uint256 units) external returns (uint128 baseFee);

    /// @notice Pays `work` out of the reservation of a round of `reservedUnits`, the rest of which becomes free. Only the
    /// Settlement, which guarantees that the units of `work` sum to at most `reservedUnits`.
    /// @return kind Kind of the job's work.
    /// @return fees Fees taken.
    function pay(bytes32 job, uint128 baseFee, Payout[] calldata work, uint256 reservedUnits)
        external
        returns (uint8 kind, uint256 fees);

    /// @notice Pays verifiers out of what is free. Only the Settlement.
    /// @return fees Fees taken.
    function payAudits(bytes32 job, uint128 baseFee, Payout[] calldata audits) external returns (uint256 fees);

    /// @notice Books tokens that were just sent here for `job`. Only the Settlement.
    function credit(bytes32 job, uint256 amount) external;

    function jobOf(bytes32 job) external view returns (Job memory);

    /// @notice Root over the job's lowered programs; zero if it has none.
    function programsOf(bytes32 job) external view returns (bytes32);

    /// @notice Key that commits rounds.
    function coordinatorOf(bytes32 job) external view returns (address);

    /// @notice Most that the job pays per unit.
    function priceOf(bytes32 job) external view returns (uint128);

    /// @notice Whether failed work of the job is compensated from the insurance pool.
    function insured(bytes32 job) external view returns (bool);

    /// @notice Tokens of `job` that are not reserved.
    function freeBalance(bytes32 job) external view returns (uint256);

    /// @notice Id that the requester's next `open` will give.
    function nextJobId(address requester) external view returns (bytes32);

    /// @notice Sum of the balances of all jobs.
    function totalHeld() external view returns (uint256);
}
