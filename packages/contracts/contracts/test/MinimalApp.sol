// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MsgSendPacket, Payload} from "../interfaces/IBCMessages.sol";
import {
    IIBCApp,
    OnAcknowledgementPacketCallback,
    OnRecvPacketCallback,
    OnTimeoutPacketCallback
} from "../interfaces/IIBCApp.sol";
import {IICS26Router} from "../interfaces/IICS26Router.sol";

/// @title An app that does nothing, to measure the cost of everything else
contract MinimalApp is IIBCApp {
    function send(IICS26Router router, MsgSendPacket calldata msg_) external returns (uint64) {
        return router.sendPacket(msg_);
    }

    function onRecvPacket(OnRecvPacketCallback calldata) external pure returns (bytes memory) {
        return hex"01";
    }

    function onAcknowledgementPacket(OnAcknowledgementPacketCallback calldata) external pure {}
    function onTimeoutPacket(OnTimeoutPacketCallback calldata) external pure {}
}
