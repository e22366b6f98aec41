// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManagedUpgradeable} from
    "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IEscrow} from "../interfaces/IICS20Transfer.sol";

/// @title Escrow of one client
/// @notice A counterparty that lies can take what lies here and nothing else; a rate limit bounds even that.
contract Escrow is IEscrow, AccessManagedUpgradeable {
    using SafeERC20 for IERC20;

    /// @custom:storage-location erc7201:ibc.storage.Escrow
    struct EscrowStorage {
        address ics20;
    }

    /// @custom:storage-location erc7201:ibc.storage.RateLimit
    struct RateLimitStorage {
        mapping(address token => uint256 limit) limits;
        mapping(bytes32 dayAndToken => uint256 usage) dailyUsage;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("ibc.storage.Escrow")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0x537eb9d931756581e7ea6f7811162c646321946650ac0ac6bf83b24932e41600;
    /// @dev keccak256(abi.encode(uint256(keccak256("ibc.storage.RateLimit")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant RATE_LIMIT_SLOT = 0xcb05b6cb8e6c87c443cb04d44193d7d46d51c1198725a0ee3478d5baa736c100;

    constructor() {
        _disableInitializers();
    }

    modifier onlyICS20() {
        require(msg.sender == _escrow().ics20, EscrowUnauthorized(msg.sender));
        _;
    }

    /// @inheritdoc IEscrow
    function initialize(address ics20_, address authority_) external initializer {
        __AccessManaged_init(authority_);
        _escrow().ics20 = ics20_;
    }

    /// @inheritdoc IEscrow
    function send(address token, address to, uint256 amount) external onlyICS20 {
        RateLimitStorage storage rates = _rates();
        uint256 limit = rates.limits[token];
        if (limit != 0) {
            bytes32 key = _dayKey(token);
            uint256 usage = rates.dailyUsage[key] + amount;
            require(usage <= limit, RateLimitExceeded(limit, usage));
            rates.dailyUsage[key] = usage;
        }
        IERC20(token).safeTransfer(to, amount);
    }

    /// @inheritdoc IEscrow
    function recvCallback(address token, address, uint256 amount) external onlyICS20 {
        RateLimitStorage storage rates = _rates();
        if (rates.limits[token] == 0) return;
        bytes32 key = _dayKey(token);
        uint256 usage = rates.dailyUsage[key];
        rates.dailyUsage[key] = usage > amount ? usage - amount : 0;
    }

    /// @inheritdoc IEscrow
    function setRateLimit(address token, uint256 rateLimit) external restricted {
        _rates().limits[token] = rateLimit;
    }

    /// @inheritdoc IEscrow
    function getRateLimit(address token) external view returns (uint256) {
        return _rates().limits[token];
    }

    /// @inheritdoc IEscrow
    function getDailyUsage(address token) external view returns (uint256) {
        return _rates().dailyUsage[_dayKey(token)];
    }

    /// @inheritdoc IEscrow
    function ics20() external view returns (address) {
        return _escrow().ics20;
    }

    function _dayKey(address token) private view returns (bytes32) {
        return keccak256(abi.encode(block.timestamp / 1 days, token));
    }

    function _escrow() private pure returns (EscrowStorage storage escrow) {
        assembly ("memory-safe") {
            escrow.slot := STORAGE_SLOT
        }
    }

    function _rates() private pure returns (RateLimitStorage storage rates) {
        assembly ("memory-safe") {
            rates.slot := RATE_LIMIT_SLOT
        }
    }
}
