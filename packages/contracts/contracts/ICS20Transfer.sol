// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManagedUpgradeable} from
    "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {MulticallUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/MulticallUpgradeable.sol";
import {PausableUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/PausableUpgradeable.sol";
import {BeaconProxy} from "@openzeppelin/contracts/proxy/beacon/BeaconProxy.sol";
import {UpgradeableBeacon} from "@openzeppelin/contracts/proxy/beacon/UpgradeableBeacon.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {ICS24Host} from "./core/ICS24Host.sol";
import {MsgSendPacket, Payload} from "./interfaces/IBCMessages.sol";
import {
    IIBCApp,
    IIBCSenderCallbacks,
    OnAcknowledgementPacketCallback,
    OnRecvPacketCallback,
    OnTimeoutPacketCallback
} from "./interfaces/IIBCApp.sol";
import {
    FungibleTokenPacketData,
    IEscrow,
    IIBCERC20,
    IICS20Transfer,
    IMintableAndBurnable,
    IPermit2,
    SendTransferMsg
} from "./interfaces/IICS20Transfer.sol";
import {IICS26Router} from "./interfaces/IICS26Router.sol";
import {ICS20Lib} from "./transfer/ICS20Lib.sol";

/// @title ICS-20 token transfer
/// @notice A token that leaves its home waits in the escrow of the client it left over, and stands for itself as a
/// minted token on the other side; on its way home the minted token is burned and the escrow pays out.
contract ICS20Transfer is
    IICS20Transfer,
    IIBCApp,
    ReentrancyGuardTransient,
    MulticallUpgradeable,
    UUPSUpgradeable,
    AccessManagedUpgradeable,
    PausableUpgradeable
{
    using SafeERC20 for IERC20;

    /// @custom:storage-location erc7201:ibc.storage.ICS20Transfer
    struct ICS20TransferStorage {
        mapping(string clientId => IEscrow escrow) escrows;
        mapping(string denom => address token) tokens;
        mapping(address token => string denom) denoms;
        IICS26Router ics26;
        UpgradeableBeacon ibcERC20Beacon;
        UpgradeableBeacon escrowBeacon;
        IPermit2 permit2;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("ibc.storage.ICS20Transfer")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0x823f7a8ea9ae6df0eb03ec5e1682d7a2839417ad8a91774118e6acf2e8d2f800;

    constructor() {
        _disableInitializers();
    }

    modifier onlyRouter() {
        require(msg.sender == address(_app().ics26), ICS20Unauthorized(msg.sender));
        _;
    }

    /// @dev Before the guard, whose reason the router would take for the app's answer to the packet: a token that calls
    /// back while it is sent could otherwise have the packets of others refused. Without a reason the receive reverts.
    modifier whenIdle() {
        if (_reentrancyGuardEntered()) {
            assembly ("memory-safe") {
                revert(0, 0)
            }
        }
        _;
    }

    /// @inheritdoc IICS20Transfer
    function initialize(
        address ics26Router,
        address escrowLogic,
        address ibcERC20Logic,
        address permit2,
        address authority_
    ) external initializer {
        __AccessManaged_init(authority_);
        __Pausable_init();
        ICS20TransferStorage storage app = _app();
        app.ics26 = IICS26Router(ics26Router);
        app.ibcERC20Beacon = new UpgradeableBeacon(ibcERC20Logic, address(this));
        app.escrowBeacon = new UpgradeableBeacon(escrowLogic, address(this));
        app.permit2 = IPermit2(permit2);
    }

    /// @inheritdoc IICS20Transfer
    function sendTransfer(SendTransferMsg calldata msg_) external whenNotPaused nonReentrant returns (uint64) {
        IEscrow escrow = _escrowFor(msg_);
        uint256 expected = _expectedBalance(msg_, escrow);
        IERC20(msg_.denom).safeTransferFrom(msg.sender, address(escrow), msg_.amount);
        return _sendEscrowed(msg_, escrow, expected, msg.sender);
    }

    /// @inheritdoc IICS20Transfer
    function sendTransferWithPermit2(
        SendTransferMsg calldata msg_,
        IPermit2.PermitTransferFrom calldata permit,
        bytes calldata signature
    ) external whenNotPaused nonReentrant returns (uint64) {
        require(
            permit.permitted.token == msg_.denom, ICS20Permit2TokenMismatch(permit.permitted.token, msg_.denom)
        );
        IEscrow escrow = _escrowFor(msg_);
        uint256 expected = _expectedBalance(msg_, escrow);
        _app().permit2.permitTransferFrom(
            permit, IPermit2.SignatureTransferDetails(address(escrow), msg_.amount), msg.sender, signature
        );
        return _sendEscrowed(msg_, escrow, expected, msg.sender);
    }

    /// @inheritdoc IICS20Transfer
    function sendTransferWithSender(SendTransferMsg calldata msg_, address sender)
        external
        whenNotPaused
        nonReentrant
        restricted
        returns (uint64)
    {
        IEscrow escrow = _escrowFor(msg_);
        uint256 expected = _expectedBalance(msg_, escrow);
        IERC20(msg_.denom).safeTransferFrom(msg.sender, address(escrow), msg_.amount);
        return _sendEscrowed(msg_, escrow, expected, sender);
    }

    /// @inheritdoc IIBCApp
    function onRecvPacket(OnRecvPacketCallback calldata msg_)
        external
        onlyRouter
        whenIdle
        nonReentrant
        whenNotPaused
        returns (bytes memory)
    {
        ICS20Lib.requirePayload(msg_.payload);
        FungibleTokenPacketData memory data = ICS20Lib.decode(msg_.payload.value);
        require(data.amount != 0, ICS20InvalidAmount(0));
        address receiver = ICS20Lib.toAddress(data.receiver);
        IEscrow escrow = _getOrCreateEscrow(msg_.destinationClient);
        // Tokens sent to nobody, or to the escrow itself, would be lost to everybody; refused, they are refunded.
        require(receiver != address(0) && receiver != address(escrow), ICS20InvalidAddress(data.receiver));

        // The counterparty puts its own end of the channel in front of what it received from here.
        bytes memory prefix = ICS20Lib.prefix(msg_.payload.sourcePort, msg_.sourceClient);
        address token;
        if (ICS20Lib.hasPrefix(bytes(data.denom), prefix)) {
            token = _tokenComingHome(string(Bytes.slice(bytes(data.denom), prefix.length)));
        } else {
            bytes memory trace = ICS20Lib.prefix(msg_.payload.destPort, msg_.destinationClient);
            token = _getOrCreateToken(string(abi.encodePacked(trace, data.denom)), escrow);
            IMintableAndBurnable(token).mint(address(escrow), data.amount);
        }
        escrow.send(token, receiver, data.amount);
        return ICS20Lib.SUCCESS_ACK;
    }

    /// @inheritdoc IIBCApp
    function onAcknowledgementPacket(OnAcknowledgementPacketCallback calldata msg_)
        external
        onlyRouter
        nonReentrant
        whenNotPaused
    {
        FungibleTokenPacketData memory data = ICS20Lib.decode(msg_.payload.value);
        bytes calldata ack = msg_.acknowledgement;
        bool success = !(ack.length == 32 && bytes32(ack) == ICS24Host.UNIVERSAL_ERROR_ACK);
        address sender = ICS20Lib.toAddress(data.sender);
        if (!success) _refund(msg_.payload.sourcePort, msg_.sourceClient, data, sender);
        if (ERC165Checker.supportsInterface(sender, type(IIBCSenderCallbacks).interfaceId)) {
            IIBCSenderCallbacks(sender).onAckPacket(success, msg_);
        }
    }

    /// @inheritdoc IIBCApp
    function onTimeoutPacket(OnTimeoutPacketCallback calldata msg_) external onlyRouter nonReentrant whenNotPaused {
        FungibleTokenPacketData memory data = ICS20Lib.decode(msg_.payload.value);
        address sender = ICS20Lib.toAddress(data.sender);
        _refund(msg_.payload.sourcePort, msg_.sourceClient, data, sender);
        if (ERC165Checker.supportsInterface(sender, type(IIBCSenderCallbacks).interfaceId)) {
            IIBCSenderCallbacks(sender).onTimeoutPacket(msg_);
        }
    }

    /// @inheritdoc IICS20Transfer
    function setCustomERC20(string calldata denom, address token) external restricted {
        ICS20TransferStorage storage app = _app();
        // The name of an address belongs to the token there: under it another token would leave here, and come home as
        // that one.
        (bool isAddress,) = Strings.tryParseAddress(denom);
        require(!isAddress && app.tokens[denom] == address(0), ICS20DenomAlreadyExists(denom));
        require(bytes(app.denoms[token]).length == 0, ICS20TokenAlreadyExists(app.denoms[token]));
        app.tokens[denom] = token;
        app.denoms[token] = denom;
    }

    /// @inheritdoc IICS20Transfer
    function upgradeEscrowTo(address newEscrowLogic) external restricted {
        _app().escrowBeacon.upgradeTo(newEscrowLogic);
    }

    /// @inheritdoc IICS20Transfer
    function upgradeIBCERC20To(address newIBCERC20Logic) external restricted {
        _app().ibcERC20Beacon.upgradeTo(newIBCERC20Logic);
    }

    /// @inheritdoc IICS20Transfer
    function pause() external restricted {
        _pause();
    }

    /// @inheritdoc IICS20Transfer
    function unpause() external restricted {
        _unpause();
    }

    /// @inheritdoc IICS20Transfer
    function getEscrow(string calldata clientId) external view returns (address) {
        return address(_app().escrows[clientId]);
    }

    /// @inheritdoc IICS20Transfer
    function getEscrowBeacon() external view returns (address) {
        return address(_app().escrowBeacon);
    }

    /// @inheritdoc IICS20Transfer
    function getIBCERC20Beacon() external view returns (address) {
        return address(_app().ibcERC20Beacon);
    }

    /// @inheritdoc IICS20Transfer
    function getPermit2() external view returns (address) {
        return address(_app().permit2);
    }

    /// @inheritdoc IICS20Transfer
    function ics26() external view returns (address) {
        return address(_app().ics26);
    }

    /// @inheritdoc IICS20Transfer
    function ibcERC20Contract(string calldata denom) external view returns (address token) {
        token = _app().tokens[denom];
        require(token != address(0), ICS20DenomNotFound(denom));
    }

    /// @inheritdoc IICS20Transfer
    function ibcERC20Denom(address token) external view returns (string memory) {
        return _app().denoms[token];
    }

    function _escrowFor(SendTransferMsg calldata msg_) private returns (IEscrow) {
        require(msg_.amount != 0, ICS20InvalidAmount(0));
        return _getOrCreateEscrow(msg_.sourceClient);
    }

    function _expectedBalance(SendTransferMsg calldata msg_, IEscrow escrow) private view returns (uint256) {
        return IERC20(msg_.denom).balanceOf(address(escrow)) + msg_.amount;
    }

    /// @dev Tokens that take a fee or rebase on transfer would leave vouchers without cover, so the balance must have
    /// grown by exactly the amount.
    function _sendEscrowed(SendTransferMsg calldata msg_, IEscrow escrow, uint256 expected, address sender)
        private
        returns (uint64)
    {
        uint256 actual = IERC20(msg_.denom).balanceOf(address(escrow));
        require(actual == expected, ICS20UnexpectedERC20Balance(expected, actual));
        escrow.recvCallback(msg_.denom, sender, msg_.amount);

        string memory denom = _app().denoms[msg_.denom];
        if (bytes(denom).length == 0) {
            denom = Strings.toHexString(msg_.denom);
        } else if (ICS20Lib.hasPrefix(bytes(denom), ICS20Lib.prefix(ICS20Lib.PORT, msg_.sourceClient))) {
            // It goes home over the client that it came over.
            IMintableAndBurnable(msg_.denom).burn(address(escrow), msg_.amount);
        }
        return _app().ics26.sendPacket(
            MsgSendPacket({
                sourceClient: msg_.sourceClient,
                timeoutTimestamp: msg_.timeoutTimestamp,
                payload: Payload({
                    sourcePort: ICS20Lib.PORT,
                    destPort: ICS20Lib.PORT,
                    version: ICS20Lib.VERSION,
                    encoding: ICS20Lib.ENCODING,
                    value: abi.encode(
                        FungibleTokenPacketData({
                            denom: denom,
                            sender: Strings.toHexString(sender),
                            receiver: msg_.receiver,
                            amount: msg_.amount,
                            memo: msg_.memo
                        })
                    )
                })
            })
        );
    }

    /// @dev What leaves home under its address comes back under it; anything else that comes back is a token of a
    /// third chain that passed through here.
    function _tokenComingHome(string memory denom) private view returns (address token) {
        bool isAddress;
        (isAddress, token) = Strings.tryParseAddress(denom);
        if (!isAddress || token == address(0)) {
            token = _app().tokens[denom];
            require(token != address(0), ICS20DenomNotFound(denom));
        }
    }

    /// @dev Undoes `_sendEscrowed`.
    function _refund(
        string calldata sourcePort,
        string calldata sourceClient,
        FungibleTokenPacketData memory data,
        address sender
    ) private {
        ICS20TransferStorage storage app = _app();
        IEscrow escrow = app.escrows[sourceClient];
        require(address(escrow) != address(0), ICS20EscrowNotFound(sourceClient));
        address token = app.tokens[data.denom];
        if (ICS20Lib.hasPrefix(bytes(data.denom), ICS20Lib.prefix(sourcePort, sourceClient))) {
            require(token != address(0), ICS20DenomNotFound(data.denom));
            IMintableAndBurnable(token).mint(address(escrow), data.amount);
        } else if (token == address(0)) {
            token = ICS20Lib.toAddress(data.denom);
            require(token != address(0), ICS20DenomNotFound(data.denom));
        }
        escrow.send(token, sender, data.amount);
    }

    function _getOrCreateToken(string memory denom, IEscrow escrow) private returns (address token) {
        ICS20TransferStorage storage app = _app();
        token = app.tokens[denom];
        if (token == address(0)) {
            bytes memory init = abi.encodeCall(IIBCERC20.initialize, (address(this), address(escrow), denom));
            token = address(new BeaconProxy(address(app.ibcERC20Beacon), init));
            app.tokens[denom] = token;
            app.denoms[token] = denom;
            emit IBCERC20ContractCreated(token, denom);
        }
    }

    function _getOrCreateEscrow(string calldata clientId) private returns (IEscrow escrow) {
        ICS20TransferStorage storage app = _app();
        escrow = app.escrows[clientId];
        if (address(escrow) == address(0)) {
            bytes memory init = abi.encodeCall(IEscrow.initialize, (address(this), authority()));
            escrow = IEscrow(address(new BeaconProxy(address(app.escrowBeacon), init)));
            app.escrows[clientId] = escrow;
        }
    }

    function _authorizeUpgrade(address) internal override restricted {}

    function _app() private pure returns (ICS20TransferStorage storage app) {
        assembly ("memory-safe") {
            app.slot := STORAGE_SLOT
        }
    }
}
