// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArbiter} from "../../src/interfaces/IArbiter.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {Ruling} from "../../src/interfaces/Types.sol";
import {Oversteps} from "./Oversteps.sol";

/// @dev What nobody may do in games and auctions.
contract GameOversteps is Oversteps {
    /// @dev Moves out of turn, too late, or of somebody else; ends that nothing calls for.
    function playWrongly(uint256 which) external {
        uint256 dispute = _game(which);
        if (dispute == 0) return;
        Match storage m = _matches[dispute];
        address g = address(game);
        bool inTime = block.timestamp <= m.since + _left(m);
        if (!_isAnswered(m)) {
            mustRefuse("went on without an answer", stranger, g, abi.encodeCall(game.proceed, (dispute)));
            if (inTime) mustRefuse("ended a game early", stranger, g, abi.encodeCall(game.timeout, (dispute)));
        }
        if (!settlement.isConvicted(dispute)) {
            mustRefuse("dismissed a game", stranger, g, abi.encodeCall(game.dismiss, (dispute)));
        }
        if (m.turn == IDisputeGame.Turn.Accused) _answerWrongly(dispute, m, inTime);
        if (m.next < stories[m.story].moves) _askWrongly(dispute, m, inTime);
        bytes memory rule = abi.encodeCall(settlement.rule, (dispute, Ruling.Innocent));
        mustRefuse("ruled on its own game", m.accused, address(settlement), rule);
        bytes memory raise = abi.encodeCall(settlement.raiseBond, (dispute, 1));
        mustRefuse("raised a bond", m.accused, address(settlement), raise);
        IArbiter.Case memory details;
        mustRefuse("opened a game", m.accused, g, abi.encodeCall(game.open, (dispute, details)));
    }

    function _answerWrongly(uint256 dispute, Match storage m, bool inTime) private {
        bytes memory call = callOf(dispute, m.story, m.pending);
        if (m.pending == 0) mustRefuse("claimed for another", m.challenger, address(game), call);
        if (!inTime) mustRefuse("answered too late", m.accused, address(game), call);
        // The answer to a question of another game, or a claim in place of an answer.
        call = callOf(dispute, m.story, m.pending == 0 ? 2 : 0);
        mustRefuse("answered something else", m.accused, address(game), call);
    }

    function _askWrongly(uint256 dispute, Match storage m, bool inTime) private {
        if (rehearsal.moveOf(m.story, m.next).byAccused) return;
        bytes memory call = callOf(dispute, m.story, m.next);
        mustRefuse("moved for the challenger", m.accused, address(game), call);
        if (m.turn == IDisputeGame.Turn.Accused) mustRefuse("moved out of turn", m.challenger, address(game), call);
        else if (!inTime) mustRefuse("moved too late", m.challenger, address(game), call);
    }

    /// @dev A game that is over stays over.
    function playOnBehindTheEnd(uint256 which) external {
        uint256 count = settlement.disputeCount();
        if (count == 0) return;
        uint256 dispute = 1 + which % count;
        Match storage m = _matches[dispute];
        if (m.accused == address(0) || m.turn != IDisputeGame.Turn.Over) return;
        address g = address(game);
        mustRefuse("ended a game twice", stranger, g, abi.encodeCall(game.timeout, (dispute)));
        mustRefuse("dismissed what is over", stranger, g, abi.encodeCall(game.dismiss, (dispute)));
        mustRefuse("revived a game", stranger, g, abi.encodeCall(game.proceed, (dispute)));
        uint256 moves = stories[m.story].moves;
        bool byAccused = rehearsal.moveOf(m.story, which % moves).byAccused;
        bytes memory call = callOf(dispute, m.story, which % moves);
        mustRefuse("moved behind the end", byAccused ? m.accused : m.challenger, g, call);
    }

    function buyWrongly(uint256 which) external {
        address asset = _assets[which % 3];
        uint256 lot = _sales[asset].lot;
        address b = address(burner);
        mustRefuse("sold the token", stranger, b, abi.encodeCall(burner.start, (address(token))));
        if (token.balanceOf(b) == 0) mustRefuse("burned nothing", stranger, b, abi.encodeCall(burner.burn, ()));
        if (_held(asset, b) == lot) mustRefuse("started again", stranger, b, abi.encodeCall(burner.start, (asset)));
        bytes memory buy = abi.encodeCall(burner.buy, (asset, 0, type(uint256).max, bidder));
        if (lot == 0) mustRefuse("bought what is not for sale", buyer, b, buy);
        else _bidWrongly(asset, lot, buy);
    }

    function _bidWrongly(address asset, uint256 lot, bytes memory buy) private {
        uint256 price = burner.priceOf(asset);
        mustRefuse("bought without paying", stranger, address(burner), buy);
        vm.prank(buyer);
        token.approve(address(burner), price - 1);
        mustRefuse("bought for less", buyer, address(burner), buy);
        vm.prank(buyer);
        token.approve(address(burner), type(uint256).max);
        buy = abi.encodeCall(burner.buy, (asset, lot, price - 1, bidder));
        mustRefuse("bought above the limit", buyer, address(burner), buy);
        buy = abi.encodeCall(burner.buy, (asset, lot + 1, type(uint256).max, bidder));
        mustRefuse("bought less than was expected", buyer, address(burner), buy);
    }
}
