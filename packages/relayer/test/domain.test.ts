import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Packet } from '@interchain-attestation/core';
import fc from 'fast-check';
import { backoffMs } from '../src/domain/backoff.ts';
import { classifyFailure } from '../src/domain/classify-failure.ts';
import { createCostModel } from '../src/domain/cost-model.ts';
import { judgeOrphan } from '../src/domain/judge-orphan.ts';
import type { ChainFact, PacketRecord } from '../src/domain/packet-record.ts';
import { baseState, LEGS, PACKET_STATES, type PacketState, packetState } from '../src/domain/packet-state.ts';
import { createRouteTable } from '../src/domain/route.ts';
import { findContradiction, type PacketInput, transition } from '../src/domain/transition.ts';

const packet: Packet = {
  sequence: 1n,
  sourceClient: 'client-a',
  destClient: 'client-b',
  timeoutTimestampSec: 100n,
  payloads: [{ sourcePort: 'p', destPort: 'p', version: 'v', encoding: 'e', value: new Uint8Array(3) }],
};

const fresh: PacketRecord = {
  sourceChainId: '1',
  sourceClientId: 'client-a',
  sequence: 1n,
  routeId: 'r',
  destChainId: '2',
  packet,
  expired: false,
  attempts: 0,
  nextAttemptMs: 0,
  timesMs: {},
};

const fact = (final: boolean, block = 1): ChainFact => ({
  txId: `0x${'11'.repeat(32)}`,
  height: BigInt(block),
  blockHash: `0x${block.toString().padStart(2, '0').repeat(32)}`,
  final,
});

const input = (kind: 'send' | 'receive' | 'acknowledge' | 'timeout', final: boolean): PacketInput =>
  kind === 'receive'
    ? { type: 'fact', kind, fact: { ...fact(final), acknowledgements: [Uint8Array.of(1)] } }
    : { type: 'fact', kind, fact: fact(final) };

const ALL_INPUTS: readonly PacketInput[] = [
  ...(['send', 'receive', 'acknowledge', 'timeout'] as const).flatMap((kind) => [
    input(kind, false),
    input(kind, true),
    { type: 'dropped', kind } as const,
  ]),
  { type: 'expired' },
  ...LEGS.flatMap((leg): PacketInput[] => [
    { type: 'proven', leg },
    { type: 'submitted', leg, txId: `0x${'22'.repeat(32)}` },
    { type: 'postponed', leg, reason: 'r', nextAttemptMs: 5 },
    { type: 'attempt-failed', leg, reason: 'r', nextAttemptMs: 5, isCounted: true },
    { type: 'gave-up', leg, reason: 'r' },
  ]),
  { type: 'shelved', reason: 'r' },
  { type: 'retry' },
  { type: 'none' },
];

const play = (inputs: readonly PacketInput[], from = fresh): PacketRecord =>
  inputs.reduce((record, next, i) => transition(record, next, i + 1), from);

/** One way into every state there is. */
const WAYS: Readonly<Record<PacketState, readonly PacketInput[]>> = {
  dropped: [input('send', false), { type: 'dropped', kind: 'send' }],
  orphan: [input('receive', true)],
  sent: [input('send', false)],
  final: [input('send', true)],
  proven: [input('send', true), { type: 'proven', leg: 'receive' }],
  submitted: [input('send', true), { type: 'submitted', leg: 'receive', txId: '0x00' }],
  received: [input('send', true), input('receive', false)],
  'receive-final': [input('send', true), input('receive', true)],
  'ack-proven': [input('send', true), input('receive', true), { type: 'proven', leg: 'acknowledge' }],
  'ack-submitted': [
    input('send', true),
    input('receive', true),
    { type: 'submitted', leg: 'acknowledge', txId: '0x00' },
  ],
  acknowledged: [input('send', true), input('receive', true), input('acknowledge', true)],
  expired: [input('send', true), { type: 'expired' }],
  'timeout-proven': [input('send', true), { type: 'expired' }, { type: 'proven', leg: 'timeout' }],
  'timeout-submitted': [input('send', true), { type: 'expired' }, { type: 'submitted', leg: 'timeout', txId: '0x00' }],
  'timed-out': [input('send', true), { type: 'expired' }, input('timeout', true)],
  failed: [input('send', true), { type: 'gave-up', leg: 'receive', reason: 'r' }],
};

/** Where each input leads from each state; a state that is not named stays. */
const MOVES: Readonly<Partial<Record<PacketState, Readonly<Record<string, PacketState>>>>> = {
  proven: { 'submitted receive': 'submitted' },
  final: {
    'proven receive': 'proven',
    'submitted receive': 'submitted',
    'gave-up receive': 'failed',
    expired: 'expired',
  },
  'receive-final': { 'proven acknowledge': 'ack-proven', 'gave-up acknowledge': 'failed' },
  expired: {
    'proven timeout': 'timeout-proven',
    'fact receive true': 'receive-final',
    'fact timeout true': 'timed-out',
  },
  submitted: {
    'fact receive false': 'received',
    'dropped send': 'dropped',
    'postponed receive': 'final',
    expired: 'expired',
  },
  'ack-submitted': {
    'fact acknowledge false': 'acknowledged',
    'dropped receive': 'final',
    'postponed acknowledge': 'receive-final',
  },
  'timeout-submitted': { 'fact timeout false': 'timed-out', 'attempt-failed timeout': 'expired' },
  failed: { retry: 'final', expired: 'expired', 'fact receive true': 'receive-final', 'proven receive': 'failed' },
  acknowledged: {
    'dropped acknowledge': 'receive-final',
    'proven acknowledge': 'acknowledged',
    expired: 'acknowledged',
  },
  'timed-out': { 'dropped timeout': 'expired', retry: 'timed-out' },
  orphan: { 'fact send true': 'receive-final', 'fact send false': 'received' },
};

const nameOf = (item: PacketInput): string => {
  if (item.type === 'fact') return `fact ${item.kind} ${item.fact.final}`;
  if (item.type === 'dropped') return `dropped ${item.kind}`;
  return 'leg' in item ? `${item.type} ${item.leg}` : item.type;
};

describe('packet life cycle', () => {
  test('every state is reachable', () => {
    for (const state of PACKET_STATES) assert.equal(packetState(play(WAYS[state])), state, state);
  });

  test('every input in every state leads to a known state, and the named moves lead where they should', () => {
    for (const state of PACKET_STATES) {
      const record = play(WAYS[state]);
      for (const item of ALL_INPUTS) {
        const after = packetState(transition(record, item, 99));
        assert.ok(PACKET_STATES.includes(after));
        const expected = MOVES[state]?.[nameOf(item)];
        if (expected !== undefined) assert.equal(after, expected, `${state} on ${nameOf(item)}`);
      }
    }
  });

  test('what the relayer does never changes what the chains said', () => {
    const own = ALL_INPUTS.filter(({ type }) => type !== 'fact' && type !== 'dropped' && type !== 'expired');
    for (const state of PACKET_STATES) {
      const record = play(WAYS[state]);
      for (const item of own) assert.equal(baseState(transition(record, item, 9)), baseState(record));
    }
  });

  test('facts in any order, any number of times, interleaved with anything the relayer does, end in the same base', () => {
    const facts = [input('send', true), input('receive', true), input('acknowledge', true)];
    const own = ALL_INPUTS.filter(({ type }) => type !== 'fact' && type !== 'dropped');
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...facts, ...facts, input('send', false), input('receive', false)], { minLength: 8 }),
        fc.array(fc.constantFrom(...own), { maxLength: 20 }),
        fc.infiniteStream(fc.boolean()),
        (order, noise, coin) => {
          const mixed: PacketInput[] = [];
          const rest = [...noise];
          for (const item of order) {
            while (rest.length > 0 && coin.next().value === true) mixed.push(rest.pop() as PacketInput);
            mixed.push(item);
          }
          assert.equal(packetState(play(mixed)), 'acknowledged');
        },
      ),
      { numRuns: 300 },
    );
  });

  test('work never survives a change of the base state', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ALL_INPUTS), { maxLength: 40 }), (inputs) => {
        let record = fresh;
        for (const [i, item] of inputs.entries()) {
          const after = transition(record, item, i);
          if (baseState(after) !== baseState(record)) {
            assert.equal(after.progress, undefined);
            assert.equal(after.failure, undefined);
            assert.equal(after.attempts, 0);
          }
          assert.ok(after.progress === undefined || after.failure === undefined);
          record = after;
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a final fact is not replaced by one that is not', () => {
    const record = play([input('send', true)]);
    assert.equal(transition(record, { type: 'fact', kind: 'send', fact: fact(false, 2) }, 5), record);
  });

  test('contradictions are told from final facts only', () => {
    const both = play([input('send', true), input('receive', true), input('timeout', true)]);
    assert.equal(findContradiction(both, packet), 'received-and-timed-out');
    const maybe = play([input('send', true), input('receive', false), input('timeout', true)]);
    assert.equal(findContradiction(maybe, packet), undefined);
    assert.equal(findContradiction(maybe, { ...packet, timeoutTimestampSec: 101n }), 'other-packet');
  });
});

describe('cost model', () => {
  const limits = { maxTxBytes: 131_072, maxTxGas: 2n ** 24n };
  const packets = Array.from({ length: 200 }, (_, i) => ({ ...packet, sequence: BigInt(i + 1) }));

  test('batches are even, in order and cover all packets', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 1, max: 100 }), (count, maxPackets) => {
        const sizes = createCostModel('receive', 'evm').plan(packets.slice(0, count), limits, maxPackets);
        assert.equal(
          sizes.reduce((sum, size) => sum + size, 0),
          count,
        );
        assert.ok(sizes.every((size) => size >= 1 && size <= maxPackets));
        if (sizes.length > 0) assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      }),
    );
  });

  test('learns from receipts and from batches that were too large', () => {
    const model = createCostModel('receive', 'evm');
    const before = model.plan(packets, limits, 100).length;
    model.learn({ packets: packets.slice(0, 50), gas: 50n * 600_000n, bytes: 50_000 });
    assert.ok(model.plan(packets, limits, 100).length > before);
    const learned = model.plan(packets, limits, 100).length;
    model.tooLarge(packets.slice(0, 20), limits);
    assert.ok(model.plan(packets, limits, 100).length > learned);
  });

  test('a packet that fills a transaction alone still gets one', () => {
    const huge = { ...packet, payloads: [{ ...packet.payloads[0], value: new Uint8Array(200_000) }] } as Packet;
    assert.deepEqual(createCostModel('receive', 'evm').plan([huge, huge], limits, 100), [1, 1]);
  });
});

describe('small rules', () => {
  test('back-off grows, stays in its bounds and jitters in the upper half', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, random) => {
          const ms = backoffMs({ initialMs: 100, maxMs: 5_000 }, failures, random);
          const full = Math.min(5_000, 100 * 2 ** Math.min(failures - 1, 30));
          assert.ok(ms >= full / 2 && ms <= full);
        },
      ),
    );
  });

  test('failures are classified by code', () => {
    const prove = (grpcCode: number, code?: string): string =>
      classifyFailure({ stage: 'prove', grpcCode, message: 'm', ...(code === undefined ? {} : { code }) }).kind;
    assert.equal(prove(9), 'not-yet');
    assert.equal(prove(14), 'outage');
    assert.equal(prove(4), 'outage');
    assert.equal(prove(10), 'blocked');
    assert.equal(prove(3), 'refused');
    assert.equal(prove(13), 'unclear');
    assert.equal(prove(3, 'proof-api/too-many-packets'), 'too-large');
    assert.equal(prove(5, 'proof-api/nothing-to-relay'), 'refused');
    assert.equal(prove(3, 'proof-api/packets-refused'), 'refused');
    assert.equal(prove(3, 'proof-api/packet-too-large'), 'refused', 'it may travel once limits are raised');
    assert.equal(prove(3, 'proof-api/undeliverable'), 'undeliverable');
    assert.equal(prove(5, 'proof-api/client-not-found'), 'blocked');
    const submit = (code: string, revert?: string): string =>
      classifyFailure({ stage: 'submit', code, message: 'm', ...(revert === undefined ? {} : { revert }) }).kind;
    assert.equal(submit('chain/simulation-failed', 'FrozenClientState'), 'unclear');
    assert.equal(submit('chain/simulation-failed', 'attestations/10'), 'unclear');
    assert.equal(submit('chain/insufficient-funds', 'sdk/5'), 'unclear');
    assert.equal(submit('chain/simulation-failed', 'channel/22'), 'refused');
    assert.equal(submit('chain/simulation-failed', 'sdk/32'), 'outage');
    assert.equal(submit('chain/simulation-failed', 'channelv2/9'), 'bad-packet');
    assert.equal(submit('chain/simulation-failed', 'IBCFailedCallback'), 'bad-packet');
    assert.equal(submit('chain/simulation-failed', 'out-of-gas'), 'too-large');
    assert.equal(submit('chain/tx-too-large'), 'too-large');
    assert.equal(submit('chain/insufficient-funds'), 'blocked');
    assert.equal(submit('chain/simulation-failed', 'RateLimitExceeded'), 'refused', 'the limit is new tomorrow');
    assert.equal(submit('chain/tx-dropped'), 'outage');
    const unanswered = (kind: string): string =>
      classifyFailure({ stage: 'submit', code: 'chain/unavailable', kind, message: 'm' }).kind;
    assert.equal(unanswered('connection'), 'outage');
    assert.equal(unanswered('mempool-full'), 'outage');
    assert.equal(unanswered('timeout'), 'unclear');
    assert.equal(unanswered('rpc-error:-32000'), 'unclear');
    assert.equal(unanswered('rpc-error:-32005'), 'outage');
    assert.equal(unanswered('status:429'), 'outage');
    assert.equal(unanswered('status:504'), 'unclear');
    assert.equal(unanswered('too-large'), 'too-large');
    const inBlock = (revert: string): string => classifyFailure({ stage: 'submit', revert, message: 'm' }).kind;
    assert.equal(inBlock('out-of-gas'), 'bad-packet', 'this limit was too low, another may do');
    assert.equal(inBlock('FrozenClientState'), 'unclear');
  });

  test('a receive without a send is judged by time and commitment', () => {
    const base = { packet, receivedAtSec: 100n, sourceTimeSec: 200n, sourceStartSec: 50n, graceSec: 30n };
    assert.equal(judgeOrphan({ ...base, commitment: undefined }).kind, 'never-sent');
    assert.equal(judgeOrphan({ ...base, commitment: undefined, sourceTimeSec: 110n }).kind, 'wait');
    assert.equal(judgeOrphan({ ...base, commitment: undefined, sourceStartSec: 101n }).kind, 'history');
    assert.equal(judgeOrphan({ ...base, commitment: new Uint8Array(32) }).kind, 'never-sent');
  });

  test('events on our clients with another counterparty are malformed, others foreign', () => {
    const routes = createRouteTable([
      {
        id: 'r',
        ends: [
          { chainId: '1', clientId: 'client-a' },
          { chainId: '2', clientId: 'client-b' },
        ],
      },
    ]);
    assert.equal(routes.match('1', 'source', packet).kind, 'direction');
    assert.equal(routes.match('2', 'dest', packet).kind, 'direction');
    assert.equal(routes.match('1', 'source', { ...packet, destClient: 'x' }).kind, 'malformed');
    assert.equal(routes.match('1', 'source', { ...packet, sequence: 0n }).kind, 'malformed');
    assert.equal(routes.match('1', 'source', { ...packet, sourceClient: 'x' }).kind, 'foreign');
    assert.equal(routes.match('2', 'source', packet).kind, 'foreign');
  });
});
