import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  createAttestorSet,
  encodeStateAttestation,
  privateKeyToAddress,
  signDigest,
  signingDigest,
} from '@interchain-attestation/core';
import { type AttestorEndpoint, attestInitialState } from '../src/index.ts';

const keys = [1, 2, 3, 4, 5].map((index) => new Uint8Array(32).fill(index));
const set = createAttestorSet(
  keys.map((key) => privateKeyToAddress(key)),
  3,
);

interface Behaviour {
  readonly latest?: bigint;
  readonly timestampSec?: (height: bigint) => bigint;
  readonly answersFor?: (height: bigint) => bigint;
  readonly key?: Uint8Array;
  readonly hangs?: boolean;
  readonly fails?: string;
}

const attestor = (index: number, behaviour: Behaviour = {}): AttestorEndpoint => {
  const {
    latest = 100n,
    timestampSec = (height) => 1_700_000_000n + height,
    answersFor = (height) => height,
  } = behaviour;
  const key = behaviour.key ?? (keys[index] as Uint8Array);
  const act = async <T>(value: T): Promise<T> => {
    if (behaviour.fails !== undefined) throw new Error(behaviour.fails);
    return behaviour.hangs === true ? new Promise<T>(() => {}) : value;
  };
  return {
    name: `a${index + 1}`,
    address: privateKeyToAddress(keys[index] as Uint8Array),
    latestHeight: () => act(latest),
    stateAttestation: (height) => {
      const attestedData = encodeStateAttestation({ height: answersFor(height), timestampSec: timestampSec(height) });
      return act({ attestedData, signature: signDigest(signingDigest('state', attestedData), key) });
    },
  };
};
const five = (behaviours: Readonly<Record<number, Behaviour>> = {}): readonly AttestorEndpoint[] =>
  [0, 1, 2, 3, 4].map((index) => attestor(index, behaviours[index]));
const ask = (endpoints: readonly AttestorEndpoint[]): ReturnType<typeof attestInitialState> =>
  attestInitialState(endpoints, set, 200);
const later = { timestampSec: (height: bigint) => 1_700_000_001n + height };

describe('the first state of a client', () => {
  test('is what a quorum signed, in whole seconds', async () => {
    assert.deepEqual(await ask(five()), { height: 100n, timestampSec: 1_700_000_100n, from: 'attestors' });
  });

  test('peers.md #3: its height is the third highest report, whatever the others claim', async () => {
    assert.equal((await ask(five({ 0: { latest: 1n }, 1: { latest: 2n } }))).height, 100n);
    assert.equal((await ask(five({ 0: { latest: 10n ** 18n }, 1: { latest: 10n ** 17n } }))).height, 100n);
  });

  test('does not need the two that hang, fail, lie, sign with another key, or answer for another height', async () => {
    const stranger = new Uint8Array(32).fill(9);
    for (const [first, second] of [
      [{ hangs: true }, { fails: 'connection refused' }],
      [later, later],
      [{ key: stranger }, { key: keys[4] as Uint8Array }],
      [{ answersFor: () => 7n }, { timestampSec: () => 0n }],
    ] as const) {
      assert.equal((await ask(five({ 0: first, 1: second }))).timestampSec, 1_700_000_100n);
    }
  });

  test('peers.md #1: a signature that comes twice counts once', async () => {
    const twice = five({ 0: { key: keys[4] as Uint8Array }, 1: { key: keys[4] as Uint8Array }, 2: { hangs: true } });
    await assert.rejects(ask(twice), { code: 'deploy/quorum-unreachable' });
  });

  test('is not made up when too few vouch for it, and the error says who answered what', async () => {
    await assert.rejects(
      ask(five({ 0: { hangs: true }, 1: { fails: 'no route to host' }, 2: { hangs: true } })),
      (error: Error & { code: string }) => {
        assert.equal(error.code, 'deploy/quorum-unreachable');
        assert.match(error.message, /2 of 3 .*a1: no answer in 200 ms; a2: no route to host/);
        return true;
      },
    );
    await assert.rejects(ask(five({ 0: later, 1: later, 2: { hangs: true } })), /2 different times for height 100/);
  });

  test('is refused when two quorums contradict each other', async () => {
    const small = createAttestorSet(
      keys.map((key) => privateKeyToAddress(key)),
      2,
    );
    await assert.rejects(attestInitialState(five({ 0: later, 1: later }), small, 200), { code: 'deploy/conflict' });
  });
});
