// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManagedUpgradeable} from
    "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {AuthorityUtils} from "@openzeppelin/contracts/access/manager/AuthorityUtils.sol";

/// @title Asks the AccessManager once a batch
/// @notice Within one `multicall`, a caller that was allowed to call a function at once is not asked about again for
/// the same function: it saves about 2,400 gas a packet. A role that is taken away by a call inside of the batch
/// takes effect after it; without the memory such a batch would revert, and the withdrawal of the role with it.
abstract contract BatchAuthority is AccessManagedUpgradeable {
    /// @dev keccak256("BatchAuthority.batch"): number of batches begun in this transaction, times two; odd while the
    /// last of them runs.
    uint256 private constant BATCH_SLOT = 0x6d3bcb52932980f0e7db22e36bd1840a95a2260971c50e3a74abe9666634f980;
    /// @dev keccak256("BatchAuthority.allowed"): plus a selector, the batch and the caller that was allowed.
    uint256 private constant ALLOWED_SLOT = 0x6defd1966e72afe524a813c2e4386e39e119de17c1b26d87e7546ba11d6213fb;

    /// @dev Around a batch of calls that keep the caller.
    modifier inBatch() {
        assembly ("memory-safe") {
            tstore(BATCH_SLOT, or(add(tload(BATCH_SLOT), 1), 1))
        }
        _;
        assembly ("memory-safe") {
            let batch := tload(BATCH_SLOT)
            tstore(BATCH_SLOT, add(batch, and(batch, 1)))
        }
    }

    /// @inheritdoc AccessManagedUpgradeable
    function _checkCanCall(address sender, bytes calldata data) internal override {
        bytes4 selector = bytes4(data[0:4]);
        uint256 slot;
        uint256 allowed;
        bool known;
        assembly ("memory-safe") {
            let batch := tload(BATCH_SLOT)
            if and(batch, 1) {
                slot := add(ALLOWED_SLOT, shr(224, selector))
                allowed := or(shl(160, batch), sender)
                known := eq(tload(slot), allowed)
            }
        }
        if (known) return;
        (bool immediate,) = AuthorityUtils.canCallWithDelay(authority(), sender, address(this), selector);
        if (!immediate) {
            // Scheduled, or not allowed at all.
            super._checkCanCall(sender, data);
        } else if (slot != 0) {
            assembly ("memory-safe") {
                tstore(slot, allowed)
            }
        }
    }
}
