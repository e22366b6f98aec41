import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import {
  ackCommitment,
  bytesToHex,
  encodePacketAttestation,
  encodePath,
  encodeStateAttestation,
  hashPath,
  hexToBytes,
  type Packet,
  packetCommitment,
  signingDigest,
  signingPreimage,
  UNIVERSAL_ERROR_ACK,
} from '@interchain-attestation/core';
import fc from 'fast-check';
import { keccak256 as viemKeccak } from 'viem';
import { packet, someBytes, text, uint64 } from './arbitraries.ts';

const sha = (...parts: (Uint8Array | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const be64 = (value: bigint): Buffer => {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(value);
  return out;
};

/** The commitment once more, from wire format section 4 and node:crypto. */
const referenceCommitment = (p: Packet): Buffer =>
  sha(
    Uint8Array.of(2),
    sha(p.destClient),
    sha(be64(p.timeoutTimestampSec)),
    sha(
      ...p.payloads.map((x) => sha(sha(x.sourcePort), sha(x.destPort), sha(x.version), sha(x.encoding), sha(x.value))),
    ),
  );

describe('commitments', () => {
  test('of packets follow wire format section 4', () => {
    fc.assert(
      fc.property(packet, (p) =>
        assert.equal(bytesToHex(packetCommitment(p)), `0x${referenceCommitment(p).toString('hex')}`),
      ),
    );
  });

  test('of acknowledgements follow wire format section 4', () => {
    fc.assert(
      fc.property(fc.array(someBytes, { maxLength: 3 }), (acks) => {
        const expected = sha(Uint8Array.of(2), ...acks.map((ack) => sha(ack))).toString('hex');
        assert.equal(bytesToHex(ackCommitment(acks)), `0x${expected}`);
      }),
    );
  });

  test('stay right when there are more words than the cache of word hashes holds', () => {
    for (let i = 0; i < 1200; i++) {
      const p: Packet = {
        sequence: 1n,
        sourceClient: 'client-0',
        destClient: `client-${i % 700}`,
        timeoutTimestampSec: 1n,
        payloads: [{ sourcePort: 'transfer', destPort: `${i}`, version: 'v', encoding: '', value: Uint8Array.of(i) }],
      };
      assert.equal(bytesToHex(packetCommitment(p)), `0x${referenceCommitment(p).toString('hex')}`);
    }
  });

  test('are not shared memory: writing to one changes no other', () => {
    const p: Packet = { sequence: 1n, sourceClient: 'a', destClient: 'b', timeoutTimestampSec: 1n, payloads: [] };
    const first = packetCommitment(p);
    const kept = bytesToHex(first);
    first.fill(0);
    assert.equal(bytesToHex(packetCommitment(p)), kept);
  });

  test('refuse a timeout that is no uint64', () => {
    const p: Packet = {
      sequence: 1n,
      sourceClient: 'a',
      destClient: 'b',
      timeoutTimestampSec: 2n ** 64n,
      payloads: [],
    };
    assert.throws(() => packetCommitment(p), { code: 'number/out-of-range' });
  });

  test('of any failure is the constant of the wire format', () => {
    assert.equal(bytesToHex(UNIVERSAL_ERROR_ACK), '0x4774d4a575993f963b1c06573736617a457abef8589178db8d10c94b4ab511ab');
  });
});

describe('paths', () => {
  test('are client id, discriminator, big-endian sequence', () => {
    const of = (kind: 'packet' | 'receipt' | 'acknowledgement'): string =>
      bytesToHex(encodePath({ kind, clientId: 'client-0', sequence: 258n }));
    const client = Buffer.from('client-0').toString('hex');
    assert.equal(of('packet'), `0x${client}010000000000000102`);
    assert.equal(of('receipt'), `0x${client}020000000000000102`);
    assert.equal(of('acknowledgement'), `0x${client}030000000000000102`);
  });

  test('are hashed with keccak256', () => {
    fc.assert(
      fc.property(
        text.filter((id) => id !== ''),
        uint64,
        (clientId, sequence) => {
          const path = { kind: 'receipt', clientId, sequence } as const;
          const raw = Buffer.concat([Buffer.from(clientId), Uint8Array.of(2), be64(sequence)]);
          assert.equal(bytesToHex(hashPath(path)), viemKeccak(raw));
        },
      ),
    );
  });

  test('are hashed alike however long their client id is, and whatever it is made of', () => {
    const kinds = ['packet', 'receipt', 'acknowledgement'] as const;
    for (const clientId of [
      ...[1, 127, 128, 129, 300].map((length) => 'a'.repeat(length)),
      'client-\u00e9',
      '\u{1f600}',
    ]) {
      for (const kind of kinds) {
        const path = { kind, clientId, sequence: 2n ** 64n - 1n };
        assert.equal(bytesToHex(hashPath(path)), viemKeccak(encodePath(path)), clientId);
      }
    }
  });

  test('need a client id and a uint64', () => {
    assert.throws(() => encodePath({ kind: 'packet', clientId: '', sequence: 1n }), { code: 'path/invalid' });
    assert.throws(() => hashPath({ kind: 'packet', clientId: '', sequence: 1n }), { code: 'path/invalid' });
    assert.throws(() => hashPath({ kind: 'packet', clientId: 'a', sequence: -1n }), { code: 'number/out-of-range' });
    for (const sequence of [-1n, 2n ** 64n]) {
      assert.throws(() => encodePath({ kind: 'packet', clientId: 'a', sequence }), { code: 'number/out-of-range' });
    }
  });
});

describe('what is signed', () => {
  test('peers.md #13: is the type tag and the hash of the data, hashed again', () => {
    const data = encodeStateAttestation({ height: 5n, timestampSec: 6n });
    for (const [kind, tag] of [
      ['state', 1],
      ['packet', 2],
    ] as const) {
      const preimage = Buffer.concat([Uint8Array.of(tag), sha(data)]);
      assert.equal(bytesToHex(signingPreimage(kind, data)), `0x${preimage.toString('hex')}`);
      assert.equal(bytesToHex(signingDigest(kind, data)), `0x${sha(preimage).toString('hex')}`);
    }
  });

  test('peers.md #10: sequences and heights above 2^63 keep all of their bits', () => {
    const sequence = 2n ** 64n - 2n;
    assert.equal(bytesToHex(encodePath({ kind: 'packet', clientId: 'c', sequence })).slice(-16), 'fffffffffffffffe');
    const data = encodePacketAttestation({ height: sequence, packets: [] });
    assert.deepEqual(data.subarray(56, 64), hexToBytes('fffffffffffffffe'));
  });
});
