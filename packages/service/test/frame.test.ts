import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { encodeFrame, FrameReader } from '../src/grpc/frame.ts';

/** Cuts bytes at the given places. */
const cut = (bytes: Buffer, places: readonly number[]): Buffer[] => {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
};

describe('messages of a stream', () => {
  test('arrive whole, whatever the pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (messages, places) => {
          const reader = new FrameReader(100);
          const pieces = cut(Buffer.concat(messages.map(encodeFrame)), places);
          const read = pieces.flatMap((piece) => reader.push(piece).map((message) => [...message]));
          assert.deepEqual(
            read,
            messages.map((message) => [...message]),
          );
          assert.equal(reader.bufferedBytes, 0);
        },
      ),
    );
  });

  test('a large one is put together from many pieces, and takes room only as it arrives', () => {
    const message = Buffer.from(Uint8Array.from({ length: 1_000_000 }, (_, i) => i % 251));
    const frame = encodeFrame(message);
    const reader = new FrameReader(1_000_000);
    let got: Buffer | undefined;
    for (let at = 0; at < frame.length; at += 16_384) {
      assert.equal(reader.bufferedBytes, at);
      [got] = reader.push(frame.subarray(at, at + 16_384));
    }
    assert.ok(got?.equals(message));
  });
});
