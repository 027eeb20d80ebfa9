// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeToken} from "./interfaces/IComputeToken.sol";
import {IFeeSplitter} from "./interfaces/IFeeSplitter.sol";
import {BPS} from "./interfaces/Types.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title Where the fees go
/// @dev See `IFeeSplitter`.
contract FeeSplitter is IFeeSplitter {
    using SafeERC20 for IERC20;

    IERC20 public immutable token;
    address public immutable insurance;
    address public immutable ecosystem;
    uint16 public immutable burnBps;
    uint16 public immutable insuranceBps;
    uint16 public immutable ecosystemBps;

    constructor(IERC20 token_, address insurance_, address ecosystem_, Params memory params) {
        require(
            uint256(params.burnBps) + params.insuranceBps + params.ecosystemBps == BPS,
            InvalidParams("shares must sum to 10000")
        );
        require(params.insuranceBps == 0 || insurance_ != address(0), InvalidParams("insurance is nobody"));
        require(params.ecosystemBps == 0 || ecosystem_ != address(0), InvalidParams("ecosystem is nobody"));
        token = token_;
        insurance = insurance_;
        ecosystem = ecosystem_;
        burnBps = params.burnBps;
        insuranceBps = params.insuranceBps;
        ecosystemBps = params.ecosystemBps;
        // A token that cannot burn must fail now, not with the first fees in here.
        if (params.burnBps > 0) IComputeToken(address(token_)).burn(0);
    }

    /// @inheritdoc IFeeSplitter
    function flush() external returns (uint256 amount) {
        amount = token.balanceOf(address(this));
        if (amount == 0) return 0;
        uint256 burned = amount * burnBps / BPS;
        uint256 insured = amount * insuranceBps / BPS;
        uint256 toEcosystem = amount * ecosystemBps / BPS;
        uint256 dust = amount - burned - insured - toEcosystem;
        if (burnBps > 0) burned += dust;
        else if (insuranceBps > 0) insured += dust;
        else toEcosystem += dust;
        emit Flushed(burned, insured, toEcosystem);
        if (burned > 0) IComputeToken(address(token)).burn(burned);
        if (insured > 0) token.safeTransfer(insurance, insured);
        if (toEcosystem > 0) token.safeTransfer(ecosystem, toEcosystem);
    }
}
