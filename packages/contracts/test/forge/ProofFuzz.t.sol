// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AttestationFixture, AttestationProof, Entry, PacketAttestation, StateAttestation} from
    "./contracts/AttestationFixture.sol";
import {ReferenceClient} from "./contracts/ReferenceClient.sol";

/// The shipped client against the plain one: same success, same result, same revert data, on damaged proofs.
contract ProofFuzzTest is AttestationFixture {
    address internal target;
    ReferenceClient internal plain;

    function setUp() external {
        target = newClient(3, 5);
        plain = new ReferenceClient(attestorSet(5), 3, HEIGHT, TIMESTAMP);
    }

    /// The envelope is not signed, so anybody may damage it.
    function testFuzz_damagedEnvelope(uint256 seed, uint8 entryCount, uint8 damages) external {
        Entry[] memory entries = makeEntries(seed, 1 + entryCount % 6, 0);
        bytes memory proof = packetProof(HEIGHT, entries, 3 + seed % 3);
        for (uint256 i = 0; i < 1 + damages % 3; ++i) {
            proof = damage(proof, uint256(keccak256(abi.encode(seed, "damage", i))));
        }
        compareAll(seed, entries, proof);
    }

    /// A quorum signs data that is not what it should be.
    function testFuzz_damagedData(uint256 seed, uint8 entryCount, uint8 damages) external {
        Entry[] memory entries = makeEntries(seed, entryCount % 6, seed >> 8);
        bytes memory data = abi.encode(PacketAttestation(HEIGHT, entries));
        for (uint256 i = 0; i < damages % 3; ++i) {
            data = damage(data, uint256(keccak256(abi.encode(seed, "damage", i))));
        }
        compareAll(seed, entries, prove(PACKET_TAG, data, 3));
    }

    function testFuzz_damagedSignatures(uint256 seed) external {
        Entry[] memory entries = makeEntries(seed, 2, 0);
        AttestationProof memory proof = abi.decode(packetProof(HEIGHT, entries, seed % 6), (AttestationProof));
        bytes32 digest = digestOf(PACKET_TAG, proof.attestationData);
        for (uint256 i = 0; i < proof.signatures.length; ++i) {
            uint256 dice = uint256(keccak256(abi.encode(seed, "signature", i)));
            if (dice % 6 == 0) proof.signatures[i] = damage(proof.signatures[i], dice);
            if (dice % 6 == 1) proof.signatures[i] = signature(keyOf((dice >> 8) % 8), digest);
        }
        compareAll(seed, entries, abi.encode(proof));
    }

    function testFuzz_updates(uint256 seed) external {
        uint64 height = seed % 7 == 0 ? 0 : HEIGHT + uint64(seed % 3);
        uint64 timestamp = seed % 11 == 0 ? 0 : TIMESTAMP + uint64((seed >> 16) % 2);
        bytes memory data = abi.encode(StateAttestation(height, timestamp));
        if (seed % 5 == 0) data = damage(data, seed);
        bytes memory proof = prove(STATE_TAG, data, 3);
        if (seed % 5 == 1) proof = damage(proof, seed);
        bytes memory call_ = abi.encodeCall(client(target).updateClient, (proof));
        for (uint256 i = 0; i < 2; ++i) {
            compare(call_);
        }
        Entry[] memory entries = makeEntries(seed, 2, 0);
        compareAll(seed, entries, packetProof(HEIGHT, entries, 3));
    }

    function compareAll(uint256 seed, Entry[] memory entries, bytes memory proof) private {
        uint256 p = seed % 5;
        bytes32 value = keccak256(abi.encode("value", p));
        compare(abi.encodeCall(client(target).verifyMembership, (member(HEIGHT, pathOf(p), value, proof))));
        compare(abi.encodeCall(client(target).verifyNonMembership, (absent(HEIGHT, pathOf(p + 1), proof))));
        for (uint256 i = 0; i < 6; ++i) {
            value = keccak256(abi.encode("value", i));
            compare(abi.encodeCall(client(target).verifyMembership, (member(HEIGHT, pathOf(i), value, ""))));
            compare(abi.encodeCall(client(target).verifyNonMembership, (absent(HEIGHT, pathOf(i), ""))));
        }
        entries;
    }

    function compare(bytes memory call_) private {
        (bool ok, bytes memory result) = target.call(call_);
        (bool expected, bytes memory expectedResult) = address(plain).call(call_);
        check(ok == expected, "success");
        // abi.decode to memory panics over a length that no memory holds; reading in place has no such limit.
        if (expectedResult.length == 36 && bytes4(expectedResult) == 0x4e487b71) expectedResult = "";
        same(result, expectedResult, "result");
    }

    function makeEntries(uint256 seed, uint256 count, uint256 zeros) private pure returns (Entry[] memory entries) {
        entries = new Entry[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 p = (seed % 5 + i) % 5;
            bool isZero = (zeros >> i) & 1 == 1;
            entries[i] = Entry(keccak256(pathOf(p)), isZero ? bytes32(0) : keccak256(abi.encode("value", p)));
        }
    }

    function pathOf(uint256 i) private pure returns (bytes memory) {
        return abi.encodePacked("path", i);
    }

    /// @dev One of: cut, lengthen, change a byte, change a word to something an offset or length may be.
    function damage(bytes memory input, uint256 dice) private pure returns (bytes memory output) {
        uint256 kind = dice % 5;
        uint256 place = input.length == 0 ? 0 : (dice >> 8) % input.length;
        if (kind == 0) {
            output = new bytes(place);
            for (uint256 i = 0; i < place; ++i) {
                output[i] = input[i];
            }
            return output;
        }
        if (kind == 1) return bytes.concat(input, abi.encode(dice));
        output = bytes.concat(input);
        if (input.length < 32) return output;
        if (kind == 2) {
            output[place] = bytes1(uint8(dice >> 40));
            return output;
        }
        uint256[8] memory words = [
            uint256(0),
            0x20,
            (dice >> 48) % 512,
            32 * ((dice >> 48) % 16),
            input.length,
            type(uint64).max,
            uint256(1) << 64,
            type(uint256).max - (dice >> 60) % 512
        ];
        uint256 word = words[(dice >> 32) % 8];
        place = place / 32 * 32;
        if (place + 32 > input.length) place = 0;
        assembly {
            mstore(add(add(output, 0x20), place), word)
        }
    }
}
