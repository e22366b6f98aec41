// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Initializable} from "@openzeppelin/contracts-upgradeable/proxy/utils/Initializable.sol";
import {PausableUpgradeable} from "@openzeppelin/contracts-upgradeable/utils/PausableUpgradeable.sol";
import {CounterpartyInfo, MsgAckPacket, MsgRecvPacket, MsgTimeoutPacket, Packet} from
    "contracts/interfaces/IBCMessages.sol";
import {IIBCApp, OnRecvPacketCallback} from "contracts/interfaces/IIBCApp.sol";
import {
    FungibleTokenPacketData,
    IEscrow,
    IIBCERC20,
    IICS20Transfer,
    IPermit2,
    SendTransferMsg
} from "contracts/interfaces/IICS20Transfer.sol";
import {IICS26Router} from "contracts/interfaces/IICS26Router.sol";
import {Height} from "contracts/interfaces/ILightClient.sol";
import {
    BlockingToken,
    CallbackSender,
    CallbackToken,
    FakePermit2,
    FeeToken,
    OwnToken,
    SilentToken
} from "./contracts/Tokens.sol";
import {End} from "./contracts/LinkFixture.sol";
import {TransferFixture} from "./contracts/TransferFixture.sol";

contract TransferTest is TransferFixture {
    address internal constant ALICE = address(0xa11ce);
    address internal constant BOB = address(0xb0b);
    uint256 internal constant AMOUNT = 1000;
    OwnToken internal token;

    function setUp() external {
        connect();
        token = new OwnToken();
        token.mint(ALICE, 10 * AMOUNT);
    }

    function escrowHere() private view returns (address) {
        return here.transfer.getEscrow(here.clientId);
    }

    function test_thereAndBack() external {
        Packet memory packet = sendFrom(here, address(token), ALICE, AMOUNT, BOB);
        FungibleTokenPacketData memory data =
            abi.decode(packet.payloads[0].value, (FungibleTokenPacketData));
        same(bytes(data.denom), bytes(hexOf(address(token))), "denom is the address");
        same(bytes(data.sender), bytes(hexOf(ALICE)), "sender");
        same(bytes(data.memo), "a memo", "memo");
        same(bytes(packet.payloads[0].version), "ics20-1", "version");
        same(bytes(packet.payloads[0].encoding), "application/x-solidity-abi", "encoding");
        same(balance(address(token), escrowHere()), AMOUNT, "escrowed");

        bytes memory ack = relayRecv(here, there, packet);
        same(ack, SUCCESS, "acknowledgement");
        address voucher = voucherOf(there, hexOf(address(token)));
        same(balance(voucher, BOB), AMOUNT, "minted");
        same(bytes(there.transfer.ibcERC20Denom(voucher)), bytes(IIBCERC20(voucher).fullDenomPath()), "denom");
        relayAck(here, there, packet, ack);
        same(balance(address(token), escrowHere()), AMOUNT, "still escrowed");

        packet = sendFrom(there, voucher, BOB, AMOUNT, ALICE);
        same(IERC20(voucher).totalSupply(), 0, "burned");
        ack = relayRecv(there, here, packet);
        same(ack, SUCCESS, "acknowledgement");
        same(balance(address(token), ALICE), 10 * AMOUNT, "home again");
        same(balance(address(token), escrowHere()), 0, "escrow empty");
        relayAck(there, here, packet, ack);
    }

    function test_aTokenOfAThirdChainPassesThroughAndComesBack() external {
        // From `there` to `here`, and from `here` over a second link back to `there`.
        OwnToken foreign = new OwnToken();
        foreign.mint(BOB, AMOUNT);
        Packet memory packet = sendFrom(there, address(foreign), BOB, AMOUNT, ALICE);
        relayRecv(there, here, packet);
        address voucher = voucherOf(here, hexOf(address(foreign)));

        End memory here2 = here;
        End memory there2 = there;
        here2.lightClient = newClient(3, 5);
        there2.lightClient = newClient(3, 5);
        here2.clientId = addClient(here2, "client-1");
        there2.clientId = addClient(there2, "client-1");
        packet = sendFrom(here2, voucher, ALICE, AMOUNT, BOB);
        same(IERC20(voucher).totalSupply(), AMOUNT, "escrowed, not burned");
        relayRecv(here2, there2, packet);
        address second = voucherOf(there2, string.concat("transfer/client-0/", hexOf(address(foreign))));
        same(balance(second, BOB), AMOUNT, "a voucher of a voucher");

        packet = sendFrom(there2, second, BOB, AMOUNT, ALICE);
        relayRecv(there2, here2, packet);
        same(balance(voucher, ALICE), AMOUNT, "back at the middle");
        here.clientId = "client-0";
        there.clientId = "client-0";
        packet = sendFrom(here, voucher, ALICE, AMOUNT, BOB);
        relayRecv(here, there, packet);
        same(balance(address(foreign), BOB), AMOUNT, "home");
    }

    function test_aTimeoutRefunds() external {
        Packet memory packet = sendFrom(here, address(token), ALICE, AMOUNT, BOB);
        vm.warp(packet.timeoutTimestamp);
        relayTimeout(here, there, packet);
        same(balance(address(token), ALICE), 10 * AMOUNT, "refunded");
        same(balance(address(token), escrowHere()), 0, "escrow empty");
        relayTimeout(here, there, packet);
        same(balance(address(token), ALICE), 10 * AMOUNT, "once");
    }

    function test_anErrorAcknowledgementRefunds() external {
        SendTransferMsg memory msg_ = transferOf(here, address(token), AMOUNT, BOB);
        msg_.receiver = "not an address";
        vm.startPrank(ALICE);
        token.approve(address(here.transfer), AMOUNT);
        vm.recordLogs();
        here.transfer.sendTransfer(msg_);
        vm.stopPrank();
        Packet memory packet = sentPacketIn(vm.getRecordedLogs());
        bytes memory ack = relayRecv(here, there, packet);
        same(ack, abi.encodePacked(ERROR_ACK), "refused");
        relayAck(here, there, packet, ack);
        same(balance(address(token), ALICE), 10 * AMOUNT, "refunded");
    }

    function test_aRefundOfABurnedVoucherMintsItAgain() external {
        relayRecv(here, there, sendFrom(here, address(token), ALICE, AMOUNT, BOB));
        address voucher = voucherOf(there, hexOf(address(token)));
        Packet memory packet = sendFrom(there, voucher, BOB, AMOUNT, ALICE);
        vm.warp(packet.timeoutTimestamp);
        relayTimeout(there, here, packet);
        same(balance(voucher, BOB), AMOUNT, "minted again");
        same(balance(address(token), escrowHere()), AMOUNT, "covered");
    }

    function test_customTokens() external {
        OwnToken own = new OwnToken();
        string memory denom = string.concat("transfer/client-0/", hexOf(address(token)));
        there.transfer.setCustomERC20(denom, address(own));
        relayRecv(here, there, sendFrom(here, address(token), ALICE, AMOUNT, BOB));
        same(balance(address(own), BOB), AMOUNT, "minted");
        vm.expectRevert(abi.encodeWithSelector(IICS20Transfer.ICS20DenomAlreadyExists.selector, denom));
        there.transfer.setCustomERC20(denom, address(own));
        vm.expectRevert(abi.encodeWithSelector(IICS20Transfer.ICS20TokenAlreadyExists.selector, denom));
        there.transfer.setCustomERC20("another denom", address(own));
        Packet memory packet = sendFrom(there, address(own), BOB, AMOUNT, ALICE);
        same(own.totalSupply(), 0, "burned");
        relayRecv(there, here, packet);
        same(balance(address(token), ALICE), 10 * AMOUNT, "home");
    }

    function test_sendChecks() external {
        SendTransferMsg memory msg_ = transferOf(here, address(token), 0, BOB);
        vm.expectRevert(abi.encodeWithSelector(IICS20Transfer.ICS20InvalidAmount.selector, 0));
        here.transfer.sendTransfer(msg_);
        vm.expectRevert(abi.encodeWithSelector(IICS20Transfer.ICS20DenomNotFound.selector, "nothing"));
        here.transfer.ibcERC20Contract("nothing");
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, BOB));
        vm.prank(BOB);
        here.transfer.sendTransferWithSender(msg_, ALICE);
    }

    function test_delegatedSendingRefundsTheSender() external {
        vm.prank(ALICE);
        token.transfer(address(this), AMOUNT);
        token.approve(address(here.transfer), AMOUNT);
        SendTransferMsg memory msg_ = transferOf(here, address(token), AMOUNT, BOB);
        vm.recordLogs();
        here.transfer.sendTransferWithSender(msg_, address(0xcafe));
        Packet memory packet = sentPacketIn(vm.getRecordedLogs());
        vm.warp(packet.timeoutTimestamp);
        relayTimeout(here, there, packet);
        same(balance(address(token), address(0xcafe)), AMOUNT, "refunded to the sender");
    }

    function test_permit2() external {
        IPermit2 permit2 = new FakePermit2();
        bytes memory init = abi.encodeCall(
            IICS20Transfer.initialize,
            (address(here.router), deploy("escrow", ""), deploy("ibcErc20", ""), address(permit2), address(here.manager))
        );
        IICS20Transfer transfer = IICS20Transfer(proxy(deploy("ics20Transfer", ""), init));
        SendTransferMsg memory msg_ = transferOf(here, address(token), AMOUNT, BOB);
        IPermit2.PermitTransferFrom memory permit =
            IPermit2.PermitTransferFrom(IPermit2.TokenPermissions(address(token), AMOUNT), 0, block.timestamp);
        vm.startPrank(ALICE);
        token.approve(address(permit2), AMOUNT);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "signature"));
        transfer.sendTransferWithPermit2(msg_, permit, "forged");
        // Everything but the port, which belongs to the other transfer app of this chain.
        vm.expectRevert(abi.encodeWithSelector(IICS26Router.IBCUnauthorizedSender.selector, address(transfer)));
        transfer.sendTransferWithPermit2(msg_, permit, "signed");
        permit.permitted.token = address(here.router);
        vm.expectRevert(
            abi.encodeWithSelector(
                IICS20Transfer.ICS20Permit2TokenMismatch.selector, address(here.router), address(token)
            )
        );
        transfer.sendTransferWithPermit2(msg_, permit, "signed");
        vm.stopPrank();
    }

    function test_sendersThatAskForItAreCalledBack() external {
        CallbackSender caller = new CallbackSender();
        token.mint(address(caller), 3 * AMOUNT);
        Packet[3] memory packets;
        for (uint256 i = 0; i < 3; ++i) {
            SendTransferMsg memory msg_ = transferOf(here, address(token), AMOUNT, BOB);
            if (i == 1) msg_.receiver = "nobody";
            vm.recordLogs();
            caller.send(here.transfer, msg_);
            packets[i] = sentPacketIn(vm.getRecordedLogs());
        }
        relayAck(here, there, packets[0], relayRecv(here, there, packets[0]));
        relayAck(here, there, packets[1], relayRecv(here, there, packets[1]));
        vm.warp(packets[2].timeoutTimestamp);
        relayTimeout(here, there, packets[2]);
        same(caller.acknowledged(), 1, "acknowledged");
        same(caller.refused(), 1, "refused");
        same(caller.timedOut(), 1, "timed out");
        same(balance(address(token), address(caller)), 2 * AMOUNT, "refunded twice");
    }

    // What a counterparty may send.

    function receiveRaw(Packet memory packet) private returns (bytes memory) {
        OnRecvPacketCallback memory callback = OnRecvPacketCallback(
            packet.sourceClient, packet.destClient, packet.sequence, packet.payloads[0], address(this)
        );
        vm.prank(address(there.router));
        (bool ok, bytes memory reason) =
            address(there.transfer).call(abi.encodeCall(IIBCApp.onRecvPacket, (callback)));
        check(!ok, "refused");
        return reason;
    }

    function dataOf(string memory denom, string memory to, uint256 amount) private pure returns (bytes memory) {
        return abi.encode(FungibleTokenPacketData(denom, "sender", to, amount, ""));
    }

    function test_packetsThatAreRefusedWithAReason() external {
        relayRecv(here, there, sendFrom(here, address(token), ALICE, AMOUNT, BOB));
        Packet memory packet = packetWith(dataOf("denom", hexOf(BOB), 0));
        same(bytes4(receiveRaw(packet)), IICS20Transfer.ICS20InvalidAmount.selector, "zero amount");
        packet = packetWith(dataOf("denom", "nobody", 1));
        same(bytes4(receiveRaw(packet)), IICS20Transfer.ICS20InvalidAddress.selector, "no address");
        packet = packetWith(dataOf("denom", hexOf(address(0)), 1));
        same(bytes4(receiveRaw(packet)), IICS20Transfer.ICS20InvalidAddress.selector, "the zero address");
        packet = packetWith(dataOf("denom", hexOf(there.transfer.getEscrow("client-0")), 1));
        same(bytes4(receiveRaw(packet)), IICS20Transfer.ICS20InvalidAddress.selector, "the escrow");
        packet = packetWith(dataOf("transfer/client-0/unknown", hexOf(BOB), 1));
        same(bytes4(receiveRaw(packet)), IICS20Transfer.ICS20DenomNotFound.selector, "nothing to come home");
        packet = packetWith(dataOf("denom", hexOf(BOB), 1));
        packet.payloads[0].version = "ics20-2";
        same(bytes4(receiveRaw(packet)), IICS20Transfer.ICS20UnexpectedVersion.selector, "version");
        packet = packetWith(dataOf("denom", hexOf(BOB), 1));
        packet.payloads[0].encoding = "application/json";
        same(bytes4(receiveRaw(packet)), IICS20Transfer.ICS20UnexpectedEncoding.selector, "encoding");
        packet = packetWith(dataOf("denom", hexOf(BOB), 1));
        packet.payloads[0].sourcePort = "other";
        same(bytes4(receiveRaw(packet)), IICS20Transfer.ICS20InvalidPort.selector, "port");
        packet = packetWith("");
        same(bytes4(receiveRaw(packet)), IICS20Transfer.ICS20InvalidPacketData.selector, "empty");
    }

    /// Whatever the data: never a revert without a reason, which would leave the packet without an answer.
    function testFuzz_damagedDataIsRefusedWithAReason(bytes calldata noise, uint8 place, uint256 word) external {
        bytes memory data = dataOf("denom", hexOf(BOB), 1);
        uint256 at_ = 32 * (uint256(place) % (data.length / 32));
        assembly {
            mstore(add(add(data, 0x20), at_), word)
        }
        receiveAny(data);
        receiveAny(noise);
        assembly {
            mstore(data, at_)
        }
        receiveAny(data);
    }

    function receiveAny(bytes memory data) private {
        Packet memory packet = packetWith(data);
        OnRecvPacketCallback memory callback =
            OnRecvPacketCallback(packet.sourceClient, packet.destClient, 1, packet.payloads[0], address(this));
        vm.prank(address(there.router));
        (bool ok, bytes memory reason) =
            address(there.transfer).call(abi.encodeCall(IIBCApp.onRecvPacket, (callback)));
        check(ok || reason.length != 0, "a reason");
    }

    /// A counterparty that lies takes what its own escrow holds, and nothing that came over another client.
    function test_aLyingCounterpartyOnlyReachesItsOwnEscrow() external {
        sendFrom(here, address(token), ALICE, AMOUNT, BOB);
        End memory other = here;
        other.lightClient = newClient(3, 5);
        other.clientId = addClient(other, "client-9");
        string memory denom = string.concat("transfer/client-9/", hexOf(address(token)));
        Packet memory packet = packetWith(dataOf(denom, hexOf(BOB), AMOUNT));
        packet.sourceClient = "client-9";
        packet.destClient = other.clientId;
        OnRecvPacketCallback memory callback =
            OnRecvPacketCallback("client-9", other.clientId, 1, packet.payloads[0], address(this));
        vm.prank(address(here.router));
        (bool ok,) = address(here.transfer).call(abi.encodeCall(IIBCApp.onRecvPacket, (callback)));
        check(!ok, "nothing in that escrow");
        same(balance(address(token), here.transfer.getEscrow("client-0")), AMOUNT, "untouched");
    }

    // Tokens that misbehave.

    function test_tokensThatTakeAFeeAreRefused() external {
        FeeToken fee = new FeeToken();
        fee.mint(ALICE, AMOUNT);
        SendTransferMsg memory msg_ = transferOf(here, address(fee), AMOUNT, BOB);
        vm.startPrank(ALICE);
        fee.approve(address(here.transfer), AMOUNT);
        vm.expectRevert(
            abi.encodeWithSelector(IICS20Transfer.ICS20UnexpectedERC20Balance.selector, AMOUNT, AMOUNT - 10)
        );
        here.transfer.sendTransfer(msg_);
        vm.stopPrank();
    }

    function test_tokensThatCallBackGetNowhere() external {
        CallbackToken call_ = new CallbackToken();
        call_.mint(ALICE, 3 * AMOUNT);
        call_.mint(address(call_), AMOUNT);
        SendTransferMsg memory inner = transferOf(here, address(call_), AMOUNT, BOB);
        vm.prank(ALICE);
        call_.approve(address(here.transfer), 2 * AMOUNT);
        call_.setCall(address(here.transfer), abi.encodeCall(IICS20Transfer.sendTransfer, (inner)));
        vm.prank(ALICE);
        here.transfer.sendTransfer(transferOf(here, address(call_), AMOUNT, BOB));
        check(!call_.succeeded(), "no second transfer");
        same(balance(address(call_), escrowHere()), AMOUNT, "one amount");
        // Moving more of the token into the escrow meanwhile spoils the sum instead of counting twice.
        bytes memory more = abi.encodeCall(IERC20.transfer, (escrowHere(), 1));
        call_.setCall(address(call_), more);
        SendTransferMsg memory msg_ = transferOf(here, address(call_), AMOUNT, BOB);
        vm.prank(ALICE);
        (bool ok, bytes memory reason) =
            address(here.transfer).call(abi.encodeCall(IICS20Transfer.sendTransfer, (msg_)));
        check(!ok && bytes4(reason) == IICS20Transfer.ICS20UnexpectedERC20Balance.selector, "balance");
    }

    function test_aCallbackDuringAPayoutCannotReceiveAgain() external {
        CallbackToken call_ = new CallbackToken();
        call_.mint(ALICE, 2 * AMOUNT);
        relayRecv(here, there, sendFrom(here, address(call_), ALICE, 2 * AMOUNT, BOB));
        address voucher = voucherOf(there, hexOf(address(call_)));
        Packet memory first = sendFrom(there, voucher, BOB, AMOUNT, ALICE);
        Packet memory second = sendFrom(there, voucher, BOB, AMOUNT, ALICE);
        uint64 height = update(here);
        MsgRecvPacket memory inner = recvMessage(there, height, first);
        call_.setCall(address(here.router), abi.encodeCall(IICS26Router.recvPacket, (inner)));
        here.manager.grantRole(RELAYER, address(call_), 0);
        here.router.recvPacket(recvMessage(there, height, second));
        check(!call_.succeeded(), "refused");
        same(balance(address(call_), ALICE), AMOUNT, "paid once");
        here.router.recvPacket(inner);
        same(balance(address(call_), ALICE), 2 * AMOUNT, "and once more");
    }

    function test_oldTokensThatReturnNothing() external {
        SilentToken silent = new SilentToken();
        silent.mint(ALICE, AMOUNT);
        Packet memory packet = sendFrom(here, address(silent), ALICE, AMOUNT, BOB);
        vm.warp(packet.timeoutTimestamp);
        relayTimeout(here, there, packet);
        same(silent.balanceOf(ALICE), AMOUNT, "refunded");
    }

    /// A refund that the token refuses keeps the packet, so that it can be refunded later.
    function test_aRefundThatFailsCanBeRepeated() external {
        BlockingToken blocking = new BlockingToken();
        blocking.mint(ALICE, AMOUNT);
        Packet memory packet = sendFrom(here, address(blocking), ALICE, AMOUNT, BOB);
        blocking.setBlocked(ALICE, true);
        vm.warp(packet.timeoutTimestamp);
        MsgTimeoutPacket memory msg_ = timeoutMessage(there, update(here), packet);
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "blocked"));
        here.router.timeoutPacket(msg_);
        blocking.setBlocked(ALICE, false);
        here.router.timeoutPacket(msg_);
        same(balance(address(blocking), ALICE), AMOUNT, "refunded");
    }

    // Access.

    function test_onlyTheRouterDelivers() external {
        OnRecvPacketCallback memory callback = OnRecvPacketCallback(
            "client-0", "client-0", 1, packetWith(dataOf("denom", hexOf(BOB), 1)).payloads[0], address(this)
        );
        vm.expectRevert(abi.encodeWithSelector(IICS20Transfer.ICS20Unauthorized.selector, address(this)));
        IIBCApp(address(there.transfer)).onRecvPacket(callback);
    }

    function test_onlyTheAppMovesEscrowsAndVouchers() external {
        relayRecv(here, there, sendFrom(here, address(token), ALICE, AMOUNT, BOB));
        IEscrow escrow = IEscrow(escrowHere());
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowUnauthorized.selector, address(this)));
        escrow.send(address(token), BOB, AMOUNT);
        vm.expectRevert(abi.encodeWithSelector(IEscrow.EscrowUnauthorized.selector, address(this)));
        escrow.recvCallback(address(token), BOB, AMOUNT);
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        escrow.initialize(address(this), address(this));
        IIBCERC20 voucher = IIBCERC20(voucherOf(there, hexOf(address(token))));
        address home = voucher.escrow();
        vm.expectRevert(abi.encodeWithSelector(IIBCERC20.IBCERC20Unauthorized.selector, address(this)));
        voucher.mint(home, 1);
        vm.expectRevert(abi.encodeWithSelector(IIBCERC20.IBCERC20Unauthorized.selector, address(this)));
        voucher.burn(BOB, 1);
        vm.prank(address(there.transfer));
        vm.expectRevert(abi.encodeWithSelector(IIBCERC20.IBCERC20NotEscrow.selector, home, BOB));
        voucher.burn(BOB, 1);
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        voucher.initialize(address(this), BOB, "x");
    }

    function test_implementationsCannotBeTakenOver() external {
        IICS20Transfer logic = IICS20Transfer(deploy("ics20Transfer", ""));
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        logic.initialize(BOB, BOB, BOB, BOB, BOB);
        IEscrow escrow = IEscrow(deploy("escrow", ""));
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        escrow.initialize(BOB, BOB);
        IIBCERC20 voucher = IIBCERC20(deploy("ibcErc20", ""));
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        voucher.initialize(BOB, BOB, "x");
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        here.transfer.initialize(BOB, BOB, BOB, BOB, BOB);
    }

    function test_adminFunctionsNeedTheAdmin() external {
        bytes[6] memory calls = [
            abi.encodeCall(IICS20Transfer.upgradeEscrowTo, (BOB)),
            abi.encodeCall(IICS20Transfer.upgradeIBCERC20To, (BOB)),
            abi.encodeCall(IICS20Transfer.pause, ()),
            abi.encodeCall(IICS20Transfer.unpause, ()),
            abi.encodeCall(IICS20Transfer.setCustomERC20, ("denom", BOB)),
            abi.encodeWithSignature("upgradeToAndCall(address,bytes)", BOB, "")
        ];
        bytes memory refused = abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, BOB);
        for (uint256 i = 0; i < 6; ++i) {
            vm.prank(BOB);
            (bool ok, bytes memory reason) = address(here.transfer).call(calls[i]);
            check(!ok, "refused");
            same(reason, refused, "unauthorized");
        }
    }

    function test_upgradesKeepEverything() external {
        Packet memory packet = sendFrom(here, address(token), ALICE, AMOUNT, BOB);
        here.transfer.upgradeEscrowTo(deploy("escrow", ""));
        (bool ok,) = address(here.router).call(
            abi.encodeWithSignature("upgradeToAndCall(address,bytes)", deploy("ics26Router", ""), "")
        );
        check(ok, "router");
        (ok,) = address(here.transfer).call(
            abi.encodeWithSignature("upgradeToAndCall(address,bytes)", deploy("ics20Transfer", ""), "")
        );
        check(ok, "transfer");
        vm.warp(packet.timeoutTimestamp);
        relayTimeout(here, there, packet);
        same(balance(address(token), ALICE), 10 * AMOUNT, "refunded");
    }

    function test_pause() external {
        Packet memory packet = sendFrom(here, address(token), ALICE, AMOUNT, BOB);
        there.transfer.pause();
        SendTransferMsg memory msg_ = transferOf(there, address(token), 1, BOB);
        vm.expectRevert(PausableUpgradeable.EnforcedPause.selector);
        there.transfer.sendTransfer(msg_);
        same(relayRecv(here, there, packet), abi.encodePacked(ERROR_ACK), "refused while paused");
        there.transfer.unpause();
        relayAck(here, there, packet, abi.encodePacked(ERROR_ACK));
        same(balance(address(token), ALICE), 10 * AMOUNT, "refunded");
    }

    function test_rateLimits() external {
        relayRecv(here, there, sendFrom(here, address(token), ALICE, 5 * AMOUNT, BOB));
        address voucher = voucherOf(there, hexOf(address(token)));
        IEscrow escrow = IEscrow(escrowHere());
        here.manager.setTargetFunctionRole(address(escrow), only(IEscrow.setRateLimit.selector), RATE_LIMITER);
        escrow.setRateLimit(address(token), 2 * AMOUNT);
        relayRecv(there, here, sendFrom(there, voucher, BOB, 2 * AMOUNT, ALICE));
        same(escrow.getDailyUsage(address(token)), 2 * AMOUNT, "used up");
        Packet memory packet = sendFrom(there, voucher, BOB, 1, ALICE);
        same(relayRecv(there, here, packet), abi.encodePacked(ERROR_ACK), "over the limit");
        relayAck(there, here, packet, abi.encodePacked(ERROR_ACK));
        sendFrom(here, address(token), ALICE, AMOUNT, BOB);
        same(escrow.getDailyUsage(address(token)), AMOUNT, "net of what came in");
        vm.warp(block.timestamp + 1 days);
        same(escrow.getDailyUsage(address(token)), 0, "a new day");
        relayRecv(there, here, sendFrom(there, voucher, BOB, AMOUNT, ALICE));
    }
}
