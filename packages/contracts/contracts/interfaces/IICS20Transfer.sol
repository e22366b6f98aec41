// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice ICS-20 packet data, ABI-encoded as one tuple on the wire.
struct FungibleTokenPacketData {
    string denom;
    string sender;
    string receiver;
    uint256 amount;
    string memo;
}

struct SendTransferMsg {
    address denom;
    uint256 amount;
    string receiver;
    string sourceClient;
    string destPort;
    uint64 timeoutTimestamp;
    string memo;
}

/// @title Uniswap's Permit2, as far as a transfer needs it
interface IPermit2 {
    struct TokenPermissions {
        address token;
        uint256 amount;
    }

    struct PermitTransferFrom {
        TokenPermissions permitted;
        uint256 nonce;
        uint256 deadline;
    }

    struct SignatureTransferDetails {
        address to;
        uint256 requestedAmount;
    }

    function permitTransferFrom(
        PermitTransferFrom calldata permit,
        SignatureTransferDetails calldata transferDetails,
        address owner,
        bytes calldata signature
    ) external;
}

/// @title ICS-20 fungible token transfer
interface IICS20Transfer {
    event IBCERC20ContractCreated(address indexed contractAddress, string fullDenomPath);

    error ICS20Unauthorized(address caller);
    error ICS20UnauthorizedPacketSender(address packetSender);
    error ICS20InvalidAddress(string addr);
    error ICS20InvalidAmount(uint256 amount);
    error ICS20UnexpectedVersion(string expected, string version);
    error ICS20UnexpectedEncoding(string expected, string actual);
    error ICS20UnexpectedERC20Balance(uint256 expected, uint256 actual);
    error ICS20DenomNotFound(string denom);
    error ICS20InvalidPort(string expected, string actual);
    error ICS20EscrowNotFound(string clientId);
    error ICS20DenomAlreadyExists(string denom);
    error ICS20TokenAlreadyExists(string denom);
    error ICS20Permit2TokenMismatch(address permitToken, address token);
    /// @notice The packet data does not decode. Said with a reason, so that the sender is refunded.
    error ICS20InvalidPacketData();

    /// @param ics26Router The router's proxy.
    /// @param escrowLogic Implementation of the escrows, which are beacon proxies, one for each client.
    /// @param ibcERC20Logic Implementation of received tokens, which are beacon proxies, one for each denom.
    /// @param permit2 Uniswap's Permit2, or zero for none.
    /// @param authority The AccessManager.
    function initialize(
        address ics26Router,
        address escrowLogic,
        address ibcERC20Logic,
        address permit2,
        address authority
    ) external;

    /// @notice Sends tokens of the caller, who has approved this contract.
    /// @return sequence The packet's sequence.
    function sendTransfer(SendTransferMsg calldata msg_) external returns (uint64 sequence);
    function sendTransferWithPermit2(
        SendTransferMsg calldata msg_,
        IPermit2.PermitTransferFrom calldata permit,
        bytes calldata signature
    ) external returns (uint64 sequence);
    /// @notice Sends tokens of the caller in the name of `sender`, who gets refunds.
    function sendTransferWithSender(SendTransferMsg calldata msg_, address sender) external returns (uint64 sequence);

    /// @notice Names the token that stands for a denom, before the first transfer of it.
    function setCustomERC20(string calldata denom, address token) external;
    function upgradeEscrowTo(address newEscrowLogic) external;
    function upgradeIBCERC20To(address newIBCERC20Logic) external;
    function pause() external;
    function unpause() external;

    function getEscrow(string calldata clientId) external view returns (address);
    function getEscrowBeacon() external view returns (address);
    function getIBCERC20Beacon() external view returns (address);
    function getPermit2() external view returns (address);
    function ics26() external view returns (address);
    function ibcERC20Contract(string calldata denom) external view returns (address);
    function ibcERC20Denom(address token) external view returns (string memory);
}

/// @title A token that this app may make and destroy
interface IMintableAndBurnable {
    function mint(address mintAddress, uint256 amount) external;
    function burn(address mintAddress, uint256 amount) external;
}

/// @title The default token for a denom of another chain
interface IIBCERC20 is IMintableAndBurnable {
    error IBCERC20Unauthorized(address caller);
    error IBCERC20NotEscrow(address escrow, address caller);

    function initialize(address ics20, address escrow, string calldata fullDenomPath) external;
    function fullDenomPath() external view returns (string memory);
    function escrow() external view returns (address);
    function ics20() external view returns (address);
}

/// @title Holds the tokens that one client's counterparty owes back
interface IEscrow {
    error EscrowUnauthorized(address caller);
    error RateLimitExceeded(uint256 rateLimit, uint256 usage);

    function initialize(address ics20, address authority) external;
    /// @notice Pays out.
    function send(address token, address to, uint256 amount) external;
    /// @notice Told after tokens came in.
    function recvCallback(address token, address from, uint256 amount) external;
    function ics20() external view returns (address);

    /// @notice Limits what may leave in a UTC day, net of what came in. Zero means no limit.
    function setRateLimit(address token, uint256 rateLimit) external;
    function getRateLimit(address token) external view returns (uint256);
    function getDailyUsage(address token) external view returns (uint256);
}
