// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Accusation, Code, Frame, Inner, Opened, Shown} from "./DisputeTypes.sol";
import {IArbiter} from "./IArbiter.sol";

/// @notice Decides disputes about exact work by questions to the accused, down to one operation that the Referee executes.
/// @dev The game is one-sided (docs/spec/disputes.md). The accused commits to one trace of its task: ids of all results of all
/// operators. The trace can be checked place by place: every claim in it is given (the task's inputs), or a function of other
/// claims in it. The challenger claims nothing. It asks what it does not know of the trace, and in the end shows one place where
/// a claim is not that function of the claims it depends on.
///
/// Safety: an honest accused can answer every question that may be asked, and no place of an honest trace can be shown to be
/// wrong. A wrong result has, in program order, a first claim that differs from an honest trace; all that it depends on is
/// right and known to an honest challenger, so it can be shown to be wrong. So one honest party with the inputs wins, whoever
/// and however many play against it. Assumed: the job's committed programs are what its nodes lower to (they check before they
/// work), and who plays gets a transaction in within its clock.
/// Liveness: every turn ends by its clock; challengers have a bounded number of moves.
///
/// What was answered under a commitment is known for good: later games on the same claim need no answer to the same question.
/// Answers other than of accumulators prove themselves and may come from anybody.
interface IDisputeGame is IArbiter {
    /// @param clockSeconds Time that each side has in all.
    /// @param extensionSeconds Time that each side has at least for its next move.
    /// @param moveBond What the challenger adds to its bond with every question that needs a new answer.
    struct Params {
        uint64 clockSeconds;
        uint64 extensionSeconds;
        uint128 moveBond;
    }

    enum Turn {
        Over,
        Accused,
        Challenger
    }

    /// @notice What a question is about; `level`, `number`, `count`, `root` of `Question` name the place.
    /// - `Claim`: the task and the trace's root. Answered by `claim`.
    /// - `Operators`: nodes below one in the tree of `count` operators. `answerNodes`.
    /// - `Operator`: results of operator `number`. `answerOperator`.
    /// - `Frames`: nodes below one in the tree of `count` frames of a loop or branch. `answerNodes`.
    /// - `Frame`: frame `number` of them. `answerFrame`.
    /// - `Hashes`: nodes below one in the BLAKE3 tree of a blob of `count` bytes. `answerNodes`.
    /// - `Chunk`: chunk `number` of it. `answerChunk`.
    /// - `States`: accumulators between the transitions from `number` on, `count` of them. `answerStates`.
    enum Topic {
        Claim,
        Operators,
        Operator,
        Frames,
        Frame,
        Hashes,
        Chunk,
        States
    }

    /// @param level Level of the node, 0 for leaves.
    /// @param number Which node, leaf, chunk or transition.
    /// @param count Leaves of the tree, bytes of the blob, transitions.
    /// @param shape What the answer must look like. Operator: 4 times the number of results, plus 1 for a loop or 2 for a branch.
    /// Frame: 2^32 times the number of parameters, plus that of results. States: number of accumulators.
    /// @param root What the answer must prove itself against; for States the identity of the chain.
    /// @param detail Operator: hash of the encoded operator. States: hash of the hashes of the accumulators at both ends.
    struct Question {
        Topic topic;
        uint8 level;
        uint64 number;
        uint64 count;
        uint64 shape;
        bytes32 root;
        bytes32 detail;
    }

    /// @notice What the accused claims of its task.
    /// @param program, func, inputs What the task's id hashes.
    /// @param outputs Ids of its outputs.
    /// @param lowered Root of the lowered program.
    /// @param proof That (`program`, `func`, `lowered`) is one of the job's programs.
    /// @param code The lowered program's last function, which is what a task calls.
    /// @param operators Root of the tree over the operators' leaves.
    struct Claim {
        bytes32 program;
        string func;
        bytes32[] inputs;
        bytes32[] outputs;
        bytes32 lowered;
        bytes32[] proof;
        Code code;
        bytes32 operators;
    }

    /// @notice A chain of transitions in which the accused's story breaks, if the challenger is right.
    /// @param result, element Which element of which result.
    /// @param accumulators Number of accumulators.
    /// @param steps Steps of the whole chain; transition 0 begins it, `steps` + 1 makes the element.
    /// @param first, count The transitions that are still in question.
    /// @param before, afterwards Hashes of the accumulators at both ends, eight bytes each, big-endian; nothing before transition
    /// 0, the element behind the last one.
    struct Chain {
        uint32 result;
        uint32 accumulators;
        uint64 element;
        uint64 steps;
        uint64 first;
        uint64 count;
        bytes32 before;
        bytes32 afterwards;
    }

    /// @param accusedSeconds, challengerSeconds Time left on the clocks when the turn began.
    /// @param since When the turn began.
    /// @param moves Moves of the challenger that did not end the game.
    /// @param subject What the game is about: hash of job, round and leaf.
    /// @param question The question to be answered.
    /// @param program Root of the lowered program.
    /// @param frame The evaluation that the challenger asks about.
    /// @param operator The question that opened an operator of the frame.
    /// @param op Hash of that operator's encoding.
    /// @param isControl Whether it is a loop or branch.
    struct Game {
        address accused;
        uint64 accusedSeconds;
        uint32 moves;
        address challenger;
        uint64 challengerSeconds;
        bool isControl;
        Turn turn;
        uint64 since;
        bytes32 subject;
        bytes32 question;
        bytes32 program;
        Frame frame;
        bytes32 operator;
        bytes32 op;
        Chain chain;
    }

    event GameOpened(uint256 indexed dispute, bytes32 indexed subject, address accused, address challenger, Turn turn);
    event Claimed(uint256 indexed dispute, bytes32 indexed subject, Claim claim);
    /// @param isKnown The answer was given before, so the challenger moves on.
    event Asked(uint256 indexed dispute, bytes32 indexed question, bool isKnown, Question details);
    /// @param answer The answering call's data.
    event Answered(uint256 indexed dispute, bytes32 indexed question, bytes answer);
    /// @notice What the game waited for was answered in another one.
    event Proceeded(uint256 indexed dispute);
    event Contested(uint256 indexed dispute, Chain chain);
    event Entered(uint256 indexed dispute, uint64 number, Frame frame);

    error InvalidParams(string what);
    error NotTheTurn(uint256 dispute, Turn turn);
    error NotThePlayer(address caller);
    error TimeIsUp(uint256 dispute);
    error TimeIsNotUp(uint256 dispute);
    error TooManyMoves(uint256 dispute);
    error NotAsked(bytes32 question);
    error NotAnswered(bytes32 question);
    error NoSuchPlace(uint256 level, uint256 number, uint256 count);
    error WrongTask(bytes32 computed, bytes32 task);
    error WrongOutputs(bytes32 computed, bytes32 outputs);
    error UnknownProgram(bytes32 program, string func, bytes32 lowered);
    error WrongLength(uint256 given, uint256 expected);
    error NotOneTransition(uint256 count);
    error NothingWrong();
    error NotConvicted(uint256 dispute);

    // --- the accused

    /// @notice Answers the first question. By the accused; what it claims holds for all games about the same leaf.
    function claim(uint256 dispute, Claim calldata claim_) external;

    /// @param nodes All nodes that stand 7 levels below the one asked for, or its leaves if they are nearer. The leaves of a blob's
    /// tree are its chunks' chaining values.
    /// @param siblings Beside the node asked for and above; in a blob's tree, where there are any.
    function answerNodes(
        uint256 dispute,
        Question calldata question,
        bytes32[] calldata nodes,
        bytes32[] calldata siblings
    ) external;

    /// @param results Ids of the operator's results.
    /// @param frames Number of frames of a loop (odd: conditions and bodies in turn) or branch (1), else 0.
    /// @param top The node above all frames.
    /// @param siblings Beside the operator's leaf and above.
    function answerOperator(
        uint256 dispute,
        Question calldata question,
        bytes32[] calldata results,
        uint64 frames,
        bytes32 top,
        bytes32[] calldata siblings
    ) external;

    function answerFrame(uint256 dispute, Question calldata question, Inner calldata inner) external;

    function answerChunk(uint256 dispute, Question calldata question, bytes calldata data, bytes32[] calldata siblings)
        external;

    /// @notice Claims accumulators. By the accused.
    /// @param states With p = `partsOf(count, accumulators)`, the accumulators before transition `first + count i / p` for i = 1
    /// to p - 1, eight bytes each.
    function answerStates(uint256 dispute, Question calldata question, bytes calldata states) external;

    // --- the challenger asks

    /// @notice Asks for nodes of the tree over the frame's operators.
    function askOperators(uint256 dispute, uint8 level, uint64 number) external;

    /// @notice Asks what operator `place` of the frame gave.
    /// @param op The encoded operator.
    /// @param siblings Beside it and above in the tree of the function's operators.
    function askOperator(uint256 dispute, uint64 place, bytes calldata op, bytes32[] calldata siblings) external;

    /// @notice Asks for nodes of the tree over the frames of the operator, a loop.
    function askFrames(uint256 dispute, Opened calldata opened, uint8 level, uint64 number) external;

    /// @notice Asks for frame `number` of the operator, a loop or branch.
    function askFrame(uint256 dispute, Opened calldata opened, uint64 number) external;

    /// @notice Asks for nodes of the BLAKE3 tree of one of the operator's results or, at level 0, for a chunk of it.
    function askBlob(uint256 dispute, Opened calldata opened, uint32 result, uint8 level, uint64 number) external;

    /// @notice Points at an element of a chunk that was answered, and asks for accumulators if there is more than one transition.
    function contest(uint256 dispute, Opened calldata opened, uint32 result, uint64 element, bytes calldata chunk)
        external;

    /// @notice Picks one of the parts between accumulators that were answered, and asks for more if it has more than one
    /// transition.
    function narrow(uint256 dispute, uint64 part, bytes calldata states) external;

    /// @notice Goes on in frame `number` of the operator.
    /// @param index For a branch: its operand 0.
    function enter(
        uint256 dispute,
        Opened calldata opened,
        uint64 number,
        Inner calldata inner,
        Code calldata code,
        Shown calldata index
    ) external;

    // --- the challenger shows what is wrong, and wins

    /// @notice Has the one transition left executed.
    function prove(uint256 dispute, bytes calldata op, bytes calldata before, Shown[] calldata shown) external;

    /// @notice Shows a fault of the frame, or of an operator that was answered.
    function accuse(uint256 dispute, Accusation calldata accusation) external;

    // --- anybody

    /// @notice Passes the turn to the challenger of a game that waits for what was answered in another one. The accused's cheap
    /// way out of many games at once.
    function proceed(uint256 dispute) external;

    /// @notice Ends a game whose clock has run out, against the side that should have moved; but goes on with a game that waits
    /// for what was answered in another one.
    function timeout(uint256 dispute) external;

    /// @notice Ends a game about a leaf that another game has convicted.
    function dismiss(uint256 dispute) external;

    function gameOf(uint256 dispute) external view returns (Game memory);

    /// @notice What was answered; zero if nothing was.
    function answerOf(bytes32 question) external view returns (bytes32);

    function questionId(Question calldata question) external pure returns (bytes32);

    /// @notice Parts into which an answer divides `count` transitions of a chain with so many accumulators.
    function partsOf(uint64 count, uint256 accumulators) external pure returns (uint64);
}
