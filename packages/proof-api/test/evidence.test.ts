import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  createAttestorSet,
  encodeStateAttestation,
  privateKeyToAddress,
  signDigest,
  signingDigest,
} from '@interchain-attestation/core';
import { stateStatement } from '../src/domain/statement.ts';
import { Tally } from '../src/domain/tally.ts';
import { StateLedger } from '../src/evidence/ledger.ts';
import { EvidenceRecorder } from '../src/evidence/recorder.ts';
import { createFileEvidenceStore, createMemoryEvidenceStore, type Evidence, parseEvidence } from '../src/index.ts';
import { testKey } from './support/test-attestor.ts';

const SET = createAttestorSet(
  Array.from({ length: 5 }, (_, i) => privateKeyToAddress(testKey(i))),
  3,
);
const CLIENT = { source: 'a', dest: 'b', clientId: 'client-1' };

const tallyOf = (height: bigint, votes: readonly bigint[]): Tally => {
  const tally = new Tally(stateStatement(height, 1_000n), SET);
  for (const [i, timestampSec] of votes.entries()) {
    const attestedData = encodeStateAttestation({ height, timestampSec });
    const signature = signDigest(signingDigest('state', attestedData), testKey(i));
    tally.add(`attestor-${i}`, { height, attestedData, signature });
  }
  return tally;
};

describe('evidence', () => {
  let dir = '';
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'evidence-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  const record = async (
    store: ReturnType<typeof createFileEvidenceStore>,
    tallies: readonly Tally[],
  ): Promise<{ stored: Evidence[]; lost: Evidence[] }> => {
    const stored: Evidence[] = [];
    const lost: Evidence[] = [];
    const recorder = new EvidenceRecorder({
      store,
      now: () => 1_700_000_000_000,
      onEvidence: (evidence) => stored.push(evidence),
      onLost: (evidence) => lost.push(evidence),
    });
    for (const tally of tallies) recorder.observe(CLIENT, tally);
    await recorder.flush();
    return { stored, lost };
  };

  test('clients of a stranger, with a set of his own, do not crowd out the evidence of others', async () => {
    const lost: Evidence[] = [];
    const store = createMemoryEvidenceStore();
    const recorder = new EvidenceRecorder({
      store,
      now: () => 1_700_000_000_000,
      onEvidence: () => {},
      onLost: (evidence) => lost.push(evidence),
    });
    const votes = [1_000n, 1_001n, 1_001n, 1_001n];
    const disputes = Array.from({ length: 25 }, (_, i) => tallyOf(BigInt(i + 1), votes));
    for (let i = 0; i < 100; i++) {
      for (const tally of disputes) recorder.observe({ ...CLIENT, clientId: `client-${i}` }, tally);
    }
    recorder.observe({ ...CLIENT, clientId: 'client-real' }, tallyOf(5_000n, votes));
    await recorder.flush();
    const all = await store.list();
    assert.equal(all.filter(({ clientId }) => clientId === 'client-0').length, 20);
    assert.equal(all.filter(({ clientId }) => clientId === 'client-real').length, 1);
    assert.deepEqual([all.length, lost.length], [2_001, 500]);
  });

  test('is a file that says the same when read back, also by a later process', async () => {
    const store = createFileEvidenceStore(join(dir, 'one'));
    const { stored } = await record(store, [tallyOf(10n, [1_000n, 1_000n, 1_000n, 1_001n])]);
    assert.equal(stored.length, 1);
    assert.deepEqual(await createFileEvidenceStore(join(dir, 'one')).list(), stored);
    // The same again is nothing new; one signature more is.
    const again = await record(store, [
      tallyOf(10n, [1_000n, 1_000n, 1_000n, 1_001n]),
      tallyOf(10n, [1_000n, 1_000n, 1_000n, 1_001n, 1_001n]),
    ]);
    assert.equal(again.stored.length, 1);
    assert.equal(again.stored[0]?.id, stored[0]?.id);
    assert.equal((await readdir(join(dir, 'one'))).length, 1);
  });

  test('files that are no evidence, or half of one, are left alone', async () => {
    const folder = join(dir, 'two');
    const store = createFileEvidenceStore(folder);
    const { stored } = await record(store, [tallyOf(10n, [1_000n, 1_001n])]);
    const [evidence] = stored;
    assert.ok(evidence);
    await writeFile(join(folder, 'half.json'), JSON.stringify(evidence).slice(0, 100));
    await writeFile(join(folder, 'other.json'), '{"version":1}');
    assert.deepEqual(await store.list(), stored);
    assert.throws(() => parseEvidence(JSON.stringify({ ...evidence, extra: 1 })));
    assert.throws(() => parseEvidence(JSON.stringify({ ...evidence, id: '../../etc/passwd' })));
  });

  test('a folder that cannot be written is told, and nothing else stops', async () => {
    await writeFile(join(dir, 'file'), '');
    const { stored, lost } = await record(createFileEvidenceStore(join(dir, 'file', 'below')), [
      tallyOf(10n, [1_000n, 1_001n]),
    ]);
    assert.deepEqual([stored.length, lost.length], [0, 1]);
  });

  test('a liar fills neither disk nor memory, and does not crowd out what matters', async () => {
    const store = createMemoryEvidenceStore();
    const lies = Array.from({ length: 600 }, (_, i) => tallyOf(BigInt(i + 1), [1_000n, 1_001n]));
    const grave = tallyOf(5_000n, [1_000n, 1_001n, 1_001n, 1_001n]);
    const { lost } = await record(store, [...lies, grave]);
    const all = await store.list();
    assert.equal(all.length, 21, 'whoever repeats himself proves nothing new');
    assert.equal(lost.length, 580);
    assert.equal(all.filter(({ verdict }) => verdict === 'quorum-against-own-reading').length, 1);
  });

  test('what a signer said before is remembered, within bounds', () => {
    const ledger = new StateLedger();
    const group = (timestampSec: bigint, height = 1n) => {
      const tally = tallyOf(height, [timestampSec]);
      return [
        ...(tally.goodCount > 0 ? [{ data: tally.statement.data, signatures: tally.good }] : []),
        ...tally.rivals,
      ];
    };
    assert.equal(ledger.add('c', 1n, group(1_000n)).length, 1);
    assert.equal(ledger.add('c', 1n, group(1_001n)).length, 2);
    assert.equal(ledger.add('c', 1n, group(1_002n)).length, 3, 'the given one is always shown');
    assert.equal(ledger.add('c', 1n, []).length, 2, 'but no more than two are kept');
    for (let height = 2n; height < 300n; height++) ledger.add('c', height, group(1_000n, height));
    assert.equal(ledger.add('c', 1n, []).length, 0, 'old heights go');
  });
});
