// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {FungibleTokenPacketData, IICS20Transfer} from "../interfaces/IICS20Transfer.sol";
import {Payload} from "../interfaces/IBCMessages.sol";

/// @title Constants and denoms of ICS-20
library ICS20Lib {
    string internal constant PORT = "transfer";
    string internal constant VERSION = "ics20-1";
    string internal constant ENCODING = "application/x-solidity-abi";
    bytes internal constant SUCCESS_ACK = '{"result":"AQ=="}';

    /// @notice Reverts unless a received payload is ICS-20 in the one form that this app speaks.
    function requirePayload(Payload calldata payload) internal pure {
        require(_equal(payload.version, VERSION), IICS20Transfer.ICS20UnexpectedVersion(VERSION, payload.version));
        require(_equal(payload.sourcePort, PORT), IICS20Transfer.ICS20InvalidPort(PORT, payload.sourcePort));
        require(_equal(payload.encoding, ENCODING), IICS20Transfer.ICS20UnexpectedEncoding(ENCODING, payload.encoding));
        require(_equal(payload.destPort, PORT), IICS20Transfer.ICS20InvalidPort(PORT, payload.destPort));
    }

    /// @notice `port/client/`, what a token's denom gains on its way through a client.
    function prefix(string memory port, string memory clientId) internal pure returns (bytes memory) {
        return abi.encodePacked(port, "/", clientId, "/");
    }

    function hasPrefix(bytes memory denom, bytes memory prefix_) internal pure returns (bool result) {
        uint256 length = prefix_.length;
        if (denom.length < length) return false;
        assembly ("memory-safe") {
            result := eq(keccak256(add(denom, 0x20), length), keccak256(add(prefix_, 0x20), length))
        }
    }

    /// @dev With or without 0x, any case.
    function toAddress(string memory text) internal pure returns (address) {
        (bool valid, address addr) = Strings.tryParseAddress(text);
        require(valid, IICS20Transfer.ICS20InvalidAddress(text));
        return addr;
    }

    /// @notice Decodes packet data, with a reason when it does not decode: `abi.decode` alone reverts without one,
    /// which the router must take for missing gas, so that the packet could never be answered.
    function decode(bytes calldata value) internal pure returns (FungibleTokenPacketData memory) {
        require(_decodes(value), IICS20Transfer.ICS20InvalidPacketData());
        return abi.decode(value, (FungibleTokenPacketData));
    }

    /// @dev The bounds that `abi.decode` checks for (string,string,string,uint256,string).
    function _decodes(bytes calldata value) private pure returns (bool valid) {
        assembly ("memory-safe") {
            let end := add(value.offset, value.length)
            let head := calldataload(value.offset)
            if iszero(or(lt(value.length, 0x20), gt(head, 0xffffffffffffffff))) {
                head := add(value.offset, head)
                valid := iszero(slt(sub(end, head), 0xa0))
                for { let i := 0 } lt(i, 0xa0) { i := add(i, 0x20) } {
                    // The fourth word is the amount.
                    if xor(i, 0x60) {
                        let at := calldataload(add(head, i))
                        if gt(at, 0xffffffffffffffff) {
                            valid := 0
                            break
                        }
                        at := add(head, at)
                        let length := calldataload(at)
                        if or(
                            or(iszero(slt(add(at, 0x1f), end)), gt(length, 0xffffffffffffffff)),
                            gt(add(add(at, 0x20), length), end)
                        ) {
                            valid := 0
                            break
                        }
                    }
                }
            }
        }
    }

    function _equal(string calldata a, string memory b) private pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }
}
