// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What full proofs have shown in this transaction, in the client's transient storage
/// @notice Two kinds of keys, both bound to a height: an entry (path, commitment), and a path that was seen with a
/// non-zero commitment, which rules out that its absence is ever taken for proven. Transient storage belongs to one
/// contract, ends with the transaction, and is taken back with a call that reverts.
library VerifiedOnce {
    /// @dev First word of a key's pre-image: the tag above the 64 bits of the height.
    uint256 private constant ENTRY_TAG = 0x6b760000000000000000; // "kv", three words
    uint256 private constant NON_ZERO_TAG = 0x6e7a0000000000000000; // "nz", two words

    /// @notice Remembers `count` entries that lie at `entries` in calldata. Call only after every check of the proof.
    function remember(uint64 height, uint256 entries, uint256 count) internal {
        assembly ("memory-safe") {
            let key := mload(0x40)
            let nonZeroKey := add(key, 0x60)
            mstore(key, or(ENTRY_TAG, height))
            mstore(nonZeroKey, or(NON_ZERO_TAG, height))
            let end := add(entries, shl(6, count))
            for { let at := entries } lt(at, end) { at := add(at, 0x40) } {
                calldatacopy(add(key, 0x20), at, 0x40)
                tstore(keccak256(key, 0x60), 1)
                if mload(add(key, 0x40)) {
                    mstore(add(nonZeroKey, 0x20), mload(add(key, 0x20)))
                    tstore(keccak256(nonZeroKey, 0x40), 1)
                }
            }
        }
    }

    /// @notice Whether an entry with exactly this commitment (which may be zero) was seen.
    function hasEntry(uint64 height, bytes32 hashedPath, bytes32 commitment) internal view returns (bool seen) {
        assembly ("memory-safe") {
            let key := mload(0x40)
            mstore(key, or(ENTRY_TAG, height))
            mstore(add(key, 0x20), hashedPath)
            mstore(add(key, 0x40), commitment)
            seen := tload(keccak256(key, 0x60))
        }
    }

    /// @notice Whether the path was seen with a commitment other than zero.
    function hasNonZero(uint64 height, bytes32 hashedPath) internal view returns (bool seen) {
        assembly ("memory-safe") {
            mstore(0x00, or(NON_ZERO_TAG, height))
            mstore(0x20, hashedPath)
            seen := tload(keccak256(0x00, 0x40))
        }
    }
}
