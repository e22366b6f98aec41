// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IBCIdentifiers} from "./core/IBCIdentifiers.sol";
import {IBCStore} from "./core/IBCStore.sol";
import {ICS02Client} from "./core/ICS02Client.sol";
import {ICS24Host} from "./core/ICS24Host.sol";
import {
    CounterpartyInfo,
    MsgAckPacket,
    MsgRecvPacket,
    MsgSendPacket,
    MsgTimeoutPacket,
    Packet,
    Payload
} from "./interfaces/IBCMessages.sol";
import {
    IIBCApp,
    OnAcknowledgementPacketCallback,
    OnRecvPacketCallback,
    OnTimeoutPacketCallback
} from "./interfaces/IIBCApp.sol";
import {IICS26Router} from "./interfaces/IICS26Router.sol";
import {MsgVerifyMembership, MsgVerifyNonMembership} from "./interfaces/ILightClient.sol";

/// @title IBC v2 router
/// @notice Commits to packets that apps send, and delivers packets, acknowledgements and timeouts that a light client
/// proves. Lives behind an ERC-1967 proxy; who may relay, name, migrate and upgrade is up to an AccessManager.
contract ICS26Router is IICS26Router, ICS02Client, IBCStore, ReentrancyGuardTransient, UUPSUpgradeable {
    /// @custom:storage-location erc7201:ibc.storage.ICS26Router
    struct ICS26RouterStorage {
        mapping(string portId => IIBCApp app) apps;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("ibc.storage.ICS26Router")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0xc5779f3c2c21083eefa6d04f6a698bc0d8c10db124ad5e0df6ef394b6d7bf600;

    uint256 private constant MAX_TIMEOUT_DURATION = 1 days;

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
    function getIBCApp(string calldata portId) public view returns (IIBCApp app) {
        app = _router().apps[portId];
        require(address(app) != address(0), IBCAppNotFound(portId));
    }

    /// @inheritdoc IICS26Router
    function sendPacket(MsgSendPacket calldata msg_) external nonReentrant returns (uint64 sequence) {
        require(address(getIBCApp(msg_.payload.sourcePort)) == msg.sender, IBCUnauthorizedSender(msg.sender));
        string memory destClient = getCounterparty(msg_.sourceClient).clientId;
        uint64 timeout = msg_.timeoutTimestamp;
        require(timeout > block.timestamp, IBCInvalidTimeoutTimestamp(timeout, block.timestamp));
        uint256 duration = timeout - block.timestamp;
        require(duration <= MAX_TIMEOUT_DURATION, IBCInvalidTimeoutDuration(MAX_TIMEOUT_DURATION, duration));

        sequence = _nextSequence(msg_.sourceClient);
        bytes32 payloadHash = ICS24Host.payloadHash(msg_.payload);
        _commitPacket(
            msg_.sourceClient, sequence, ICS24Host.packetCommitment(sha256(bytes(destClient)), timeout, payloadHash)
        );

        Payload[] memory payloads = new Payload[](1);
        payloads[0] = msg_.payload;
        emit SendPacket(
            msg_.sourceClient, sequence, Packet(sequence, msg_.sourceClient, destClient, timeout, payloads)
        );
    }

    /// @inheritdoc IICS26Router
    function recvPacket(MsgRecvPacket calldata msg_) external nonReentrant restricted {
        Packet calldata packet = msg_.packet;
        require(packet.payloads.length == 1, IBCMultiPayloadPacketNotSupported());
        Payload calldata payload = packet.payloads[0];
        CounterpartyInfo memory counterparty = _requireCounterparty(packet.destClient, packet.sourceClient);
        require(
            packet.timeoutTimestamp > block.timestamp,
            IBCInvalidTimeoutTimestamp(packet.timeoutTimestamp, block.timestamp)
        );

        getClient(packet.destClient).verifyMembership(
            MsgVerifyMembership({
                proof: msg_.proofCommitment,
                proofHeight: msg_.proofHeight,
                path: ICS24Host.prefixedPath(
                    counterparty.merklePrefix, ICS24Host.path(packet.sourceClient, ICS24Host.PACKET, packet.sequence)
                ),
                value: abi.encodePacked(ICS24Host.packetCommitment(packet))
            })
        );

        // Only after the proof, so that its entries stay verified for the rest of the transaction.
        if (!_writeReceipt(packet, keccak256(abi.encode(packet)))) {
            emit Noop();
            return;
        }

        bytes[] memory acks = new bytes[](1);
        acks[0] = _callOnRecvPacket(packet, payload);
        _commitAcknowledgement(packet, acks[0]);
        emit WriteAcknowledgement(packet.destClient, packet.sequence, packet, acks);
    }

    /// @inheritdoc IICS26Router
    function ackPacket(MsgAckPacket calldata msg_) external nonReentrant restricted {
        Packet calldata packet = msg_.packet;
        require(packet.payloads.length == 1, IBCMultiPayloadPacketNotSupported());
        Payload calldata payload = packet.payloads[0];
        CounterpartyInfo memory counterparty = _requireCounterparty(packet.sourceClient, packet.destClient);

        getClient(packet.sourceClient).verifyMembership(
            MsgVerifyMembership({
                proof: msg_.proofAcked,
                proofHeight: msg_.proofHeight,
                path: ICS24Host.prefixedPath(
                    counterparty.merklePrefix,
                    ICS24Host.path(packet.destClient, ICS24Host.ACKNOWLEDGEMENT, packet.sequence)
                ),
                value: abi.encodePacked(ICS24Host.ackCommitment(msg_.acknowledgement))
            })
        );

        if (!_deletePacketCommitment(packet)) {
            emit Noop();
            return;
        }
        getIBCApp(payload.sourcePort).onAcknowledgementPacket(
            OnAcknowledgementPacketCallback({
                sourceClient: packet.sourceClient,
                destinationClient: packet.destClient,
                sequence: packet.sequence,
                payload: payload,
                acknowledgement: msg_.acknowledgement,
                relayer: msg.sender
            })
        );
        emit AckPacket(packet.sourceClient, packet.sequence, packet, msg_.acknowledgement);
    }

    /// @inheritdoc IICS26Router
    function timeoutPacket(MsgTimeoutPacket calldata msg_) external nonReentrant restricted {
        Packet calldata packet = msg_.packet;
        require(packet.payloads.length == 1, IBCMultiPayloadPacketNotSupported());
        Payload calldata payload = packet.payloads[0];
        CounterpartyInfo memory counterparty = _requireCounterparty(packet.sourceClient, packet.destClient);

        uint256 timestamp = getClient(packet.sourceClient).verifyNonMembership(
            MsgVerifyNonMembership({
                proof: msg_.proofTimeout,
                proofHeight: msg_.proofHeight,
                path: ICS24Host.prefixedPath(
                    counterparty.merklePrefix, ICS24Host.path(packet.destClient, ICS24Host.RECEIPT, packet.sequence)
                )
            })
        );
        require(
            timestamp >= packet.timeoutTimestamp, IBCInvalidTimeoutTimestamp(packet.timeoutTimestamp, timestamp)
        );

        if (!_deletePacketCommitment(packet)) {
            emit Noop();
            return;
        }
        getIBCApp(payload.sourcePort).onTimeoutPacket(
            OnTimeoutPacketCallback({
                sourceClient: packet.sourceClient,
                destinationClient: packet.destClient,
                sequence: packet.sequence,
                payload: payload,
                relayer: msg.sender
            })
        );
        emit TimeoutPacket(packet.sourceClient, packet.sequence, packet);
    }

    /// @inheritdoc IICS26Router
    /// @dev The calls run in the same transaction with the same sender, so a light client that verifies an attestation
    /// once needs its proof in the first of them only.
    function multicall(bytes[] calldata data) external returns (bytes[] memory results) {
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

    function _callOnRecvPacket(Packet calldata packet, Payload calldata payload) private returns (bytes memory) {
        IIBCApp app = getIBCApp(payload.destPort);
        try app.onRecvPacket(
            OnRecvPacketCallback({
                sourceClient: packet.sourceClient,
                destinationClient: packet.destClient,
                sequence: packet.sequence,
                payload: payload,
                relayer: msg.sender
            })
        ) returns (bytes memory ack) {
            require(ack.length != 0, IBCAsyncAcknowledgementNotSupported());
            require(
                ack.length != 32 || bytes32(ack) != ICS24Host.UNIVERSAL_ERROR_ACK, IBCErrorUniversalAcknowledgement()
            );
            return ack;
        } catch (bytes memory reason) {
            // No reason is what running out of gas looks like; a relayer must not turn that into an answer.
            require(reason.length != 0, IBCFailedCallback());
            emit IBCAppRecvPacketCallbackError(reason);
            return abi.encodePacked(ICS24Host.UNIVERSAL_ERROR_ACK);
        }
    }

    function _requireCounterparty(string calldata clientId, string calldata expectedCounterparty)
        private
        view
        returns (CounterpartyInfo memory info)
    {
        info = getCounterparty(clientId);
        require(
            keccak256(bytes(info.clientId)) == keccak256(bytes(expectedCounterparty)),
            IBCInvalidCounterparty(info.clientId, expectedCounterparty)
        );
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
