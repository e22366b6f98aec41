// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Initializable} from "@openzeppelin/contracts-upgradeable/proxy/utils/Initializable.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {
    CounterpartyInfo,
    MsgRecvPacket,
    MsgSendPacket,
    MsgTimeoutPacket,
    Packet,
    Payload
} from "contracts/interfaces/IBCMessages.sol";
import {
    IIBCApp,
    OnAcknowledgementPacketCallback,
    OnRecvPacketCallback,
    OnTimeoutPacketCallback
} from "contracts/interfaces/IIBCApp.sol";
import {IAttestationLightClient} from "contracts/interfaces/IAttestationLightClient.sol";
import {IIBCStore, IICS02Client, IICS26Router} from "contracts/interfaces/IICS26Router.sol";
import {ILightClient} from "contracts/interfaces/ILightClient.sol";
import {RecordingApp, ReenteringApp, RevertingApp} from "./contracts/Apps.sol";
import {End, LinkFixture} from "./contracts/LinkFixture.sol";
import {Vm} from "./contracts/Vm.sol";

contract RouterTest is LinkFixture {
    bytes32 internal constant ERROR_ACK = sha256("UNIVERSAL_ERROR_ACKNOWLEDGEMENT");
    RecordingApp internal sender;
    RecordingApp internal receiver;

    function setUp() external {
        connect();
        sender = new RecordingApp(here.router);
        receiver = new RecordingApp(there.router);
        here.router.addIBCApp("sending", address(sender));
        there.router.addIBCApp("receiving", address(receiver));
    }

    function messageFor(bytes memory value) internal view returns (MsgSendPacket memory) {
        Payload memory payload = Payload("sending", "receiving", "v1", "raw", value);
        return MsgSendPacket(here.clientId, uint64(block.timestamp + 600), payload);
    }

    function sendOne(bytes memory value) internal returns (Packet memory) {
        MsgSendPacket memory msg_ = messageFor(value);
        vm.recordLogs();
        sender.send(msg_);
        return sentPacketIn(vm.getRecordedLogs());
    }

    // Sending.

    function test_sendCommits() external {
        Packet memory packet = sendOne("hello");
        same(packet.sequence, 1, "first sequence");
        same(bytes(packet.destClient), "client-0", "counterparty");
        bytes32 payload = sha256(
            abi.encodePacked(sha256("sending"), sha256("receiving"), sha256("v1"), sha256("raw"), sha256("hello"))
        );
        bytes32 commitment = sha256(
            abi.encodePacked(
                uint8(2),
                sha256(bytes(packet.destClient)),
                sha256(abi.encodePacked(packet.timeoutTimestamp)),
                sha256(abi.encodePacked(payload))
            )
        );
        same(commitmentOf(here, here.clientId, 1, 1), commitment, "commitment");
        bytes32 base = 0x1260944489272988d9df285149b5aa1b0f48f2136d6f416159f840a3e0747600;
        bytes32 slot = keccak256(abi.encode(keccak256(pathOf(here.clientId, 1, 1)), base));
        same(vm.load(address(here.router), slot), commitment, "slot of the storage proof");
        same(sendOne("again").sequence, 2, "second sequence");
    }

    function test_sendChecks() external {
        MsgSendPacket memory msg_ = messageFor("x");
        vm.expectRevert(abi.encodeWithSelector(IICS26Router.IBCUnauthorizedSender.selector, address(this)));
        here.router.sendPacket(msg_);
        msg_.timeoutTimestamp = uint64(block.timestamp);
        vm.expectRevert(
            abi.encodeWithSelector(
                IICS26Router.IBCInvalidTimeoutTimestamp.selector, block.timestamp, block.timestamp
            )
        );
        sender.send(msg_);
        msg_.timeoutTimestamp = uint64(block.timestamp + 1 days + 1);
        vm.expectRevert(
            abi.encodeWithSelector(IICS26Router.IBCInvalidTimeoutDuration.selector, 1 days, 1 days + 1)
        );
        sender.send(msg_);
        msg_.timeoutTimestamp = uint64(block.timestamp + 1 days);
        same(sender.send(msg_), 1, "a day is allowed");
        msg_.sourceClient = "client-7";
        vm.expectRevert(abi.encodeWithSelector(IICS02Client.IBCCounterpartyClientNotFound.selector, "client-7"));
        sender.send(msg_);
        msg_.payload.sourcePort = "nobody";
        vm.expectRevert(abi.encodeWithSelector(IICS26Router.IBCAppNotFound.selector, "nobody"));
        sender.send(msg_);
    }

    // Receiving.

    function test_receiveCallsTheAppAndWritesWhatSolidityWould() external {
        Packet memory packet = sendOne("some payload that is longer than one word of memory");
        receiver.setAnswer("an answer");
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), packet);
        vm.recordLogs();
        there.router.recvPacket(msg_);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        OnRecvPacketCallback memory callback = OnRecvPacketCallback(
            packet.sourceClient, packet.destClient, packet.sequence, packet.payloads[0], address(this)
        );
        same(receiver.lastCall(), abi.encodeCall(IIBCApp.onRecvPacket, (callback)), "callback");
        same(logs.length, 1, "one event");
        bytes[] memory acks = single("an answer");
        same(logs[0].data, abi.encode(packet, acks), "event data");
        same(logs[0].topics[1], keccak256("client-0"), "client topic");
        same(uint256(logs[0].topics[2]), 1, "sequence topic");
        same(commitmentOf(there, there.clientId, 2, 1), keccak256(abi.encode(packet)), "receipt");
        same(
            commitmentOf(there, there.clientId, 3, 1),
            sha256(abi.encodePacked(uint8(2), sha256("an answer"))),
            "acknowledgement"
        );
    }

    function testFuzz_theImageIsTheEncoding(bytes calldata value, bytes calldata ack, string calldata version)
        external
    {
        MsgSendPacket memory send = messageFor(value);
        send.payload.version = version;
        vm.recordLogs();
        sender.send(send);
        Packet memory packet = sentPacketIn(vm.getRecordedLogs());
        bytes memory answer = bytes.concat(hex"02", ack);
        receiver.setAnswer(answer);
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), packet);
        vm.recordLogs();
        there.router.recvPacket(msg_);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        same(logs[0].data, abi.encode(packet, single(answer)), "event");
        same(commitmentOf(there, there.clientId, 2, 1), keccak256(abi.encode(packet)), "receipt");
        OnRecvPacketCallback memory callback =
            OnRecvPacketCallback(packet.sourceClient, packet.destClient, 1, packet.payloads[0], address(this));
        same(receiver.lastCall(), abi.encodeCall(IIBCApp.onRecvPacket, (callback)), "callback");

        uint64 height = update(here);
        vm.recordLogs();
        here.router.ackPacket(ackMessage(there, height, packet, answer));
        logs = vm.getRecordedLogs();
        same(logs[0].data, abi.encode(packet, answer), "acknowledgement event");
        OnAcknowledgementPacketCallback memory acknowledged = OnAcknowledgementPacketCallback(
            packet.sourceClient, packet.destClient, 1, packet.payloads[0], answer, address(this)
        );
        same(
            sender.lastCall(), abi.encodeCall(IIBCApp.onAcknowledgementPacket, (acknowledged)), "acknowledgement call"
        );
    }

    function test_receiveTwiceIsANoop() external {
        Packet memory packet = sendOne("once");
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), packet);
        there.router.recvPacket(msg_);
        vm.recordLogs();
        there.router.recvPacket(msg_);
        check(isIn(vm.getRecordedLogs(), IICS26Router.Noop.selector), "no-op");
        same(receiver.calls(), 1, "one call");
        msg_.proofCommitment = packetProof(lastHeight, one("other", ERROR_ACK), 3);
        vm.expectRevert(IAttestationLightClient.NotMember.selector);
        there.router.recvPacket(msg_);
    }

    /// Two packets with one sequence: only a lying quorum can bring the second one.
    function test_anotherPacketWithTheSequenceIsRefused() external {
        Packet memory packet = sendOne("once");
        relayRecv(here, there, packet);
        bytes32 receipt = keccak256(abi.encode(packet));
        packet.payloads[0].value = "twice";
        bytes memory path = pathOf(packet.sourceClient, 1, 1);
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), packet);
        msg_.proofCommitment = packetProof(lastHeight, one(path, committed(packet)), 3);
        vm.expectRevert(
            abi.encodeWithSelector(
                IIBCStore.IBCPacketReceiptMismatch.selector, receipt, keccak256(abi.encode(packet))
            )
        );
        there.router.recvPacket(msg_);
    }

    function committed(Packet memory packet) private pure returns (bytes32) {
        Payload memory p = packet.payloads[0];
        bytes32 hashed = sha256(
            abi.encodePacked(
                sha256(bytes(p.sourcePort)),
                sha256(bytes(p.destPort)),
                sha256(bytes(p.version)),
                sha256(bytes(p.encoding)),
                sha256(p.value)
            )
        );
        return sha256(
            abi.encodePacked(
                uint8(2),
                sha256(bytes(packet.destClient)),
                sha256(abi.encodePacked(packet.timeoutTimestamp)),
                sha256(abi.encodePacked(hashed))
            )
        );
    }

    function test_receiveChecks() external {
        Packet memory packet = sendOne("x");
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), packet);
        msg_.packet.destClient = "client-9";
        vm.expectRevert(abi.encodeWithSelector(IICS02Client.IBCCounterpartyClientNotFound.selector, "client-9"));
        there.router.recvPacket(msg_);
        msg_.packet.destClient = "client-0";
        msg_.packet.sourceClient = "client-1";
        vm.expectRevert(
            abi.encodeWithSelector(IICS02Client.IBCInvalidCounterparty.selector, "client-0", "client-1")
        );
        there.router.recvPacket(msg_);
        msg_.packet.sourceClient = "";
        vm.expectRevert(abi.encodeWithSelector(IICS02Client.IBCInvalidCounterparty.selector, "client-0", ""));
        there.router.recvPacket(msg_);
        msg_.packet.sourceClient = "client-0";
        Payload[] memory payloads = packet.payloads;
        msg_.packet.payloads = new Payload[](2);
        vm.expectRevert(IICS26Router.IBCMultiPayloadPacketNotSupported.selector);
        there.router.recvPacket(msg_);
        msg_.packet.payloads = new Payload[](0);
        vm.expectRevert(IICS26Router.IBCMultiPayloadPacketNotSupported.selector);
        there.router.recvPacket(msg_);
        msg_.packet.payloads = payloads;
        msg_.packet.payloads[0].value = "y";
        vm.expectRevert(IAttestationLightClient.NotMember.selector);
        there.router.recvPacket(msg_);
        vm.warp(packet.timeoutTimestamp);
        vm.expectRevert(
            abi.encodeWithSelector(
                IICS26Router.IBCInvalidTimeoutTimestamp.selector, packet.timeoutTimestamp, packet.timeoutTimestamp
            )
        );
        there.router.recvPacket(msg_);
    }

    function test_anUnknownPortIsNoAnswer() external {
        MsgSendPacket memory send = messageFor("x");
        send.payload.destPort = "nobody";
        vm.recordLogs();
        sender.send(send);
        Packet memory packet = sentPacketIn(vm.getRecordedLogs());
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), packet);
        vm.expectRevert(abi.encodeWithSelector(IICS26Router.IBCAppNotFound.selector, "nobody"));
        there.router.recvPacket(msg_);
    }

    function test_acknowledgementsThatAnAppMustNotGive() external {
        MsgRecvPacket memory msg_ = recvMessage(here, 0, sendOne("x"));
        msg_ = recvMessage(here, update(there), msg_.packet);
        receiver.setAnswer("");
        vm.expectRevert(IICS26Router.IBCAsyncAcknowledgementNotSupported.selector);
        there.router.recvPacket(msg_);
        receiver.setAnswer(abi.encodePacked(ERROR_ACK));
        vm.expectRevert(IICS26Router.IBCErrorUniversalAcknowledgement.selector);
        there.router.recvPacket(msg_);
        receiver.setAnswer(abi.encodePacked(ERROR_ACK, uint8(0)));
        there.router.recvPacket(msg_);
    }

    // Apps that fail.

    function failing(RevertingApp.Way way) private returns (MsgRecvPacket memory) {
        RevertingApp app = new RevertingApp();
        app.setWay(way);
        there.router.addIBCApp("failing", address(app));
        MsgSendPacket memory send = messageFor("x");
        send.payload.destPort = "failing";
        vm.recordLogs();
        sender.send(send);
        Packet memory packet = sentPacketIn(vm.getRecordedLogs());
        return recvMessage(here, update(there), packet);
    }

    function test_aReasonBecomesAnErrorAcknowledgement() external {
        MsgRecvPacket memory msg_ = failing(RevertingApp.Way.Reason);
        vm.recordLogs();
        there.router.recvPacket(msg_);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        same(acknowledgementIn(logs), abi.encodePacked(ERROR_ACK), "error acknowledgement");
        same(
            logs[0].data,
            abi.encode(abi.encodeWithSignature("Error(string)", "a reason")),
            "IBCAppRecvPacketCallbackError"
        );
        same(commitmentOf(there, there.clientId, 3, 1), sha256(abi.encodePacked(uint8(2), sha256(abi.encodePacked(ERROR_ACK)))), "stored");
    }

    function test_noReasonRevertsTheReceive() external {
        MsgRecvPacket memory msg_ = failing(RevertingApp.Way.NoReason);
        vm.expectRevert(IICS26Router.IBCFailedCallback.selector);
        there.router.recvPacket(msg_);
        same(commitmentOf(there, there.clientId, 2, 1), 0, "no receipt");
    }

    function test_aHugeReasonIsCut() external {
        MsgRecvPacket memory msg_ = failing(RevertingApp.Way.HugeReason);
        vm.recordLogs();
        there.router.recvPacket(msg_);
        bytes memory reason = abi.decode(vm.getRecordedLogs()[0].data, (bytes));
        same(reason.length, 1024, "first kilobyte");
    }

    function test_aBrokenResultRevertsTheReceive() external {
        MsgRecvPacket memory msg_ = failing(RevertingApp.Way.BrokenResult);
        vm.expectRevert(bytes(""));
        there.router.recvPacket(msg_);
    }

    function test_anAppWithoutCodeRevertsEverything() external {
        there.router.addIBCApp("nothing-there", address(0xdead));
        Packet memory packet = resend("nothing-there");
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), packet);
        vm.expectRevert(bytes(""));
        there.router.recvPacket(msg_);
        same(commitmentOf(there, there.clientId, 2, packet.sequence), 0, "no receipt");
    }

    function test_outOfGasRevertsTheReceive() external {
        MsgRecvPacket memory msg_ = failing(RevertingApp.Way.OutOfGas);
        (bool ok,) = address(there.router).call{gas: 2_000_000}(abi.encodeCall(IICS26Router.recvPacket, (msg_)));
        check(!ok, "reverts");
        same(commitmentOf(there, there.clientId, 2, 1), 0, "no receipt");
    }

    /// A relayer that is sparing with gas must not be able to have a packet refused that would have been taken.
    function testFuzz_littleGasIsNeverAnErrorAcknowledgement(uint256 gas_, bool deep) external {
        MsgRecvPacket memory msg_ = failing(
            deep ? RevertingApp.Way.DeepReasonAfterOutOfGas : RevertingApp.Way.ReasonAfterOutOfGas
        );
        gas_ = bound(gas_, 1_200_000, 3_000_000);
        vm.recordLogs();
        (bool ok,) = address(there.router).call{gas: gas_}(abi.encodeCall(IICS26Router.recvPacket, (msg_)));
        bytes memory ack = acknowledgementIn(vm.getRecordedLogs());
        if (ok) same(ack, hex"01", "taken");
        else same(commitmentOf(there, there.clientId, 2, 1), 0, "nothing written");
    }

    // Acknowledging and timing out.

    function test_acknowledge() external {
        Packet memory packet = sendOne("x");
        bytes memory ack = relayRecv(here, there, packet);
        relayAck(here, there, packet, ack);
        same(commitmentOf(here, here.clientId, 1, 1), 0, "commitment deleted");
        same(sender.calls(), 1, "told");
        uint64 height = update(here);
        vm.recordLogs();
        here.router.ackPacket(ackMessage(there, height, packet, ack));
        check(isIn(vm.getRecordedLogs(), IICS26Router.Noop.selector), "no-op");
        same(sender.calls(), 1, "told once");
    }

    function test_aForgedAcknowledgementIsRefused() external {
        Packet memory packet = sendOne("x");
        relayRecv(here, there, packet);
        uint64 height = update(here);
        bytes memory forged = abi.encodeCall(
            IICS26Router.ackPacket, (ackMessage(there, height, packet, "something else"))
        );
        (bool ok, bytes memory reason) = address(here.router).call(forged);
        check(!ok && bytes4(reason) == IAttestationLightClient.NotMember.selector, "not a member");
    }

    function test_anAppThatRefusesItsAcknowledgementKeepsThePacket() external {
        Packet memory packet = sendOne("x");
        bytes memory ack = relayRecv(here, there, packet);
        sender.setRefuses(true);
        uint64 height = update(here);
        bytes memory call_ = abi.encodeCall(IICS26Router.ackPacket, (ackMessage(there, height, packet, ack)));
        (bool ok, bytes memory reason) = address(here.router).call(call_);
        check(!ok, "reverts");
        same(reason, abi.encodeWithSignature("Error(string)", "refused"), "with the app's reason");
        check(commitmentOf(here, here.clientId, 1, 1) != 0, "commitment is kept");
        sender.setRefuses(false);
        relayAck(here, there, packet, ack);
    }

    function test_timeout() external {
        Packet memory packet = sendOne("x");
        uint64 early = update(here);
        MsgTimeoutPacket memory msg_ = timeoutMessage(there, early, packet);
        vm.expectRevert(
            abi.encodeWithSelector(
                IICS26Router.IBCInvalidTimeoutTimestamp.selector, packet.timeoutTimestamp, block.timestamp
            )
        );
        here.router.timeoutPacket(msg_);
        vm.warp(packet.timeoutTimestamp);
        msg_ = timeoutMessage(there, update(here), packet);
        vm.recordLogs();
        here.router.timeoutPacket(msg_);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        same(logs[0].data, abi.encode(packet), "event");
        OnTimeoutPacketCallback memory callback = OnTimeoutPacketCallback(
            packet.sourceClient, packet.destClient, packet.sequence, packet.payloads[0], address(this)
        );
        same(sender.lastCall(), abi.encodeCall(IIBCApp.onTimeoutPacket, (callback)), "callback");
        vm.recordLogs();
        here.router.timeoutPacket(msg_);
        check(isIn(vm.getRecordedLogs(), IICS26Router.Noop.selector), "no-op");
        same(sender.calls(), 1, "told once");
    }

    function test_aReceivedPacketDoesNotTimeOut() external {
        Packet memory packet = sendOne("x");
        relayRecv(here, there, packet);
        vm.warp(packet.timeoutTimestamp);
        MsgTimeoutPacket memory msg_ = timeoutMessage(there, update(here), packet);
        vm.expectRevert(IAttestationLightClient.NotNonMember.selector);
        here.router.timeoutPacket(msg_);
    }

    function test_aChangedPacketDoesNotTimeOut() external {
        Packet memory packet = sendOne("x");
        bytes32 stored = commitmentOf(here, here.clientId, 1, 1);
        packet.timeoutTimestamp = uint64(block.timestamp);
        MsgTimeoutPacket memory msg_ = timeoutMessage(there, update(here), packet);
        vm.expectRevert(
            abi.encodeWithSelector(IIBCStore.IBCPacketCommitmentMismatch.selector, stored, committed(packet))
        );
        here.router.timeoutPacket(msg_);
    }

    // Batches.

    function test_aBatchNeedsOneProof() external {
        Packet[] memory packets = new Packet[](5);
        bytes[] memory paths = new bytes[](5);
        for (uint256 i = 0; i < 5; ++i) {
            packets[i] = sendOne(abi.encode(i));
            paths[i] = pathOf(here.clientId, 1, packets[i].sequence);
        }
        uint64 height = ++lastHeight;
        bytes[] memory calls = new bytes[](6);
        bytes memory state = stateProof(height, uint64(block.timestamp), 3);
        calls[0] = abi.encodeCall(IICS02Client.updateClient, (there.clientId, state));
        for (uint256 i = 0; i < 5; ++i) {
            MsgRecvPacket memory msg_ = recvMessage(here, height, packets[i]);
            msg_.proofCommitment = i == 0 ? attest(here, height, paths) : bytes("");
            calls[i + 1] = abi.encodeCall(IICS26Router.recvPacket, (msg_));
        }
        bytes[] memory results = there.router.multicall(calls);
        same(receiver.calls(), 5, "all delivered");
        same(results.length, 6, "a result a call");
        same(results[0], abi.encode(uint8(0)), "update");
        same(results[1].length, 0, "nothing");
    }

    function test_aBatchRevertsWithTheReasonOfACall() external {
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(IICS02Client.getNextClientSeq, ());
        calls[1] = abi.encodeCall(IICS26Router.getIBCApp, ("nobody"));
        vm.expectRevert(abi.encodeWithSelector(IICS26Router.IBCAppNotFound.selector, "nobody"));
        there.router.multicall(calls);
    }

    /// Misbehaviour in a batch with a receive takes its own freeze back; alone it stays.
    function test_misbehaviourMustBeSubmittedAlone() external {
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), sendOne("x"));
        bytes[] memory calls = new bytes[](2);
        bytes memory contradiction = stateProof(lastHeight, uint64(block.timestamp + 1), 3);
        calls[0] = abi.encodeCall(IICS02Client.updateClient, (there.clientId, contradiction));
        calls[1] = abi.encodeCall(IICS26Router.recvPacket, (msg_));
        vm.expectRevert(IAttestationLightClient.FrozenClientState.selector);
        there.router.multicall(calls);
        there.router.updateClient(there.clientId, contradiction);
        vm.expectRevert(IAttestationLightClient.FrozenClientState.selector);
        there.router.recvPacket(msg_);
    }

    // Re-entrance.

    function reentering(address target, bytes memory call_) private returns (ReenteringApp app) {
        app = new ReenteringApp(there.router);
        app.setCall(target, call_);
        there.router.addIBCApp("reentering", address(app));
        MsgSendPacket memory send = messageFor("x");
        send.payload.destPort = "reentering";
        vm.recordLogs();
        sender.send(send);
        Packet memory packet = sentPacketIn(vm.getRecordedLogs());
        there.manager.grantRole(RELAYER, address(app), 0);
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), packet);
        there.router.recvPacket(msg_);
        same(app.calls(), 1, "called");
    }

    function test_noWayBackIntoTheRouter() external {
        Packet memory packet = sendOne("victim");
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), packet);
        bytes memory call_ = abi.encodeCall(IICS26Router.recvPacket, (msg_));
        ReenteringApp app = reentering(address(there.router), call_);
        check(!app.succeeded(), "receive");
        bytes4 guard = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
        same(bytes4(app.result()), guard, "refused by the guard");
        bytes[] memory calls = single(call_);
        app.setCall(address(there.router), abi.encodeCall(IICS26Router.multicall, (calls)));
        Packet memory second = resend("reentering");
        relayRecv(here, there, second);
        check(!app.succeeded(), "multicall");
        same(bytes4(app.result()), guard, "refused by the guard");
        same(commitmentOf(there, there.clientId, 2, packet.sequence), 0, "not delivered");
    }

    function resend(string memory port) private returns (Packet memory) {
        MsgSendPacket memory send = messageFor("again");
        send.payload.destPort = port;
        vm.recordLogs();
        sender.send(send);
        return sentPacketIn(vm.getRecordedLogs());
    }

    /// An app may use the light client while it is called. It learns only what was proven.
    function test_anAppThatReentersTheClientProvesNothingNew() external {
        bytes memory call_ =
            abi.encodeCall(ILightClient.verifyMembership, (member(HEIGHT, "x", ERROR_ACK, "")));
        ReenteringApp app = reentering(there.lightClient, call_);
        check(!app.succeeded(), "an unproven path");
        uint64 height = lastHeight + 1;
        bytes memory path = pathOf(here.clientId, 1, 2);
        call_ = abi.encodeCall(ILightClient.verifyNonMembership, (absent(height, path, "")));
        app.setCall(there.lightClient, call_);
        Packet memory second = resend("reentering");
        relayRecv(here, there, second);
        check(!app.succeeded(), "absence of what was just proven present");
        // Freezing from inside: the packet stands, every later proof fails.
        call_ = abi.encodeCall(ILightClient.updateClient, (stateProof(HEIGHT, TIMESTAMP + 9, 3)));
        app.setCall(there.lightClient, call_);
        Packet memory third = resend("reentering");
        relayRecv(here, there, third);
        check(app.succeeded(), "frozen");
        MsgRecvPacket memory again = recvMessage(here, lastHeight, third);
        vm.expectRevert(IAttestationLightClient.FrozenClientState.selector);
        there.router.recvPacket(again);
    }

    function test_anAppCannotSendWhileItReceives() external {
        MsgSendPacket memory send = messageFor("x");
        ReenteringApp app = reentering(address(there.router), abi.encodeCall(IICS26Router.sendPacket, (send)));
        check(!app.succeeded(), "send");
    }

    // Access.

    function test_relayingNeedsTheRole() external {
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), sendOne("x"));
        address stranger = address(0xbad);
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger);
        vm.prank(stranger);
        vm.expectRevert(refused);
        there.router.recvPacket(msg_);
        bytes[] memory calls = single(abi.encodeCall(IICS26Router.recvPacket, (msg_)));
        vm.prank(stranger);
        vm.expectRevert(refused);
        there.router.multicall(calls);
        // What a batch remembers of another caller helps nobody.
        there.router.multicall(calls);
        vm.prank(stranger);
        vm.expectRevert(refused);
        there.router.multicall(calls);
        there.manager.revokeRole(RELAYER, address(this));
        refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(this));
        vm.expectRevert(refused);
        there.router.multicall(calls);
    }

    /// A batch remembers that its own sender may update clients, not that anybody may.
    function test_whatABatchRemembersHelpsNoReenteringApp() external {
        bytes memory state = stateProof(HEIGHT + 50, TIMESTAMP + 50, 3);
        bytes memory call_ = abi.encodeCall(IICS02Client.updateClient, (there.clientId, state));
        ReenteringApp app = new ReenteringApp(there.router);
        there.router.addIBCApp("reentering", address(app));
        app.setCall(address(there.router), call_);
        Packet memory packet = resend("reentering");
        uint64 height = update(there);
        bytes[] memory calls = new bytes[](3);
        calls[0] = abi.encodeCall(
            IICS02Client.updateClient, (there.clientId, stateProof(height, uint64(block.timestamp), 3))
        );
        calls[1] = abi.encodeCall(IICS26Router.recvPacket, (recvMessage(here, height, packet)));
        calls[2] = call_;
        there.router.multicall(calls);
        same(app.calls(), 1, "called");
        check(!app.succeeded(), "refused");
        same(
            app.result(),
            abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(app)),
            "unauthorized"
        );
    }

    /// A batch inside of a batch, and a second one in the same transaction, ask for roles as the first one does.
    function test_nestedAndRepeatedBatches() external {
        bytes[] memory update_ = single(
            abi.encodeCall(IICS02Client.updateClient, (there.clientId, stateProof(HEIGHT, TIMESTAMP, 3)))
        );
        bytes[] memory nested = single(abi.encodeCall(IICS26Router.multicall, (update_)));
        there.router.multicall(nested);
        there.manager.revokeRole(RELAYER, address(this));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(this)));
        there.router.multicall(nested);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(this)));
        there.router.multicall(update_);
    }

    function test_adminFunctionsNeedTheAdmin() external {
        address stranger = address(0xbad);
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger);
        bytes[3] memory calls = [
            abi.encodeWithSignature("upgradeToAndCall(address,bytes)", stranger, ""),
            abi.encodeCall(IICS02Client.migrateClient, ("client-0", CounterpartyInfo("x", single("")), stranger)),
            abi.encodeWithSignature("addIBCApp(string,address)", "name", stranger)
        ];
        for (uint256 i = 0; i < 3; ++i) {
            vm.prank(stranger);
            (bool ok, bytes memory reason) = address(there.router).call(calls[i]);
            check(!ok, "refused");
            same(reason, refused, "unauthorized");
        }
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        there.router.initialize(stranger);
    }

    function test_implementationsCannotBeTakenOver() external {
        IICS26Router logic = IICS26Router(deploy("ics26Router", ""));
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        logic.initialize(address(this));
    }

    // Names and clients.

    function test_portNames() external {
        there.router.addIBCApp(address(sender));
        check(
            address(there.router.getIBCApp(lower(address(sender)))) == address(sender), "an address is its own port"
        );
        vm.expectRevert(abi.encodeWithSelector(IICS26Router.IBCPortAlreadyExists.selector, "receiving"));
        there.router.addIBCApp("receiving", address(sender));
        string[6] memory bad = ["", "abc", "with space", "client-1", "channel-0", lower(address(0xbeef))];
        for (uint256 i = 0; i < 6; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IICS26Router.IBCInvalidPortIdentifier.selector, bad[i]));
            there.router.addIBCApp(bad[i], address(sender));
        }
        there.router.addIBCApp("az-AZ.09_+#[]<>", address(sender));
    }

    function lower(address account) private pure returns (string memory) {
        bytes memory text = new bytes(42);
        (text[0], text[1]) = ("0", "x");
        for (uint256 i = 0; i < 40; ++i) {
            uint8 nibble = uint8(uint160(account) >> (156 - 4 * i)) & 15;
            text[2 + i] = bytes1(nibble < 10 ? 48 + nibble : 87 + nibble);
        }
        return string(text);
    }

    function test_clientNames() external {
        CounterpartyInfo memory info = CounterpartyInfo("client-0", single(""));
        same(bytes(there.router.addClient(info, there.lightClient)), "client-1", "counted");
        there.router.addClient("a-name", info, there.lightClient);
        vm.expectRevert(abi.encodeWithSelector(IICS02Client.IBCClientAlreadyExists.selector, "a-name"));
        there.router.addClient("a-name", info, there.lightClient);
        vm.expectRevert(abi.encodeWithSelector(IICS02Client.IBCInvalidClientId.selector, "client-9"));
        there.router.addClient("client-9", info, there.lightClient);
        same(there.router.getNextClientSeq(), 2, "next");
    }

    /// Long names do not fit into one slot, and a prefix other than [""] takes the slow way; both must work.
    function test_longNamesAndPrefixes() external {
        string memory long = "a-client-whose-name-takes-more-than-thirty-two-bytes";
        bytes[] memory prefix = new bytes[](1);
        prefix[0] = "prefix/";
        here.router.addClient(long, CounterpartyInfo("destination", single("")), here.lightClient);
        there.router.addClient("destination", CounterpartyInfo(long, prefix), there.lightClient);
        here.clientId = long;
        there.clientId = "destination";
        Packet memory packet = sendOne("x");
        uint64 height = update(there);
        MsgRecvPacket memory msg_ = recvMessage(here, height, packet);
        vm.expectRevert(IAttestationLightClient.NotMember.selector);
        there.router.recvPacket(msg_);
        bytes memory path = bytes.concat("prefix/", pathOf(long, 1, 1));
        msg_.proofCommitment = packetProof(height, one(path, commitmentOf(here, long, 1, 1)), 3);
        there.router.recvPacket(msg_);
        same(receiver.calls(), 1, "delivered");
        msg_.packet.sourceClient = "a-client-whose-name-takes-more-than-thirty-two-bytez";
        vm.expectRevert(
            abi.encodeWithSelector(IICS02Client.IBCInvalidCounterparty.selector, long, msg_.packet.sourceClient)
        );
        there.router.recvPacket(msg_);
        prefix = new bytes[](0);
        there.router.migrateClient("destination", CounterpartyInfo(long, prefix), there.lightClient);
        msg_.packet.sourceClient = long;
        vm.expectRevert(abi.encodeWithSelector(IIBCStore.InvalidMerklePrefix.selector, prefix));
        there.router.recvPacket(msg_);
    }

    function test_migratedClientsAreReadAnew() external {
        address fresh = newClient(3, 7);
        there.router.migrateClient("client-0", CounterpartyInfo("client-0", single("")), fresh);
        check(address(there.router.getClient("client-0")) == fresh, "the new client");
        MsgRecvPacket memory msg_ = recvMessage(here, HEIGHT, sendOne("x"));
        there.router.recvPacket(msg_);
        there.router.migrateClient("client-0", CounterpartyInfo("client-3", single("")), fresh);
        vm.expectRevert(
            abi.encodeWithSelector(IICS02Client.IBCInvalidCounterparty.selector, "client-3", "client-0")
        );
        there.router.recvPacket(msg_);
    }

    /// A call to an account without code succeeds and returns nothing, which must not be taken for a verified proof.
    function test_aClientWithoutCodeProvesNothing() external {
        there.router.migrateClient("client-0", CounterpartyInfo("client-0", single("")), address(0xdead));
        MsgRecvPacket memory msg_ = recvMessage(here, HEIGHT, sendOne("x"));
        vm.expectRevert(bytes(""));
        there.router.recvPacket(msg_);
        MsgTimeoutPacket memory timeout = MsgTimeoutPacket(msg_.packet, "", msg_.proofHeight);
        vm.expectRevert(bytes(""));
        there.router.timeoutPacket(timeout);
    }
}
