// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestBase} from "./contracts/TestBase.sol";
import {TransferHandler} from "./contracts/TransferHandler.sol";

contract InvariantsTest is TestBase {
    TransferHandler internal handler;

    function setUp() external {
        handler = new TransferHandler();
    }

    /// @dev Forge calls these contracts only.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_everythingHolds() external view {
        escrowEqualsOutstandingVouchers();
        for (uint256 i = 0; i < handler.count(); ++i) {
            (,,, uint256 deliveries,) = handler.flights(i);
            check(deliveries <= 1, "received twice");
        }
        check(!handler.frozenClientVerified(), "verified by a frozen client");
    }

    /// What lies in the escrow is what the vouchers stand for, and what is on its way in either direction.
    function escrowEqualsOutstandingVouchers() private view {
        uint256 owed = handler.vouchers();
        for (uint256 i = 0; i < handler.count(); ++i) {
            (, TransferHandler.State state, uint256 amount,,) = handler.flights(i);
            if (state == TransferHandler.State.Sent || state == TransferHandler.State.Refused) owed += amount;
        }
        same(handler.escrow(), owed, "escrow");
        same(handler.strayVouchers(), 0, "stray vouchers");
    }
}
