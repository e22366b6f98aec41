// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IAttestationLightClient} from "../interfaces/IAttestationLightClient.sol";
import {AttestationDecoder} from "./AttestationDecoder.sol";
import {AttestorSet} from "./AttestorSet.sol";

/// @title The attestors, and the check that a quorum of them signed
/// @notice At least `minRequiredSigs` signatures, and every one of them valid, by an attestor, and by another attestor
/// than the rest.
/// @dev The set is copied to memory. An attestor that has signed is erased from the copy, so a second signature by it
/// finds nothing. Each search goes on where the last one ended and wraps around: signatures in the order of the set
/// cost one pass over it in all. Why a signature was not accepted is found out afterwards, where gas does not matter.
abstract contract AttestorQuorum is IAttestationLightClient {
    uint256 private constant SIGNATURE_BYTES = 65;
    /// @dev Half of the order of secp256k1: above it, `s` has a twin below that signs the same.
    uint256 private constant MAX_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
    /// @dev What lies behind an address of 20 bytes in a word.
    uint256 private constant BEHIND_ADDRESS = 0xffffffffffffffffffffffff;

    address private immutable ATTESTOR_CODE;
    uint256 private immutable ATTESTOR_COUNT;
    uint8 internal immutable MIN_REQUIRED_SIGS;

    constructor(address[] memory attestorAddresses, uint8 minRequiredSigs) {
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
    }

    function _attestors() internal view returns (address[] memory) {
        return AttestorSet.load(ATTESTOR_CODE, ATTESTOR_COUNT);
    }

    /// @notice sha256(typeTag || sha256(attestationData)), for data at `data` in calldata.
    function _signingDigest(uint256 data, uint256 dataLength, uint8 typeTag) internal view returns (bytes32 digest) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            calldatacopy(buffer, data, dataLength)
            mstore8(0x00, typeTag)
            if iszero(
                and(
                    // Arguments are evaluated from the last on: the pre-image is complete when it is hashed.
                    staticcall(gas(), 2, 0x00, 0x21, 0x00, 0x20),
                    staticcall(gas(), 2, buffer, dataLength, 0x01, 0x20)
                )
            ) { revert(0, 0) }
            digest := mload(0x00)
        }
    }

    /// @notice Reverts unless a quorum signed `digest`.
    /// @param heads Where the offsets of the signatures begin in calldata.
    /// @param count The number of signatures.
    /// @param end Where the proof ends.
    function _requireQuorum(uint256 heads, uint256 count, uint256 end, bytes32 digest) internal view {
        if (count < MIN_REQUIRED_SIGS) _revertThreshold(heads, count, end);
        address code = ATTESTOR_CODE;
        uint256 size = ATTESTOR_COUNT;
        // Where the loop came to: the head of the first signature that is not accepted, or the end of the heads.
        uint256 reached;
        uint256 headsEnd;
        assembly ("memory-safe") {
            // The input of ecrecover (digest, v, r, s) takes the first 128 bytes of memory, whose third and fourth
            // word Solidity needs back; the packed set lies behind everything allocated.
            let setBegin := mload(0x40)
            let setEnd := mul(size, 20)
            extcodecopy(code, setBegin, 1, setEnd)
            setEnd := add(setBegin, setEnd)
            // No signer is zero, so what is read at the end of the set is nobody.
            mstore(setEnd, 0)
            mstore(0x00, digest)
            // The largest offset at which the length and 65 bytes fit; zero, which is no signature's, if none do.
            let lastOffset := sub(end, heads)
            lastOffset := mul(gt(lastOffset, 0x60), sub(lastOffset, 0x61))
            let next := setBegin
            headsEnd := add(heads, shl(5, count))
            for { reached := heads } lt(reached, headsEnd) { reached := add(reached, 0x20) } {
                let offset := calldataload(reached)
                let signature := add(heads, offset)
                mstore(0x20, byte(0, calldataload(add(signature, 0x60))))
                calldatacopy(0x40, add(signature, 0x20), 0x40)
                pop(staticcall(gas(), 1, 0x00, 0x80, 0x20, 0x20))
                // Nothing is returned for a signature that recovers to no key.
                if or(
                    or(gt(mload(0x60), MAX_S), iszero(returndatasize())),
                    or(gt(offset, lastOffset), xor(calldataload(signature), SIGNATURE_BYTES))
                ) { break }

                let signer := mload(0x20)
                let found := next
                let word := mload(found)
                if xor(shr(96, word), signer) {
                    // Not the one after the last: look through the rest, then from the beginning.
                    for { found := add(found, 20) } lt(found, setEnd) { found := add(found, 20) } {
                        word := mload(found)
                        if eq(shr(96, word), signer) { break }
                    }
                    if iszero(lt(found, setEnd)) {
                        for { found := setBegin } lt(found, next) { found := add(found, 20) } {
                            word := mload(found)
                            if eq(shr(96, word), signer) { break }
                        }
                        if iszero(lt(found, next)) { break }
                    }
                }
                mstore(found, and(word, BEHIND_ADDRESS))
                next := add(found, 20)
            }
            mstore(0x40, setBegin)
            mstore(0x60, 0)
        }
        if (reached != headsEnd) _revertNotAccepted(heads, count, end, digest, (reached - heads) / 32);
    }

    function _revertThreshold(uint256 heads, uint256 count, uint256 end) private view {
        _requireWellFormed(heads, count, end);
        require(count != 0, EmptySignatures());
        revert ThresholdNotMet(count, MIN_REQUIRED_SIGS);
    }

    /// @dev Reverts with what is wrong with signature `i`; the ones before it are good.
    function _revertNotAccepted(uint256 heads, uint256 count, uint256 end, bytes32 digest, uint256 i) private view {
        _requireWellFormed(heads, count, end);
        bytes calldata signature = AttestationDecoder.signatureAt(heads, end, i);
        require(signature.length == SIGNATURE_BYTES, InvalidSignatureLength(signature));
        address signer = ECDSA.recoverCalldata(digest, signature);
        if (AttestorSet.contains(ATTESTOR_CODE, ATTESTOR_COUNT, signer)) revert DuplicateSigner(signer);
        revert UnknownSigner(signer);
    }

    /// @dev `abi.decode` looks at every signature's place before anything else is checked, so that fault comes first.
    function _requireWellFormed(uint256 heads, uint256 count, uint256 end) private pure {
        for (uint256 i = 0; i < count; ++i) {
            AttestationDecoder.signatureAt(heads, end, i);
        }
    }
}
