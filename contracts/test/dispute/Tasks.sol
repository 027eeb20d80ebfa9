// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Opened} from "../../src/interfaces/DisputeTypes.sol";
import {IReferee} from "../../src/interfaces/IReferee.sol";
import {Blob, Run} from "./Oracle.sol";
import {Players} from "./Players.sol";
import {Program, Programs} from "./Program.sol";

/// @dev The tasks of vectors/lowered, honest runs of them and wrong ones.
abstract contract Tasks is Players {
    string private json;

    /// @dev A task of one of the programs.
    function taskOf(string memory name) internal returns (Task memory t) {
        json = vm.readFile(string.concat("../vectors/lowered/", name, ".json"));
        t.program = Programs.decode(vm.parseJsonBytes(json, ".program"));
        uint256 count;
        while (vm.keyExistsJson(json, input(count, ""))) ++count;
        Blob[] memory inputs = new Blob[](count);
        for (uint256 i; i < count; ++i) {
            inputs[i] = blob(vm.parseJsonBytes(json, input(i, ".blob")));
        }
        t.truth = honest(t.program, inputs);
    }

    function input(uint256 i, string memory field) internal pure returns (string memory) {
        return string.concat(".inputs[", vm.toString(i), "]", field);
    }

    function honest(Program memory p, Blob[] memory inputs) internal returns (Run memory) {
        cheatIn = type(uint256).max;
        evaluated = 0;
        return run(p, p.funcs.length - 1, inputs);
    }

    /// @dev A run in which the operator that is evaluated as number `place` is wrong.
    function cheated(Task memory t, uint256 place, uint256 seed) internal returns (Run memory) {
        (cheatIn, cheatSeed, evaluated) = (place, seed, 0);
        return run(t.program, t.program.funcs.length - 1, t.truth.parameters);
    }

    /// @dev The same run once more, to be changed.
    function again(Task memory t) internal returns (Run memory) {
        return cheated(t, type(uint256).max, 0);
    }

    /// @dev The first loop of the program with its position.
    function loopOf(Task memory t) internal view returns (uint256 place) {
        while (referee.outline(t.program.funcs[t.truth.func].ops[place]).kind != IReferee.Kind.While) ++place;
    }

    function copied(Blob[] memory blobs) internal pure returns (Blob[] memory list) {
        list = new Blob[](blobs.length);
        for (uint256 i; i < list.length; ++i) {
            list[i] = blobs[i];
        }
    }

    /// @dev A challenger that contests the first element of an operator, although there is nothing wrong with it.
    function insist(uint256 dispute, Program memory p, Run memory story, uint256 place) internal returns (bool) {
        Opened memory opened = openOperator(dispute, p, story, place);
        if (referee.outline(opened.op).kind > IReferee.Kind.Merge) return false;
        lieAt = 1000;
        bytes memory chunk = openChunk(dispute, opened, 0, story.steps[place].results[0].data, 0);
        return chain(Spot(dispute, p, story, story, place, opened), 0, 0, chunk);
    }
}
