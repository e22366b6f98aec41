// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILightClient, MsgVerifyMembership, MsgVerifyNonMembership} from "../interfaces/ILightClient.sol";

/// @title Measures a client that was constructed in the same transaction
/// @notice The client's account and storage are warm, and the caller's encoding of the call is part of the figure: the
/// way in which the deployed client's own gas tests measure.
contract GasProbe {
    function membership(bytes calldata creation, MsgVerifyMembership memory msg_) external returns (uint256) {
        ILightClient client = _create(creation);
        uint256 before = gasleft();
        client.verifyMembership(msg_);
        return before - gasleft();
    }

    function nonMembership(bytes calldata creation, MsgVerifyNonMembership memory msg_) external returns (uint256) {
        ILightClient client = _create(creation);
        uint256 before = gasleft();
        client.verifyNonMembership(msg_);
        return before - gasleft();
    }

    function update(bytes calldata creation, bytes memory updateMsg) external returns (uint256) {
        ILightClient client = _create(creation);
        uint256 before = gasleft();
        client.updateClient(updateMsg);
        return before - gasleft();
    }

    function _create(bytes calldata creation) private returns (ILightClient client) {
        assembly ("memory-safe") {
            let input := mload(0x40)
            calldatacopy(input, creation.offset, creation.length)
            client := create(0, input, creation.length)
        }
        require(address(client) != address(0), "client not created");
    }
}
