// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeToken} from "./interfaces/IComputeToken.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit, IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {ERC6372Utils} from "@openzeppelin/contracts/utils/ERC6372Utils.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

/// @title The network's token
/// @dev See `IComputeToken`. Votes are counted by time, not by blocks: blocks are not alike on every chain.
contract ComputeToken is ERC20, ERC20Permit, ERC20Votes, IComputeToken {
    using Checkpoints for Checkpoints.Trace208;

    /// @inheritdoc IComputeToken
    uint256 public immutable initialSupply;

    mapping(address account => Checkpoints.Trace208) private _delegateHistory;

    /// @param supply What the grants must sum to: stated apart, so that a wrong list cannot go unnoticed.
    constructor(string memory name_, string memory symbol_, uint256 supply, Grant[] memory grants)
        ERC20(name_, symbol_)
        ERC20Permit(name_)
    {
        for (uint256 i; i < grants.length; ++i) {
            _mint(grants[i].to, grants[i].amount);
        }
        require(totalSupply() == supply, GrantsDoNotSumToSupply(totalSupply(), supply));
        initialSupply = supply;
    }

    /// @inheritdoc IComputeToken
    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }

    /// @inheritdoc IERC20Permit
    function nonces(address owner) public view override(IERC20Permit, ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    /// @inheritdoc IComputeToken
    function getPastDelegate(address account, uint256 timepoint) external view returns (address) {
        return address(uint160(_delegateHistory[account].upperLookupRecent(_validateTimepoint(timepoint))));
    }

    /// @notice Unix time.
    function clock() public view override returns (uint48) {
        return Time.timestamp();
    }

    function CLOCK_MODE() public view override returns (string memory) {
        return ERC6372Utils.timestampClockMode(clock());
    }

    function _delegate(address account, address delegatee) internal override {
        super._delegate(account, delegatee);
        _delegateHistory[account].push(clock(), uint160(delegatee));
    }

    function _update(address from, address to, uint256 amount) internal override(ERC20, ERC20Votes) {
        super._update(from, to, amount);
    }
}
