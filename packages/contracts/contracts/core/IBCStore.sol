// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIBCStore} from "../interfaces/IICS26Router.sol";
import {ICS24Host} from "./ICS24Host.sol";
import {PacketImage, PacketImages} from "./PacketImage.sol";

/// @title The router's provable storage
abstract contract IBCStore is IIBCStore {
    using PacketImages for PacketImage;

    /// @dev `commitments` stays the first member: storage proofs derive its slots from the base of the namespace.
    /// @custom:storage-location erc7201:ibc.storage.IBCStore
    struct IBCStoreStorage {
        mapping(bytes32 hashedPath => bytes32 commitment) commitments;
        mapping(string clientId => uint64 sequence) lastSentSequence;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("ibc.storage.IBCStore")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0x1260944489272988d9df285149b5aa1b0f48f2136d6f416159f840a3e0747600;

    /// @inheritdoc IIBCStore
    function getCommitment(bytes32 hashedPath) external view returns (bytes32) {
        return _store().commitments[hashedPath];
    }

    function _nextSequence(string calldata clientId) internal returns (uint64) {
        return ++_store().lastSentSequence[clientId];
    }

    function _commitPacket(string calldata sourceClient, uint64 sequence, bytes32 commitment) internal {
        bytes memory path = ICS24Host.path(sourceClient, ICS24Host.PACKET, sequence);
        mapping(bytes32 => bytes32) storage commitments = _store().commitments;
        bytes32 key = keccak256(path);
        require(commitments[key] == 0, IBCPacketCommitmentAlreadyExists(path));
        commitments[key] = commitment;
    }

    /// @return False when there is nothing to delete: the packet was acknowledged or timed out before.
    function _deletePacketCommitment(PacketImage memory packet) internal returns (bool) {
        bytes32 key = packet.hashedPath(PacketImages.SOURCE_CLIENT, ICS24Host.PACKET);
        mapping(bytes32 => bytes32) storage commitments = _store().commitments;
        bytes32 stored = commitments[key];
        if (stored == 0) return false;
        bytes32 commitment = packet.commitment();
        require(stored == commitment, IBCPacketCommitmentMismatch(stored, commitment));
        delete commitments[key];
        return true;
    }

    /// @return False when the receipt of this very packet is there already.
    function _writeReceipt(PacketImage memory packet) internal returns (bool) {
        bytes32 key = packet.hashedPath(packet.destClient, ICS24Host.RECEIPT);
        bytes32 receipt = packet.hash();
        mapping(bytes32 => bytes32) storage commitments = _store().commitments;
        bytes32 stored = commitments[key];
        if (stored == receipt) return false;
        require(stored == 0, IBCPacketReceiptMismatch(stored, receipt));
        commitments[key] = receipt;
        return true;
    }

    function _commitAcknowledgement(PacketImage memory packet, bytes32 commitment) internal {
        bytes32 key = packet.hashedPath(packet.destClient, ICS24Host.ACKNOWLEDGEMENT);
        mapping(bytes32 => bytes32) storage commitments = _store().commitments;
        require(
            commitments[key] == 0,
            IBCPacketAcknowledgementAlreadyExists(packet.path(packet.destClient, ICS24Host.ACKNOWLEDGEMENT))
        );
        commitments[key] = commitment;
    }

    function _store() private pure returns (IBCStoreStorage storage store) {
        assembly ("memory-safe") {
            store.slot := STORAGE_SLOT
        }
    }
}
