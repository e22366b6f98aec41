// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {MsgSendPacket, Packet, Payload} from "contracts/interfaces/IBCMessages.sol";
import {FungibleTokenPacketData, IICS20Transfer, SendTransferMsg} from "contracts/interfaces/IICS20Transfer.sol";
import {End, LinkFixture} from "./LinkFixture.sol";
import {OwnToken} from "./Tokens.sol";

/// @title Transfers between two chains
abstract contract TransferFixture is LinkFixture {
    bytes internal constant SUCCESS = '{"result":"AQ=="}';
    bytes32 internal constant ERROR_ACK = sha256("UNIVERSAL_ERROR_ACKNOWLEDGEMENT");

    function hexOf(address account) internal pure returns (string memory) {
        return Strings.toHexString(account);
    }

    function transferOf(End memory end, address token, uint256 amount, address to)
        internal
        view
        returns (SendTransferMsg memory)
    {
        uint64 timeout = uint64(block.timestamp + 600);
        return SendTransferMsg(token, amount, hexOf(to), end.clientId, "transfer", timeout, "a memo");
    }

    /// @dev `from` has the tokens and approves them.
    function sendFrom(End memory end, address token, address from, uint256 amount, address to)
        internal
        returns (Packet memory)
    {
        SendTransferMsg memory msg_ = transferOf(end, token, amount, to);
        vm.startPrank(from);
        (bool ok,) = token.call(abi.encodeCall(IERC20.approve, (address(end.transfer), amount)));
        check(ok, "approve");
        vm.recordLogs();
        end.transfer.sendTransfer(msg_);
        vm.stopPrank();
        return sentPacketIn(vm.getRecordedLogs());
    }

    function voucherOf(End memory at_, string memory denom) internal view returns (address) {
        return at_.transfer.ibcERC20Contract(string.concat("transfer/", at_.clientId, "/", denom));
    }

    /// @dev A packet of the transfer app as a counterparty would send it, put into this chain by a lying quorum.
    function packetWith(bytes memory value) internal view returns (Packet memory packet) {
        packet.sequence = 1;
        packet.sourceClient = here.clientId;
        packet.destClient = there.clientId;
        packet.timeoutTimestamp = uint64(block.timestamp + 600);
        packet.payloads = new Payload[](1);
        packet.payloads[0] = Payload("transfer", "transfer", "ics20-1", "application/x-solidity-abi", value);
    }

    function balance(address token, address account) internal view returns (uint256) {
        return IERC20(token).balanceOf(account);
    }
}
