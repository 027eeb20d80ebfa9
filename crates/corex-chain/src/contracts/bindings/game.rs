//! The dispute game and what its players show each other: `IDisputeGame.sol` and `DisputeTypes.sol`, whole.

use alloy::sol;

sol! {
    #[sol(abi)]
    #[derive(Debug)]
    interface Arithmetic {
        constructor(address transcendental);
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface Referee {
        constructor(address arithmetic);
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface Evidence {
        constructor(address referee, address blake3);
    }

    #[derive(Debug)]
    struct GameParams { uint64 clockSeconds; uint64 extensionSeconds; uint128 moveBond; }

    #[derive(Debug)]
    enum Turn { Over, Accused, Challenger }

    #[derive(Debug)]
    enum Topic { Claim, Operators, Operator, Frames, Frame, Hashes, Chunk, States }

    #[derive(Debug)]
    enum Fault { Result, Reinterpretation, Parameter, Condition, Outcome }

    #[derive(Debug)]
    struct Frame {
        bytes32 code;
        bytes32 header;
        bytes32 parameters;
        bytes32 results;
        bytes32 operators;
        uint64 count;
    }

    #[derive(Debug)]
    struct Code { uint64 functions; bytes32[] siblings; bytes header; uint64 count; bytes32 top; }

    #[derive(Debug)]
    struct Opened { bytes op; bytes32[] results; uint64 frames; bytes32 top; }

    #[derive(Debug)]
    struct Inner { bytes32[] parameters; bytes32[] results; bytes32 operators; bytes32[] siblings; }

    #[derive(Debug)]
    struct Source { bytes32[] words; bytes32[] siblings; }

    #[derive(Debug)]
    struct Chunk { uint64 index; bytes data; bytes32[] siblings; }

    #[derive(Debug)]
    struct Shown { uint32 operand; Source source; Chunk[] chunks; }

    #[derive(Debug)]
    struct Accusation {
        Fault fault;
        Opened opened;
        uint64 number;
        Inner inner;
        Inner previous;
        uint256 position;
        Source source;
        bytes header;
        bytes32[] results;
    }

    #[derive(Debug)]
    struct Question {
        Topic topic;
        uint8 level;
        uint64 number;
        uint64 count;
        uint64 shape;
        bytes32 root;
        bytes32 detail;
    }

    #[derive(Debug)]
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

    #[derive(Debug)]
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

    #[derive(Debug)]
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

    #[sol(abi)]
    #[derive(Debug)]
    interface DisputeGame {
        constructor(
            address settlement,
            address referee,
            address blake3,
            address blobTree,
            address evidence,
            GameParams params
        );
        event GameOpened(uint256 indexed dispute, bytes32 indexed subject, address accused, address challenger, Turn turn);
        event Claimed(uint256 indexed dispute, bytes32 indexed subject, Claim claim);
        event Asked(uint256 indexed dispute, bytes32 indexed question, bool isKnown, Question details);
        event Answered(uint256 indexed dispute, bytes32 indexed question, bytes answer);
        event Proceeded(uint256 indexed dispute);
        event Contested(uint256 indexed dispute, Chain chain);
        event Entered(uint256 indexed dispute, uint64 number, Frame frame);
        function claim(uint256 dispute, Claim claim_) external;
        function answerNodes(uint256 dispute, Question question, bytes32[] nodes, bytes32[] siblings) external;
        function answerOperator(uint256 dispute, Question question, bytes32[] results, uint64 frames, bytes32 top, bytes32[] siblings) external;
        function answerFrame(uint256 dispute, Question question, Inner inner) external;
        function answerChunk(uint256 dispute, Question question, bytes data, bytes32[] siblings) external;
        function answerStates(uint256 dispute, Question question, bytes states) external;
        function askOperators(uint256 dispute, uint8 level, uint64 number) external;
        function askOperator(uint256 dispute, uint64 place, bytes op, bytes32[] siblings) external;
        function askFrames(uint256 dispute, Opened opened, uint8 level, uint64 number) external;
        function askFrame(uint256 dispute, Opened opened, uint64 number) external;
        function askBlob(uint256 dispute, Opened opened, uint32 result, uint8 level, uint64 number) external;
        function contest(uint256 dispute, Opened opened, uint32 result, uint64 element, bytes chunk) external;
        function narrow(uint256 dispute, uint64 part, bytes states) external;
        function enter(uint256 dispute, Opened opened, uint64 number, Inner inner, Code code, Shown index) external;
        function prove(uint256 dispute, bytes op, bytes before, Shown[] shown) external;
        function accuse(uint256 dispute, Accusation accusation) external;
        function proceed(uint256 dispute) external;
        function timeout(uint256 dispute) external;
        function dismiss(uint256 dispute) external;
        function gameOf(uint256 dispute) external view returns (Game memory);
        function answerOf(bytes32 question) external view returns (bytes32);
        function questionId(Question question) external pure returns (bytes32);
        function partsOf(uint64 count, uint256 accumulators) external pure returns (uint64);
        function maxSeconds() external view returns (uint64);
    }
}
