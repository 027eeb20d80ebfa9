// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Work} from "../Work.sol";
import {Accusation, Code, Fault, Frame, Inner, Opened, Shown, Transition} from "../interfaces/DisputeTypes.sol";
import {IBlake3} from "../interfaces/IBlake3.sol";
import {IBlobTree} from "../interfaces/IBlobTree.sol";
import {IDisputeGame} from "../interfaces/IDisputeGame.sol";
import {IEvidence} from "../interfaces/IEvidence.sol";
import {IReferee} from "../interfaces/IReferee.sol";
import {Play} from "./Play.sol";
import {Trace} from "./Trace.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

/// @title The dispute game: questions, answers, accusations
/// @dev See `IDisputeGame`. Turns, clocks and bonds are in `Play`; what contradicts what is judged by `IEvidence`.
contract DisputeGame is Play {
    uint256 private constant CHUNK = 1024;
    /// @dev Words that an answer about accumulators may have: most of a transaction's data on a layer 2 is left free.
    uint256 private constant STATE_WORDS = 2048;
    uint256 private constant MOST_PARTS = 256;
    /// @dev A loop of more rounds was never run.
    uint64 private constant MOST_FRAMES = 1 << 48;

    IReferee public immutable referee;
    IBlake3 public immutable blake3;
    IBlobTree public immutable blobTree;
    IEvidence public immutable evidence;

    constructor(
        address settlement_,
        IReferee referee_,
        IBlake3 blake3_,
        IBlobTree blobTree_,
        IEvidence evidence_,
        Params memory params
    ) Play(settlement_, params) {
        referee = referee_;
        blake3 = blake3_;
        blobTree = blobTree_;
        evidence = evidence_;
    }

    // --- the accused

    /// @inheritdoc IDisputeGame
    function claim(uint256 dispute, Claim calldata c) external {
        (Game storage g, Subject storage s) = _claiming(dispute);
        bytes32 task = Work.taskId(c.program, c.func, c.inputs);
        require(task == s.task, WrongTask(task, s.task));
        bytes32 outputs = Work.outputsHash(c.outputs);
        require(outputs == s.outputs, WrongOutputs(outputs, s.outputs));
        bytes32 leaf = Work.programLeaf(c.program, c.func, c.lowered);
        require(MerkleProof.verifyCalldata(c.proof, s.programs, leaf), UnknownProgram(c.program, c.func, c.lowered));
        Trace.same(Trace.program(c.code, c.code.functions - 1), c.lowered);
        (uint256 parameters, uint256 results) = referee.arity(c.code.header);
        _expect(c.inputs.length, parameters);
        _expect(c.outputs.length, results);
        if (c.code.count == 0) Trace.same(c.operators, Trace.root(0, 0));
        // The hash of a list of ids is that of the outputs in a receipt.
        Frame memory frame = Trace.frameOf(c.code, Trace.list(c.inputs), outputs, c.operators);
        _claimed(g, s, c.lowered, frame);
        emit Claimed(dispute, g.subject, c);
    }

    /// @inheritdoc IDisputeGame
    function answerNodes(uint256 dispute, Question calldata q, bytes32[] calldata nodes, bytes32[] calldata siblings)
        external
    {
        uint256 span = Trace.spanOf(q.level);
        bytes32 root;
        if (q.topic == Topic.Hashes) {
            root = blobTree.root(q.count, q.level, q.number, span, nodes, siblings);
        } else {
            if (q.topic != Topic.Frames) _about(q, Topic.Operators);
            _expect(nodes.length, Trace.below(q.count, q.level, q.number, span));
            root = Trace.climb(q.count, q.level, q.number, Trace.join(nodes, span), siblings);
        }
        Trace.same(root, q.root);
        _answer(dispute, q, bytes32(uint256(1)));
    }

    /// @inheritdoc IDisputeGame
    function answerOperator(
        uint256 dispute,
        Question calldata q,
        bytes32[] calldata results,
        uint64 frames,
        bytes32 top,
        bytes32[] calldata siblings
    ) external {
        _about(q, Topic.Operator);
        _expect(results.length, q.shape >> 2);
        uint256 control = q.shape & 3;
        bytes32 leaf =
            control == 0 ? Trace.list(results) : keccak256(abi.encodePacked(results, Trace.root(frames, top)));
        // Conditions and bodies in turn, and the condition that ends the loop.
        if (control == 1 && (frames % 2 == 0 || frames > MOST_FRAMES)) revert WrongLength(frames, 1);
        if (control == 2) _expect(frames, 1);
        Trace.same(Trace.climb(q.count, 0, q.number, leaf, siblings), q.root);
        _answer(dispute, q, leaf);
    }

    /// @inheritdoc IDisputeGame
    function answerFrame(uint256 dispute, Question calldata q, Inner calldata inner) external {
        _about(q, Topic.Frame);
        _expect(inner.parameters.length, q.shape >> 32);
        _expect(inner.results.length, uint32(q.shape));
        bytes32 root = Trace.frame(inner);
        Trace.same(Trace.climb(q.count, 0, q.number, root, inner.siblings), q.root);
        _answer(dispute, q, root);
    }

    /// @inheritdoc IDisputeGame
    function answerChunk(uint256 dispute, Question calldata q, bytes calldata data, bytes32[] calldata siblings)
        external
    {
        _about(q, Topic.Chunk);
        Trace.same(blake3.root(data, q.number, q.count, siblings), q.root);
        _answer(dispute, q, keccak256(data));
    }

    /// @inheritdoc IDisputeGame
    function answerStates(uint256 dispute, Question calldata q, bytes calldata states) external {
        _about(q, Topic.States);
        _onlyAccused(dispute);
        _expect(states.length, (partsOf(q.count, q.shape) - 1) * 8 * q.shape);
        _answer(dispute, q, keccak256(states));
    }

    // --- the challenger asks

    /// @inheritdoc IDisputeGame
    function askOperators(uint256 dispute, uint8 level, uint64 number) external {
        Game storage g = _asking(dispute);
        _checkInner(level);
        _checkNode(g.frame.count, level, number);
        _ask(dispute, g, Question(Topic.Operators, level, number, g.frame.count, 0, g.frame.operators, 0));
    }

    /// @inheritdoc IDisputeGame
    function askOperator(uint256 dispute, uint64 place, bytes calldata op, bytes32[] calldata siblings) external {
        Game storage g = _asking(dispute);
        bytes32 hash = keccak256(op);
        Trace.same(Trace.climb(g.frame.count, 0, place, hash, siblings), g.frame.code);
        IReferee.Outline memory outline = referee.outline(op);
        uint64 control = outline.kind == IReferee.Kind.While ? 1 : outline.kind == IReferee.Kind.Case ? 2 : 0;
        uint64 shape = uint64(outline.results) << 2 | control;
        Question memory q = Question(Topic.Operator, 0, place, g.frame.count, shape, g.frame.operators, hash);
        g.operator = _questionId(q);
        g.op = hash;
        g.isControl = control != 0;
        g.chain.count = 0;
        _ask(dispute, g, q);
    }

    /// @inheritdoc IDisputeGame
    function askFrames(uint256 dispute, Opened calldata opened, uint8 level, uint64 number) external {
        Game storage g = _asking(dispute);
        _checkControl(g, opened);
        _checkInner(level);
        _checkNode(opened.frames, level, number);
        bytes32 root = Trace.root(opened.frames, opened.top);
        _ask(dispute, g, Question(Topic.Frames, level, number, opened.frames, 0, root, 0));
    }

    /// @inheritdoc IDisputeGame
    function askFrame(uint256 dispute, Opened calldata opened, uint64 number) external {
        Game storage g = _asking(dispute);
        _checkControl(g, opened);
        _checkNode(opened.frames, 0, number);
        IReferee.Outline memory outline = referee.outline(opened.op);
        bool isLoop = outline.kind == IReferee.Kind.While;
        // A branch takes all operands but its index. A condition returns one value.
        uint256 parameters = isLoop ? outline.operands : outline.operands - 1;
        uint256 results = isLoop && number % 2 == 0 ? 1 : outline.results;
        uint64 shape = uint64(parameters) << 32 | uint64(results);
        bytes32 root = Trace.root(opened.frames, opened.top);
        _ask(dispute, g, Question(Topic.Frame, 0, number, opened.frames, shape, root, 0));
    }

    /// @inheritdoc IDisputeGame
    function askBlob(uint256 dispute, Opened calldata opened, uint32 result, uint8 level, uint64 number) external {
        Game storage g = _asking(dispute);
        _checkOpened(g, opened);
        (uint64 size,) = referee.resultOf(opened.op, result);
        _checkNode(_chunks(size), level, number);
        Topic topic = level == 0 ? Topic.Chunk : Topic.Hashes;
        _ask(dispute, g, Question(topic, level, number, size, 0, opened.results[result], 0));
    }

    /// @inheritdoc IDisputeGame
    function contest(uint256 dispute, Opened calldata opened, uint32 result, uint64 element, bytes calldata chunk)
        external
    {
        Game storage g = _asking(dispute);
        _checkOpened(g, opened);
        uint256 accumulators = referee.accumulators(opened.op);
        uint64 steps = uint64(referee.chainLength(opened.op, element));
        uint64 value = _element(opened, result, element, chunk);
        // Without accumulators there is nothing but the last transition.
        uint64 first = accumulators == 0 ? 1 : 0;
        g.chain = Chain({
            result: result,
            accumulators: uint32(accumulators),
            element: element,
            steps: steps,
            first: first,
            count: steps + 2 - first,
            before: keccak256(""),
            afterwards: keccak256(abi.encodePacked(value))
        });
        _askStates(dispute, g);
    }

    /// @inheritdoc IDisputeGame
    function narrow(uint256 dispute, uint64 part, bytes calldata states) external {
        Game storage g = _asking(dispute);
        Chain memory c = g.chain;
        _checkAnswer(_questionId(_statesQuestion(g, c)), keccak256(states));
        uint64 parts = partsOf(c.count, c.accumulators);
        if (part >= parts) revert NoSuchPlace(0, part, parts);
        uint256 width = 8 * uint256(c.accumulators);
        if (part > 0) c.before = keccak256(states[(part - 1) * width:part * width]);
        if (part < parts - 1) c.afterwards = keccak256(states[part * width:(part + 1) * width]);
        uint256 from = uint256(c.count) * part / parts;
        uint256 to = uint256(c.count) * (part + 1) / parts;
        c.first += uint64(from);
        c.count = uint64(to - from);
        g.chain = c;
        _askStates(dispute, g);
    }

    /// @inheritdoc IDisputeGame
    function enter(
        uint256 dispute,
        Opened calldata opened,
        uint64 number,
        Inner calldata inner,
        Code calldata code,
        Shown calldata index
    ) external {
        Game storage g = _asking(dispute);
        _checkControl(g, opened);
        g.frame = evidence.entered(g.frame, g.program, opened, number, inner, code, index);
        g.operator = 0;
        g.op = 0;
        g.chain.count = 0;
        emit Entered(dispute, number, g.frame);
    }

    // --- the challenger shows what is wrong

    /// @inheritdoc IDisputeGame
    function prove(uint256 dispute, bytes calldata op, bytes calldata before, Shown[] calldata shown) external {
        Game storage g = _accusing(dispute);
        Chain memory c = g.chain;
        if (c.count != 1) revert NotOneTransition(c.count);
        Trace.same(keccak256(op), g.op);
        Trace.same(keccak256(before), c.before);
        Transition memory t = Transition(c.element, c.steps, c.first);
        bytes memory computed = evidence.executed(g.frame, op, t, before, shown);
        // The last transition makes an element of each result.
        if (c.first == c.steps + 1) computed = _word(computed, c.result);
        _convictIf(dispute, keccak256(computed) != c.afterwards);
    }

    /// @inheritdoc IDisputeGame
    function accuse(uint256 dispute, Accusation calldata accusation) external {
        Game storage g = _accusing(dispute);
        if (accusation.fault != Fault.Result) _checkOpened(g, accusation.opened);
        _convictIf(dispute, evidence.holds(g.frame, accusation));
    }

    /// @inheritdoc IDisputeGame
    function partsOf(uint64 count, uint256 accumulators) public pure returns (uint64) {
        uint256 parts = STATE_WORDS / accumulators;
        if (parts > MOST_PARTS) parts = MOST_PARTS;
        if (parts < 2) parts = 2;
        return parts < count ? uint64(parts) : count;
    }

    // --- questions

    function _askStates(uint256 dispute, Game storage g) private {
        Chain memory c = g.chain;
        emit Contested(dispute, c);
        if (c.count > 1) _ask(dispute, g, _statesQuestion(g, c));
    }

    /// @dev Accumulators are no part of the trace: the answers are claims of this accused about this leaf.
    function _statesQuestion(Game storage g, Chain memory c) private view returns (Question memory) {
        bytes32 chain = keccak256(abi.encode(g.subject, g.operator, c.result, c.element));
        bytes32 ends = Trace.pair(c.before, c.afterwards);
        return Question(Topic.States, 0, c.first, c.count, c.accumulators, chain, ends);
    }

    /// @dev The bits of an element as the accused answered it.
    function _element(Opened calldata opened, uint32 result, uint64 element, bytes calldata chunk)
        private
        view
        returns (uint64 value)
    {
        (uint64 size, uint64 elementSize) = referee.resultOf(opened.op, result);
        uint256 offset = uint256(element) * elementSize;
        Question memory q = Question(Topic.Chunk, 0, uint64(offset / CHUNK), size, 0, opened.results[result], 0);
        _checkAnswer(_questionId(q), keccak256(chunk));
        for (uint256 k = elementSize; k > 0;) {
            --k;
            value = value << 8 | uint8(chunk[offset % CHUNK + k]);
        }
    }

    // --- checks

    /// @dev The operator and what the accused said that it gave.
    function _checkOpened(Game storage g, Opened calldata opened) private view {
        Trace.same(keccak256(opened.op), g.op);
        _checkAnswer(g.operator, Trace.leaf(opened, g.isControl));
    }

    function _checkControl(Game storage g, Opened calldata opened) private view {
        if (!g.isControl) revert NoSuchPlace(0, 0, 0);
        _checkOpened(g, opened);
    }

    /// @dev Only what is there may be asked for, or an honest accused could not answer.
    function _checkNode(uint256 leaves, uint8 level, uint64 number) private pure {
        bool exists = level <= Trace.height(leaves) && number < Trace.width(leaves, level);
        if (!exists) revert NoSuchPlace(level, number, leaves);
    }

    /// @dev Leaves have questions of their own.
    function _checkInner(uint8 level) private pure {
        if (level == 0) revert NoSuchPlace(level, 0, 0);
    }

    function _chunks(uint256 size) private pure returns (uint256) {
        return size <= CHUNK ? 1 : (size + CHUNK - 1) / CHUNK;
    }

    function _about(Question calldata q, Topic topic) private pure {
        if (q.topic != topic) revert NotAsked(questionId(q));
    }

    function _expect(uint256 given, uint256 expected) private pure {
        if (given != expected) revert WrongLength(given, expected);
    }

    function _word(bytes memory words, uint256 position) private pure returns (bytes memory word) {
        if (8 * position + 8 > words.length) revert NoSuchPlace(0, position, words.length / 8);
        word = new bytes(8);
        assembly ("memory-safe") {
            mstore(add(word, 0x20), mload(add(add(words, 0x20), shl(3, position))))
        }
    }
}
