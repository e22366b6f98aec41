// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IICS26Router} from "../interfaces/IICS26Router.sol";
import {PacketImage, PacketImages} from "./PacketImage.sol";

/// @title The router's events about packets, encoded straight from a packet image
library PacketEvents {
    using PacketImages for PacketImage;

    function emitWriteAcknowledgement(PacketImage memory image, bytes memory ack) internal {
        bytes32 topic = IICS26Router.WriteAcknowledgement.selector;
        bytes32 client = image.clientHash(image.destClient);
        assembly ("memory-safe") {
            // (packet, [ack]): two heads, the packet, then a list of one.
            let data := mload(0x40)
            let begin := mload(image)
            let length := mload(add(image, 0x20))
            mstore(data, 0x40)
            mstore(add(data, 0x20), add(length, 0x40))
            mcopy(add(data, 0x40), begin, length)
            let at := add(add(data, 0x40), length)
            mstore(at, 1)
            mstore(add(at, 0x20), 0x20)
            at := add(at, 0x40)
            length := mload(ack)
            let padded := and(add(length, 0x1f), not(0x1f))
            mstore(add(at, padded), 0)
            mstore(at, length)
            at := add(at, 0x20)
            mcopy(at, add(ack, 0x20), length)
            log3(data, sub(add(at, padded), data), topic, client, mload(begin))
        }
    }

    function emitAckPacket(PacketImage memory image, bytes calldata ack) internal {
        bytes32 topic = IICS26Router.AckPacket.selector;
        bytes32 client = image.clientHash(PacketImages.SOURCE_CLIENT);
        assembly ("memory-safe") {
            let data := mload(0x40)
            let begin := mload(image)
            let length := mload(add(image, 0x20))
            mstore(data, 0x40)
            mstore(add(data, 0x20), add(length, 0x40))
            mcopy(add(data, 0x40), begin, length)
            let at := add(add(data, 0x40), length)
            let padded := and(add(ack.length, 0x1f), not(0x1f))
            mstore(add(at, padded), 0)
            mstore(at, ack.length)
            at := add(at, 0x20)
            calldatacopy(at, ack.offset, ack.length)
            log3(data, sub(add(at, padded), data), topic, client, mload(begin))
        }
    }

    function emitTimeoutPacket(PacketImage memory image) internal {
        bytes32 topic = IICS26Router.TimeoutPacket.selector;
        bytes32 client = image.clientHash(PacketImages.SOURCE_CLIENT);
        assembly ("memory-safe") {
            let begin := mload(image)
            log3(sub(begin, 0x20), add(mload(add(image, 0x20)), 0x20), topic, client, mload(begin))
        }
    }
}
