// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The tuple that `getClientState` encodes.
struct AttestationClientState {
    address[] attestorAddresses;
    uint8 minRequiredSigs;
    uint64 latestHeight;
    bool isFrozen;
}

/// @title What the attestation light client adds to a light client
interface IAttestationLightClient {
    /// @notice The set of attestors is empty.
    error NoAttestors();
    /// @notice The quorum is zero or above the number of attestors.
    error BadQuorum(uint8 minRequiredSigs, uint256 attestorCount);
    /// @notice The client saw two different statements for one height, and verifies nothing any more.
    error FrozenClientState();
    /// @notice Misbehaviour is reported by submitting the contradicting update.
    error FeatureNotSupported();
    /// @notice No update was made at this height.
    error ConsensusTimestampNotFound(uint64 height);
    /// @notice A signature does not have 65 bytes.
    error InvalidSignatureLength(bytes signature);
    /// @notice Part of the deployed ABI; OpenZeppelin's ECDSA errors come before it.
    error SignatureInvalid(bytes signature);
    /// @notice A signature by a key outside of the set.
    error UnknownSigner(address signer);
    /// @notice Two signatures by one key, or one address twice in the set.
    error DuplicateSigner(address signer);
    /// @notice Fewer signatures than the quorum.
    error ThresholdNotMet(uint256 signatures, uint8 minRequiredSigs);
    /// @notice The value to prove is empty.
    error EmptyValue();
    /// @notice The attestation names no packets.
    error EmptyPackets();
    /// @notice The path must have exactly one element.
    error InvalidPathLength(uint256 expected, uint256 actual);
    /// @notice The attestation does not name this path with this commitment.
    error NotMember();
    /// @notice The attestation names this path with a commitment, so it is not absent.
    error NotNonMember();
    /// @notice The attestation is about another height than the proof.
    error HeightMismatch(uint64 expected, uint64 actual);
    /// @notice A state attestation with height or timestamp zero.
    error InvalidState(uint64 height, uint64 timestamp);
    /// @notice The proof carries no signatures.
    error EmptySignatures();

    /// @notice The role that may submit updates and proofs; granted to the zero address it is open to everybody.
    function PROOF_SUBMITTER_ROLE() external view returns (bytes32);

    /// @notice The attestors and the quorum, fixed at construction.
    function getAttestationSet() external view returns (address[] memory attestorAddresses, uint8 minRequiredSigs);

    /// @notice The timestamp in seconds stored for a height, zero when there is none.
    function getConsensusTimestamp(uint64 revisionHeight) external view returns (uint64);
}
