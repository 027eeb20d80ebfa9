// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {Leaf, PROVIDER} from "../../src/interfaces/Types.sol";
import {Run, Step} from "../dispute/Oracle.sol";
import {Tasks} from "../dispute/Tasks.sol";

/// @dev A move of a game.
struct Move {
    bool byAccused;
    /// @dev Whether it ends the game if it shows something, and whether it does.
    bool isLast;
    bool holds;
    /// @dev Of some dispute, which is the first argument.
    bytes call;
}

/// @dev A statement that a node may make of a task, and a whole game about it: the one that wins if the statement is wrong, an attack
/// on all parts of it if it is right.
struct Story {
    bytes32 programs;
    bytes32 task;
    bytes32 outputs;
    bool isTrue;
    /// @dev Whether its questions make sense in any order: there are no loops.
    bool isFlat;
    uint256 moves;
}

/// @dev Plays games on a network of its own and writes down every move, so that others can make the same moves one at a time, in
/// games of their own, without working out what to say.
contract Rehearsal is Tasks {
    Story[] private _stories;
    mapping(uint256 story => Move[]) private _moves;
    Move[] private _record;

    address private cheater;
    address private finder;

    function setUp() public override {
        super.setUp();
        cheater = provider("cheater");
        finder = registered("finder", PROVIDER);
        stakeFor(finder, 100_000e18);
        _products();
        _control();
    }

    function storyCount() external view returns (uint256) {
        return _stories.length;
    }

    function storyOf(uint256 story) external view returns (Story memory) {
        return _stories[story];
    }

    function moveOf(uint256 story, uint256 number) external view returns (Move memory) {
        return _moves[story][number];
    }

    // --- the games

    /// @dev Chains with accumulators.
    function _products() private {
        Task memory t = taskOf("products");
        uint256 before = vm.snapshotState();
        uint256 dispute = _opened(t, t.truth);
        claim(dispute, t, t.truth);
        for (uint256 i; i < t.truth.steps.length; ++i) {
            assertFalse(insist(dispute, t.program, t.truth, i));
        }
        assertFalse(accuseResults(dispute, t.program, t.truth));
        _keep(before, t, t.truth, true);
        _win(t, cheated(t, 0, 5), true);
        _win(t, cheated(t, 2, 1), true);
    }

    /// @dev A loop and a branch.
    function _control() private {
        Task memory t = taskOf("control");
        uint256 before = vm.snapshotState();
        uint256 dispute = _opened(t, t.truth);
        claim(dispute, t, t.truth);
        uint256 place = loopOf(t);
        Run[] memory frames = t.truth.steps[place].frames;
        Spot memory s =
            Spot(dispute, t.program, t.truth, t.truth, place, openOperator(dispute, t.program, t.truth, place));
        _descend(dispute, frameRoots(frames), 1, true, s.opened);
        assertFalse(_inner(s, 1));
        assertFalse(insist(dispute, t.program, frames[1], 0));
        _keep(before, t, t.truth, false);
        Run memory early = again(t);
        Step memory loop = early.steps[place];
        loop.frames = head(loop.frames, loop.frames.length - 2);
        loop.results = loop.frames[loop.frames.length - 2].results;
        link(t.program, early);
        _win(t, early, false);

        // Wrong where it shows in the end, other than by ending early.
        uint256 wrong = 6;
        Run memory story = cheated(t, wrong, 0);
        while (_ends(story, t.truth) || _ends(story, early)) story = cheated(t, ++wrong, 0);
        _win(t, story, false);
    }

    function _ends(Run memory one_, Run memory other) private pure returns (bool) {
        return one_.results[0].id == other.results[0].id;
    }

    function _win(Task memory t, Run memory story, bool isFlat) private {
        uint256 before = vm.snapshotState();
        assertTrue(play(_opened(t, story), t, story), "the challenger has something to show");
        _keep(before, t, story, isFlat);
    }

    function _opened(Task memory t, Run memory story) private returns (uint256) {
        bytes32 job = openExactJob(t.program);
        Leaf[] memory leaf = one(statement(story, cheater));
        return challenge(finder, job, committedAndDrawn(job, leaf), leaf, 0);
    }

    /// @dev Keeps the moves and forgets the game: what was answered in it would not have to be answered in the next one.
    function _keep(uint256 before, Task memory t, Run memory story, bool isFlat) private {
        Move[] memory moves = _record;
        vm.revertToState(before);
        assertEq(bytes4(moves[0].call), IDisputeGame.claim.selector);
        (bytes32 programs,) = programsRoot(t.program);
        Leaf memory leaf = statement(story, cheater);
        uint256 number = _stories.length;
        bool isTrue = frameRoot(story) == frameRoot(t.truth);
        assertTrue(isTrue || leaf.outputsHash != statement(t.truth, cheater).outputsHash);
        _stories.push(Story(programs, leaf.task, leaf.outputsHash, isTrue, isFlat, moves.length));
        for (uint256 i; i < moves.length; ++i) {
            _moves[number].push(moves[i]);
        }
    }

    function _call(address who, bytes memory call) internal override returns (bool ok, bytes memory returned_) {
        (ok, returned_) = super._call(who, call);
        bool isLast = bytes4(call) == IDisputeGame.prove.selector || bytes4(call) == IDisputeGame.accuse.selector;
        _record.push(Move(who == cheater, isLast, ok, call));
    }
}
