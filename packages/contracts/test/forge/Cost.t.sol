// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AttestationFixture} from "./contracts/AttestationFixture.sol";

contract CostTest is AttestationFixture {
    /// peers.md #12: finding doubled signers must not grow with the square of their number.
    function test_costOfASignatureDoesNotGrowWithTheirNumber() external {
        uint256 few = _cost(8);
        uint256 many = _cost(64);
        check(many / 64 <= few / 8, "a signature among 64 costs no more than one among 8");
    }

    function _cost(uint8 count) private returns (uint256) {
        address target = newClient(count, count);
        bytes memory proof = packetProof(HEIGHT, one("path", keccak256("value")), count);
        uint256 before = gasleft();
        client(target).verifyMembership(member(HEIGHT, "path", keccak256("value"), proof));
        return before - gasleft();
    }
}
