// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CounterpartyInfo, MsgAckPacket, MsgRecvPacket, MsgSendPacket, MsgTimeoutPacket, Packet} from "./IBCMessages.sol";
import {IIBCApp} from "./IIBCApp.sol";
import {ILightClient, UpdateResult} from "./ILightClient.sol";

/// @title Light clients by identifier
interface IICS02Client {
    event ICS02ClientAdded(string clientId, CounterpartyInfo counterpartyInfo, address client);
    event ICS02ClientUpdated(string clientId, UpdateResult result);
    event ICS02ClientMigrated(string clientId, CounterpartyInfo counterpartyInfo, address client);
    event ICS02MisbehaviourSubmitted(string clientId);

    error IBCInvalidClientId(string clientId);
    error IBCClientNotFound(string clientId);
    error IBCCounterpartyClientNotFound(string counterpartyClientId);
    error IBCClientAlreadyExists(string clientId);
    error IBCInvalidCounterparty(string expected, string actual);

    function addClient(CounterpartyInfo calldata counterpartyInfo, address client) external returns (string memory);
    function addClient(string calldata clientId, CounterpartyInfo calldata counterpartyInfo, address client)
        external
        returns (string memory);
    function updateClient(string calldata clientId, bytes calldata updateMsg) external returns (UpdateResult);
    function migrateClient(string calldata clientId, CounterpartyInfo calldata counterpartyInfo, address client)
        external;
    function submitMisbehaviour(string calldata clientId, bytes calldata misbehaviourMsg) external;
    function getClient(string calldata clientId) external view returns (ILightClient);
    function getCounterparty(string calldata clientId) external view returns (CounterpartyInfo memory);
    function getNextClientSeq() external view returns (uint256);
}

/// @title Provable commitments
interface IIBCStore {
    error IBCPacketCommitmentAlreadyExists(bytes path);
    error IBCPacketAcknowledgementAlreadyExists(bytes path);
    error IBCPacketCommitmentMismatch(bytes32 expected, bytes32 actual);
    error IBCPacketReceiptMismatch(bytes32 expected, bytes32 actual);
    error InvalidMerklePrefix(bytes[] prefix);
    error NoAcknowledgements();

    /// @param hashedPath keccak256 of the raw ICS-24 path.
    /// @return The commitment, zero when there is none.
    function getCommitment(bytes32 hashedPath) external view returns (bytes32);
}

/// @title IBC v2 core
interface IICS26Router is IICS02Client, IIBCStore {
    event SendPacket(string indexed clientId, uint256 indexed sequence, Packet packet);
    event WriteAcknowledgement(
        string indexed clientId, uint256 indexed sequence, Packet packet, bytes[] acknowledgements
    );
    event AckPacket(string indexed clientId, uint256 indexed sequence, Packet packet, bytes acknowledgement);
    event TimeoutPacket(string indexed clientId, uint256 indexed sequence, Packet packet);
    event Noop();
    event IBCAppAdded(string portId, address app);
    event IBCAppRecvPacketCallbackError(bytes reason);

    error IBCPortAlreadyExists(string portId);
    error IBCInvalidPortIdentifier(string portId);
    error IBCInvalidTimeoutTimestamp(uint256 timeoutTimestamp, uint256 comparedTimestamp);
    error IBCInvalidTimeoutDuration(uint256 maxTimeoutDuration, uint256 timeoutDuration);
    error IBCAsyncAcknowledgementNotSupported();
    error IBCErrorUniversalAcknowledgement();
    error IBCAppNotFound(string portId);
    error IBCUnauthorizedSender(address caller);
    error IBCFailedCallback();
    error IBCMultiPayloadPacketNotSupported();

    /// @param authority The AccessManager.
    function initialize(address authority) external;

    /// @notice Commits to a packet of the calling app.
    /// @return The sequence, counted for each client from 1.
    function sendPacket(MsgSendPacket calldata msg_) external returns (uint64);
    function recvPacket(MsgRecvPacket calldata msg_) external;
    function ackPacket(MsgAckPacket calldata msg_) external;
    function timeoutPacket(MsgTimeoutPacket calldata msg_) external;
    function multicall(bytes[] calldata data) external returns (bytes[] memory results);

    /// @notice Registers an app under its address in lower-case hex. Open to everybody.
    function addIBCApp(address app) external;
    /// @notice Registers an app under a name.
    function addIBCApp(string calldata portId, address app) external;
    function getIBCApp(string calldata portId) external view returns (IIBCApp);
}
