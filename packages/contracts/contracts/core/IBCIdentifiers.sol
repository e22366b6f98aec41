// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Identifiers of clients and ports
library IBCIdentifiers {
    string internal constant CLIENT_ID_PREFIX = "client-";

    uint256 private constant MIN_LENGTH = 4;
    uint256 private constant MAX_LENGTH = 128;
    /// @dev One bit for each allowed byte: letters, digits and . _ + - # [ ] < >
    uint256 private constant ALLOWED = 0x7fffffeaffffffe53ff680800000000;

    /// @notice Whether a name may be chosen: 4 to 128 of the allowed characters, and none that the router generates.
    function isCustom(bytes memory id) internal pure returns (bool) {
        if (id.length < MIN_LENGTH || id.length > MAX_LENGTH) return false;
        if (_hasPrefix(id, "client-") || _hasPrefix(id, "channel-")) return false;
        for (uint256 i = 0; i < id.length; ++i) {
            if ((ALLOWED >> uint8(id[i])) & 1 == 0) return false;
        }
        return true;
    }

    function _hasPrefix(bytes memory id, bytes memory prefix) private pure returns (bool) {
        if (id.length < prefix.length) return false;
        for (uint256 i = 0; i < prefix.length; ++i) {
            if (id[i] != prefix[i]) return false;
        }
        return true;
    }
}
