// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title A fixed list of addresses kept as the code of a contract
/// @notice One cold account access (2,600 gas) reads the whole list in a transaction, where storage would cost
/// 2,100 gas for every signer. The code is one STOP byte, so that nobody can run it, and 20 bytes an address.
library AttestorSet {
    /// @notice The list does not fit into the code of a contract, or its deployment ran out of gas.
    error AttestorSetNotStored(uint256 attestorCount);

    /// @dev Init code: copy everything after these 11 bytes to memory and return it.
    /// 600b 38 03 80 600b 5f 39 5f f3
    bytes11 private constant INIT_CODE = 0x600b380380600b5f395ff3;

    function store(address[] memory attestors) internal returns (address code) {
        uint256 count = attestors.length;
        bytes memory creation = new bytes(12 + 20 * count);
        assembly ("memory-safe") {
            mstore(add(creation, 0x20), INIT_CODE)
            let to := add(creation, 44)
            let from := add(attestors, 0x20)
            // The last word written may run past the buffer's end, so the addresses are written from the back and
            // each is shifted in front of what follows it.
            for { let i := count } i { } {
                i := sub(i, 1)
                let at := add(to, mul(i, 20))
                let kept := shr(160, shl(160, mload(at)))
                mstore(at, or(shl(96, mload(add(from, shl(5, i)))), kept))
            }
            code := create(0, add(creation, 0x20), mload(creation))
        }
        require(code != address(0), AttestorSetNotStored(count));
    }

    function load(address code, uint256 count) internal view returns (address[] memory attestors) {
        attestors = new address[](count);
        assembly ("memory-safe") {
            let packed := mload(0x40)
            extcodecopy(code, packed, 1, mul(count, 20))
            for { let i := 0 } lt(i, count) { i := add(i, 1) } {
                mstore(add(add(attestors, 0x20), shl(5, i)), shr(96, mload(add(packed, mul(i, 20)))))
            }
        }
    }

    function contains(address code, uint256 count, address signer) internal view returns (bool) {
        address[] memory attestors = load(code, count);
        for (uint256 i = 0; i < count; ++i) {
            if (attestors[i] == signer) return true;
        }
        return false;
    }
}
