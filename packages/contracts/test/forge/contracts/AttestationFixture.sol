// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAttestationLightClient} from "contracts/interfaces/IAttestationLightClient.sol";
import {
    Height,
    ILightClient,
    MsgVerifyMembership,
    MsgVerifyNonMembership
} from "contracts/interfaces/ILightClient.sol";
import {TestBase} from "./TestBase.sol";

struct Entry {
    bytes32 path;
    bytes32 commitment;
}

struct StateAttestation {
    uint64 height;
    uint64 timestamp;
}

struct PacketAttestation {
    uint64 height;
    Entry[] packets;
}

struct AttestationProof {
    bytes attestationData;
    bytes[] signatures;
}

/// @title Attestors with known keys, and everything they sign
abstract contract AttestationFixture is TestBase {
    uint64 internal constant HEIGHT = 100;
    uint64 internal constant TIMESTAMP = 1_700_000_000;
    uint8 internal constant STATE_TAG = 1;
    uint8 internal constant PACKET_TAG = 2;

    function keyOf(uint256 i) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("attestor", i)));
    }

    function attestorSet(uint256 count) internal pure returns (address[] memory set) {
        set = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            set[i] = vm.addr(keyOf(i));
        }
    }

    function newClient(uint8 quorum, uint256 count) internal returns (address) {
        return newClient(attestorSet(count), quorum, address(0));
    }

    function newClient(address[] memory set, uint8 quorum, address roleManager) internal returns (address) {
        return deploy("attestationLightClient", abi.encode(set, quorum, HEIGHT, TIMESTAMP, roleManager));
    }

    function digestOf(uint8 tag, bytes memory data) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(tag, sha256(data)));
    }

    function signature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev The first `quorum` attestors sign.
    function signatures(uint8 tag, bytes memory data, uint256 quorum) internal pure returns (bytes[] memory list) {
        bytes32 digest = digestOf(tag, data);
        list = new bytes[](quorum);
        for (uint256 i = 0; i < quorum; ++i) {
            list[i] = signature(keyOf(i), digest);
        }
    }

    function prove(uint8 tag, bytes memory data, uint256 quorum) internal pure returns (bytes memory) {
        return abi.encode(AttestationProof(data, signatures(tag, data, quorum)));
    }

    function packetProof(uint64 height, Entry[] memory entries, uint256 quorum) internal pure returns (bytes memory) {
        return prove(PACKET_TAG, abi.encode(PacketAttestation(height, entries)), quorum);
    }

    function stateProof(uint64 height, uint64 timestamp, uint256 quorum) internal pure returns (bytes memory) {
        return prove(STATE_TAG, abi.encode(StateAttestation(height, timestamp)), quorum);
    }

    function one(bytes memory path, bytes32 commitment) internal pure returns (Entry[] memory entries) {
        entries = new Entry[](1);
        entries[0] = Entry(keccak256(path), commitment);
    }

    function two(bytes memory path1, bytes32 commitment1, bytes memory path2, bytes32 commitment2)
        internal
        pure
        returns (Entry[] memory entries)
    {
        entries = new Entry[](2);
        entries[0] = Entry(keccak256(path1), commitment1);
        entries[1] = Entry(keccak256(path2), commitment2);
    }

    function single(bytes memory path) internal pure returns (bytes[] memory paths) {
        paths = new bytes[](1);
        paths[0] = path;
    }

    function member(uint64 height, bytes memory path, bytes32 value, bytes memory proof)
        internal
        pure
        returns (MsgVerifyMembership memory)
    {
        return MsgVerifyMembership(proof, Height(0, height), single(path), abi.encode(value));
    }

    function absent(uint64 height, bytes memory path, bytes memory proof)
        internal
        pure
        returns (MsgVerifyNonMembership memory)
    {
        return MsgVerifyNonMembership(proof, Height(0, height), single(path));
    }

    function client(address target) internal pure returns (ILightClient) {
        return ILightClient(target);
    }

    function attestation(address target) internal pure returns (IAttestationLightClient) {
        return IAttestationLightClient(target);
    }
}
