import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import { attestor } from '@interchain-attestation/proto';
import { EncodedMessage } from '@interchain-attestation/service';
import { AnswerCache } from '../src/answer-cache.ts';
import { encodeAnswer } from '../src/encode-answer.ts';

describe('answers as they go out', () => {
  test('are what the general encoder makes of them, for both kinds, at every length of a number', () => {
    const edges = [0n, 1n, 127n, 128n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];
    const numbers = [
      ...edges,
      ...Array.from({ length: 64 }, (_, bit) => (2n ** BigInt(bit + 1) - 3n) & (2n ** 64n - 1n)),
    ];
    for (const number of numbers) {
      for (const dataBytes of [0, 1, 64, 127, 128, 192, 16_383, 20_000]) {
        const attestedData = new Uint8Array(dataBytes).fill(7);
        for (const signature of [new Uint8Array(), new Uint8Array(65).fill(9)]) {
          const packets = toBinary(
            attestor.PacketAttestationResponseSchema,
            create(attestor.PacketAttestationResponseSchema, {
              attestation: { height: number, attestedData, signature },
            }),
          );
          assert.deepEqual(
            Buffer.from(encodeAnswer({ height: number, attestedData, signature }).bytes),
            Buffer.from(packets),
          );
          const state = toBinary(
            attestor.StateAttestationResponseSchema,
            create(attestor.StateAttestationResponseSchema, {
              attestation: { height: 300n, timestamp: number, attestedData, signature },
            }),
          );
          assert.deepEqual(
            Buffer.from(encodeAnswer({ height: 300n, timestampSec: number, attestedData, signature }).bytes),
            Buffer.from(state),
          );
        }
      }
    }
  });

  test('are kept up to a number of them; the one asked for longest ago goes first', () => {
    const cache = new AnswerCache(2, 1_000_000);
    const [a, b, c] = [1, 2, 3].map((byte) => new EncodedMessage(Uint8Array.of(byte))) as [
      EncodedMessage,
      EncodedMessage,
      EncodedMessage,
    ];
    cache.set('a', a);
    cache.set('b', b);
    assert.equal(cache.get('a'), a);
    cache.set('c', c);
    assert.deepEqual([cache.get('a'), cache.get('b'), cache.get('c')], [a, undefined, c]);
    const none = new AnswerCache(0, 1_000_000);
    none.set('a', a);
    assert.equal(none.size, 0);
  });

  test('are kept up to a size of them, however few they are', () => {
    const cache = new AnswerCache(1_000, 10_000);
    const large = () => new EncodedMessage(new Uint8Array(4_000));
    for (const key of ['a', 'b', 'b', 'c']) cache.set(key, large());
    assert.deepEqual([cache.get('a') === undefined, cache.size], [true, 2]);
    cache.set('small', new EncodedMessage(new Uint8Array(10)));
    assert.equal(cache.size, 3);
    cache.set('huge', new EncodedMessage(new Uint8Array(20_000)));
    assert.equal(cache.get('huge'), undefined);
    assert.equal(cache.size, 3);
  });
});
