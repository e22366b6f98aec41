// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ILightClient, MsgVerifyMembership, MsgVerifyNonMembership, UpdateResult} from "../interfaces/ILightClient.sol";
import {AttestationClientState, IAttestationLightClient} from "../interfaces/IAttestationLightClient.sol";
import {IAttestationVerifiedOnce} from "../interfaces/IAttestationVerifiedOnce.sol";
import {AttestationDecoder} from "./AttestationDecoder.sol";
import {AttestorQuorum} from "./AttestorQuorum.sol";
import {AttestorSet} from "./AttestorSet.sol";
import {VerifiedOnce} from "./VerifiedOnce.sol";

/// @title Attestation light client
/// @notice Believes what a quorum of a fixed set of secp256k1 keys signed about another chain. A drop-in for the
/// deployed attestation light client, with one addition: an attestation is verified once in a transaction.
/// @dev Signatures cover `attestationData` alone, not the envelope around it and no chain, client or contract: a key
/// that attests two sources can be replayed from one to the other.
contract AttestationLightClient is ILightClient, IAttestationLightClient, IAttestationVerifiedOnce, AccessControl {
    using AttestationDecoder for AttestationDecoder.Envelope;

    /// @inheritdoc IAttestationLightClient
    bytes32 public constant PROOF_SUBMITTER_ROLE = keccak256("PROOF_SUBMITTER_ROLE");

    uint8 private constant STATE_TAG = 0x01;
    uint8 private constant PACKET_TAG = 0x02;

    address private immutable ATTESTOR_CODE;
    uint256 private immutable ATTESTOR_COUNT;
    uint8 private immutable MIN_REQUIRED_SIGS;
    /// @dev Without a role manager nobody can ever take the role from the zero address, so it need not be read.
    bool private immutable OPEN_TO_EVERYBODY;

    uint64 private _latestHeight;
    bool private _isFrozen;
    mapping(uint64 height => uint64 timestampSeconds) private _consensusTimestamp;

    /// @param attestorAddresses The attestors, distinct.
    /// @param minRequiredSigs The quorum, from 1 to the number of attestors.
    /// @param initialHeight The first height that proofs may use.
    /// @param initialTimestampSeconds Its timestamp, in seconds.
    /// @param roleManager Administers the proof submitters and is one; zero opens submission to everybody, for good.
    constructor(
        address[] memory attestorAddresses,
        uint8 minRequiredSigs,
        uint64 initialHeight,
        uint64 initialTimestampSeconds,
        address roleManager
    ) {
        uint256 count = attestorAddresses.length;
        require(count != 0, NoAttestors());
        require(minRequiredSigs != 0 && minRequiredSigs <= count, BadQuorum(minRequiredSigs, count));
        for (uint256 i = 1; i < count; ++i) {
            for (uint256 j = 0; j < i; ++j) {
                require(attestorAddresses[i] != attestorAddresses[j], DuplicateSigner(attestorAddresses[i]));
            }
        }
        ATTESTOR_CODE = AttestorSet.store(attestorAddresses);
        ATTESTOR_COUNT = count;
        MIN_REQUIRED_SIGS = minRequiredSigs;
        OPEN_TO_EVERYBODY = roleManager == address(0);
        _latestHeight = initialHeight;
        _consensusTimestamp[initialHeight] = initialTimestampSeconds;
        if (roleManager != address(0)) _grantRole(DEFAULT_ADMIN_ROLE, roleManager);
        _grantRole(PROOF_SUBMITTER_ROLE, roleManager);
    }

    modifier onlyActive() {
        require(!_isFrozen, FrozenClientState());
        _;
    }

    modifier onlyProofSubmitter() {
        if (!OPEN_TO_EVERYBODY && !hasRole(PROOF_SUBMITTER_ROLE, address(0))) _checkRole(PROOF_SUBMITTER_ROLE);
        _;
    }

    /// @inheritdoc ILightClient
    function updateClient(bytes calldata updateMsg)
        external
        onlyActive
        onlyProofSubmitter
        returns (UpdateResult)
    {
        AttestationDecoder.Envelope memory envelope = AttestationDecoder.decodeEnvelope(updateMsg);
        AttestorQuorum.verify(envelope, STATE_TAG, ATTESTOR_CODE, ATTESTOR_COUNT, MIN_REQUIRED_SIGS);
        (uint64 height, uint64 timestamp) = AttestationDecoder.decodeState(envelope.dataOffset, envelope.dataLength);
        require(height != 0 && timestamp != 0, InvalidState(height, timestamp));

        uint64 known = _consensusTimestamp[height];
        if (known == timestamp) return UpdateResult.NoOp;
        if (known != 0) {
            _isFrozen = true;
            return UpdateResult.Misbehaviour;
        }
        _consensusTimestamp[height] = timestamp;
        if (height > _latestHeight) _latestHeight = height;
        return UpdateResult.Update;
    }

    /// @inheritdoc ILightClient
    function verifyMembership(MsgVerifyMembership calldata msg_)
        external
        onlyActive
        onlyProofSubmitter
        returns (uint256)
    {
        require(msg_.value.length != 0, EmptyValue());
        uint64 height = msg_.proofHeight.revisionHeight;
        uint256 timestamp = _requireConsensus(msg_.path.length, height);

        if (msg_.proof.length == 0) {
            bytes32 known = keccak256(msg_.path[0]);
            bytes32 claimed = abi.decode(msg_.value, (bytes32));
            require(VerifiedOnce.hasEntry(height, known, claimed), NotVerifiedInTransaction(height, known));
            return timestamp;
        }

        (uint256 entries, uint256 count) = _verifyPackets(msg_.proof, height);
        bytes32 hashedPath = keccak256(msg_.path[0]);
        bytes32 value = abi.decode(msg_.value, (bytes32));
        require(count != 0, EmptyPackets());
        require(_isListed(entries, count, hashedPath, value), NotMember());
        VerifiedOnce.remember(height, entries, count);
        return timestamp;
    }

    /// @inheritdoc ILightClient
    function verifyNonMembership(MsgVerifyNonMembership calldata msg_)
        external
        onlyActive
        onlyProofSubmitter
        returns (uint256)
    {
        uint64 height = msg_.proofHeight.revisionHeight;
        uint256 timestamp = _requireConsensus(msg_.path.length, height);

        if (msg_.proof.length == 0) {
            bytes32 known = keccak256(msg_.path[0]);
            require(_isKnownAbsent(height, known), NotVerifiedInTransaction(height, known));
            return timestamp;
        }

        (uint256 entries, uint256 count) = _verifyPackets(msg_.proof, height);
        bytes32 hashedPath = keccak256(msg_.path[0]);
        require(count != 0, EmptyPackets());
        (bool found, bytes32 commitment) = _firstCommitment(entries, count, hashedPath);
        require(found, NotMember());
        require(commitment == 0, NotNonMember());
        VerifiedOnce.remember(height, entries, count);
        return timestamp;
    }

    /// @inheritdoc ILightClient
    /// @dev A contradicting update freezes the client, so there is nothing else to submit.
    function misbehaviour(bytes calldata) external view onlyActive onlyProofSubmitter {
        revert FeatureNotSupported();
    }

    /// @inheritdoc ILightClient
    function getClientState() external view returns (bytes memory) {
        return abi.encode(
            AttestationClientState({
                attestorAddresses: AttestorSet.load(ATTESTOR_CODE, ATTESTOR_COUNT),
                minRequiredSigs: MIN_REQUIRED_SIGS,
                latestHeight: _latestHeight,
                isFrozen: _isFrozen
            })
        );
    }

    /// @inheritdoc IAttestationLightClient
    function getAttestationSet() external view returns (address[] memory attestorAddresses, uint8 minRequiredSigs) {
        return (AttestorSet.load(ATTESTOR_CODE, ATTESTOR_COUNT), MIN_REQUIRED_SIGS);
    }

    /// @inheritdoc IAttestationLightClient
    function getConsensusTimestamp(uint64 revisionHeight) external view returns (uint64) {
        return _consensusTimestamp[revisionHeight];
    }

    /// @inheritdoc IAttestationVerifiedOnce
    function verifiedInTransaction(uint64 height, bytes32 hashedPath, bytes32 commitment)
        external
        view
        returns (bool)
    {
        if (_isFrozen) return false;
        if (commitment == 0) return _isKnownAbsent(height, hashedPath);
        return VerifiedOnce.hasEntry(height, hashedPath, commitment);
    }

    /// @notice ERC-165.
    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IAttestationVerifiedOnce).interfaceId || super.supportsInterface(interfaceId);
    }

    function _requireConsensus(uint256 pathLength, uint64 height) private view returns (uint256 timestamp) {
        require(pathLength == 1, InvalidPathLength(1, pathLength));
        timestamp = _consensusTimestamp[height];
        require(timestamp != 0, ConsensusTimestampNotFound(height));
    }

    function _verifyPackets(bytes calldata proof, uint64 proofHeight)
        private
        view
        returns (uint256 entries, uint256 count)
    {
        AttestationDecoder.Envelope memory envelope = AttestationDecoder.decodeEnvelope(proof);
        AttestorQuorum.verify(envelope, PACKET_TAG, ATTESTOR_CODE, ATTESTOR_COUNT, MIN_REQUIRED_SIGS);
        uint64 height;
        (height, entries, count) = AttestationDecoder.decodePackets(envelope.dataOffset, envelope.dataLength);
        require(height == proofHeight, HeightMismatch(proofHeight, height));
    }

    /// @dev A path seen both absent and present in one transaction is not taken for absent.
    function _isKnownAbsent(uint64 height, bytes32 hashedPath) private view returns (bool) {
        return VerifiedOnce.hasEntry(height, hashedPath, 0) && !VerifiedOnce.hasNonZero(height, hashedPath);
    }

    function _isListed(uint256 entries, uint256 count, bytes32 hashedPath, bytes32 commitment)
        private
        pure
        returns (bool found)
    {
        assembly ("memory-safe") {
            let end := add(entries, shl(6, count))
            for { let at := entries } lt(at, end) { at := add(at, 0x40) } {
                if eq(calldataload(at), hashedPath) {
                    if eq(calldataload(add(at, 0x20)), commitment) {
                        found := 1
                        break
                    }
                }
            }
        }
    }

    /// @dev The first entry of a path decides, as in the deployed client.
    function _firstCommitment(uint256 entries, uint256 count, bytes32 hashedPath)
        private
        pure
        returns (bool found, bytes32 commitment)
    {
        assembly ("memory-safe") {
            let end := add(entries, shl(6, count))
            for { let at := entries } lt(at, end) { at := add(at, 0x40) } {
                if eq(calldataload(at), hashedPath) {
                    found := 1
                    commitment := calldataload(add(at, 0x20))
                    break
                }
            }
        }
    }
}
