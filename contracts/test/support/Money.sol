// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeToken} from "../../src/interfaces/IComputeToken.sol";
import {ICredentials} from "../../src/interfaces/ICredentials.sol";
import {IFeeSplitter} from "../../src/interfaces/IFeeSplitter.sol";
import {IGuard} from "../../src/interfaces/IGuard.sol";
import {IInsurancePool} from "../../src/interfaces/IInsurancePool.sol";
import {IJobEscrow} from "../../src/interfaces/IJobEscrow.sol";
import {IMarket} from "../../src/interfaces/IMarket.sol";
import {IProtocolFee} from "../../src/interfaces/IProtocolFee.sol";
import {ISpendingAccount} from "../../src/interfaces/ISpendingAccount.sol";
import {INFERENCE, Payout, TRAINING} from "../../src/interfaces/Types.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Test} from "forge-std/Test.sol";

/// @dev What the contracts under test ask of a registry, and nothing else.
contract Registry {
    mapping(address node => address) public ownerOf;
    mapping(address node => bool) public inService;
    mapping(address node => uint8) public tierOf;

    function set(address node, address owner, uint8 tier) external {
        (ownerOf[node], inService[node], tierOf[node]) = (owner, true, tier);
    }

    function retire(address node) external {
        inService[node] = false;
    }

    function hasRole(address node, uint8) external view returns (bool) {
        return inService[node];
    }
}

contract Switch is IGuard {
    mapping(uint8 scope => bool) public paused;

    function set(uint8 scope, bool on) external {
        paused[scope] = on;
    }
}

/// @dev A token as profile `coai` may meet it: no burning, and some receivers are refused.
contract RefusingToken is ERC20("Refusing", "NO") {
    mapping(address account => bool) public refused;

    constructor(address to, uint256 amount) {
        _mint(to, amount);
    }

    function refuse(address account, bool on) external {
        refused[account] = on;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!refused[to], "refused");
        super._update(from, to, amount);
    }
}

/// @dev A wallet that accepts what its key signed.
contract Wallet is IERC1271 {
    address private immutable _key;

    constructor(address key) {
        _key = key;
    }

    function approve(IERC20 token, address spender) external {
        token.approve(spender, type(uint256).max);
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        return ECDSA.recover(hash, signature) == _key ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @dev The contracts that move money, from the artifacts that api/ is made of, with a double of the registry and with the
/// Settlement played by the test.
abstract contract Money is Test {
    uint256 internal constant SUPPLY = 200_000_000e18;
    uint16 internal constant FEE_BPS = 500;
    uint16 internal constant FEE_MIN = 100;
    uint16 internal constant FEE_MAX = 1000;
    uint16 internal constant REFERRAL_BPS = 200;
    uint16 internal constant PREMIUM_BPS = 100;
    uint64 internal constant WINDOW = 1 hours;
    uint64 internal constant TARGET = 1000;
    uint128 internal constant FLOOR = 1e12;
    uint128 internal constant CEILING = 1e17;
    uint16 internal constant COVER_BPS = 8000;
    uint16 internal constant CAP_BPS = 2500;
    uint16 internal constant BURN_BPS = 6000;
    uint16 internal constant INSURANCE_BPS = 1500;
    uint16 internal constant ECOSYSTEM_BPS = 2500;
    uint16 internal constant BOND_BPS = 2000;
    uint64 internal constant NOTICE = 10 minutes;
    uint64 internal constant CHALLENGE = 1 days;

    uint128 internal constant PRICE = 1e15;
    uint256 internal constant BUDGET = 1000e18;

    IERC20 internal token;
    Registry internal registry;
    Switch internal guard;
    AccessManager internal manager;
    IInsurancePool internal insurance;
    IFeeSplitter internal splitter;
    IJobEscrow internal escrow;
    ICredentials internal credentials;
    IMarket internal market;

    address internal settlement = makeAddr("settlement");
    address internal ecosystem = makeAddr("ecosystem");
    address internal treasury = makeAddr("treasury");
    address internal requester;
    uint256 internal requesterKey;
    address internal coordinator = makeAddr("coordinator");
    address internal referrer = makeAddr("referrer");
    address internal stranger = makeAddr("stranger");
    address internal tuner = makeAddr("tuner");
    address internal node;
    uint256 internal nodeKey;
    address internal owner;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        (requester, requesterKey) = makeAddrAndKey("requester");
        (node, nodeKey) = makeAddrAndKey("node");
        owner = makeAddr("owner of node");
        deploy(computeToken());
        registry.set(node, owner, 1);
        fund(requester, 1_000_000e18);
        allow(requester);
    }

    function artifact(string memory name) internal pure returns (string memory) {
        return string.concat("out/", name, ".sol/", name, ".json");
    }

    function computeToken() internal returns (IERC20) {
        IComputeToken.Grant[] memory grants = new IComputeToken.Grant[](1);
        grants[0] = IComputeToken.Grant(treasury, SUPPLY);
        return IERC20(create(code("ComputeToken", abi.encode("cXToken", "cX", SUPPLY, grants))));
    }

    function deploy(IERC20 token_) internal {
        token = token_;
        registry = new Registry();
        guard = new Switch();
        manager = new AccessManager(address(this));
        address escrowAt = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 2);
        insurance = newInsurance(escrowAt);
        splitter = newSplitter(splitterParams());
        escrow = newEscrow(escrowParams(), address(guard), address(manager));
        credentials =
            ICredentials(create(code("Credentials", abi.encode(registry, settlement, "corex credential", "CRED"))));
        market = newMarket(marketParams(), address(guard), address(manager));
        grant(address(escrow), IProtocolFee.setFeeBps.selector);
        grant(address(market), IProtocolFee.setFeeBps.selector);
    }

    function code(string memory name, bytes memory arguments) internal view returns (bytes memory) {
        return abi.encodePacked(vm.getCode(artifact(name)), arguments);
    }

    function create(bytes memory initcode) public returns (address made) {
        assembly ("memory-safe") {
            made := create(0, add(initcode, 0x20), mload(initcode))
            if iszero(made) {
                returndatacopy(mload(0x40), 0, returndatasize())
                revert(mload(0x40), returndatasize())
            }
        }
    }

    /// @dev Not by `vm.deployCode`: a test ends, and passes, as soon as that one meets an expected revert.
    function refusesToDeploy(bytes memory initcode, bytes memory reason) internal {
        vm.expectRevert(reason);
        this.create(initcode);
    }

    function insuranceCode(address escrowAt, IInsurancePool.Params memory params) internal view returns (bytes memory) {
        return code("InsurancePool", abi.encode(token, escrowAt, settlement, params));
    }

    function splitterCode(address insuranceAt, address ecosystemAt, IFeeSplitter.Params memory params)
        internal
        view
        returns (bytes memory)
    {
        return code("FeeSplitter", abi.encode(token, insuranceAt, ecosystemAt, params));
    }

    function escrowCode(IJobEscrow.Params memory params, address guardAt, address authority)
        internal
        view
        returns (bytes memory)
    {
        return
            code("JobEscrow", abi.encode(token, registry, settlement, splitter, insurance, guardAt, authority, params));
    }

    function marketCode(IMarket.Params memory params, address guardAt, address authority)
        internal
        view
        returns (bytes memory)
    {
        return code("Market", abi.encode(token, registry, splitter, guardAt, authority, params));
    }

    function newInsurance(address escrowAt) internal returns (IInsurancePool) {
        return IInsurancePool(create(insuranceCode(escrowAt, IInsurancePool.Params(COVER_BPS, CAP_BPS))));
    }

    function newSplitter(IFeeSplitter.Params memory params) internal returns (IFeeSplitter) {
        return IFeeSplitter(create(splitterCode(address(insurance), ecosystem, params)));
    }

    function newEscrow(IJobEscrow.Params memory params, address guardAt, address authority)
        internal
        returns (IJobEscrow)
    {
        return IJobEscrow(create(escrowCode(params, guardAt, authority)));
    }

    function newMarket(IMarket.Params memory params, address guardAt, address authority) internal returns (IMarket) {
        return IMarket(create(marketCode(params, guardAt, authority)));
    }

    function newAccount(address owner_) internal returns (ISpendingAccount) {
        return ISpendingAccount(create(code("SpendingAccount", abi.encode(owner_, token, escrow, market))));
    }

    /// @dev Lets `tuner` call a function of `target`.
    function grant(address target, bytes4 selector) internal {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(target, selectors, 1);
        manager.grantRole(1, tuner, 0);
    }

    function splitterParams() internal view virtual returns (IFeeSplitter.Params memory) {
        return IFeeSplitter.Params(BURN_BPS, INSURANCE_BPS, ECOSYSTEM_BPS);
    }

    function escrowParams() internal view returns (IJobEscrow.Params memory) {
        return IJobEscrow.Params({
            feeBps: FEE_BPS,
            feeMinBps: FEE_MIN,
            feeMaxBps: FEE_MAX,
            referralBps: REFERRAL_BPS,
            premiumBps: PREMIUM_BPS,
            windowSeconds: WINDOW,
            targetUnits: TARGET,
            baseFeeFloor: FLOOR,
            baseFeeCeiling: CEILING,
            burnsBaseFee: splitterParams().burnBps > 0
        });
    }

    function marketParams() internal pure returns (IMarket.Params memory) {
        return IMarket.Params({
            feeBps: FEE_BPS,
            feeMinBps: FEE_MIN,
            feeMaxBps: FEE_MAX,
            bondBps: BOND_BPS,
            noticeSeconds: NOTICE,
            challengeSeconds: CHALLENGE
        });
    }

    function fund(address to, uint256 amount) internal {
        vm.prank(treasury);
        require(token.transfer(to, amount));
    }

    function allow(address account) internal {
        vm.startPrank(account);
        token.approve(address(escrow), type(uint256).max);
        token.approve(address(market), type(uint256).max);
        vm.stopPrank();
    }

    // --- jobs

    function terms() internal view returns (IJobEscrow.Terms memory) {
        return IJobEscrow.Terms({
            spec: keccak256("spec"),
            coordinator: coordinator,
            pricePerUnit: PRICE,
            deadline: uint64(block.timestamp + 30 days),
            kind: TRAINING,
            programs: 0,
            referrer: address(0),
            insured: false
        });
    }

    function openJob() internal returns (bytes32) {
        return openJob(terms(), BUDGET);
    }

    function openJob(IJobEscrow.Terms memory t, uint256 budget) internal returns (bytes32) {
        vm.prank(requester);
        return escrow.open(t, budget);
    }

    function payout(uint64 units) internal view returns (Payout[] memory work) {
        work = new Payout[](1);
        work[0] = Payout(node, units, 1);
    }

    function reserve(bytes32 job, uint256 units) internal returns (uint128) {
        vm.prank(settlement);
        return escrow.reserve(job, coordinator, units);
    }

    function pay(bytes32 job, uint128 baseFee, uint64 units, uint256 reserved) internal returns (uint8, uint256) {
        vm.prank(settlement);
        return escrow.pay(job, baseFee, payout(units), reserved);
    }

    // --- leases

    function offerOf(IMarket.Meter meter) internal view returns (IMarket.Offer memory) {
        return IMarket.Offer({
            provider: node,
            node: node,
            kind: INFERENCE,
            meter: meter,
            price: PRICE,
            minQuantity: 10,
            maxQuantity: 100_000,
            maxRate: meter == IMarket.Meter.Seconds ? 1 : 20,
            maxTerm: 30 days,
            minDeposit: 1e15,
            expiry: uint64(block.timestamp + 7 days),
            nonce: 0
        });
    }

    function orderOf(IMarket.Meter meter) internal view returns (IMarket.Order memory) {
        return IMarket.Order({
            requester: requester,
            signer: address(0),
            node: address(0),
            tiers: 14,
            kind: INFERENCE,
            meter: meter,
            maxPrice: 2 * PRICE,
            minQuantity: 10,
            maxQuantity: 10_000,
            rate: meter == IMarket.Meter.Seconds ? 1 : 10,
            term: meter == IMarket.Meter.Seconds ? 0 : 2 days,
            deposit: 10 ether,
            expiry: uint64(block.timestamp + 7 days),
            nonce: 0
        });
    }

    function signedBy(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function openLease(IMarket.Offer memory offer, IMarket.Order memory order) internal returns (bytes32) {
        bytes memory offerSignature = signedBy(nodeKey, market.offerDigest(offer));
        bytes memory orderSignature = signedBy(requesterKey, market.orderDigest(order));
        vm.prank(stranger);
        return market.openLease(offer, offerSignature, order, orderSignature);
    }

    function openLease(IMarket.Meter meter) internal returns (bytes32) {
        return openLease(offerOf(meter), orderOf(meter));
    }

    function voucher(bytes32 lease, uint128 amount) internal view returns (bytes memory) {
        return signedBy(requesterKey, market.voucherDigest(lease, amount));
    }

    function feeOf(uint256 amount) internal pure returns (uint256) {
        return (amount * FEE_BPS + 9999) / 10_000;
    }

    function expectNotSettlement() internal {
        vm.expectRevert(abi.encodeWithSignature("NotSettlement(address)", stranger));
        vm.prank(stranger);
    }
}
