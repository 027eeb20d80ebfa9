// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Settled} from "../Settled.sol";
import {Work} from "../Work.sol";
import {Frame} from "../interfaces/DisputeTypes.sol";
import {IArbiter, IDisputeSource} from "../interfaces/IArbiter.sol";
import {IDisputeGame} from "../interfaces/IDisputeGame.sol";
import {Ruling} from "../interfaces/Types.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Whose turn it is, how much time is left, what it costs
/// @dev The part of the dispute game that knows nothing of programs.
abstract contract Play is IDisputeGame, Settled {
    using SafeCast for uint256;

    /// @notice Most moves of a challenger that do not end the game. The deepest program that still fits has about eight loops
    /// inside each other, where each takes a dozen questions.
    uint32 public constant MAX_MOVES = 96;

    /// @dev What games about one leaf share. `program` is zero until the accused has claimed.
    struct Subject {
        bytes32 task;
        bytes32 outputs;
        bytes32 programs;
        bytes32 program;
        Frame frame;
    }

    uint64 public immutable clockSeconds;
    uint64 public immutable extensionSeconds;
    uint128 public immutable moveBond;

    mapping(uint256 dispute => Game) private _games;
    mapping(bytes32 subject => Subject) private _subjects;
    mapping(bytes32 question => bytes32) private _answers;

    constructor(address settlement_, Params memory params) Settled(settlement_) {
        require(params.clockSeconds > 0, InvalidParams("clockSeconds must be positive"));
        require(params.extensionSeconds > 0, InvalidParams("extensionSeconds must be positive"));
        require(params.extensionSeconds <= params.clockSeconds, InvalidParams("extensionSeconds exceed clockSeconds"));
        clockSeconds = params.clockSeconds;
        extensionSeconds = params.extensionSeconds;
        moveBond = params.moveBond;
    }

    /// @inheritdoc IArbiter
    function open(uint256 dispute, Case calldata details) external onlySettlement {
        bytes32 subject = keccak256(abi.encode(details.job, details.round, Work.leafHash(details.leaf)));
        Subject storage s = _subjects[subject];
        Game storage g = _games[dispute];
        g.accused = details.leaf.node;
        g.challenger = details.challenger;
        g.accusedSeconds = clockSeconds;
        g.challengerSeconds = clockSeconds;
        g.since = block.timestamp.toUint64();
        g.subject = subject;
        if (s.program != 0) {
            _begin(g, s);
        } else {
            (s.task, s.outputs, s.programs) = (details.leaf.task, details.leaf.outputsHash, details.programs);
            g.turn = Turn.Accused;
        }
        emit GameOpened(dispute, subject, g.accused, g.challenger, g.turn);
    }

    /// @inheritdoc IDisputeGame
    function proceed(uint256 dispute) external {
        Game storage g = _games[dispute];
        require(_isAnswered(g), NotAnswered(g.question));
        _proceed(dispute, g);
    }

    /// @inheritdoc IDisputeGame
    function timeout(uint256 dispute) external {
        Game storage g = _games[dispute];
        require(g.turn != Turn.Over, NotTheTurn(dispute, g.turn));
        // An answer given in another game counts here, even if nobody said so in time.
        if (_isAnswered(g)) {
            _proceed(dispute, g);
            return;
        }
        uint256 left = g.turn == Turn.Accused ? g.accusedSeconds : g.challengerSeconds;
        require(block.timestamp > g.since + left, TimeIsNotUp(dispute));
        _end(dispute, g, g.turn == Turn.Accused ? Ruling.Guilty : Ruling.Innocent);
    }

    /// @inheritdoc IDisputeGame
    function dismiss(uint256 dispute) external {
        Game storage g = _games[dispute];
        require(g.turn != Turn.Over, NotTheTurn(dispute, g.turn));
        require(IDisputeSource(settlement).isConvicted(dispute), NotConvicted(dispute));
        _end(dispute, g, Ruling.Dismissed);
    }

    /// @inheritdoc IArbiter
    function maxSeconds() external view returns (uint64) {
        // Every move gives its side at most one extension; the accused answers each question, and claims.
        return 2 * clockSeconds + (2 * MAX_MOVES + 2) * extensionSeconds;
    }

    /// @inheritdoc IDisputeGame
    function gameOf(uint256 dispute) external view returns (Game memory) {
        return _games[dispute];
    }

    /// @inheritdoc IDisputeGame
    function answerOf(bytes32 question) external view returns (bytes32) {
        return _answers[question];
    }

    /// @inheritdoc IDisputeGame
    function questionId(Question calldata question) public pure returns (bytes32) {
        return keccak256(abi.encode(question));
    }

    function _questionId(Question memory question) internal pure returns (bytes32) {
        return keccak256(abi.encode(question));
    }

    // --- the accused's turn

    function _claiming(uint256 dispute) internal returns (Game storage g, Subject storage s) {
        g = _games[dispute];
        s = _subjects[g.subject];
        _onlyAccused(dispute);
        require(g.turn == Turn.Accused, NotTheTurn(dispute, g.turn));
        require(g.question == 0 && s.program == 0, NotAsked(g.question));
        _spendAccused(dispute, g);
    }

    function _claimed(Game storage g, Subject storage s, bytes32 program, Frame memory frame) internal {
        s.program = program;
        s.frame = frame;
        _begin(g, s);
    }

    function _onlyAccused(uint256 dispute) internal view {
        require(msg.sender == _games[dispute].accused, NotThePlayer(msg.sender));
    }

    /// @dev Takes the answer to the question that the game waits for.
    function _answer(uint256 dispute, Question calldata q, bytes32 answer) internal {
        Game storage g = _games[dispute];
        bytes32 id = questionId(q);
        require(g.turn == Turn.Accused, NotTheTurn(dispute, g.turn));
        require(g.question == id, NotAsked(id));
        _spendAccused(dispute, g);
        g.turn = Turn.Challenger;
        g.question = 0;
        _answers[id] = answer;
        emit Answered(dispute, id, msg.data);
    }

    // --- the challenger's turn

    /// @dev A move that does not end the game.
    function _asking(uint256 dispute) internal returns (Game storage g) {
        g = _accusing(dispute);
        require(++g.moves <= MAX_MOVES, TooManyMoves(dispute));
        g.challengerSeconds = _left(dispute, g.since, g.challengerSeconds);
        g.since = block.timestamp.toUint64();
    }

    /// @dev A move that ends the game, if it shows something.
    function _accusing(uint256 dispute) internal view returns (Game storage g) {
        g = _games[dispute];
        require(g.turn == Turn.Challenger, NotTheTurn(dispute, g.turn));
        require(msg.sender == g.challenger, NotThePlayer(msg.sender));
        _left(dispute, g.since, g.challengerSeconds);
    }

    function _ask(uint256 dispute, Game storage g, Question memory q) internal {
        bytes32 id = _questionId(q);
        bool isKnown = _answers[id] != 0;
        emit Asked(dispute, id, isKnown, q);
        if (isKnown) return;
        g.question = id;
        g.turn = Turn.Accused;
        if (moveBond > 0) IDisputeSource(settlement).raiseBond(dispute, moveBond);
    }

    function _checkAnswer(bytes32 question, bytes32 answer) internal view {
        require(_answers[question] == answer, NotAnswered(question));
    }

    function _convictIf(uint256 dispute, bool isWrong) internal {
        require(isWrong, NothingWrong());
        _end(dispute, _games[dispute], Ruling.Guilty);
    }

    // --- inside

    /// @dev Whether another game got what this one waits for.
    function _isAnswered(Game storage g) private view returns (bool) {
        if (g.turn != Turn.Accused) return false;
        return g.question == 0 ? _subjects[g.subject].program != 0 : _answers[g.question] != 0;
    }

    function _proceed(uint256 dispute, Game storage g) private {
        uint64 spent = block.timestamp.toUint64() - g.since;
        uint64 left = g.accusedSeconds > spent ? g.accusedSeconds - spent : 0;
        g.accusedSeconds = left < extensionSeconds ? extensionSeconds : left;
        g.since = block.timestamp.toUint64();
        if (g.question == 0) _begin(g, _subjects[g.subject]);
        g.turn = Turn.Challenger;
        g.question = 0;
        emit Proceeded(dispute);
    }

    function _begin(Game storage g, Subject storage s) private {
        g.program = s.program;
        g.frame = s.frame;
        g.turn = Turn.Challenger;
    }

    function _end(uint256 dispute, Game storage g, Ruling ruling) private {
        g.turn = Turn.Over;
        g.question = 0;
        IDisputeSource(settlement).rule(dispute, ruling);
    }

    function _spendAccused(uint256 dispute, Game storage g) private {
        g.accusedSeconds = _left(dispute, g.since, g.accusedSeconds);
        g.since = block.timestamp.toUint64();
    }

    /// @dev Time left behind a move that is made now.
    function _left(uint256 dispute, uint64 since, uint64 seconds_) private view returns (uint64 left) {
        uint256 spent = block.timestamp - since;
        require(spent <= seconds_, TimeIsUp(dispute));
        left = seconds_ - uint64(spent);
        if (left < extensionSeconds) left = extensionSeconds;
    }
}
