// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Dynamic fields of a tuple in calldata
/// @notice Reads what `msg_.field` reads, with one branch instead of three. Nothing outside of calldata is read: where
/// the length stands outside it reads as zero, and the field then begins behind the end of calldata.
library CalldataFields {
    uint256 private constant MAX_UINT64 = 0xffffffffffffffff;

    /// @notice A `bytes` field.
    /// @param base Where the tuple begins; its offsets count from here.
    /// @param head Where the field's offset stands, from `base`.
    function bytesAt(uint256 base, uint256 head) internal pure returns (bytes calldata field) {
        assembly ("memory-safe") {
            let at := add(base, calldataload(add(base, head)))
            let length := calldataload(at)
            at := add(at, 0x20)
            if or(gt(length, MAX_UINT64), gt(add(at, length), calldatasize())) { revert(0, 0) }
            field.offset := at
            field.length := length
        }
    }

    /// @notice A `bytes[]` field.
    /// @return heads Where the offsets of the elements begin; they count from here.
    /// @return length The number of elements.
    function bytesArrayAt(uint256 base, uint256 head) internal pure returns (uint256 heads, uint256 length) {
        assembly ("memory-safe") {
            heads := add(base, calldataload(add(base, head)))
            length := calldataload(heads)
            heads := add(heads, 0x20)
            if or(gt(length, MAX_UINT64), gt(add(heads, shl(5, length)), calldatasize())) { revert(0, 0) }
        }
    }

    /// @notice keccak256 of bytes in calldata.
    function hash(bytes calldata data) internal pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            calldatacopy(buffer, data.offset, data.length)
            digest := keccak256(buffer, data.length)
        }
    }
}
