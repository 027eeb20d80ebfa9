// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Work} from "../../src/Work.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IJobEscrow} from "../../src/interfaces/IJobEscrow.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {Leaf, Ruling} from "../../src/interfaces/Types.sol";
import {Move, Rehearsal, Story} from "./Rehearsal.sol";
import {Working} from "./Working.sol";

/// @dev Games about the leaves of exact jobs, right and wrong ones, many at a time. Nodes that stated what is right, and some others,
/// answer before their clock runs out, whatever is asked; some challengers of what is wrong do as well. All others move now and then.
/// Whoever plays fair never loses.
abstract contract Gaming is Working {
    /// @dev A game as it must stand, worked out apart from the contract.
    struct Match {
        uint256 story;
        bytes32 subject;
        address accused;
        address challenger;
        /// @dev Plays in time.
        bool isDiligent;
        /// @dev Asks in any order.
        bool jumps;
        IDisputeGame.Turn turn;
        /// @dev The challenger's next move, and the answer that it waits for.
        uint256 next;
        uint256 pending;
        bytes32 question;
        uint256 since;
        uint256 accusedLeft;
        uint256 challengerLeft;
        uint256 moves;
    }

    Rehearsal internal rehearsal;
    Story[] public stories;
    bytes32[] internal _exactJobs;
    mapping(bytes32 outputs => uint256 numberPlusOne) private _storyOf;
    mapping(uint256 dispute => Match) internal _matches;
    mapping(bytes32 subject => bool) private _claimed;
    mapping(bytes32 subject => mapping(uint256 move => bool)) private _answered;
    mapping(bytes32 subject => mapping(address challenger => bool)) private _challenging;

    // --- actions

    /// @dev Up to four challenges of leaves of an exact job; if there are none to challenge, some are committed first.
    function quarrel(uint256 seed, uint256 who) external {
        bytes32 job = _exactJobs[seed % _exactJobs.length];
        uint64 count = settlement.roundCount(job);
        uint64 round;
        while (round < count && _stageOf(job, round) != Stage.Drawn) ++round;
        if (round == count) {
            _commitRound(job, seed);
            if (settlement.roundCount(job) == count) return;
            draw(job, round);
        }
        for (uint256 i; i <= who % 4; ++i) {
            who = uint256(keccak256(abi.encode(who)));
            _accuseExact(job, round, (seed >> (64 + 32 * (i / 2))) % _leaves[job][round].length, who);
        }
    }

    /// @dev Some moves of one game, by whoever's turn it is.
    function playOn(uint256 which, uint256 seed) external {
        uint256 dispute = _game(which);
        if (dispute == 0) return;
        for (uint256 i = seed % 16; i > 0; --i) {
            seed = uint256(keccak256(abi.encode(seed)));
            Match storage m = _matches[dispute];
            if (m.jumps && m.turn == IDisputeGame.Turn.Challenger && seed % 2 == 0) _jump(dispute, m, seed >> 8);
            else if (!_move(dispute)) return;
        }
    }

    /// @dev What anybody can do when a clock has run out, or another game has decided.
    function callTime(uint256 which, bool byTimeout) external {
        uint256 dispute = _game(which);
        if (dispute != 0) _callTime(dispute, byTimeout);
    }

    // --- moves

    function _move(uint256 dispute) private returns (bool) {
        Match storage m = _matches[dispute];
        if (m.turn == IDisputeGame.Turn.Over) return false;
        return m.turn == IDisputeGame.Turn.Accused ? _answer(dispute, m) : _attack(dispute, m);
    }

    function _answer(uint256 dispute, Match storage m) private returns (bool) {
        if (_isAnswered(m)) {
            game.proceed(dispute);
            _proceeded(m);
            return true;
        }
        if (block.timestamp > m.since + m.accusedLeft) return false;
        (bool ok, bytes memory why) = _try(dispute, m.accused, m.story, m.pending);
        if (!ok) _revertWith(why);
        if (m.question == 0) _claimed[m.subject] = true;
        else _answered[m.subject][m.pending] = true;
        m.accusedLeft = _leftBehind(m.since, m.accusedLeft);
        (m.since, m.question, m.turn) = (block.timestamp, 0, IDisputeGame.Turn.Challenger);
        return true;
    }

    /// @dev The next move in order. Nothing else can be asked when there is none.
    function _attack(uint256 dispute, Match storage m) private returns (bool) {
        if (block.timestamp > m.since + m.challengerLeft) return false;
        uint256 count = stories[m.story].moves;
        while (m.next < count && rehearsal.moveOf(m.story, m.next).byAccused) ++m.next;
        if (m.next == count) return false;
        Move memory move = rehearsal.moveOf(m.story, m.next);
        if (!move.isLast) {
            if (!_ask(dispute, m, m.next)) return false;
        } else {
            assertEq(_accuse(dispute, m, m.next), move.holds, "shown to be wrong or not");
        }
        ++m.next;
        return true;
    }

    /// @dev Any move. Most are refused.
    function _jump(uint256 dispute, Match storage m, uint256 seed) private {
        if (block.timestamp > m.since + m.challengerLeft) return;
        uint256 number = seed % stories[m.story].moves;
        Move memory move = rehearsal.moveOf(m.story, number);
        if (move.byAccused) return;
        if (move.isLast) _accuse(dispute, m, number);
        else if (rehearsal.moveOf(m.story, number + 1).byAccused) _ask(dispute, m, number);
    }

    function _ask(uint256 dispute, Match storage m, uint256 number) private returns (bool) {
        if (vault.accountOf(m.challenger).active < MOVE_BOND) {
            if (!m.isDiligent) return false;
            _stake(m.challenger, 10 * MOVE_BOND);
        }
        (bool ok, bytes memory why) = _try(dispute, m.challenger, m.story, number);
        if (!ok) {
            if (!m.jumps) _revertWith(why);
            return false;
        }
        m.challengerLeft = _leftBehind(m.since, m.challengerLeft);
        m.since = block.timestamp;
        ++m.moves;
        IDisputeGame.Game memory g = game.gameOf(dispute);
        if (g.turn == IDisputeGame.Turn.Challenger) return true;
        assertTrue(rehearsal.moveOf(m.story, number + 1).byAccused, "nothing to answer");
        assertFalse(_answered[m.subject][number + 1], "asked again for what is known");
        (m.turn, m.question, m.pending) = (IDisputeGame.Turn.Accused, g.question, number + 1);
        bondOf[dispute] += MOVE_BOND;
        return true;
    }

    /// @dev The move that ends a game, if it shows something.
    function _accuse(uint256 dispute, Match storage m, uint256 number) private returns (bool ok) {
        Stakes memory before = beforeRuling(dispute);
        bytes memory why;
        (ok, why) = _try(dispute, m.challenger, m.story, number);
        if (ok) _over(dispute, m, before);
        else if (!m.jumps) assertEq(bytes4(why), IDisputeGame.NothingWrong.selector, "refused for another reason");
    }

    function _callTime(uint256 dispute, bool byTimeout) private {
        Match storage m = _matches[dispute];
        if (_isAnswered(m)) {
            if (byTimeout) game.timeout(dispute);
            else game.proceed(dispute);
            _proceeded(m);
            return;
        }
        Stakes memory before = beforeRuling(dispute);
        if (before.convicted) {
            game.dismiss(dispute);
        } else {
            if (block.timestamp <= m.since + _left(m)) return;
            game.timeout(dispute);
            Ruling expected = m.turn == IDisputeGame.Turn.Accused ? Ruling.Guilty : Ruling.Innocent;
            assertEq(uint8(settlement.disputeOf(dispute).ruling), uint8(expected), "whose time is up loses");
        }
        _over(dispute, m, before);
    }

    // --- what follows

    function _over(uint256 dispute, Match storage m, Stakes memory before) private {
        ISettlement.Dispute memory d = settlement.disputeOf(dispute);
        assertFalse(d.open, "a game is over and its dispute is not");
        bool isTrue = stories[m.story].isTrue;
        assertFalse(isTrue && d.ruling == Ruling.Guilty, "who worked honestly was convicted");
        assertFalse(!isTrue && m.isDiligent && d.ruling == Ruling.Innocent, "who challenged honestly lost");
        assertEq(d.ruling == Ruling.Dismissed, before.convicted, "a leaf is convicted once");
        m.turn = IDisputeGame.Turn.Over;
        _challenging[m.subject][m.challenger] = false;
        _noteRuling(dispute, before);
    }

    function _proceeded(Match storage m) private {
        uint256 spent = block.timestamp - m.since;
        uint256 left = m.accusedLeft > spent ? m.accusedLeft - spent : 0;
        m.accusedLeft = left < EXTENSION ? EXTENSION : left;
        (m.since, m.question, m.turn) = (block.timestamp, 0, IDisputeGame.Turn.Challenger);
    }

    function _leftBehind(uint256 since, uint256 left) private view returns (uint256) {
        left -= block.timestamp - since;
        return left < EXTENSION ? EXTENSION : left;
    }

    // --- time

    /// @dev Whoever plays in time moves before the clock has run out; then it is `time`.
    function _goTo(uint256 time) internal override {
        uint256 count = settlement.disputeCount();
        for (uint256 dispute = 1; dispute <= count; ++dispute) {
            while (_isPressed(_matches[dispute], time) && _move(dispute)) {}
        }
        vm.warp(time);
    }

    function _isPressed(Match storage m, uint256 time) private view returns (bool) {
        if (m.turn == IDisputeGame.Turn.Over) return false;
        bool isAccused = m.turn == IDisputeGame.Turn.Accused;
        // By chance, but the same in all games about a leaf.
        bool plays = isAccused ? stories[m.story].isTrue || uint256(m.subject) % 2 == 0 : m.isDiligent;
        return plays && time > m.since + _left(m);
    }

    /// @dev Every game ends, by calls that anybody can make.
    function _finishGames() internal {
        uint256 count = settlement.disputeCount();
        for (uint256 dispute = 1; dispute <= count; ++dispute) {
            Match storage m = _matches[dispute];
            for (uint256 k; m.turn != IDisputeGame.Turn.Over; ++k) {
                assertLt(k, 300, "a game does not end");
                uint256 end = m.since + _left(m);
                _goTo((end > block.timestamp ? end : block.timestamp) + 1);
                if (m.turn != IDisputeGame.Turn.Over) _callTime(dispute, k % 2 == 0);
            }
        }
    }

    // --- inside

    /// @dev Before the network is deployed.
    function _rehearse() internal {
        rehearsal = new Rehearsal();
        rehearsal.setUp();
        for (uint256 i; i < rehearsal.storyCount(); ++i) {
            stories.push(rehearsal.storyOf(i));
            assertEq(_storyOf[stories[i].outputs], 0);
            _storyOf[stories[i].outputs] = i + 1;
        }
    }

    /// @dev Of the first program in the stories, or the last one.
    function _openExact(bool first) internal {
        IJobEscrow.Terms memory t = exactTerms(stories[first ? 0 : stories.length - 1].programs);
        (t.deadline, t.insured) = (type(uint64).max, first);
        _exactJobs.push(openJob(t, BUDGET));
        jobs.push(_exactJobs[_exactJobs.length - 1]);
    }

    function _newLeaf(bytes32 job, uint256 seed) internal view override returns (Leaf memory leaf) {
        bytes32 programs = escrow.programsOf(job);
        if (programs == 0) return super._newLeaf(job, seed);
        uint256 story = seed % stories.length;
        for (uint256 again = seed; stories[story].programs != programs; story = again % stories.length) {
            again = uint256(keccak256(abi.encode(again)));
        }
        return Leaf(stories[story].task, stories[story].outputs, _node(seed >> 16), uint64(1 + (seed >> 32) % 100));
    }

    function _accuseExact(bytes32 job, uint64 round, uint256 index, uint256 who) private {
        Leaf[] memory leaves = _leaves[job][round];
        bytes32 hash = Work.leafHash(leaves[index]);
        bytes32 subject = keccak256(abi.encode(job, round, hash));
        address challenger = _node(who);
        if (challenger == leaves[index].node || _challenging[subject][challenger]) return;
        if (vault.accountOf(challenger).active < BOND) return;
        if (settlement.leafStateOf(job, round, hash) == ISettlement.LeafState.Voided) return;
        uint256 dispute = challenge(challenger, job, round, leaves, index);
        bondOf[dispute] = BOND;
        _challenging[subject][challenger] = true;
        Match storage m = _matches[dispute];
        m.story = _storyOf[leaves[index].outputsHash] - 1;
        (m.subject, m.accused, m.challenger) = (subject, leaves[index].node, challenger);
        m.jumps = stories[m.story].isTrue && stories[m.story].isFlat && (who >> 8) % 2 == 0;
        m.isDiligent = !m.jumps && (who >> 16) % 4 != 0;
        m.turn = _claimed[subject] ? IDisputeGame.Turn.Challenger : IDisputeGame.Turn.Accused;
        (m.since, m.accusedLeft, m.challengerLeft) = (block.timestamp, CLOCK, CLOCK);
    }

    /// @dev Whether another game got what this one waits for.
    function _isAnswered(Match storage m) internal view returns (bool) {
        if (m.turn != IDisputeGame.Turn.Accused) return false;
        return m.question == 0 ? _claimed[m.subject] : game.answerOf(m.question) != 0;
    }

    function _left(Match storage m) internal view returns (uint256) {
        return m.turn == IDisputeGame.Turn.Accused ? m.accusedLeft : m.challengerLeft;
    }

    /// @dev An open one, zero if there is none.
    function _game(uint256 seed) internal view returns (uint256) {
        uint256 count = settlement.disputeCount();
        for (uint256 i; i < count; ++i) {
            uint256 dispute = 1 + (seed % 1e9 + i) % count;
            if (_matches[dispute].turn != IDisputeGame.Turn.Over) return dispute;
        }
        return 0;
    }

    function _try(uint256 dispute, address who, uint256 story, uint256 number)
        private
        returns (bool, bytes memory returned_)
    {
        bytes memory call = callOf(dispute, story, number);
        vm.prank(who);
        return address(game).call(call);
    }

    /// @dev A rehearsed move as a move of this game.
    function callOf(uint256 dispute, uint256 story, uint256 number) internal view returns (bytes memory data) {
        data = rehearsal.moveOf(story, number).call;
        assembly ("memory-safe") {
            mstore(add(data, 0x24), dispute)
        }
        if (bytes4(data) != IDisputeGame.answerStates.selector) return data;
        // Accumulators are claims about one leaf.
        bytes memory arguments = new bytes(data.length - 4);
        assembly ("memory-safe") {
            mcopy(add(arguments, 0x20), add(data, 0x24), mload(arguments))
        }
        (, IDisputeGame.Question memory q, bytes memory states) =
            abi.decode(arguments, (uint256, IDisputeGame.Question, bytes));
        IDisputeGame.Game memory g = game.gameOf(dispute);
        q.root = keccak256(abi.encode(g.subject, g.operator, g.chain.result, g.chain.element));
        return abi.encodeCall(IDisputeGame.answerStates, (dispute, q, states));
    }

    function _revertWith(bytes memory why) private pure {
        assembly ("memory-safe") {
            revert(add(why, 0x20), mload(why))
        }
    }

    // --- for the invariants

    function matchOf(uint256 dispute) external view returns (Match memory) {
        return _matches[dispute];
    }

    /// @dev What the bonds of a node must come to.
    function bondsOf(address node) external view returns (uint256 sum) {
        uint256 count = settlement.disputeCount();
        for (uint256 dispute = 1; dispute <= count; ++dispute) {
            ISettlement.Dispute memory d = settlement.disputeOf(dispute);
            if (d.open && d.challenger == node) sum += bondOf[dispute];
        }
    }
}
