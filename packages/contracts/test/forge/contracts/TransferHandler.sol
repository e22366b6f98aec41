// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {MsgRecvPacket, MsgTimeoutPacket, Packet} from "contracts/interfaces/IBCMessages.sol";
import {SendTransferMsg} from "contracts/interfaces/IICS20Transfer.sol";
import {IICS26Router} from "contracts/interfaces/IICS26Router.sol";
import {UpdateResult} from "contracts/interfaces/ILightClient.sol";
import {End} from "./LinkFixture.sol";
import {OwnToken} from "./Tokens.sol";
import {TransferFixture} from "./TransferFixture.sol";

/// @title Does at random what users, relayers and an impatient clock do
contract TransferHandler is TransferFixture {
    enum State {
        Sent,
        Received,
        Refused,
        Settled
    }

    struct Flight {
        bool forth;
        State state;
        uint256 amount;
        uint256 deliveries;
        bool refunded;
    }

    address internal constant ALICE = address(0xa11ce);
    address internal constant BOB = address(0xb0b);
    OwnToken public immutable TOKEN = new OwnToken();
    Flight[] public flights;
    bytes[] internal packets;
    bytes[] internal acks;

    // A client of its own that may be frozen.
    address internal spare;
    bool public spareIsFrozen;
    bool public frozenClientVerified;

    constructor() {
        connect();
        spare = newClient(3, 5);
        TOKEN.mint(ALICE, 1_000_000);
        // A first transfer, so that escrow and voucher exist.
        send(true, 1000, false);
        receive_(0);
    }

    function count() external view returns (uint256) {
        return flights.length;
    }

    function escrow() external view returns (uint256) {
        return balance(address(TOKEN), here.transfer.getEscrow("client-0"));
    }

    function vouchers() external view returns (uint256) {
        return IERC20(voucher()).totalSupply();
    }

    /// @dev What the escrow and the minting address of the vouchers hold of them, which must be nothing.
    function strayVouchers() external view returns (uint256) {
        return balance(voucher(), there.transfer.getEscrow("client-0")) + balance(voucher(), address(there.transfer));
    }

    function voucher() public view returns (address) {
        return voucherOf(there, hexOf(address(TOKEN)));
    }

    function send(bool forth, uint256 amount, bool toNobody) public {
        End memory from = forth ? here : there;
        address token = forth ? address(TOKEN) : voucher();
        address sender = forth ? ALICE : BOB;
        uint256 held = balance(token, sender);
        if (held == 0) return;
        amount = bound(amount, 1, held);
        SendTransferMsg memory msg_ = transferOf(from, token, amount, forth ? BOB : ALICE);
        if (toNobody) msg_.receiver = "nobody";
        vm.startPrank(sender);
        IERC20(token).approve(address(from.transfer), amount);
        vm.recordLogs();
        from.transfer.sendTransfer(msg_);
        vm.stopPrank();
        packets.push(abi.encode(sentPacketIn(vm.getRecordedLogs())));
        flights.push(Flight(forth, State.Sent, amount, 0, false));
        acks.push("");
    }

    /// @dev Receives, also again, also late.
    function receive_(uint256 which) public {
        which %= flights.length;
        Flight storage flight = flights[which];
        (End memory from, End memory to) = ends(flight.forth);
        Packet memory packet = abi.decode(packets[which], (Packet));
        if (commitmentOf(from, packet.sourceClient, 1, packet.sequence) == 0) return;
        MsgRecvPacket memory msg_ = recvMessage(from, update(to), packet);
        vm.recordLogs();
        try to.router.recvPacket(msg_) {
            bytes memory ack = acknowledgementIn(vm.getRecordedLogs());
            if (ack.length == 0) return;
            ++flight.deliveries;
            acks[which] = ack;
            flight.state = keccak256(ack) == keccak256(SUCCESS) ? State.Received : State.Refused;
        } catch {}
    }

    function acknowledge(uint256 which) external {
        which %= flights.length;
        Flight storage flight = flights[which];
        if (acks[which].length == 0) return;
        (End memory from, End memory to) = ends(flight.forth);
        Packet memory packet = abi.decode(packets[which], (Packet));
        bool open = commitmentOf(from, packet.sourceClient, 1, packet.sequence) != 0;
        relayAck(from, to, packet, acks[which]);
        if (!open) return;
        flight.refunded = flight.state == State.Refused;
        flight.state = State.Settled;
    }

    function timeout(uint256 which) external {
        which %= flights.length;
        Flight storage flight = flights[which];
        (End memory from, End memory to) = ends(flight.forth);
        Packet memory packet = abi.decode(packets[which], (Packet));
        bool open = commitmentOf(from, packet.sourceClient, 1, packet.sequence) != 0;
        MsgTimeoutPacket memory msg_ = timeoutMessage(to, update(from), packet);
        try from.router.timeoutPacket(msg_) {
            if (!open) return;
            flight.refunded = true;
            flight.state = State.Settled;
        } catch {}
    }

    function wait(uint16 seconds_) external {
        vm.warp(block.timestamp + seconds_ % 400);
    }

    function useSpareClient(bytes32 path, bytes32 value) external {
        bytes memory proof = packetProof(HEIGHT, one(abi.encode(path), value), 3);
        try client(spare).verifyMembership(member(HEIGHT, abi.encode(path), value, proof)) {
            frozenClientVerified = frozenClientVerified || spareIsFrozen;
        } catch {}
        try client(spare).verifyMembership(member(HEIGHT, abi.encode(path), value, "")) {
            frozenClientVerified = frozenClientVerified || spareIsFrozen;
        } catch {}
        try client(spare).verifyNonMembership(absent(HEIGHT, abi.encode(path), "")) {
            frozenClientVerified = frozenClientVerified || spareIsFrozen;
        } catch {}
    }

    function updateSpareClient(uint8 height, uint8 timestamp) external {
        uint64 at_ = HEIGHT + uint64(height % 3);
        bytes memory proof = stateProof(at_, TIMESTAMP + uint64(timestamp % 2), 3);
        try client(spare).updateClient(proof) returns (UpdateResult result) {
            frozenClientVerified = frozenClientVerified || spareIsFrozen;
            spareIsFrozen = spareIsFrozen || result == UpdateResult.Misbehaviour;
        } catch {}
    }

    function ends(bool forth) private view returns (End memory from, End memory to) {
        return forth ? (here, there) : (there, here);
    }
}
