// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Work} from "../../src/Work.sol";
import {Trace} from "../../src/dispute/Trace.sol";
import {Accusation, Fault, Inner, Opened, Shown, Source} from "../../src/interfaces/DisputeTypes.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IReferee} from "../../src/interfaces/IReferee.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {Leaf, PROVIDER, Ruling} from "../../src/interfaces/Types.sol";
import {Blob, Run, Step} from "./Oracle.sol";
import {Programs} from "./Program.sol";
import {Tasks} from "./Tasks.sol";
import {Trees} from "./Trees.sol";

/// @dev Whole games on the lowered programs of vectors/lowered, and what players may try.
contract DisputeGameTest is Tasks {
    address internal cheater;
    address internal finder;

    function setUp() public override {
        super.setUp();
        cheater = provider("cheater");
        // Anyone with stake may challenge.
        finder = registered("finder", PROVIDER);
        stakeFor(finder, 100_000e18);
    }

    // --- scenes

    /// @dev A committed statement of `story` by `node`.
    function stated(Task memory t, Run memory story, address node)
        internal
        returns (bytes32 job, uint64 round, Leaf[] memory leaf)
    {
        job = openExactJob(t.program);
        leaf = one(statement(story, node));
        round = committedAndDrawn(job, leaf);
    }

    function disputed(Task memory t, Run memory story) internal returns (uint256) {
        (bytes32 job, uint64 round, Leaf[] memory leaf) = stated(t, story, cheater);
        return challenge(finder, job, round, leaf, 0);
    }

    function assertRuled(uint256 dispute, Ruling expected) internal view {
        (bool over, Ruling ruling) = resolved(dispute);
        assertTrue(over, "not over");
        assertEq(uint8(ruling), uint8(expected), "ruling");
        assertEq(uint8(turn(dispute)), uint8(IDisputeGame.Turn.Over));
    }

    function wins(Task memory t, Run memory story) internal returns (uint256 dispute) {
        dispute = disputed(t, story);
        assertTrue(play(dispute, t, story), "the challenger has something to show");
        assertRuled(dispute, Ruling.Guilty);
        stakeFor(cheater, PROVIDER_STAKE);
    }

    // --- a wrong result loses

    /// @dev Every operator of a program in turn, at some element, with lies at some place of its chain.
    function everyOperator(string memory name) internal {
        Task memory t = taskOf(name);
        uint256 operators = evaluated;
        assertGt(operators, 0);
        for (uint256 i; i < operators; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(name, i)));
            lieAt = seed % 300;
            Run memory story = cheated(t, i, seed >> 16);
            if (frameRoot(story) == frameRoot(t.truth)) continue;
            wins(t, story);
        }
    }

    function test_everyOperator_elementwise() public {
        everyOperator("elementwise");
    }

    function test_everyOperator_movement() public {
        everyOperator("movement");
    }

    function test_everyOperator_products() public {
        everyOperator("products");
    }

    function test_everyOperator_reductions() public {
        everyOperator("reductions");
    }

    function test_everyOperator_scatters() public {
        everyOperator("scatters");
    }

    function test_everyOperator_sorting() public {
        everyOperator("sorting");
    }

    function test_everyOperator_control() public {
        everyOperator("control");
    }

    /// @dev Everything is computed right, and other outputs are stated.
    function test_outputsThatAreNotTheTraces() public {
        Task memory t = taskOf("elementwise");
        Run memory story = again(t);
        story.results[3] = spoiled(story.results[3], 5);
        wins(t, story);
    }

    function test_reinterpretationThatChangesBytes() public {
        Task memory t = taskOf("movement");
        Run memory story = again(t);
        for (uint256 i; i < story.steps.length; ++i) {
            bytes memory op = t.program.funcs[story.func].ops[i];
            if (referee.outline(op).kind != IReferee.Kind.Reinterpret) continue;
            story.steps[i].results[0] = spoiled(story.steps[i].results[0], 3);
            link(t.program, story);
            wins(t, story);
            return;
        }
        fail();
    }

    // --- loops and branches

    function test_loopThatEndsTooEarly() public {
        Task memory t = taskOf("control");
        Run memory story = again(t);
        Step memory loop = story.steps[loopOf(t)];
        assertGt(loop.frames.length, 3);
        loop.frames = head(loop.frames, loop.frames.length - 2);
        loop.results = loop.frames[loop.frames.length - 2].results;
        link(t.program, story);
        wins(t, story);
    }

    function test_loopThatGoesOnTooLong() public {
        Task memory t = taskOf("control");
        Run memory story = again(t);
        Step memory loop = story.steps[loopOf(t)];
        uint256 count = loop.frames.length;
        Run[] memory longer = new Run[](count + 2);
        for (uint256 i; i < count; ++i) {
            longer[i] = loop.frames[i];
        }
        // One more body, and a condition.
        longer[count] = loop.frames[count - 2];
        longer[count + 1] = loop.frames[count - 1];
        loop.frames = longer;
        wins(t, story);
    }

    function test_loopWithAWrongParameter() public {
        Task memory t = taskOf("control");
        for (uint256 k; k < 4; ++k) {
            for (uint256 i; i < 2; ++i) {
                Run memory story = again(t);
                Run[] memory frames = story.steps[loopOf(t)].frames;
                if (i >= frames[k].parameters.length) continue;
                Blob[] memory parameters = copied(frames[k].parameters);
                parameters[i] = spoiled(parameters[i], i);
                frames[k] = run(t.program, frames[k].func, parameters);
                wins(t, story);
            }
        }
    }

    function test_loopWithAnotherOutcome() public {
        Task memory t = taskOf("control");
        Run memory story = again(t);
        Step memory loop = story.steps[loopOf(t)];
        Blob[] memory results = copied(loop.results);
        results[results.length - 1] = spoiled(results[results.length - 1], 0);
        loop.results = results;
        link(t.program, story);
        wins(t, story);
    }

    function test_frameWithOtherResultsThanItsOperators() public {
        Task memory t = taskOf("control");
        Run memory story = again(t);
        Run[] memory frames = story.steps[loopOf(t)].frames;
        Blob[] memory results = new Blob[](1);
        results[0] = blob(hex"00");
        frames[2].results = results;
        wins(t, story);
    }

    /// @dev A function without operators has nothing that could be asked about, so what stands for it must be empty.
    function test_nothingHidesInAFunctionWithoutOperators() public {
        // main(x) returns x, an f32.
        bytes memory text = hex"010000000100000001" hex"0b00000000" hex"00000001" hex"00000000000b00000000"
            hex"0000000000000000";
        Task memory t;
        t.program = Programs.decode(text);
        Blob[] memory inputs = new Blob[](1);
        inputs[0] = blob(hex"0000803f");
        t.truth = honest(t.program, inputs);
        uint256 dispute = disputed(t, t.truth);
        IDisputeGame.Claim memory c = claimOf(t.program, t.truth);
        c.operators = keccak256("junk");
        refusedClaim(dispute, c, Trace.Mismatch.selector);
        claim(dispute, t, t.truth);
        assertFalse(accuseResults(dispute, t.program, t.truth));
        Run memory story = again(t);
        story.results[0] = blob(hex"0000003f");
        wins(t, story);
    }

    // --- a right result wins

    function test_anHonestAccusedCannotBeBeaten() public {
        Task memory t = taskOf("reductions");
        Run memory story = again(t);
        uint256 dispute = disputed(t, story);
        claim(dispute, t, story);
        // Asks for an element of every operator, down to one transition.
        for (uint256 i; i < t.truth.steps.length; ++i) {
            assertFalse(insist(dispute, t.program, story, i), "an honest claim was shown to be wrong");
        }
        uint256 bonded = vault.accountOf(finder).bonded;
        assertEq(bonded, BOND + answers * MOVE_BOND, "each answer was paid for");
        uint256 stake = vault.stakeOf(finder);
        vm.warp(block.timestamp + CLOCK + 1);
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.TimeIsUp.selector, dispute));
        vm.prank(finder);
        game.askOperators(dispute, 1, 0);
        game.timeout(dispute);
        assertRuled(dispute, Ruling.Innocent);
        assertEq(vault.stakeOf(finder), stake - bonded, "the whole bond is lost");
        assertEq(token.balanceOf(ownerOf("cheater")), bonded * FINDER_BPS / 10_000, "and repays the accused");
        assertEq(vault.stakeOf(cheater), PROVIDER_STAKE);
    }

    function test_challengerThatIsWrongCannotAccuse() public {
        Task memory t = taskOf("control");
        uint256 dispute = disputed(t, t.truth);
        claim(dispute, t, t.truth);
        assertFalse(accuseResults(dispute, t.program, t.truth));
        uint256 place = loopOf(t);
        Opened memory opened = openOperator(dispute, t.program, t.truth, place);
        Run[] memory frames = t.truth.steps[place].frames;
        for (uint64 k; k < frames.length; ++k) {
            Accusation memory a = accusation(Fault.Parameter, opened);
            (a.number, a.inner) = (k, innerOf(frames, k));
            if (k > 0) a.previous = innerOf(frames, k - 1);
            else a.source = sourceOf(t.truth, referee.operandOf(opened.op, 0));
            assertFalse(_accuse(dispute, a));
            if (k % 2 == 1) continue;
            a.fault = Fault.Condition;
            assertFalse(_accuse(dispute, a));
        }
        Accusation memory outcome = accusation(Fault.Outcome, opened);
        outcome.inner = innerOf(frames, frames.length - 2);
        assertFalse(_accuse(dispute, outcome));
    }

    // --- silence

    /// @dev At every move of a game, whoever should make it and does not, loses.
    function test_silenceLosesAtEveryMove() public {
        Task memory t = taskOf("control");
        stalls = true;
        wins(t, cheated(t, 6, 0));
        assertGt(stalled, 10);
    }

    function test_lastMomentMovesGetAnExtension() public {
        Task memory t = taskOf("elementwise");
        uint256 dispute = disputed(t, t.truth);
        vm.warp(block.timestamp + CLOCK);
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.TimeIsNotUp.selector, dispute));
        game.timeout(dispute);
        claim(dispute, t, t.truth);
        assertEq(game.gameOf(dispute).accusedSeconds, EXTENSION);
        assertEq(game.gameOf(dispute).challengerSeconds, CLOCK);
    }

    function test_aGameIsOverInTime() public {
        Task memory t = taskOf("elementwise");
        uint256 dispute = disputed(t, t.truth);
        uint256 start = block.timestamp;
        vm.warp(block.timestamp + CLOCK);
        claim(dispute, t, t.truth);
        vm.warp(block.timestamp + CLOCK);
        bytes memory op = t.program.funcs[t.truth.func].ops[0];
        bytes32[] memory siblings = Trees.siblings(opHashes(t.program.funcs[t.truth.func]), 0, 0);
        // The same question again and again, which is known behind the first time.
        openOperator(dispute, t.program, t.truth, 0);
        for (uint256 i = 1; i < 96; ++i) {
            vm.warp(block.timestamp + EXTENSION);
            vm.prank(finder);
            game.askOperator(dispute, 0, op, siblings);
        }
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.TooManyMoves.selector, dispute));
        vm.prank(finder);
        game.askOperator(dispute, 0, op, siblings);
        vm.warp(block.timestamp + EXTENSION + 1);
        game.timeout(dispute);
        assertRuled(dispute, Ruling.Innocent);
        assertLe(block.timestamp - start, game.maxSeconds());
    }

    // --- many players

    /// @dev What was answered once is known: a second challenger on the same way costs the accused nothing.
    function test_manyChallengersCostOneAnswer() public {
        Task memory t = taskOf("reductions");
        Run memory story = cheated(t, 3, 77);
        (bytes32 job, uint64 round, Leaf[] memory leaf) = stated(t, story, cheater);
        uint256 first = challenge(finder, job, round, leaf, 0);
        address other = verifier("other", 10_000e18);
        uint256 second = challenge(other, job, round, leaf, 0);

        assertTrue(play(first, t, story));
        assertRuled(first, Ruling.Guilty);
        uint256 answered = answers;
        uint256 stake = vault.stakeOf(cheater);
        // The claim counts for the second game, too: the accused cannot be timed out for what it said elsewhere.
        vm.warp(block.timestamp + CLOCK + 1);
        game.timeout(second);
        assertEq(uint8(turn(second)), uint8(IDisputeGame.Turn.Challenger));
        assertTrue(play(second, t, story));
        assertEq(answers, answered, "nothing had to be answered again");
        assertRuled(second, Ruling.Dismissed);
        assertEq(vault.stakeOf(cheater), stake, "convicted once");
        assertEq(vault.accountOf(other).bonded, 0, "bond returned");
        assertEq(registry.nodeOf(cheater).faults, 1);
        assertEq(settlement.voidedUnits(job, round, cheater), 10);
    }

    function test_furtherGamesAboutAConvictedLeafAreDismissed() public {
        Task memory t = taskOf("elementwise");
        Run memory story = cheated(t, 0, 1);
        (bytes32 job, uint64 round, Leaf[] memory leaf) = stated(t, story, cheater);
        uint256 first = challenge(finder, job, round, leaf, 0);
        address other = verifier("other", 10_000e18);
        uint256 second = challenge(other, job, round, leaf, 0);
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.NotConvicted.selector, second));
        game.dismiss(second);
        assertTrue(play(first, t, story));
        game.dismiss(second);
        assertRuled(second, Ruling.Dismissed);
        assertEq(vault.stakeOf(other), 10_000e18);
        assertEq(settlement.roundOf(job, round).openDisputes, 0);
        bytes memory signature = signed(job, leaf[0]);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlement.LeafNotOpen.selector, Work.leafHash(leaf[0]), ISettlement.LeafState.Voided
            )
        );
        vm.prank(other);
        settlement.challenge(job, round, leaf[0], new bytes32[](0), signature);
    }

    /// @dev An accomplice that challenges and loses on purpose shields nothing.
    function test_losingOnPurposeShieldsNobody() public {
        Task memory t = taskOf("elementwise");
        Run memory story = cheated(t, 2, 9);
        (bytes32 job, uint64 round, Leaf[] memory leaf) = stated(t, story, cheater);
        address accomplice = verifier("accomplice", 10_000e18);
        uint256 staged = challenge(accomplice, job, round, leaf, 0);
        bytes memory signature = signed(job, leaf[0]);
        vm.expectRevert(
            abi.encodeWithSelector(ISettlement.AlreadyChallenging.selector, Work.leafHash(leaf[0]), accomplice)
        );
        vm.prank(accomplice);
        settlement.challenge(job, round, leaf[0], new bytes32[](0), signature);
        claim(staged, t, story);
        vm.warp(block.timestamp + CHALLENGE_SECONDS);
        uint256 dispute = challenge(finder, job, round, leaf, 0);
        vm.warp(block.timestamp + CLOCK - CHALLENGE_SECONDS + 1);
        game.timeout(staged);
        assertRuled(staged, Ruling.Innocent);
        assertEq(
            uint8(settlement.leafStateOf(job, round, Work.leafHash(leaf[0]))), uint8(ISettlement.LeafState.Disputed)
        );
        assertTrue(play(dispute, t, story));
        assertRuled(dispute, Ruling.Guilty);
        settle(job, round, leaf);
        assertEq(token.balanceOf(ownerOf("cheater")), BOND * uint256(FINDER_BPS) / 10_000, "not paid for the leaf");
    }

    function test_waitingGamesProceed() public {
        Task memory t = taskOf("elementwise");
        (bytes32 job, uint64 round, Leaf[] memory leaf) = stated(t, t.truth, cheater);
        uint256 first = challenge(finder, job, round, leaf, 0);
        uint256 second = challenge(verifier("other", 10_000e18), job, round, leaf, 0);
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.NotAnswered.selector, bytes32(0)));
        game.proceed(second);
        claim(first, t, t.truth);
        game.proceed(second);
        assertEq(uint8(turn(second)), uint8(IDisputeGame.Turn.Challenger));
        assertEq(game.gameOf(second).frame.operators, operatorsRoot(t.truth));
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.NotAnswered.selector, bytes32(0)));
        game.proceed(second);
    }

    // --- who may do what

    function test_movesOutOfTurn() public {
        Task memory t = taskOf("elementwise");
        uint256 dispute = disputed(t, t.truth);
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.NotTheTurn.selector, dispute, IDisputeGame.Turn.Accused));
        vm.prank(finder);
        game.askOperators(dispute, 1, 0);

        IDisputeGame.Claim memory c = claimOf(t.program, t.truth);
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.NotThePlayer.selector, finder));
        vm.prank(finder);
        game.claim(dispute, c);
        claim(dispute, t, t.truth);
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.NotTheTurn.selector, dispute, IDisputeGame.Turn.Challenger));
        vm.prank(cheater);
        game.claim(dispute, c);
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.NotThePlayer.selector, cheater));
        vm.prank(cheater);
        game.askOperators(dispute, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.NotOneTransition.selector, 0));
        vm.prank(finder);
        game.prove(dispute, "", "", new Shown[](0));
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.NotTheTurn.selector, 1000, IDisputeGame.Turn.Over));
        game.timeout(1000);
        vm.expectRevert(abi.encodeWithSignature("NotArbiter(address)", finder));
        vm.prank(finder);
        settlement.rule(dispute, Ruling.Guilty);
        vm.expectRevert(abi.encodeWithSignature("NotArbiter(address)", finder));
        vm.prank(finder);
        settlement.raiseBond(dispute, 1);
    }

    function refusedClaim(uint256 dispute, IDisputeGame.Claim memory c, bytes4 why) internal {
        vm.expectPartialRevert(why);
        vm.prank(cheater);
        game.claim(dispute, c);
    }

    /// @dev Another program, other inputs, other outputs: the claim is bound to the task that was signed.
    function test_claimsThatAreNotOfTheTask() public {
        Task memory t = taskOf("elementwise");
        uint256 dispute = disputed(t, t.truth);
        IDisputeGame.Claim memory c = claimOf(t.program, t.truth);
        c.inputs[1] = c.inputs[0];
        refusedClaim(dispute, c, IDisputeGame.WrongTask.selector);
        c = claimOf(t.program, t.truth);
        c.func = "other";
        refusedClaim(dispute, c, IDisputeGame.WrongTask.selector);
        c = claimOf(t.program, t.truth);
        c.outputs[0] = 0;
        refusedClaim(dispute, c, IDisputeGame.WrongOutputs.selector);
        c = claimOf(t.program, t.truth);
        c.lowered = keccak256("another");
        refusedClaim(dispute, c, IDisputeGame.UnknownProgram.selector);
        c = claimOf(t.program, t.truth);
        c.code.header = "";
        refusedClaim(dispute, c, Trace.Mismatch.selector);
        c = claimOf(t.program, t.truth);
        ++c.code.count;
        refusedClaim(dispute, c, Trace.Mismatch.selector);
        Task memory other = taskOf("products");
        c = claimOf(t.program, t.truth);
        c.code = codeOf(other.program, other.truth.func);
        refusedClaim(dispute, c, Trace.Mismatch.selector);
        claim(dispute, t, t.truth);
    }

    function refusedAsk(uint256 dispute, bytes memory call, bytes4 why) internal {
        vm.prank(challenger(dispute));
        (bool ok, bytes memory returned_) = address(game).call(call);
        assertFalse(ok);
        assertEq(bytes4(returned_), why);
    }

    /// @dev Only what is there can be asked for, or an honest accused would have nothing to answer.
    function test_questionsAboutWhatIsNotThere() public {
        Task memory t = taskOf("elementwise");
        uint256 dispute = disputed(t, t.truth);
        claim(dispute, t, t.truth);
        bytes4 no = IDisputeGame.NoSuchPlace.selector;
        uint256 height = Trace.height(t.truth.steps.length);
        refusedAsk(dispute, abi.encodeCall(IDisputeGame.askOperators, (dispute, uint8(height + 1), 0)), no);
        refusedAsk(dispute, abi.encodeCall(IDisputeGame.askOperators, (dispute, uint8(height), 1)), no);
        refusedAsk(dispute, abi.encodeCall(IDisputeGame.askOperators, (dispute, 0, 0)), no);
        refusedAsk(dispute, abi.encodeCall(IDisputeGame.askOperators, (dispute, 255, 0)), no);

        bytes memory op = t.program.funcs[t.truth.func].ops[0];
        bytes32[] memory siblings = Trees.siblings(opHashes(t.program.funcs[t.truth.func]), 0, 0);
        bytes4 mismatch = Trace.Mismatch.selector;
        refusedAsk(dispute, abi.encodeCall(IDisputeGame.askOperator, (dispute, 1, op, siblings)), mismatch);
        uint64 beyond = uint64(t.truth.steps.length);
        bytes memory call = abi.encodeCall(IDisputeGame.askOperator, (dispute, beyond, op, siblings));
        refusedAsk(dispute, call, Trace.NoSuchNode.selector);
        Opened memory opened = openedOf(op, t.truth.steps[0]);
        call = abi.encodeCall(IDisputeGame.askBlob, (dispute, opened, 0, 0, 0));
        refusedAsk(dispute, call, mismatch);

        opened = openOperator(dispute, t.program, t.truth, 0);
        refusedAsk(dispute, abi.encodeCall(IDisputeGame.askBlob, (dispute, opened, 0, 0, 1)), no);
        refusedAsk(dispute, abi.encodeCall(IDisputeGame.askBlob, (dispute, opened, 0, 1, 0)), no);
        refusedAsk(dispute, abi.encodeCall(IDisputeGame.askFrame, (dispute, opened, 0)), no);
        call = abi.encodeCall(IDisputeGame.contest, (dispute, opened, 0, 0, t.truth.steps[0].results[0].data));
        refusedAsk(dispute, call, IDisputeGame.NotAnswered.selector);
        bytes memory chunk = openChunk(dispute, opened, 0, t.truth.steps[0].results[0].data, 0);
        call = abi.encodeCall(IDisputeGame.contest, (dispute, opened, 0, 1 << 40, chunk));
        refusedAsk(dispute, call, bytes4(keccak256("OutOfRange(uint256,uint256)")));
        chunk[0] ^= 0x01;
        call = abi.encodeCall(IDisputeGame.contest, (dispute, opened, 0, 0, chunk));
        refusedAsk(dispute, call, IDisputeGame.NotAnswered.selector);
        opened.results[0] = 0;
        call = abi.encodeCall(IDisputeGame.askBlob, (dispute, opened, 0, 0, 0));
        refusedAsk(dispute, call, IDisputeGame.NotAnswered.selector);
    }

    /// @dev Nobody changes the story in the middle of the game.
    function test_answersThatAreNotOfTheClaim() public {
        Task memory t = taskOf("elementwise");
        uint256 dispute = disputed(t, t.truth);
        claim(dispute, t, t.truth);
        bytes32[] memory tree = leaves(t.truth);
        uint8 level = uint8(Trace.height(tree.length));
        IDisputeGame.Question memory q = _ask(dispute, abi.encodeCall(IDisputeGame.askOperators, (dispute, level, 0)));
        bytes32[] memory siblings = new bytes32[](0);
        vm.expectPartialRevert(IDisputeGame.WrongLength.selector);
        game.answerNodes(dispute, q, siblings, siblings);
        (tree[0], tree[1]) = (tree[1], tree[0]);
        vm.expectPartialRevert(Trace.Mismatch.selector);
        game.answerNodes(dispute, q, tree, siblings);
        (tree[0], tree[1]) = (tree[1], tree[0]);
        vm.expectPartialRevert(Trace.WrongShape.selector);
        game.answerNodes(dispute, q, tree, tree);
        // The right answer to another question.
        IDisputeGame.Question memory other = q;
        other.root = Trees.root(siblingsOf(tree));
        other.count = 2;
        other.level = 1;
        bytes32[] memory two_ = siblingsOf(tree);
        vm.expectPartialRevert(IDisputeGame.NotAsked.selector);
        game.answerNodes(dispute, other, two_, siblings);
        assertEq(uint8(turn(dispute)), uint8(IDisputeGame.Turn.Accused));
    }

    function siblingsOf(bytes32[] memory tree) internal pure returns (bytes32[] memory two_) {
        two_ = new bytes32[](2);
        (two_[0], two_[1]) = (tree[0], tree[1]);
    }

    /// @dev Answers prove themselves, so anybody may give them; accumulators are the accused's word.
    function test_onlyTheAccusedSpeaksOfAccumulators() public {
        Task memory t = taskOf("products");
        uint256 dispute = disputed(t, t.truth);
        claim(dispute, t, t.truth);
        Opened memory opened = openOperator(dispute, t.program, t.truth, 0);
        bytes memory chunk = openChunk(dispute, opened, 0, t.truth.steps[0].results[0].data, 0);
        IDisputeGame.Question memory q =
            _ask(dispute, abi.encodeCall(IDisputeGame.contest, (dispute, opened, 0, 0, chunk)));
        bytes memory states = new bytes((game.partsOf(q.count, 1) - 1) * 8);
        vm.expectRevert(abi.encodeWithSelector(IDisputeGame.NotThePlayer.selector, stranger));
        vm.prank(stranger);
        game.answerStates(dispute, q, states);
        vm.expectPartialRevert(IDisputeGame.WrongLength.selector);
        vm.prank(cheater);
        game.answerStates(dispute, q, new bytes(8));
        vm.prank(cheater);
        game.answerStates(dispute, q, states);
        bytes memory call = abi.encodeCall(IDisputeGame.narrow, (dispute, 0, new bytes(states.length + 8)));
        refusedAsk(dispute, call, IDisputeGame.NotAnswered.selector);
        call = abi.encodeCall(IDisputeGame.narrow, (dispute, 1 << 40, states));
        refusedAsk(dispute, call, IDisputeGame.NoSuchPlace.selector);
    }
}
