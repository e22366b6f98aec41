// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {
    CounterpartyInfo,
    MsgAckPacket,
    MsgRecvPacket,
    MsgTimeoutPacket,
    Packet
} from "contracts/interfaces/IBCMessages.sol";
import {IICS20Transfer} from "contracts/interfaces/IICS20Transfer.sol";
import {IICS02Client, IICS26Router} from "contracts/interfaces/IICS26Router.sol";
import {Height} from "contracts/interfaces/ILightClient.sol";
import {AttestationFixture, Entry} from "./AttestationFixture.sol";
import {Vm} from "./Vm.sol";

/// @notice One end of a link. The chains of a test are all contracts of one EVM.
struct End {
    IICS26Router router;
    IICS20Transfer transfer;
    AccessManager manager;
    address lightClient;
    string clientId;
}

/// @title Two chains, their attestors, and a relayer
abstract contract LinkFixture is AttestationFixture {
    uint64 internal constant RELAYER = 1;
    uint64 internal constant PAUSER = 2;
    uint64 internal constant UNPAUSER = 3;
    uint64 internal constant DELEGATE_SENDER = 4;
    uint64 internal constant RATE_LIMITER = 5;
    uint64 internal constant ID_CUSTOMIZER = 6;
    uint64 internal constant ERC20_CUSTOMIZER = 7;

    uint64 internal lastHeight = HEIGHT;
    End internal here;
    End internal there;

    function connect() internal {
        vm.warp(TIMESTAMP);
        here = newEnd();
        there = newEnd();
        here.clientId = addClient(here, "client-0");
        there.clientId = addClient(there, "client-0");
    }

    function newEnd() internal returns (End memory end) {
        end.manager = AccessManager(deploy("accessManager", abi.encode(address(this))));
        end.router = IICS26Router(
            proxy(deploy("ics26Router", ""), abi.encodeCall(IICS26Router.initialize, (address(end.manager))))
        );
        address escrow = deploy("escrow", "");
        address token = deploy("ibcErc20", "");
        bytes memory init = abi.encodeCall(
            IICS20Transfer.initialize, (address(end.router), escrow, token, address(0), address(end.manager))
        );
        end.transfer = IICS20Transfer(proxy(deploy("ics20Transfer", ""), init));
        assignRoles(end);
        end.router.addIBCApp("transfer", address(end.transfer));
        end.lightClient = newClient(3, 5);
    }

    function proxy(address logic, bytes memory init) internal returns (address) {
        return deploy("erc1967Proxy", abi.encode(logic, init));
    }

    function assignRoles(End memory end) private {
        bytes4[] memory relay = new bytes4[](4);
        relay[0] = IICS26Router.recvPacket.selector;
        relay[1] = IICS26Router.ackPacket.selector;
        relay[2] = IICS26Router.timeoutPacket.selector;
        relay[3] = IICS02Client.updateClient.selector;
        end.manager.setTargetFunctionRole(address(end.router), relay, RELAYER);
        bytes4[] memory ids = new bytes4[](2);
        ids[0] = bytes4(keccak256("addIBCApp(string,address)"));
        ids[1] = bytes4(keccak256("addClient(string,(string,bytes[]),address)"));
        end.manager.setTargetFunctionRole(address(end.router), ids, ID_CUSTOMIZER);
        address transfer = address(end.transfer);
        end.manager.setTargetFunctionRole(transfer, only(IICS20Transfer.setCustomERC20.selector), ERC20_CUSTOMIZER);
        bytes4 delegated = IICS20Transfer.sendTransferWithSender.selector;
        end.manager.setTargetFunctionRole(transfer, only(delegated), DELEGATE_SENDER);
        end.manager.setTargetFunctionRole(transfer, only(IICS20Transfer.pause.selector), PAUSER);
        end.manager.setTargetFunctionRole(transfer, only(IICS20Transfer.unpause.selector), UNPAUSER);
        for (uint64 role = RELAYER; role <= ERC20_CUSTOMIZER; ++role) {
            end.manager.grantRole(role, address(this), 0);
        }
    }

    function only(bytes4 selector) internal pure returns (bytes4[] memory list) {
        list = new bytes4[](1);
        list[0] = selector;
    }

    function addClient(End memory end, string memory counterparty) internal returns (string memory) {
        return end.router.addClient(CounterpartyInfo(counterparty, single("")), end.lightClient);
    }

    // What attestors and a relayer do.

    /// @dev Brings the client of `to` to a new height with the present time.
    function update(End memory to) internal returns (uint64 height) {
        height = ++lastHeight;
        to.router.updateClient(to.clientId, stateProof(height, uint64(block.timestamp), 3));
    }

    /// @dev What `from` holds at the paths, as honest attestors say it.
    function attest(End memory from, uint64 height, bytes[] memory paths) internal view returns (bytes memory) {
        Entry[] memory entries = new Entry[](paths.length);
        for (uint256 i = 0; i < paths.length; ++i) {
            bytes32 hashed = keccak256(paths[i]);
            entries[i] = Entry(hashed, from.router.getCommitment(hashed));
        }
        return packetProof(height, entries, 3);
    }

    function pathOf(string memory clientId, uint8 kind, uint64 sequence) internal pure returns (bytes memory) {
        return abi.encodePacked(clientId, kind, sequence);
    }

    function commitmentOf(End memory end, string memory clientId, uint8 kind, uint64 sequence)
        internal
        view
        returns (bytes32)
    {
        return end.router.getCommitment(keccak256(pathOf(clientId, kind, sequence)));
    }

    function recvMessage(End memory from, uint64 height, Packet memory packet)
        internal
        view
        returns (MsgRecvPacket memory)
    {
        bytes memory proof = attest(from, height, single(pathOf(packet.sourceClient, 1, packet.sequence)));
        return MsgRecvPacket(packet, proof, Height(0, height));
    }

    /// @dev Receives, and returns the acknowledgement; empty when nothing was written.
    function relayRecv(End memory from, End memory to, Packet memory packet) internal returns (bytes memory ack) {
        MsgRecvPacket memory msg_ = recvMessage(from, update(to), packet);
        vm.recordLogs();
        to.router.recvPacket(msg_);
        return acknowledgementIn(vm.getRecordedLogs());
    }

    function ackMessage(End memory to, uint64 height, Packet memory packet, bytes memory ack)
        internal
        view
        returns (MsgAckPacket memory)
    {
        bytes memory proof = attest(to, height, single(pathOf(packet.destClient, 3, packet.sequence)));
        return MsgAckPacket(packet, ack, proof, Height(0, height));
    }

    function relayAck(End memory from, End memory to, Packet memory packet, bytes memory ack) internal {
        from.router.ackPacket(ackMessage(to, update(from), packet, ack));
    }

    function timeoutMessage(End memory to, uint64 height, Packet memory packet)
        internal
        view
        returns (MsgTimeoutPacket memory)
    {
        bytes memory proof = attest(to, height, single(pathOf(packet.destClient, 2, packet.sequence)));
        return MsgTimeoutPacket(packet, proof, Height(0, height));
    }

    function relayTimeout(End memory from, End memory to, Packet memory packet) internal {
        from.router.timeoutPacket(timeoutMessage(to, update(from), packet));
    }

    function sentPacketIn(Vm.Log[] memory logs) internal pure returns (Packet memory) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == IICS26Router.SendPacket.selector) return abi.decode(logs[i].data, (Packet));
        }
        revert Failed("no SendPacket", 0, 0);
    }

    function acknowledgementIn(Vm.Log[] memory logs) internal pure returns (bytes memory) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == IICS26Router.WriteAcknowledgement.selector) {
                (, bytes[] memory acks) = abi.decode(logs[i].data, (Packet, bytes[]));
                same(acks.length, 1, "one acknowledgement");
                return acks[0];
            }
        }
        return "";
    }

    function isIn(Vm.Log[] memory logs, bytes32 topic) internal pure returns (bool) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == topic) return true;
        }
        return false;
    }
}
