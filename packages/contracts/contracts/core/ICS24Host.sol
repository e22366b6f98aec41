// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIBCStore} from "../interfaces/IICS26Router.sol";
import {Packet, Payload} from "../interfaces/IBCMessages.sol";

/// @title Paths and commitments of IBC v2
/// @notice Everything that both chains must compute alike, to the byte.
library ICS24Host {
    /// @dev Second part of a path.
    uint8 internal constant PACKET = 0x01;
    uint8 internal constant RECEIPT = 0x02;
    uint8 internal constant ACKNOWLEDGEMENT = 0x03;

    /// @dev First byte of the pre-image of every commitment.
    uint8 private constant COMMITMENT_VERSION = 0x02;

    /// @dev sha256("UNIVERSAL_ERROR_ACKNOWLEDGEMENT"): what a receiver that failed acknowledges.
    bytes32 internal constant UNIVERSAL_ERROR_ACK = 0x4774d4a575993f963b1c06573736617a457abef8589178db8d10c94b4ab511ab;

    /// @notice clientId || kind || be64(sequence).
    function path(string memory clientId, uint8 kind, uint64 sequence) internal pure returns (bytes memory) {
        return abi.encodePacked(clientId, kind, sequence);
    }

    /// @notice keccak256 of the path, the key of the commitment in storage.
    function hashedPath(string calldata clientId, uint8 kind, uint64 sequence) internal pure returns (bytes32 key) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            let length := clientId.length
            calldatacopy(buffer, clientId.offset, length)
            mstore(add(buffer, length), or(shl(248, kind), shl(184, sequence)))
            key := keccak256(buffer, add(length, 9))
        }
    }

    /// @notice The commitment of a packet. Its parts are given one by one, since a packet that is being sent is not
    /// in calldata as a whole.
    function packetCommitment(bytes32 destClientHash, uint64 timeoutTimestamp, bytes32 payload)
        internal
        view
        returns (bytes32 commitment)
    {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore8(buffer, COMMITMENT_VERSION)
            mstore(add(buffer, 0x01), destClientHash)
            mstore(0x00, shl(192, timeoutTimestamp))
            if iszero(staticcall(gas(), 2, 0x00, 0x08, add(buffer, 0x21), 0x20)) { revert(0, 0) }
            mstore(0x00, payload)
            if iszero(staticcall(gas(), 2, 0x00, 0x20, add(buffer, 0x41), 0x20)) { revert(0, 0) }
            if iszero(staticcall(gas(), 2, buffer, 0x61, 0x00, 0x20)) { revert(0, 0) }
            commitment := mload(0x00)
        }
    }

    /// @notice The commitment of a packet with one payload.
    function packetCommitment(Packet calldata packet) internal view returns (bytes32) {
        return packetCommitment(
            sha256Of(bytes(packet.destClient)), packet.timeoutTimestamp, payloadHash(packet.payloads[0])
        );
    }

    /// @notice sha256 over the sha256 of each of the five fields.
    function payloadHash(Payload calldata payload) internal view returns (bytes32 result) {
        bytes32 sourcePort = sha256Of(bytes(payload.sourcePort));
        bytes32 destPort = sha256Of(bytes(payload.destPort));
        bytes32 version = sha256Of(bytes(payload.version));
        bytes32 encoding = sha256Of(bytes(payload.encoding));
        bytes32 value = sha256Of(payload.value);
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, sourcePort)
            mstore(add(buffer, 0x20), destPort)
            mstore(add(buffer, 0x40), version)
            mstore(add(buffer, 0x60), encoding)
            mstore(add(buffer, 0x80), value)
            if iszero(staticcall(gas(), 2, buffer, 0xa0, 0x00, 0x20)) { revert(0, 0) }
            result := mload(0x00)
        }
    }

    /// @notice The commitment of a list of one acknowledgement: sha256(0x02 || sha256(ack)).
    function ackCommitment(bytes memory ack) internal view returns (bytes32 commitment) {
        assembly ("memory-safe") {
            mstore8(0x00, COMMITMENT_VERSION)
            if iszero(staticcall(gas(), 2, add(ack, 0x20), mload(ack), 0x01, 0x20)) { revert(0, 0) }
            if iszero(staticcall(gas(), 2, 0x00, 0x21, 0x00, 0x20)) { revert(0, 0) }
            commitment := mload(0x00)
        }
    }

    /// @notice The key path of a proof: the prefix of the counterparty with the path joined to its last element.
    function prefixedPath(bytes[] memory prefix, bytes memory path_) internal pure returns (bytes[] memory) {
        uint256 length = prefix.length;
        require(length != 0, IIBCStore.InvalidMerklePrefix(prefix));
        prefix[length - 1] = abi.encodePacked(prefix[length - 1], path_);
        return prefix;
    }

    function sha256Of(bytes calldata data) internal view returns (bytes32 digest) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            calldatacopy(buffer, data.offset, data.length)
            if iszero(staticcall(gas(), 2, buffer, data.length, 0x00, 0x20)) { revert(0, 0) }
            digest := mload(0x00)
        }
    }
}
