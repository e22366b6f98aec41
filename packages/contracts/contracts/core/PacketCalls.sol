// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIBCApp} from "../interfaces/IIBCApp.sol";
import {Height, ILightClient} from "../interfaces/ILightClient.sol";
import {PacketImage} from "./PacketImage.sol";

/// @title The router's calls to light clients and apps, encoded straight from a packet image
/// @notice A target without code, or one that returns less than its result, makes the call revert.
library PacketCalls {
    /// @dev What is kept of an app's revert reason. An app could otherwise make the relayer pay for megabytes.
    uint256 internal constant MAX_REASON_BYTES = 1024;

    /// @notice Calls `verifyMembership` for a path of one element.
    function verifyMembership(
        ILightClient client,
        bytes calldata proof,
        Height calldata height,
        bytes memory path,
        bytes32 commitment
    ) internal {
        _verify(client, ILightClient.verifyMembership.selector, proof, height, path, true, commitment);
    }

    /// @notice Calls `verifyNonMembership` for a path of one element.
    /// @return timestamp The consensus timestamp, in seconds.
    function verifyNonMembership(
        ILightClient client,
        bytes calldata proof,
        Height calldata height,
        bytes memory path
    ) internal returns (uint256 timestamp) {
        return _verify(client, ILightClient.verifyNonMembership.selector, proof, height, path, false, 0);
    }

    function _verify(
        ILightClient client,
        bytes4 selector,
        bytes calldata proof,
        Height calldata height,
        bytes memory path,
        bool hasValue,
        bytes32 value
    ) private returns (uint256 timestampSec) {
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, selector)
            mstore(add(input, 0x04), 0x20)
            // Heads: proof, revision number, revision height, path, and the value where there is one.
            let tuple := add(input, 0x24)
            calldatacopy(add(tuple, 0x20), height, 0x40)
            if shr(64, or(mload(add(tuple, 0x20)), mload(add(tuple, 0x40)))) { revert(0, 0) }
            let at := add(0x80, shl(5, hasValue))
            mstore(add(tuple, 0x60), at)
            at := add(tuple, at)
            mstore(at, 1)
            mstore(add(at, 0x20), 0x20)
            let size := and(add(mload(path), 0x3f), not(0x1f))
            mcopy(add(at, 0x40), path, size)
            at := add(add(at, 0x40), size)
            if hasValue {
                mstore(add(tuple, 0x80), sub(at, tuple))
                mstore(at, 0x20)
                mstore(add(at, 0x20), value)
                at := add(at, 0x40)
            }
            mstore(tuple, sub(at, tuple))
            size := and(add(proof.length, 0x1f), not(0x1f))
            mstore(add(at, size), 0)
            mstore(at, proof.length)
            at := add(at, 0x20)
            calldatacopy(at, proof.offset, proof.length)
            if iszero(call(gas(), client, 0, input, sub(add(at, size), input), 0x00, 0x20)) {
                returndatacopy(input, 0, returndatasize())
                revert(input, returndatasize())
            }
            if lt(returndatasize(), 0x20) { revert(0, 0) }
            timestampSec := mload(0x00)
        }
    }

    /// @notice Calls `onRecvPacket`.
    /// @return success Whether the app took the packet.
    /// @return result The acknowledgement, or the first bytes of the revert reason.
    function onRecvPacket(IIBCApp app, PacketImage memory image)
        internal
        returns (bool success, bytes memory result)
    {
        (uint256 input, uint256 length) = _encodeCallback(IIBCApp.onRecvPacket.selector, image);
        assembly ("memory-safe") {
            success := call(gas(), app, 0, input, length, 0, 0)
            let size := returndatasize()
            result := mload(0x40)
            switch success
            case 0 {
                if gt(size, MAX_REASON_BYTES) { size := MAX_REASON_BYTES }
                mstore(result, size)
                returndatacopy(add(result, 0x20), 0, size)
                mstore(0x40, and(add(add(result, size), 0x3f), not(0x1f)))
            }
            default {
                // abi.decode(returndata, (bytes))
                returndatacopy(result, 0, size)
                mstore(0x40, and(add(add(result, size), 0x1f), not(0x1f)))
                let offset := mload(result)
                let end := add(result, size)
                result := add(result, offset)
                if or(lt(size, 0x40), or(shr(64, offset), gt(add(result, 0x20), end))) { revert(0, 0) }
                let ackLength := mload(result)
                if or(shr(64, ackLength), gt(add(add(result, 0x20), ackLength), end)) { revert(0, 0) }
            }
        }
    }

    /// @notice Calls `onTimeoutPacket` and passes a revert on.
    function onTimeoutPacket(IIBCApp app, PacketImage memory image) internal {
        (uint256 input, uint256 length) = _encodeCallback(IIBCApp.onTimeoutPacket.selector, image);
        _call(app, input, length);
    }

    /// @notice Calls `onAcknowledgementPacket` and passes a revert on.
    function onAcknowledgementPacket(IIBCApp app, PacketImage memory image, bytes calldata ack) internal {
        bytes4 selector = IIBCApp.onAcknowledgementPacket.selector;
        uint256 input;
        uint256 length;
        assembly ("memory-safe") {
            // Six heads: source, destination, sequence, payload, acknowledgement, relayer.
            let begin := mload(image)
            let payloads := mload(add(image, 0x60))
            let payload := add(payloads, 0x40)
            input := mload(0x40)
            mstore(input, selector)
            mstore(add(input, 0x04), 0x20)
            let tuple := add(input, 0x24)
            mstore(tuple, 0xc0)
            mstore(add(tuple, 0x20), add(mload(add(image, 0x40)), 0x20))
            mstore(add(tuple, 0x40), mload(begin))
            mstore(add(tuple, 0x60), add(payloads, 0x20))
            mstore(add(tuple, 0xa0), caller())
            mcopy(add(tuple, 0xc0), add(begin, 0xa0), sub(payloads, 0xa0))
            length := sub(mload(add(image, 0x20)), payload)
            let at := add(add(tuple, payloads), 0x20)
            mcopy(at, add(begin, payload), length)
            at := add(at, length)
            mstore(add(tuple, 0x80), sub(at, tuple))
            let padded := and(add(ack.length, 0x1f), not(0x1f))
            mstore(add(at, padded), 0)
            mstore(at, ack.length)
            calldatacopy(add(at, 0x20), ack.offset, ack.length)
            length := sub(add(add(at, 0x20), padded), input)
        }
        _call(app, input, length);
    }

    /// @dev Encodes a call with (source, destination, sequence, payload, relayer) behind all allocated memory.
    function _encodeCallback(bytes4 selector, PacketImage memory image)
        private
        view
        returns (uint256 input, uint256 length)
    {
        assembly ("memory-safe") {
            // Five heads, as the packet's tuple has: the offsets are the same ones.
            let begin := mload(image)
            let payloads := mload(add(image, 0x60))
            let payload := add(payloads, 0x40)
            input := mload(0x40)
            mstore(input, selector)
            mstore(add(input, 0x04), 0x20)
            let tuple := add(input, 0x24)
            mstore(tuple, 0xa0)
            mstore(add(tuple, 0x20), mload(add(image, 0x40)))
            mstore(add(tuple, 0x40), mload(begin))
            mstore(add(tuple, 0x60), payloads)
            mstore(add(tuple, 0x80), caller())
            mcopy(add(tuple, 0xa0), add(begin, 0xa0), sub(payloads, 0xa0))
            length := sub(mload(add(image, 0x20)), payload)
            mcopy(add(tuple, payloads), add(begin, payload), length)
            length := add(add(length, payloads), 0x24)
        }
    }

    function _call(IIBCApp app, uint256 input, uint256 length) private {
        assembly ("memory-safe") {
            if iszero(extcodesize(app)) { revert(0, 0) }
            if iszero(call(gas(), app, 0, input, length, 0, 0)) {
                returndatacopy(input, 0, returndatasize())
                revert(input, returndatasize())
            }
        }
    }
}
