// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {CounterpartyInfo} from "../interfaces/IBCMessages.sol";
import {IIBCStore, IICS02Client} from "../interfaces/IICS26Router.sol";
import {ILightClient, UpdateResult} from "../interfaces/ILightClient.sol";
import {BatchAuthority} from "./BatchAuthority.sol";
import {IBCIdentifiers} from "./IBCIdentifiers.sol";

/// @title Light clients and their counterparties, by client identifier
abstract contract ICS02Client is IICS02Client, BatchAuthority {
    /// @dev One slot. The flag tells that the counterparty's merkle prefix is [""], as it is for every attested chain:
    /// two reads fewer. Where it is not set, the prefix itself is read.
    struct ClientEntry {
        ILightClient client;
        bool hasEmptyPrefix;
    }

    /// @custom:storage-location erc7201:ibc.storage.ICS02Client
    struct ICS02ClientStorage {
        mapping(string clientId => ClientEntry entry) clients;
        mapping(string clientId => CounterpartyInfo info) counterparties;
        uint256 nextClientSeq;
    }

    /// @dev keccak256(abi.encode(uint256(keccak256("ibc.storage.ICS02Client")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant STORAGE_SLOT = 0x515a8336edcaab4ae6524d41223c1782132890f89189ba6632107a7b5a449600;

    /// @inheritdoc IICS02Client
    function addClient(CounterpartyInfo calldata counterpartyInfo, address client)
        external
        returns (string memory clientId)
    {
        clientId = string.concat(IBCIdentifiers.CLIENT_ID_PREFIX, Strings.toString(_clients().nextClientSeq++));
        _addClient(clientId, counterpartyInfo, client);
    }

    /// @inheritdoc IICS02Client
    function addClient(string calldata clientId, CounterpartyInfo calldata counterpartyInfo, address client)
        external
        restricted
        returns (string memory)
    {
        require(IBCIdentifiers.isCustom(bytes(clientId)), IBCInvalidClientId(clientId));
        _addClient(clientId, counterpartyInfo, client);
        return clientId;
    }

    /// @inheritdoc IICS02Client
    function updateClient(string calldata clientId, bytes calldata updateMsg)
        external
        restricted
        returns (UpdateResult result)
    {
        result = getClient(clientId).updateClient(updateMsg);
        emit ICS02ClientUpdated(clientId, result);
    }

    /// @inheritdoc IICS02Client
    function migrateClient(string calldata clientId, CounterpartyInfo calldata counterpartyInfo, address client)
        external
        restricted
    {
        getClient(clientId);
        _setClient(clientId, counterpartyInfo, client);
        emit ICS02ClientMigrated(clientId, counterpartyInfo, client);
    }

    /// @inheritdoc IICS02Client
    function submitMisbehaviour(string calldata clientId, bytes calldata misbehaviourMsg) external {
        getClient(clientId).misbehaviour(misbehaviourMsg);
        emit ICS02MisbehaviourSubmitted(clientId);
    }

    /// @inheritdoc IICS02Client
    function getClient(string calldata clientId) public view returns (ILightClient client) {
        client = _clients().clients[clientId].client;
        require(address(client) != address(0), IBCClientNotFound(clientId));
    }

    /// @inheritdoc IICS02Client
    function getCounterparty(string calldata clientId) public view returns (CounterpartyInfo memory info) {
        info = _clients().counterparties[clientId];
        require(bytes(info.clientId).length != 0, IBCCounterpartyClientNotFound(clientId));
    }

    /// @inheritdoc IICS02Client
    function getNextClientSeq() external view returns (uint256) {
        return _clients().nextClientSeq;
    }

    /// @dev Finds a client, and reverts unless `counterpartyId` is its counterparty.
    /// @return client The light client.
    /// @return hasEmptyPrefix Whether the merkle prefix is known to be [""].
    function _requireClient(string memory clientId, string memory counterpartyId)
        internal
        view
        returns (ILightClient client, bool hasEmptyPrefix)
    {
        bool isCounterparty;
        assembly ("memory-safe") {
            // The slots of the two mappings: keccak256(clientId || slot of the mapping).
            let key := mload(0x40)
            let size := mload(clientId)
            let end := add(key, size)
            size := add(size, 0x20)
            mcopy(key, add(clientId, 0x20), mload(clientId))
            mstore(end, STORAGE_SLOT)
            let entry := sload(keccak256(key, size))
            client := shr(96, shl(96, entry))
            hasEmptyPrefix := and(1, shr(160, entry))
            // A short string is its bytes and twice its length in one slot, which is all that is read in most cases.
            let length := mload(counterpartyId)
            if lt(sub(length, 1), 31) {
                mstore(end, add(STORAGE_SLOT, 1))
                let rest := shl(3, sub(32, length))
                let word := or(shl(rest, shr(rest, mload(add(counterpartyId, 0x20)))), shl(1, length))
                isCounterparty := eq(sload(keccak256(key, size)), word)
            }
        }
        if (!isCounterparty) {
            string memory expected = _clients().counterparties[clientId].clientId;
            require(bytes(expected).length != 0, IBCCounterpartyClientNotFound(clientId));
            require(
                keccak256(bytes(expected)) == keccak256(bytes(counterpartyId)),
                IBCInvalidCounterparty(expected, counterpartyId)
            );
        }
        require(address(client) != address(0), IBCClientNotFound(clientId));
    }

    /// @dev A path joined to the last element of the counterparty's merkle prefix.
    function _prefixed(string memory clientId, bytes memory path) internal view returns (bytes[] memory prefix) {
        prefix = _clients().counterparties[clientId].merklePrefix;
        require(prefix.length != 0, IIBCStore.InvalidMerklePrefix(prefix));
        uint256 last = prefix.length - 1;
        prefix[last] = abi.encodePacked(prefix[last], path);
    }

    function _addClient(string memory clientId, CounterpartyInfo calldata counterpartyInfo, address client) private {
        require(address(_clients().clients[clientId].client) == address(0), IBCClientAlreadyExists(clientId));
        _setClient(clientId, counterpartyInfo, client);
        emit ICS02ClientAdded(clientId, counterpartyInfo, client);
    }

    function _setClient(string memory clientId, CounterpartyInfo calldata counterpartyInfo, address client) private {
        bytes[] calldata prefix = counterpartyInfo.merklePrefix;
        bool hasEmptyPrefix = prefix.length == 1 && prefix[0].length == 0;
        _clients().clients[clientId] = ClientEntry(ILightClient(client), hasEmptyPrefix);
        _clients().counterparties[clientId] = counterpartyInfo;
    }

    function _clients() private pure returns (ICS02ClientStorage storage clients) {
        assembly ("memory-safe") {
            clients.slot := STORAGE_SLOT
        }
    }
}
