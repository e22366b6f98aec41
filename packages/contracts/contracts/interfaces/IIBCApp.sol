// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Payload} from "./IBCMessages.sol";

struct OnRecvPacketCallback {
    string sourceClient;
    string destinationClient;
    uint64 sequence;
    Payload payload;
    address relayer;
}

struct OnAcknowledgementPacketCallback {
    string sourceClient;
    string destinationClient;
    uint64 sequence;
    Payload payload;
    bytes acknowledgement;
    address relayer;
}

struct OnTimeoutPacketCallback {
    string sourceClient;
    string destinationClient;
    uint64 sequence;
    Payload payload;
    address relayer;
}

/// @title An application, as the router sees it
interface IIBCApp {
    /// @notice Handles a packet. A revert with a reason becomes an error acknowledgement, one without a reason (out
    /// of gas) reverts the receive. An app that cannot receive right now, say because it is in the middle of something
    /// else, reverts without a reason, or whoever relays could have packets refused by calling at that moment.
    /// @return The acknowledgement, not empty and not the universal error acknowledgement.
    function onRecvPacket(OnRecvPacketCallback calldata msg_) external returns (bytes memory);

    /// @notice Handles the acknowledgement of a packet that this app sent.
    function onAcknowledgementPacket(OnAcknowledgementPacketCallback calldata msg_) external;

    /// @notice Handles the timeout of a packet that this app sent.
    function onTimeoutPacket(OnTimeoutPacketCallback calldata msg_) external;
}

/// @title A contract that sent a token and wants to hear what became of it
/// @notice Called only where ERC-165 announces it.
interface IIBCSenderCallbacks {
    function onAckPacket(bool success, OnAcknowledgementPacketCallback calldata msg_) external;
    function onTimeoutPacket(OnTimeoutPacketCallback calldata msg_) external;
}
