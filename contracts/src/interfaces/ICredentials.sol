// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IContribution} from "./IContribution.sol";
import {IERC5192} from "./IERC5192.sol";
import {ISettled} from "./ISettled.sol";
import {Payout} from "./Types.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";

/// @notice Certificates of verified compute: who did how much of which job. ERC-721 that nobody can transfer (ERC-5192).
/// @dev One certificate per job, node, owner of the node, and kind of work; minted with the first settled round and added to by
/// later ones. A node that changes hands earns its next owner certificates of his own. Safety: only the Settlement writes, and
/// what is written never shrinks; units of all certificates of an owner sum to his contribution.
interface ICredentials is ISettled, IERC721, IERC5192, IContribution, IERC6372 {
    /// @param first Unix time of the first record.
    /// @param last Unix time of the last record.
    /// @param tasks Number of results, as the coordinator states it.
    struct Certificate {
        uint48 first;
        uint48 last;
        uint48 tasks;
        uint96 units;
        uint8 kind;
    }

    /// @notice A certificate was minted. Its id is `idOf(job, node, owner, kind)`.
    event Certified(
        uint256 indexed id, bytes32 indexed job, address indexed node, address owner, uint8 kind, uint8 engine
    );
    event Recorded(uint256 indexed id, uint64 units, uint32 tasks);

    error NotTransferable();
    error FutureLookup(uint256 timepoint, uint48 now_);

    /// @notice Adds settled work, or settled audits. Only the Settlement, which guarantees that every node is registered.
    function record(bytes32 job, uint8 kind, Payout[] calldata work) external;

    /// @notice All that certificate `id` says; reverts if it does not exist. Who names job, node, owner and kind proves them by `idOf`.
    function certificateOf(uint256 id) external view returns (Certificate memory);

    /// @notice keccak256(abi.encode(job, node, owner, kind)).
    function idOf(bytes32 job, address node, address owner, uint8 kind) external pure returns (uint256);

    /// @notice Units recorded for nodes of `owner` so far.
    function contributionOf(address owner) external view returns (uint256);

    function totalContribution() external view returns (uint256);
}
