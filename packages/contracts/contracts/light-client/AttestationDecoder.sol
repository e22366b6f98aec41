// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Reads attestation proofs in place, with the bounds that `abi.decode` keeps
/// @notice Accepts and rejects exactly the byte strings that `abi.decode` of the structs accepts and rejects: offsets
/// may be unusual and bytes may trail, but nothing outside of the encoded bytes counts, and a uint64 with bits above
/// the 64th is rejected. A rejection reverts without data.
/// @dev Faults are collected and looked at once. Reading calldata at a wrong place does no harm: what was computed
/// from it is not used once a fault is set.
library AttestationDecoder {
    /// @notice Decodes `abi.encode(AttestationProof)` except for the signatures themselves.
    /// @return data Where `attestationData` begins in calldata.
    /// @return dataLength Its length.
    /// @return heads Where the offsets of the signatures begin; the offsets count from here.
    /// @return count The number of signatures.
    /// @return end Where the proof ends.
    function decodeProof(bytes calldata proof)
        internal
        pure
        returns (uint256 data, uint256 dataLength, uint256 heads, uint256 count, uint256 end)
    {
        assembly ("memory-safe") {
            end := add(proof.offset, proof.length)
            // Everything that must be below 2^64 is joined to be compared once.
            let joined := calldataload(proof.offset)
            let head := add(proof.offset, joined)
            let fault := or(lt(proof.length, 0x20), slt(sub(end, head), 0x40))

            data := calldataload(head)
            joined := or(joined, data)
            data := add(head, data)
            dataLength := calldataload(data)
            joined := or(joined, dataLength)
            data := add(data, 0x20)
            fault := or(fault, gt(add(data, dataLength), end))

            heads := calldataload(add(head, 0x20))
            joined := or(joined, heads)
            heads := add(head, heads)
            count := calldataload(heads)
            joined := or(joined, count)
            heads := add(heads, 0x20)
            fault := or(fault, gt(add(heads, shl(5, count)), end))
            if or(fault, shr(64, joined)) { revert(0, 0) }
        }
    }

    /// @notice The signature with index `i`.
    function signatureAt(uint256 heads, uint256 end, uint256 i) internal pure returns (bytes calldata signature) {
        assembly ("memory-safe") {
            let at := calldataload(add(heads, shl(5, i)))
            let joined := at
            at := add(heads, at)
            signature.length := calldataload(at)
            signature.offset := add(at, 0x20)
            joined := or(joined, signature.length)
            if or(shr(64, joined), gt(add(signature.offset, signature.length), end)) { revert(0, 0) }
        }
    }

    /// @notice Decodes `abi.encode(StateAttestation)`.
    function decodeState(uint256 data, uint256 length) internal pure returns (uint256 height, uint256 timestampSec) {
        assembly ("memory-safe") {
            height := calldataload(data)
            timestampSec := calldataload(add(data, 0x20))
            if or(lt(length, 0x40), shr(64, or(height, timestampSec))) { revert(0, 0) }
        }
    }

    /// @notice Decodes `abi.encode(PacketAttestation)`.
    /// @return height The attested height.
    /// @return entries Where the entries begin in calldata, 64 bytes each: hashed path, commitment.
    /// @return count The number of entries.
    function decodePackets(uint256 data, uint256 length)
        internal
        pure
        returns (uint256 height, uint256 entries, uint256 count)
    {
        assembly ("memory-safe") {
            let end := add(data, length)
            let joined := calldataload(data)
            let head := add(data, joined)
            let fault := or(lt(length, 0x20), slt(sub(end, head), 0x40))
            height := calldataload(head)
            entries := calldataload(add(head, 0x20))
            joined := or(joined, or(height, entries))
            entries := add(head, entries)
            count := calldataload(entries)
            joined := or(joined, count)
            entries := add(entries, 0x20)
            fault := or(fault, gt(add(entries, shl(6, count)), end))
            if or(fault, shr(64, joined)) { revert(0, 0) }
        }
    }
}
