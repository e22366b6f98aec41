// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Reads attestation proofs in place, with the bounds that `abi.decode` keeps
/// @notice Accepts and rejects exactly the byte strings that `abi.decode` of the structs accepts and rejects: offsets
/// may be unusual and bytes may trail, but nothing outside of the encoded bytes is ever read, and a uint64 with bits
/// above the 64th is rejected. A rejection reverts without data.
library AttestationDecoder {
    uint256 private constant MAX_UINT64 = 0xffffffffffffffff;
    uint256 private constant ENTRY_BYTES = 64;

    /// @notice The parts of `abi.encode(AttestationProof)`, as positions in calldata.
    /// @dev The signatures' heads are inside of `end`; each signature is checked by `signatureAt`.
    struct Envelope {
        uint256 dataOffset;
        uint256 dataLength;
        uint256 headsOffset;
        uint256 signatureCount;
        uint256 end;
    }

    function decodeEnvelope(bytes calldata proof) internal pure returns (Envelope memory envelope) {
        assembly ("memory-safe") {
            let end := add(proof.offset, proof.length)
            if lt(proof.length, 0x20) { revert(0, 0) }
            let head := calldataload(proof.offset)
            if gt(head, MAX_UINT64) { revert(0, 0) }
            head := add(proof.offset, head)
            if slt(sub(end, head), 0x40) { revert(0, 0) }

            let at := calldataload(head)
            if gt(at, MAX_UINT64) { revert(0, 0) }
            at := add(head, at)
            if iszero(slt(add(at, 0x1f), end)) { revert(0, 0) }
            let length := calldataload(at)
            if gt(length, MAX_UINT64) { revert(0, 0) }
            at := add(at, 0x20)
            if gt(add(at, length), end) { revert(0, 0) }
            mstore(envelope, at)
            mstore(add(envelope, 0x20), length)

            at := calldataload(add(head, 0x20))
            if gt(at, MAX_UINT64) { revert(0, 0) }
            at := add(head, at)
            if iszero(slt(add(at, 0x1f), end)) { revert(0, 0) }
            length := calldataload(at)
            if gt(length, MAX_UINT64) { revert(0, 0) }
            at := add(at, 0x20)
            if gt(add(at, shl(5, length)), end) { revert(0, 0) }
            mstore(add(envelope, 0x40), at)
            mstore(add(envelope, 0x60), length)
            mstore(add(envelope, 0x80), end)
        }
    }

    /// @notice The signature with index `i`.
    function signatureAt(Envelope memory envelope, uint256 i) internal pure returns (bytes calldata signature) {
        uint256 heads = envelope.headsOffset;
        uint256 end = envelope.end;
        assembly ("memory-safe") {
            let at := calldataload(add(heads, shl(5, i)))
            if gt(at, MAX_UINT64) { revert(0, 0) }
            at := add(heads, at)
            if iszero(slt(add(at, 0x1f), end)) { revert(0, 0) }
            signature.length := calldataload(at)
            if gt(signature.length, MAX_UINT64) { revert(0, 0) }
            signature.offset := add(at, 0x20)
            if gt(add(signature.offset, signature.length), end) { revert(0, 0) }
        }
    }

    /// @notice Reverts unless every signature from index `from` on lies inside of the envelope.
    /// @dev `abi.decode` looks at all of them before anything else is checked; the client asks for this before it
    /// reports another fault, so that the fault reported is the same.
    function requireWellFormed(Envelope memory envelope, uint256 from) internal pure {
        for (uint256 i = from; i < envelope.signatureCount; ++i) {
            signatureAt(envelope, i);
        }
    }

    /// @notice Decodes `abi.encode(StateAttestation)`.
    function decodeState(uint256 offset, uint256 length) internal pure returns (uint64 height, uint64 timestampSec) {
        assembly ("memory-safe") {
            if lt(length, 0x40) { revert(0, 0) }
            height := calldataload(offset)
            timestampSec := calldataload(add(offset, 0x20))
            if or(gt(height, MAX_UINT64), gt(timestampSec, MAX_UINT64)) { revert(0, 0) }
        }
    }

    /// @notice Decodes `abi.encode(PacketAttestation)`.
    /// @return height The attested height.
    /// @return entries Where the entries begin in calldata, 64 bytes each: hashed path, commitment.
    /// @return count The number of entries.
    function decodePackets(uint256 offset, uint256 length)
        internal
        pure
        returns (uint64 height, uint256 entries, uint256 count)
    {
        assembly ("memory-safe") {
            let end := add(offset, length)
            if lt(length, 0x20) { revert(0, 0) }
            let head := calldataload(offset)
            if gt(head, MAX_UINT64) { revert(0, 0) }
            head := add(offset, head)
            if slt(sub(end, head), 0x40) { revert(0, 0) }
            height := calldataload(head)
            if gt(height, MAX_UINT64) { revert(0, 0) }
            entries := calldataload(add(head, 0x20))
            if gt(entries, MAX_UINT64) { revert(0, 0) }
            entries := add(head, entries)
            if iszero(slt(add(entries, 0x1f), end)) { revert(0, 0) }
            count := calldataload(entries)
            if gt(count, MAX_UINT64) { revert(0, 0) }
            entries := add(entries, 0x20)
            if gt(add(entries, mul(count, ENTRY_BYTES)), end) { revert(0, 0) }
        }
    }
}
