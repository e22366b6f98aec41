// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MsgSendPacket, Packet} from "contracts/interfaces/IBCMessages.sol";
import {
    IIBCApp,
    OnAcknowledgementPacketCallback,
    OnRecvPacketCallback,
    OnTimeoutPacketCallback
} from "contracts/interfaces/IIBCApp.sol";
import {IICS26Router} from "contracts/interfaces/IICS26Router.sol";

/// @title An app that remembers what it was told, and answers as it is set up to
contract RecordingApp is IIBCApp {
    IICS26Router internal immutable ROUTER;
    bytes public answer = hex"01";
    bytes public lastCall;
    uint256 public calls;
    bool public refuses;

    constructor(IICS26Router router) {
        ROUTER = router;
    }

    function send(MsgSendPacket calldata msg_) external returns (uint64) {
        return ROUTER.sendPacket(msg_);
    }

    function setAnswer(bytes calldata answer_) external {
        answer = answer_;
    }

    function setRefuses(bool refuses_) external {
        refuses = refuses_;
    }

    function onRecvPacket(OnRecvPacketCallback calldata) external virtual returns (bytes memory) {
        record();
        return answer;
    }

    function onAcknowledgementPacket(OnAcknowledgementPacketCallback calldata) external virtual {
        record();
    }

    function onTimeoutPacket(OnTimeoutPacketCallback calldata) external virtual {
        record();
    }

    function record() internal {
        require(!refuses, "refused");
        require(msg.sender == address(ROUTER), "not the router");
        lastCall = msg.data;
        ++calls;
    }
}

/// @title Calls back into whatever it was given while it receives
contract ReenteringApp is RecordingApp {
    address public target;
    bytes public call_;
    bytes public result;
    bool public succeeded;

    constructor(IICS26Router router) RecordingApp(router) {}

    function setCall(address target_, bytes calldata data) external {
        (target, call_) = (target_, data);
    }

    function onRecvPacket(OnRecvPacketCallback calldata) external override returns (bytes memory) {
        (succeeded, result) = target.call(call_);
        record();
        return answer;
    }
}

/// @title Reverts in the ways that a router has to survive
contract RevertingApp is IIBCApp {
    enum Way {
        NoReason,
        Reason,
        HugeReason,
        OutOfGas,
        ReasonAfterOutOfGas,
        DeepReasonAfterOutOfGas,
        BrokenResult
    }

    Way public way;
    uint256 private sink;

    function setWay(Way way_) external {
        way = way_;
    }

    function onRecvPacket(OnRecvPacketCallback calldata) external returns (bytes memory) {
        if (way == Way.NoReason) {
            assembly {
                revert(0, 0)
            }
        }
        if (way == Way.Reason) revert("a reason");
        if (way == Way.HugeReason) {
            assembly {
                revert(0, 100000)
            }
        }
        if (way == Way.OutOfGas) burn();
        if (way == Way.ReasonAfterOutOfGas) {
            // Does its work in a call that needs two million gas, and reverts with a reason when that fails.
            try this.work(0) {} catch {
                revert("the work failed");
            }
        }
        if (way == Way.DeepReasonAfterOutOfGas) {
            try this.work(4) {} catch {
                revert("the work failed");
            }
        }
        if (way == Way.BrokenResult) {
            assembly {
                mstore(0, 0x20)
                mstore(0x20, 0xffff)
                return(0, 0x40)
            }
        }
        return hex"01";
    }

    function work(uint256 depth) external {
        if (depth != 0) {
            try this.work(depth - 1) {} catch {
                revert("deeper work failed");
            }
        } else {
            for (uint256 i = 0; i < 100; ++i) {
                assembly {
                    sstore(add(i, 1000), add(sload(add(i, 1000)), 1))
                }
            }
        }
    }

    function burn() private {
        while (true) ++sink;
    }

    function onAcknowledgementPacket(OnAcknowledgementPacketCallback calldata) external pure {
        revert("acknowledgement refused");
    }

    function onTimeoutPacket(OnTimeoutPacketCallback calldata) external pure {
        revert("timeout refused");
    }
}
