// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IAttestationLightClient} from "../interfaces/IAttestationLightClient.sol";
import {AttestationDecoder} from "./AttestationDecoder.sol";
import {AttestorSet} from "./AttestorSet.sol";

/// @title Checks that a quorum signed
/// @notice At least `minRequiredSigs` signatures, and every one of them valid, by an attestor, and by another attestor
/// than the rest.
library AttestorQuorum {
    using AttestationDecoder for AttestationDecoder.Envelope;

    uint256 private constant SIGNATURE_BYTES = 65;
    /// @dev Half of the order of secp256k1: above it, `s` has a twin below that signs the same.
    uint256 private constant MAX_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// @dev Where the copy of the set lies in memory. An attestor that has signed is erased from the copy, so finding
    /// a signer and finding out that it signed twice is one search. The search goes on from where the last signer was
    /// found and wraps around: signatures in the order of the set cost one pass over it in all.
    struct Search {
        uint256 begin;
        uint256 end;
        uint256 next;
    }

    function verify(
        AttestationDecoder.Envelope memory envelope,
        uint8 typeTag,
        address attestorCode,
        uint256 attestorCount,
        uint8 minRequiredSigs
    ) internal view {
        uint256 signatureCount = envelope.signatureCount;
        if (signatureCount < minRequiredSigs) {
            envelope.requireWellFormed(0);
            require(signatureCount != 0, IAttestationLightClient.EmptySignatures());
            revert IAttestationLightClient.ThresholdNotMet(signatureCount, minRequiredSigs);
        }
        uint256 input = _recoveryInput(signingDigest(envelope, typeTag));
        Search memory search = _copySet(attestorCode, attestorCount);
        for (uint256 i = 0; i < signatureCount; ++i) {
            bytes calldata signature = envelope.signatureAt(i);
            address signer = _recover(input, signature);
            if (signer == address(0)) _revertBadSignature(envelope, i, signature);
            if (!_take(search, signer)) _revertUnknownOrDuplicate(envelope, i, attestorCode, attestorCount, signer);
        }
    }

    /// @notice sha256(typeTag || sha256(attestationData)).
    function signingDigest(AttestationDecoder.Envelope memory envelope, uint8 typeTag)
        internal
        view
        returns (bytes32 digest)
    {
        assembly ("memory-safe") {
            let data := mload(0x40)
            let length := mload(add(envelope, 0x20))
            calldatacopy(data, mload(envelope), length)
            mstore8(0x00, typeTag)
            if iszero(staticcall(gas(), 2, data, length, 0x01, 0x20)) { revert(0, 0) }
            if iszero(staticcall(gas(), 2, 0x00, 0x21, 0x00, 0x20)) { revert(0, 0) }
            digest := mload(0x00)
        }
    }

    /// @dev Memory for ecrecover: digest, v, r, s.
    function _recoveryInput(bytes32 digest) private pure returns (uint256 input) {
        assembly ("memory-safe") {
            input := mload(0x40)
            mstore(0x40, add(input, 0x80))
            mstore(input, digest)
        }
    }

    /// @dev Zero when the signature has a wrong length, a high s, or recovers to nothing.
    function _recover(uint256 input, bytes calldata signature) private view returns (address signer) {
        assembly ("memory-safe") {
            calldatacopy(add(input, 0x40), signature.offset, 0x40)
            if iszero(or(xor(signature.length, SIGNATURE_BYTES), gt(mload(add(input, 0x60)), MAX_S))) {
                mstore(add(input, 0x20), byte(0, calldataload(add(signature.offset, 0x40))))
                mstore(0x00, 0)
                // The precompile returns nothing for a signature that recovers to no key.
                pop(staticcall(gas(), 1, input, 0x80, 0x00, 0x20))
                signer := mload(0x00)
            }
        }
    }

    function _copySet(address attestorCode, uint256 attestorCount) private view returns (Search memory search) {
        assembly ("memory-safe") {
            let begin := mload(0x40)
            let size := mul(attestorCount, 20)
            // 12 bytes more, since a read of the last address takes a whole word.
            mstore(0x40, and(add(add(begin, size), 0x2b), not(0x1f)))
            extcodecopy(attestorCode, begin, 1, size)
            mstore(search, begin)
            mstore(add(search, 0x20), add(begin, size))
            mstore(add(search, 0x40), begin)
        }
    }

    /// @dev Finds the signer in the copy of the set and erases it. The zero address is never asked for.
    function _take(Search memory search, address signer) private pure returns (bool found) {
        assembly ("memory-safe") {
            let wanted := shl(96, signer)
            let from := mload(add(search, 0x40))
            let end := mload(add(search, 0x20))
            let at := from
            for { } 1 { } {
                if iszero(lt(at, end)) {
                    // Second half: from the beginning to where the first half began.
                    at := mload(search)
                    end := from
                    from := at
                    if iszero(lt(at, end)) { break }
                }
                let word := mload(at)
                if iszero(shr(96, xor(word, wanted))) {
                    mstore(at, shr(160, shl(160, word)))
                    mstore(add(search, 0x40), add(at, 20))
                    found := 1
                    break
                }
                at := add(at, 20)
            }
        }
    }

    function _revertBadSignature(AttestationDecoder.Envelope memory envelope, uint256 i, bytes calldata signature)
        private
        pure
    {
        envelope.requireWellFormed(i + 1);
        require(signature.length == SIGNATURE_BYTES, IAttestationLightClient.InvalidSignatureLength(signature));
        bytes32 s = bytes32(signature[32:64]);
        if (uint256(s) > MAX_S) revert ECDSA.ECDSAInvalidSignatureS(s);
        revert ECDSA.ECDSAInvalidSignature();
    }

    function _revertUnknownOrDuplicate(
        AttestationDecoder.Envelope memory envelope,
        uint256 i,
        address attestorCode,
        uint256 attestorCount,
        address signer
    ) private view {
        envelope.requireWellFormed(i + 1);
        if (AttestorSet.contains(attestorCode, attestorCount, signer)) {
            revert IAttestationLightClient.DuplicateSigner(signer);
        }
        revert IAttestationLightClient.UnknownSigner(signer);
    }
}
