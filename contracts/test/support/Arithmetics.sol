// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArithmetic} from "../../src/interfaces/IArithmetic.sol";
import {IBlake3} from "../../src/interfaces/IBlake3.sol";
import {IChains} from "../../src/interfaces/IChains.sol";
import "../../src/referee/ScalarFunction.sol" as Code;
import {Test} from "forge-std/Test.sol";

/// @dev The contracts that execute arithmetic, as they are deployed, and what their tests share.
abstract contract Arithmetics is Test {
    IArithmetic internal arithmetic;
    IChains internal chains;
    IBlake3 internal blake3;

    /// @dev A file of vectors/num and the scalar function that it holds.
    struct File {
        string name;
        uint256 code;
    }

    /// @dev Those with one function on f32 each.
    File[] internal functions;

    function setUp() public virtual {
        arithmetic = IArithmetic(deploy("Arithmetic", abi.encode(deploy("Transcendental", ""))));
        chains = IChains(deploy("Chains", ""));
        blake3 = IBlake3(deploy("Blake3", ""));
        listFunctions();
    }

    function listFunctions() private {
        string[30] memory unary = [
            "negate",
            "abs",
            "sign",
            "sqrt",
            "rsqrt",
            "exp",
            "log",
            "tanh",
            "logistic",
            "sin",
            "cos",
            "erf",
            "floor",
            "ceil",
            "expm1",
            "log1p",
            "cbrt",
            "tan",
            "roundnearesteven",
            "roundnearestafz",
            "erfc",
            "erfinv",
            "asin",
            "acos",
            "atan",
            "sinh",
            "cosh",
            "asinh",
            "acosh",
            "atanh"
        ];
        uint256 code = Code.NEGATE;
        for (uint256 i; i < unary.length; ++i) {
            // The codes between are of functions that corex-num does not have as such.
            while (
                code == Code.NOT || code == Code.IS_FINITE || code == Code.POPCNT || code == Code.COUNT_LEADING_ZEROS
            ) {
                ++code;
            }
            functions.push(File(unary[i], code++));
        }
        functions.push(File("add", Code.ADD));
        functions.push(File("subtract", Code.SUBTRACT));
        functions.push(File("multiply", Code.MULTIPLY));
        functions.push(File("divide", Code.DIVIDE));
        functions.push(File("remainder", Code.REMAINDER));
        functions.push(File("max", Code.MAXIMUM));
        functions.push(File("min", Code.MINIMUM));
        functions.push(File("power", Code.POWER));
        functions.push(File("atan2", Code.ATAN2));
    }

    /// @dev From the artifacts of the build, because `new` would deploy what the tests' own settings compile to.
    function deploy(string memory name, bytes memory arguments) internal returns (address) {
        return vm.deployCode(string.concat("out/", name, ".sol/", name, ".json"), arguments);
    }

    /// @dev A function and the type it works on.
    struct Function {
        uint8 code;
        uint8 dtype;
        uint8 p;
        uint8 q;
    }

    function plain(uint256 code, uint256 dtype) internal pure returns (Function memory) {
        return Function(uint8(code), uint8(dtype), 0, 0);
    }

    function evaluate(Function memory f, uint256 x, uint256 y, uint256 z) internal view returns (uint256) {
        return arithmetic.evaluate(f.code, f.dtype, f.p, f.q, uint64(x), uint64(y), uint64(z));
    }

    /// @dev Elements `first` to `end` of a column as they lie in a blob: four bytes each, little-endian.
    function pack(uint256[] memory column, uint256 first, uint256 end) internal pure returns (bytes memory packed) {
        packed = new bytes(4 * (end - first));
        for (uint256 i = first; i < end; ++i) {
            for (uint256 j; j < 4; ++j) {
                packed[4 * (i - first) + j] = bytes1(uint8(column[i] >> (8 * j)));
            }
        }
    }

    /// @dev Compared before the text is made, which costs more than the case.
    function assertCase(string memory name, Function memory f, uint256[5] memory x) internal pure {
        if (x[3] != x[4]) revert(describe(name, f, x));
    }

    // --- text

    function same(string memory a, string memory b) internal pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }

    /// @dev Name of a file without folder and extension.
    function stem(string memory path) internal pure returns (string memory) {
        string[] memory parts = vm.split(path, "/");
        return vm.split(parts[parts.length - 1], ".")[0];
    }

    /// @dev A failed case: operands, result, expected result.
    function describe(string memory name, Function memory f, uint256[5] memory x)
        internal
        pure
        returns (string memory text)
    {
        text = string.concat(name, ", type ", vm.toString(f.dtype), ", code ", vm.toString(f.code), ": operands");
        for (uint256 i; i < 3; ++i) {
            text = string.concat(text, " ", vm.toString(bytes8(uint64(x[i]))));
        }
        text = string.concat(text, ", got ", vm.toString(bytes8(uint64(x[3]))));
        text = string.concat(text, ", expected ", vm.toString(bytes8(uint64(x[4]))));
    }
}
