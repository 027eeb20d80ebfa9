// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Settled} from "./Settled.sol";
import {IContribution} from "./interfaces/IContribution.sol";
import {ICredentials} from "./interfaces/ICredentials.sol";
import {IERC5192} from "./interfaces/IERC5192.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {Payout, engineOf} from "./interfaces/Types.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {ERC721, IERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

/// @title Certificates of verified compute
/// @dev See `ICredentials`.
contract Credentials is ICredentials, ERC721, Settled {
    using Checkpoints for Checkpoints.Trace208;

    INodeRegistry public immutable registry;

    mapping(uint256 id => Certificate) private _certificates;
    mapping(address owner => Checkpoints.Trace208) private _contributions;
    Checkpoints.Trace208 private _total;

    constructor(INodeRegistry registry_, address settlement_, string memory name_, string memory symbol_)
        ERC721(name_, symbol_)
        Settled(settlement_)
    {
        registry = registry_;
    }

    /// @inheritdoc ICredentials
    function record(bytes32 job, uint8 kind, Payout[] calldata work) external onlySettlement {
        uint256 units;
        for (uint256 i; i < work.length; ++i) {
            _record(job, kind, work[i]);
            units += work[i].units;
        }
        if (units > 0) _add(_total, units);
    }

    /// @inheritdoc ICredentials
    function certificateOf(uint256 id) external view returns (Certificate memory) {
        _requireOwned(id);
        return _certificates[id];
    }

    /// @inheritdoc ICredentials
    function contributionOf(address owner) external view returns (uint256) {
        return _contributions[owner].latest();
    }

    /// @inheritdoc ICredentials
    function totalContribution() external view returns (uint256) {
        return _total.latest();
    }

    /// @inheritdoc IContribution
    function pastContribution(address owner, uint256 timepoint) external view returns (uint256) {
        return _contributions[owner].upperLookupRecent(_past(timepoint));
    }

    /// @inheritdoc IContribution
    function pastTotalContribution(uint256 timepoint) external view returns (uint256) {
        return _total.upperLookupRecent(_past(timepoint));
    }

    /// @inheritdoc IERC5192
    function locked(uint256 tokenId) external view returns (bool) {
        _requireOwned(tokenId);
        return true;
    }

    /// @inheritdoc IERC6372
    function clock() public view returns (uint48) {
        return Time.timestamp();
    }

    /// @inheritdoc IERC6372
    // forge-lint: disable-next-line(mixed-case-function)
    function CLOCK_MODE() external pure returns (string memory) {
        return "mode=timestamp";
    }

    /// @inheritdoc ICredentials
    function idOf(bytes32 job, address node, address owner, uint8 kind) public pure returns (uint256) {
        return uint256(keccak256(abi.encode(job, node, owner, kind)));
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) public view override(ERC721, IERC165) returns (bool) {
        return interfaceId == type(IERC5192).interfaceId || interfaceId == type(IERC6372).interfaceId
            || super.supportsInterface(interfaceId);
    }

    /// @notice Reverts: nobody can be let transfer what cannot be transferred.
    function approve(address, uint256) public pure override(ERC721, IERC721) {
        revert NotTransferable();
    }

    /// @notice Reverts, as `approve`.
    function setApprovalForAll(address, bool) public pure override(ERC721, IERC721) {
        revert NotTransferable();
    }

    /// @dev Only mints pass.
    function _update(address to, uint256 id, address auth) internal override returns (address from) {
        from = super._update(to, id, auth);
        require(from == address(0), NotTransferable());
    }

    function _record(bytes32 job, uint8 kind, Payout calldata work) private {
        address owner = registry.ownerOf(work.node);
        uint256 id = idOf(job, work.node, owner, kind);
        Certificate storage c = _certificates[id];
        if (c.first == 0) {
            c.first = clock();
            c.kind = kind;
            emit Certified(id, job, work.node, owner, kind, engineOf(kind));
            emit Locked(id);
            _mint(owner, id);
        }
        c.last = clock();
        c.tasks += work.tasks;
        c.units += work.units;
        emit Recorded(id, work.units, work.tasks);
        _add(_contributions[owner], work.units);
    }

    function _add(Checkpoints.Trace208 storage trace, uint256 units) private {
        // Units are of 64 bits, so no sum of them can reach 208.
        // forge-lint: disable-next-line(unsafe-typecast)
        trace.push(clock(), trace.latest() + uint208(units));
    }

    function _past(uint256 timepoint) private view returns (uint48) {
        uint48 now_ = clock();
        require(timepoint < now_, FutureLookup(timepoint, now_));
        // Below a time of 48 bits.
        // forge-lint: disable-next-line(unsafe-typecast)
        return uint48(timepoint);
    }
}
