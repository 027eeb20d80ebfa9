// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

/// @notice The network's token: ERC-20 with permit and votes, burnable by its holders. The whole supply is minted once, in
/// the constructor; there is no owner and nobody can mint.
interface IComputeToken is IERC20, IERC20Permit {
    /// @notice Part of the supply that `to` gets at genesis.
    struct Grant {
        address to;
        uint256 amount;
    }

    error GrantsDoNotSumToSupply(uint256 sum, uint256 supply);

    /// @notice Destroys `amount` of the caller's tokens.
    function burn(uint256 amount) external;

    /// @notice The delegate of `account` at the end of `timepoint` (Unix time, in the past), zero if it had named none.
    function getPastDelegate(address account, uint256 timepoint) external view returns (address);

    /// @notice What was minted at genesis; `initialSupply - totalSupply` is what was burned.
    function initialSupply() external view returns (uint256);
}
