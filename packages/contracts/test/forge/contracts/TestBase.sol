// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";

/// @title Checks, and contracts deployed from the committed artifacts
abstract contract TestBase {
    /// @dev Tells forge that a contract holds tests.
    bool public constant IS_TEST = true;

    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    error Failed(string what, bytes32 actual, bytes32 expected);

    function check(bool condition, string memory what) internal pure {
        if (!condition) revert Failed(what, 0, bytes32(uint256(1)));
    }

    function same(uint256 actual, uint256 expected, string memory what) internal pure {
        if (actual != expected) revert Failed(what, bytes32(actual), bytes32(expected));
    }

    function same(bytes32 actual, bytes32 expected, string memory what) internal pure {
        if (actual != expected) revert Failed(what, actual, expected);
    }

    function same(bytes memory actual, bytes memory expected, string memory what) internal pure {
        if (keccak256(actual) != keccak256(expected)) revert Failed(what, keccak256(actual), keccak256(expected));
    }

    function bound(uint256 value, uint256 min, uint256 max) internal pure returns (uint256) {
        return min + value % (max - min + 1);
    }

    /// @param name The name of an artifact constant without the word Artifact.
    function deploy(string memory name, bytes memory args) internal returns (address deployed) {
        bytes memory code = bytes.concat(vm.getCode(string.concat("packages/contracts/cache/artifacts/", name, ".json")), args);
        assembly {
            deployed := create(0, add(code, 0x20), mload(code))
        }
        if (deployed == address(0)) {
            assembly {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }
}
