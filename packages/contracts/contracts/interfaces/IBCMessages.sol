// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Height} from "./ILightClient.sol";

/// @notice The client on the other chain that follows this one.
struct CounterpartyInfo {
    string clientId;
    bytes[] merklePrefix;
}

/// @notice What one app says to its peer.
struct Payload {
    string sourcePort;
    string destPort;
    string version;
    string encoding;
    bytes value;
}

/// @notice An IBC v2 packet. The timeout is in unix seconds.
struct Packet {
    uint64 sequence;
    string sourceClient;
    string destClient;
    uint64 timeoutTimestamp;
    Payload[] payloads;
}

struct MsgSendPacket {
    string sourceClient;
    uint64 timeoutTimestamp;
    Payload payload;
}

struct MsgRecvPacket {
    Packet packet;
    bytes proofCommitment;
    Height proofHeight;
}

struct MsgAckPacket {
    Packet packet;
    bytes acknowledgement;
    bytes proofAcked;
    Height proofHeight;
}

struct MsgTimeoutPacket {
    Packet packet;
    bytes proofTimeout;
    Height proofHeight;
}
