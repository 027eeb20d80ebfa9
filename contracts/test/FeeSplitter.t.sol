// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFeeSplitter} from "../src/interfaces/IFeeSplitter.sol";
import {Money, RefusingToken} from "./support/Money.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

contract FeeSplitterTest is Money {
    function testFuzz_flush(uint128 amount, uint16 burn, uint16 insured) public {
        amount = uint128(bound(amount, 1, 1e24));
        burn = uint16(bound(burn, 0, 10_000));
        insured = uint16(bound(insured, 0, 10_000 - burn));
        splitter = newSplitter(IFeeSplitter.Params(burn, insured, 10_000 - burn - insured));
        fund(address(splitter), amount);
        vm.prank(stranger);
        assertEq(splitter.flush(), amount);

        uint256 burned = SUPPLY - token.totalSupply();
        uint256 toInsurance = token.balanceOf(address(insurance));
        uint256 toEcosystem = token.balanceOf(ecosystem);
        assertEq(burned + toInsurance + toEcosystem, amount, "nothing stays");
        assertApproxEqAbs(burned, uint256(amount) * burn / 10_000, 2);
        assertApproxEqAbs(toInsurance, uint256(amount) * insured / 10_000, 2);
        if (burn == 0) assertEq(burned, 0, "who has no share gets no dust");
        if (insured == 0) assertEq(toInsurance, 0);
        if (burn > 0) assertGe(burned * 10_000, uint256(amount) * burn, "never less burned than promised");
    }

    function test_flushOfNothing() public {
        assertEq(splitter.flush(), 0);
    }

    function test_sharesAreFixed() public view {
        assertEq(splitter.burnBps(), BURN_BPS);
        assertEq(splitter.insuranceBps(), INSURANCE_BPS);
        assertEq(splitter.ecosystemBps(), ECOSYSTEM_BPS);
    }

    function refuses(address insuranceAt, address ecosystemAt, IFeeSplitter.Params memory p, string memory what)
        internal
    {
        refusesToDeploy(
            splitterCode(insuranceAt, ecosystemAt, p), abi.encodeWithSelector(IFeeSplitter.InvalidParams.selector, what)
        );
    }

    function test_refusesBadParams() public {
        address pool = address(insurance);
        refuses(pool, ecosystem, IFeeSplitter.Params(1, 2, 3), "shares must sum to 10000");
        refuses(pool, ecosystem, IFeeSplitter.Params(65_535, 2, 3), "shares must sum to 10000");
        refuses(pool, address(0), IFeeSplitter.Params(1, 2, 9997), "ecosystem is nobody");
        refuses(address(0), ecosystem, IFeeSplitter.Params(1, 9999, 0), "insurance is nobody");
        create(splitterCode(pool, address(0), IFeeSplitter.Params(5000, 5000, 0)));
        create(splitterCode(address(0), ecosystem, IFeeSplitter.Params(5000, 0, 5000)));
    }

    function test_aTokenThatCannotBurnIsRefused() public {
        token = IERC20(address(new RefusingToken(treasury, SUPPLY)));
        refusesToDeploy(splitterCode(address(insurance), ecosystem, IFeeSplitter.Params(1, 0, 9999)), "");
        splitter = newSplitter(IFeeSplitter.Params(0, 4000, 6000));
        fund(address(splitter), 101);
        assertEq(splitter.flush(), 101);
        assertEq(token.balanceOf(address(insurance)), 41, "with the dust");
        assertEq(token.balanceOf(ecosystem), 60);
    }
}
