// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Packet} from "../interfaces/IBCMessages.sol";
import {IICS26Router} from "../interfaces/IICS26Router.sol";

/// @notice A packet with one payload as its ABI encoding in memory.
/// @dev A receive needs the encoding three times (receipt, callback, event) and every field once more to be hashed.
/// Written once and copied from, it costs a fifth of what three encodings from calldata cost.
struct PacketImage {
    /// @dev Where the tuple begins. The word before it is 0x20, so that from there it reads as `abi.encode(packet)`.
    uint256 begin;
    /// @dev Bytes of the tuple.
    uint256 length;
    /// @dev Offsets from `begin` of the two strings, and of the array of payloads, which follow each other.
    uint256 destClient;
    uint256 payloads;
}

/// @title Writes and reads packet images
library PacketImages {
    uint256 internal constant SOURCE_CLIENT = 0xa0;

    /// @notice Encodes a packet, and reverts unless it has one payload.
    /// @dev Nothing behind the end of calldata is read as part of a field; see `CalldataFields`.
    function encode(Packet calldata packet) internal pure returns (PacketImage memory image) {
        uint256 payload;
        uint256 payloadCount;
        assembly ("memory-safe") {
            payload := add(packet, calldataload(add(packet, 0x80)))
            payloadCount := calldataload(payload)
            payload := add(payload, 0x20)
            payload := add(payload, calldataload(payload))
        }
        require(payloadCount == 1, IICS26Router.IBCMultiPayloadPacketNotSupported());
        assembly ("memory-safe") {
            // Copies the bytes whose offset from `base` stands at `head` to `to`, with length and zero padding.
            function copyField(base, head, to) -> next {
                let from := add(base, calldataload(head))
                let length := calldataload(from)
                from := add(from, 0x20)
                if or(shr(64, length), gt(add(from, length), calldatasize())) { revert(0, 0) }
                let padded := and(add(length, 0x1f), not(0x1f))
                mstore(add(to, padded), 0)
                mstore(to, length)
                next := add(to, 0x20)
                calldatacopy(next, from, length)
                next := add(next, padded)
            }

            let lead := mload(0x40)
            mstore(lead, 0x20)
            let begin := add(lead, 0x20)
            calldatacopy(begin, packet, 0x80)
            if shr(64, or(mload(begin), mload(add(begin, 0x60)))) { revert(0, 0) }
            mstore(add(begin, 0x20), SOURCE_CLIENT)
            let at := copyField(packet, add(packet, 0x20), add(begin, SOURCE_CLIENT))
            let offset := sub(at, begin)
            mstore(add(begin, 0x40), offset)
            mstore(add(image, 0x40), offset)
            at := copyField(packet, add(packet, 0x40), at)
            offset := sub(at, begin)
            mstore(add(begin, 0x80), offset)
            mstore(add(image, 0x60), offset)
            mstore(at, 1)
            mstore(add(at, 0x20), 0x20)
            let tuple := add(at, 0x40)
            at := add(tuple, 0xa0)
            for { let i := 0 } lt(i, 0xa0) { i := add(i, 0x20) } {
                mstore(add(tuple, i), sub(at, tuple))
                at := copyField(payload, add(payload, i), at)
            }
            mstore(image, begin)
            mstore(add(image, 0x20), sub(at, begin))
            mstore(0x40, at)
        }
    }

    /// @notice The identifier of the packet's source client.
    function sourceId(PacketImage memory image) internal pure returns (string memory id) {
        assembly ("memory-safe") {
            id := add(mload(image), SOURCE_CLIENT)
        }
    }

    /// @notice The identifier of the packet's destination client.
    function destinationId(PacketImage memory image) internal pure returns (string memory id) {
        assembly ("memory-safe") {
            id := add(mload(image), mload(add(image, 0x40)))
        }
    }

    /// @notice The port of the app that sent the packet.
    function sourcePort(PacketImage memory image) internal pure returns (string memory port) {
        assembly ("memory-safe") {
            let tuple := add(add(mload(image), mload(add(image, 0x60))), 0x40)
            port := add(tuple, mload(tuple))
        }
    }

    /// @notice The port of the app that the packet is for.
    function destPort(PacketImage memory image) internal pure returns (string memory port) {
        assembly ("memory-safe") {
            let tuple := add(add(mload(image), mload(add(image, 0x60))), 0x40)
            port := add(tuple, mload(add(tuple, 0x20)))
        }
    }

    /// @notice Unix seconds.
    function timeoutTimestamp(PacketImage memory image) internal pure returns (uint64 timeout) {
        assembly ("memory-safe") {
            timeout := mload(add(mload(image), 0x60))
        }
    }

    /// @notice keccak256(abi.encode(packet)).
    function hash(PacketImage memory image) internal pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            digest := keccak256(sub(mload(image), 0x20), add(mload(add(image, 0x20)), 0x20))
        }
    }

    /// @notice The commitment of the packet: see `ICS24Host.packetCommitment`.
    function commitment(PacketImage memory image) internal view returns (bytes32 digest) {
        assembly ("memory-safe") {
            let begin := mload(image)
            let buffer := mload(0x40)
            let ok := 1
            let tuple := add(add(begin, mload(add(image, 0x60))), 0x40)
            for { let i := 0 } lt(i, 0xa0) { i := add(i, 0x20) } {
                let field := add(tuple, mload(add(tuple, i)))
                ok := and(ok, staticcall(gas(), 2, add(field, 0x20), mload(field), add(buffer, i), 0x20))
            }
            // 0x02 || sha256(destClient) || sha256(be64(timeout)) || sha256(sha256(the five hashes))
            let payloads := add(buffer, 0x41)
            ok := and(ok, staticcall(gas(), 2, buffer, 0xa0, payloads, 0x20))
            ok := and(ok, staticcall(gas(), 2, payloads, 0x20, payloads, 0x20))
            ok := and(ok, staticcall(gas(), 2, add(begin, 0x78), 0x08, add(buffer, 0x21), 0x20))
            let destClient := add(begin, mload(add(image, 0x40)))
            ok := and(ok, staticcall(gas(), 2, add(destClient, 0x20), mload(destClient), add(buffer, 0x01), 0x20))
            mstore8(buffer, 0x02)
            ok := and(ok, staticcall(gas(), 2, buffer, 0x61, 0x00, 0x20))
            if iszero(ok) { revert(0, 0) }
            digest := mload(0x00)
        }
    }

    /// @notice The path of one of the packet's commitments.
    /// @param client Offset of the client's identifier in the image.
    function path(PacketImage memory image, uint256 client, uint8 kind) internal pure returns (bytes memory result) {
        assembly ("memory-safe") {
            let begin := mload(image)
            let id := add(begin, client)
            let length := mload(id)
            result := mload(0x40)
            let end := add(add(result, 0x20), length)
            mcopy(add(result, 0x20), add(id, 0x20), length)
            mstore(end, or(shl(248, kind), shl(184, mload(begin))))
            mstore(result, add(length, 9))
            // Nine bytes of the last word written belong to the path, the rest is zero and pads it.
            mstore(add(end, 0x20), 0)
            mstore(0x40, and(add(end, 0x28), not(0x1f)))
        }
    }

    /// @notice keccak256 of a path, without keeping the path.
    function hashedPath(PacketImage memory image, uint256 client, uint8 kind) internal pure returns (bytes32 key) {
        assembly ("memory-safe") {
            let begin := mload(image)
            let id := add(begin, client)
            let length := mload(id)
            let buffer := mload(0x40)
            mcopy(buffer, add(id, 0x20), length)
            mstore(add(buffer, length), or(shl(248, kind), shl(184, mload(begin))))
            key := keccak256(buffer, add(length, 9))
        }
    }

    /// @notice keccak256 of a client's identifier, as an event's topic.
    function clientHash(PacketImage memory image, uint256 client) internal pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            let id := add(mload(image), client)
            digest := keccak256(add(id, 0x20), mload(id))
        }
    }
}
