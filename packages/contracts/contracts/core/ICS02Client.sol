// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManagedUpgradeable} from
    "@openzeppelin/contracts-upgradeable/access/manager/AccessManagedUpgradeable.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {CounterpartyInfo} from "../interfaces/IBCMessages.sol";
import {IICS02Client} from "../interfaces/IICS26Router.sol";
import {ILightClient, UpdateResult} from "../interfaces/ILightClient.sol";
import {IBCIdentifiers} from "./IBCIdentifiers.sol";

/// @title Light clients and their counterparties, by client identifier
abstract contract ICS02Client is IICS02Client, AccessManagedUpgradeable {
    /// @custom:storage-location erc7201:ibc.storage.ICS02Client
    struct ICS02ClientStorage {
        mapping(string clientId => ILightClient client) clients;
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
        ICS02ClientStorage storage clients = _clients();
        clients.clients[clientId] = ILightClient(client);
        clients.counterparties[clientId] = counterpartyInfo;
        emit ICS02ClientMigrated(clientId, counterpartyInfo, client);
    }

    /// @inheritdoc IICS02Client
    function submitMisbehaviour(string calldata clientId, bytes calldata misbehaviourMsg) external {
        getClient(clientId).misbehaviour(misbehaviourMsg);
        emit ICS02MisbehaviourSubmitted(clientId);
    }

    /// @inheritdoc IICS02Client
    function getClient(string calldata clientId) public view returns (ILightClient client) {
        client = _clients().clients[clientId];
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

    function _addClient(string memory clientId, CounterpartyInfo calldata counterpartyInfo, address client) private {
        ICS02ClientStorage storage clients = _clients();
        require(address(clients.clients[clientId]) == address(0), IBCClientAlreadyExists(clientId));
        clients.clients[clientId] = ILightClient(client);
        clients.counterparties[clientId] = counterpartyInfo;
        emit ICS02ClientAdded(clientId, counterpartyInfo, client);
    }

    function _clients() private pure returns (ICS02ClientStorage storage clients) {
        assembly ("memory-safe") {
            clients.slot := STORAGE_SLOT
        }
    }
}
