// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Work} from "../../src/Work.sol";
import {Trace} from "../../src/dispute/Trace.sol";
import {
    Accusation,
    Chunk,
    Code,
    Fault,
    Inner,
    Opened,
    Shown,
    Source,
    Transition
} from "../../src/interfaces/DisputeTypes.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IReferee} from "../../src/interfaces/IReferee.sol";
import {Leaf, Ruling} from "../../src/interfaces/Types.sol";
import {Network} from "../support/Network.sol";
import {Blob, Oracle, Run, Step} from "./Oracle.sol";
import {Program, Programs} from "./Program.sol";
import {Trees} from "./Trees.sol";
import {VmSafe} from "forge-std/Vm.sol";

interface IParts {
    function referee() external view returns (IReferee);
}

/// @dev Both sides of a dispute, played to the end. The challenger has its own run of the task (`truth`) and sees of the
/// accused's run (`story`) what was answered: it looks for the first place in program order where they differ.
abstract contract Players is Network, Oracle {
    string internal constant FUNC = "main";
    bytes32 internal constant MODULE = keccak256("module");

    /// @dev A task of a program, and the honest run.
    struct Task {
        Program program;
        Run truth;
    }

    /// @dev An operator that was opened.
    struct Spot {
        uint256 dispute;
        Program program;
        Run truth;
        Run story;
        uint256 place;
        Opened opened;
    }

    /// @dev Where the accused's accumulators begin to be wrong, in 256ths of the chain.
    uint256 internal lieAt = 128;
    /// @dev Answers that had to be given.
    uint256 internal answers;
    /// @dev Whether to see, before every move, what happens if nobody makes it.
    bool internal stalls;
    uint256 internal stalled;

    // What the last game cost: moves, gas and bytes of data of each side, and its largest transaction.
    struct Cost {
        uint256 moves;
        uint256 gas;
        uint256 data;
        uint256 largestGas;
        uint256 largestData;
    }

    mapping(address => Cost) internal costs;

    function setUp() public virtual override {
        super.setUp();
        referee = IParts(address(game)).referee();
    }

    // --- the world around a game

    function lowered(Program memory p) internal pure returns (bytes32) {
        return Trees.root(funcLeaves(p));
    }

    /// @dev Root of a tree with this one program and another one beside it.
    function programsRoot(Program memory p) internal pure returns (bytes32 root, bytes32[] memory proof) {
        proof = new bytes32[](1);
        proof[0] = keccak256("another program");
        bytes32 leaf = Work.programLeaf(MODULE, FUNC, lowered(p));
        root = leaf < proof[0] ? Trace.pair(leaf, proof[0]) : Trace.pair(proof[0], leaf);
    }

    function openExactJob(Program memory p) internal returns (bytes32) {
        (bytes32 root,) = programsRoot(p);
        return openJob(exactTerms(root), BUDGET);
    }

    /// @dev A leaf that states the results of a run.
    function statement(Run memory r, address node) internal pure returns (Leaf memory) {
        bytes32 task = Work.taskId(MODULE, FUNC, ids(r.parameters));
        return Leaf(task, Work.outputsHash(ids(r.results)), node, 10);
    }

    function resolved(uint256 dispute) internal view returns (bool, Ruling) {
        return (!settlement.disputeOf(dispute).open, settlement.disputeOf(dispute).ruling);
    }

    // --- a whole game

    /// @dev Plays until the challenger has won, or has nothing left to show.
    /// @return won Whether it has.
    function play(uint256 dispute, Task memory t, Run memory story) internal returns (bool won) {
        if (turn(dispute) == IDisputeGame.Turn.Accused) claim(dispute, t, story);
        return _frame(dispute, t.program, t.truth, story);
    }

    function claim(uint256 dispute, Task memory t, Run memory story) internal {
        _do(dispute, accused(dispute), abi.encodeCall(IDisputeGame.claim, (dispute, claimOf(t.program, story))));
    }

    function claimOf(Program memory p, Run memory story) internal pure returns (IDisputeGame.Claim memory c) {
        (, bytes32[] memory proof) = programsRoot(p);
        return IDisputeGame.Claim({
            program: MODULE,
            func: FUNC,
            inputs: ids(story.parameters),
            outputs: ids(story.results),
            lowered: lowered(p),
            proof: proof,
            code: codeOf(p, story.func),
            operators: operatorsRoot(story)
        });
    }

    function codeOf(Program memory p, uint256 func) internal pure returns (Code memory) {
        bytes32[] memory hashes = opHashes(p.funcs[func]);
        bytes32[] memory siblings = Trees.siblings(funcLeaves(p), 0, func);
        return Code(uint64(p.funcs.length), siblings, p.funcs[func].header, uint64(hashes.length), Trees.top(hashes));
    }

    /// @dev The first place in a frame that differs.
    function _frame(uint256 dispute, Program memory p, Run memory truth, Run memory story) private returns (bool) {
        bytes32[] memory mine = leaves(truth);
        bytes32[] memory theirs = leaves(story);
        for (uint256 i; i < mine.length; ++i) {
            if (mine[i] == theirs[i]) continue;
            _descend(dispute, theirs, i, false, Opened("", new bytes32[](0), 0, 0));
            return _operator(dispute, p, truth, story, i);
        }
        for (uint256 i; i < truth.results.length; ++i) {
            if (truth.results[i].id != story.results[i].id) return _accuseResult(dispute, p, story, i);
        }
        return false;
    }

    /// @dev Says of every result that it is not what the function returns.
    function accuseResults(uint256 dispute, Program memory p, Run memory story) internal returns (bool won) {
        for (uint256 i; i < story.results.length; ++i) {
            won = won || _accuseResult(dispute, p, story, i);
        }
    }

    /// @dev Asks its way down a tree to leaf `index`.
    function _descend(uint256 dispute, bytes32[] memory tree, uint256 index, bool areFrames, Opened memory opened)
        internal
    {
        for (uint256 level = Trace.height(tree.length); level > 0; level -= Trace.spanOf(level)) {
            uint64 number = uint64(index >> level);
            bytes memory asked = areFrames
                ? abi.encodeCall(IDisputeGame.askFrames, (dispute, opened, uint8(level), number))
                : abi.encodeCall(IDisputeGame.askOperators, (dispute, uint8(level), number));
            IDisputeGame.Question memory q = _ask(dispute, asked);
            bytes32[] memory row = Trees.level(tree, level - Trace.spanOf(level));
            bytes32[] memory nodes = Trees.below(row, level, number);
            bytes32[] memory siblings = Trees.siblings(tree, level, number);
            _reply(dispute, abi.encodeCall(IDisputeGame.answerNodes, (dispute, q, nodes, siblings)));
        }
    }

    function _operator(uint256 dispute, Program memory p, Run memory truth, Run memory story, uint256 place)
        private
        returns (bool)
    {
        Spot memory s = Spot(dispute, p, truth, story, place, openOperator(dispute, p, story, place));
        IReferee.Kind kind = referee.outline(s.opened.op).kind;
        if (kind == IReferee.Kind.While || kind == IReferee.Kind.Case) return _control(s);
        for (uint32 r; r < s.opened.results.length; ++r) {
            if (truth.steps[place].results[r].id == s.opened.results[r]) continue;
            if (kind != IReferee.Kind.Reinterpret) return _blob(s, r);
            Accusation memory a = accusation(Fault.Reinterpretation, s.opened);
            a.source = sourceOf(story, referee.operandOf(s.opened.op, 0));
            return _accuse(dispute, a);
        }
        return false;
    }

    function openOperator(uint256 dispute, Program memory p, Run memory story, uint256 place)
        internal
        returns (Opened memory opened)
    {
        bytes memory op = p.funcs[story.func].ops[place];
        Step memory step = story.steps[place];
        bytes32[] memory siblings = Trees.siblings(opHashes(p.funcs[story.func]), 0, place);
        IDisputeGame.Question memory q =
            _ask(dispute, abi.encodeCall(IDisputeGame.askOperator, (dispute, uint64(place), op, siblings)));
        opened = openedOf(op, step);
        siblings = Trees.siblings(leaves(story), 0, place);
        _reply(
            dispute,
            abi.encodeCall(
                IDisputeGame.answerOperator, (dispute, q, opened.results, opened.frames, opened.top, siblings)
            )
        );
    }

    function openedOf(bytes memory op, Step memory step) internal pure returns (Opened memory) {
        bytes32[] memory frames = frameRoots(step.frames);
        return Opened(op, ids(step.results), uint64(frames.length), Trees.top(frames));
    }

    // --- loops and branches

    function _control(Spot memory s) private returns (bool) {
        Run[] memory mine = s.truth.steps[s.place].frames;
        Run[] memory theirs = s.story.steps[s.place].frames;
        uint256 common = mine.length < theirs.length ? mine.length : theirs.length;
        for (uint64 k; k < common; ++k) {
            if (frameRoot(mine[k]) == frameRoot(theirs[k])) continue;
            _descend(s.dispute, frameRoots(theirs), k, true, s.opened);
            return _inner(s, k);
        }
        Accusation memory a = accusation(Fault.Condition, s.opened);
        if (mine.length != theirs.length) {
            a.number = uint64(common - 1);
            a.inner = innerOf(theirs, common - 1);
            return _accuse(s.dispute, a);
        }
        a.fault = Fault.Outcome;
        while (s.truth.steps[s.place].results[a.position].id == s.opened.results[a.position]) ++a.position;
        if (theirs.length == 1 && !_isCase(s)) {
            a.source = sourceOf(s.story, referee.operandOf(s.opened.op, a.position));
        } else {
            a.inner = innerOf(theirs, theirs.length == 1 ? 0 : theirs.length - 2);
        }
        return _accuse(s.dispute, a);
    }

    function _inner(Spot memory s, uint64 k) internal returns (bool) {
        Run[] memory theirs = s.story.steps[s.place].frames;
        Run memory mine = s.truth.steps[s.place].frames[k];
        Inner memory inner = innerOf(theirs, k);
        IDisputeGame.Question memory q =
            _ask(s.dispute, abi.encodeCall(IDisputeGame.askFrame, (s.dispute, s.opened, k)));
        _reply(s.dispute, abi.encodeCall(IDisputeGame.answerFrame, (s.dispute, q, inner)));
        for (uint256 i; i < mine.parameters.length; ++i) {
            if (mine.parameters[i].id == inner.parameters[i]) continue;
            Accusation memory a = accusation(Fault.Parameter, s.opened);
            (a.number, a.inner, a.position) = (k, inner, i);
            if (k > 0) a.previous = innerOf(theirs, k - 1);
            else a.source = sourceOf(s.story, referee.operandOf(s.opened.op, _isCase(s) ? i + 1 : i));
            return _accuse(s.dispute, a);
        }
        _enter(s, k, inner, mine.func);
        return _frame(s.dispute, s.program, mine, theirs[k]);
    }

    function _enter(Spot memory s, uint64 k, Inner memory inner, uint256 func) private {
        Shown memory index;
        if (_isCase(s)) index = _shownIndex(s.program, s.story, s.opened.op);
        Code memory code = codeOf(s.program, func);
        bytes memory call = abi.encodeCall(IDisputeGame.enter, (s.dispute, s.opened, k, inner, code, index));
        _do(s.dispute, challenger(s.dispute), call);
    }

    function _isCase(Spot memory s) private view returns (bool) {
        return referee.outline(s.opened.op).kind == IReferee.Kind.Case;
    }

    function _shownIndex(Program memory p, Run memory story, bytes memory op) private view returns (Shown memory) {
        IReferee.Operand memory operand = referee.operandOf(op, 0);
        Chunk[] memory chunks = new Chunk[](1);
        chunks[0] = Chunk(0, found(p, story, operand).data, new bytes32[](0));
        return Shown(0, sourceOf(story, operand), chunks);
    }

    function innerOf(Run[] memory frames, uint256 k) internal pure returns (Inner memory) {
        Run memory r = frames[k];
        bytes32[] memory siblings = Trees.siblings(frameRoots(frames), 0, k);
        return Inner(ids(r.parameters), ids(r.results), operatorsRoot(r), siblings);
    }

    // --- blobs

    function _blob(Spot memory s, uint32 result) private returns (bool) {
        bytes memory theirs = s.story.steps[s.place].results[result].data;
        uint256 offset;
        {
            bytes memory mine = s.truth.steps[s.place].results[result].data;
            while (mine[offset] == theirs[offset]) ++offset;
        }
        _descendBlob(s.dispute, s.opened, result, theirs, offset / 1024);
        bytes memory chunk = openChunk(s.dispute, s.opened, result, theirs, offset / 1024);
        (, uint64 elementSize) = referee.resultOf(s.opened.op, result);
        return chain(s, result, uint64(offset / elementSize), chunk);
    }

    function _descendBlob(uint256 dispute, Opened memory opened, uint32 result, bytes memory blob_, uint256 index)
        private
    {
        for (uint256 level = Trace.height(Trees.chunks(blob_)); level > 0; level -= Trace.spanOf(level)) {
            uint64 number = uint64(index >> level);
            IDisputeGame.Question memory q =
                _ask(dispute, abi.encodeCall(IDisputeGame.askBlob, (dispute, opened, result, uint8(level), number)));
            bytes32[] memory row = Trees.blobLevel(blob_, level - Trace.spanOf(level));
            bytes32[] memory nodes = Trees.below(row, level, number);
            bytes32[] memory siblings = Trees.blobSiblings(blob_, level, number);
            _reply(dispute, abi.encodeCall(IDisputeGame.answerNodes, (dispute, q, nodes, siblings)));
        }
    }

    function openChunk(uint256 dispute, Opened memory opened, uint32 result, bytes memory blob_, uint256 index)
        internal
        returns (bytes memory chunk)
    {
        IDisputeGame.Question memory q =
            _ask(dispute, abi.encodeCall(IDisputeGame.askBlob, (dispute, opened, result, 0, uint64(index))));
        chunk = Trees.chunk(blob_, index);
        bytes32[] memory siblings = Trees.blobSiblings(blob_, 0, index);
        _reply(dispute, abi.encodeCall(IDisputeGame.answerChunk, (dispute, q, chunk, siblings)));
    }

    // --- chains

    /// @dev Contests an element, and goes down its chain to the first transition that is wrong, or the last one if none is.
    function chain(Spot memory s, uint32 result, uint64 element_, bytes memory chunk) internal returns (bool) {
        IDisputeGame.Question memory q =
            _ask(s.dispute, abi.encodeCall(IDisputeGame.contest, (s.dispute, s.opened, result, element_, chunk)));
        bytes[] memory mine = _packedStates(s.program, s.story, s.opened.op, element_);
        bytes[] memory theirs = lies(mine);
        IDisputeGame.Chain memory c = game.gameOf(s.dispute).chain;
        while (c.count > 1) {
            q = _narrow(s.dispute, q, mine, theirs, c);
            c = game.gameOf(s.dispute).chain;
        }
        bytes memory before = c.first == 0 || c.accumulators == 0 ? bytes("") : theirs[c.first - 1];
        Transition memory t = Transition(element_, c.steps, c.first);
        Shown[] memory shown = shownFor(s.program, s.story, s.opened.op, t);
        return _tryLast(s.dispute, abi.encodeCall(IDisputeGame.prove, (s.dispute, s.opened.op, before, shown)));
    }

    function _narrow(
        uint256 dispute,
        IDisputeGame.Question memory q,
        bytes[] memory mine,
        bytes[] memory theirs,
        IDisputeGame.Chain memory c
    ) private returns (IDisputeGame.Question memory) {
        uint64 parts = game.partsOf(c.count, c.accumulators);
        bytes memory states;
        uint64 wrong = parts - 1;
        for (uint64 i = parts - 1; i > 0; --i) {
            uint256 behind = c.first + uint256(c.count) * i / parts - 1;
            states = bytes.concat(theirs[behind], states);
            if (keccak256(theirs[behind]) != keccak256(mine[behind])) wrong = i - 1;
        }
        _reply(dispute, abi.encodeCall(IDisputeGame.answerStates, (dispute, q, states)));
        return _ask(dispute, abi.encodeCall(IDisputeGame.narrow, (dispute, wrong, states)));
    }

    /// @dev The accumulators of the element behind every transition but the last.
    function _packedStates(Program memory p, Run memory story, bytes memory op, uint64 element_)
        private
        view
        returns (bytes[] memory packed)
    {
        IReferee.Piece[] memory pieces = _pieces(p, story, op, element_);
        uint64[][] memory states = statesOf(op, element_, pieces);
        packed = new bytes[](states.length);
        for (uint256 i; i < packed.length; ++i) {
            for (uint256 k; k < states[i].length; ++k) {
                packed[i] = bytes.concat(packed[i], bytes8(states[i][k]));
            }
        }
    }

    /// @dev What a liar says the accumulators are: right up to some place, and then not.
    function lies(bytes[] memory truth) internal view returns (bytes[] memory told) {
        told = new bytes[](truth.length);
        for (uint256 i; i < truth.length; ++i) {
            told[i] = bytes.concat(truth[i]);
            if (told[i].length > 0 && 256 * i >= lieAt * truth.length) told[i][7] ^= 0x01;
        }
    }

    function _pieces(Program memory p, Run memory story, bytes memory op, uint64 element_)
        private
        view
        returns (IReferee.Piece[] memory)
    {
        Blob[] memory operands = new Blob[](referee.outline(op).operands);
        for (uint256 i; i < operands.length; ++i) {
            operands[i] = found(p, story, referee.operandOf(op, i));
        }
        (, uint64 elementSize) = referee.resultOf(op, 0);
        return piecesFor(operands, uint256(element_) * elementSize / 1024);
    }

    /// @dev All operands, each with the chunk that the oracle reads.
    function shownFor(Program memory p, Run memory story, bytes memory op, Transition memory t)
        internal
        view
        returns (Shown[] memory shown)
    {
        IReferee.Piece[] memory pieces = _pieces(p, story, op, t.element);
        shown = new Shown[](pieces.length);
        for (uint256 i; i < pieces.length; ++i) {
            IReferee.Operand memory operand = referee.operandOf(op, i);
            bytes memory whole = found(p, story, operand).data;
            Chunk[] memory chunks = new Chunk[](1);
            chunks[0] = Chunk(pieces[i].index, pieces[i].data, Trees.blobSiblings(whole, 0, pieces[i].index));
            shown[i] = Shown(uint32(i), sourceOf(story, operand), chunks);
        }
    }

    // --- accusations

    function accusation(Fault fault, Opened memory opened) internal pure returns (Accusation memory a) {
        (a.fault, a.opened) = (fault, opened);
    }

    function _accuseResult(uint256 dispute, Program memory p, Run memory story, uint256 position)
        private
        returns (bool)
    {
        Accusation memory a;
        a.fault = Fault.Result;
        a.position = position;
        a.header = p.funcs[story.func].header;
        a.results = ids(story.results);
        a.source = sourceOf(story, referee.returned(a.header, position));
        return _accuse(dispute, a);
    }

    function _accuse(uint256 dispute, Accusation memory a) internal returns (bool) {
        return _tryLast(dispute, abi.encodeCall(IDisputeGame.accuse, (dispute, a)));
    }

    function sourceOf(Run memory story, IReferee.Operand memory x) internal pure returns (Source memory) {
        if (x.origin == IReferee.Origin.Parameter) return Source(ids(story.parameters), new bytes32[](0));
        if (x.origin == IReferee.Origin.Constant) return Source(new bytes32[](0), new bytes32[](0));
        return Source(words(story.steps[x.position]), Trees.siblings(leaves(story), 0, x.position));
    }

    // --- calls

    function turn(uint256 dispute) internal view returns (IDisputeGame.Turn) {
        return game.gameOf(dispute).turn;
    }

    function accused(uint256 dispute) internal view returns (address) {
        return game.gameOf(dispute).accused;
    }

    function challenger(uint256 dispute) internal view returns (address) {
        return game.gameOf(dispute).challenger;
    }

    /// @dev A question; what is returned is what was asked, or nothing if nothing had to be.
    function _ask(uint256 dispute, bytes memory call) internal returns (IDisputeGame.Question memory q) {
        vm.recordLogs();
        _do(dispute, challenger(dispute), call);
        VmSafe.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            if (logs[i].topics[0] != IDisputeGame.Asked.selector) continue;
            bool isKnown;
            (isKnown, q) = abi.decode(logs[i].data, (bool, IDisputeGame.Question));
            assertEq(logs[i].topics[2], game.questionId(q));
            assertEq(isKnown, turn(dispute) == IDisputeGame.Turn.Challenger);
        }
    }

    /// @dev The answer, if the game waits for one.
    function _reply(uint256 dispute, bytes memory call) internal {
        if (turn(dispute) != IDisputeGame.Turn.Accused) return;
        ++answers;
        _do(dispute, accused(dispute), call);
    }

    function _do(uint256 dispute, address who, bytes memory call) internal {
        if (stalls) _stall(dispute, who, call);
        (bool ok, bytes memory returned_) = _call(who, call);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(returned_, 0x20), mload(returned_))
            }
        }
    }

    /// @dev Lets the clock run out instead of making the move, and goes back in time.
    function _stall(uint256 dispute, address who, bytes memory call) private {
        IDisputeGame.Turn whose = turn(dispute);
        uint256 before = vm.snapshotState();
        vm.warp(block.timestamp + CLOCK + 1);
        vm.prank(who);
        (bool ok,) = address(game).call(call);
        assertFalse(ok, "moved too late");
        game.timeout(dispute);
        (, Ruling ruling) = resolved(dispute);
        assertEq(uint8(ruling), uint8(whose == IDisputeGame.Turn.Accused ? Ruling.Guilty : Ruling.Innocent));
        vm.revertToState(before);
        ++stalled;
    }

    /// @dev The move that ends the game, if it shows something. A challenger that has nothing to show cannot make it.
    function _tryLast(uint256 dispute, bytes memory call) internal returns (bool won) {
        (bool ok, bytes memory returned_) = _call(challenger(dispute), call);
        if (ok) return true;
        assertEq(bytes4(returned_), IDisputeGame.NothingWrong.selector, "refused for another reason");
    }

    function _call(address who, bytes memory call) internal virtual returns (bool ok, bytes memory returned_) {
        vm.prank(who);
        uint256 gas = gasleft();
        (ok, returned_) = address(game).call(call);
        gas -= gasleft();
        if (!ok) return (ok, returned_);
        Cost storage cost = costs[who];
        // 21,000 and 16 per byte of data: an upper bound of what a transaction costs around the call.
        gas += 21_000 + 16 * call.length;
        ++cost.moves;
        cost.gas += gas;
        cost.data += call.length;
        if (gas > cost.largestGas) cost.largestGas = gas;
        if (call.length > cost.largestData) cost.largestData = call.length;
    }
}
