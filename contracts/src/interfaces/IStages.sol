// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Roles of the AccessManager. What each may do is which functions `GovernanceGenesis` gave it; zero is ADMIN.
uint64 constant ROLE_PARAMETERS = 1;
uint64 constant ROLE_PAUSE = 2;
uint64 constant ROLE_LIFT = 3;
uint64 constant ROLE_RESET = 4;
uint64 constant ROLE_TREASURY = 5;
uint64 constant ROLE_INCENTIVES = 6;
uint64 constant ROLE_UPGRADE = 7;
uint64 constant ROLES = 7;

/// @notice Who decides: committees first, then votes together with committees, then the votes alone.
enum Stage {
    Committees,
    Vote,
    Dao
}

/// @notice The accounts that hold roles. A zero address is a seat that nobody has: its roles are held by nobody.
/// @param executive Parameters, and lifting pauses, until the vote has them.
/// @param operations The incentive fund, until the vote has it.
/// @param security Pauses and vote resets, in all stages.
/// @param timelock What executes votes.
struct Seats {
    address executive;
    address operations;
    address security;
    address timelock;
}

/// @notice One-way transitions between the stages of governance.
/// @dev It is ADMIN of the AccessManager until the last transition, and has no function that uses this but `advance`, which moves
/// the roles as `holderOf` says. Anyone may call it once the published condition holds; nothing leads back.
///
/// Safety: nobody gets a role other than by the table of `holderOf`. After the last transition this contract is ADMIN no more.
/// Liveness: `advance` needs nobody's consent.
interface IStages {
    /// @param voteAfter Unix time before which votes do not begin.
    /// @param voteMinStake Tokens that must be staked when votes begin.
    /// @param daoAfter Unix time before which the last stage does not begin.
    /// @param daoMinProposals Decisive proposals there must have been before the last stage.
    /// @param executiveDelay Seconds between scheduling and executing a change of parameters by the executive committee.
    /// @param daoIsAdmin Whether the timelock becomes ADMIN in the last stage. If not, nobody is, for ever.
    struct Params {
        uint48 voteAfter;
        uint128 voteMinStake;
        uint48 daoAfter;
        uint32 daoMinProposals;
        uint32 executiveDelay;
        bool daoIsAdmin;
    }

    event Advanced(Stage indexed stage);

    error InvalidParams(string what);
    error TooEarly(Stage next, uint48 notBefore);
    error TooLittleStake(uint256 staked, uint256 needed);
    error TooFewDecisiveProposals(uint256 decisive, uint256 needed);
    error LastStage();

    /// @notice Enters the next stage. By anyone, once its condition holds.
    function advance() external;

    function stage() external view returns (Stage);

    /// @notice The AccessManager whose roles this moves.
    function manager() external view returns (address);

    /// @notice Whose decisive proposals count for the last transition.
    function governor() external view returns (address);

    /// @notice Who holds `role` in `stage`: zero for nobody.
    function holderOf(uint64 role, Stage stage) external view returns (address);

    function seats() external view returns (Seats memory);

    function params() external view returns (Params memory);
}
