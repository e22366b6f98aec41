import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  ackCommitment,
  bytesToHex,
  decodePacketAttestation,
  decodeStateAttestation,
  encodePacket,
  hashPath,
  keccak256,
  type Packet,
  packetCommitment,
  signingDigest,
  verifySignature,
} from '@interchain-attestation/core';
import { attestor } from '@interchain-attestation/proto';
import type { RpcError } from '@interchain-attestation/service';
import { createHarness, encodePackets, type Harness, testPacket } from './support/harness.ts';
import { ScriptedChain } from './support/scripted-chain.ts';

const { PACKET, ACK, RECEIPT } = attestor.CommitmentType;
const acked = ackCommitment([Uint8Array.of(1)]);

const commitSent = (chain: ScriptedChain, packet: Packet, from = 0n): void =>
  chain.set(
    { kind: 'packet', clientId: packet.sourceClient, sequence: packet.sequence },
    packetCommitment(packet),
    from,
  );
const commitReceived = (chain: ScriptedChain, packet: Packet, from = 0n): void => {
  const at = { clientId: packet.destClient, sequence: packet.sequence };
  chain.set({ kind: 'receipt', ...at }, keccak256(encodePacket(packet)), from);
  chain.set({ kind: 'acknowledgement', ...at }, acked, from);
};

describe('rules of the service (wire format, section 5)', () => {
  const chain = new ScriptedChain(21);
  const sent = [1n, 2n, 3n].map((sequence) => testPacket(sequence));
  const received = testPacket(40n);
  let harness: Harness;
  before(async () => {
    chain.finalOffset = 5;
    for (const packet of sent) commitSent(chain, packet, 10n);
    commitReceived(chain, received, 10n);
    harness = await createHarness(chain);
  });
  after(() => harness.close());

  /** Refused with this status, this reason, and nothing recorded or signed for it. */
  const refused = async (call: Promise<unknown>, status: string, reason: string): Promise<void> => {
    const signed = harness.events.filter(({ type }) => type === 'signed' || type === 'recorded').length;
    await assert.rejects(call, (error: RpcError) => {
      assert.equal(error.code, `rpc/${status}`, error.message);
      assert.equal(error.reason, reason);
      return true;
    });
    assert.equal(harness.events.filter(({ type }) => type === 'signed' || type === 'recorded').length, signed);
  };

  test('a state attestation carries the time of the block and a signature that every verifier takes', async () => {
    const { attestation } = await harness.client.stateAttestation({ height: 12n });
    assert.ok(attestation);
    assert.equal(attestation.height, 12n);
    assert.equal(attestation.timestamp, chain.blocks[12]?.timestampSec);
    assert.deepEqual(decodeStateAttestation(attestation.attestedData), {
      height: 12n,
      timestampSec: chain.blocks[12]?.timestampSec,
    });
    const digest = signingDigest('state', attestation.attestedData);
    assert.ok(verifySignature(digest, attestation.signature, harness.signer.address));
  });

  test('packet commitments are attested in the order asked, without a timestamp', async () => {
    const order = [sent[2], sent[0], sent[1]].filter((packet) => packet !== undefined);
    const { attestation } = await harness.client.packetAttestation({
      packets: encodePackets(...order),
      height: 15n,
      commitmentType: PACKET,
    });
    assert.ok(attestation);
    assert.equal(attestation.timestamp, undefined);
    const decoded = decodePacketAttestation(attestation.attestedData);
    assert.equal(decoded.height, 15n);
    assert.deepEqual(
      decoded.packets.map(({ path, commitment }) => [bytesToHex(path), bytesToHex(commitment)]),
      order.map((packet) => [
        bytesToHex(hashPath({ kind: 'packet', clientId: 'client-0', sequence: packet.sequence })),
        bytesToHex(packetCommitment(packet)),
      ]),
    );
    const digest = signingDigest('packet', attestation.attestedData);
    assert.ok(verifySignature(digest, attestation.signature, harness.signer.address));
  });

  test('an acknowledgement is attested as the chain holds it, under the destination client', async () => {
    const { attestation } = await harness.client.packetAttestation({
      packets: encodePackets(received),
      height: 15n,
      commitmentType: ACK,
    });
    const [entry] = decodePacketAttestation(attestation?.attestedData ?? new Uint8Array()).packets;
    assert.deepEqual(entry?.commitment, acked);
    assert.deepEqual(entry?.path, hashPath({ kind: 'acknowledgement', clientId: 'client-1', sequence: 40n }));
  });

  test('an absent receipt is attested as zero', async () => {
    const { attestation } = await harness.client.packetAttestation({
      packets: encodePackets(testPacket(77n)),
      height: 15n,
      commitmentType: RECEIPT,
    });
    const [entry] = decodePacketAttestation(attestation?.attestedData ?? new Uint8Array()).packets;
    assert.deepEqual(entry?.commitment, new Uint8Array(32));
    assert.deepEqual(entry?.path, hashPath({ kind: 'receipt', clientId: 'client-1', sequence: 77n }));
  });

  test('the latest height is the final one', async () => {
    assert.equal((await harness.client.latestHeight({})).height, 15n);
  });

  test('peers.md #8: above the final height is FailedPrecondition, not Internal', async () => {
    await refused(harness.client.stateAttestation({ height: 16n }), 'failed-precondition', 'attestor/height-not-final');
    await refused(
      harness.client.stateAttestation({ height: 2n ** 64n - 1n }),
      'failed-precondition',
      'attestor/height-not-final',
    );
    await refused(
      harness.client.packetAttestation({ packets: encodePackets(testPacket(1n)), height: 16n }),
      'failed-precondition',
      'attestor/height-not-final',
    );
  });

  test('a commitment that is not there is NotFound: packet, acknowledgement, and a packet not yet sent at that height', async () => {
    const ask = (packet: Packet, height: bigint, commitmentType: attestor.CommitmentType) =>
      harness.client.packetAttestation({ packets: encodePackets(packet), height, commitmentType });
    await refused(ask(testPacket(99n), 15n, PACKET), 'not-found', 'attestor/commitment-missing');
    await refused(ask(testPacket(99n), 15n, ACK), 'not-found', 'attestor/commitment-missing');
    await refused(ask(testPacket(1n), 9n, PACKET), 'not-found', 'attestor/commitment-missing');
  });

  test('a packet that differs from the one committed is InvalidArgument', async () => {
    const other = testPacket(1n, { timeoutTimestampSec: 1_900_000_001n });
    const ask = (packet: Packet, commitmentType: attestor.CommitmentType) =>
      harness.client.packetAttestation({ packets: encodePackets(packet), height: 15n, commitmentType });
    await refused(ask(other, PACKET), 'invalid-argument', 'attestor/wrong-commitment');
    const otherReceived = testPacket(40n, { timeoutTimestampSec: 1_900_000_001n });
    await refused(ask(otherReceived, ACK), 'invalid-argument', 'attestor/wrong-packet');
  });

  test('a receipt that is there is InvalidArgument: the packet can never time out', async () => {
    await refused(
      harness.client.packetAttestation({ packets: encodePackets(received), height: 15n, commitmentType: RECEIPT }),
      'invalid-argument',
      'attestor/receipt-exists',
    );
  });

  test('all or nothing: one missing packet of three', async () => {
    const packets = encodePackets(testPacket(1n), testPacket(99n), testPacket(2n));
    await refused(
      harness.client.packetAttestation({ packets, height: 15n }),
      'not-found',
      'attestor/commitment-missing',
    );
  });

  test('peers.md #14: height 0 and an empty list are never signed', async () => {
    await refused(harness.client.stateAttestation({ height: 0n }), 'invalid-argument', 'attestor/invalid-height');
    await refused(
      harness.client.packetAttestation({ packets: encodePackets(testPacket(1n)) }),
      'invalid-argument',
      'attestor/invalid-height',
    );
    await refused(
      harness.client.packetAttestation({ packets: [], height: 15n }),
      'invalid-argument',
      'attestor/no-packets',
    );
  });

  test('limits: 101 packets, a packet over 128 KB, and both at their limit', async () => {
    const many = Array.from({ length: 101 }, (_, i) => encodePacket(testPacket(BigInt(1_000 + i))));
    await refused(
      harness.client.packetAttestation({ packets: many, height: 15n, commitmentType: RECEIPT }),
      'invalid-argument',
      'attestor/too-many-packets',
    );
    await harness.client.packetAttestation({ packets: many.slice(1), height: 15n, commitmentType: RECEIPT });
    const sized = (bytes: number): Packet => {
      const [payload] = testPacket(500n).payloads;
      assert.ok(payload);
      const value = new Uint8Array(bytes);
      return testPacket(500n, { payloads: [{ ...payload, value }] });
    };
    const overhead = encodePacket(sized(0)).length;
    const fits = encodePacket(sized(131_072 - overhead));
    assert.equal(fits.length, 131_072);
    await harness.client.packetAttestation({ packets: [fits], height: 15n, commitmentType: RECEIPT });
    const over = encodePacket(sized(131_072 - overhead + 1));
    await refused(
      harness.client.packetAttestation({ packets: [over], height: 15n, commitmentType: RECEIPT }),
      'invalid-argument',
      'attestor/packet-too-large',
    );
  });

  describe('peers.md #14: malformed packets are InvalidArgument, not Internal', () => {
    const good = encodePacket(testPacket(1n));
    const mutate = (at: number, value: number): Uint8Array => {
      const bytes = Uint8Array.from(good);
      bytes[at] = value;
      return bytes;
    };
    const [payload] = testPacket(1n).payloads;
    const table: Readonly<Record<string, Uint8Array>> = {
      empty: new Uint8Array(),
      truncated: good.subarray(0, good.length - 32),
      'trailing bytes': Uint8Array.from([...good, ...new Uint8Array(32)]),
      'dirty upper bits of the sequence': mutate(32, 1),
      'dirty padding': mutate(good.length - 1, 1),
      'offset out of range': mutate(1, 1),
      'sequence 0': encodePacket(testPacket(0n)),
      'no payload': encodePacket(testPacket(1n, { payloads: [] })),
      'empty source client': encodePacket(testPacket(1n, { sourceClient: '' })),
      'empty destination client': encodePacket(testPacket(1n, { destClient: '' })),
      'invalid UTF-8': encodePacket(
        testPacket(1n, { payloads: payload === undefined ? [] : [{ ...payload, version: 'xyz' }] }),
      ).map((byte, i, all) => (byte === 0x78 && all[i + 1] === 0x79 && all[i + 2] === 0x7a ? 0xff : byte)),
    };
    for (const [title, bytes] of Object.entries(table)) {
      test(title, () =>
        refused(
          harness.client.packetAttestation({ packets: [good, bytes], height: 15n }),
          'invalid-argument',
          'attestor/malformed-packet',
        ),
      );
    }
  });

  test('a packet named twice, or two packets at one path, are InvalidArgument', async () => {
    const twin = testPacket(1n, { timeoutTimestampSec: 5n });
    for (const packets of [encodePackets(testPacket(1n), testPacket(1n)), encodePackets(testPacket(1n), twin)]) {
      await refused(
        harness.client.packetAttestation({ packets, height: 15n }),
        'invalid-argument',
        'attestor/duplicate-packet',
      );
    }
    // The same sequence under two clients stands at two paths.
    const elsewhere = testPacket(77n, { destClient: 'client-2' });
    await harness.client.packetAttestation({
      packets: encodePackets(testPacket(77n), elsewhere),
      height: 15n,
      commitmentType: RECEIPT,
    });
  });

  test('an unknown commitment type is InvalidArgument', () =>
    refused(
      harness.client.packetAttestation({
        packets: encodePackets(testPacket(1n)),
        height: 15n,
        commitmentType: 3 as attestor.CommitmentType,
      }),
      'invalid-argument',
      'attestor/unknown-commitment-type',
    ));

  test('peers.md #4: repeated requests are answered from memory, and never with an answer to another question', async () => {
    const packets = encodePackets(testPacket(300n), testPacket(301n));
    for (const packet of [testPacket(300n), testPacket(301n)]) commitSent(chain, packet);
    const ask = (commitmentType: attestor.CommitmentType, list = packets, height = 15n) =>
      harness.client.packetAttestation({ packets: list, height, commitmentType });
    const reads = () => chain.calls.commitments;
    const first = await ask(PACKET);
    const before = reads();
    const again = await ask(PACKET);
    assert.equal(reads(), before);
    assert.deepEqual(again.attestation?.signature, first.attestation?.signature);
    const receipts = await ask(RECEIPT);
    assert.notDeepEqual(receipts.attestation?.attestedData, first.attestation?.attestedData);
    assert.notDeepEqual((await ask(PACKET, packets, 14n)).attestation?.attestedData, first.attestation?.attestedData);
    const swapped = await ask(PACKET, [...packets].reverse());
    assert.notDeepEqual(swapped.attestation?.attestedData, first.attestation?.attestedData);
    await assert.rejects(ask(ACK), { code: 'rpc/not-found' });
  });
});
