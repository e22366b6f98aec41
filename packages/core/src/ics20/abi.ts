import { AbiReader } from '../abi/reader.ts';
import { AbiWriter, padded } from '../abi/writer.ts';
import { utf8ToBytes } from '../bytes.ts';
import type { Ics20PacketData } from './data.ts';

const HEAD = 160;
const WHAT = 'ICS-20 packet data';

/** `application/x-solidity-abi`: abi.encode of the tuple (denom, sender, receiver, amount, memo). */
export const encodeIcs20Abi = (data: Ics20PacketData): Uint8Array => {
  const [denom, sender, receiver, memo] = [data.denom, data.sender, data.receiver, data.memo].map(utf8ToBytes);
  const tails = [denom, sender, receiver, memo].map((text) => text ?? new Uint8Array(0));
  const offsets: number[] = [];
  let end = HEAD;
  for (const tail of tails) {
    offsets.push(end);
    end += 32 + padded(tail.length);
  }
  const [denomAt = 0, senderAt = 0, receiverAt = 0, memoAt = 0] = offsets;
  const writer = new AbiWriter(32 + end)
    .size(32)
    .size(denomAt)
    .size(senderAt)
    .size(receiverAt)
    .uint256(data.amount, 'amount')
    .size(memoAt);
  for (const tail of tails) writer.bytes(tail);
  return writer.data;
};

/**
 * Strict decoder: only the canonical form.
 * @throws CoreError `abi/truncated`, `abi/offset-out-of-range`, `abi/length-out-of-range`, `abi/invalid-utf8`,
 * `abi/non-canonical`
 */
export const decodeIcs20Abi = (bytes: Uint8Array): Ics20PacketData => {
  const reader = new AbiReader(bytes, { strict: true });
  const struct = reader.follow(0, 0, HEAD, WHAT);
  const text = (index: number, what: string): string =>
    reader.string(reader.follow(struct + 32 * index, struct, 32, what), what);
  const data: Ics20PacketData = {
    denom: text(0, 'denom'),
    sender: text(1, 'sender'),
    receiver: text(2, 'receiver'),
    amount: reader.uint256(struct + 96, 'amount'),
    memo: text(4, 'memo'),
  };
  reader.finish(WHAT);
  return data;
};
