import {
  AbiReader,
  bytesToHex,
  concatBytes,
  decodePacket,
  keccak256,
  type Packet,
  utf8ToBytes,
} from '@interchain-attestation/core';
import type { Leg } from '../domain/packet-state.ts';
import { refuse, type TransactionContent } from './transaction-content.ts';

const PACKET = '(uint64,string,string,uint64,(string,string,string,string,bytes)[])';
const HEIGHT = '(uint64,uint64)';

const selector = (signature: string): string => bytesToHex(keccak256(utf8ToBytes(signature)).subarray(0, 4));

const MULTICALL = selector('multicall(bytes[])');
const UPDATE_CLIENT = selector('updateClient(string,bytes)');
const MESSAGES: ReadonlyMap<string, { readonly leg: Leg; readonly headBytes: number }> = new Map([
  [selector(`recvPacket((${PACKET},bytes,${HEIGHT}))`), { leg: 'receive', headBytes: 128 }],
  [selector(`ackPacket((${PACKET},bytes,bytes,${HEIGHT}))`), { leg: 'acknowledge', headBytes: 160 }],
  [selector(`timeoutPacket((${PACKET},bytes,${HEIGHT}))`), { leg: 'timeout', headBytes: 128 }],
]);

const FIRST_WORD = new Uint8Array(32).fill(32, 31);

/** The packet of a message: it stands first in the message's tuple and ends where the next member begins. */
const readPacket = (args: Uint8Array, headBytes: number): Packet => {
  const reader = new AbiReader(args);
  const message = reader.follow(0, 0, headBytes, 'message');
  const start = reader.follow(message, message, 160, 'packet');
  const end = reader.follow(message + 32, message, 32, 'proof or acknowledgement');
  // Canonical as it must be, it can only be read in one way, by the router as by us.
  return decodePacket(concatBytes(FIRST_WORD, args.subarray(start, end)));
};

const readCalls = (args: Uint8Array, maxCalls: number): readonly Uint8Array[] => {
  const reader = new AbiReader(args);
  const array = reader.follow(0, 0, 32, 'calls');
  const count = reader.length(array, 32, 'calls');
  if (count > maxCalls) return refuse(`makes ${count} calls where at most ${maxCalls} were to be expected`);
  const heads = array + 32;
  return Array.from({ length: count }, (_, i) =>
    reader.bytes(reader.follow(heads + 32 * i, heads, 32, 'call'), 'call'),
  );
};

/**
 * Reads calldata for the router: a multicall of client updates and packet messages, or one of them by itself.
 * @throws RelayerError `relayer/foreign-transaction` for any other function; CoreError `abi/...` for what does not read
 */
export const readEvmTransaction = (tx: Uint8Array, maxCalls: number): TransactionContent => {
  const calls = bytesToHex(tx.subarray(0, 4)) === MULTICALL ? readCalls(tx.subarray(4), maxCalls) : [tx];
  const updates: string[] = [];
  const messages: TransactionContent['messages'][number][] = [];
  for (const call of calls) {
    const name = bytesToHex(call.subarray(0, 4));
    const args = call.subarray(4);
    const message = MESSAGES.get(name);
    if (message !== undefined) messages.push({ leg: message.leg, packet: readPacket(args, message.headBytes) });
    else if (name === UPDATE_CLIENT) {
      if (messages.length > 0) refuse('updates a client after a packet');
      const reader = new AbiReader(args);
      updates.push(reader.string(reader.follow(0, 0, 32, 'client id'), 'client id'));
    } else refuse(`calls function ${name} of the router`);
  }
  return { updates, messages, signers: [] };
};
