// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICommittee} from "../interfaces/ICommittee.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

/// @title m-of-n committee
/// @dev See `ICommittee`. OpenZeppelin's `MultiSignerERC7913` checks signatures for an ERC-4337 account: it has neither proposals
/// that others can read on the chain, nor expiry, nor a controller that can seat members anew. Its set and call helpers
/// are used here.
contract Committee is ICommittee {
    using Address for address;
    using EnumerableSet for EnumerableSet.AddressSet;
    using SafeCast for uint256;

    /// @notice Most members: bounds the cost of a change.
    uint256 public constant MAX_MEMBERS = 32;

    address public immutable controller;
    uint64 public immutable proposalSeconds;

    uint256 public threshold;
    uint64 public composition;
    uint256 public proposalCount;

    EnumerableSet.AddressSet private _members;
    mapping(uint256 id => Proposal) private _proposals;
    mapping(uint256 id => mapping(address member => bool)) public hasConfirmed;

    modifier onlyMember() {
        require(_members.contains(msg.sender), NotMember(msg.sender));
        _;
    }

    /// @param controller_ Who may change the composition; zero: the committee itself, by a proposal.
    constructor(address controller_, address[] memory members_, uint256 threshold_, uint64 proposalSeconds_) {
        require(proposalSeconds_ > 0, InvalidParams("proposalSeconds must be positive"));
        controller = controller_ == address(0) ? address(this) : controller_;
        proposalSeconds = proposalSeconds_;
        _seat(members_, threshold_);
    }

    /// @dev So that it can make calls with value.
    receive() external payable {}

    /// @inheritdoc ICommittee
    function propose(address target, uint256 value, bytes calldata data) external onlyMember returns (uint256 id) {
        id = proposalCount++;
        uint64 expiresAt = block.timestamp.toUint64() + proposalSeconds;
        _proposals[id] = Proposal({
            target: target,
            expiresAt: expiresAt,
            confirmations: 0,
            executed: false,
            composition: composition,
            value: value,
            data: data
        });
        emit Proposed(id, msg.sender, target, value, data, expiresAt);
        _confirm(id, _proposals[id]);
    }

    /// @inheritdoc ICommittee
    function confirm(uint256 id) external onlyMember {
        _confirm(id, _open(id));
    }

    /// @inheritdoc ICommittee
    function revoke(uint256 id) external onlyMember {
        Proposal storage proposal = _open(id);
        require(hasConfirmed[id][msg.sender], NotConfirmed(id, msg.sender));
        hasConfirmed[id][msg.sender] = false;
        --proposal.confirmations;
        emit Revoked(id, msg.sender);
    }

    /// @inheritdoc ICommittee
    function execute(uint256 id) external onlyMember returns (bytes memory result) {
        Proposal storage proposal = _open(id);
        require(proposal.confirmations >= threshold, NotEnoughConfirmations(id, proposal.confirmations, threshold));
        // Written first: the call may come back here.
        proposal.executed = true;
        // An account without code can be sent ether, but no data, which would seem to have done something.
        if (proposal.data.length == 0) {
            Address.sendValue(payable(proposal.target), proposal.value);
        } else {
            result = proposal.target.functionCallWithValue(proposal.data, proposal.value);
        }
        emit Executed(id, msg.sender, result);
    }

    /// @inheritdoc ICommittee
    function seat(address[] calldata members_, uint256 threshold_) external {
        require(msg.sender == controller, NotController(msg.sender));
        _seat(members_, threshold_);
    }

    /// @inheritdoc ICommittee
    function members() external view returns (address[] memory) {
        return _members.values();
    }

    /// @inheritdoc ICommittee
    function isMember(address account) external view returns (bool) {
        return _members.contains(account);
    }

    /// @inheritdoc ICommittee
    function proposalOf(uint256 id) external view returns (Proposal memory) {
        return _proposals[id];
    }

    function _confirm(uint256 id, Proposal storage proposal) private {
        require(!hasConfirmed[id][msg.sender], AlreadyConfirmed(id, msg.sender));
        hasConfirmed[id][msg.sender] = true;
        ++proposal.confirmations;
        emit Confirmed(id, msg.sender);
    }

    function _open(uint256 id) private view returns (Proposal storage proposal) {
        require(id < proposalCount, UnknownProposal(id));
        proposal = _proposals[id];
        require(!proposal.executed, AlreadyExecuted(id));
        require(proposal.composition == composition, ProposalOfFormerComposition(id, proposal.composition));
        require(block.timestamp <= proposal.expiresAt, ProposalExpired(id, proposal.expiresAt));
    }

    function _seat(address[] memory members_, uint256 threshold_) private {
        require(members_.length <= MAX_MEMBERS, InvalidParams("more than 32 members"));
        require(threshold_ > 0, InvalidParams("threshold must be positive"));
        require(threshold_ <= members_.length, InvalidParams("threshold exceeds members"));
        _members.clear();
        for (uint256 i; i < members_.length; ++i) {
            // Neither could ever confirm: a threshold that seems in reach would not be.
            require(members_[i] != address(0) && members_[i] != address(this), InvalidParams("no such member"));
            require(_members.add(members_[i]), InvalidParams("member named twice"));
        }
        threshold = threshold_;
        emit Seated(++composition, members_, threshold_);
    }
}
