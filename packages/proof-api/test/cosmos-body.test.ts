import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Packet, privateKeyToAddress, signDigest } from '@interchain-attestation/core';
import { createLightClient, createMemoryStore, ibcGoPolicy } from '@interchain-attestation/light-client';
import { TxBody } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { MsgCreateClient } from 'cosmjs-types/ibc/core/client/v1/tx';
import fc from 'fast-check';
import { createCosmosDestKind } from '../src/cosmos/dest-kind.ts';
import type { Batch } from '../src/domain/batch.ts';
import { createItem, type ItemKind } from '../src/domain/item.ts';
import { type Statement, stateStatement } from '../src/domain/statement.ts';
import { listStatement } from '../src/route/statements.ts';
import { decodeBody } from './support/decode-body.ts';
import { failsWith } from './support/expect.ts';
import { packets } from './support/harness.ts';
import { testKey } from './support/test-attestor.ts';

const SIGNER = 'cosmos1zg69v7yszg69v7yszg69v7yszg69v7ys8xdv96';
const KEYS = [0, 1].map(testKey);
const HEIGHT = 5n;
const TIME_SEC = 1_700_000_000n;
const kind = createCosmosDestKind('');
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
const bytes = fc.uint8Array({ maxLength: 300 });
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const anyPacket: fc.Arbitrary<Packet> = fc.record({
  sequence: uint64,
  sourceClient: text,
  destClient: text,
  timeoutTimestampSec: uint64,
  payloads: fc.array(fc.record({ sourcePort: text, destPort: text, version: text, encoding: text, value: bytes }), {
    maxLength: 3,
  }),
});

const sign = ({ digest }: Statement): Uint8Array[] => KEYS.map((key) => signDigest(digest, key));

const batchOf = (
  items: readonly ReturnType<typeof createItem>[],
  signed: (statement: Statement) => Uint8Array[] = sign,
): Batch => {
  const update = stateStatement(HEIGHT, TIME_SEC);
  const statement = listStatement(HEIGHT, items);
  return {
    clientId: 'attestations-7',
    height: HEIGHT,
    update: { statement: update, signatures: signed(update) },
    lists: [{ items, statement, signatures: signed(statement) }],
    verifiesOncePerTransaction: false,
  };
};

const received = (count: number) => packets(count).map((each) => createItem('receive', each, { height: HEIGHT }));

describe('TxBody', () => {
  test('says of any packet what it is', () => {
    fc.assert(
      fc.property(
        anyPacket,
        fc.array(bytes, { maxLength: 3 }),
        fc.constantFrom<ItemKind>('receive', 'acknowledge', 'timeout'),
        (generated, acknowledgements, itemKind) => {
          // Generated records have no prototype.
          const packet = { ...generated, payloads: generated.payloads.map((payload) => ({ ...payload })) };
          const item = createItem(itemKind, packet, { acknowledgements });
          const [update, message] = decodeBody(createCosmosDestKind(SIGNER).assemble(batchOf([item], () => [])));
          assert.deepEqual([update?.clientId, update?.signer], ['attestations-7', SIGNER]);
          assert.deepEqual([message?.name, message?.signer, message?.packet], [itemKind, SIGNER, packet]);
          assert.deepEqual(message?.height, { revisionNumber: 0n, revisionHeight: HEIGHT });
          if (itemKind === 'acknowledge') assert.deepEqual(message?.acknowledgements, acknowledgements);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('its size is known before anybody signs', () => {
    const named = createCosmosDestKind(SIGNER);
    const batch = batchOf(received(20));
    const blank = batchOf(received(20), () => KEYS.map(() => new Uint8Array(65)));
    const size = named.assemble(batch).length + 1_024;
    const fits = (maxTxBytes: number): number => named.messagesThatFit(blank, { maxTxBytes, maxTxGas: 10n ** 9n });
    assert.deepEqual([fits(size), fits(size - 1), fits(1_100)], [20, 19, 0]);
    // A signer that is not known yet takes room all the same.
    assert.ok(kind.messagesThatFit(blank, { maxTxBytes: size, maxTxGas: 10n ** 9n }) < 20);
  });

  describe('is refused before it leaves, as ibc-go would', () => {
    const state = {
      attestors: KEYS.map((key) => privateKeyToAddress(key)),
      minRequiredSigs: 2,
      latestHeight: 1n,
      isFrozen: false,
      verifiesOncePerTransaction: false,
      location: 'attestations-7',
    };
    const good = batchOf(received(2));
    const view = { state, timestampSec: undefined };
    const late = (timeoutTimestampSec: bigint) =>
      batchOf(packets(1, { reversed: true, timeoutTimestampSec }).map((each) => createItem('timeout', each)));

    test('a good one is not', () => {
      assert.equal(kind.refusalOf(good, view), undefined);
      assert.equal(kind.refusalOf({ ...good, update: undefined }, { state, timestampSec: TIME_SEC }), undefined);
      assert.equal(kind.refusalOf(late(TIME_SEC), view), undefined);
    });

    const refused: readonly [what: string, batch: Batch, view: Parameters<typeof kind.refusalOf>[1], text: RegExp][] = [
      ['unsigned', batchOf(received(1), () => [new Uint8Array(65), new Uint8Array(65)]), view, /attestations\/3/],
      ['without a quorum', batchOf(received(1), (it) => sign(it).slice(1)), view, /\(attestations\/3\)|quorum/i],
      [
        'one signer twice',
        batchOf(received(1), (it) => [...sign(it).slice(1), ...sign(it).slice(1)]),
        view,
        /attestations\/5/,
      ],
      ['no such height', { ...good, update: undefined }, view, /receive of packet 1/],
      ['a frozen client', good, { ...view, state: { ...state, isFrozen: true } }, /update of attestations-7/],
      [
        'another set',
        good,
        { ...view, state: { ...state, attestors: [privateKeyToAddress(testKey(8)), privateKeyToAddress(testKey(9))] } },
        /attestations\/6/,
      ],
      ['another time for the height', good, { state, timestampSec: TIME_SEC - 1n }, /would freeze attestations-7/],
      ['a timeout before its time', late(TIME_SEC + 1n), view, /before the timeout/],
    ];
    for (const [what, batch, client, expected] of refused) {
      test(what, () => assert.match(kind.refusalOf(batch, client) ?? '', expected));
    }

    test('a packet that is not in its proof', () => {
      const list = good.lists[0] ?? assert.fail();
      const other = packets(3)
        .slice(2)
        .map((each) => createItem('receive', each));
      const batch = { ...good, lists: [{ ...list, items: other }] };
      assert.match(kind.refusalOf(batch, view) ?? '', /receive of packet 3: .*attestations\/11/);
    });
  });
});

describe('CreateClient for a Cosmos chain', () => {
  const [one, two, three] = ['11', '22', '33'].map((byte) => `0x${byte.repeat(20)}`);
  const parameters = {
    attestor_addresses: `${one}, ${two} ${three}`,
    min_required_sigs: '2',
    height: '10',
    timestamp: '1700000000',
  };
  const initial = { height: 10n, timestampSec: 1_700_000_000n };

  test('makes MsgCreateClient with the states that ibc-go would store', () => {
    const client = kind.newClient(parameters);
    assert.deepEqual(client.initial, initial);
    const { messages } = TxBody.decode(client.encode(initial));
    assert.deepEqual(
      messages.map(({ typeUrl }) => typeUrl),
      ['/ibc.core.client.v1.MsgCreateClient'],
    );
    const { clientState, consensusState, signer } = MsgCreateClient.decode(messages[0]?.value ?? new Uint8Array());
    assert.equal(signer, '');
    const store = createMemoryStore();
    const attestors = [one, two, three] as string[];
    createLightClient({ policy: ibcGoPolicy, store }).initialize({ attestors, minRequiredSigs: 2, ...initial });
    const { codec } = ibcGoPolicy;
    assert.ok(clientState !== undefined && consensusState !== undefined);
    const state = codec.decodeClientState(store.get(codec.clientStateKey) ?? new Uint8Array());
    assert.deepEqual(
      [state.attestors, state.minRequiredSigs, state.latestHeight, state.isFrozen],
      [attestors, 2, 10n, false],
    );
    const stored = store.get(codec.clientStateKey) ?? new Uint8Array();
    // The store holds both as Any, whose value is what the message carries.
    assert.ok(Buffer.from(stored).includes(Buffer.from(clientState.value)));
    const consensus = store.get(codec.consensusStateKey(10n)) ?? new Uint8Array();
    assert.ok(Buffer.from(consensus).includes(Buffer.from(consensusState.value)));
  });

  test('names who signs: the parameter, or else the configuration', () => {
    const signerOf = (tx: Uint8Array) => MsgCreateClient.decode(TxBody.decode(tx).messages[0]?.value ?? tx).signer;
    assert.equal(signerOf(kind.newClient({ ...parameters, signer: SIGNER }).encode(initial)), SIGNER);
    assert.equal(signerOf(createCosmosDestKind(SIGNER).newClient(parameters).encode(initial)), SIGNER);
  });

  const refused: readonly [what: string, change: Record<string, string>, text: RegExp][] = [
    ['what only an EVM chain knows', { role_manager: one ?? '' }, /unknown parameters: role_manager/],
    ['a signer that is no address', { signer: '0x12' }, /signer: not a bech32 address/],
    ['one of one', { attestor_addresses: one ?? '', min_required_sigs: '1' }, /1-of-1/],
  ];
  for (const [what, change, expected] of refused) {
    test(`refuses ${what}`, () => {
      assert.throws(
        () => kind.newClient({ ...parameters, ...change }),
        failsWith('proof-api/invalid-request', expected),
      );
    });
  }

  test('refuses a time that wraps to zero nanoseconds on chain', () => {
    assert.throws(
      () => kind.newClient(parameters).encode({ height: 1n, timestampSec: 2n ** 63n }),
      failsWith('proof-api/invalid-request', /would refuse/),
    );
  });
});
