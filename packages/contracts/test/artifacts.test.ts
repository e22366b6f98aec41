import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as contracts from '@interchain-attestation/contracts';
import { type AbiParameter, encodeAbiParameters, keccak256, toFunctionSelector, toHex } from 'viem';
import { createSolcInput, hashSolcInput, solcVersion } from '../scripts/solc-input.ts';

interface Item {
  readonly type: string;
  readonly name?: string;
  readonly inputs?: readonly AbiParameter[];
  readonly outputs?: readonly AbiParameter[];
  readonly stateMutability?: string;
}

const typeOf = (parameter: AbiParameter): string => {
  if (!parameter.type.startsWith('tuple')) return parameter.type;
  const { components } = parameter as { components: readonly AbiParameter[] };
  return `(${components.map(typeOf).join(',')})${parameter.type.slice(5)}`;
};
const list = (parameters: readonly AbiParameter[] = []): string => parameters.map(typeOf).join(',');
const describeItem = (item: Item): string =>
  `${item.type} ${item.name ?? ''}(${list(item.inputs)})${item.outputs?.length ? ` returns (${list(item.outputs)})` : ''}`;

const missing = (abi: readonly Item[], expected: string): string[] => {
  const present = new Set(abi.map(describeItem));
  return expected
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => !present.has(line));
};

const payload = '(string,string,string,string,bytes)';
const packet = `(uint64,string,string,uint64,${payload}[])`;
const height = '(uint64,uint64)';
const info = '(string,bytes[])';
const transfer = '(address,uint256,string,string,string,uint64,string)';

describe('artifacts', () => {
  test('are built from the sources as they are', () => {
    assert.equal(
      contracts.sourceHash,
      hashSolcInput(createSolcInput()),
      'the contracts changed: run node packages/contracts/scripts/build.ts',
    );
    assert.equal(contracts.compilerVersion, solcVersion());
  });

  test('fit into a contract and into a transaction that creates one', () => {
    for (const [name, artifact] of Object.entries(contracts)) {
      if (typeof artifact !== 'object' || !('bytecode' in artifact)) continue;
      assert.match(artifact.bytecode, /^0x([0-9a-f]{2})+$/, name);
      assert.ok(artifact.bytecode.length / 2 - 1 <= 49_152, name);
    }
  });

  test('have the light client ABI that is deployed', () => {
    const expected = `
      constructor (address[],uint8,uint64,uint64,address)
      function updateClient(bytes) returns (uint8)
      function verifyMembership((bytes,${height},bytes[],bytes)) returns (uint256)
      function verifyNonMembership((bytes,${height},bytes[])) returns (uint256)
      function misbehaviour(bytes)
      function getClientState() returns (bytes)
      function getAttestationSet() returns (address[],uint8)
      function getConsensusTimestamp(uint64) returns (uint64)
      function PROOF_SUBMITTER_ROLE() returns (bytes32)
      function DEFAULT_ADMIN_ROLE() returns (bytes32)
      function grantRole(bytes32,address)
      function revokeRole(bytes32,address)
      function renounceRole(bytes32,address)
      function hasRole(bytes32,address) returns (bool)
      function getRoleAdmin(bytes32) returns (bytes32)
      function supportsInterface(bytes4) returns (bool)
      error NoAttestors()
      error BadQuorum(uint8,uint256)
      error FrozenClientState()
      error FeatureNotSupported()
      error ConsensusTimestampNotFound(uint64)
      error InvalidSignatureLength(bytes)
      error SignatureInvalid(bytes)
      error UnknownSigner(address)
      error DuplicateSigner(address)
      error ThresholdNotMet(uint256,uint8)
      error ECDSAInvalidSignature()
      error ECDSAInvalidSignatureS(bytes32)
      error ECDSAInvalidSignatureLength(uint256)
      error AccessControlUnauthorizedAccount(address,bytes32)
      error EmptyValue()
      error EmptyPackets()
      error InvalidPathLength(uint256,uint256)
      error NotMember()
      error NotNonMember()
      error HeightMismatch(uint64,uint64)
      error InvalidState(uint64,uint64)
      error EmptySignatures()`;
    assert.deepEqual(missing(contracts.attestationLightClientAbi, expected), []);
  });

  test('have the router ABI that is deployed', () => {
    const expected = `
      function sendPacket((string,uint64,${payload})) returns (uint64)
      function recvPacket((${packet},bytes,${height}))
      function ackPacket((${packet},bytes,bytes,${height}))
      function timeoutPacket((${packet},bytes,${height}))
      function multicall(bytes[]) returns (bytes[])
      function getCommitment(bytes32) returns (bytes32)
      function addClient(${info},address) returns (string)
      function addClient(string,${info},address) returns (string)
      function updateClient(string,bytes) returns (uint8)
      function migrateClient(string,${info},address)
      function submitMisbehaviour(string,bytes)
      function getClient(string) returns (address)
      function getCounterparty(string) returns (${info})
      function getNextClientSeq() returns (uint256)
      function addIBCApp(address)
      function addIBCApp(string,address)
      function getIBCApp(string) returns (address)
      function initialize(address)
      function upgradeToAndCall(address,bytes)
      event SendPacket(string,uint256,${packet})
      event WriteAcknowledgement(string,uint256,${packet},bytes[])
      event AckPacket(string,uint256,${packet},bytes)
      event TimeoutPacket(string,uint256,${packet})
      event Noop()
      event IBCAppAdded(string,address)
      event IBCAppRecvPacketCallbackError(bytes)
      event ICS02ClientAdded(string,${info},address)
      event ICS02ClientUpdated(string,uint8)
      event ICS02ClientMigrated(string,${info},address)
      event ICS02MisbehaviourSubmitted(string)
      error IBCPortAlreadyExists(string)
      error IBCInvalidPortIdentifier(string)
      error IBCInvalidTimeoutTimestamp(uint256,uint256)
      error IBCInvalidTimeoutDuration(uint256,uint256)
      error IBCInvalidCounterparty(string,string)
      error IBCAsyncAcknowledgementNotSupported()
      error IBCErrorUniversalAcknowledgement()
      error IBCAppNotFound(string)
      error IBCUnauthorizedSender(address)
      error IBCFailedCallback()
      error IBCInvalidClientId(string)
      error IBCClientNotFound(string)
      error IBCCounterpartyClientNotFound(string)
      error IBCClientAlreadyExists(string)
      error IBCPacketCommitmentAlreadyExists(bytes)
      error IBCPacketAcknowledgementAlreadyExists(bytes)
      error InvalidMerklePrefix(bytes[])
      error IBCMultiPayloadPacketNotSupported()
      error IBCPacketCommitmentMismatch(bytes32,bytes32)
      error NoAcknowledgements()
      error IBCPacketReceiptMismatch(bytes32,bytes32)`;
    assert.deepEqual(missing(contracts.ics26RouterAbi, expected), []);
  });

  test('have the transfer ABI that is deployed', () => {
    const expected = `
      function sendTransfer(${transfer}) returns (uint64)
      function getEscrow(string) returns (address)
      function ibcERC20Contract(string) returns (address)
      function ibcERC20Denom(address) returns (string)
      function ics26() returns (address)
      function setCustomERC20(string,address)
      function onRecvPacket((string,string,uint64,${payload},address)) returns (bytes)
      function onAcknowledgementPacket((string,string,uint64,${payload},bytes,address))
      function onTimeoutPacket((string,string,uint64,${payload},address))
      event IBCERC20ContractCreated(address,string)
      error ICS20Unauthorized(address)
      error ICS20UnauthorizedPacketSender(address)
      error ICS20InvalidAddress(string)
      error ICS20InvalidAmount(uint256)
      error ICS20UnexpectedVersion(string,string)
      error ICS20UnexpectedEncoding(string,string)
      error ICS20UnexpectedERC20Balance(uint256,uint256)
      error ICS20DenomNotFound(string)
      error ICS20InvalidPort(string,string)
      error ICS20EscrowNotFound(string)`;
    assert.deepEqual(missing(contracts.ics20TransferAbi, expected), []);
  });

  test('name roles for functions that exist and are restricted by name', () => {
    const abis = {
      ics26Router: contracts.ics26RouterAbi,
      ics20Transfer: contracts.ics20TransferAbi,
      escrow: contracts.escrowAbi,
    } as const;
    for (const { target, functions, selectors } of contracts.roleRules) {
      for (const [i, signature] of functions.entries()) {
        const abi: readonly Item[] = abis[target];
        const known = abi.some(
          (item) => item.type === 'function' && `${item.name}(${list(item.inputs)})` === signature,
        );
        assert.ok(known, `${target} has no ${signature}`);
        assert.equal(selectors[i], toFunctionSelector(signature));
      }
    }
    const all: readonly Item[] = [...contracts.ics26RouterAbi, ...contracts.ics20TransferAbi];
    for (const signature of contracts.adminFunctions) {
      assert.ok(all.some((item) => item.type === 'function' && `${item.name}(${list(item.inputs)})` === signature));
    }
  });

  test('give the constants that others derive from them', () => {
    const once = toFunctionSelector('verifiedInTransaction(uint64,bytes32,bytes32)');
    assert.equal(contracts.verifiedOnceInterfaceId, once);
    const namespace = BigInt(keccak256(toHex('ibc.storage.IBCStore'))) - 1n;
    const slot = BigInt(keccak256(encodeAbiParameters([{ type: 'uint256' }], [namespace]))) & ~0xffn;
    assert.equal(BigInt(contracts.commitmentsSlot), slot);
  });
});
