import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { TxBody } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { Packet } from 'cosmjs-types/ibc/core/channel/v2/packet';
import { MsgRecvPacket } from 'cosmjs-types/ibc/core/channel/v2/tx';
import { Height } from 'cosmjs-types/ibc/core/client/v1/client';
import fc from 'fast-check';
import { encodeMessage } from '../../src/cosmos/encode-message.ts';

const EDGES = [31n, 32n, 33n, 35n, 63n, 64n].flatMap((bits) => [2n ** bits - 1n, 2n ** bits % 2n ** 64n]);
const uint64 = fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), fc.bigInt(2n ** 31n, 2n ** 32n), fc.constantFrom(...EDGES));

test('numbers come back as they were over the whole range of uint64, in nested messages too', () => {
  fc.assert(
    fc.property(uint64, uint64, uint64, (sequence, timeoutTimestamp, revisionHeight) => {
      const packet = { sequence, timeoutTimestamp, sourceClient: 'a-0', destinationClient: 'b-0', payloads: [] };
      const message = {
        ...{ packet, proofCommitment: Uint8Array.of(1), signer: 'me' },
        proofHeight: { revisionNumber: 0n, revisionHeight },
      };
      assert.deepEqual(MsgRecvPacket.decode(encodeMessage(MsgRecvPacket, message)), message);
      assert.deepEqual(Packet.decode(encodeMessage(Packet, packet)), packet);
      const body = TxBody.fromPartial({ timeoutHeight: revisionHeight });
      assert.equal(TxBody.decode(encodeMessage(TxBody, body)).timeoutHeight, revisionHeight);
    }),
    { numRuns: 2_000 },
  );
});

test('another decoder reads the same, and no byte more than it takes is written', () => {
  fc.assert(
    fc.property(uint64, (revisionHeight) => {
      const bytes = encodeMessage(Height, { revisionNumber: 0n, revisionHeight });
      if (revisionHeight === 0n) return assert.equal(bytes.length, 0);
      const reader = new BinaryReader(bytes);
      assert.deepEqual(reader.tag(), [2, 0]);
      assert.equal(BigInt(reader.uint64()), revisionHeight);
      assert.equal(reader.pos, bytes.length);
    }),
    { numRuns: 2_000 },
  );
});
