import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { attestationLightClientArtifact, ics26RouterAbi } from '@interchain-attestation/contracts';
import { bytesToHex, type Packet } from '@interchain-attestation/core';
import fc from 'fast-check';
import { decodeDeployData, encodeFunctionData } from 'viem';
import type { Batch } from '../src/domain/batch.ts';
import { createItem, type ItemKind } from '../src/domain/item.ts';
import { packetStatement, stateStatement } from '../src/domain/statement.ts';
import { encodeMessage, encodeMulticall, encodeUpdateClient } from '../src/evm/calldata.ts';
import { newEvmClient } from '../src/evm/create-client.ts';
import { evmDestKind } from '../src/evm/dest-kind.ts';
import { failsWith } from './support/expect.ts';
import { packets } from './support/harness.ts';

const text = fc.string({ maxLength: 70 });
const bytes = fc.uint8Array({ maxLength: 300 });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const anyPacket: fc.Arbitrary<Packet> = fc.record({
  sequence: uint64,
  sourceClient: text,
  destClient: text,
  timeoutTimestampSec: uint64,
  payloads: fc.array(fc.record({ sourcePort: text, destPort: text, version: text, encoding: text, value: bytes }), {
    minLength: 1,
    maxLength: 3,
  }),
});

const toAbi = ({ timeoutTimestampSec, payloads, ...rest }: Packet): object => ({
  ...rest,
  timeoutTimestamp: timeoutTimestampSec,
  payloads: payloads.map((payload) => ({ ...payload, value: bytesToHex(payload.value) })),
});

/** The same call through viem and the router's own ABI. */
const throughViem = (kind: ItemKind, sent: Packet, ack: Uint8Array, proof: Uint8Array, height: bigint): string => {
  const proofHeight = { revisionNumber: 0n, revisionHeight: height };
  const [name, message] = {
    receive: ['recvPacket', { proofCommitment: bytesToHex(proof) }],
    acknowledge: ['ackPacket', { acknowledgement: bytesToHex(ack), proofAcked: bytesToHex(proof) }],
    timeout: ['timeoutPacket', { proofTimeout: bytesToHex(proof) }],
  }[kind] as [string, object];
  const args = [{ packet: toAbi(sent), ...message, proofHeight }];
  return encodeFunctionData({ abi: ics26RouterAbi, functionName: name, args } as never);
};

const { refusalOf } = evmDestKind;

const messagesThatFit = (batch: Batch, maxTxBytes: number): number =>
  evmDestKind.messagesThatFit(batch, { maxTxBytes, maxTxGas: 1n << 24n });

describe('calldata', () => {
  test('is what viem makes with the ABI of the router', () => {
    fc.assert(
      fc.property(
        anyPacket,
        bytes,
        bytes,
        uint64,
        fc.constantFrom<ItemKind>('receive', 'acknowledge', 'timeout'),
        (sent, ack, proof, height, kind) => {
          const item = createItem(kind, sent, { acknowledgements: [ack] });
          const ours = encodeMessage(item, proof, height);
          assert.equal(bytesToHex(ours), throughViem(kind, sent, ack, proof, height));
          const update = encodeUpdateClient(sent.sourceClient, proof);
          const updateArgs = [sent.sourceClient, bytesToHex(proof)] as const;
          assert.equal(
            bytesToHex(update),
            encodeFunctionData({ abi: ics26RouterAbi, functionName: 'updateClient', args: updateArgs }),
          );
          const calls = [update, ours];
          assert.equal(
            bytesToHex(encodeMulticall(calls)),
            encodeFunctionData({ abi: ics26RouterAbi, functionName: 'multicall', args: [calls.map(bytesToHex)] }),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  const batchOf = (count: number, once: boolean): Batch => {
    const items = packets(count).map((each) => createItem('receive', each, { height: 5n }));
    const entries = items.map((item) => ({
      packet: item.encoded,
      path: { kind: 'packet', clientId: 'client-a', sequence: item.packet.sequence } as const,
      commitment: item.commitment,
    }));
    const signatures = Array.from({ length: 3 }, () => new Uint8Array(65));
    return {
      clientId: 'client-b',
      height: 5n,
      update: { statement: stateStatement(5n, 1_700_000_000n), signatures },
      lists: [{ items, statement: packetStatement('packet', 5n, entries), signatures }],
      verifiesOncePerTransaction: once,
    };
  };

  test('its size is known before anybody signs', () => {
    for (const once of [true, false]) {
      const batch = batchOf(20, once);
      const size = evmDestKind.assemble(batch).length;
      assert.equal(messagesThatFit(batch, size + 512), 20);
      assert.equal(messagesThatFit(batch, size + 511), 19);
      assert.equal(messagesThatFit(batch, 600), 0);
    }
  });

  test('unsigned, it is refused before it leaves', () => {
    const state = {
      attestors: [`0x${'11'.repeat(20)}`] as const,
      minRequiredSigs: 1,
      latestHeight: 1n,
      isFrozen: false,
      verifiesOncePerTransaction: true,
      location: '',
    };
    assert.match(refusalOf(batchOf(1, true), { state, timestampSec: undefined }) ?? '', /update of client-b/);
    const held = { ...batchOf(1, true), update: undefined };
    assert.match(refusalOf(held, { state, timestampSec: undefined }) ?? '', /ConsensusTimestampNotFound/);
    assert.match(refusalOf(held, { state, timestampSec: 1n }) ?? '', /receive of packet 1/);
    const frozen = { ...state, isFrozen: true };
    assert.match(refusalOf(held, { state: frozen, timestampSec: 1n }) ?? '', /FrozenClientState/);
  });
});

describe('CreateClient', () => {
  const [one, two, three] = ['11', '22', '33'].map((byte) => `0x${byte.repeat(20)}`);
  const parameters = {
    attestor_addresses: `${one}, ${two} ${three}`,
    min_required_sigs: '2',
    height: '10',
    timestamp: '1700000000',
  };

  test('makes the creation code with its arguments', () => {
    const client = newEvmClient(parameters);
    assert.deepEqual(client.initial, { height: 10n, timestampSec: 1_700_000_000n });
    const { args } = decodeDeployData({
      abi: attestationLightClientArtifact.abi,
      bytecode: attestationLightClientArtifact.bytecode,
      data: bytesToHex(client.encode(client.initial ?? assert.fail())),
    });
    assert.deepEqual(args, [[one, two, three], 2, 10n, 1_700_000_000n, `0x${'0'.repeat(40)}`]);
  });

  const refused: readonly [what: string, change: Record<string, string>, text: RegExp][] = [
    ['height zero', { height: '0' }, /height: expected 1\.\./],
    ['timestamp in nanoseconds past 64 bits', { timestamp: '99999999999999999999' }, /timestamp/],
    ['a height without a timestamp', { timestamp: '' }, /belong together/],
    ['a quorum above the set', { min_required_sigs: '4' }, /expected 1\.\.3, got 4/],
    ['a quorum of zero', { min_required_sigs: '0' }, /min_required_sigs/],
    ['a quorum that is no number', { min_required_sigs: '2.0' }, /min_required_sigs/],
    ['no attestors', { attestor_addresses: '' }, /at least one attestor/],
    ['the zero address', { attestor_addresses: `0x${'0'.repeat(40)}, ${two}` }, /zero address/],
    ['a repeated address', { attestor_addresses: `${one} ${one} ${two}` }, /listed twice/],
    ['a minority', { min_required_sigs: '1' }, /no majority/],
    ['one of one', { attestor_addresses: one ?? '', min_required_sigs: '1' }, /1-of-1/],
    ['an unknown parameter', { atestors: 'x' }, /unknown parameters: atestors/],
    [
      'a flag that is neither true nor false',
      { min_required_sigs: '1', allow_minority_quorum: 'yes' },
      /true or false/,
    ],
    ['a role manager that is no address', { role_manager: '0x12' }, /not an Ethereum address/],
  ];
  for (const [what, change, expected] of refused) {
    test(`refuses ${what}`, () => {
      assert.throws(() => newEvmClient({ ...parameters, ...change }), failsWith('proof-api/invalid-request', expected));
    });
  }

  test('takes a minority or a single attestor when told to', () => {
    newEvmClient({ ...parameters, min_required_sigs: '1', allow_minority_quorum: 'true' });
    const single = { attestor_addresses: one ?? '', min_required_sigs: '1', allow_single_attestor: 'true' };
    assert.equal(newEvmClient({ ...parameters, ...single }).set.attestors.length, 1);
  });
});
