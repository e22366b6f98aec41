// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A height of the counterparty. Attested chains have one revision, so `revisionNumber` carries nothing.
struct Height {
    uint64 revisionNumber;
    uint64 revisionHeight;
}

/// @notice Asks a light client whether `path` holds `value` at `proofHeight`.
struct MsgVerifyMembership {
    bytes proof;
    Height proofHeight;
    bytes[] path;
    bytes value;
}

/// @notice Asks a light client whether `path` holds nothing at `proofHeight`.
struct MsgVerifyNonMembership {
    bytes proof;
    Height proofHeight;
    bytes[] path;
}

/// @notice What an update did. The numbers are part of the ABI.
enum UpdateResult {
    Update,
    Misbehaviour,
    NoOp
}

/// @title Light client, as the router sees it
interface ILightClient {
    /// @notice Verifies and stores a statement about a new height.
    function updateClient(bytes calldata updateMsg) external returns (UpdateResult);

    /// @notice Verifies that a path holds a value.
    /// @return The consensus timestamp of the proof height, in seconds.
    function verifyMembership(MsgVerifyMembership calldata msg_) external returns (uint256);

    /// @notice Verifies that a path holds nothing.
    /// @return The consensus timestamp of the proof height, in seconds.
    function verifyNonMembership(MsgVerifyNonMembership calldata msg_) external returns (uint256);

    /// @notice Freezes the client on evidence, where the client supports it.
    function misbehaviour(bytes calldata misbehaviourMsg) external;

    /// @notice The client's own description of its state, ABI-encoded.
    function getClientState() external view returns (bytes memory);
}
