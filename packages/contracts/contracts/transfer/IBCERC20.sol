// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20Upgradeable} from "@openzeppelin/contracts-upgradeable/token/ERC20/ERC20Upgradeable.sol";
import {IIBCERC20} from "../interfaces/IICS20Transfer.sol";

/// @title Token that stands for a denom of another chain
/// @notice Made and destroyed by the transfer app, and only in the escrow of the client that the denom came over.
contract IBCERC20 is IIBCERC20, ERC20Upgradeable {
    /// @custom:storage-location erc7201:ibc.storage.IBCERC20
    struct IBCERC20Storage {
        string fullDenomPath;
        address escrow;
        address ics20;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("ibc.storage.IBCERC20")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0x1dd677b5a02f77610493322b5fdbbfdb607b541c6e6045daab3464e895dea800;

    constructor() {
        _disableInitializers();
    }

    modifier onlyICS20() {
        require(msg.sender == _token().ics20, IBCERC20Unauthorized(msg.sender));
        _;
    }

    /// @inheritdoc IIBCERC20
    function initialize(address ics20_, address escrow_, string calldata fullDenomPath_) external initializer {
        // The path is the only name that is known to be right; a registry may map it to a nicer one.
        __ERC20_init(fullDenomPath_, fullDenomPath_);
        IBCERC20Storage storage token = _token();
        token.fullDenomPath = fullDenomPath_;
        token.escrow = escrow_;
        token.ics20 = ics20_;
    }

    function mint(address mintAddress, uint256 amount) external onlyICS20 {
        _requireEscrow(mintAddress);
        _mint(mintAddress, amount);
    }

    function burn(address mintAddress, uint256 amount) external onlyICS20 {
        _requireEscrow(mintAddress);
        _burn(mintAddress, amount);
    }

    /// @inheritdoc IIBCERC20
    function fullDenomPath() external view returns (string memory) {
        return _token().fullDenomPath;
    }

    /// @inheritdoc IIBCERC20
    function escrow() external view returns (address) {
        return _token().escrow;
    }

    /// @inheritdoc IIBCERC20
    function ics20() external view returns (address) {
        return _token().ics20;
    }

    function _requireEscrow(address account) private view {
        address escrow_ = _token().escrow;
        require(account == escrow_, IBCERC20NotEscrow(escrow_, account));
    }

    function _token() private pure returns (IBCERC20Storage storage token) {
        assembly ("memory-safe") {
            token.slot := STORAGE_SLOT
        }
    }
}
