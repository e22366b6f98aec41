// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIBCStore} from "../interfaces/IICS26Router.sol";
import {Packet} from "../interfaces/IBCMessages.sol";
import {ICS24Host} from "./ICS24Host.sol";

/// @title The router's provable storage
abstract contract IBCStore is IIBCStore {
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
        bytes32 key = ICS24Host.hashedPath(sourceClient, ICS24Host.PACKET, sequence);
        IBCStoreStorage storage store = _store();
        require(
            store.commitments[key] == 0,
            IBCPacketCommitmentAlreadyExists(ICS24Host.path(sourceClient, ICS24Host.PACKET, sequence))
        );
        store.commitments[key] = commitment;
    }

    /// @return False when there is nothing to delete: the packet was acknowledged or timed out before.
    function _deletePacketCommitment(Packet calldata packet) internal returns (bool) {
        bytes32 key = ICS24Host.hashedPath(packet.sourceClient, ICS24Host.PACKET, packet.sequence);
        IBCStoreStorage storage store = _store();
        bytes32 stored = store.commitments[key];
        if (stored == 0) return false;
        bytes32 commitment = ICS24Host.packetCommitment(packet);
        require(stored == commitment, IBCPacketCommitmentMismatch(stored, commitment));
        delete store.commitments[key];
        return true;
    }

    /// @return False when the receipt of this very packet is there already.
    function _writeReceipt(Packet calldata packet, bytes32 receipt) internal returns (bool) {
        bytes32 key = ICS24Host.hashedPath(packet.destClient, ICS24Host.RECEIPT, packet.sequence);
        IBCStoreStorage storage store = _store();
        bytes32 stored = store.commitments[key];
        if (stored == receipt) return false;
        require(stored == 0, IBCPacketReceiptMismatch(stored, receipt));
        store.commitments[key] = receipt;
        return true;
    }

    function _commitAcknowledgement(Packet calldata packet, bytes memory ack) internal {
        bytes32 key = ICS24Host.hashedPath(packet.destClient, ICS24Host.ACKNOWLEDGEMENT, packet.sequence);
        IBCStoreStorage storage store = _store();
        require(
            store.commitments[key] == 0,
            IBCPacketAcknowledgementAlreadyExists(
                ICS24Host.path(packet.destClient, ICS24Host.ACKNOWLEDGEMENT, packet.sequence)
            )
        );
        store.commitments[key] = ICS24Host.ackCommitment(ack);
    }

    function _store() private pure returns (IBCStoreStorage storage store) {
        assembly ("memory-safe") {
            store.slot := STORAGE_SLOT
        }
    }
}
