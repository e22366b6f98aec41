import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { attestations, attestor, proofApi } from '@interchain-attestation/proto';

const packageRoot = join(import.meta.dirname, '..');
const bin = join(packageRoot, '..', '..', 'node_modules', '.bin');
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` };

test('the committed code is what the .proto files generate', async () => {
  const out = await mkdtemp(join(tmpdir(), 'proto-'));
  try {
    await promisify(execFile)(join(bin, 'buf'), ['generate', '-o', out], { cwd: packageRoot, env });
    for (const file of [
      'ibc_attestor/ibc_attestor_pb.ts',
      'proofapi/proofapi_pb.ts',
      'skip/relayer/relayer_pb.ts',
      'interchain_attestation/relayer/v1/relayer_pb.ts',
      'ibc/lightclients/attestations/v1/attestations_pb.ts',
    ]) {
      const [made, committed] = await Promise.all([
        readFile(join(out, 'src/gen', file), 'utf8'),
        readFile(join(packageRoot, 'src/gen', file), 'utf8'),
      ]);
      assert.equal(made, committed, `${file}: run \`npm run generate -w packages/proto\``);
    }
  } finally {
    await rm(out, { recursive: true });
  }
});

test('the .proto files pass buf lint', async () => {
  await promisify(execFile)(join(bin, 'buf'), ['lint'], { cwd: packageRoot, env });
});

// Field numbers are facts of the protocol (wire format, section 5): written out by hand here, byte by byte.
test('an attestation has the field numbers of the live attestors', () => {
  const message = create(attestor.AttestationSchema, {
    height: 5n,
    timestamp: 6n,
    attestedData: Uint8Array.of(7),
    signature: Uint8Array.of(8),
  });
  assert.deepEqual([...toBinary(attestor.AttestationSchema, message)], [8, 5, 16, 6, 26, 1, 7, 34, 1, 8]);
});

test('an attestation without a timestamp is told apart from one at 0', () => {
  const schema = attestor.AttestationSchema;
  assert.equal(fromBinary(schema, Uint8Array.of(8, 5)).timestamp, undefined);
  assert.equal(fromBinary(schema, Uint8Array.of(8, 5, 16, 0)).timestamp, 0n);
});

test('a relay request has the field numbers of the live proof API', () => {
  const message = create(proofApi.RelayByTxRequestSchema, {
    srcChain: 'a',
    dstChain: 'b',
    sourceTxIds: [Uint8Array.of(1)],
    timeoutTxIds: [Uint8Array.of(2)],
    srcClientId: 'c',
    dstClientId: 'd',
    srcPacketSequences: [3n],
    dstPacketSequences: [4n],
  });
  assert.deepEqual(
    [...toBinary(proofApi.RelayByTxRequestSchema, message)],
    [10, 1, 97, 18, 1, 98, 26, 1, 1, 34, 1, 2, 42, 1, 99, 50, 1, 100, 58, 1, 3, 66, 1, 4],
  );
});

test('client state, consensus state and proof have the field numbers of ibc-go', () => {
  const client = create(attestations.ClientStateSchema, {
    attestorAddresses: ['x'],
    minRequiredSigs: 1,
    latestHeight: 2n,
    isFrozen: true,
  });
  assert.deepEqual([...toBinary(attestations.ClientStateSchema, client)], [10, 1, 120, 16, 1, 24, 2, 32, 1]);
  const consensus = create(attestations.ConsensusStateSchema, { timestamp: 9n });
  assert.deepEqual([...toBinary(attestations.ConsensusStateSchema, consensus)], [8, 9]);
  const proof = create(attestations.AttestationProofSchema, {
    attestationData: Uint8Array.of(1),
    signatures: [Uint8Array.of(2), Uint8Array.of(3)],
  });
  assert.deepEqual([...toBinary(attestations.AttestationProofSchema, proof)], [10, 1, 1, 18, 1, 2, 18, 1, 3]);
});
