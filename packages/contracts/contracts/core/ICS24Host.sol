// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Payload} from "../interfaces/IBCMessages.sol";

/// @title Paths and commitments of IBC v2
/// @notice Everything that both chains must compute alike, to the byte. What is computed for each packet received is
/// written for gas in `PacketImages`.
library ICS24Host {
    /// @dev Second part of a path.
    uint8 internal constant PACKET = 0x01;
    uint8 internal constant RECEIPT = 0x02;
    uint8 internal constant ACKNOWLEDGEMENT = 0x03;

    /// @dev First byte of the pre-image of every commitment.
    bytes1 private constant COMMITMENT_VERSION = 0x02;

    /// @dev sha256("UNIVERSAL_ERROR_ACKNOWLEDGEMENT"): what a receiver that failed acknowledges.
    bytes32 internal constant UNIVERSAL_ERROR_ACK = 0x4774d4a575993f963b1c06573736617a457abef8589178db8d10c94b4ab511ab;

    /// @notice clientId || kind || be64(sequence).
    function path(string memory clientId, uint8 kind, uint64 sequence) internal pure returns (bytes memory) {
        return abi.encodePacked(clientId, kind, sequence);
    }

    /// @notice The commitment of a packet with one payload.
    function packetCommitment(string memory destClient, uint64 timeoutTimestamp, Payload calldata payload)
        internal
        pure
        returns (bytes32)
    {
        bytes32 payloadHash = sha256(
            abi.encodePacked(
                sha256(bytes(payload.sourcePort)),
                sha256(bytes(payload.destPort)),
                sha256(bytes(payload.version)),
                sha256(bytes(payload.encoding)),
                sha256(payload.value)
            )
        );
        return sha256(
            abi.encodePacked(
                COMMITMENT_VERSION,
                sha256(bytes(destClient)),
                sha256(abi.encodePacked(timeoutTimestamp)),
                sha256(abi.encodePacked(payloadHash))
            )
        );
    }

    /// @notice The commitment of a list of one acknowledgement: sha256(0x02 || sha256(ack)).
    function ackCommitment(bytes memory ack) internal view returns (bytes32 commitment) {
        assembly ("memory-safe") {
            mstore8(0x00, 0x02)
            if iszero(
                and(
                    // Arguments are evaluated from the last on: the pre-image is complete when it is hashed.
                    staticcall(gas(), 2, 0x00, 0x21, 0x00, 0x20),
                    staticcall(gas(), 2, add(ack, 0x20), mload(ack), 0x01, 0x20)
                )
            ) { revert(0, 0) }
            commitment := mload(0x00)
        }
    }
}
