// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {CounterpartyInfo, MsgRecvPacket, MsgSendPacket, Packet, Payload} from "contracts/interfaces/IBCMessages.sol";
import {IAttestationLightClient} from "contracts/interfaces/IAttestationLightClient.sol";
import {IAttestationVerifiedOnce} from "contracts/interfaces/IAttestationVerifiedOnce.sol";
import {IICS20Transfer} from "contracts/interfaces/IICS20Transfer.sol";
import {IICS02Client, IICS26Router} from "contracts/interfaces/IICS26Router.sol";
import {RecordingApp, ReenteringApp} from "./contracts/Apps.sol";
import {End} from "./contracts/LinkFixture.sol";
import {TransferFixture} from "./contracts/TransferFixture.sol";
import {CallbackToken, OwnToken} from "./contracts/Tokens.sol";

/// @title What somebody with a contract and a few ideas may try
contract AttackTest is TransferFixture {
    address internal constant ALICE = address(0xa11ce);
    address internal constant BOB = address(0xb0b);
    uint256 internal constant AMOUNT = 1000;
    OwnToken internal token;

    function setUp() external {
        connect();
        token = new OwnToken();
        token.mint(ALICE, 10 * AMOUNT);
    }

    function victim() private returns (Packet memory) {
        return sendFrom(here, address(token), ALICE, AMOUNT, BOB);
    }

    function isUntouched(Packet memory packet) private view {
        same(commitmentOf(there, packet.destClient, 2, packet.sequence), 0, "no receipt");
        same(commitmentOf(there, packet.destClient, 3, packet.sequence), 0, "no acknowledgement");
    }

    // Refusing other people's packets.

    /// While the app is busy with a transfer of the attacker's token it cannot receive. That is no answer to a packet.
    function test_aBusyAppRefusesNobodysPacket() external {
        Packet memory packet = victim();
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), packet);
        CallbackToken own = new CallbackToken();
        own.mint(address(this), AMOUNT);
        own.approve(address(there.transfer), AMOUNT);
        own.setCall(address(there.router), abi.encodeCall(IICS26Router.recvPacket, (msg_)));
        there.manager.grantRole(RELAYER, address(own), 0);
        there.transfer.sendTransfer(transferOf(there, address(own), AMOUNT, ALICE));
        check(!own.succeeded(), "the receive reverts");
        same(bytes4(own.result()), IICS26Router.IBCFailedCallback.selector, "without an answer");
        isUntouched(packet);
        there.router.recvPacket(msg_);
        same(balance(voucherOf(there, hexOf(address(token))), BOB), AMOUNT, "received later");
    }

    /// A first transfer makes an escrow and a token: many levels of calls, each of which may run out of gas.
    function test_littleGasNeverRefusesAFirstTransfer() external {
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), victim());
        sweep(msg_, 60_000, 1_400_000);
    }

    /// Later transfers call less deeply.
    function test_littleGasNeverRefusesALaterTransfer() external {
        relayRecv(here, there, victim());
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), victim());
        sweep(msg_, 60_000, 400_000);
    }

    /// A token on its way home is paid out by the escrow.
    function test_littleGasNeverRefusesAPayout() external {
        relayRecv(here, there, victim());
        Packet memory packet = sendFrom(there, voucherOf(there, hexOf(address(token))), BOB, AMOUNT, ALICE);
        End memory other = here;
        here = there;
        there = other;
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), packet);
        sweep(msg_, 60_000, 400_000);
    }

    function sweep(MsgRecvPacket memory msg_, uint256 from, uint256 to) private {
        bytes memory call_ = abi.encodeCall(IICS26Router.recvPacket, (msg_));
        uint256 step = (to - from) / 400;
        for (uint256 gas_ = from; gas_ < to; gas_ += step) {
            vm.recordLogs();
            (bool ok,) = address(there.router).call{gas: gas_}(call_);
            bytes memory ack = acknowledgementIn(vm.getRecordedLogs());
            if (ok) {
                same(ack, SUCCESS, "taken");
                return;
            }
            isUntouched(msg_.packet);
        }
        revert Failed("never enough gas", 0, 0);
    }

    // Roles within a batch.

    /// What the relayer's batch remembers is of no use to an app that it calls, nor is a batch within it.
    function test_anAppCannotBorrowTheRelayersRole() external {
        RecordingApp sender = new RecordingApp(here.router);
        ReenteringApp app = new ReenteringApp(there.router);
        here.router.addIBCApp("sending", address(sender));
        there.router.addIBCApp("borrowing", address(app));
        bytes memory update_ =
            abi.encodeCall(IICS02Client.updateClient, (there.clientId, stateProof(777, TIMESTAMP, 3)));
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(app));
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory attempt = i == 0 ? update_ : abi.encodeCall(IICS26Router.multicall, (single(update_)));
            app.setCall(address(there.router), attempt);
            vm.recordLogs();
            Payload memory payload = Payload("sending", "borrowing", "v1", "raw", "x");
            sender.send(MsgSendPacket(here.clientId, uint64(block.timestamp + 600), payload));
            Packet memory packet = sentPacketIn(vm.getRecordedLogs());
            uint64 height = ++lastHeight;
            bytes[] memory calls = new bytes[](3);
            calls[0] = abi.encodeCall(
                IICS02Client.updateClient, (there.clientId, stateProof(height, uint64(block.timestamp), 3))
            );
            calls[1] = abi.encodeCall(IICS26Router.recvPacket, (recvMessage(here, height, packet)));
            // After the app had its turn the relayer's calls go on.
            calls[2] = abi.encodeCall(
                IICS02Client.updateClient, (there.clientId, stateProof(++lastHeight, uint64(block.timestamp), 3))
            );
            there.router.multicall(calls);
            check(!app.succeeded(), "refused");
            same(app.result(), refused, "unauthorized");
        }
        same(attestationTime(777), 0, "no update by the app");
    }

    /// A batch in a batch, and what comes behind it.
    function test_batchesInBatchesAskForTheRole() external {
        bytes memory update_ =
            abi.encodeCall(IICS02Client.updateClient, (there.clientId, stateProof(777, TIMESTAMP, 3)));
        bytes memory inner = abi.encodeCall(IICS26Router.multicall, (single(update_)));
        bytes[] memory calls = new bytes[](4);
        (calls[0], calls[1], calls[2], calls[3]) = (update_, inner, update_, inner);
        there.router.multicall(calls);
        address stranger = address(0xbad);
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger);
        vm.prank(stranger);
        vm.expectRevert(refused);
        there.router.multicall(calls);
        there.manager.revokeRole(RELAYER, address(this));
        refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(this));
        vm.expectRevert(refused);
        there.router.multicall(calls);
        bytes memory proof = stateProof(777, TIMESTAMP, 3);
        vm.expectRevert(refused);
        there.router.updateClient(there.clientId, proof);
    }

    function attestationTime(uint64 height) private view returns (uint64) {
        return IAttestationLightClient(there.lightClient).getConsensusTimestamp(height);
    }

    // Clients and ports of one's own.

    /// Anybody adds a client, and may take an honest light client for it, and any prefix.
    function test_anotherClientForTheSameLinkReceivesNothingOfIt() external {
        Packet memory packet = victim();
        uint64 height = update(there);
        MsgRecvPacket memory msg_ = recvMessage(here, height, packet);
        string[3] memory counterparties = ["client-0", "lient-0", ""];
        string[3] memory prefixes = ["", "c", "client-0"];
        for (uint256 i = 0; i < 3; ++i) {
            string memory own = there.router.addClient(
                CounterpartyInfo(counterparties[i], single(bytes(prefixes[i]))), there.lightClient
            );
            msg_.packet.sourceClient = counterparties[i];
            msg_.packet.destClient = own;
            (bool ok, bytes memory reason) =
                address(there.router).call(abi.encodeCall(IICS26Router.recvPacket, (msg_)));
            check(!ok, "refused");
            bytes4 expected = i == 2
                ? IICS02Client.IBCCounterpartyClientNotFound.selector
                : IAttestationLightClient.NotMember.selector;
            same(bytes4(reason), expected, "the commitment names the destination");
        }
    }

    /// Anybody may register the transfer app under its address. It does not listen there.
    function test_theTransferAppHasOnePort() external {
        there.router.addIBCApp(address(there.transfer));
        RecordingApp sender = new RecordingApp(here.router);
        here.router.addIBCApp("sending", address(sender));
        bytes memory value = victim().payloads[0].value;
        string[2] memory destinations = [hexOf(address(there.transfer)), "transfer"];
        for (uint256 i = 0; i < 2; ++i) {
            vm.recordLogs();
            Payload memory payload =
                Payload("sending", destinations[i], "ics20-1", "application/x-solidity-abi", value);
            sender.send(MsgSendPacket(here.clientId, uint64(block.timestamp + 600), payload));
            Packet memory packet = sentPacketIn(vm.getRecordedLogs());
            same(relayRecv(here, there, packet), abi.encodePacked(ERROR_ACK), "refused");
        }
        same(bytes(there.router.getCounterparty("client-0").clientId), "client-0", "nothing changed");
        vm.expectRevert();
        voucherOf(there, hexOf(address(token)));
    }

    /// Whoever names tokens may not name one as the token at an address: sent away under that name it would come back
    /// as the other, and empty its escrow.
    function test_noTokenTakesTheNameOfAnAddress() external {
        victim();
        OwnToken worthless = new OwnToken();
        string[3] memory names = [
            hexOf(address(token)), Strings.toChecksumHexString(address(token)), withoutPrefix(hexOf(address(token)))
        ];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IICS20Transfer.ICS20DenomAlreadyExists.selector, names[i]));
            here.transfer.setCustomERC20(names[i], address(worthless));
        }
        worthless.mint(ALICE, AMOUNT);
        Packet memory packet = sendFrom(here, address(worthless), ALICE, AMOUNT, ALICE);
        relayRecv(here, there, packet);
        address voucher = voucherOf(there, hexOf(address(worthless)));
        packet = sendFrom(there, voucher, ALICE, AMOUNT, ALICE);
        relayRecv(there, here, packet);
        same(balance(address(token), here.transfer.getEscrow("client-0")), AMOUNT, "still there");
    }

    function withoutPrefix(string memory text) private pure returns (string memory) {
        return string(Bytes.slice(bytes(text), 2));
    }

    /// An account without code registers as an app: nothing can be received by it, and nothing is stuck for others.
    function test_anAppWithoutCodeReceivesNothing() external {
        there.router.addIBCApp(BOB);
        RecordingApp sender = new RecordingApp(here.router);
        here.router.addIBCApp("sending", address(sender));
        vm.recordLogs();
        Payload memory payload = Payload("sending", hexOf(BOB), "v1", "raw", "x");
        sender.send(MsgSendPacket(here.clientId, uint64(block.timestamp + 600), payload));
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), sentPacketIn(vm.getRecordedLogs()));
        vm.expectRevert(bytes(""));
        there.router.recvPacket(msg_);
        isUntouched(msg_.packet);
    }

    // Calldata.

    /// Offsets and lengths that point anywhere: the packet that was sent is received, or none.
    function testFuzz_damagedCalldataReceivesNothingElse(uint256 seed) external {
        Packet memory packet = victim();
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), packet);
        bytes memory call_ = abi.encodeCall(IICS26Router.recvPacket, (msg_));
        bytes32 receipt = keccak256(abi.encode(packet));
        for (uint256 i = 0; i < 24; ++i) {
            bytes memory damaged = bytes.concat(call_);
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 at_ = 4 + 32 * ((seed >> 128) % ((call_.length - 4) / 32));
            uint256 word = wordFor(seed, call_, at_);
            assembly {
                mstore(add(add(damaged, 0x20), at_), word)
            }
            (bool ok,) = address(there.router).call(damaged);
            bytes32 stored = commitmentOf(there, packet.destClient, 2, packet.sequence);
            if (ok) same(stored, receipt, "this very packet");
            else check(stored == 0 || stored == receipt, "nothing else");
        }
    }

    function wordFor(uint256 seed, bytes memory call_, uint256 at_) private pure returns (uint256 word) {
        assembly {
            word := mload(add(add(call_, 0x20), at_))
        }
        uint256 kind = seed % 7;
        uint256 small = (seed >> 8) % 2048;
        unchecked {
            if (kind == 0) return small;
            if (kind == 1) return 0 - small;
            if (kind == 2) return word + 32 * (small % 8);
            if (kind == 3) return word - 32 * (small % 8);
            if (kind == 4) return type(uint64).max - small;
            if (kind == 5) return (1 << 255) + word;
            return (1 << 64) + word;
        }
    }

    // Proofs within one transaction.

    /// A proof whose receive reverts and is caught leaves nothing behind for an empty one.
    function test_aCaughtReceiveProvesNothing() external {
        Packet memory packet = victim();
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), packet);
        bytes memory call_ = abi.encodeCall(IICS26Router.recvPacket, (msg_));
        msg_.proofCommitment = "";
        bytes memory path = pathOf(packet.sourceClient, 1, packet.sequence);
        bytes memory refused = abi.encodeWithSelector(
            IAttestationVerifiedOnce.NotVerifiedInTransaction.selector,
            msg_.proofHeight.revisionHeight,
            keccak256(path)
        );
        // Enough for the proof, too little for the app.
        (bool ok,) = address(there.router).call{gas: 150_000}(call_);
        check(!ok, "reverts");
        vm.expectRevert(refused);
        there.router.recvPacket(msg_);
        isUntouched(packet);
    }

    /// Proven for one router's packet, an entry stays what it is: the same proof height, path and commitment.
    function test_anEmptyProofReceivesOnlyWhatWasProven() external {
        Packet memory packet = victim();
        Packet memory other = victim();
        MsgRecvPacket memory msg_ = recvMessage(here, update(there), packet);
        there.router.recvPacket(msg_);
        MsgRecvPacket memory empty = MsgRecvPacket(other, "", msg_.proofHeight);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationVerifiedOnce.NotVerifiedInTransaction.selector,
                msg_.proofHeight.revisionHeight,
                keccak256(pathOf(other.sourceClient, 1, other.sequence))
            )
        );
        there.router.recvPacket(empty);
        packet.payloads[0].value = other.payloads[0].value;
        packet.timeoutTimestamp += 1;
        empty.packet = packet;
        vm.expectRevert(
            abi.encodeWithSelector(
                IAttestationVerifiedOnce.NotVerifiedInTransaction.selector,
                msg_.proofHeight.revisionHeight,
                keccak256(pathOf(packet.sourceClient, 1, packet.sequence))
            )
        );
        there.router.recvPacket(empty);
    }
}
