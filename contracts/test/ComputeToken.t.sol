// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ComputeToken} from "../src/ComputeToken.sol";
import {IComputeToken} from "../src/interfaces/IComputeToken.sol";
import {Network} from "./support/Network.sol";

contract ComputeTokenTest is Network {
    function test_genesis() public view {
        assertEq(token.name(), "cXToken");
        assertEq(token.symbol(), "cX");
        assertEq(token.decimals(), 18);
        assertEq(token.totalSupply(), SUPPLY);
        assertEq(token.initialSupply(), SUPPLY);
        assertEq(token.balanceOf(address(pool)), POOLED);
    }

    function testFuzz_grantsMustSumToSupply(uint128 a, uint128 b, uint256 supply) public {
        vm.assume(supply != uint256(a) + b);
        IComputeToken.Grant[] memory grants = new IComputeToken.Grant[](2);
        grants[0] = IComputeToken.Grant(treasury, a);
        grants[1] = IComputeToken.Grant(stranger, b);
        vm.expectRevert(abi.encodeWithSelector(IComputeToken.GrantsDoNotSumToSupply.selector, uint256(a) + b, supply));
        new ComputeToken("t", "t", supply, grants);
    }

    function test_burnShrinksTheSupply() public {
        vm.prank(treasury);
        token.burn(7);
        assertEq(token.totalSupply(), SUPPLY - 7);
        assertEq(token.initialSupply(), SUPPLY);
    }

    function test_votesFollowDelegatedTokens() public {
        fund(stranger, 100);
        vm.prank(stranger);
        token.delegate(coordinator);
        assertEq(token.getVotes(coordinator), 100);
        vm.prank(stranger);
        token.burn(40);
        assertEq(token.getVotes(coordinator), 60);
    }

    function test_permit() public {
        (address holder, uint256 key) = makeAddrAndKey("holder");
        bytes32 permit = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                holder,
                stranger,
                5,
                0,
                block.timestamp
            )
        );
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(key, keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), permit)));
        token.permit(holder, stranger, 5, block.timestamp, v, r, s);
        assertEq(token.allowance(holder, stranger), 5);
        assertEq(token.nonces(holder), 1);
    }
}
