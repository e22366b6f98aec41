import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesToHex, hexToBytes } from '@interchain-attestation/core';
import {
  createLightClient,
  createMemoryStore,
  createSnapshotClient,
  type KeyValueStore,
  type LightClient,
  type MemoryStore,
  type StoreWrite,
  solidityPolicy,
} from '@interchain-attestation/light-client';
import { encodeAbiParameters, parseAbiParameters } from 'viem';
import { attestors, stateProof } from './support.ts';

const set = attestors(3);
const addresses = set.map(({ address }) => address);
const policy = solidityPolicy;
const { codec } = policy;
const MAX = 2n ** 64n - 1n;

const initialized = (store: KeyValueStore): LightClient => {
  const client = createLightClient({ policy, store });
  client.initialize({ attestors: addresses, minRequiredSigs: 2, height: 100n, timestampSec: 1_700_000_000n });
  return client;
};

const dump = (store: MemoryStore): Record<string, string> =>
  Object.fromEntries([...store.entries()].map(([key, value]) => [key, bytesToHex(value)]));

const clientStateBytes = (latestHeight: bigint, isFrozen: boolean): string =>
  encodeAbiParameters(
    parseAbiParameters([
      'State s',
      'struct State { address[] attestors; uint8 minRequiredSigs; uint64 latestHeight; bool isFrozen; }',
    ]),
    [{ attestors: addresses, minRequiredSigs: 2, latestHeight, isFrozen }],
  );
const uint64Bytes = (value: bigint): string => encodeAbiParameters(parseAbiParameters('uint64'), [value]);

describe('the store of a Solidity client', () => {
  test('holds what the getters of the contract return', () => {
    const store = createMemoryStore();
    const client = initialized(store);
    const start = { 'consensusStates/0-100': uint64Bytes(1_700_000_000n) };
    assert.deepEqual(dump(store), { clientState: clientStateBytes(100n, false), ...start });

    client.updateClient(stateProof(MAX, MAX, set.slice(1)));
    const later = { ...start, [`consensusStates/0-${MAX}`]: uint64Bytes(MAX) };
    assert.deepEqual(dump(store), { clientState: clientStateBytes(MAX, false), ...later });

    client.updateClient(stateProof(100n, 5n, set.slice(1)));
    assert.deepEqual(dump(store), { clientState: clientStateBytes(MAX, true), ...later });
  });

  test('is written once a call, and only by a call that succeeds', () => {
    const below = createMemoryStore();
    const batches: (readonly StoreWrite[])[] = [];
    const store: KeyValueStore = {
      get: below.get,
      apply(writes) {
        batches.push(writes);
        below.apply(writes);
      },
    };
    const client = initialized(store);
    client.updateClient(stateProof(101n, 5n, set));
    client.updateClient(stateProof(101n, 5n, set));
    client.updateClient(stateProof(0n, 5n, set));
    client.updateClient(new Uint8Array(3));
    client.verifyMembership({ proof: new Uint8Array(3), height: 100n, path: [], value: new Uint8Array(32) });
    client.updateClient(stateProof(101n, 6n, set));
    assert.deepEqual(
      batches.map((writes) => writes.map(({ key }) => key)),
      [['clientState', 'consensusStates/0-100'], ['clientState', 'consensusStates/0-101'], ['clientState']],
    );
  });

  test('stays as it was when the store fails', () => {
    const below = createMemoryStore();
    initialized(below);
    const before = dump(below);
    const failing: KeyValueStore = {
      get: below.get,
      apply() {
        throw new Error('disk full');
      },
    };
    const client = createLightClient({ policy, store: failing });
    assert.throws(() => client.updateClient(stateProof(101n, 5n, set)), /disk full/);
    assert.deepEqual(dump(below), before);
    assert.equal(client.timestampAtHeight(101n), undefined);
  });

  test('is the only place of the state: two clients over it are one', () => {
    const store = createMemoryStore();
    const [first, second] = [initialized(store), createLightClient({ policy, store })];
    first.updateClient(stateProof(100n, 5n, set));
    assert.equal(second.status(), 'Frozen');
  });

  test('without a client is Unknown, and calls on it throw', () => {
    const client = createLightClient({ policy, store: createMemoryStore() });
    assert.equal(client.status(), 'Unknown');
    assert.throws(() => client.latestHeight(), { name: 'LightClientError', code: 'light-client/not-initialized' });
    assert.throws(() => client.updateClient(new Uint8Array(0)), { code: 'light-client/not-initialized' });
  });

  test('takes one client only', () => {
    const store = createMemoryStore();
    initialized(store);
    assert.throws(() => initialized(store), { code: 'light-client/already-initialized' });
  });

  test('that holds other bytes is malformed', () => {
    const good = codec.encodeClientState({
      attestors: addresses,
      minRequiredSigs: 2,
      latestHeight: 1n,
      isFrozen: true,
    });
    const at = (index: number, value: number): Uint8Array => good.map((byte, i) => (i === index ? value : byte));
    // Cut, grown, a bool of 2, a quorum above its byte, a dirty address word.
    for (const bad of [
      good.subarray(1),
      Uint8Array.from([...good, 0]),
      at(159, 2),
      at(94, 1),
      at(192, 1),
      new Uint8Array(0),
    ]) {
      assert.throws(() => codec.decodeClientState(bad), { code: 'light-client/state-malformed' });
    }
    for (const bad of [new Uint8Array(0), new Uint8Array(31), new Uint8Array(33), new Uint8Array(32).fill(1)]) {
      assert.throws(() => codec.decodeConsensusState(bad), { code: 'light-client/state-malformed' });
    }
  });
});

describe('a first state', () => {
  const initialize = (attestorTexts: readonly string[], minRequiredSigs: number, height = 1n, timestampSec = 1n) =>
    createLightClient({ policy, store: createMemoryStore() }).initialize({
      attestors: attestorTexts,
      minRequiredSigs,
      height,
      timestampSec,
    });
  const [first = ''] = addresses;

  test('is refused in the words of the constructor', () => {
    const cases: readonly (readonly [readonly string[], number, string, unknown[]])[] = [
      [[], 1, 'NoAttestors', []],
      [addresses, 0, 'BadQuorum', [0, 3n]],
      [addresses, 4, 'BadQuorum', [4, 3n]],
      [[...addresses, first.toLowerCase()], 2, 'DuplicateSigner', [first]],
    ];
    for (const [attestorTexts, quorum, name, args] of cases) {
      const verdict = initialize(attestorTexts, quorum);
      assert.ok(!verdict.ok);
      assert.deepEqual([verdict.errorName, verdict.args], [name, args]);
    }
  });

  test('throws when no constructor could be given it', () => {
    for (const quorum of [-1, 256, 1.5, Number.NaN]) {
      assert.throws(() => initialize(addresses, quorum), { code: 'light-client/out-of-range' });
    }
    assert.throws(() => initialize(['0x12'], 1), { code: 'address/invalid' });
    assert.throws(() => initialize(addresses, 1, MAX + 1n), { code: 'number/out-of-range' });
    assert.throws(() => initialize(addresses, 1, 1n, -1n), { code: 'number/out-of-range' });
  });

  test('with timestamp zero has no timestamp, as in contract storage', () => {
    const client = createLightClient({ policy, store: createMemoryStore() });
    client.initialize({ attestors: addresses, minRequiredSigs: 2, height: 7n, timestampSec: 0n });
    assert.equal(client.timestampAtHeight(7n), undefined);
    assert.equal(client.latestHeight(), 7n);
    const verdict = client.updateClient(stateProof(7n, 9n, set));
    assert.ok(verdict.ok && verdict.result === 'Update');
  });
});

describe('a transaction', () => {
  test('shows its writes to itself, and to the client only after commit', () => {
    const store = createMemoryStore();
    const client = initialized(store);
    const transaction = client.beginTransaction();
    transaction.updateClient(stateProof(101n, 5n, set));
    assert.equal(transaction.timestampAtHeight(101n), 5n);
    assert.equal(client.timestampAtHeight(101n), undefined);
    transaction.commit();
    assert.equal(client.timestampAtHeight(101n), 5n);
    assert.equal(client.latestHeight(), 101n);
  });

  test('that is dropped leaves nothing: a freeze in a batch that reverts undoes itself', () => {
    const client = initialized(createMemoryStore());
    const transaction = client.beginTransaction();
    transaction.updateClient(stateProof(100n, 5n, set));
    assert.equal(transaction.status(), 'Frozen');
    assert.equal(client.status(), 'Active');
  });
});

describe('a snapshot', () => {
  const clientState = { attestors: addresses, minRequiredSigs: 2, latestHeight: 9n, isFrozen: false };

  test('stands where the chain stood, frozen or with sets that today nobody should deploy', () => {
    const zero = `0x${'0'.repeat(40)}`;
    const attestorTexts = [zero, ...addresses.map((address) => address.toLowerCase())];
    const odd = { ...clientState, attestors: attestorTexts, isFrozen: true };
    const client = createSnapshotClient({
      policy,
      clientState: odd,
      consensusStates: [
        [9n, 5n],
        [8n, 0n],
      ],
    });
    assert.equal(client.status(), 'Frozen');
    assert.deepEqual(client.clientState(), { ...odd, attestors: [zero, ...addresses] });
    assert.deepEqual([client.timestampAtHeight(9n), client.timestampAtHeight(8n)], [5n, undefined]);
  });

  test('throws for what no client holds: a quorum of zero would accept anything', () => {
    for (const minRequiredSigs of [0, -1, 256, 1.5]) {
      const wrong = { ...clientState, minRequiredSigs };
      assert.throws(() => createSnapshotClient({ policy, clientState: wrong, consensusStates: [] }), {
        code: 'light-client/out-of-range',
      });
    }
    const bad = [[MAX + 1n, 1n]] as const;
    assert.throws(() => createSnapshotClient({ policy, clientState, consensusStates: bad }), {
      code: 'number/out-of-range',
    });
  });

  test('can be read back from what getClientState returned', () => {
    const bytes = hexToBytes(clientStateBytes(9n, false));
    assert.deepEqual(codec.decodeClientState(bytes), clientState);
  });
});
