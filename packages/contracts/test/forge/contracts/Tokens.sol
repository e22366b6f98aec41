// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";
import {
    IIBCSenderCallbacks,
    OnAcknowledgementPacketCallback,
    OnTimeoutPacketCallback
} from "contracts/interfaces/IIBCApp.sol";
import {IICS20Transfer, IPermit2, SendTransferMsg} from "contracts/interfaces/IICS20Transfer.sol";

/// @title Takes one hundredth of every transfer
contract FeeToken is ERC20("Fee", "FEE") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function _update(address from, address to, uint256 value) internal override {
        if (from != address(0) && to != address(0)) {
            super._update(from, address(this), value / 100);
            value -= value / 100;
        }
        super._update(from, to, value);
    }
}

/// @title Calls somebody during every transfer, as ERC-777 does
contract CallbackToken is ERC20("Callback", "CALL") {
    address public target;
    bytes public call_;
    bool public succeeded;
    bytes public result;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setCall(address target_, bytes calldata data) external {
        (target, call_) = (target_, data);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (target != address(0)) (succeeded, result) = target.call(call_);
    }
}

/// @title Refuses to pay a blocked account
contract BlockingToken is ERC20("Blocking", "BLOCK") {
    mapping(address => bool) public isBlocked;

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function setBlocked(address account, bool blocked) external {
        isBlocked[account] = blocked;
    }

    function _update(address from, address to, uint256 value) internal override {
        require(!isBlocked[to], "blocked");
        super._update(from, to, value);
    }
}

/// @title Says nothing, and needs no answer, as old tokens do
contract SilentToken {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }

    function transferFrom(address from, address to, uint256 amount) external {
        allowance[from][msg.sender] -= amount;
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// @title A token of one's own for a denom; anybody may mint, which only a test allows
contract OwnToken is ERC20("Own", "OWN") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function burn(address from, uint256 amount) external {
        _burn(from, amount);
    }
}

/// @title Pulls tokens that were approved to it, on a signature that is one fixed word
contract FakePermit2 is IPermit2 {
    function permitTransferFrom(
        PermitTransferFrom calldata permit,
        SignatureTransferDetails calldata details,
        address owner,
        bytes calldata signature
    ) external {
        require(keccak256(signature) == keccak256("signed"), "signature");
        require(details.requestedAmount <= permit.permitted.amount, "amount");
        ERC20(permit.permitted.token).transferFrom(owner, details.to, details.requestedAmount);
    }
}

/// @title A contract that sends tokens and hears what became of them
contract CallbackSender is IIBCSenderCallbacks, ERC165 {
    uint256 public acknowledged;
    uint256 public refused;
    uint256 public timedOut;

    function send(IICS20Transfer transfer, SendTransferMsg calldata msg_) external {
        ERC20(msg_.denom).approve(address(transfer), msg_.amount);
        transfer.sendTransfer(msg_);
    }

    function onAckPacket(bool success, OnAcknowledgementPacketCallback calldata) external {
        if (success) ++acknowledged;
        else ++refused;
    }

    function onTimeoutPacket(OnTimeoutPacketCallback calldata) external {
        ++timedOut;
    }

    function supportsInterface(bytes4 id) public view override returns (bool) {
        return id == type(IIBCSenderCallbacks).interfaceId || super.supportsInterface(id);
    }
}
