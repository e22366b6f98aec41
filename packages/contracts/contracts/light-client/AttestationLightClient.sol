// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {ILightClient, MsgVerifyMembership, MsgVerifyNonMembership, UpdateResult} from "../interfaces/ILightClient.sol";
import {AttestationClientState, IAttestationLightClient} from "../interfaces/IAttestationLightClient.sol";
import {IAttestationVerifiedOnce} from "../interfaces/IAttestationVerifiedOnce.sol";
import {AttestationDecoder} from "./AttestationDecoder.sol";
import {AttestorQuorum} from "./AttestorQuorum.sol";
import {CalldataFields} from "./CalldataFields.sol";
import {VerifiedOnce} from "./VerifiedOnce.sol";

/// @title Attestation light client
/// @notice Believes what a quorum of a fixed set of secp256k1 keys signed about another chain. A drop-in for the
/// deployed attestation light client, with one addition: an attestation is verified once in a transaction.
/// @dev Signatures cover `attestationData` alone, not the envelope around it and no chain, client or contract: a key
/// that attests two sources can be replayed from one to the other.
contract AttestationLightClient is ILightClient, IAttestationVerifiedOnce, AttestorQuorum, AccessControl {
    /// @inheritdoc IAttestationLightClient
    bytes32 public constant PROOF_SUBMITTER_ROLE = keccak256("PROOF_SUBMITTER_ROLE");

    uint8 private constant STATE_TAG = 0x01;
    uint8 private constant PACKET_TAG = 0x02;

    /// @dev Where the messages' fields stand: proof, revision number, revision height, path, value.
    uint256 private constant PROOF_FIELD = 0x00;
    uint256 private constant HEIGHT_FIELD = 0x40;
    uint256 private constant PATH_FIELD = 0x60;
    uint256 private constant VALUE_FIELD = 0x80;

    /// @dev Without a role manager nobody can ever take the role from the zero address, so it need not be read.
    bool private immutable OPEN_TO_EVERYBODY;

    uint64 private _latestHeight;
    bool private _isFrozen;
    mapping(uint256 height => uint256 timestampSeconds) private _consensusTimestamp;

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
    ) AttestorQuorum(attestorAddresses, minRequiredSigs) {
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
        if (!OPEN_TO_EVERYBODY) _checkProofSubmitter();
        _;
    }

    /// @inheritdoc ILightClient
    function updateClient(bytes calldata updateMsg)
        external
        onlyActive
        onlyProofSubmitter
        returns (UpdateResult)
    {
        (uint256 data, uint256 length, uint256 heads, uint256 count, uint256 end) =
            AttestationDecoder.decodeProof(updateMsg);
        _requireQuorum(heads, count, end, _signingDigest(data, length, STATE_TAG));
        (uint256 height, uint256 timestamp) = AttestationDecoder.decodeState(data, length);
        require(height != 0 && timestamp != 0, InvalidState(uint64(height), uint64(timestamp)));

        uint256 known = _consensusTimestamp[height];
        if (known == timestamp) return UpdateResult.NoOp;
        if (known != 0) {
            _isFrozen = true;
            return UpdateResult.Misbehaviour;
        }
        _consensusTimestamp[height] = timestamp;
        if (height > _latestHeight) _latestHeight = uint64(height);
        return UpdateResult.Update;
    }

    /// @inheritdoc ILightClient
    function verifyMembership(MsgVerifyMembership calldata msg_)
        external
        onlyActive
        onlyProofSubmitter
        returns (uint256)
    {
        uint256 fields = _fields(msg_);
        bytes calldata value = CalldataFields.bytesAt(fields, VALUE_FIELD);
        require(value.length != 0, EmptyValue());
        (uint256 path, uint256 height, uint256 timestamp) = _requireConsensus(fields);

        bytes calldata proof = CalldataFields.bytesAt(fields, PROOF_FIELD);
        if (proof.length == 0) {
            bytes32 known = _hashPath(path);
            require(
                VerifiedOnce.hasEntry(height, known, _toCommitment(value)), NotVerifiedInTransaction(uint64(height), known)
            );
            return timestamp;
        }
        (uint256 entries, uint256 count) = _verifyPackets(proof, height);
        bytes32 hashedPath = _hashPath(path);
        bytes32 commitment = _toCommitment(value);
        if (!VerifiedOnce.remember(height, entries, count, hashedPath, commitment)) {
            require(count != 0, EmptyPackets());
            revert NotMember();
        }
        return timestamp;
    }

    /// @inheritdoc ILightClient
    function verifyNonMembership(MsgVerifyNonMembership calldata msg_)
        external
        onlyActive
        onlyProofSubmitter
        returns (uint256)
    {
        uint256 fields = _fields(msg_);
        (uint256 path, uint256 height, uint256 timestamp) = _requireConsensus(fields);

        bytes calldata proof = CalldataFields.bytesAt(fields, PROOF_FIELD);
        if (proof.length == 0) {
            bytes32 known = _hashPath(path);
            require(_isKnownAbsent(height, known), NotVerifiedInTransaction(uint64(height), known));
            return timestamp;
        }
        (uint256 entries, uint256 count) = _verifyPackets(proof, height);
        bytes32 hashedPath = _hashPath(path);
        require(count != 0, EmptyPackets());
        (bool found, bytes32 commitment) = _firstCommitment(entries, count, hashedPath);
        require(found, NotMember());
        require(commitment == 0, NotNonMember());
        VerifiedOnce.remember(height, entries, count, hashedPath, 0);
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
                attestorAddresses: _attestors(),
                minRequiredSigs: MIN_REQUIRED_SIGS,
                latestHeight: _latestHeight,
                isFrozen: _isFrozen
            })
        );
    }

    /// @inheritdoc IAttestationLightClient
    function getAttestationSet() external view returns (address[] memory attestorAddresses, uint8 minRequiredSigs) {
        return (_attestors(), MIN_REQUIRED_SIGS);
    }

    /// @inheritdoc IAttestationLightClient
    function getConsensusTimestamp(uint64 revisionHeight) external view returns (uint64) {
        return uint64(_consensusTimestamp[revisionHeight]);
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

    function _checkProofSubmitter() private view {
        if (!hasRole(PROOF_SUBMITTER_ROLE, address(0))) _checkRole(PROOF_SUBMITTER_ROLE);
    }

    /// @dev Where the fields of a message begin in calldata. The two messages are alike up to the value.
    function _fields(MsgVerifyMembership calldata msg_) private pure returns (uint256 fields) {
        assembly ("memory-safe") {
            fields := msg_
        }
    }

    function _fields(MsgVerifyNonMembership calldata msg_) private pure returns (uint256 fields) {
        assembly ("memory-safe") {
            fields := msg_
        }
    }

    /// @return path Where the only element of the path has its offset.
    /// @return height The proof height.
    /// @return timestamp Its timestamp.
    function _requireConsensus(uint256 fields)
        private
        view
        returns (uint256 path, uint256 height, uint256 timestamp)
    {
        uint256 pathLength;
        (path, pathLength) = CalldataFields.bytesArrayAt(fields, PATH_FIELD);
        require(pathLength == 1, InvalidPathLength(1, pathLength));
        assembly ("memory-safe") {
            height := calldataload(add(fields, HEIGHT_FIELD))
            if shr(64, height) { revert(0, 0) }
        }
        timestamp = _consensusTimestamp[height];
        require(timestamp != 0, ConsensusTimestampNotFound(uint64(height)));
    }

    function _hashPath(uint256 path) private pure returns (bytes32) {
        return CalldataFields.hash(CalldataFields.bytesAt(path, 0));
    }

    /// @dev What `abi.decode(value, (bytes32))` gives.
    function _toCommitment(bytes calldata value) private pure returns (bytes32 commitment) {
        assembly ("memory-safe") {
            if lt(value.length, 0x20) { revert(0, 0) }
            commitment := calldataload(value.offset)
        }
    }

    function _verifyPackets(bytes calldata proof, uint256 proofHeight)
        private
        view
        returns (uint256 entries, uint256 count)
    {
        (uint256 data, uint256 length, uint256 heads, uint256 signatures, uint256 end) =
            AttestationDecoder.decodeProof(proof);
        _requireQuorum(heads, signatures, end, _signingDigest(data, length, PACKET_TAG));
        uint256 height;
        (height, entries, count) = AttestationDecoder.decodePackets(data, length);
        require(height == proofHeight, HeightMismatch(uint64(proofHeight), uint64(height)));
    }

    /// @dev A path seen both absent and present in one transaction is not taken for absent.
    function _isKnownAbsent(uint256 height, bytes32 hashedPath) private view returns (bool) {
        return VerifiedOnce.hasEntry(height, hashedPath, 0) && !VerifiedOnce.hasNonZero(height, hashedPath);
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
