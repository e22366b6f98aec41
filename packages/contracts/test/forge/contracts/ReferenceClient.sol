// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IAttestationLightClient} from "contracts/interfaces/IAttestationLightClient.sol";
import {IAttestationVerifiedOnce} from "contracts/interfaces/IAttestationVerifiedOnce.sol";
import {MsgVerifyMembership, MsgVerifyNonMembership, UpdateResult} from "contracts/interfaces/ILightClient.sol";
import {AttestationProof, Entry, PacketAttestation, StateAttestation} from "./AttestationFixture.sol";

/// @title The rules of the wire format, written down as plainly as Solidity allows
/// @notice `abi.decode` to memory, storage for the set, a list of what was seen: slow, and easy to compare with the
/// text. The shipped client must agree with it on every input, success or revert, down to the revert data.
contract ReferenceClient {
    address[] private set;
    uint8 private quorum;
    bool private frozen;
    mapping(uint64 => uint64) private timestamps;
    /// @dev What was verified, as a list: stands for one transaction.
    struct Seen {
        uint64 height;
        bytes32 path;
        bytes32 commitment;
    }

    Seen[] private seen;

    constructor(address[] memory set_, uint8 quorum_, uint64 height, uint64 timestamp) {
        set = set_;
        quorum = quorum_;
        timestamps[height] = timestamp;
    }

    function updateClient(bytes calldata update) external returns (UpdateResult) {
        require(!frozen, IAttestationLightClient.FrozenClientState());
        AttestationProof memory proof = abi.decode(update, (AttestationProof));
        _verify(1, proof);
        StateAttestation memory state = abi.decode(proof.attestationData, (StateAttestation));
        require(
            state.height > 0 && state.timestamp > 0,
            IAttestationLightClient.InvalidState(state.height, state.timestamp)
        );
        uint64 known = timestamps[state.height];
        if (known == 0) {
            timestamps[state.height] = state.timestamp;
            return UpdateResult.Update;
        }
        if (known == state.timestamp) return UpdateResult.NoOp;
        frozen = true;
        return UpdateResult.Misbehaviour;
    }

    function verifyMembership(MsgVerifyMembership calldata msg_) external returns (uint256) {
        require(!frozen, IAttestationLightClient.FrozenClientState());
        require(msg_.value.length > 0, IAttestationLightClient.EmptyValue());
        (uint64 height, uint64 timestamp) = _consensus(msg_.path.length, msg_.proofHeight.revisionHeight);
        if (msg_.proof.length == 0) {
            bytes32 path = keccak256(msg_.path[0]);
            bytes32 commitment = abi.decode(msg_.value, (bytes32));
            require(_wasSeen(height, path, commitment), IAttestationVerifiedOnce.NotVerifiedInTransaction(height, path));
            return timestamp;
        }
        PacketAttestation memory packets = _packets(msg_.proof, height);
        bytes32 value = abi.decode(msg_.value, (bytes32));
        require(packets.packets.length > 0, IAttestationLightClient.EmptyPackets());
        for (uint256 i = 0; i < packets.packets.length; ++i) {
            if (packets.packets[i].path == keccak256(msg_.path[0]) && packets.packets[i].commitment == value) {
                _remember(packets);
                return timestamp;
            }
        }
        revert IAttestationLightClient.NotMember();
    }

    function verifyNonMembership(MsgVerifyNonMembership calldata msg_) external returns (uint256) {
        require(!frozen, IAttestationLightClient.FrozenClientState());
        (uint64 height, uint64 timestamp) = _consensus(msg_.path.length, msg_.proofHeight.revisionHeight);
        bytes32 path = keccak256(msg_.path[0]);
        if (msg_.proof.length == 0) {
            require(
                _wasSeen(height, path, 0) && !_wasSeenNonZero(height, path),
                IAttestationVerifiedOnce.NotVerifiedInTransaction(height, path)
            );
            return timestamp;
        }
        PacketAttestation memory packets = _packets(msg_.proof, height);
        require(packets.packets.length > 0, IAttestationLightClient.EmptyPackets());
        for (uint256 i = 0; i < packets.packets.length; ++i) {
            if (packets.packets[i].path == path) {
                require(packets.packets[i].commitment == 0, IAttestationLightClient.NotNonMember());
                _remember(packets);
                return timestamp;
            }
        }
        revert IAttestationLightClient.NotMember();
    }

    function _consensus(uint256 pathLength, uint64 height) private view returns (uint64, uint64) {
        require(pathLength == 1, IAttestationLightClient.InvalidPathLength(1, pathLength));
        require(timestamps[height] != 0, IAttestationLightClient.ConsensusTimestampNotFound(height));
        return (height, timestamps[height]);
    }

    function _packets(bytes calldata encoded, uint64 height) private view returns (PacketAttestation memory packets) {
        AttestationProof memory proof = abi.decode(encoded, (AttestationProof));
        _verify(2, proof);
        packets = abi.decode(proof.attestationData, (PacketAttestation));
        require(packets.height == height, IAttestationLightClient.HeightMismatch(height, packets.height));
    }

    function _verify(uint8 tag, AttestationProof memory proof) private view {
        bytes[] memory list = proof.signatures;
        require(list.length > 0, IAttestationLightClient.EmptySignatures());
        require(list.length >= quorum, IAttestationLightClient.ThresholdNotMet(list.length, quorum));
        bytes32 digest = sha256(abi.encodePacked(tag, sha256(proof.attestationData)));
        address[] memory signers = new address[](list.length);
        for (uint256 i = 0; i < list.length; ++i) {
            require(list[i].length == 65, IAttestationLightClient.InvalidSignatureLength(list[i]));
            signers[i] = ECDSA.recover(digest, list[i]);
            bool known = false;
            for (uint256 j = 0; j < set.length; ++j) {
                known = known || set[j] == signers[i];
            }
            require(known, IAttestationLightClient.UnknownSigner(signers[i]));
            for (uint256 j = 0; j < i; ++j) {
                require(signers[j] != signers[i], IAttestationLightClient.DuplicateSigner(signers[i]));
            }
        }
    }

    function _remember(PacketAttestation memory packets) private {
        for (uint256 i = 0; i < packets.packets.length; ++i) {
            Entry memory entry = packets.packets[i];
            seen.push(Seen(packets.height, entry.path, entry.commitment));
        }
    }

    function _wasSeen(uint64 height, bytes32 path, bytes32 commitment) private view returns (bool) {
        for (uint256 i = 0; i < seen.length; ++i) {
            if (seen[i].height == height && seen[i].path == path && seen[i].commitment == commitment) return true;
        }
        return false;
    }

    function _wasSeenNonZero(uint64 height, bytes32 path) private view returns (bool) {
        for (uint256 i = 0; i < seen.length; ++i) {
            if (seen[i].height == height && seen[i].path == path && seen[i].commitment != 0) return true;
        }
        return false;
    }
}
