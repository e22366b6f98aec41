import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bytesToHex, encodePacketAttestation, encodeStateAttestation } from '@interchain-attestation/core';
import {
  createLightClient,
  createMemoryStore,
  createSnapshotClient,
  encodeProtobufProof,
  ibcGoModulePolicy,
  ibcGoPolicy,
  inspectProof,
  type LightClient,
  type MemoryStore,
  type Verdict,
} from '@interchain-attestation/light-client';
import { attestors, entry, rawPath, sign, word } from './support.ts';

const set = attestors(3);
const addresses = set.map(({ address }) => address);
const SECOND = 1_000_000_000n;

const update = (height: bigint, timestampSec: bigint, signers = set.slice(0, 2)): Uint8Array => {
  const attestationData = encodeStateAttestation({ height, timestampSec });
  return encodeProtobufProof({ attestationData, signatures: sign('state', attestationData, signers) });
};

const packets = (height: bigint): Uint8Array => {
  const attestationData = encodePacketAttestation({ height, packets: [entry('a', word('a'))] });
  return encodeProtobufProof({ attestationData, signatures: sign('packet', attestationData, set.slice(0, 2)) });
};

const initialized = (store: MemoryStore = createMemoryStore(), policy = ibcGoPolicy): LightClient => {
  const client = createLightClient({ policy, store });
  const verdict = client.initialize({
    attestors: addresses,
    minRequiredSigs: 2,
    height: 100n,
    timestampSec: 1_700_000_000n,
  });
  assert.ok(verdict.ok);
  return client;
};

const abci = (verdict: Verdict): string => (verdict.ok ? 'ok' : `${verdict.abci?.codespace}/${verdict.abci?.code}`);

describe('a client under the rules of ibc-go', () => {
  test('keeps nanoseconds, writes equal updates again, and freezes for a contradiction', () => {
    const client = initialized();
    assert.equal(client.timestampAtHeight(100n), 1_700_000_000n * SECOND);
    const first = client.updateClient(update(101n, 5n));
    const again = client.updateClient(update(101n, 5n));
    assert.deepEqual(
      [first, again].map((verdict) => verdict.ok && verdict.result),
      ['Update', 'Update'],
    );
    assert.equal(client.latestHeight(), 101n);
    const contradiction = client.updateClient(update(101n, 6n));
    assert.ok(contradiction.ok && contradiction.result === 'Misbehaviour');
    assert.equal(client.status(), 'Frozen');
    assert.equal(abci(client.updateClient(update(102n, 7n))), 'client/29');
  });

  test('takes evidence as an update', () => {
    const client = initialized();
    assert.ok(client.misbehaviour(update(100n, 1n)).ok);
    assert.equal(client.status(), 'Frozen');
  });

  test('names errors as IBC core does, and the module asked alone as the module does', () => {
    const none = (policy: typeof ibcGoPolicy): LightClient => createLightClient({ policy, store: createMemoryStore() });
    assert.equal(abci(none(ibcGoPolicy).updateClient(update(1n, 1n))), 'client/29');
    assert.equal(abci(none(ibcGoModulePolicy).updateClient(update(1n, 1n))), 'client/4');
    assert.equal(none(ibcGoPolicy).status(), 'Unknown');
    assert.equal(none(ibcGoPolicy).latestHeight(), 0n);
    assert.throws(() => none(ibcGoPolicy).clientState(), { code: 'light-client/not-initialized' });
  });

  test('cannot be recovered or upgraded', () => {
    const client = initialized();
    assert.equal(abci(client.recover()), 'ibc/8');
    assert.equal(abci(client.upgrade()), 'client/25');
  });

  test('knows no height of another revision', () => {
    const client = initialized();
    const ask = (revisionNumber: bigint): string =>
      abci(
        client.verifyMembership({
          proof: packets(100n),
          height: 100n,
          revisionNumber,
          path: [rawPath('a')],
          value: word('a'),
        }),
      );
    assert.equal(ask(0n), 'ok');
    assert.equal(ask(1n), 'client/7');
  });

  test('stores what ibc-go stores', () => {
    const store = createMemoryStore();
    const client = createLightClient({ policy: ibcGoPolicy, store });
    // A spelling that ibc-go takes, and keeps.
    const spelt = [addresses[0]?.toLowerCase() ?? '', addresses[1]?.slice(2) ?? ''];
    assert.ok(client.initialize({ attestors: spelt, minRequiredSigs: 1, height: 0n, timestampSec: 1n }).ok);
    const written = Object.fromEntries([...store.entries()].map(([key, value]) => [key, bytesToHex(value).slice(2)]));
    const url = (name: string): string => Buffer.from(`/ibc.lightclients.attestations.v1.${name}`).toString('hex');
    const text = spelt.map((one) => `0a${one.length.toString(16)}${Buffer.from(one).toString('hex')}`).join('');
    assert.deepEqual(written, {
      clientState: `0a2d${url('ClientState')}12580a2a${text.slice(4)}1001`,
      // 10^9 nanoseconds; height 0 and "not frozen" are left out, as protobuf leaves out zeros.
      'consensusStates/0-0': `0a30${url('ConsensusState')}12060880 94ebdc03`.replace(' ', ''),
    });
    assert.deepEqual(client.clientState().attestors, addresses.slice(0, 2));
  });

  test('is put in memory as it stands on a chain', () => {
    const client = createSnapshotClient({
      policy: ibcGoPolicy,
      clientState: {
        attestors: addresses.map((address) => address.toUpperCase().replace('0X', '0x')),
        minRequiredSigs: 2,
        latestHeight: 100n,
        isFrozen: false,
      },
      consensusStates: [[100n, 1_700_000_000n * SECOND]],
    });
    const verdict = client.verifyMembership({
      proof: packets(100n),
      height: 100n,
      path: [rawPath('a')],
      value: word('a'),
    });
    assert.ok(verdict.ok);
    assert.equal(verdict.timestamp, 1_700_000_000n * SECOND);
  });

  test('refuses a store that it never wrote', () => {
    const store = createMemoryStore();
    store.apply([{ key: 'clientState', value: Uint8Array.of(1, 2, 3) }]);
    const client = createLightClient({ policy: ibcGoPolicy, store });
    assert.throws(() => client.status(), { code: 'light-client/state-malformed' });
  });

  test('explains a proof made by anybody', () => {
    const inspected = inspectProof(ibcGoPolicy, addresses, packets(100n));
    assert.equal(inspected.statement.kind, 'packet');
    assert.deepEqual(inspected.signers, addresses.slice(0, 2));
  });
});
