// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICredentials} from "../src/interfaces/ICredentials.sol";
import {IERC5192} from "../src/interfaces/IERC5192.sol";
import {AUDIT, COMPUTE_POC, INFERENCE, Payout, STAKE_TO_VALIDATE, TRAINING} from "../src/interfaces/Types.sol";
import {Money} from "./support/Money.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/token/ERC721/extensions/IERC721Metadata.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

contract CredentialsTest is Money {
    bytes32 internal constant JOB = "job";

    function record(bytes32 job, uint8 kind, Payout[] memory work) internal {
        vm.prank(settlement);
        credentials.record(job, kind, work);
    }

    function record(uint8 kind, uint64 units, uint32 tasks) internal {
        Payout[] memory work = new Payout[](1);
        work[0] = Payout(node, units, tasks);
        record(JOB, kind, work);
    }

    function test_firstRecordMints() public {
        uint256 id = credentials.idOf(JOB, node, owner, INFERENCE);
        assertEq(id, uint256(keccak256(abi.encode(JOB, node, owner, INFERENCE))));
        vm.expectEmit();
        emit ICredentials.Certified(id, JOB, node, owner, INFERENCE, COMPUTE_POC);
        vm.expectEmit();
        emit IERC5192.Locked(id);
        vm.expectEmit();
        emit IERC721.Transfer(address(0), owner, id);
        vm.expectEmit();
        emit ICredentials.Recorded(id, 7, 2);
        record(INFERENCE, 7, 2);

        assertEq(credentials.ownerOf(id), owner);
        assertEq(credentials.balanceOf(owner), 1);
        assertTrue(credentials.locked(id));
        ICredentials.Certificate memory c = credentials.certificateOf(id);
        assertEq(c.first, block.timestamp);
        assertEq(c.last, block.timestamp);
        assertEq(c.tasks, 2);
        assertEq(c.units, 7);
        assertEq(c.kind, INFERENCE);
    }

    function test_laterRecordsAddUp() public {
        uint48 first = uint48(block.timestamp);
        record(INFERENCE, 7, 2);
        vm.warp(first + 100);
        record(INFERENCE, 5, 1);
        ICredentials.Certificate memory c = credentials.certificateOf(credentials.idOf(JOB, node, owner, INFERENCE));
        assertEq(c.first, first);
        assertEq(c.last, first + 100);
        assertEq(c.tasks, 3);
        assertEq(c.units, 12);
        assertEq(credentials.balanceOf(owner), 1);
    }

    function test_auditsHaveACertificateOfTheirOwn() public {
        record(TRAINING, 7, 2);
        vm.expectEmit();
        emit ICredentials.Certified(
            credentials.idOf(JOB, node, owner, AUDIT), JOB, node, owner, AUDIT, STAKE_TO_VALIDATE
        );
        record(AUDIT, 3, 1);
        assertEq(credentials.balanceOf(owner), 2);
        assertEq(credentials.contributionOf(owner), 10);
    }

    function test_aNodeThatChangesHands() public {
        record(INFERENCE, 7, 2);
        registry.set(node, stranger, 1);
        record(INFERENCE, 5, 1);
        assertEq(credentials.contributionOf(owner), 7, "keeps what it earned");
        assertEq(credentials.contributionOf(stranger), 5);
        assertEq(credentials.certificateOf(credentials.idOf(JOB, node, owner, INFERENCE)).units, 7);
        assertEq(credentials.certificateOf(credentials.idOf(JOB, node, stranger, INFERENCE)).units, 5);
    }

    function test_pastContribution() public {
        uint256 start = block.timestamp;
        record(INFERENCE, 7, 2);
        record(INFERENCE, 1, 1);
        vm.warp(start + 10);
        record(TRAINING, 5, 1);
        vm.warp(start + 11);
        assertEq(credentials.pastContribution(owner, start - 1), 0);
        assertEq(credentials.pastContribution(owner, start), 8);
        assertEq(credentials.pastContribution(owner, start + 9), 8);
        assertEq(credentials.pastContribution(owner, start + 10), 13);
        assertEq(credentials.pastTotalContribution(start + 9), 8);
        assertEq(credentials.pastTotalContribution(start + 10), 13);
        assertEq(credentials.totalContribution(), 13);
        assertEq(credentials.clock(), start + 11);
        assertEq(credentials.CLOCK_MODE(), "mode=timestamp");

        bytes memory future = abi.encodeWithSelector(ICredentials.FutureLookup.selector, start + 11, start + 11);
        vm.expectRevert(future);
        credentials.pastContribution(owner, start + 11);
        vm.expectRevert(future);
        credentials.pastTotalContribution(start + 11);
    }

    /// @dev What votes are made of is what certificates say.
    function testFuzz_contributionIsTheSumOfCertificates(uint256 seed) public {
        address[3] memory nodes = [makeAddr("a"), makeAddr("b"), makeAddr("c")];
        uint256 total;
        uint256[3] memory due;
        for (uint256 i; i < 3; ++i) {
            registry.set(nodes[i], makeAddr(vm.toString(i)), 0);
        }
        for (uint256 step; step < 12; ++step) {
            seed = uint256(keccak256(abi.encode(seed)));
            Payout[] memory work = new Payout[](3);
            for (uint256 i; i < 3; ++i) {
                uint64 units = uint64(seed >> (64 * i));
                work[i] = Payout(nodes[i], units, 1);
                due[i] += units;
                total += units;
            }
            record(bytes32(seed % 3), uint8((seed >> 200) % 6), work);
            if (seed % 2 == 0) skip(1);
        }
        skip(1);
        for (uint256 i; i < 3; ++i) {
            address account = makeAddr(vm.toString(i));
            uint256 sum;
            uint256 count;
            for (uint256 job; job < 3; ++job) {
                for (uint8 kind; kind < 6; ++kind) {
                    uint256 id = credentials.idOf(bytes32(job), nodes[i], account, kind);
                    try credentials.certificateOf(id) returns (ICredentials.Certificate memory c) {
                        sum += c.units;
                        ++count;
                    } catch {}
                }
            }
            assertEq(sum, due[i]);
            assertEq(credentials.balanceOf(account), count);
            assertEq(credentials.contributionOf(account), due[i]);
            assertEq(credentials.pastContribution(account, block.timestamp - 1), due[i]);
        }
        assertEq(credentials.totalContribution(), total);
    }

    function test_nothingToRecord() public {
        record(JOB, TRAINING, new Payout[](0));
        assertEq(credentials.totalContribution(), 0);
    }

    function test_cannotBeTransferred() public {
        record(INFERENCE, 7, 2);
        uint256 id = credentials.idOf(JOB, node, owner, INFERENCE);
        vm.startPrank(owner);
        vm.expectRevert(ICredentials.NotTransferable.selector);
        credentials.transferFrom(owner, stranger, id);
        vm.expectRevert(ICredentials.NotTransferable.selector);
        credentials.safeTransferFrom(owner, stranger, id);
        vm.expectRevert(ICredentials.NotTransferable.selector);
        credentials.approve(stranger, id);
        vm.expectRevert(ICredentials.NotTransferable.selector);
        credentials.setApprovalForAll(stranger, true);
        assertEq(credentials.ownerOf(id), owner);
    }

    function test_whatDoesNotExist() public {
        bytes memory missing = abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 5);
        vm.expectRevert(missing);
        credentials.locked(5);
        vm.expectRevert(missing);
        credentials.certificateOf(5);
    }

    function test_interfaces() public view {
        assertEq(type(IERC5192).interfaceId, bytes4(0xb45a3c0e));
        bytes4[5] memory ids = [
            type(IERC165).interfaceId,
            type(IERC721).interfaceId,
            type(IERC721Metadata).interfaceId,
            type(IERC5192).interfaceId,
            type(IERC6372).interfaceId
        ];
        for (uint256 i; i < ids.length; ++i) {
            assertTrue(credentials.supportsInterface(ids[i]));
        }
    }

    function test_onlySettlement() public {
        expectNotSettlement();
        credentials.record(JOB, TRAINING, payout(1));
    }
}
