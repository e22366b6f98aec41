// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IBCIdentifiers} from "./core/IBCIdentifiers.sol";
import {IBCStore} from "./core/IBCStore.sol";
import {ICS02Client} from "./core/ICS02Client.sol";
import {ICS24Host} from "./core/ICS24Host.sol";
import {PacketCalls} from "./core/PacketCalls.sol";
import {PacketEvents} from "./core/PacketEvents.sol";
import {PacketImage, PacketImages} from "./core/PacketImage.sol";
import {
    MsgAckPacket,
    MsgRecvPacket,
    MsgSendPacket,
    MsgTimeoutPacket,
    Packet,
    Payload
} from "./interfaces/IBCMessages.sol";
import {IIBCApp} from "./interfaces/IIBCApp.sol";
import {IICS26Router} from "./interfaces/IICS26Router.sol";
import {Height, ILightClient, MsgVerifyMembership, MsgVerifyNonMembership} from "./interfaces/ILightClient.sol";

/// @title IBC v2 router
/// @notice Commits to packets that apps send, and delivers packets, acknowledgements and timeouts that a light client
/// proves. Lives behind an ERC-1967 proxy; who may relay, name, migrate and upgrade is up to an AccessManager.
contract ICS26Router is IICS26Router, ICS02Client, IBCStore, ReentrancyGuardTransient, UUPSUpgradeable {
    using PacketCalls for ILightClient;
    using PacketCalls for IIBCApp;
    using PacketEvents for PacketImage;
    using PacketImages for PacketImage;

    /// @custom:storage-location erc7201:ibc.storage.ICS26Router
    struct ICS26RouterStorage {
        mapping(string portId => IIBCApp app) apps;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("ibc.storage.ICS26Router")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0xc5779f3c2c21083eefa6d04f6a698bc0d8c10db124ad5e0df6ef394b6d7bf600;

    uint256 private constant MAX_TIMEOUT_DURATION = 1 days;

    /// @dev After a failed receive, more than this fraction of the gas before it must be left. Seven levels of calls
    /// that ran out of gas leave less.
    uint256 private constant MIN_GAS_LEFT_DIVISOR = 8;

    /// @dev The implementation itself, so that a batch does not go through the proxy once more for each call.
    address private immutable IMPLEMENTATION = address(this);

    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IICS26Router
    function initialize(address authority) external initializer {
        __AccessManaged_init(authority);
    }

    /// @inheritdoc IICS26Router
    function addIBCApp(address app) external nonReentrant {
        _addIBCApp(Strings.toHexString(app), app);
    }

    /// @inheritdoc IICS26Router
    function addIBCApp(string calldata portId, address app) external nonReentrant restricted {
        // A name that reads as an address would take the port that belongs to the app at that address.
        (bool isAddress,) = Strings.tryParseAddress(portId);
        require(!isAddress && IBCIdentifiers.isCustom(bytes(portId)), IBCInvalidPortIdentifier(portId));
        _addIBCApp(portId, app);
    }

    /// @inheritdoc IICS26Router
    function getIBCApp(string calldata portId) external view returns (IIBCApp) {
        return _requireApp(portId);
    }

    /// @inheritdoc IICS26Router
    function sendPacket(MsgSendPacket calldata msg_) external nonReentrant returns (uint64 sequence) {
        require(address(_requireApp(msg_.payload.sourcePort)) == msg.sender, IBCUnauthorizedSender(msg.sender));
        string memory destClient = getCounterparty(msg_.sourceClient).clientId;
        uint64 timeout = msg_.timeoutTimestamp;
        require(timeout > block.timestamp, IBCInvalidTimeoutTimestamp(timeout, block.timestamp));
        uint256 duration = timeout - block.timestamp;
        require(duration <= MAX_TIMEOUT_DURATION, IBCInvalidTimeoutDuration(MAX_TIMEOUT_DURATION, duration));

        sequence = _nextSequence(msg_.sourceClient);
        _commitPacket(
            msg_.sourceClient, sequence, ICS24Host.packetCommitment(destClient, timeout, msg_.payload)
        );

        Payload[] memory payloads = new Payload[](1);
        payloads[0] = msg_.payload;
        emit SendPacket(
            msg_.sourceClient, sequence, Packet(sequence, msg_.sourceClient, destClient, timeout, payloads)
        );
    }

    /// @inheritdoc IICS26Router
    function recvPacket(MsgRecvPacket calldata msg_) external nonReentrant restricted {
        PacketImage memory image = PacketImages.encode(msg_.packet);
        (ILightClient client, bool hasEmptyPrefix) = _requireClient(image.destinationId(), image.sourceId());
        uint64 timeout = image.timeoutTimestamp();
        require(timeout > block.timestamp, IBCInvalidTimeoutTimestamp(timeout, block.timestamp));

        bytes memory path = image.path(PacketImages.SOURCE_CLIENT, ICS24Host.PACKET);
        bytes32 commitment = image.commitment();
        if (hasEmptyPrefix) {
            client.verifyMembership(msg_.proofCommitment, msg_.proofHeight, path, commitment);
        } else {
            bytes[] memory prefixed = _prefixed(image.destinationId(), path);
            _verifyPrefixed(client, msg_.proofCommitment, msg_.proofHeight, prefixed, commitment);
        }

        // Only after the proof, so that its entries stay verified for the rest of the transaction.
        if (!_writeReceipt(image)) {
            emit Noop();
            return;
        }
        bytes memory ack = _callOnRecvPacket(image);
        _commitAcknowledgement(image, ICS24Host.ackCommitment(ack));
        image.emitWriteAcknowledgement(ack);
    }

    /// @inheritdoc IICS26Router
    function ackPacket(MsgAckPacket calldata msg_) external nonReentrant restricted {
        PacketImage memory image = PacketImages.encode(msg_.packet);
        (ILightClient client, bool hasEmptyPrefix) = _requireClient(image.sourceId(), image.destinationId());

        bytes memory path = image.path(image.destClient, ICS24Host.ACKNOWLEDGEMENT);
        bytes32 commitment = ICS24Host.ackCommitment(msg_.acknowledgement);
        if (hasEmptyPrefix) {
            client.verifyMembership(msg_.proofAcked, msg_.proofHeight, path, commitment);
        } else {
            bytes[] memory prefixed = _prefixed(image.sourceId(), path);
            _verifyPrefixed(client, msg_.proofAcked, msg_.proofHeight, prefixed, commitment);
        }

        if (!_deletePacketCommitment(image)) {
            emit Noop();
            return;
        }
        _requireApp(image.sourcePort()).onAcknowledgementPacket(image, msg_.acknowledgement);
        image.emitAckPacket(msg_.acknowledgement);
    }

    /// @inheritdoc IICS26Router
    function timeoutPacket(MsgTimeoutPacket calldata msg_) external nonReentrant restricted {
        PacketImage memory image = PacketImages.encode(msg_.packet);
        (ILightClient client, bool hasEmptyPrefix) = _requireClient(image.sourceId(), image.destinationId());

        bytes memory path = image.path(image.destClient, ICS24Host.RECEIPT);
        uint256 timestamp;
        if (hasEmptyPrefix) {
            timestamp = client.verifyNonMembership(msg_.proofTimeout, msg_.proofHeight, path);
        } else {
            bytes[] memory prefixed = _prefixed(image.sourceId(), path);
            timestamp = client.verifyNonMembership(
                MsgVerifyNonMembership(msg_.proofTimeout, msg_.proofHeight, prefixed)
            );
        }
        uint64 timeout = image.timeoutTimestamp();
        require(timestamp >= timeout, IBCInvalidTimeoutTimestamp(timeout, timestamp));

        if (!_deletePacketCommitment(image)) {
            emit Noop();
            return;
        }
        _requireApp(image.sourcePort()).onTimeoutPacket(image);
        image.emitTimeoutPacket();
    }

    /// @inheritdoc IICS26Router
    /// @dev The calls run in the same transaction with the same sender, so a light client that verifies an attestation
    /// once needs its proof in the first of them only.
    function multicall(bytes[] calldata data) external inBatch returns (bytes[] memory results) {
        results = new bytes[](data.length);
        for (uint256 i = 0; i < data.length; ++i) {
            results[i] = _delegateToSelf(data[i]);
        }
    }

    function _delegateToSelf(bytes calldata data) private returns (bytes memory result) {
        address implementation = IMPLEMENTATION;
        assembly ("memory-safe") {
            // The input is not kept: memory would otherwise grow with the batch, and its price with the square.
            let input := mload(0x40)
            calldatacopy(input, data.offset, data.length)
            if iszero(delegatecall(gas(), implementation, input, data.length, 0, 0)) {
                returndatacopy(input, 0, returndatasize())
                revert(input, returndatasize())
            }
            result := 0x60
            if returndatasize() {
                result := input
                mstore(result, returndatasize())
                returndatacopy(add(result, 0x20), 0, returndatasize())
                mstore(0x40, and(add(add(result, returndatasize()), 0x3f), not(0x1f)))
            }
        }
    }

    function _verifyPrefixed(
        ILightClient client,
        bytes calldata proof,
        Height calldata height,
        bytes[] memory path,
        bytes32 commitment
    ) private {
        client.verifyMembership(MsgVerifyMembership(proof, height, path, abi.encodePacked(commitment)));
    }

    function _requireApp(string memory portId) private view returns (IIBCApp app) {
        app = _router().apps[portId];
        require(address(app) != address(0), IBCAppNotFound(portId));
    }

    function _callOnRecvPacket(PacketImage memory image) private returns (bytes memory ack) {
        IIBCApp app = _requireApp(image.destPort());
        uint256 gasBefore = gasleft();
        bool success;
        (success, ack) = app.onRecvPacket(image);
        if (success) {
            require(ack.length != 0, IBCAsyncAcknowledgementNotSupported());
            require(
                ack.length != 32 || bytes32(ack) != ICS24Host.UNIVERSAL_ERROR_ACK, IBCErrorUniversalAcknowledgement()
            );
            return ack;
        }
        // A relayer must not turn its own lack of gas into an answer of the app. No reason is what running out of gas
        // looks like in the app itself; where it happened further down and came back with a reason, little of the gas
        // is left: each level of calls keeps a 64th.
        require(ack.length != 0 && gasleft() > gasBefore / MIN_GAS_LEFT_DIVISOR, IBCFailedCallback());
        emit IBCAppRecvPacketCallbackError(ack);
        return abi.encodePacked(ICS24Host.UNIVERSAL_ERROR_ACK);
    }

    function _addIBCApp(string memory portId, address app) private {
        mapping(string => IIBCApp) storage apps = _router().apps;
        require(address(apps[portId]) == address(0), IBCPortAlreadyExists(portId));
        apps[portId] = IIBCApp(app);
        emit IBCAppAdded(portId, app);
    }

    function _authorizeUpgrade(address) internal override restricted {}

    function _router() private pure returns (ICS26RouterStorage storage router) {
        assembly ("memory-safe") {
            router.slot := STORAGE_SLOT
        }
    }
}
