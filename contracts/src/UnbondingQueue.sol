// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SharePool} from "./SharePool.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Requests to take stake out, each with its own time
/// @dev A request holds shares of a pool of all that is unbonding, so that a slash reaches every request without a loop.
/// Requests wait equally long, so the oldest is always the first that can be paid.
library UnbondingQueue {
    using SafeCast for uint256;
    using SharePool for SharePool.Pool;

    /// @param generation Of the pool that the shares are of.
    struct Request {
        uint160 shares;
        uint48 generation;
        uint48 releaseAt;
    }

    /// @param first Requests before it are paid.
    struct Queue {
        uint256 first;
        Request[] requests;
    }

    /// @notice Puts tokens, which leave what they were in, into the pool and the queue.
    function push(Queue storage queue, SharePool.Pool storage pool, uint256 tokens, uint256 releaseAt) internal {
        uint256 shares = pool.deposit(tokens);
        queue.requests
            .push(Request({shares: shares.toUint160(), generation: pool.generation, releaseAt: releaseAt.toUint48()}));
    }

    /// @notice Takes out the requests, at most `most`, that are to be released by now.
    /// @return tokens What they are worth.
    /// @return count Number of requests.
    function pop(Queue storage queue, SharePool.Pool storage pool, uint256 most)
        internal
        returns (uint256 tokens, uint256 count)
    {
        uint256 first = queue.first;
        uint256 length = queue.requests.length;
        while (count < most && first + count < length) {
            Request memory request = queue.requests[first + count];
            if (request.releaseAt > block.timestamp) break;
            delete queue.requests[first + count];
            ++count;
            if (request.generation == pool.generation) tokens += pool.redeem(request.shares);
        }
        queue.first = first + count;
    }

    /// @notice Number of requests that are not paid.
    function size(Queue storage queue) internal view returns (uint256) {
        return queue.requests.length - queue.first;
    }

    /// @notice The request number `index`, from the oldest that is not paid, and what it is worth.
    function peek(Queue storage queue, SharePool.Pool storage pool, uint256 index)
        internal
        view
        returns (uint256 tokens, uint64 releaseAt)
    {
        Request memory request = queue.requests[queue.first + index];
        if (request.generation == pool.generation) tokens = pool.worth(request.shares);
        releaseAt = request.releaseAt;
    }
}
