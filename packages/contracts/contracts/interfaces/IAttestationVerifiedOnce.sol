// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A light client that verifies an attestation once in a transaction
/// @notice After a full proof, later proofs of the same transaction for paths that it names may be empty bytes.
/// Announced through ERC-165: whoever assembles transactions asks `supportsInterface` of this interface's id.
interface IAttestationVerifiedOnce {
    /// @notice An empty proof for something that no full proof of this transaction has shown.
    error NotVerifiedInTransaction(uint64 height, bytes32 hashedPath);

    /// @notice Whether an empty proof would be accepted now, in this transaction.
    /// @param height The proof height.
    /// @param hashedPath keccak256 of the raw path.
    /// @param commitment The value to prove, or zero to ask for absence.
    /// @return True when a full proof has been verified in this transaction, and the client is not frozen.
    function verifiedInTransaction(uint64 height, bytes32 hashedPath, bytes32 commitment) external view returns (bool);
}
