// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What full proofs have shown in this transaction, in the client's transient storage
/// @notice Answers two questions about a height: was this very entry (path, commitment) shown, and was this path shown
/// with a commitment other than zero, which rules out that its absence is taken for proven. Transient storage belongs
/// to one contract, ends with the transaction, and is taken back with a call that reverts.
/// @dev The first entry of a path at a height takes the slot `hashedPath + base(height)` and holds the complement of
/// its commitment, so that zero means nothing. Both summands are keccak256 outputs: to make two heights share a slot
/// is as hard as to find a collision. What else is said about the same path at the same height, which no honest
/// quorum does, goes to hashed slots of its own. A filter of 256 bits tells the first entry of a path from a later
/// one without reading its slot, but for one in some hundred, where the slot is read.
library VerifiedOnce {
    /// @dev keccak256("VerifiedOnce.filter")
    uint256 private constant FILTER_SLOT = 0x56782e60a8958d14f652c8514bb4ad13db1312c20c0dbc2a488ff50325265192;

    /// @dev keccak256("VerifiedOnce.step"), an odd number: every height has a base of its own.
    uint256 private constant HEIGHT_STEP = 0x2348cffb64bdc07fa4cdfaeb745aae88dd38d5c3a194e3d7a67ce0d36509f675;

    /// @notice Remembers `count` entries that lie at `entries` in calldata, 64 bytes each.
    /// @dev Call only when nothing but the presence of the sought entry is left to check, and revert when it is not
    /// found: the revert takes the entries back.
    /// @return found Whether the entry (`hashedPath`, `commitment`) is among them.
    function remember(uint256 height, uint256 entries, uint256 count, bytes32 hashedPath, bytes32 commitment)
        internal
        returns (bool found)
    {
        uint256 base = _base(height);
        assembly ("memory-safe") {
            // Writes an entry with a look at what is known of its path.
            function settle(base_, path, value) {
                let slot := add(path, base_)
                let known := tload(slot)
                if or(iszero(value), mul(gt(known, 0), xor(known, value))) {
                    let key := mload(0x40)
                    mstore(key, base_)
                    mstore(add(key, 0x20), path)
                    mstore(add(key, 0x40), not(value))
                    if not(value) { tstore(keccak256(key, 0x40), 1) }
                    slot := keccak256(key, 0x60)
                    value := 1
                }
                tstore(slot, value)
            }

            let filter := tload(FILTER_SLOT)
            let wanted := not(commitment)
            let end := add(entries, shl(6, count))
            if and(count, 1) {
                let path := calldataload(entries)
                let value := not(calldataload(add(entries, 0x20)))
                entries := add(entries, 0x40)
                found := and(eq(path, hashedPath), eq(value, wanted))
                switch or(filter, iszero(value))
                case 0 { tstore(add(path, base), value) }
                default { settle(base, path, value) }
                filter := or(filter, shl(byte(31, path), 1))
            }
            // Two at a time.
            for { } lt(entries, end) { entries := add(entries, 0x80) } {
                let path := calldataload(entries)
                let value := not(calldataload(add(entries, 0x20)))
                found := or(found, and(eq(path, hashedPath), eq(value, wanted)))
                let bit := shl(byte(31, path), 1)
                let clash := or(and(filter, bit), iszero(value))
                filter := or(filter, bit)

                let path2 := calldataload(add(entries, 0x40))
                let value2 := not(calldataload(add(entries, 0x60)))
                found := or(found, and(eq(path2, hashedPath), eq(value2, wanted)))
                bit := shl(byte(31, path2), 1)
                clash := or(clash, or(and(filter, bit), iszero(value2)))
                filter := or(filter, bit)

                if clash {
                    settle(base, path, value)
                    settle(base, path2, value2)
                    continue
                }
                tstore(add(path, base), value)
                tstore(add(path2, base), value2)
            }
            tstore(FILTER_SLOT, filter)
        }
    }

    /// @notice Whether an entry with exactly this commitment (which may be zero) was shown.
    function hasEntry(uint256 height, bytes32 hashedPath, bytes32 commitment) internal view returns (bool shown) {
        uint256 base = _base(height);
        assembly ("memory-safe") {
            let value := not(commitment)
            shown := and(eq(tload(add(hashedPath, base)), value), iszero(iszero(value)))
            if iszero(shown) {
                let key := mload(0x40)
                mstore(key, base)
                mstore(add(key, 0x20), hashedPath)
                mstore(add(key, 0x40), commitment)
                shown := tload(keccak256(key, 0x60))
            }
        }
    }

    /// @notice Whether the path was shown with a commitment other than zero.
    function hasNonZero(uint256 height, bytes32 hashedPath) internal view returns (bool shown) {
        uint256 base = _base(height);
        assembly ("memory-safe") {
            let value := tload(add(hashedPath, base))
            shown := and(iszero(iszero(value)), iszero(iszero(not(value))))
            if iszero(shown) {
                mstore(0x00, base)
                mstore(0x20, hashedPath)
                shown := tload(keccak256(0x00, 0x40))
            }
        }
    }

    function _base(uint256 height) private pure returns (uint256 base) {
        unchecked {
            base = height * HEIGHT_STEP;
        }
    }
}
